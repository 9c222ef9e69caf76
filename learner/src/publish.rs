//! The policy on its way to the actors: packed and hashed on rank 0's device thread, served beside the training.

use gradus_model::{NamedBytes, Policy};
use gradus_types::{PolicyDigest, PolicyVersion, PublishedPolicy};
use gradus_weight_sync::{Publisher, Tensor, digest};

use crate::{Error, Trainer};

impl Trainer {
    /// Packs the policy's weights as a version that actors can fetch when this returns.
    pub fn publish(&self, publisher: &Publisher, version: PolicyVersion) -> Result<PublishedPolicy, Error> {
        Ok(publisher.publish(version, tensors(self.policy()))?)
    }
}

/// Computes what the policy's weights hash to, as the actors verify it.
pub(crate) fn policy_digest(policy: &Policy) -> Result<PolicyDigest, Error> {
    Ok(digest(tensors(policy))?)
}

fn tensors(policy: &Policy) -> impl Iterator<Item = Tensor> + '_ {
    policy.named_bytes().map(|NamedBytes { name, shape, bytes }| Tensor { name, shape, bytes: bytes.into() })
}
