//! The policies of Gradus in libtorch: Qwen2.5-VL and its text-only relatives Qwen2 and Qwen2.5.
//!
//! [`Policy`] is the principal type. The learner loads one, scores [`PackedBatch`]es with it (forward and backward, each
//! group's prompt computed once) and saves it; the actor loads the same type, prefills prompts into [`GroupCache`]s and
//! decodes many groups at a time. Both run the same layers, so that rollout and training log-probabilities agree.
//!
//! ```no_run,standalone_crate
//! use gradus_model::{ComputeType, PackedBatch, PackedGroup, Policy, Prompt, ScoreOptions};
//!
//! # fn main() -> Result<(), gradus_model::Error> {
//! let policy = Policy::load("checkpoint".as_ref(), tch::Device::Cpu, ComputeType::F32)?;
//! let prompt = Prompt { token_ids: vec![1, 2, 3], media: Vec::new() };
//! let groups = [PackedGroup { prompt: &prompt, suffixes: vec![&[4, 5], &[6]] }];
//! let batch = PackedBatch::new(&groups, policy.config(), policy.device())?;
//! let scores = policy.score(&batch, ScoreOptions::default())?;
//! assert_eq!(scores.logprobs.size(), [3]);
//! # Ok(())
//! # }
//! ```

mod config;
mod device;
mod error;

mod inventory;
mod weight_names;

mod parameters;

mod checkpoint;
mod initialize;

mod attention;
mod feed_forward;
mod rotary;
mod weights;

mod decoder;
mod vision;

mod network;

mod positions;
mod prompt;

mod cache;
mod packed;
mod rollout;
mod score;

mod policy;

pub use cache::GroupCache;
pub use checkpoint::write_tensors;
pub use config::{Config, TextConfig, VisionConfig};
pub use device::{ComputeType, parse_device};
pub use error::{Error, Misshapen};
pub use packed::{PackedBatch, PackedGroup};
pub use policy::{FreezeReport, NamedBytes, Parameter, Policy, StoredType};
pub use prompt::{MediaInput, Prompt, PromptFault};
pub use score::{ScoreOptions, Scores};
