//! The run file: one TOML file describes a run for all services.
//!
//! [`load`] reads a file, applies `--set key=value` and resolves it to a [`RunConfig`], or reports everything that is
//! wrong with it at once. Every service calls it through [`Arguments`]; `gradus check` needs nothing else.
//!
//! ```
//! let faulty = "[run]\nname = \"trial\"\nsed = 7\n";
//! let error = gradus_config::parse(faulty, "trial.toml".as_ref(), &[]).unwrap_err();
//! assert!(error.to_string().contains("did you mean `seed`?"));
//! ```

mod algorithm;
mod data;
mod model;
mod run;
mod scorer;
mod service;
mod stage;

mod arguments;
mod fault;
mod identity;
mod load;
mod overlay;
mod place;
mod resolve;
mod section;
mod validate;
mod written;

#[cfg(test)]
mod tests;

pub use algorithm::{Advantage, Aggregation, Algorithm, Optimizer, Pad, Schedule};
pub use arguments::Arguments;
pub use data::{AnswerStyle, Columns, Data, DataSource, FileSource, PromptFormat, Split, TaskShare, TaskSource};
pub use fault::Fault;
pub use identity::{IDENTITY_FILE, differences, identity};
pub use load::{Error, load, parse};
pub use model::{Compute, Model};
pub use run::{Run, RunConfig};
pub use scorer::{CustomScorer, ScorerKind, Signature};
pub use service::{Actor, Coordinator, Evaluation, Learner, RewardServer, Telemetry};
pub use stage::{RewardSection, Rl, Sampling, Sft, Stage, StageKind};
