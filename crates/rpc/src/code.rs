//! The few ways in which a call can fail, their gRPC status, and whether a retry is sane: mapped once, here.

use std::error::Error as StdError;

use gradus_proto::ConvertError;
use tonic::Status;

/// How a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// The caller sent something that can never be served.
    InvalidArgument,
    /// What was asked for does not exist, or not any more.
    NotFound,
    /// The service's state does not allow it; the caller must do something else first.
    FailedPrecondition,
    /// The caller was overtaken, by a newer generation for example, and must start over.
    Aborted,
    /// The service has too much to do.
    ResourceExhausted,
    /// The deadline passed first.
    DeadlineExceeded,
    /// The caller gave up.
    Cancelled,
    /// Nobody answers, or the service is leaving.
    Unavailable,
    /// What arrived is not what was sent.
    DataLoss,
    /// The service does not know the method.
    Unimplemented,
    /// The service is broken.
    Internal,
}

/// An error of a service that can be told to its callers.
pub trait ServiceError: StdError {
    /// Returns how the call failed.
    fn code(&self) -> Code;
}

/// Encodes an error for the wire, with its causes.
#[must_use]
pub fn status<E: ServiceError>(error: &E) -> Status {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    Status::new(error.code().into(), text)
}

/// A call that failed, as its caller sees it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("call failed as `{name}`: {message}", name = code.name())]
pub struct CallError {
    /// How it failed.
    pub code: Code,
    /// What the service, or the transport, said.
    pub message: String,
}

// === impl Code ===

impl Code {
    /// Tells whether the same call may succeed a little later.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::ResourceExhausted | Self::Unavailable)
    }

    /// Returns the code's name in messages and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid_argument",
            Self::NotFound => "not_found",
            Self::FailedPrecondition => "failed_precondition",
            Self::Aborted => "aborted",
            Self::ResourceExhausted => "resource_exhausted",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::Cancelled => "cancelled",
            Self::Unavailable => "unavailable",
            Self::DataLoss => "data_loss",
            Self::Unimplemented => "unimplemented",
            Self::Internal => "internal",
        }
    }

    /// Reads the code of a gRPC status, or nothing where the call succeeded. What Gradus does not use is internal.
    #[must_use]
    pub const fn of_grpc(code: tonic::Code) -> Option<Self> {
        Some(match code {
            tonic::Code::Ok => return None,
            tonic::Code::InvalidArgument | tonic::Code::OutOfRange => Self::InvalidArgument,
            tonic::Code::NotFound => Self::NotFound,
            tonic::Code::FailedPrecondition | tonic::Code::AlreadyExists => Self::FailedPrecondition,
            tonic::Code::Aborted => Self::Aborted,
            tonic::Code::ResourceExhausted => Self::ResourceExhausted,
            tonic::Code::DeadlineExceeded => Self::DeadlineExceeded,
            tonic::Code::Cancelled => Self::Cancelled,
            tonic::Code::Unavailable => Self::Unavailable,
            tonic::Code::DataLoss => Self::DataLoss,
            tonic::Code::Unimplemented => Self::Unimplemented,
            tonic::Code::Unknown
            | tonic::Code::Internal
            | tonic::Code::PermissionDenied
            | tonic::Code::Unauthenticated => Self::Internal,
        })
    }
}

impl From<Code> for tonic::Code {
    fn from(code: Code) -> Self {
        match code {
            Code::InvalidArgument => Self::InvalidArgument,
            Code::NotFound => Self::NotFound,
            Code::FailedPrecondition => Self::FailedPrecondition,
            Code::Aborted => Self::Aborted,
            Code::ResourceExhausted => Self::ResourceExhausted,
            Code::DeadlineExceeded => Self::DeadlineExceeded,
            Code::Cancelled => Self::Cancelled,
            Code::Unavailable => Self::Unavailable,
            Code::DataLoss => Self::DataLoss,
            Code::Unimplemented => Self::Unimplemented,
            Code::Internal => Self::Internal,
        }
    }
}

impl ServiceError for ConvertError {
    fn code(&self) -> Code {
        Code::InvalidArgument
    }
}

// === impl CallError ===

impl CallError {
    /// Makes the error of a call that failed on this side, or of one that a test plays.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// Tells whether the same call may succeed a little later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        self.code.is_retryable()
    }
}

impl From<Status> for CallError {
    fn from(status: Status) -> Self {
        // What a peer sends has no source; a status with one was made on this side, of a broken connection. A connection that
        // broke under way reaches us as `Unknown`, though nobody answered.
        let code = match (Code::of_grpc(status.code()), status.source()) {
            (Some(Code::Internal) | None, Some(_)) => Code::Unavailable,
            (code, _) => code.unwrap_or(Code::Internal),
        };
        let mut message = status.message().to_owned();
        let mut cause = status.source().and_then(StdError::source);
        while let Some(error) = cause {
            message = format!("{message}: {error}");
            cause = error.source();
        }
        Self { code, message }
    }
}

impl From<ConvertError> for CallError {
    /// A peer that answers what this build cannot read is broken, or another version.
    fn from(error: ConvertError) -> Self {
        Self::new(Code::Internal, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Code; 11] = [
        Code::InvalidArgument,
        Code::NotFound,
        Code::FailedPrecondition,
        Code::Aborted,
        Code::ResourceExhausted,
        Code::DeadlineExceeded,
        Code::Cancelled,
        Code::Unavailable,
        Code::DataLoss,
        Code::Unimplemented,
        Code::Internal,
    ];

    #[derive(Debug, thiserror::Error)]
    #[error("failed to score group `train-0-1`")]
    struct Overloaded(#[source] std::io::Error);

    impl ServiceError for Overloaded {
        fn code(&self) -> Code {
            Code::ResourceExhausted
        }
    }

    #[test]
    fn a_code_survives_the_wire() {
        for code in ALL {
            assert_eq!(Code::of_grpc(code.into()), Some(code));
        }
        assert_eq!(Code::of_grpc(tonic::Code::Ok), None);
    }

    #[test]
    fn an_error_crosses_the_wire_with_its_causes() {
        let error = CallError::from(status(&Overloaded(std::io::Error::other("queue is full"))));
        assert!(error.is_retryable());
        assert_eq!(
            error.to_string(),
            "call failed as `resource_exhausted`: failed to score group `train-0-1`: queue is full"
        );
    }

    #[test]
    fn a_broken_connection_is_unavailable_and_a_broken_service_is_not() {
        let broken = Status::from_error(Box::new(std::io::Error::other("reset by peer")));
        assert_eq!(CallError::from(broken).code, Code::Unavailable);
        assert_eq!(CallError::from(Status::internal("bug")).code, Code::Internal);
    }
}
