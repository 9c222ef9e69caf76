//! The coordinator as an actor calls it, in domain types.

use std::sync::Arc;

use gradus_proto::v1::{
    HeartbeatRequest, LeasePromptsRequest, LeasePromptsResponse, ReturnLeaseRequest, SubmitGroupRequest,
    coordinator_client::CoordinatorClient,
};
use gradus_rpc::{CallError, Channel, Endpoint, MediaClient, RetryPolicy, connect, idempotent, stub};
use gradus_types::{Admission, Group, GroupId, Lease, PolicyVersion, PublishedPolicy};

/// How long the coordinator holds a request for leases that it has nothing for. A shutdown waits for its end, so that leases
/// on their way are not lost; the client's usual deadline is far beyond it.
const LEASE_WAIT_MILLIS: u64 = 2_000;

/// A client of the coordinator under an actor's name. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Coordinator {
    client: CoordinatorClient<Channel>,
    actor: Arc<str>,
    incarnation: Arc<str>,
}

/// What the coordinator has for an actor that asks for leases.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The prompts.
    pub leases: Vec<Lease>,
    /// The policy to sample from, once there is one.
    pub policy: Option<PublishedPolicy>,
    /// Whether the run is over.
    pub is_finished: bool,
}

// === impl Coordinator ===

impl Coordinator {
    /// Makes a client of this process; nothing is dialled yet.
    #[must_use]
    pub fn connect(endpoint: &Endpoint, actor: &str) -> Self {
        let incarnation = Arc::from(gradus_process::incarnation());
        Self { client: stub::coordinator(connect(endpoint)), actor: Arc::from(actor), incarnation }
    }

    /// Returns the name the actor goes by.
    #[must_use]
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// Asks for up to `max_groups` prompts, and waits a little for the first.
    pub async fn lease(&self, max_groups: u32, held: PolicyVersion) -> Result<Offer, CallError> {
        let request = LeasePromptsRequest {
            actor: self.actor.to_string(),
            max_groups,
            held_policy_version: held.0,
            wait_millis: LEASE_WAIT_MILLIS,
            incarnation: self.incarnation.to_string(),
        };
        let response = self.client.clone().lease_prompts(request).await?.into_inner();
        Ok(Offer::try_from(response)?)
    }

    /// Hands in a group. It may be handed in twice.
    pub async fn submit(&self, group: Group) -> Result<Admission, CallError> {
        let request = SubmitGroupRequest { group: Some(group.into()) };
        let response = self.client.clone().submit_group(idempotent(request)).await?;
        Ok(Admission::try_from(response.into_inner())?)
    }

    /// Gives a leased prompt back: for good when it is quarantined, else to be lent again.
    pub async fn give_back(&self, group_id: GroupId, quarantine: bool, reason: String) -> Result<(), CallError> {
        let request = ReturnLeaseRequest { actor: self.actor.to_string(), group_id: group_id.0, quarantine, reason };
        self.client.clone().return_lease(idempotent(request)).await?;
        Ok(())
    }

    /// Makes a client of the media of prompts that remembers about `capacity_bytes` of them.
    #[must_use]
    pub fn media(&self, capacity_bytes: u64) -> MediaClient {
        MediaClient::new(self.client.clone(), RetryPolicy::default(), capacity_bytes)
    }

    /// Says that the actor is alive and what it does. Returns whether the run is over.
    pub async fn beat(&self, phase: &str) -> Result<bool, CallError> {
        let request = HeartbeatRequest {
            member: self.actor.to_string(),
            phase: phase.to_owned(),
            generation: 0,
            pid: std::process::id(),
            incarnation: self.incarnation.to_string(),
        };
        let response = self.client.clone().heartbeat(idempotent(request)).await?;
        Ok(response.into_inner().finished)
    }
}

// === impl Offer ===

impl TryFrom<LeasePromptsResponse> for Offer {
    type Error = gradus_proto::ConvertError;

    fn try_from(response: LeasePromptsResponse) -> Result<Self, Self::Error> {
        Ok(Self {
            leases: response.leases.into_iter().map(Lease::try_from).collect::<Result<_, _>>()?,
            policy: response.policy.map(PublishedPolicy::try_from).transpose()?,
            is_finished: response.finished,
        })
    }
}
