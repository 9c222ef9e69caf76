//! The golden checkpoints and cases, and comparisons of tensors.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use gradus_model::{ComputeType, MediaInput, PackedBatch, PackedGroup, Policy, Prompt, ScoreOptions, Scores};
use serde::Deserialize;
use tch::{Device, Kind, Tensor, no_grad};

/// Every golden checkpoint.
pub const CHECKPOINTS: [&str; 6] = [
    "multimodal_gqa2",
    "multimodal_mha_tied",
    "multimodal_gqa4_nested",
    "multimodal_layout5",
    "text_gqa2_tied",
    "text_mha_bfloat16",
];

/// One prompt with completions, as `make.py` wrote it.
#[derive(Debug, Deserialize)]
pub struct Case {
    pub name: String,
    pub prompt: Vec<u32>,
    pub grids: Vec<[u32; 3]>,
    pub pixel_seed: u64,
    pub temperature: f64,
    pub suffixes: Vec<Vec<u32>>,
    pub logprobs: Vec<Vec<f32>>,
    pub entropies: Vec<Vec<f32>>,
}

impl Case {
    pub fn prompt(&self) -> Prompt {
        let image = |(index, grid): (u64, &[u32; 3])| {
            Arc::new(MediaInput { pixel_values: pixels(self.pixel_seed + index, *grid), grid: *grid })
        };
        Prompt { token_ids: self.prompt.clone(), media: (0..).zip(&self.grids).map(image).collect() }
    }

    pub fn suffixes(&self) -> Vec<&[u32]> {
        self.suffixes.iter().map(Vec::as_slice).collect()
    }

    pub fn options(&self) -> ScoreOptions {
        ScoreOptions { temperature: self.temperature, with_entropy: true, chunk_tokens: 5 }
    }
}

/// The formula of `make.py`, for patches of 96 values.
pub fn pixels(seed: u64, grid: [u32; 3]) -> Vec<f32> {
    let num_values = u64::from(grid[0] * grid[1] * grid[2]) * 96;
    (0..num_values).map(|index| (((7919 * index + 104_729 * seed) % 1009) as f64 / 504.5 - 1.0) as f32).collect()
}

pub fn directory(checkpoint: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/model").join(checkpoint)
}

pub fn cases(checkpoint: &str) -> Vec<Case> {
    let text = std::fs::read_to_string(directory(checkpoint).join("cases.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

pub fn load(checkpoint: &str, compute: ComputeType) -> Policy {
    tch::set_num_threads(1);
    Policy::load(&directory(checkpoint), Device::Cpu, compute).unwrap()
}

/// Scores groups of a prompt and suffixes without gradients.
pub fn score(policy: &Policy, groups: &[PackedGroup<'_>], options: ScoreOptions) -> Scores {
    let batch = PackedBatch::new(groups, policy.config(), policy.device()).unwrap();
    no_grad(|| policy.score(&batch, options)).unwrap()
}

pub fn flat(rows: &[Vec<f32>]) -> Tensor {
    Tensor::from_slice(&rows.concat())
}

/// The largest absolute difference; the shapes must agree.
pub fn difference(left: &Tensor, right: &Tensor) -> f64 {
    assert_eq!(left.size(), right.size());
    (left.to_kind(Kind::Double) - right.to_kind(Kind::Double)).abs().max().double_value(&[])
}

pub fn assert_close(left: &Tensor, right: &Tensor, tolerance: f64, what: &str) {
    let difference = difference(left, right);
    assert!(difference <= tolerance, "{what}: they differ by {difference:e}, more than {tolerance:e}");
}
