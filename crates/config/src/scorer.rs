//! Scorers that users bring: services of their own, Python functions, WebAssembly components.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{fault::Faults, validate::seconds};

/// A scorer of the reward server, which components of kind `scorer` name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomScorer {
    /// The name that components refer to.
    pub name: String,
    /// What it is.
    pub kind: ScorerKind,
    /// The longest time one completion may take, or one call of a service with its repetitions, in seconds.
    #[serde(default = "default_timeout")]
    pub timeout_seconds: f64,
    /// How many completions, or calls, it works on at a time.
    pub parallel: Option<u32>,
    /// Where a service listens (`http`).
    pub url: Option<String>,
    /// Where a service listens, `HOST:PORT` or `unix:PATH` (`grpc`).
    pub address: Option<String>,
    /// How often a call is made at most, the first time included (`http`, `grpc`).
    pub max_attempts: Option<u32>,
    /// Repeated calls as a share of all calls, beyond which a failure is final (`http`, `grpc`).
    pub retry_budget: Option<f64>,
    /// A function in a file, `FILE.py:NAME` (`python`).
    pub function: Option<String>,
    /// How the function is called (`python`).
    pub signature: Option<Signature>,
    /// The Python to run it with (`python`).
    pub interpreter: Option<PathBuf>,
    /// The longest time to import the file, in seconds (`python`).
    pub start_timeout_seconds: Option<f64>,
    /// Processes and threads it may have (`python`).
    pub max_processes: Option<u32>,
    /// The file of a component (`wasm`).
    pub component: Option<PathBuf>,
    /// Instructions that one completion may take (`wasm`).
    pub fuel: Option<u64>,
    /// Bytes of memory it may have: a process's address space, or a component's memory (`python`, `wasm`).
    pub max_memory_bytes: Option<u64>,
}

/// The kinds of scorers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScorerKind {
    /// A service that is asked over HTTP.
    Http,
    /// A service that is asked over gRPC.
    Grpc,
    /// A Python function in processes of its own.
    Python,
    /// A WebAssembly component.
    Wasm,
}

/// How a Python function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signature {
    /// `f(completions=[…], prompts=[…], **columns)`, a list of numbers: TRL's reward functions.
    Trl,
    /// `f(data_source, solution_str, ground_truth, extra_info)`, a number or `{"score": …}`: verl's `compute_score`.
    Verl,
}

/// The most processes, threads or calls of a scorer.
const MAX_PARALLEL: u32 = 1_024;

const fn default_timeout() -> f64 {
    5.0
}

/// Keys that go with some kinds alone: whether it is given, whether it is needed, and the kinds.
type OwnKey = (&'static str, bool, bool, &'static [ScorerKind]);

impl CustomScorer {
    fn own_keys(&self) -> [OwnKey; 12] {
        use ScorerKind::{Grpc, Http, Python, Wasm};
        [
            ("url", self.url.is_some(), true, &[Http]),
            ("address", self.address.is_some(), true, &[Grpc]),
            ("max_attempts", self.max_attempts.is_some(), false, &[Http, Grpc]),
            ("retry_budget", self.retry_budget.is_some(), false, &[Http, Grpc]),
            ("function", self.function.is_some(), true, &[Python]),
            ("signature", self.signature.is_some(), true, &[Python]),
            ("interpreter", self.interpreter.is_some(), false, &[Python]),
            ("start_timeout_seconds", self.start_timeout_seconds.is_some(), false, &[Python]),
            ("max_processes", self.max_processes.is_some(), false, &[Python]),
            ("component", self.component.is_some(), true, &[Wasm]),
            ("fuel", self.fuel.is_some(), false, &[Wasm]),
            ("max_memory_bytes", self.max_memory_bytes.is_some(), false, &[Python, Wasm]),
        ]
    }
}

impl ScorerKind {
    /// Returns the kind's name in a run file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Grpc => "grpc",
            Self::Python => "python",
            Self::Wasm => "wasm",
        }
    }
}

/// Adds the faults of the scorers among themselves, and of the components that name them.
pub(crate) fn check(scorers: &[CustomScorer], faults: &mut Faults) {
    for (index, scorer) in scorers.iter().enumerate() {
        let key = format!("reward_server.scorers.{index}");
        let repeated = scorers[..index].iter().any(|earlier| earlier.name == scorer.name);
        faults.require(!repeated, format!("{key}.name"), || format!("`{}` is an earlier scorer", scorer.name));
        faults.require(!scorer.name.is_empty(), format!("{key}.name"), || "a name is needed".to_owned());
        for (name, is_given, is_needed, kinds) in scorer.own_keys() {
            let belongs = kinds.contains(&scorer.kind);
            faults.require(belongs || !is_given, format!("{key}.{name}"), || {
                format!("does not go with kind `{}`", scorer.kind.name())
            });
            faults.require(!belongs || !is_needed || is_given, format!("{key}.{name}"), || {
                format!("missing; kind `{}` needs it", scorer.kind.name())
            });
        }
        seconds(&format!("{key}.timeout_seconds"), scorer.timeout_seconds, faults);
        if let Some(start_timeout) = scorer.start_timeout_seconds {
            seconds(&format!("{key}.start_timeout_seconds"), start_timeout, faults);
        }
        for (name, value) in [
            ("max_attempts", scorer.max_attempts.map(u64::from)),
            ("max_processes", scorer.max_processes.map(u64::from)),
            ("max_memory_bytes", scorer.max_memory_bytes),
            ("fuel", scorer.fuel),
        ] {
            let above_zero = value.is_none_or(|value| value > 0);
            faults.require(above_zero, format!("{key}.{name}"), || "it must be above 0".to_owned());
        }
        let parallel = scorer.parallel.unwrap_or(1);
        faults.require((1..=MAX_PARALLEL).contains(&parallel), format!("{key}.parallel"), || {
            format!("`{parallel}` is not within 1 and {MAX_PARALLEL}")
        });
        let budget = scorer.retry_budget.unwrap_or_default();
        faults.require((0.0..=1.0).contains(&budget), format!("{key}.retry_budget"), || {
            format!("`{budget}` is not within 0 and 1")
        });
    }
}
