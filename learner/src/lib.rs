//! The learner: one process a rank, which turns scored groups into better policies.

mod batch;
mod checkpoint;
mod error;
#[cfg(test)]
mod fixture;
mod optimizer;
mod prepare;
mod ranks;
mod report;
mod rollout_step;
mod sft_step;
mod stage;
mod trainer;
mod update;

pub use batch::{Example, ExampleShare, RolloutGroup, RolloutSample, RolloutShare, RolloutUpdate, StepPosition};
pub use checkpoint::{CheckpointContent, CheckpointDirectory, CheckpointState};
pub use error::Error;
pub use optimizer::{AdamW, Update};
pub use prepare::{Pictures, Preparer};
pub use ranks::Ranks;
pub use report::StepReport;
pub use stage::ActiveStage;
pub use trainer::Trainer;
