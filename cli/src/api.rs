//! The coordinator's HTTP status API, as the command reads it: the keys it shows, others ignored.

use std::{
    collections::BTreeMap,
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result};
use serde::Deserialize;

/// An answer that takes longer is as good as none: the coordinator answers from memory.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How a run stands.
#[derive(Clone, Debug, Deserialize)]
pub struct RunReport {
    /// The run's directory, which tells it from another run at the same address.
    pub directory: PathBuf,
    /// `waiting`, `running`, `evaluating`, `paused`, `stopping` or `finished`.
    pub status: String,
    /// Steps that are complete.
    pub step: u64,
    /// Steps of the whole run.
    pub num_steps: u64,
    /// All stages.
    pub stages: Vec<StageReport>,
    /// The position of the stage under way.
    pub stage: usize,
    /// Seconds of a step, over the last ones of the stage.
    pub seconds_per_step: Option<f64>,
    /// Seconds that the rest of the stage will take, evaluations included.
    pub stage_time_left_seconds: Option<f64>,
    /// The evaluation under way.
    pub evaluation: Option<EvaluationProgress>,
    /// The evaluations that are complete.
    pub evaluations: Vec<EvaluationReport>,
    /// The accounts of prompts and groups.
    pub ledger: LedgerReport,
    /// The learner world.
    pub world: WorldReport,
    /// The scalars of the last step.
    pub scalars: BTreeMap<String, f64>,
}

/// One stage.
#[derive(Clone, Debug, Deserialize)]
pub struct StageReport {
    /// The stage's name.
    pub name: String,
    /// Steps of the stage.
    pub num_steps: u64,
    /// Steps of the stage that are complete.
    pub step: u64,
    /// What its batches were like; nothing for supervised stages.
    pub batches: Option<BatchReport>,
    /// Seconds of a step, over all of the stage.
    #[serde(default)]
    pub seconds_per_step: Option<f64>,
    /// What PAD kept, where it was asked for.
    #[serde(default)]
    pub resampled: Option<ResampledReport>,
}

/// What PAD kept of the samples of a stage.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct ResampledReport {
    /// Samples that it could choose from.
    pub num_effective_samples: f64,
    /// Samples that it chose.
    pub num_selected_samples: f64,
}

/// What the batches of a stage were like.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct BatchReport {
    /// Groups.
    pub num_groups: u64,
    /// Groups whose completions all earned the same.
    pub num_tied_groups: u64,
}

/// An evaluation under way.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct EvaluationProgress {
    /// Prompts that were answered.
    pub num_done: u64,
    /// Prompts that are to be answered.
    pub num_prompts: u64,
}

/// A complete evaluation.
#[derive(Clone, Debug, Deserialize)]
pub struct EvaluationReport {
    /// The stage that ended with the policy.
    pub ends_stage: Option<usize>,
    /// The stage that started from the policy.
    pub starts_stage: Option<usize>,
    /// The prompt sets.
    pub sets: Vec<SetReport>,
    /// The file with every answer, relative to the run directory.
    pub file: String,
}

/// What one prompt set measured.
#[derive(Clone, Debug, Deserialize)]
pub struct SetReport {
    /// The set's name.
    pub name: String,
    /// All its prompts together.
    pub overall: MeasureReport,
}

/// An accuracy with its 95 % interval.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct MeasureReport {
    /// Prompts.
    pub num_prompts: u64,
    /// The share answered right.
    pub accuracy: f64,
    /// The lower end of the interval.
    pub accuracy_low: f64,
    /// The upper end of the interval.
    pub accuracy_high: f64,
}

/// The accounts of prompts and groups.
#[derive(Clone, Debug, Deserialize)]
pub struct LedgerReport {
    /// Whether every prompt and every lending is accounted for.
    pub balances: bool,
    /// What is not.
    pub imbalance: Option<String>,
}

/// The learner world.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct WorldReport {
    /// Its generation: every one after the first was a restart.
    pub generation: u64,
}

/// A client of one coordinator.
#[derive(Clone, Debug)]
pub struct Client {
    address: String,
    agent: ureq::Agent,
}

impl Client {
    /// Makes a client of the coordinator at `host:port`.
    pub fn new(address: &str) -> Self {
        let agent = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).build().into();
        Self { address: address.to_owned(), agent }
    }

    /// Asks how the run stands.
    pub fn run(&self) -> Result<RunReport> {
        self.read("run")
    }

    /// Asks for a status document as it is.
    pub fn raw(&self) -> Result<serde_json::Value> {
        self.read("run")
    }

    /// Tells the coordinator to `pause`, `resume` or `stop`.
    pub fn control(&self, action: &str) -> Result<()> {
        let url = format!("http://{}/api/v1/{action}", self.address);
        self.agent.post(&url).send_empty().with_context(|| self.unreachable(action))?;
        Ok(())
    }

    fn read<T: serde::de::DeserializeOwned>(&self, document: &str) -> Result<T> {
        let url = format!("http://{}/api/v1/{document}", self.address);
        let mut response = self.agent.get(&url).call().with_context(|| self.unreachable("report"))?;
        response.body_mut().read_json().with_context(|| format!("failed to read the answer of `{url}`"))
    }

    fn unreachable(&self, action: &str) -> String {
        format!(
            "failed to ask the coordinator at `{}` to {action}; is the run under way, and is this its `coordinator.http`?",
            self.address
        )
    }
}

/// Reads the report that the coordinator leaves in the directory of a run that has come to its end; there is none before.
pub fn read_report(run_directory: &Path) -> Result<Option<RunReport>> {
    let path = run_directory.join("report.json");
    let text = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        read => read.with_context(|| format!("failed to read `{}`", path.display()))?,
    };
    serde_json::from_str(&text).with_context(|| format!("failed to read report `{}`", path.display()))
}
