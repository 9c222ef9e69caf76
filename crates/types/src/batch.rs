//! Batches: what the coordinator hands every learner rank for a step.

use serde::{Deserialize, Serialize};

use crate::{GroupHeader, Prompt, StageIndex, Step};

/// The groups of one reinforcement-learning step, by header. Every rank gets the same answer, and again after a crash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RolloutBatch {
    /// The step.
    pub step: Step,
    /// The stage the step belongs to.
    pub stage: StageIndex,
    /// The step within its stage, from 1.
    pub stage_step: u64,
    /// The groups, in order of their ids.
    pub groups: Vec<GroupHeader>,
}

/// One example of a supervised step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SftSample {
    /// The position of the example in the stage's draw order.
    pub draw: u64,
    /// The question and its target.
    pub prompt: Prompt,
}

/// The examples of one supervised step. Every rank gets the same answer, and again after a crash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SftBatch {
    /// The step.
    pub step: Step,
    /// The stage the step belongs to.
    pub stage: StageIndex,
    /// The step within its stage, from 1.
    pub stage_step: u64,
    /// The examples, in draw order.
    pub samples: Vec<SftSample>,
}

/// What a learner rank is to do next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Work {
    /// Train on rollouts.
    Rollouts(RolloutBatch),
    /// Train on examples.
    Examples(SftBatch),
    /// Write and commit a checkpoint of the state after this step.
    Checkpoint {
        /// The step whose state is saved.
        step: Step,
        /// The stage the step belongs to.
        stage: StageIndex,
        /// Whether the stage ends with it.
        ends_stage: bool,
    },
    /// Nothing yet (groups are being sampled, or an evaluation runs): ask again.
    Wait,
    /// The run is over.
    Finished,
}
