//! The learner: one process a rank, which turns scored groups into better policies.
//!
//! [`Service`] is the process: it joins the learner world, asks the coordinator for work, and has the device thread do it.
//! [`Trainer`] is what that thread owns, and all that touches libtorch; it is usable without a coordinator, and tested so.
//!
//! ```text
//! reactor                                               device thread
//! client ─► work ─► plan ─► fetch ─► prepare ─► Device ───► Trainer: passes → gradients summed → AdamW
//!    ▲        └─ rank 0: scalars, publish, commit ◄──────────┘            (collectives with the other ranks)
//! heartbeat
//! ```
//!
//! A rank that loses its world ends with an error that [`Error::asks_for_restart`]; its successor joins again and resumes
//! from the last committed checkpoint.
//!
//! ```no_run
//! use gradus_learner::{Ending, Service};
//! use gradus_runtime::Shutdown;
//!
//! # async fn example(config: gradus_config::RunConfig) -> Result<(), gradus_learner::Error> {
//! let ending = Service::open(config)?.run(Shutdown::new()).await?;
//! assert_eq!(ending, Ending::Finished);
//! # Ok(())
//! # }
//! ```

mod batch;
mod checkpoint;
mod client;
mod device;
mod error;
#[cfg(test)]
mod fixture;
mod heartbeat;
mod media;
mod metrics;
mod optimizer;
mod prepare;
mod publish;
mod ranks;
mod report;
mod rollout_step;
mod scalars;
mod service;
mod sft_step;
mod stage;
mod trainer;
mod update;
mod work;
mod world;

pub use batch::{Example, ExampleShare, RolloutGroup, RolloutSample, RolloutShare, RolloutUpdate, StepPosition};
pub use checkpoint::{CheckpointContent, CheckpointDirectory, CheckpointState};
pub use error::Error;
pub use optimizer::{AdamW, Update};
pub use prepare::{Pictures, Preparer};
pub use ranks::Ranks;
pub use report::StepReport;
pub use service::Service;
pub use stage::ActiveStage;
pub use trainer::Trainer;
pub use work::Ending;

use work::Worker;
