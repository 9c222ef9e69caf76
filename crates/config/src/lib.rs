//! The run file: one TOML file describes a run for all services.

mod algorithm;
mod data;
mod model;
mod run;
mod service;
mod stage;

pub use algorithm::{Advantage, Aggregation, Algorithm, Optimizer, Pad, Schedule};
pub use data::{Columns, Data, DataSource, FileSource, PromptFormat, Split, TaskShare, TaskSource};
pub use model::{Compute, Model};
pub use run::{Run, RunConfig};
pub use service::{Actor, Coordinator, Evaluation, Learner, RewardServer, Telemetry};
pub use stage::{RewardSection, Rl, Sampling, Sft, Stage, StageKind};
