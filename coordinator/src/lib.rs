//! The coordinator: it owns the prompts, the ledger of rollout groups, the stages and the policy version of a run.
//!
//! Everything it decides is decided by the [`machine`], a pure state machine. Around it stand the [`store`], which makes it
//! survive `kill -9`, the [`Coordinator`], which speaks to callers in domain types, and the [`Service`], which the binary
//! runs. Actors and learner ranks call it over gRPC; people and the `gradus` command over HTTP.
//!
//! ```
//! use gradus_coordinator::machine::{BatchPlan, Command, Join, Machine, Open, Plan, Settings, StagePlan, Timestamp};
//! use gradus_types::Rank;
//!
//! let batch = BatchPlan::Examples { num_samples: 8 };
//! let stage = StagePlan { name: "cold-start".to_owned(), num_steps: 10, checkpoint_interval: 0, batch };
//! let mut machine = Machine::new(Plan { seed: 7, stages: vec![stage], evaluation: None });
//! let settings = Settings { world_size: 1, lease_millis: 1_000, max_lease_attempts: 5, evaluation_prompts: vec![] };
//! Open { settings }.apply(&mut machine, Timestamp(0))?;
//! let incarnation = "process-1".to_owned();
//! let join = Join { rank: Rank(0), world_size: 1, incarnation, store_endpoint: "127.0.0.1:7000".to_owned() };
//! assert!(join.apply(&mut machine, Timestamp(1))?.complete);
//! # Ok::<(), gradus_coordinator::machine::Refusal>(())
//! ```

pub mod machine;
pub mod store;

mod bookkeeper;
mod clock;
mod coordinator;
mod data;
mod error;
mod evaluation_file;
mod failure;
mod grpc;
mod history;
mod http;
mod members;
mod metrics;
pub mod prompts;
pub mod report;
mod service;

#[cfg(test)]
mod fixture;

pub use bookkeeper::Bookkeeper;
pub use clock::Clock;
pub use coordinator::{Coordinator, HeartbeatAnswer, Leased, Parts, settings};
pub use error::Error;
pub use failure::Failure;
pub use history::History;
pub use members::{Heartbeat, Member, Members};
pub use service::Service;
