//! What can go wrong with the server, and with a call.

use gradus_process::Exits;
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
    /// A scorer of the run file cannot be used.
    #[error("scorer `{name}` cannot be used: {reason}")]
    Scorer {
        /// The scorer.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The server's own binary, which confines worker processes, cannot be found.
    #[error("failed to find the reward server's own binary")]
    Binary(#[source] std::io::Error),
    /// A reward of the run file cannot be computed.
    #[error("the reward of {place} cannot be computed")]
    Reward {
        /// The stage, or the evaluation.
        place: String,
        /// What is wrong with it.
        source: ScoreError,
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
    /// Compiling the reward spec failed by a defect of the server.
    #[error("failed to compile the reward spec: {reason}")]
    Compile {
        /// What happened.
        reason: String,
    },
    /// A component of kind `scorer` cannot be used.
    #[error("component `{component}` {reason}")]
    Scorer {
        /// The component.
        component: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The server has too much to do.
    #[error("the reward server is overloaded: `reward_server.{key}` = {limit} is reached; try again a little later")]
    Overloaded {
        /// The bound that is reached.
        key: &'static str,
        /// Its value.
        limit: u64,
    },
}

impl Exits for Error {}

impl ServiceError for ScoreError {
    fn code(&self) -> Code {
        match self {
            Self::SpecJson { .. } | Self::Spec(_) | Self::Scorer { .. } => Code::InvalidArgument,
            Self::Compile { .. } => Code::Internal,
            Self::Overloaded { .. } => Code::ResourceExhausted,
        }
    }
}
