//! What surrounds an actor: a run directory with a model, a coordinator, a reward server and a publisher.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use gradus_actor::{Error, Service};
use gradus_config::RunConfig;
use gradus_model::{ComputeType, Config as ModelConfig, Policy, StoredType};
use gradus_proto::v1::{self, reward_service_server::RewardService};
use gradus_rpc::{Listener, Server, stub};
use gradus_runtime::{Shutdown, Task, spawn};
use gradus_telemetry::Metrics;
use gradus_types::{PolicyVersion, PublishedPolicy};
use gradus_weight_sync::{Publisher, Tensor};
use tempfile::TempDir;
use tonic::{Request, Response, Status};

use crate::{coordinator::Script, prompts::golden};

const RUN: &str = r#"
[run]
name = "test"
seed = 7
directory = "DIRECTORY/run"

[model]
path = "DIRECTORY/model"
compute = "f32"

[data.train]
kind = "tasks"
split = "train"
tasks = [{ task = "colour" }]

[[stages]]
name = "practise"
data = "train"
kind = "rl"
steps = 4
batch_prompts = 3
sampling = { num_completions = 3, temperature = 1.0, max_new_tokens = 6, max_prompt_tokens = 64 }
reward = { components = [{ name = "accuracy", kind = "answer", weight = 1.0 }] }
algorithm = {}
optimizer = { learning_rate = 1e-4 }

[actor]
max_groups = 4
max_completions = 9
score_timeout_seconds = 0.5
"#;

const MODEL: &str = r#"{
    "model_type": "qwen2_5_vl", "vocab_size": 576, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 512, "rms_norm_eps": 1e-6,
    "rope_theta": 1e4, "rope_scaling": {"type": "mrope", "mrope_section": [1, 1, 2]}, "tie_word_embeddings": true,
    "initializer_range": 0.15, "image_token_id": 553, "eos_token_id": 549,
    "vision_config": {
        "depth": 1, "hidden_size": 32, "intermediate_size": 40, "num_heads": 2, "patch_size": 14, "in_chans": 3,
        "spatial_merge_size": 2, "window_size": 56, "out_hidden_size": 32, "fullatt_block_indexes": [0],
        "initializer_range": 0.15
    }
}"#;

/// The surroundings. Servers end with it.
pub struct Cluster {
    pub script: Script,
    pub rewards: Rewards,
    pub shutdown: Shutdown,
    publisher: Publisher,
    config: RunConfig,
    servers: Vec<Task<()>>,
    _directory: TempDir,
}

/// A reward server that answers 1 for every completion, or is overloaded.
#[derive(Clone, Debug, Default)]
pub struct Rewards {
    pub is_overloaded: Arc<AtomicBool>,
}

// === impl Cluster ===

impl Cluster {
    /// Starts everything but the coordinator and the actor.
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        write_model(&directory.path().join("model"));
        let text = RUN.replace("DIRECTORY", &directory.path().display().to_string());
        let config = gradus_config::parse(&text, Path::new("run.toml"), &[]).expect("the run file is valid");
        let publisher = Publisher::new(config.weights_endpoint(), 2);
        let mut cluster = Self {
            script: Script::new(),
            rewards: Rewards::default(),
            shutdown: Shutdown::new(),
            publisher,
            config,
            servers: Vec::new(),
            _directory: directory,
        };
        let weights = Server::new(&Metrics::new("learner")).with(cluster.publisher.service());
        cluster.serve(cluster.config.weights_endpoint(), weights).await;
        let rewards = Server::new(&Metrics::new("reward-server")).with(stub::reward_server(cluster.rewards.clone()));
        cluster.serve(cluster.config.reward_server_endpoint(), rewards).await;
        cluster
    }

    /// Starts the coordinator.
    pub async fn start_coordinator(&mut self) {
        let server = Server::new(&Metrics::new("coordinator")).with(stub::coordinator_server(self.script.clone()));
        self.serve(self.config.coordinator_endpoint(), server).await;
    }

    /// Starts the actor.
    pub fn start_actor(&self) -> Task<Result<(), Error>> {
        let service = Service::open(self.config.clone()).expect("the model loads");
        spawn("actor", service.run(self.shutdown.clone()))
    }

    /// Publishes the policy of a seed; seed 1 is the model the actor starts with.
    pub fn publish(&self, version: u64, seed: i64) -> PublishedPolicy {
        let policy = policy(seed);
        let tensors = policy.named_bytes().map(|tensor| Tensor {
            name: tensor.name,
            shape: tensor.shape,
            bytes: tensor.bytes.into(),
        });
        self.publisher.publish(PolicyVersion(version), tensors).expect("the policy has tensors")
    }

    /// Returns the actor's model directory.
    pub fn model_directory(&self) -> PathBuf {
        self.config.model.path.clone()
    }

    /// Returns the run file.
    pub fn config(&self) -> &RunConfig {
        &self.config
    }

    /// Ends the run and waits for the actor to leave by itself.
    pub async fn finish(&self, actor: Task<Result<(), Error>>) {
        self.script.change(|state| state.is_finished = true);
        actor.await.expect("the actor does not panic").expect("the actor leaves in peace");
    }

    async fn serve(&mut self, endpoint: String, server: Server) {
        let listener = Listener::bind(&endpoint.parse().expect("an endpoint")).await.expect("a socket");
        let serve = async move { server.serve(listener, Shutdown::new()).await.expect("a server") };
        self.servers.push(spawn("server", serve));
    }
}

fn policy(seed: i64) -> Policy {
    let config = ModelConfig::from_json(MODEL).expect("the configuration above is complete");
    Policy::initialize(config, seed, tch::Device::Cpu, ComputeType::F32).expect("a small policy fits")
}

fn write_model(directory: &Path) {
    fs::create_dir_all(directory).expect("a directory");
    for file in ["tokenizer.json", "tokenizer_config.json", "preprocessor_config.json", "generation_config.json"] {
        fs::copy(golden().join("model").join(file), directory.join(file)).expect("the file is in the repository");
    }
    policy(1).save(directory, StoredType::F32).expect("the model is written");
}

#[tonic::async_trait]
impl RewardService for Rewards {
    type ScoreGroupsStream = tokio_stream::Empty<Result<v1::ScoreGroupsResponse, Status>>;

    async fn score_groups(
        &self,
        _: Request<tonic::Streaming<v1::ScoreGroupRequest>>,
    ) -> Result<Response<Self::ScoreGroupsStream>, Status> {
        Err(Status::unimplemented("an actor scores group by group"))
    }

    async fn score_group(
        &self,
        request: Request<v1::ScoreGroupRequest>,
    ) -> Result<Response<v1::ScoreGroupResponse>, Status> {
        if self.is_overloaded.load(Ordering::Relaxed) {
            return Err(Status::resource_exhausted("the queue is full"));
        }
        let request = request.into_inner();
        assert!(request.reward_spec.contains("\"gold\":\"4\""), "{}", request.reward_spec);
        let scored = v1::reward::Outcome::Scored(v1::reward::Scored { total: 1.0, components: Vec::new() });
        let rewards = vec![v1::Reward { outcome: Some(scored) }; request.completions.len()];
        Ok(Response::new(v1::ScoreGroupResponse { rewards }))
    }
}
