//! The coordinator, as a learner rank calls it: domain types in and out, a deadline for every call, and patience for a
//! coordinator that is being restarted.

use std::{sync::Arc, time::Duration};

use tonic::{Request, Status};

use gradus_proto::v1::{self, coordinator_client::CoordinatorClient};
use gradus_rpc::{
    CallError, Channel, ClientConfig, Code, Endpoint, MediaClient, RetryPolicy, collect, connect_with, idempotent,
    retry, stub,
};
use gradus_types::{Checkpoint, Group, GroupId, MediaHash, PublishedPolicy, Rank, Scalar, Step, Work};

use crate::Error;

/// How long a call waits for the coordinator to come back, its own waiting not counted.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long the coordinator may hold a call that waits for something to happen.
const LONG_POLL: Duration = Duration::from_secs(5);
/// How long a heartbeat may take: the next one says the same.
const HEARTBEAT_DEADLINE: Duration = Duration::from_secs(2);
/// Bytes of encoded pictures that are remembered: some 40 of 6 MB, or tens of thousands of rendered ones. The processor remembers
/// decoded and resized ones of its own.
const PICTURE_BYTES: u64 = 256 << 20;

/// A connection to the coordinator. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    inner: CoordinatorClient<Channel>,
    retry: RetryPolicy,
    media: MediaClient,
    incarnation: Arc<str>,
}

/// What a rank says to join its world.
#[derive(Clone, Debug)]
pub struct JoinRequest {
    /// The rank.
    pub rank: Rank,
    /// The ranks there should be.
    pub world_size: u32,
    /// Names this process.
    pub incarnation: String,
    /// Where rank 0 holds the rendezvous store; empty for the others.
    pub store_endpoint: String,
}

/// What a rank that joins is told.
#[derive(Clone, Debug)]
pub struct Joined {
    /// Whether the whole world has joined.
    pub is_complete: bool,
    /// The generation.
    pub generation: u64,
    /// Where rank 0 holds the rendezvous store.
    pub store_endpoint: String,
    /// The checkpoint to start from.
    pub checkpoint: Option<Checkpoint>,
}

/// How far a rank has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// The rank.
    pub rank: Rank,
    /// Its generation.
    pub generation: u64,
    /// The last step whose update it has applied.
    pub completed_step: Step,
    /// The last step it has taken part in a checkpoint of.
    pub checkpointed_step: Step,
}

/// What a heartbeat is answered.
#[derive(Clone, Copy, Debug)]
pub struct Pulse {
    /// Whether the learner's generation is over.
    pub is_generation_over: bool,
    /// Whether the run is over.
    pub is_finished: bool,
}

// === impl Client ===

impl Client {
    /// Makes a client of this process. Nothing is dialled yet.
    #[must_use]
    pub fn new(endpoint: &Endpoint) -> Self {
        let retry = RetryPolicy { max_attempts: 1_000, ..RetryPolicy::default() };
        let config = ClientConfig { deadline: PATIENCE, retry: retry.clone(), ..ClientConfig::default() };
        let incarnation = Arc::from(gradus_process::incarnation());
        let inner = stub::coordinator(connect_with(endpoint, &config));
        let media = MediaClient::new(inner.clone(), retry.clone(), PICTURE_BYTES);
        Self { inner, retry, media, incarnation }
    }

    /// Names this process among all that ever held its rank.
    #[must_use]
    pub fn incarnation(&self) -> &str {
        &self.incarnation
    }

    /// Joins the world of a generation, waiting a while for it to be complete.
    pub async fn join(&self, request: &JoinRequest) -> Result<Joined, Error> {
        let message = v1::JoinWorldRequest {
            rank: request.rank.0,
            world_size: request.world_size,
            incarnation: request.incarnation.clone(),
            store_endpoint: request.store_endpoint.clone(),
            wait_millis: millis(LONG_POLL),
        };
        let joined = self.inner.clone().join_world(long(message)).await.map_err(failed("join the learner world"))?;
        let joined = joined.into_inner();
        Ok(Joined {
            is_complete: joined.complete,
            generation: joined.generation,
            store_endpoint: joined.store_endpoint,
            checkpoint: joined.checkpoint.map(Checkpoint::try_from).transpose()?,
        })
    }

