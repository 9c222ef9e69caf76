//! The reward server: texts and a reward spec in, rewards out, over gRPC and HTTP.
//!
//! ```text
//! ScoreGroup, ScoreGroups ─┐                                       ┌─► CPU pool: a job for the group, a deadline for each sample ─┐
//!                          ├─► Scorer: admission ─► compiled reward ┤                                                             ├─► rewards
//! POST /v1/… /get_reward ──┘                                       └─► custom scorers: services, workers, components ─────────────┘
//! ```
//!
//! | who | waits for | unblocked by |
//! |---|---|---|
//! | a call | its samples | the pool; each sample's deadline; the group's deadline |
//! | a call too many | nothing | – (it is answered `RESOURCE_EXHAUSTED`) |
//! | a stream | a place in the server | another group being done |
//! | a sample of a custom scorer | a worker, a thread or a call | another sample being done; the group's deadline |
//!
//! It keeps no state but a cache of compiled rewards, calls nobody but the services that custom scorers name, and links no libtorch. Whatever
//! happens to one sample stays with it: a panic, an overrun or a crashed worker makes that sample unscored and leaves its group as it
//! is. [`Service`] is what the binary runs, [`Scorer`] what the faces call, and [`sandbox`] what keeps Python workers in.
//!
//! ```
//! use gradus_config::RewardServer;
//! use gradus_reward_server::{GroupToScore, SampleText, Scorer};
//! use gradus_telemetry::Metrics;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let scorer = Scorer::new(&RewardServer::default(), &Metrics::new("reward-server"))?;
//! let spec = r#"{"gold": "4", "components": [{"name": "accuracy", "kind": "answer", "weight": 1.0}]}"#;
//! let samples = vec![SampleText::new("It is \\boxed{4}"), SampleText::new("It is \\boxed{5}")];
//! let group = GroupToScore { spec: spec.to_owned(), prefill: String::new(), samples };
//! let rewards = scorer.score(group).await?;
//! assert_eq!(rewards.iter().map(|reward| reward.total()).collect::<Vec<_>>(), [Some(1.0), Some(0.0)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod admission;
mod batch;
mod custom;
mod error;
mod failure_log;
mod group;
mod grpc;
mod http;
mod metrics;
mod plan_cache;
mod reward;
pub mod sandbox;
mod scorer;
mod service;

pub use custom::Fault as ScorerFault;
pub use error::{Error, ScoreError};
pub use group::{GroupToScore, SampleText};
pub use http::router;
pub use scorer::Scorer;
pub use service::Service;
