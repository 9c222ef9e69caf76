//! The `[model]` section: the policy's checkpoint and its arithmetic.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The arithmetic of the forward and backward pass. Weights and optimizer state are always f32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compute {
    /// 32-bit floats.
    F32,
    /// 16-bit brain floats; norms, softmax, logprobs and losses stay in f32.
    Bf16,
}

/// The policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// A Hugging Face model directory: `config.json`, `model.safetensors`, `tokenizer.json` and the processor's files.
    pub path: PathBuf,
    /// The arithmetic of forward and backward. It has no default.
    pub compute: Compute,
    /// A chat template file that replaces the model's own.
    #[serde(default)]
    pub chat_template: Option<PathBuf>,
    /// Pictures are scaled up to at least this many pixels; the model's own bound by default.
    #[serde(default)]
    pub min_pixels: Option<u32>,
    /// Pictures are scaled down to at most this many pixels; the model's own bound by default.
    #[serde(default)]
    pub max_pixels: Option<u32>,
}
