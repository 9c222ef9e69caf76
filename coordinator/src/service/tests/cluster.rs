//! A cluster in one process: the real service, and callers that answer at once with what a policy might.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use gradus_proto::v1::{self, coordinator_client::CoordinatorClient};
use gradus_rpc::{CallError, Channel, Endpoint, connect, stub};
use gradus_runtime::{Shutdown, Task, spawn};
use gradus_types::{
    Checkpoint, Completion, ComponentScore, FinishReason, Group, GroupId, Lease, MediaHash, PolicyDigest,
    PolicyVersion, PublishedPolicy, Rank, Reward, Sample, Scalar, Step, Work,
};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{Clock, Error, Service, fixture, machine::Timestamp};

/// What every step was given.
pub(super) type Batches = BTreeMap<Step, Work>;

/// Time to wait for what others bring about, in milliseconds; nothing waits so long in a test that passes.
const WAIT_MILLIS: u64 = 20_000;

pub(super) struct Cluster {
    directory: TempDir,
    now: Arc<AtomicU64>,
    shutdown: Shutdown,
    service: Option<Task<Result<(), Error>>>,
    pub client: CoordinatorClient<Channel>,
    num_incarnations: AtomicU64,
}

impl Cluster {
    pub(super) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = fixture::run_config(directory.path());
        let endpoint: Endpoint = config.coordinator_endpoint().parse().unwrap();
        let mut cluster = Self {
            directory,
            now: Arc::new(AtomicU64::new(1_000_000)),
            shutdown: Shutdown::new(),
            service: None,
            client: stub::coordinator(connect(&endpoint)),
            num_incarnations: AtomicU64::new(0),
        };
        cluster.launch().await;
        cluster
    }

    pub(super) async fn launch(&mut self) {
        let config = fixture::run_config(self.directory.path());
        let now = Arc::clone(&self.now);
        let clock = Clock::new(move || Timestamp(now.load(Ordering::SeqCst)));
        let prompts = fixture::prompts(&config);
        let service = Service::new(config, prompts, clock);
        self.shutdown = Shutdown::new();
        self.service = Some(spawn("service", service.run(self.shutdown.clone())));
        let address = self.directory.path().join("http-address");
        // What an earlier service wrote there is replaced once this one listens.
        let _ = std::fs::remove_file(&address);
        while !address.exists() {
            tokio::task::yield_now().await;
            assert!(!self.service.as_ref().unwrap().is_finished(), "{:?}", self.service.take().unwrap().await);
        }
    }

    /// Drops the service as a kill would, with whatever it was doing, and starts another one.
    pub(super) async fn crash(&mut self) {
        self.shutdown.trigger();
        drop(self.service.take());
        // The bookkeeper's thread holds the claim on the directory until it has noticed.
        let config = fixture::run_config(self.directory.path());
        while matches!(crate::store::RunDirectory::claim(&config), Err(Error::Locked { .. })) {
            tokio::task::yield_now().await;
        }
        self.launch().await;
    }

    pub(super) async fn end(&mut self) {
        self.shutdown.trigger();
        self.ended().await;
    }

    pub(super) async fn ended(&mut self) {
        self.service.take().unwrap().await.unwrap().unwrap();
    }

    pub(super) fn directory(&self) -> PathBuf {
        self.directory.path().to_owned()
    }

    pub(super) fn pass_lease_time(&self) {
        self.now.fetch_add(121_000, Ordering::SeqCst);
    }

    /// Leases prompts, and waits for the first one. A policy that is news to the actor is answered without any.
    pub(super) async fn lease(&self, actor: &str, max_groups: u32) -> Vec<Lease> {
        for _ in 0..3 {
            let leases = self.ask_lease(actor, max_groups, WAIT_MILLIS).await;
            if !leases.is_empty() {
                return leases;
            }
        }
        panic!("nothing is lent to `{actor}`")
    }

    /// Leases what was lent to actors that are gone; the ticker has to notice first.
    pub(super) async fn lease_expired(&self, actor: &str, num_groups: u32) -> Vec<Lease> {
        let mut leases: Vec<Lease> = Vec::new();
        while leases.len() < num_groups as usize {
            leases.extend(self.lease(actor, num_groups - leases.len() as u32).await);
        }
        leases.sort_by_key(|lease| lease.group_id);
        leases
    }

    /// Leases what there is now.
    pub(super) async fn lease_now(&self, actor: &str, max_groups: u32) -> Vec<Lease> {
        self.ask_lease(actor, max_groups, 0).await
    }

    async fn ask_lease(&self, actor: &str, max_groups: u32, wait_millis: u64) -> Vec<Lease> {
        self.lease_as(actor, "the only one", max_groups, wait_millis).await.unwrap()
    }

    /// Leases as a certain process of an actor's name.
    pub(super) async fn lease_as(
        &self,
        actor: &str,
        incarnation: &str,
        max_groups: u32,
        wait_millis: u64,
    ) -> Result<Vec<Lease>, CallError> {
        let (actor, incarnation) = (actor.to_owned(), incarnation.to_owned());
        let request = v1::LeasePromptsRequest { actor, max_groups, held_policy_version: 0, wait_millis, incarnation };
        let response = self.client.clone().lease_prompts(request).await?.into_inner();
        Ok(response.leases.into_iter().map(|lease| lease.try_into().unwrap()).collect())
    }

    pub(super) async fn submit(&self, actor: &str, lease: &Lease) -> Result<v1::Admission, CallError> {
        let request = v1::SubmitGroupRequest { group: Some(answer(actor, lease).into()) };
        let response = self.client.clone().submit_group(request).await?.into_inner();
        Ok(response.admission())
    }

    /// Answers everything there is to answer now.
    pub(super) async fn work_off(&self, actor: &str) {
        loop {
            let leases = self.lease_now(actor, 4).await;
            if leases.is_empty() {
                return;
            }
            for lease in leases {
                self.submit(actor, &lease).await.unwrap();
            }
        }
    }

    pub(super) async fn heartbeat(&self, member: &str, generation: u64) -> v1::HeartbeatResponse {
        let request = v1::HeartbeatRequest {
            member: member.to_owned(),
            phase: "resting".to_owned(),
            generation,
            pid: 1,
            incarnation: "the only one".to_owned(),
        };
        self.client.clone().heartbeat(request).await.unwrap().into_inner()
    }

    pub(super) async fn fetch_media(&self, hash: MediaHash) -> Result<Vec<u8>, CallError> {
        let request = v1::FetchMediaRequest { hash: hash.as_bytes().to_vec().into() };
        let mut stream = self.client.clone().fetch_media(request).await?.into_inner();
        let mut encoded = Vec::new();
        while let Some(response) = stream.message().await? {
            encoded.extend(response.chunk);
        }
        Ok(encoded)
    }

    pub(super) async fn fetch_groups(&self, generation: u64, ids: &[GroupId]) -> Result<Vec<Group>, CallError> {
        let group_ids = ids.iter().map(|id| id.0).collect();
        let request = v1::FetchGroupsRequest { rank: 1, generation, group_ids };
        let mut stream = self.client.clone().fetch_groups(request).await?.into_inner();
        let mut groups = Vec::new();
        while let Some(response) = stream.message().await? {
            groups.push(response.group.unwrap().try_into().unwrap());
        }
        Ok(groups)
    }

    /// Trains until a step is complete, and commits its checkpoint if one is due.
    pub(super) async fn train(&mut self, learner: &mut Learner, last: Step) -> Batches {
        let mut batches = Batches::new();
        while learner.completed < last {
            self.advance(learner, &mut batches).await;
        }
        if matches!(learner.next(self, Rank(0)).await, Ok(Work::Checkpoint { .. })) {
            self.advance(learner, &mut batches).await;
        }
        self.evaluate().await;
        batches
    }

    /// Trains to the end of the run.
    pub(super) async fn train_on(&mut self, learner: &mut Learner) -> Batches {
        let mut batches = Batches::new();
        while self.advance(learner, &mut batches).await {}
        batches
    }

    pub(super) async fn train_to_the_end(&mut self) -> Batches {
        let mut learner = Learner::join_all(self).await;
        self.train_on(&mut learner).await
    }

    /// Takes the next piece of work; tells whether there was any.
    async fn advance(&self, learner: &mut Learner, batches: &mut Batches) -> bool {
        self.work_off("actor-0").await;
        let work = learner.next(self, Rank(0)).await.unwrap();
        assert_eq!(learner.next(self, Rank(1)).await.unwrap(), work, "ranks were told different things");
        match &work {
            Work::Rollouts(_) | Work::Examples(_) => {
                let step = learner.completed.next();
                batches.insert(step, work);
                self.complete(learner, step).await;
            }
            Work::Checkpoint { step, stage, ends_stage } => {
                let path = format!("checkpoints/{step}").into();
                let (step, stage, ends_stage) = (*step, *stage, *ends_stage);
                let digest = policy(step).digest;
                learner.commit(self, Checkpoint { step, stage, ends_stage, path, digest }).await;
            }
            Work::Wait => {}
            Work::Finished => return false,
        }
        true
    }

    /// Answers the evaluation under way, and nothing else.
    async fn evaluate(&self) {
        while self.report().await["evaluation"].is_object() {
            for lease in self.lease_now("actor-0", 1).await {
                self.submit("actor-0", &lease).await.unwrap();
            }
        }
    }

    pub(super) async fn complete(&self, learner: &mut Learner, step: Step) {
        if learner.completed < step {
            let _ = learner.next(self, Rank(0)).await.unwrap();
        }
        let request = v1::CompleteStepRequest {
            generation: learner.generation,
            step: step.0,
            scalars: vec![Scalar::new("loss/total", step.0 as f64).into()],
            policy: Some(policy(step).into()),
        };
        self.client.clone().complete_step(request).await.unwrap();
        learner.completed = step;
    }

    pub(super) async fn report(&self) -> serde_json::Value {
        serde_json::from_str(&self.get("api/v1/run").await).unwrap()
    }

    pub(super) async fn get(&self, path: &str) -> String {
        self.http("GET", path).await
    }

    pub(super) async fn post(&self, path: &str) -> String {
        self.http("POST", &format!("api/v1/{path}")).await
    }

    async fn http(&self, method: &str, path: &str) -> String {
        let address = std::fs::read_to_string(self.directory.path().join("http-address")).unwrap();
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        let request = format!("{method} /{path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{response}");
        body.to_owned()
    }
}

