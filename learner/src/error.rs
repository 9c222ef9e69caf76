//! What can go wrong in a learner rank, and whether joining again may mend it.

use std::{io, path::PathBuf};

use gradus_process::{Exit, Exits};
use gradus_rpc::{CallError, Code};
use gradus_types::{GroupId, PolicyDigest};

/// A failure of a learner rank.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The learner world this rank belongs to is over: a peer was replaced, or the coordinator lost sight of this rank.
    #[error("learner generation `{generation}` is over; this rank has to join again")]
    GenerationOver {
        /// The generation.
        generation: u64,
    },
    /// An exchange between ranks failed.
    #[error("lost the other ranks")]
    Collective(#[from] gradus_c10d::Error),
    /// The policy could not be read, written or computed.
    #[error("the policy failed")]
    Model(#[from] gradus_model::Error),
    /// The processor could not be loaded.
    #[error("the processor failed")]
    Processor(#[from] gradus_processor::Error),
    /// A task or thread failed.
    #[error("a part of the learner stopped")]
    Runtime(#[from] gradus_runtime::Error),
    /// The coordinator's answer breaks the contract.
    #[error("the coordinator's answer breaks the contract")]
    Contract(#[from] gradus_proto::ConvertError),
    /// A call to the coordinator failed.
    #[error("failed to {attempt}")]
    Call {
        /// What was attempted.
        attempt: &'static str,
        /// How it failed.
        source: CallError,
    },
    /// An endpoint of the run file cannot be used.
    #[error("an endpoint cannot be used")]
    Endpoint(#[from] gradus_rpc::Error),
    /// The weights could not be packed.
    #[error("failed to publish the policy")]
    Publish(#[from] gradus_weight_sync::Error),
    /// The device thread was given work before its policy was loaded.
    #[error("the device has no policy yet")]
    NotOpen,
    /// libtorch refused an operation.
    #[error("libtorch failed to {attempt}")]
    Torch {
        /// What was attempted.
        attempt: &'static str,
        /// Why.
        source: tch::TchError,
    },
    /// The coordinator names a stage that the run file does not have.
    #[error(
        "step `{step}` belongs to stage `{stage}`, which is not a {expected} stage of this run file; use one run file for all services"
    )]
    Stage {
        /// The step.
        step: u64,
        /// The stage's position.
        stage: u32,
        /// The kind of work.
        expected: &'static str,
    },
    /// A group came without what its header promised.
    #[error("group `{group_id}` does not fit its header: {reason}")]
    Payload {
        /// The group.
        group_id: GroupId,
        /// What differs.
        reason: String,
    },
    /// A frozen parameter has changed.
    #[error(
        "the frozen parameters under `{prefix}` have changed since the stage began; the run must not go on with them"
    )]
    FrozenChanged {
        /// The prefix in the stage's `freeze`.
        prefix: String,
    },
    /// Saved optimizer state is not of the parameters at hand.
    #[error(
        "optimizer state `{name}` is missing, misshapen or of no parameter; was `freeze` changed since the checkpoint?"
    )]
    OptimizerState {
        /// The state's name.
        name: String,
    },
    /// A checkpoint could not be written. What was written of it is removed again.
    #[error("failed to write checkpoint `{}`; check that the disk has room and the directory may be written to", path.display())]
    WriteCheckpoint {
        /// The checkpoint's directory.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A checkpoint could not be read.
    #[error("failed to read `{}` of a checkpoint", path.display())]
    ReadCheckpoint {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A checkpoint's weights are not those that were committed.
    #[error("the weights in `{}` are not those that were committed: expected digest `{expected}`, found `{found}`", path.display())]
    CheckpointDigest {
        /// The checkpoint's directory.
        path: PathBuf,
        /// The digest in the ledger.
        expected: PolicyDigest,
        /// The digest of the weights.
        found: PolicyDigest,
    },
    /// The model's directory is missing or is none.
    #[error("failed to read `{}`; `model.path` must be a Hugging Face model directory", path.display())]
    ModelDirectory {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A host name that does not resolve.
    #[error(
        "failed to resolve `{host}`; check `learner.collective_host`, a name or address of the machine each rank runs on"
    )]
    CollectiveHost {
        /// The name.
        host: String,
    },
}

impl Error {
    /// Tells whether a new process that joins again can go on: the world or the coordinator changed, rather than this rank
    /// being at fault.
    #[must_use]
    pub fn asks_for_restart(&self) -> bool {
        match self {
            Self::GenerationOver { .. } => true,
            Self::Collective(error) => is_of_peers(error),
            Self::Call { source, .. } => matches!(
                source.code,
                Code::FailedPrecondition | Code::Aborted | Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled
            ),
            _ => false,
        }
    }
}

impl Exits for Error {
    fn exit(&self) -> Exit {
        match self {
            Self::WriteCheckpoint { .. } => Exit::CannotWrite,
            error if error.asks_for_restart() => Exit::JoinAgain,
            error => Exit::of(error),
        }
    }
}

/// Tells whether an exchange failed because of the other ranks. What this rank asked for in vain, such as an address that its
/// machine does not have, it would ask for again.
fn is_of_peers(error: &gradus_c10d::Error) -> bool {
    use gradus_c10d::Error;
    match error {
        Error::Timeout { .. }
        | Error::PeerLost { .. }
        | Error::Aborted { .. }
        | Error::StoreTimeout { .. }
        | Error::Store { .. } => true,
        Error::Refused { .. } | Error::Listen { .. } | Error::Nul { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use gradus_c10d::{Member, Operation};

    use super::*;

    #[test]
    fn a_lost_peer_is_a_reason_to_join_again_and_an_address_of_another_machine_is_none() {
        let member = Member { rank: 0, world_size: 2 };
        let lost =
            gradus_c10d::Error::PeerLost { member, operation: Operation::AllReduce, detail: "closed".to_owned() };
        assert_eq!(Error::from(lost).exit(), Exit::JoinAgain);
        let source = io::Error::from(io::ErrorKind::AddrNotAvailable);
        let elsewhere = gradus_c10d::Error::Listen { address: ([192, 0, 2, 1], 0).into(), source };
        assert_eq!(Error::from(elsewhere).exit(), Exit::Failed);
    }

    #[test]
    fn a_world_of_another_size_is_no_reason_to_join_again() {
        let call = |code| Error::Call { attempt: "join the learner world", source: CallError::new(code, "refused") };
        assert_eq!(call(Code::InvalidArgument).exit(), Exit::Failed);
        assert_eq!(call(Code::FailedPrecondition).exit(), Exit::JoinAgain);
    }

    #[test]
    fn a_checkpoint_that_cannot_be_written_has_its_own_exit_code() {
        let path = PathBuf::from("checkpoints/step-000004");
        let full = Error::WriteCheckpoint { path, source: "No space left on device".into() };
        assert_eq!(full.exit().code(), 74);
    }
}
