//! A coordinator that lends what it is told to lend, and remembers what it was told.

use std::{
    collections::{HashMap, VecDeque},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
};

use gradus_proto::v1::{self, coordinator_server::Coordinator};
use gradus_types::{Group, Lease, MediaHash, PublishedPolicy};
use tokio::sync::watch;
use tokio_stream::Stream;
use tonic::{Request, Response, Status};

/// The script and the record. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Script {
    state: Arc<Mutex<State>>,
    changes: watch::Sender<u64>,
}

/// What is lent, and what came back.
#[derive(Debug, Default)]
pub struct State {
    pub leases: VecDeque<Lease>,
    pub policy: Option<PublishedPolicy>,
    pub media: HashMap<MediaHash, Vec<u8>>,
    pub is_finished: bool,
    /// Whether another process has taken the actor's name.
    pub is_name_taken: bool,
    pub groups: Vec<Group>,
    pub returned: Vec<v1::ReturnLeaseRequest>,
    pub asked: Vec<v1::LeasePromptsRequest>,
}

type Chunks<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl Script {
    pub fn new() -> Self {
        Self { state: Arc::default(), changes: watch::Sender::new(0) }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics with the state")
    }

    pub fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changes.send_modify(|count| *count += 1);
    }

    /// Waits until the record is as a test wants it.
    pub async fn until(&self, is_so: impl Fn(&State) -> bool) {
        let mut changes = self.changes.subscribe();
        while !is_so(&self.state()) {
            changes.changed().await.expect("the sender lives as long as the script");
        }
    }

    /// Answers with leases, or a policy that the actor does not hold, or the end, if any of these is there.
    fn offer(&self, request: &v1::LeasePromptsRequest) -> Option<v1::LeasePromptsResponse> {
        let mut state = self.state();
        let is_news = state.policy.as_ref().is_some_and(|policy| policy.version.0 != request.held_policy_version);
        if state.policy.is_none() || (state.leases.is_empty() && !is_news && !state.is_finished) {
            return None;
        }
        let count = state.leases.len().min(request.max_groups as usize);
        let leases = state.leases.drain(..count).map(v1::Lease::from).collect();
        Some(v1::LeasePromptsResponse {
            leases,
            policy: state.policy.clone().map(Into::into),
            finished: state.is_finished,
        })
    }
}

#[tonic::async_trait]
impl Coordinator for Script {
    type FetchMediaStream = Chunks<v1::FetchMediaResponse>;
    type FetchGroupsStream = Chunks<v1::FetchGroupsResponse>;

    async fn lease_prompts(
        &self,
        request: Request<v1::LeasePromptsRequest>,
    ) -> Result<Response<v1::LeasePromptsResponse>, Status> {
        let request = request.into_inner();
        if self.state().is_name_taken {
            return Err(Status::failed_precondition("another process has joined"));
        }
        let mut changes = self.changes.subscribe();
        self.change(|state| state.asked.push(request.clone()));
        let wait = tokio::time::Duration::from_millis(request.wait_millis);
        let offered = tokio::time::timeout(wait, async {
            loop {
                if let Some(offer) = self.offer(&request) {
                    return offer;
                }
                changes.changed().await.expect("the sender lives as long as the script");
            }
        });
        Ok(Response::new(offered.await.unwrap_or_default()))
    }

    async fn submit_group(
        &self,
        request: Request<v1::SubmitGroupRequest>,
    ) -> Result<Response<v1::SubmitGroupResponse>, Status> {
        let group = request.into_inner().group.ok_or_else(|| Status::invalid_argument("no group"))?;
        let group = Group::try_from(group).map_err(|error| Status::invalid_argument(error.to_string()))?;
        self.change(|state| state.groups.push(group));
        Ok(Response::new(v1::SubmitGroupResponse { admission: v1::Admission::Accepted.into() }))
    }

    async fn return_lease(
        &self,
        request: Request<v1::ReturnLeaseRequest>,
    ) -> Result<Response<v1::ReturnLeaseResponse>, Status> {
        self.change(|state| state.returned.push(request.into_inner()));
        Ok(Response::new(v1::ReturnLeaseResponse {}))
    }

    async fn fetch_media(
        &self,
        request: Request<v1::FetchMediaRequest>,
    ) -> Result<Response<Self::FetchMediaStream>, Status> {
        let hash = request.into_inner().hash.as_ref().try_into().expect("a hash has 32 bytes");
        let encoded = self.state().media.get(&MediaHash::from_bytes(hash)).cloned();
        let encoded = encoded.ok_or_else(|| Status::not_found("no such medium"))?;
        let chunks: Vec<_> =
            encoded.chunks(1_000).map(|chunk| Ok(v1::FetchMediaResponse { chunk: chunk.to_vec().into() })).collect();
        Ok(Response::new(Box::pin(tokio_stream::iter(chunks))))
    }

    async fn heartbeat(
        &self,
        _request: Request<v1::HeartbeatRequest>,
    ) -> Result<Response<v1::HeartbeatResponse>, Status> {
        Ok(Response::new(v1::HeartbeatResponse::default()))
    }

    async fn join_world(&self, _: Request<v1::JoinWorldRequest>) -> Result<Response<v1::JoinWorldResponse>, Status> {
        Err(for_learners())
    }

    async fn next_work(&self, _: Request<v1::NextWorkRequest>) -> Result<Response<v1::NextWorkResponse>, Status> {
        Err(for_learners())
    }

    async fn fetch_groups(
        &self,
        _: Request<v1::FetchGroupsRequest>,
    ) -> Result<Response<Self::FetchGroupsStream>, Status> {
        Err(for_learners())
    }

    async fn announce_policy(
        &self,
        _: Request<v1::AnnouncePolicyRequest>,
    ) -> Result<Response<v1::AnnouncePolicyResponse>, Status> {
        Err(for_learners())
    }

    async fn complete_step(
        &self,
        _: Request<v1::CompleteStepRequest>,
    ) -> Result<Response<v1::CompleteStepResponse>, Status> {
        Err(for_learners())
    }

    async fn commit_checkpoint(
        &self,
        _: Request<v1::CommitCheckpointRequest>,
    ) -> Result<Response<v1::CommitCheckpointResponse>, Status> {
        Err(for_learners())
    }
}

fn for_learners() -> Status {
    Status::unimplemented("only learners call this")
}