/// The ranks of a learner world, in lockstep.
pub(super) struct Learner {
    pub generation: u64,
    pub completed: Step,
    checkpointed: Step,
}

impl Learner {
    /// Starts a process for every rank, and announces the policy they start from.
    pub(super) async fn join_all(cluster: &Cluster) -> Self {
        let number = cluster.num_incarnations.fetch_add(1, Ordering::SeqCst);
        let join = |rank: u32| v1::JoinWorldRequest {
            rank,
            world_size: 2,
            incarnation: format!("process-{number}"),
            store_endpoint: "host:1".to_owned(),
            wait_millis: WAIT_MILLIS,
        };
        let (mut first, mut second) = (cluster.client.clone(), cluster.client.clone());
        let (first, second) = tokio::join!(first.join_world(join(0)), second.join_world(join(1)));
        let (first, second) = (first.unwrap().into_inner(), second.unwrap().into_inner());
        assert!(first.complete && first == second, "{first:?} {second:?}");
        let step = Step(first.checkpoint.map_or(0, |checkpoint| checkpoint.step));
        let request = v1::AnnouncePolicyRequest { generation: first.generation, policy: Some(policy(step).into()) };
        cluster.client.clone().announce_policy(request).await.unwrap();
        Self { generation: first.generation, completed: step, checkpointed: step }
    }

