//! Why a group is not scored, or the service does not start.

use gradus_rpc::{Code, ServiceError};

/// A failure of the reward server.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request is not of the wire's form.
    #[error("failed to read the request")]
    Convert(#[from] gradus_proto::ConvertError),
    /// The reward spec is not JSON of the right form.
    #[error("failed to read the reward spec `{spec}`")]
    SpecSyntax {
        /// The spec as it came.
        spec: String,
        /// Where and why.
        source: serde_json::Error,
    },
    /// The reward spec names something that is not there.
    #[error("failed to compile the reward spec")]
    Spec(#[from] gradus_verify::Error),
    /// Too many groups are in progress.
    #[error(
        "{max_queued_groups} groups are in progress already; try again, or raise `reward_server.max_queued_groups`"
    )]
    Overloaded {
        /// The bound.
        max_queued_groups: usize,
    },
    /// A thread or task could not do its work.
    #[error("failed to run the scoring pool")]
    Runtime(#[from] gradus_runtime::Error),
    /// An endpoint could not be served.
    #[error("failed to serve")]
    Rpc(#[from] gradus_rpc::Error),
}

impl ServiceError for Error {
    fn code(&self) -> Code {
        match self {
            Self::Convert(_) | Self::SpecSyntax { .. } | Self::Spec(_) => Code::InvalidArgument,
            Self::Overloaded { .. } => Code::ResourceExhausted,
            Self::Runtime(_) | Self::Rpc(_) => Code::Internal,
        }
    }
}
