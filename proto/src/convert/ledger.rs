//! Policies, checkpoints, scalars and admissions: what the ledger records.

use std::path::PathBuf;

use bytes::Bytes;
use gradus_types::{Admission, Checkpoint, PolicyDigest, PolicyVersion, PublishedPolicy, Scalar, StageIndex, Step};

use super::{ConvertError, digest, known, unspecified};
use crate::v1;

impl From<PublishedPolicy> for v1::Policy {
    fn from(policy: PublishedPolicy) -> Self {
        Self {
            version: policy.version.0,
            weights_endpoint: policy.weights_endpoint,
            digest: Bytes::copy_from_slice(&policy.digest.0),
        }
    }
}

impl TryFrom<v1::Policy> for PublishedPolicy {
    type Error = ConvertError;

    fn try_from(wire: v1::Policy) -> Result<Self, ConvertError> {
        Ok(Self {
            version: PolicyVersion(wire.version),
            weights_endpoint: wire.weights_endpoint,
            digest: PolicyDigest(digest(&wire.digest, "Policy", "digest")?),
        })
    }
}

impl From<Checkpoint> for v1::Checkpoint {
    fn from(checkpoint: Checkpoint) -> Self {
        Self {
            step: checkpoint.step.0,
            stage: checkpoint.stage.0,
            ends_stage: checkpoint.ends_stage,
            path: checkpoint.path.to_string_lossy().into_owned(),
            digest: Bytes::copy_from_slice(&checkpoint.digest.0),
        }
    }
}

impl TryFrom<v1::Checkpoint> for Checkpoint {
    type Error = ConvertError;

    fn try_from(wire: v1::Checkpoint) -> Result<Self, ConvertError> {
        if wire.path.is_empty() {
            return Err(ConvertError::new("Checkpoint", "path", "it is empty"));
        }
        Ok(Self {
            step: Step(wire.step),
            stage: StageIndex(wire.stage),
            ends_stage: wire.ends_stage,
            path: PathBuf::from(wire.path),
            digest: PolicyDigest(digest(&wire.digest, "Checkpoint", "digest")?),
        })
    }
}

impl From<Scalar> for v1::Scalar {
    fn from(scalar: Scalar) -> Self {
        Self { name: scalar.name, value: scalar.value }
    }
}

impl From<v1::Scalar> for Scalar {
    fn from(wire: v1::Scalar) -> Self {
        Self { name: wire.name, value: wire.value }
    }
}

impl From<Admission> for v1::SubmitGroupResponse {
    fn from(admission: Admission) -> Self {
        let admission = match admission {
            Admission::Accepted => v1::Admission::Accepted,
            Admission::Duplicate => v1::Admission::Duplicate,
            Admission::Late => v1::Admission::Late,
        };
        Self { admission: admission.into() }
    }
}

impl TryFrom<v1::SubmitGroupResponse> for Admission {
    type Error = ConvertError;

    fn try_from(wire: v1::SubmitGroupResponse) -> Result<Self, ConvertError> {
        match known(wire.admission, "SubmitGroupResponse", "admission")? {
            v1::Admission::Accepted => Ok(Self::Accepted),
            v1::Admission::Duplicate => Ok(Self::Duplicate),
            v1::Admission::Late => Ok(Self::Late),
            v1::Admission::Unspecified => Err(unspecified("SubmitGroupResponse", "admission")),
        }
    }
}
