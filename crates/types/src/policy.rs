//! Published policies and committed checkpoints: which weights the run is at, and how anyone can tell they are the right ones.

use std::{fmt, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::{PolicyVersion, StageIndex, Step};

/// The BLAKE3 hash over the digests of a policy's weight buckets, in order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PolicyDigest(pub [u8; 32]);

impl fmt::Display for PolicyDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for PolicyDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PolicyDigest({self})")
    }
}

/// A policy that actors may sample from: where its weights are and what they must hash to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedPolicy {
    /// The version.
    pub version: PolicyVersion,
    /// The endpoint of the weights service, `host:port` or `unix:PATH`.
    pub weights_endpoint: String,
    /// What the weights must hash to.
    pub digest: PolicyDigest,
}

/// A checkpoint that is safely on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The step whose state it holds.
    pub step: Step,
    /// The stage the step belongs to.
    pub stage: StageIndex,
    /// Whether the stage ends with it.
    pub ends_stage: bool,
    /// The directory, relative to the run directory.
    pub path: PathBuf,
    /// The digest of the policy's weights.
    pub digest: PolicyDigest,
}

/// A training scalar, already reduced over ranks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scalar {
    /// `area/name[/stat]`, such as `loss/policy` or `pad/num_selected_samples`.
    pub name: String,
    /// The value.
    pub value: f64,
}

impl Scalar {
    /// Pairs a name with a value.
    #[must_use]
    pub fn new(name: impl Into<String>, value: f64) -> Self {
        Self { name: name.into(), value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_prints_as_64_hexadecimal_digits() {
        let mut bytes = [0; 32];
        bytes[31] = 0xab;
        let text = PolicyDigest(bytes).to_string();
        assert_eq!(text.len(), 64);
        assert!(text.ends_with("00ab"));
    }
}
