//! The status of a run, as `/api/v1/run` tells it and `report.json` keeps it when the run has come to its end.

mod assemble;
mod pace;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::machine::{BatchStatistics, Counters, Ledger, Live, SetResult};

/// The status of a run.
#[derive(Clone, Debug, Serialize)]
pub struct RunReport {
    /// The run's name.
    pub name: String,
    /// The run's directory.
    pub directory: String,
    /// What the run is doing.
    pub status: Status,
    /// Steps that are complete.
    pub step: u64,
    /// Steps of the whole run.
    pub num_steps: u64,
    /// The position of the stage that is under way, or of the last one.
    pub stage: u32,
    /// All stages.
    pub stages: Vec<StageReport>,
    /// The version that actors sample from.
    pub policy_version: Option<u64>,
    /// Seconds of a step, over the last ones of the stage.
    pub seconds_per_step: Option<f64>,
    /// Seconds that the rest of the run will take if steps and evaluations stay as they are.
    pub time_left_seconds: Option<f64>,
    /// The same of the stage, the evaluation of its end included.
    pub stage_time_left_seconds: Option<f64>,
    /// The share of the last batch's groups that had nothing to learn from.
    pub zero_variance_share: Option<f64>,
    /// The share of the last batch's samples within PAD's thresholds that resampling kept.
    pub pad_kept_share: Option<f64>,
    /// What the last batch was like.
    pub last_batch: Option<BatchStatistics>,
    /// The evaluation under way.
    pub evaluation: Option<EvaluationProgress>,
    /// The evaluations that are complete.
    pub evaluations: Vec<EvaluationReport>,
    /// The accounts of prompts and groups.
    pub ledger: LedgerReport,
    /// The learner world.
    pub world: WorldReport,
    /// What else is counted.
    pub counters: Counters,
    /// The last committed checkpoint.
    pub checkpoint: Option<CheckpointReport>,
    /// Prompts that were set aside, the last ones, by group.
    pub quarantined: BTreeMap<String, String>,
    /// The processes of the run.
    pub members: Vec<MemberReport>,
    /// The scalars of the last step.
    pub scalars: BTreeMap<String, f64>,
}

/// What a run is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Learner ranks have not all joined.
    Waiting,
    /// Steps are taken.
    Running,
    /// Held-out prompts are answered, and training waits.
    Evaluating,
    /// A person holds the run.
    Paused,
    /// A person has ended the run, which comes to the end of its step.
    Stopping,
    /// The run is over.
    Finished,
}

/// One stage.
#[derive(Clone, Debug, Serialize)]
pub struct StageReport {
    /// The stage's name.
    pub name: String,
    /// `sft` or `rl`.
    pub kind: &'static str,
    /// Steps of the stage.
    pub num_steps: u64,
    /// Steps of the stage that are complete.
    pub step: u64,
    /// What its batches were like.
    pub batches: Option<BatchStatistics>,
    /// Seconds of a step, over all of the stage.
    pub seconds_per_step: Option<f64>,
    /// What resampling kept, where there is any.
    pub resampled: Option<Resampled>,
    /// The number of the evaluation of the policy that the stage started from.
    pub start_evaluation: Option<u64>,
    /// The number of the evaluation of the policy that the stage ended with.
    pub end_evaluation: Option<u64>,
}

/// What resampling kept of the samples of a stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Resampled {
    /// Samples that it could choose from.
    pub num_effective_samples: f64,
    /// Samples that it chose.
    pub num_selected_samples: f64,
}

/// An evaluation under way.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct EvaluationProgress {
    /// Its number.
    pub number: u64,
    /// The policy that is measured.
    pub policy_version: u64,
    /// Prompts that were answered.
    pub num_done: u64,
    /// Prompts that are to be answered.
    pub num_prompts: u64,
}

/// A complete evaluation.
#[derive(Clone, Debug, Serialize)]
pub struct EvaluationReport {
    /// Its number.
    pub number: u64,
    /// The policy that was measured.
    pub policy_version: u64,
    /// The stage that ended with the policy.
    pub ends_stage: Option<u32>,
    /// The stage that started from the policy.
    pub starts_stage: Option<u32>,
    /// When it was complete, in seconds since 1970.
    pub finished_at_seconds: f64,
    /// The prompt sets.
    pub sets: Vec<SetResult>,
    /// The file with every answer, relative to the run directory.
    pub file: String,
}

/// The accounts of prompts and groups.
#[derive(Clone, Debug, Serialize)]
pub struct LedgerReport {
    /// The training groups.
    pub training: AccountReport,
    /// The evaluation groups.
    pub evaluation: AccountReport,
    /// Whether every prompt and every lending is accounted for.
    pub balances: bool,
    /// What is not.
    pub imbalance: Option<String>,
}

/// One account.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct AccountReport {
    /// What has begun or ended.
    #[serde(flatten)]
    pub ledger: Ledger,
    /// What is under way.
    #[serde(flatten)]
    pub live: Live,
}

/// The learner world.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct WorldReport {
    /// Its generation: every one after the first was a restart.
    pub generation: u64,
    /// Ranks that have joined.
    pub num_joined: u64,
    /// Ranks of the world.
    pub world_size: u64,
}

/// A committed checkpoint.
#[derive(Clone, Debug, Serialize)]
pub struct CheckpointReport {
    /// Its step.
    pub step: u64,
    /// Whether a stage ends with it.
    pub ends_stage: bool,
    /// Its directory, relative to the run directory.
    pub path: String,
    /// The digest of the policy's weights, in hexadecimal.
    pub digest: String,
}

/// A process of the run.
#[derive(Clone, Debug, Serialize)]
pub struct MemberReport {
    /// The member's name.
    pub name: String,
    /// What it is doing.
    pub phase: String,
    /// Its process id.
    pub pid: Option<u32>,
    /// Seconds since it was last heard.
    pub silent_seconds: f64,
    /// Whether that is longer than the heartbeat timeout.
    pub is_gone: bool,
}
