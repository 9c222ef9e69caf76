//! What can go wrong with the server, and with a call.

use std::sync::Arc;

use gradus_process::Exits;
use gradus_rpc::{Code, ServiceError};
use gradus_verify::Fault;

use crate::custom::Fault as ScorerFault;

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
    #[error("scorer `{name}` cannot be used")]
    Scorer {
        /// The scorer.
        name: String,
        /// What is wrong with it.
        source: ScorerFault,
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
#[derive(Clone, Debug, thiserror::Error)]
pub enum ScoreError {
    /// The reward spec is no JSON, or not of a reward spec.
    #[error("failed to read the reward spec")]
    SpecJson {
        /// What the parser said.
        source: Arc<serde_json::Error>,
    },
    /// The reward spec asks for what cannot be computed.
    #[error(transparent)]
    Spec(#[from] gradus_verify::Error),
    /// Compiling the reward spec failed by a defect of the server.
    #[error("failed to compile the reward spec")]
    Compile {
        /// What happened.
        source: gradus_runtime::Error,
    },
    /// A component of kind `scorer` cannot be used.
    #[error("component `{component}` {reason}")]
    Scorer {
        /// The component.
        component: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A component compares the completions of a prompt, and nobody said which belong to one.
    #[error(
        "component `{component}` compares the completions of a prompt: send `prompts`, and all completions of a prompt in one call"
    )]
    NoPrompts {
        /// The component.
        component: String,
    },
    /// Reading a call failed by a defect of the server.
    #[error("failed to work on the call")]
    Work {
        /// What happened.
        source: gradus_runtime::Error,
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

impl ScoreError {
    /// Tells whether the fault may lie in one record, so that groups of others can be scored: a reference answer that is absent or cannot be
    /// used. What is wrong with a component is so for every record.
    #[must_use]
    pub fn is_of_record(&self) -> bool {
        let is_of_record =
            |fault: &Fault| matches!(fault, Fault::NoGold { .. } | Fault::Gold { .. } | Fault::Fact { .. });
        match self {
            Self::Spec(error) => error.faults.iter().all(is_of_record),
            Self::Compile { .. } => true,
            _ => false,
        }
    }
}

impl ServiceError for ScoreError {
    fn code(&self) -> Code {
        match self {
            Self::SpecJson { .. } | Self::Spec(_) | Self::Scorer { .. } | Self::NoPrompts { .. } => {
                Code::InvalidArgument
            }
            Self::Compile { .. } | Self::Work { .. } => Code::Internal,
            Self::Overloaded { .. } => Code::ResourceExhausted,
        }
    }
}