    pub(super) async fn next(&self, cluster: &Cluster, rank: Rank) -> Result<Work, CallError> {
        let request = v1::NextWorkRequest {
            rank: rank.0,
            generation: self.generation,
            completed_step: self.completed.0,
            checkpointed_step: self.checkpointed.0,
            wait_millis: 0,
        };
        let response = cluster.client.clone().next_work(request).await?.into_inner();
        Ok(response.try_into().unwrap())
    }

    pub(super) async fn commit(&mut self, cluster: &Cluster, checkpoint: Checkpoint) {
        self.checkpointed = checkpoint.step;
        let request = v1::CommitCheckpointRequest { generation: self.generation, checkpoint: Some(checkpoint.into()) };
        cluster.client.clone().commit_checkpoint(request).await.unwrap();
    }
}

fn policy(step: Step) -> PublishedPolicy {
    PublishedPolicy {
        version: PolicyVersion(step.0),
        weights_endpoint: "host:2".to_owned(),
        digest: PolicyDigest([step.0 as u8; 32]),
    }
}

/// Answers a lease: even prompts are right, odd ones are wrong.
fn answer(actor: &str, lease: &Lease) -> Group {
    let value = f64::from(u8::from(lease.group_id.draw().is_multiple_of(2)));
    let completion = Completion {
        token_ids: vec![1, 2, 3],
        logprobs: vec![-0.5; 3],
        text: "<answer>1</answer>".to_owned(),
        finish_reason: FinishReason::Stop,
        min_policy_version: lease.min_policy_version,
        max_policy_version: lease.min_policy_version,
    };
    let components = vec![ComponentScore { name: "accuracy".to_owned(), value }];
    let sample = Sample { completion, reward: Reward::Scored { total: value, components } };
    Group {
        id: lease.group_id,
        prompt: lease.prompt.clone(),
        prompt_token_ids: vec![7; 5],
        samples: vec![sample; lease.sampling.num_completions as usize],
        actor: actor.to_owned(),
    }
}
