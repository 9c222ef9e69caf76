//! The reward server: texts and a reward spec in, rewards out, over gRPC and HTTP.
//!
//! ```text
//! ScoreGroup / POST /v1/score ──► Scorer: admission ─► plan cache ─► CPU pool, a piece of work per sample ─► rewards in order
//! ```
//!
//! | who | waits for | unblocked by |
//! |---|---|---|
//! | a call | its samples | the pool; each sample's deadline |
//! | a sample | a place in the pool | another sample being done |
//! | a call too many | nothing | – (it is answered `RESOURCE_EXHAUSTED`) |
//!
//! It keeps no state but a cache of compiled plans, calls nobody, and links no libtorch. Whatever happens to one sample stays
//! with it: a panic or an overrun makes that sample unscored and leaves its group as it is. [`Service`] is what the binary runs,
//! [`Scorer`] what the two faces call.
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

mod error;
mod grpc;
mod http;
mod metrics;
mod plan_cache;
mod scorer;
mod service;

pub use error::{Error, ScoreError};
pub use http::router;
pub use scorer::{GroupToScore, SampleText, Scorer};
pub use service::Service;
