//! The state of a run: everything that must survive a crash of the coordinator.

use std::collections::{BTreeMap, BTreeSet};

use gradus_types::{Checkpoint, GroupId, PolicyDigest, PolicyVersion, PublishedPolicy, StageIndex, Step};
use serde::{Deserialize, Serialize};

use crate::machine::{
    Batch, BatchStatistics, EvaluationResult, Imbalance, Ledger, Live, Pool, Segment, Settings, World,
    evaluation::ActiveEvaluation,
};

/// Milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// Returns the moment so many milliseconds later.
    #[must_use]
    pub const fn after(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Returns the milliseconds since an earlier moment.
    #[must_use]
    pub const fn millis_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// The state of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Counts changes.
    pub revision: u64,
    /// The settings of the current start.
    pub settings: Settings,
    /// Whether a person holds the run.
    pub paused: bool,
    /// The step after which a person has ended the run.
    pub stop_after: Option<Step>,
    /// The learner world.
    pub world: World,
    /// The policy actors sample from.
    pub policy: Option<PublishedPolicy>,
    /// The digests of the policies since the last checkpoint, to notice a repeated step that made other weights.
    pub published: BTreeMap<PolicyVersion, PolicyDigest>,
    /// The prompts of the current reinforcement-learning stage.
    pub pool: Option<Pool>,
    /// The batches since the last checkpoint.
    pub batches: BTreeMap<Step, Batch>,
    /// The files that hold payloads of groups that may still be needed.
    pub segments: BTreeSet<Segment>,
    /// The evaluation under way.
    pub evaluation: Option<ActiveEvaluation>,
    /// The evaluations that are complete, by number.
    pub evaluations: Vec<EvaluationResult>,
    /// The accounts of training groups.
    pub training_ledger: Ledger,
    /// The accounts of evaluation groups.
    pub evaluation_ledger: Ledger,
    /// The prompts that were set aside, with the reason.
    pub quarantined: BTreeMap<GroupId, String>,
    /// What the batches of each stage were like.
    pub stage_statistics: BTreeMap<StageIndex, BatchStatistics>,
    /// What the last batch was like.
    pub last_batch: Option<BatchStatistics>,
    /// The last committed checkpoint.
    pub checkpoint: Option<Checkpoint>,
    /// What else is counted.
    pub counters: Counters,
}

/// What is counted besides the ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Starts of the coordinator.
    pub openings: u64,
    /// The last step that was ever completed.
    pub furthest_step: Step,
    /// Steps that were completed again after a learner's crash.
    pub repeated_steps: u64,
    /// Groups that were trained on again in repeated steps.
    pub replayed_groups: u64,
    /// Repeated steps that made other weights than the first time.
    pub diverged_steps: u64,
}

impl State {
    /// Returns the step of the last committed checkpoint, 0 before the first.
    #[must_use]
    pub fn committed_step(&self) -> Step {
        self.checkpoint.as_ref().map_or(Step(0), |checkpoint| checkpoint.step)
    }

    /// Returns the version actors sample from.
    #[must_use]
    pub fn policy_version(&self) -> Option<PolicyVersion> {
        self.policy.as_ref().map(|policy| policy.version)
    }

    /// Counts the training groups under way.
    #[must_use]
    pub fn live_training(&self) -> Live {
        self.pool.as_ref().map(|pool| pool.series.live()).unwrap_or_default()
    }

    /// Counts the evaluation groups under way. Those that came back count as consumed at once.
    #[must_use]
    pub fn live_evaluation(&self) -> Live {
        let live = self.evaluation.as_ref().map(|evaluation| evaluation.series.live()).unwrap_or_default();
        Live { waiting: 0, ..live }
    }

    /// Checks that every prompt and every lending is accounted for.
    ///
    /// # Errors
    /// The account that does not balance.
    pub fn check_ledger(&self) -> Result<(), Imbalance> {
        self.training_ledger.check(self.live_training())?;
        self.evaluation_ledger.check(self.live_evaluation())
    }
}
