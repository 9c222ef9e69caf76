//! The rollout actor: samples groups of completions from the current policy and has them scored.
//!
//! [`Service`] is the process: it leases prompts from the coordinator, keeps to the announced policy, and hands scored groups
//! back. [`engine`] completes prompts, many groups at a time; [`sampling`] draws its tokens. The engine is also how the
//! `gradus` command generates without a cluster:
//!
//! ```no_run
//! use gradus_actor::engine::{self, Config, GroupRequest, Limits};
//! use gradus_model::{ComputeType, Policy, Prompt};
//! use gradus_types::{PolicyVersion, SamplingParameters};
//!
//! # async fn example(sampling: SamplingParameters) -> Result<(), Box<dyn std::error::Error>> {
//! let policy = Policy::load("checkpoint".as_ref(), tch::Device::Cpu, ComputeType::F32)?;
//! let limits = Limits { max_groups: 32, max_completions: 256, cache_bytes: 2 << 30 };
//! let config = Config { limits, stop_token_ids: vec![2], num_threads: 1, policy_version: PolicyVersion(0) };
//! let engine = engine::start(policy, config)?;
//! let prompt = Prompt { token_ids: vec![5, 6, 7], media: Vec::new() };
//! let completions = engine.generate(GroupRequest { prompt, sampling, seed: 1 }).await?;
//! assert!(completions[0].logprobs.iter().all(|logprob| *logprob <= 0.0));
//! # Ok(())
//! # }
//! ```

mod error;
mod service;

mod coordinator;
mod follower;
mod intake;
mod metrics;
mod model_files;
mod rollout;
mod scoring;

pub mod engine;
pub mod sampling;

pub use error::Error;
pub use service::Service;
