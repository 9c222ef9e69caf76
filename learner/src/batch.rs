//! A rank's share of a step, prepared: what the device thread needs and nothing else.

use std::sync::Arc;

use gradus_algorithms::Counts;
use gradus_model::Prompt;
use gradus_types::{StageIndex, Step};

use crate::Error;

/// Which step a share belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepPosition {
    /// The step.
    pub step: Step,
    /// Its stage.
    pub stage: StageIndex,
    /// The step within its stage, from 1.
    pub stage_step: u64,
}

/// A rank's share of a reinforcement-learning step.
#[derive(Debug)]
pub struct RolloutShare {
    /// The step.
    pub position: StepPosition,
    /// The updates, in order; as many on every rank.
    pub updates: Vec<RolloutUpdate>,
    /// Groups of this rank that had to be left out.
    pub num_rejected_groups: u64,
}

/// A rank's share of one optimizer update.
#[derive(Debug)]
pub struct RolloutUpdate {
    /// What losses are averaged over, on all ranks together.
    pub counts: Counts,
    /// The passes.
    pub microbatches: Vec<Vec<RolloutGroup>>,
}

/// A prompt and completions to learn from.
#[derive(Debug)]
pub struct RolloutGroup {
    /// The prompt, as the actor's policy read it.
    pub prompt: Arc<Prompt>,
    /// The completions.
    pub samples: Vec<RolloutSample>,
}

/// A completion to learn from.
#[derive(Clone, Debug, PartialEq)]
pub struct RolloutSample {
    /// The sampled tokens.
    pub token_ids: Vec<u32>,
    /// The logprobs they were sampled with.
    pub behaviour_logprobs: Vec<f64>,
    /// The advantage.
    pub advantage: f64,
}

/// A rank's share of a supervised step.
#[derive(Debug)]
pub struct ExampleShare {
    /// The step.
    pub position: StepPosition,
    /// The passes.
    pub microbatches: Vec<Vec<Example>>,
    /// Examples of this rank that had to be left out.
    pub num_rejected_examples: u64,
}

/// A prompt and the target to imitate.
#[derive(Debug)]
pub struct Example {
    /// What is given.
    pub prompt: Prompt,
    /// What is to be written.
    pub target_ids: Vec<u32>,
    /// The loss weight of each of the target's tokens.
    pub weights: Vec<f64>,
}

// === impl StepPosition ===

impl StepPosition {
    /// Makes the error of a step whose stage is not what its work needs.
    pub(crate) const fn wrong_stage(&self, expected: &'static str) -> Error {
        Error::Stage { step: self.step.0, stage: self.stage.0, expected }
    }
}

// === impl Example ===

impl Example {
    /// Returns the tokens a pass computes for it.
    #[must_use]
    pub fn num_tokens(&self) -> u64 {
        (self.prompt.token_ids.len() + self.target_ids.len()) as u64
    }
}
