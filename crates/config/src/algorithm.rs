//! The `[stages.algorithm]` and `[stages.optimizer]` sections: from scored groups to a parameter update.

use serde::{Deserialize, Serialize};

/// From scored groups to a loss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Algorithm {
    /// How rewards become advantages.
    #[serde(default)]
    pub advantage: Advantage,
    /// Added to the group's standard deviation; 1e-6 in verl and EasyR1, 1e-4 in TRL.
    #[serde(default = "default_advantage_epsilon")]
    pub advantage_epsilon: f64,
    /// The lower clip bound of the probability ratio is `1 - clip_low`.
    #[serde(default = "default_clip")]
    pub clip_low: f64,
    /// The upper clip bound of the probability ratio is `1 + clip_high`.
    #[serde(default = "default_clip")]
    pub clip_high: f64,
    /// Bounds the loss of a negative advantage at this multiple (dual clip); absent means no bound.
    #[serde(default)]
    pub clip_dual: Option<f64>,
    /// How token losses become one number.
    #[serde(default)]
    pub aggregation: Aggregation,
    /// The factor of the k3 divergence from the frozen reference; 0 loads no reference.
    #[serde(default)]
    pub kl_coefficient: f64,
    /// Optimizer updates per batch of rollouts.
    #[serde(default = "default_updates")]
    pub updates_per_batch: u32,
    /// Prioritized resampling of groups; absent trains on the whole batch.
    #[serde(default)]
    pub pad: Option<Pad>,
}

/// How rewards become advantages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Advantage {
    /// Reward less the group's mean, over its standard deviation (GRPO).
    #[default]
    Grpo,
    /// Reward less the group's mean (Dr. GRPO).
    DrGrpo,
    /// Reward less the mean of the group's other rewards (RLOO).
    Rloo,
}

/// How token losses become one number. Counts are of the whole batch, over all ranks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aggregation {
    /// The mean over all tokens.
    #[default]
    TokenMean,
    /// The mean over sequences of the mean over their tokens.
    SequenceMean,
}

/// Prioritized resampling by advantage (ReVisual-R1, section 1.3 of the paper's method): keeps the samples whose |A| lies
/// within the bounds and draws among them by a softmax of |A| / temperature, without replacement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pad {
    /// Whether resampling is on, so that one `--set` turns it off.
    #[serde(default = "default_true")]
    pub enabled: bool,
    /// The lower bound of |A|, above 0.
    #[serde(default = "default_threshold_low")]
    pub threshold_low: f64,
    /// The upper bound of |A|; absent means none.
    #[serde(default)]
    pub threshold_high: Option<f64>,
    /// The share of the batch that is drawn at most.
    #[serde(default = "default_ratio")]
    pub ratio: f64,
    /// The softmax temperature at the stage's first step.
    #[serde(default = "default_temperature_start")]
    pub temperature_start: f64,
    /// The softmax temperature at the stage's last step; linear in between.
    #[serde(default = "default_temperature_end")]
    pub temperature_end: f64,
}

/// AdamW with warm-up and a schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Optimizer {
    /// The peak learning rate. It has no default.
    pub learning_rate: f64,
    /// What the learning rate does after the warm-up.
    #[serde(default)]
    pub schedule: Schedule,
    /// Steps of linear warm-up from 0.
    #[serde(default)]
    pub warmup_steps: u64,
    /// The learning rate at the end of a decaying schedule, as a share of the peak.
    #[serde(default)]
    pub final_learning_rate_ratio: f64,
    /// The decay rates of the first and second moment.
    #[serde(default = "default_betas")]
    pub betas: [f64; 2],
    /// Added to the root of the second moment.
    #[serde(default = "default_adam_epsilon")]
    pub epsilon: f64,
    /// Decoupled weight decay, of matrices only.
    #[serde(default)]
    pub weight_decay: f64,
    /// Gradients are scaled down to this global norm; 0 leaves them.
    #[serde(default = "default_max_gradient_norm")]
    pub max_gradient_norm: f64,
}

/// What the learning rate does after the warm-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// Stays at the peak.
    #[default]
    Constant,
    /// Falls along half a cosine to the final ratio at the stage's last step.
    Cosine,
    /// Falls along a line to the final ratio at the stage's last step.
    Linear,
}

const fn default_true() -> bool {
    true
}

const fn default_advantage_epsilon() -> f64 {
    1e-6
}

const fn default_clip() -> f64 {
    0.2
}

const fn default_updates() -> u32 {
    1
}

const fn default_threshold_low() -> f64 {
    0.03
}

const fn default_ratio() -> f64 {
    0.5
}

const fn default_temperature_start() -> f64 {
    1.0
}

const fn default_temperature_end() -> f64 {
    0.3
}

const fn default_betas() -> [f64; 2] {
    [0.9, 0.999]
}

const fn default_adam_epsilon() -> f64 {
    1e-8
}

const fn default_max_gradient_norm() -> f64 {
    1.0
}
