//! What can go wrong with weights on their way.

use std::time::Duration;

use gradus_rpc::{CallError, Code, ServiceError};
use gradus_types::{PolicyDigest, PolicyVersion};

/// Weights that could not be published, fetched or verified.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// A policy without tensors cannot be published.
    #[error("failed to publish policy version `{version}`: it has no tensors")]
    NoTensors {
        /// The version.
        version: PolicyVersion,
    },
    /// A tensor's bytes are not what its shape says.
    #[error("failed to pack tensor `{name}`: shape {shape:?} in f32 does not have {num_bytes} bytes")]
    Shape {
        /// The tensor.
        name: String,
        /// Its shape.
        shape: Vec<i64>,
        /// The bytes it came with.
        num_bytes: usize,
    },
    /// The version was never published here, or is not kept any more.
    #[error(
        "policy version `{version}` is not kept: {}; ask the coordinator for the newest policy",
        newest.map_or_else(|| "none is published yet".to_owned(), |newest| format!("the newest is `{newest}`"))
    )]
    NotKept {
        /// The version that was asked for.
        version: PolicyVersion,
        /// The newest version there is.
        newest: Option<PolicyVersion>,
    },
    /// The endpoint of a policy's weights is none.
    #[error("failed to fetch policy version `{version}`: `{endpoint}` is no endpoint")]
    Endpoint {
        /// The version.
        version: PolicyVersion,
        /// The endpoint as announced.
        endpoint: String,
    },
    /// The learner that should have the version has it no more.
    #[error("failed to fetch policy version `{version}` from `{endpoint}`: {message}")]
    Gone {
        /// The version.
        version: PolicyVersion,
        /// Where it was asked for.
        endpoint: String,
        /// What the learner said.
        message: String,
    },
    /// The call failed, or the stream broke.
    #[error("failed to fetch policy version `{version}` after {num_received} buckets")]
    Call {
        /// The version.
        version: PolicyVersion,
        /// The buckets that had arrived.
        num_received: u32,
        /// How the call failed.
        source: CallError,
    },
    /// No bucket came for too long.
    #[error("failed to fetch policy version `{version}`: bucket {index} did not arrive within {timeout:?}")]
    Stalled {
        /// The version.
        version: PolicyVersion,
        /// The bucket that was waited for.
        index: u32,
        /// How long.
        timeout: Duration,
    },
    /// A bucket belongs to another version.
    #[error("failed to verify policy version `{version}`: bucket {index} is of version `{actual}`")]
    Version {
        /// The version that was asked for.
        version: PolicyVersion,
        /// The bucket.
        index: u32,
        /// The version it claims.
        actual: PolicyVersion,
    },
    /// A bucket came out of order.
    #[error("failed to verify policy version `{version}`: bucket {index} should come next, bucket {actual} came")]
    Order {
        /// The version.
        version: PolicyVersion,
        /// The bucket that should come next.
        index: u32,
        /// The bucket that came.
        actual: u32,
    },
    /// The number of buckets is not what it was said to be.
    #[error("failed to verify policy version `{version}`: {expected} buckets were announced, {actual} came")]
    Count {
        /// The version.
        version: PolicyVersion,
        /// What was announced.
        expected: u32,
        /// What came.
        actual: u32,
    },
    /// A bucket is not what was sent.
    #[error(
        "failed to verify bucket {index} of policy version `{version}`: its digest is `{actual}`, not `{expected}`"
    )]
    BucketDigest {
        /// The version.
        version: PolicyVersion,
        /// The bucket.
        index: u32,
        /// The digest it came with.
        expected: PolicyDigest,
        /// The digest it has.
        actual: PolicyDigest,
    },
    /// A bucket's tensors do not fit together.
    #[error("failed to verify bucket {index} of policy version `{version}`: tensor `{name}` {reason}")]
    Layout {
        /// The version.
        version: PolicyVersion,
        /// The bucket.
        index: u32,
        /// The tensor at fault.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The buckets are right one by one, but are not those of the policy that was announced.
    #[error("failed to verify policy version `{version}`: its digest is `{actual}`, `{expected}` was announced")]
    PolicyDigest {
        /// The version.
        version: PolicyVersion,
        /// The digest that was announced.
        expected: PolicyDigest,
        /// The digest of what came.
        actual: PolicyDigest,
    },
    /// The pool that verifies failed.
    #[error("failed to verify policy version `{version}`")]
    Runtime {
        /// The version.
        version: PolicyVersion,
        /// What happened.
        source: gradus_runtime::Error,
    },
}

impl Error {
    /// Tells whether the subscriber should ask for the newest policy instead of asking for this one again.
    #[must_use]
    pub const fn wants_newest(&self) -> bool {
        matches!(self, Self::NotKept { .. } | Self::Gone { .. } | Self::PolicyDigest { .. } | Self::Endpoint { .. })
    }
}

impl ServiceError for Error {
    fn code(&self) -> Code {
        match self {
            Self::NotKept { .. } | Self::Gone { .. } => Code::NotFound,
            Self::NoTensors { .. } | Self::Shape { .. } | Self::Endpoint { .. } => Code::InvalidArgument,
            Self::Call { source, .. } => source.code,
            Self::Stalled { .. } => Code::DeadlineExceeded,
            Self::Runtime { .. } => Code::Internal,
            Self::Version { .. }
            | Self::Order { .. }
            | Self::Count { .. }
            | Self::BucketDigest { .. }
            | Self::Layout { .. }
            | Self::PolicyDigest { .. } => Code::DataLoss,
        }
    }
}
