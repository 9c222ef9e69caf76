//! The run file as people write it: what may be left out is optional here, and is settled in [`crate::resolve`].

use std::path::PathBuf;

use serde::Deserialize;

use crate::{Algorithm, Columns, Optimizer, PromptFormat, RewardSection, Sampling, Split, TaskShare};

/// `[data.NAME]`, with the keys of every source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Data {
    pub(crate) kind: DataKind,
    #[serde(default)]
    pub(crate) prompt: PromptFormat,
    pub(crate) paths: Option<Vec<PathBuf>>,
    pub(crate) image_directory: Option<PathBuf>,
    pub(crate) columns: Option<Columns>,
    pub(crate) max_image_pixels: Option<u64>,
    pub(crate) max_records: Option<u64>,
    pub(crate) shuffle: Option<bool>,
    pub(crate) tasks: Option<Vec<TaskShare>>,
    pub(crate) image_size: Option<u32>,
    pub(crate) split: Option<Split>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DataKind {
    Files,
    Tasks,
}

/// `[[stages]]`, with the keys of every kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stage {
    pub(crate) name: String,
    pub(crate) kind: StageKind,
    pub(crate) data: String,
    pub(crate) steps: u64,
    #[serde(default)]
    pub(crate) freeze: Vec<String>,
    pub(crate) optimizer: Optimizer,
    #[serde(default)]
    pub(crate) checkpoint_interval_steps: u64,
    #[serde(default = "default_microbatch_tokens")]
    pub(crate) microbatch_tokens: u32,
    pub(crate) batch_samples: Option<u32>,
    pub(crate) max_tokens: Option<u32>,
    pub(crate) answer_weight: Option<f64>,
    pub(crate) batch_prompts: Option<u32>,
    pub(crate) sampling: Option<Sampling>,
    pub(crate) reward: Option<RewardSection>,
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) max_staleness_versions: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StageKind {
    Sft,
    Rl,
}

const fn default_microbatch_tokens() -> u32 {
    4_096
}
