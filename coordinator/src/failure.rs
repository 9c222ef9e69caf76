//! How a call to the coordinator fails, and what its caller is told.

use gradus_proto::ConvertError;
use gradus_rpc::{Code, ServiceError};
use gradus_types::{GroupId, MediaHash};

use crate::{Error, machine::Refusal, prompts};

/// A call that was not served.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The state machine refused it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The message breaks the contract.
    #[error(transparent)]
    Malformed(#[from] ConvertError),
    /// The coordinator is ending.
    #[error("the coordinator is ending")]
    Ending(#[from] gradus_runtime::Error),
    /// A process asks under a name that another one has taken over.
    #[error("another process has joined as `{member}` since; give each actor a name of its own, or end one of the two")]
    NameTaken {
        /// The name.
        member: String,
    },
    /// A payload could not be read.
    #[error("failed to read the payload of group `{group_id}`")]
    Payload {
        /// The group.
        group_id: GroupId,
        /// Why.
        source: Box<Error>,
    },
    /// A group is in no batch.
    #[error("group `{group_id}` is in no batch since the last checkpoint")]
    NoSuchGroup {
        /// The group.
        group_id: GroupId,
    },
    /// A medium belongs to no prompt.
    #[error("no prompt has a medium of hash `{hash}`")]
    NoSuchMedium {
        /// The hash.
        hash: MediaHash,
    },
    /// A medium cannot be read any more.
    #[error("failed to read the medium of hash `{hash}`")]
    Medium {
        /// The hash.
        hash: MediaHash,
        /// Why.
        source: prompts::Rejection,
    },
}

impl ServiceError for Failure {
    fn code(&self) -> Code {
        match self {
            Self::Refused(refusal) if refusal.is_callers_fault() => Code::InvalidArgument,
            Self::Refused(_) | Self::NameTaken { .. } => Code::FailedPrecondition,
            Self::Malformed(_) => Code::InvalidArgument,
            Self::Ending(_) => Code::Unavailable,
            Self::NoSuchGroup { .. } | Self::NoSuchMedium { .. } => Code::NotFound,
            Self::Payload { .. } | Self::Medium { .. } => Code::DataLoss,
        }
    }
}
