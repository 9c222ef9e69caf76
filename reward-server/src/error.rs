//! What can go wrong with the server, and with a call.

use gradus_rpc::{Code, ServiceError};

/// A reward server that cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An address cannot be used.
    #[error(transparent)]
    Rpc(#[from] gradus_rpc::Error),
    /// The threads that score cannot be started.
    #[error("failed to start the threads that score")]
    Runtime(#[from] gradus_runtime::Error),
    /// A reward of the run file cannot be computed.
    #[error("the reward of {place} cannot be computed")]
    Reward {
        /// The stage, or the evaluation.
        place: String,
        /// What is wrong with it.
        source: gradus_verify::Error,
    },
}

/// A group that is not scored at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScoreError {
    /// The reward spec is no JSON, or not of a reward spec.
    #[error("failed to read the reward spec: {reason}")]
    SpecJson {
        /// What the parser said.
        reason: String,
    },
    /// The reward spec asks for what cannot be computed.
    #[error(transparent)]
    Spec(#[from] gradus_verify::Error),
    /// The server has too much to do.
    #[error("the reward server is overloaded: {max_queued_groups} groups are waiting")]
    Overloaded {
        /// What it takes.
        max_queued_groups: u32,
    },
}

impl ServiceError for ScoreError {
    fn code(&self) -> Code {
        match self {
            Self::SpecJson { .. } | Self::Spec(_) => Code::InvalidArgument,
            Self::Overloaded { .. } => Code::ResourceExhausted,
        }
    }
}
