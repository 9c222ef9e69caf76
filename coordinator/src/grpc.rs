//! The gRPC face of the coordinator: every method decodes, calls and encodes.

mod decode;
mod streams;

use gradus_proto::v1::{self, coordinator_server};
use gradus_rpc::status;
use gradus_types::{Group, GroupId, MediaHash, PolicyVersion};
use prost::Message;
use tonic::{Request, Response, Status};

use self::{
    decode::{digest, duration, missing},
    streams::{Chunks, Groups},
};
use crate::{
    Coordinator, Failure,
    machine::{Announce, Commit, Complete, GiveBack, Join, Lend, Next},
    members::Heartbeat,
};

/// The gRPC service.
#[derive(Clone, Debug)]
pub struct Service {
    coordinator: Coordinator,
}

/// An answer on the wire.
type Answer<T> = Result<Response<T>, Status>;

impl Service {
    /// Serves a coordinator.
    #[must_use]
    pub const fn new(coordinator: Coordinator) -> Self {
        Self { coordinator }
    }

    /// Reads a group and keeps its encoded form beside it, off the reactor.
    async fn decode_group(&self, wire: Option<v1::Group>) -> Result<(Group, Vec<u8>), Failure> {
        let wire = wire.ok_or_else(|| missing("SubmitGroupRequest", "group"))?;
        let decode = move || -> Result<(Group, Vec<u8>), Failure> {
            let payload = wire.encode_to_vec();
            Ok((Group::try_from(wire)?, payload))
        };
        self.coordinator.cpu().run(decode).await?
    }

    async fn submit(&self, request: v1::SubmitGroupRequest) -> Result<v1::SubmitGroupResponse, Failure> {
        let (group, payload) = self.decode_group(request.group).await?;
        Ok(self.coordinator.submit(&group, payload).await?.into())
    }
}

/// Encodes the outcome of a call.
fn answer<T>(outcome: Result<T, Failure>) -> Answer<T> {
    outcome.map(Response::new).map_err(|failure| status(&failure))
}

fn refuse<E: Into<Failure>>(error: E) -> Status {
    status(&error.into())
}

#[tonic::async_trait]
impl coordinator_server::Coordinator for Service {
    type FetchMediaStream = Chunks;
    type FetchGroupsStream = Groups;

    async fn lease_prompts(&self, request: Request<v1::LeasePromptsRequest>) -> Answer<v1::LeasePromptsResponse> {
        let request = request.into_inner();
        let (held, wait) = (PolicyVersion(request.held_policy_version), duration(request.wait_millis));
        answer(self.coordinator.lease(Lend::from(request), held, wait).await.map(Into::into))
    }

    async fn submit_group(&self, request: Request<v1::SubmitGroupRequest>) -> Answer<v1::SubmitGroupResponse> {
        answer(self.submit(request.into_inner()).await)
    }

    async fn return_lease(&self, request: Request<v1::ReturnLeaseRequest>) -> Answer<v1::ReturnLeaseResponse> {
        let give_back = GiveBack::from(request.into_inner());
        answer(self.coordinator.return_lease(give_back).await.map(|()| v1::ReturnLeaseResponse {}))
    }

    async fn fetch_media(&self, request: Request<v1::FetchMediaRequest>) -> Answer<Chunks> {
        let hash = digest(&request.into_inner().hash, "FetchMediaRequest", "hash").map_err(refuse)?;
        answer(self.coordinator.media(MediaHash::from_bytes(hash)).await.map(streams::chunks))
    }

    async fn join_world(&self, request: Request<v1::JoinWorldRequest>) -> Answer<v1::JoinWorldResponse> {
        let request = request.into_inner();
        let wait = duration(request.wait_millis);
        answer(self.coordinator.join_world(Join::from(request), wait).await.map(Into::into))
    }

    async fn next_work(&self, request: Request<v1::NextWorkRequest>) -> Answer<v1::NextWorkResponse> {
        let request = request.into_inner();
        let wait = duration(request.wait_millis);
        answer(self.coordinator.next_work(Next::from(request), wait).await.map(Into::into))
    }

    async fn fetch_groups(&self, request: Request<v1::FetchGroupsRequest>) -> Answer<Groups> {
        let request = request.into_inner();
        let ids = request.group_ids.into_iter().map(GroupId).collect();
        let located = self.coordinator.locate_groups(request.generation, ids).await;
        answer(located.map(|located| streams::groups(self.coordinator.clone(), located)))
    }

    async fn announce_policy(&self, request: Request<v1::AnnouncePolicyRequest>) -> Answer<v1::AnnouncePolicyResponse> {
        let announce = Announce::try_from(request.into_inner()).map_err(refuse)?;
        answer(self.coordinator.announce(announce).await.map(|()| v1::AnnouncePolicyResponse {}))
    }

    async fn complete_step(&self, request: Request<v1::CompleteStepRequest>) -> Answer<v1::CompleteStepResponse> {
        let mut request = request.into_inner();
        let scalars = std::mem::take(&mut request.scalars).into_iter().map(Into::into).collect();
        let complete = Complete::try_from(request).map_err(refuse)?;
        answer(self.coordinator.complete_step(complete, scalars).await.map(|()| v1::CompleteStepResponse {}))
    }

    async fn commit_checkpoint(
        &self,
        request: Request<v1::CommitCheckpointRequest>,
    ) -> Answer<v1::CommitCheckpointResponse> {
        let commit = Commit::try_from(request.into_inner()).map_err(refuse)?;
        answer(self.coordinator.commit_checkpoint(commit).await.map(|()| v1::CommitCheckpointResponse {}))
    }

    async fn heartbeat(&self, request: Request<v1::HeartbeatRequest>) -> Answer<v1::HeartbeatResponse> {
        let heartbeat = Heartbeat::from(request.into_inner());
        answer(self.coordinator.heartbeat(heartbeat).await.map(Into::into))
    }
}
