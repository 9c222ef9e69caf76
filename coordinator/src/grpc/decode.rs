//! Conversion between the coordinator's messages and what it speaks inside.

use std::time::Duration;

use gradus_proto::{ConvertError, v1};
use gradus_types::{GroupId, PublishedPolicy, Rank, Step};

use crate::{
    HeartbeatAnswer, Leased,
    machine::{Announce, Commit, Complete, GiveBack, Join, Joined, Lend, Next},
    members::Heartbeat,
};

/// Reads a duration in milliseconds.
pub(super) const fn duration(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Answers for a field that the contract demands.
pub(super) fn missing(message: &'static str, field: &'static str) -> ConvertError {
    ConvertError { message, field, reason: "it is missing".to_owned() }
}

/// Reads the 32 bytes of a hash.
pub(super) fn digest(bytes: &[u8], message: &'static str, field: &'static str) -> Result<[u8; 32], ConvertError> {
    let reason = || format!("expected 32 bytes, got {}", bytes.len());
    bytes.try_into().map_err(|_| ConvertError { message, field, reason: reason() })
}

fn policy(wire: Option<v1::Policy>, message: &'static str) -> Result<PublishedPolicy, ConvertError> {
    wire.ok_or_else(|| missing(message, "policy"))?.try_into()
}

impl From<v1::LeasePromptsRequest> for Lend {
    fn from(wire: v1::LeasePromptsRequest) -> Self {
        Self { actor: wire.actor, incarnation: wire.incarnation, max_groups: wire.max_groups }
    }
}

impl From<Leased> for v1::LeasePromptsResponse {
    fn from(leased: Leased) -> Self {
        Self {
            leases: leased.leases.into_iter().map(Into::into).collect(),
            policy: leased.policy.map(Into::into),
            finished: leased.finished,
        }
    }
}

impl From<v1::ReturnLeaseRequest> for GiveBack {
    fn from(wire: v1::ReturnLeaseRequest) -> Self {
        let group_id = GroupId(wire.group_id);
        Self { actor: wire.actor, group_id, quarantine: wire.quarantine, reason: wire.reason }
    }
}

impl From<v1::JoinWorldRequest> for Join {
    fn from(wire: v1::JoinWorldRequest) -> Self {
        Self {
            rank: Rank(wire.rank),
            world_size: wire.world_size,
            incarnation: wire.incarnation,
            store_endpoint: wire.store_endpoint,
        }
    }
}

impl From<Joined> for v1::JoinWorldResponse {
    fn from(joined: Joined) -> Self {
        Self {
            complete: joined.complete,
            generation: joined.generation,
            store_endpoint: joined.store_endpoint,
            checkpoint: joined.checkpoint.map(Into::into),
        }
    }
}

impl From<v1::NextWorkRequest> for Next {
    fn from(wire: v1::NextWorkRequest) -> Self {
        Self {
            rank: Rank(wire.rank),
            generation: wire.generation,
            completed_step: Step(wire.completed_step),
            checkpointed_step: Step(wire.checkpointed_step),
        }
    }
}

impl TryFrom<v1::AnnouncePolicyRequest> for Announce {
    type Error = ConvertError;

    fn try_from(wire: v1::AnnouncePolicyRequest) -> Result<Self, ConvertError> {
        Ok(Self { generation: wire.generation, policy: policy(wire.policy, "AnnouncePolicyRequest")? })
    }
}

impl TryFrom<v1::CompleteStepRequest> for Complete {
    type Error = ConvertError;

    fn try_from(wire: v1::CompleteStepRequest) -> Result<Self, ConvertError> {
        let policy = policy(wire.policy, "CompleteStepRequest")?;
        Ok(Self { generation: wire.generation, step: Step(wire.step), policy })
    }
}

impl TryFrom<v1::CommitCheckpointRequest> for Commit {
    type Error = ConvertError;

    fn try_from(wire: v1::CommitCheckpointRequest) -> Result<Self, ConvertError> {
        let checkpoint = wire.checkpoint.ok_or_else(|| missing("CommitCheckpointRequest", "checkpoint"))?;
        Ok(Self { generation: wire.generation, checkpoint: checkpoint.try_into()? })
    }
}

impl From<v1::HeartbeatRequest> for Heartbeat {
    fn from(wire: v1::HeartbeatRequest) -> Self {
        Self {
            member: wire.member,
            phase: wire.phase,
            generation: wire.generation,
            pid: wire.pid,
            incarnation: wire.incarnation,
        }
    }
}

impl From<HeartbeatAnswer> for v1::HeartbeatResponse {
    fn from(answer: HeartbeatAnswer) -> Self {
        Self { generation_over: answer.generation_over, finished: answer.finished }
    }
}
