//! Policy weights on their way from learner rank 0 to the actors.
//!
//! ```text
//! learner 0: tensors → Packer → buckets (≤ 4 MiB, a digest each) → Publisher ──FetchWeights──► actor: Subscriber
//!                                        └ policy digest ─► coordinator ─► lease ─► actor        │ Verification
//!                                                                                                ▼
//!                                                                                         VerifiedWeights
//! ```
//!
//! | who | waits for | unblocked by |
//! |---|---|---|
//! | `Publisher::publish` | nothing | – |
//! | the stream of a fetch | the actor taking the last bucket | the actor; the connection's end |
//! | `Subscriber::fetch` | the next bucket | the learner; the stall timeout |
//!
//! The digest of a policy travels another way than its weights: with the announcement, through the coordinator. What arrives is
//! only handed out, as [`VerifiedWeights`], once every bucket, their order and number, and the digest over all of them are
//! found right, so an actor cannot sample from weights it has not verified.
//!
//! ```
//! use gradus_types::PolicyVersion;
//! use gradus_weight_sync::{Publisher, Tensor};
//!
//! let publisher = Publisher::new("unix:runs/demo/sockets/weights.sock", 2);
//! let tensor = Tensor { name: "lm_head.weight".to_owned(), shape: vec![2], bytes: vec![0_u8; 8].into() };
//! let policy = publisher.publish(PolicyVersion(1), [tensor])?;
//! assert_eq!(policy.version, PolicyVersion(1));
//! # Ok::<(), gradus_weight_sync::Error>(())
//! ```

mod bucket;
mod error;
mod packer;
mod publisher;
mod subscriber;
mod verification;
mod wire;

#[cfg(test)]
mod fixture;

pub use bucket::Tensor;
pub use error::Error;
pub use packer::digest;
pub use publisher::Publisher;
pub use subscriber::{Subscriber, SubscriberConfig};
pub use verification::VerifiedWeights;
