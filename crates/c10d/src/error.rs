//! What can go wrong between ranks, and who was doing what when it did.

use std::{fmt, io, net::SocketAddr, time::Duration};

use gradus_c10d_sys::Status;

use crate::ffi::Failure;

/// A failed exchange between ranks.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Some rank did not take part before the deadline.
    #[error(
        "{member}: failed to {operation} within `{timeout:?}`, check that every rank is alive and at the same step ({detail})"
    )]
    Timeout {
        /// Who waited.
        member: Member,
        /// What for.
        operation: Operation,
        /// How long.
        timeout: Duration,
        /// What c10d said.
        detail: String,
    },
    /// The connection to a peer is gone: its process ended or aborted the group.
    #[error("{member}: failed to {operation}, a peer is gone ({detail})")]
    PeerLost {
        /// Who noticed.
        member: Member,
        /// What it was doing.
        operation: Operation,
        /// What c10d said.
        detail: String,
    },
    /// This rank aborted the group.
    #[error("{member}: failed to {operation}, the group was aborted")]
    Aborted {
        /// Whose group it was.
        member: Member,
        /// What was cut short.
        operation: Operation,
    },
    /// The operation was refused: a tensor, an argument or the order of calls is wrong.
    #[error("{member}: failed to {operation}: {detail}")]
    Refused {
        /// Who called.
        member: Member,
        /// What it asked for.
        operation: Operation,
        /// What c10d said.
        detail: String,
    },
    /// The store did not answer before the deadline.
    #[error(
        "failed to {action} the store at `{address}` within `{timeout:?}`, check that its host is alive and reachable ({detail})"
    )]
    StoreTimeout {
        /// What was attempted.
        action: &'static str,
        /// Where the store is.
        address: SocketAddr,
        /// How long it was waited for.
        timeout: Duration,
        /// What c10d said.
        detail: String,
    },
    /// The store refused, or its connection broke.
    #[error("failed to {action} the store at `{address}`: {detail}")]
    Store {
        /// What was attempted.
        action: &'static str,
        /// Where the store is.
        address: SocketAddr,
        /// What c10d said.
        detail: String,
    },
    /// The address to serve a store on cannot be had.
    #[error("failed to listen on `{address}`, choose another address or port `0`")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// A name that is to cross into C holds a NUL byte.
    #[error("{name:?} holds a NUL byte")]
    Nul {
        /// The name.
        name: String,
    },
}

/// One rank of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its number, from 0.
    pub rank: u32,
    /// How many ranks the group has.
    pub world_size: u32,
}

/// What a rank can be waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Joining the group.
    Join,
    /// Summing a tensor over all ranks.
    AllReduce,
    /// Copying a tensor from one rank to all.
    Broadcast,
    /// Meeting all ranks.
    Barrier,
    /// Closing the group's connections.
    Abort,
    /// Agreeing on the layout of gradient buckets.
    BuildReducer,
    /// Preparing the reducer for a backward pass.
    ArmReducer,
    /// Summing the gradients of all parameters over all ranks.
    ReduceGradients,
}

// === impl Error ===

impl Error {
    /// Whether a deadline passed.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout { .. } | Self::StoreTimeout { .. })
    }

    pub(crate) fn in_group(failure: Failure, member: Member, operation: Operation, timeout: Duration) -> Self {
        let detail = failure.message;
        match failure.status {
            Status::TIMEOUT => Self::Timeout { member, operation, timeout, detail },
            Status::PEER_LOST => Self::PeerLost { member, operation, detail },
            Status::ABORTED => Self::Aborted { member, operation },
            _ => Self::Refused { member, operation, detail },
        }
    }

    pub(crate) fn in_store(failure: Failure, action: &'static str, address: SocketAddr, timeout: Duration) -> Self {
        let detail = failure.message;
        match failure.status {
            Status::TIMEOUT => Self::StoreTimeout { action, address, timeout, detail },
            _ => Self::Store { action, address, detail },
        }
    }
}

// === impl Member ===

impl fmt::Display for Member {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "rank `{}` of `{}`", self.rank, self.world_size)
    }
}

// === impl Operation ===

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Join => "join the group",
            Self::AllReduce => "all-reduce",
            Self::Broadcast => "broadcast",
            Self::Barrier => "pass the barrier",
            Self::Abort => "abort the group",
            Self::BuildReducer => "agree on gradient buckets",
            Self::ArmReducer => "arm the gradient reducer",
            Self::ReduceGradients => "reduce gradients",
        })
    }
}