    /// Asks what to do next, waiting a while for something.
    pub async fn next_work(&self, progress: &Progress) -> Result<Work, Error> {
        let message = v1::NextWorkRequest {
            rank: progress.rank.0,
            generation: progress.generation,
            completed_step: progress.completed_step.0,
            checkpointed_step: progress.checkpointed_step.0,
            wait_millis: millis(LONG_POLL),
        };
        let work = self.inner.clone().next_work(long(message)).await.map_err(failed("ask for work"))?;
        Ok(Work::try_from(work.into_inner())?)
    }

    /// Fetches the payload of groups.
    pub async fn groups(&self, progress: &Progress, ids: &[GroupId]) -> Result<Vec<Group>, Error> {
        let message = v1::FetchGroupsRequest {
            rank: progress.rank.0,
            generation: progress.generation,
            group_ids: ids.iter().map(|id| id.0).collect(),
        };
        let fetch = || async {
            let stream = self.inner.clone().fetch_groups(idempotent(message.clone())).await?.into_inner();
            collect(stream, PATIENCE).await
        };
        let answers = retry(&self.retry, fetch).await.map_err(called("fetch groups"))?;
        let missing = || Status::internal("an answer without a group");
        let groups = answers.into_iter().map(|answer| {
            let group = answer.group.ok_or_else(missing).map_err(failed("fetch groups"))?;
            Ok(Group::try_from(group)?)
        });
        groups.collect()
    }

    /// Returns the encoded bytes of a picture; nothing where the coordinator cannot have them.
    pub async fn picture(&self, hash: MediaHash) -> Result<Option<Arc<[u8]>>, Error> {
        match self.media.get(hash).await {
            Ok(encoded) => Ok(Some(encoded)),
            Err(error) if matches!(error.code, Code::NotFound | Code::DataLoss) => Ok(None),
            Err(error) => Err(called("fetch a picture")(error)),
        }
    }

    /// Announces the policy that actors shall sample from.
    pub async fn announce(&self, generation: u64, policy: PublishedPolicy) -> Result<(), Error> {
        let message = v1::AnnouncePolicyRequest { generation, policy: Some(policy.into()) };
        self.inner.clone().announce_policy(idempotent(message)).await.map_err(failed("announce the policy"))?;
        Ok(())
    }

    /// Reports a finished step.
    pub async fn complete_step(
        &self,
        progress: &Progress,
        scalars: Vec<Scalar>,
        policy: PublishedPolicy,
    ) -> Result<(), Error> {
        let message = v1::CompleteStepRequest {
            generation: progress.generation,
            step: progress.completed_step.0,
            scalars: scalars.into_iter().map(Into::into).collect(),
            policy: Some(policy.into()),
        };
        self.inner.clone().complete_step(idempotent(message)).await.map_err(failed("report a finished step"))?;
        Ok(())
    }

    /// Reports a checkpoint that is on disk.
    pub async fn commit_checkpoint(&self, generation: u64, checkpoint: Checkpoint) -> Result<(), Error> {
        let message = v1::CommitCheckpointRequest { generation, checkpoint: Some(checkpoint.into()) };
        self.inner.clone().commit_checkpoint(idempotent(message)).await.map_err(failed("commit a checkpoint"))?;
        Ok(())
    }

    /// Says that this rank is alive and what it is doing. A generation of 0 is none yet.
    pub async fn heartbeat(&self, rank: Rank, generation: u64, phase: &str) -> Result<Pulse, Error> {
        let message = v1::HeartbeatRequest {
            member: format!("learner-{rank}"),
            phase: phase.to_owned(),
            generation,
            pid: std::process::id(),
            incarnation: self.incarnation.to_string(),
        };
        let mut request = Request::new(message);
        request.set_timeout(HEARTBEAT_DEADLINE);
        let answer = self.inner.clone().heartbeat(request).await.map_err(failed("send a heartbeat"))?.into_inner();
        Ok(Pulse { is_generation_over: answer.generation_over, is_finished: answer.finished })
    }
}

/// Makes a request that the coordinator may hold for a while.
fn long<T>(message: T) -> Request<T> {
    let mut request = idempotent(message);
    request.set_timeout(LONG_POLL + PATIENCE);
    request
}

fn failed(attempt: &'static str) -> impl Fn(Status) -> Error {
    move |status| called(attempt)(status.into())
}

fn called(attempt: &'static str) -> impl Fn(CallError) -> Error {
    move |source| Error::Call { attempt, source }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
