//! The coordinator: it owns the prompts, the ledger of rollout groups, the stages and the policy version of a run.
//!
//! Everything it decides is decided by the [`machine`], a pure state machine. Around it stand the [`store`] that makes it
//! survive `kill -9`, the [`Coordinator`] that speaks to callers in domain types, and the services that carry it.
pub mod machine;
pub mod store;

mod bookkeeper;
mod clock;
mod coordinator;
mod error;
mod failure;
mod history;
mod members;
pub mod prompts;

#[cfg(test)]
mod fixture;

pub use bookkeeper::Bookkeeper;
pub use clock::Clock;
pub use coordinator::{Coordinator, HeartbeatAnswer, Leased, Parts, settings};
pub use error::Error;
pub use failure::Failure;
pub use history::History;
pub use members::{Heartbeat, Member, Members};
