//! The run file, resolved: one file describes a run for all services.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::{Actor, Coordinator, Data, Evaluation, Learner, Model, RewardServer, Stage, Telemetry};

/// A whole run. Relative paths are relative to the working directory.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunConfig {
    /// Identity, seed and place of the run.
    pub run: Run,
    /// The policy that is trained.
    pub model: Model,
    /// Named prompt sets that stages and evaluations refer to.
    pub data: BTreeMap<String, Data>,
    /// The stages, in order; at least one.
    pub stages: Vec<Stage>,
    /// Held-out measurements; none by default.
    pub evaluation: Option<Evaluation>,
    /// The coordinator service.
    pub coordinator: Coordinator,
    /// The rollout actors.
    pub actor: Actor,
    /// The reward server.
    pub reward_server: RewardServer,
    /// The learner ranks.
    pub learner: Learner,
    /// Logs, traces and metrics of every service.
    pub telemetry: Telemetry,
}

/// Identity, seed and place of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// The run's name, in logs, metrics and the dashboard: letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// The seed of every random choice of the run. It has no default: a run that cannot be named cannot be repeated.
    pub seed: u64,
    /// Where ledger, checkpoints, logs, metrics and sockets are written.
    pub directory: PathBuf,
}

// === impl RunConfig ===

impl RunConfig {
    /// Writes the run out as a run file, with every default and every `--set` in place.
    ///
    /// # Panics
    /// Never: a resolved run has nothing that TOML cannot hold.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("tables with text keys, texts, numbers and lists are TOML")
    }
}
