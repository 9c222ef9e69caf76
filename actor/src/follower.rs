//! The policy an actor samples from: compared with what the coordinator offers, fetched, verified and swapped.
//!
//! Weights reach the engine in two ways only: from the model directory of the run file, under the digest that they hash to,
//! and from the learner, as weights that were verified against the digest the coordinator announced.

use bytes::Bytes;
use gradus_model::Policy;
use gradus_types::{PolicyDigest, PolicyVersion, PublishedPolicy};
use gradus_weight_sync::{Subscriber, Tensor, VerifiedWeights, digest};
use tokio::time::Instant;
use tracing::info;

use crate::engine::{self, Handle, Statistics, Weights};

/// Keeps the engine's policy the one that is announced.
#[derive(Debug)]
pub struct Follower {
    engine: Handle,
    subscriber: Subscriber,
    held: Held,
    at_last_swap: Statistics,
}

/// Which weights the engine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Their version.
    pub version: PolicyVersion,
    /// What they hash to.
    pub digest: PolicyDigest,
}

/// How an announced policy relates to the one that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// It is the very same.
    Same,
    /// It follows; what is in flight may go on with it.
    Newer,
    /// It takes the place of policies that are no longer part of the run's history, as after a learner's restart from a
    /// checkpoint; what was sampled from them is worthless.
    TakenBack,
}

/// An announced policy that the engine does not have.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its weights could not be had, or are not those that were announced.
    #[error(transparent)]
    Fetch(#[from] gradus_weight_sync::Error),
    /// The engine could not take them.
    #[error(transparent)]
    Engine(#[from] engine::Error),
}

// === impl Follower ===

impl Follower {
    /// Follows policies for an engine that has weights of a known digest.
    #[must_use]
    pub fn new(engine: Handle, subscriber: Subscriber, held: Held) -> Self {
        let at_last_swap = engine.statistics();
        Self { engine, subscriber, held, at_last_swap }
    }

    /// Returns which weights the engine has.
    #[must_use]
    pub const fn held(&self) -> Held {
        self.held
    }

    /// Fetches and verifies an announced policy, and gives it to the engine.
    pub async fn follow(&mut self, policy: &PublishedPolicy) -> Result<(), Error> {
        let started = Instant::now();
        let weights = self.subscriber.fetch(policy).await?;
        let fetching = started.elapsed();
        let held = Held { version: weights.version(), digest: weights.digest() };
        self.engine.swap_weights(weights.into()).await?;
        self.held = held;
        let now = self.engine.statistics();
        let before = std::mem::replace(&mut self.at_last_swap, now);
        info!(
            policy_version = held.version.0,
            fetch_seconds = fetching.as_secs_f64(),
            swap_seconds = (started.elapsed() - fetching).as_secs_f64(),
            generated_tokens = now.num_generated_tokens - before.num_generated_tokens,
            tokens_per_second = now.tokens_per_second_since(&before),
            reserved_cache_bytes = now.reserved_cache_bytes,
            "swapped policy"
        );
        Ok(())
    }
}

// === impl Held ===

impl Held {
    /// Says which weights a policy of the model directory has: version 0 of the run.
    pub fn initial(policy: &Policy) -> Result<Self, gradus_weight_sync::Error> {
        let tensors = policy.named_bytes().map(|tensor| Tensor {
            name: tensor.name,
            shape: tensor.shape,
            bytes: Bytes::from(tensor.bytes),
        });
        Ok(Self { version: PolicyVersion(0), digest: digest(tensors)? })
    }

    /// Compares an announced policy with the one that is held.
    #[must_use]
    pub fn relation_to(&self, announced: &PublishedPolicy) -> Relation {
        if (announced.version, announced.digest) == (self.version, self.digest) {
            Relation::Same
        } else if announced.version > self.version {
            Relation::Newer
        } else {
            Relation::TakenBack
        }
    }
}

impl From<VerifiedWeights> for Weights {
    fn from(weights: VerifiedWeights) -> Self {
        let tensors = weights.tensors().map(|tensor| (tensor.name, tensor.bytes)).collect();
        Self { version: weights.version(), tensors }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relation(version: u64, digest: u8) -> Relation {
        let held = Held { version: PolicyVersion(3), digest: PolicyDigest([1; 32]) };
        held.relation_to(&PublishedPolicy {
            version: PolicyVersion(version),
            weights_endpoint: "unix:weights.sock".to_owned(),
            digest: PolicyDigest([digest; 32]),
        })
    }

    #[test]
    fn the_same_version_with_other_weights_is_another_policy() {
        assert_eq!(relation(3, 1), Relation::Same);
        assert_eq!(relation(3, 2), Relation::TakenBack);
        assert_eq!(relation(2, 1), Relation::TakenBack);
        assert_eq!(relation(4, 2), Relation::Newer);
    }
}
