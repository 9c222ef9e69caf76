//! The reward server: a pure function of texts and reward specs behind gRPC and HTTP.
//!
//! ```text
//!   gRPC ScoreGroup ─┐                          ┌─► sample 0 ─┐
//!                    ├─► Scorer: permit, plan ──┼─► sample 1 ─┼─► rewards, in order
//!   HTTP /v1/score ──┘                          └─► sample G ─┘
//! ```
//!
//! | a call | waits for | unblocked by |
//! |---|---|---|
//! | a group | nothing: where `max_queued_groups` are in progress it is refused as overloaded | – |
//! | a sample | a thread of the scoring pool | another sample scored; its deadline |
//!
//! [`Scorer`] is the principal type. Actors call the gRPC side; anyone may call the HTTP side. A sample that fails or takes too
//! long is unscored with its reason, and costs no other sample anything.

mod error;
mod grpc;
mod http;
mod metrics;
mod plans;
mod scorer;
mod service;

#[cfg(test)]
mod tests;

pub use error::Error;
pub use scorer::{CompletionText, ScoreRequest, Scorer};
pub use service::Service;
