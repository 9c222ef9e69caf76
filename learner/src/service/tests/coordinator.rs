//! A coordinator that plays a script: it forms a world of two, hands out work by step, and notes what it is told.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{Arc, Mutex},
};

use tokio::sync::watch;
use tokio_stream::Stream;
use tonic::{Request, Response, Status};

use gradus_proto::v1::{self, coordinator_server::Coordinator};
use gradus_types::{Checkpoint, Group, GroupId, PolicyDigest, Scalar, Work};

/// What the coordinator is to do.
#[derive(Clone, Default)]
pub(crate) struct Script {
    /// The steps of the run, from the first.
    pub steps: Vec<Work>,
    /// The steps after which a checkpoint is due, and whether the stage ends with it.
    pub checkpoints: BTreeMap<u64, bool>,
    /// The payload of the batches' groups.
    pub groups: Vec<Group>,
    /// Where the ranks start.
    pub start: Option<Checkpoint>,
    /// Whether the generation is over as soon as the ranks are at work.
    pub ends_generation: bool,
}

/// What the coordinator was told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub announced: Vec<(u64, PolicyDigest)>,
    pub completed: Vec<(u64, Vec<Scalar>, PolicyDigest)>,
    pub committed: Vec<Checkpoint>,
}

/// The scripted coordinator.
#[derive(Clone)]
pub(crate) struct Scripted {
    script: Arc<Script>,
    told: Arc<Mutex<Told>>,
    stores: watch::Sender<[Option<String>; 2]>,
}

type Answer<T> = Result<Response<T>, Status>;
type Messages<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl Scripted {
    pub(crate) fn new(script: Script) -> Self {
        Self { script: Arc::new(script), told: Arc::default(), stores: watch::Sender::default() }
    }

    pub(crate) fn told(&self) -> Told {
        std::mem::take(&mut *self.told.lock().unwrap())
    }

    fn work(&self, completed: u64, checkpointed: u64) -> Work {
        if let Some(&ends_stage) = self.script.checkpoints.get(&completed).filter(|_| checkpointed < completed) {
            let stage = gradus_types::StageIndex(0);
            return Work::Checkpoint { step: gradus_types::Step(completed), stage, ends_stage };
        }
        self.script.steps.get(completed as usize).cloned().unwrap_or(Work::Finished)
    }
}

fn unused<T>() -> Answer<T> {
    Err(Status::unimplemented("learners do not call this"))
}

fn policy(policy: Option<v1::Policy>) -> (u64, PolicyDigest) {
    let policy = gradus_types::PublishedPolicy::try_from(policy.unwrap()).unwrap();
    (policy.version.0, policy.digest)
}

#[tonic::async_trait]
impl Coordinator for Scripted {
    type FetchMediaStream = Messages<v1::FetchMediaResponse>;
    type FetchGroupsStream = Messages<v1::FetchGroupsResponse>;

    async fn join_world(&self, request: Request<v1::JoinWorldRequest>) -> Answer<v1::JoinWorldResponse> {
        let request = request.into_inner();
        self.stores.send_modify(|stores| stores[request.rank as usize] = Some(request.store_endpoint));
        let mut stores = self.stores.subscribe();
        let stores = stores.wait_for(|stores| stores.iter().all(Option::is_some)).await.unwrap().clone();
        Ok(Response::new(v1::JoinWorldResponse {
            complete: true,
            generation: 1,
            store_endpoint: stores[0].clone().unwrap(),
            checkpoint: self.script.start.clone().map(Into::into),
        }))
    }

    async fn next_work(&self, request: Request<v1::NextWorkRequest>) -> Answer<v1::NextWorkResponse> {
        let request = request.into_inner();
        assert_eq!(request.generation, 1);
        if self.script.ends_generation {
            return std::future::pending().await;
        }
        Ok(Response::new(self.work(request.completed_step, request.checkpointed_step).into()))
    }

    async fn fetch_groups(&self, request: Request<v1::FetchGroupsRequest>) -> Answer<Self::FetchGroupsStream> {
        let find = |id: u64| self.script.groups.iter().find(|group| group.id == GroupId(id)).cloned().unwrap();
        let answer = |id| Ok(v1::FetchGroupsResponse { group: Some(find(id).into()) });
        let answers: Vec<_> = request.into_inner().group_ids.into_iter().map(answer).collect();
        Ok(Response::new(Box::pin(tokio_stream::iter(answers))))
    }

    async fn announce_policy(&self, request: Request<v1::AnnouncePolicyRequest>) -> Answer<v1::AnnouncePolicyResponse> {
        self.told.lock().unwrap().announced.push(policy(request.into_inner().policy));
        Ok(Response::new(v1::AnnouncePolicyResponse {}))
    }

    async fn complete_step(&self, request: Request<v1::CompleteStepRequest>) -> Answer<v1::CompleteStepResponse> {
        let request = request.into_inner();
        let (version, digest) = policy(request.policy);
        assert_eq!(version, request.step);
        let scalars = request.scalars.into_iter().map(Into::into).collect();
        self.told.lock().unwrap().completed.push((request.step, scalars, digest));
        Ok(Response::new(v1::CompleteStepResponse {}))
    }

    async fn commit_checkpoint(
        &self,
        request: Request<v1::CommitCheckpointRequest>,
    ) -> Answer<v1::CommitCheckpointResponse> {
        let checkpoint = request.into_inner().checkpoint.unwrap().try_into().unwrap();
        self.told.lock().unwrap().committed.push(checkpoint);
        Ok(Response::new(v1::CommitCheckpointResponse {}))
    }

    async fn heartbeat(&self, request: Request<v1::HeartbeatRequest>) -> Answer<v1::HeartbeatResponse> {
        let generation_over = self.script.ends_generation && request.into_inner().generation == 1;
        Ok(Response::new(v1::HeartbeatResponse { generation_over, finished: false }))
    }

    async fn fetch_media(&self, _: Request<v1::FetchMediaRequest>) -> Answer<Self::FetchMediaStream> {
        Err(Status::not_found("no pictures here"))
    }

    async fn lease_prompts(&self, _: Request<v1::LeasePromptsRequest>) -> Answer<v1::LeasePromptsResponse> {
        unused()
    }

    async fn submit_group(&self, _: Request<v1::SubmitGroupRequest>) -> Answer<v1::SubmitGroupResponse> {
        unused()
    }

    async fn return_lease(&self, _: Request<v1::ReturnLeaseRequest>) -> Answer<v1::ReturnLeaseResponse> {
        unused()
    }
}
