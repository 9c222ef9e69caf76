//! The sections of the services: where they listen, how much they hold, how long they wait.

use std::path::PathBuf;

use gradus_types::RewardComponent;
use serde::{Deserialize, Serialize};

use crate::{CustomScorer, RewardSection};

/// The coordinator service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Coordinator {
    /// The gRPC endpoint: `host:port`, or `unix:PATH`; by default a socket in the run directory.
    pub endpoint: Option<String>,
    /// The HTTP status API: `host:port`.
    pub http: String,
    /// The time an actor has for a leased group before it is lent again, in seconds.
    pub lease_seconds: f64,
    /// How often a lending of a prompt may run out, or its group remain without any reward, before the prompt is set aside and
    /// counted. Ten times as often an actor may die with it.
    pub max_lease_attempts: u32,
    /// A member that has not been heard of for so long is gone, in seconds.
    pub heartbeat_timeout_seconds: f64,
}

impl Default for Coordinator {
    fn default() -> Self {
        Self {
            endpoint: None,
            http: "127.0.0.1:7600".to_owned(),
            lease_seconds: 120.0,
            max_lease_attempts: 5,
            heartbeat_timeout_seconds: 15.0,
        }
    }
}

/// The rollout actors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Actor {
    /// Actor processes that a local cluster starts.
    pub num_processes: u32,
    /// This process's name among the actors.
    pub name: String,
    /// The device: `cpu` or `cuda:N`.
    pub device: String,
    /// CPU threads of the engine's tensor operations.
    pub threads: u32,
    /// Groups an actor holds at a time.
    pub max_groups: u32,
    /// Completions that are decoded at a time.
    pub max_completions: u32,
    /// Bytes of keys and values the cache may hold: at least the longest prompt with one completion of full length.
    pub cache_bytes: u64,
    /// Bytes of preprocessed pictures that are kept.
    pub media_cache_bytes: u64,
    /// The longest wait for the reward of a group, retries included, in seconds.
    pub score_timeout_seconds: f64,
    /// The HTTP endpoint of the process's metrics: `host:port`, with port 0 for any; absent serves none.
    pub http: Option<String>,
}

impl Default for Actor {
    fn default() -> Self {
        Self {
            num_processes: 1,
            name: "actor-0".to_owned(),
            device: "cpu".to_owned(),
            threads: 1,
            max_groups: 32,
            max_completions: 256,
            cache_bytes: 2 << 30,
            media_cache_bytes: 1 << 30,
            score_timeout_seconds: 60.0,
            http: None,
        }
    }
}

/// The reward server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RewardServer {
    /// The gRPC endpoint: `host:port`, or `unix:PATH`; by default a socket in the run directory.
    pub endpoint: Option<String>,
    /// The HTTP endpoint for other frameworks: `host:port`; absent serves gRPC alone.
    pub http: Option<String>,
    /// Threads that score.
    pub threads: u32,
    /// Groups in the server beyond which it answers that it is overloaded.
    pub max_queued_groups: u32,
    /// Bytes of text in the server beyond which it answers that it is overloaded.
    pub max_queued_bytes: u64,
    /// Bytes of the largest gRPC message that is read; HTTP bodies are counted in `max_queued_bytes` while they arrive.
    pub max_message_bytes: u64,
    /// Groups of one stream that are in the server, or wait to be read, at a time; then it reads no further.
    pub max_stream_groups: u32,
    /// The longest time one completion may take, in seconds.
    pub sample_timeout_seconds: f64,
    /// The longest time a group may take, waiting included, in seconds.
    pub group_timeout_seconds: f64,
    /// Bytes of compiled rewards that are kept.
    pub plan_cache_bytes: u64,
    /// The reward of requests that bring no components.
    pub reward: RewardSection,
    /// What `/get_reward` answers for a completion that could not be scored.
    pub unscored_value: f64,
    /// Scorers that users bring.
    pub scorers: Vec<CustomScorer>,
}

impl Default for RewardServer {
    fn default() -> Self {
        Self {
            endpoint: None,
            http: None,
            threads: 1,
            max_queued_groups: 1_024,
            max_queued_bytes: 256 << 20,
            max_message_bytes: 16 << 20,
            max_stream_groups: 64,
            sample_timeout_seconds: 5.0,
            group_timeout_seconds: 30.0,
            plan_cache_bytes: 64 << 20,
            reward: default_reward(),
            unscored_value: 0.0,
            scorers: Vec::new(),
        }
    }
}

/// The reward of LMM-R1, whose contract most requests without components follow.
fn default_reward() -> RewardSection {
    let component = |kind: &str, name: &str, weight, parameters: &[(&str, &str)]| RewardComponent {
        name: name.to_owned(),
        kind: kind.to_owned(),
        weight,
        parameters: parameters.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect(),
    };
    RewardSection {
        components: vec![
            component("answer", "accuracy", 1.0, &[]),
            component("format", "format", 0.5, &[("template", "think_answer_strict")]),
        ],
    }
}

/// The learner ranks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Learner {
    /// Learner processes of the run.
    pub world_size: u32,
    /// This process's rank.
    pub rank: u32,
    /// The device: `cpu` or `cuda:N`.
    pub device: String,
    /// CPU threads of each rank's tensor operations.
    pub threads: u32,
    /// The address of the collectives' rendezvous and of gradients on CPU: a host name or address of this machine.
    pub collective_host: String,
    /// The longest time a collective may take, in seconds.
    pub collective_timeout_seconds: f64,
    /// Bytes of one bucket of gradients.
    pub bucket_bytes: u64,
    /// The gRPC endpoint that rank 0 publishes weights on; by default a socket in the run directory.
    pub weights_endpoint: Option<String>,
    /// Checkpoints that are kept beside those of stage ends.
    pub keep_checkpoints: u32,
    /// The HTTP endpoint of the process's metrics: `host:port`, with port 0 for any; absent serves none.
    pub http: Option<String>,
}

impl Default for Learner {
    fn default() -> Self {
        Self {
            world_size: 1,
            rank: 0,
            device: "cpu".to_owned(),
            threads: 1,
            collective_host: "127.0.0.1".to_owned(),
            collective_timeout_seconds: 60.0,
            bucket_bytes: 4 << 20,
            weights_endpoint: None,
            keep_checkpoints: 2,
            http: None,
        }
    }
}

/// Held-out measurements: at stage starts and ends, and every so many steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// The prompt sets, names of `[data]`.
    pub data: Vec<String>,
    /// Prompts of each set.
    pub num_prompts: u32,
    /// Steps between measurements within a stage; 0 measures at its start and end alone.
    #[serde(default)]
    pub interval_steps: u64,
    /// Divides the logits; 0 takes the most likely token.
    #[serde(default)]
    pub temperature: f64,
    /// Completions per prompt.
    #[serde(default = "default_completions")]
    pub num_completions: u32,
    /// The longest completion, in tokens.
    pub max_new_tokens: u32,
    /// The longest prompt, in tokens, pictures included.
    pub max_prompt_tokens: u32,
    /// How completions are scored; accuracy is the mean of the component named `accuracy`.
    pub reward: RewardSection,
}

const fn default_completions() -> u32 {
    1
}

/// Logs, traces and metrics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Telemetry {
    /// The log filter, in the form of `RUST_LOG`.
    pub log: String,
    /// Where logs go besides standard error; by default a file per process in the run directory.
    pub log_directory: Option<PathBuf>,
    /// An OTLP gRPC endpoint that receives traces; absent sends none.
    pub otlp_endpoint: Option<String>,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { log: "info".to_owned(), log_directory: None, otlp_endpoint: None }
    }
}
