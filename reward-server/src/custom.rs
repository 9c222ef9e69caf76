//! Scorers that users bring, named by components of kind `scorer`.
//!
//! | kind | runs | bounded by |
//! |---|---|---|
//! | `http`, `grpc` | in a service of the user's | a deadline, a retry budget |
//! | `python` | in worker processes | [`sandbox`](crate::sandbox): time, memory, processes, no network |
//! | `wasm` | in this process, compiled | fuel, time, memory; it can do nothing but compute |
//!
//! Every completion is a call of its own, so whatever it does costs its own sample.

mod calls;
mod fault;
mod grpc;
mod http;
mod python;
mod users;
mod wasm;
mod worker;

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use gradus_config::{CustomScorer, RewardServer, ScorerKind};
use gradus_types::{FinishReason, near_miss};
use serde::{Serialize, Serializer};
use tokio::time::Instant;

use crate::{Error, SampleText, batch::Failure, metrics::CustomMetrics};
pub use fault::Fault;
use users::Users;

/// What all completions of a group are scored by.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Reference {
    /// The reference answer.
    pub gold: Option<String>,
    /// The texts of the options.
    pub options: Vec<String>,
    /// What else the record says.
    pub facts: BTreeMap<String, serde_json::Value>,
}

/// A completion that a custom scorer is asked about. It is written when its turn comes: those of a group together are larger than the group.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The text that the completion's turn started with.
    pub prefill: &'a str,
    /// The completion.
    pub sample: &'a SampleText,
    /// What it is scored by.
    pub reference: &'a Reference,
}

/// A completion as a custom scorer sees it.
#[derive(Debug, Serialize)]
struct WrittenQuestion<'a> {
    completion: String,
    num_tokens: u32,
    truncated: bool,
    #[serde(flatten)]
    reference: &'a Reference,
}

/// A scorer that a user brought.
#[derive(Debug)]
pub struct Custom {
    name: String,
    kind: Kind,
    metrics: CustomMetrics,
}

#[derive(Debug)]
enum Kind {
    Http(Box<http::HttpScorer>),
    Grpc(Box<grpc::GrpcScorer>),
    Python(Box<python::PythonScorer>),
    Wasm(Box<wasm::WasmScorer>),
}

/// What the scorers of a server share.
#[derive(Clone, Copy)]
struct Surroundings<'a> {
    /// The server's binary, which confines worker processes.
    helper: &'a Path,
    users: &'a Users,
    metrics: &'a CustomMetrics,
}

/// The scorers of a server, by name.
#[derive(Clone, Debug, Default)]
pub struct Customs(Arc<Vec<Arc<Custom>>>);

// === impl Question ===

impl Question<'_> {
    /// Writes the completion with the text that its turn started with.
    fn completion(&self) -> String {
        format!("{}{}", self.prefill, self.sample.text)
    }

    /// Tells whether the completion was cut off.
    fn is_truncated(&self) -> bool {
        self.sample.finish_reason == FinishReason::Length
    }

    /// Writes what else the record says as the text of a JSON object.
    fn facts_as_json(&self) -> Result<String, Failure> {
        serde_json::to_string(&self.reference.facts)
            .map_err(|error| Failure::error(format!("the facts cannot be written: {error}")))
    }
}

impl Serialize for Question<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (completion, truncated) = (self.completion(), self.is_truncated());
        let written =
            WrittenQuestion { completion, num_tokens: self.sample.num_tokens, truncated, reference: self.reference };
        written.serialize(serializer)
    }
}

// === impl Customs ===

impl Customs {
    /// Prepares the scorers of a run file, as far as that can be done without starting anything. `helper` is the server's binary, which
    /// confines worker processes.
    pub fn new(config: &RewardServer, helper: &Path, metrics: &CustomMetrics) -> Result<Self, Error> {
        let workers = config.scorers.iter().filter(|declared| declared.kind == ScorerKind::Python);
        let users = Users::new(workers.map(python::num_workers).fold(0, u32::saturating_add));
        let make = |declared: &CustomScorer| {
            Custom::new(declared, Surroundings { helper, users: &users, metrics })
                .map(Arc::new)
                .map_err(|source| Error::Scorer { name: declared.name.clone(), source })
        };
        config.scorers.iter().map(make).collect::<Result<_, _>>().map(|customs| Self(Arc::new(customs)))
    }

    /// Makes sure that every scorer can be used before the first completion comes.
    pub async fn start(&self) -> Result<(), Error> {
        for custom in self.0.iter() {
            if let Kind::Python(python) = &custom.kind {
                let failed = |failure: Failure| Error::Scorer {
                    name: custom.name.clone(),
                    source: Fault::Worker { detail: failure.detail },
                };
                python.start().await.map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Finds a scorer by its name.
    pub fn find(&self, name: &str) -> Option<Arc<Custom>> {
        self.0.iter().find(|custom| custom.name == name).cloned()
    }

    /// Says that there is no such scorer, and which one may have been meant.
    pub fn unknown(&self, name: &str) -> String {
        match near_miss(name, self.0.iter().map(|custom| custom.name.as_str())) {
            Some(candidate) => format!("names unknown scorer `{name}`, did you mean `{candidate}`?"),
            None => format!("names unknown scorer `{name}`; add it to the run file as `[[reward_server.scorers]]`"),
        }
    }
}

// === impl Custom ===

impl Custom {
    fn new(declared: &CustomScorer, surroundings: Surroundings<'_>) -> Result<Self, Fault> {
        let kind = match declared.kind {
            ScorerKind::Http => Kind::Http(Box::new(http::HttpScorer::new(declared)?)),
            ScorerKind::Grpc => Kind::Grpc(Box::new(grpc::GrpcScorer::new(declared)?)),
            ScorerKind::Python => Kind::Python(Box::new(python::PythonScorer::new(declared, surroundings)?)),
            ScorerKind::Wasm => Kind::Wasm(Box::new(wasm::WasmScorer::new(declared)?)),
        };
        Ok(Self { name: declared.name.clone(), kind, metrics: surroundings.metrics.clone() })
    }

    /// Scores a completion; it is waited for until the deadline at most.
    pub async fn score(&self, question: &Question<'_>, deadline: Instant) -> Result<f64, Failure> {
        let scored = async {
            match &self.kind {
                Kind::Http(http) => http.score(question).await,
                Kind::Grpc(grpc) => grpc.score(question).await,
                Kind::Python(python) => python.score(question).await,
                Kind::Wasm(wasm) => wasm.score(question).await,
            }
        };
        let scored = tokio::time::timeout_at(deadline, scored).await;
        let result = scored.unwrap_or_else(|_| Err(Failure::timeout("its turn did not come in time")));
        let result = result.and_then(|value| match value.is_finite() {
            true => Ok(value),
            false => Err(Failure::error(format!("the value is {value}"))),
        });
        self.metrics.count(&self.name, result.as_ref().err());
        result.map_err(|failure| Failure { detail: format!("scorer `{}`: {}", self.name, failure.detail), ..failure })
    }
}

/// The longest time of one completion.
fn timeout(declared: &CustomScorer) -> Duration {
    Duration::from_secs_f64(declared.timeout_seconds)
}
