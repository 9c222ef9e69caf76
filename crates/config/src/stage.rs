//! The `[[stages]]`: supervised cold starts and reinforcement learning, in order.

use gradus_types::RewardComponent;
use serde::{Deserialize, Serialize};

use crate::{Algorithm, Optimizer};

/// One stage of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stage {
    /// The stage's name: letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// The prompt set, a name of `[data]`.
    pub data: String,
    /// Steps of the stage.
    pub steps: u64,
    /// Prefixes of parameter names that stay as they are, such as `visual`.
    pub freeze: Vec<String>,
    /// The optimizer, new at every stage.
    pub optimizer: Optimizer,
    /// A checkpoint is committed every so many steps, and always at the stage's end; 0 means only there.
    pub checkpoint_interval_steps: u64,
    /// The most tokens of one forward and backward pass, prompts counted once a group.
    pub microbatch_tokens: u32,
    /// What the stage does.
    #[serde(flatten)]
    pub kind: StageKind,
}

/// What a stage does: the keys `kind = "sft"` or `kind = "rl"` and those that go with it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum StageKind {
    /// Imitates the targets of the prompt set.
    Sft(Sft),
    /// Learns from rewards of its own completions.
    Rl(Box<Rl>),
}

/// A supervised stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sft {
    /// Examples per step, over all ranks.
    pub batch_samples: u32,
    /// The longest example, in tokens; a longer one is skipped and counted.
    pub max_tokens: u32,
    /// The loss weight of the tokens inside `<answer>` and `</answer>`, relative to 1 for the other assistant tokens.
    pub answer_weight: f64,
}

/// A reinforcement-learning stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rl {
    /// Prompts per step, over all ranks and actors.
    pub batch_prompts: u32,
    /// How completions are drawn.
    pub sampling: Sampling,
    /// How completions are scored.
    pub reward: RewardSection,
    /// From scored groups to a loss.
    pub algorithm: Algorithm,
    /// Policy versions that fresh samples may lag behind; 0 is synchronous on-policy training.
    pub max_staleness_versions: u64,
}

/// How completions are drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sampling {
    /// Completions per prompt (G).
    pub num_completions: u32,
    /// Divides the logits; 0 takes the most likely token.
    pub temperature: f64,
    /// Keeps the smallest set of tokens with at least this probability; 1 keeps all.
    #[serde(default = "default_top_p")]
    pub top_p: f64,
    /// Keeps the most likely tokens; 0 keeps all.
    #[serde(default)]
    pub top_k: u32,
    /// The longest completion, in tokens.
    pub max_new_tokens: u32,
    /// The longest prompt, in tokens, pictures included; a longer one is rejected.
    pub max_prompt_tokens: u32,
}

/// How completions are scored: the weighted sum of the components.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RewardSection {
    /// The components, in order.
    pub components: Vec<RewardComponent>,
}

const fn default_top_p() -> f64 {
    1.0
}
