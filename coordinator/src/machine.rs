//! The coordinator's state machine: every decision, and no I/O. Time comes in with each command, randomness is counted,
//! and what must happen outside goes out as an [`Effect`].
//!
//! ```text
//!           Lend ──► prompts are lent ──► Submit ──► groups wait ──► a batch is composed
//!                      ▲  deadlines, GiveBack, Lose │                       │
//!                      └────────────────────────────┘                       ▼
//!   Join ──► a generation ──► Announce ──► Next ◄── evaluation, batch, checkpoint or the end
//!                                           │
//!                                           └──► Complete (a new policy) ──► Commit (frees payloads)
//! ```

mod control;
mod evaluation;
mod event;
#[cfg(test)]
pub(crate) mod fixture;
mod learning;
mod ledger;
mod lending;
mod measure;
mod plan;
mod pool;
#[cfg(test)]
mod properties;
mod rollout;
mod state;
mod statistics;
#[cfg(test)]
mod tests;
mod world;

pub use evaluation::{ActiveEvaluation, Answer, EvaluationResult, GroupPlace, SetResult};
pub use event::{
    Announce, Command, Commit, Complete, Control, Event, GiveBack, Join, Lend, Lose, Next, Open, Scoring, Settings,
    Submit, Tick,
};
pub use learning::Assignment;
pub use ledger::{Imbalance, Ledger, Live};
pub use lending::{Expiry, Holder, Item, Lending, Location, Segment, Series, group_seed};
pub use measure::Measure;
pub use plan::{BatchPlan, EvaluationPlan, Plan, RolloutPlan, StagePlan};
pub use pool::{Accepted, Batch, Pool};
pub use rollout::Grant;
pub use state::{Counters, State, Timestamp};
pub use statistics::BatchStatistics;
pub use world::{Joined, World};

use gradus_types::{GroupId, PolicyVersion, Rank, Step};

/// The state machine: a plan, what has happened so far, and what is to be done about it.
#[derive(Debug)]
pub struct Machine {
    plan: Plan,
    state: State,
    effects: Vec<Effect>,
}

/// Something that must happen outside the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A batch is complete.
    BatchComposed {
        /// Its step.
        step: Step,
    },
    /// An evaluation is complete, and its report can be written.
    EvaluationFinished {
        /// Its number.
        number: u64,
    },
    /// Payloads are no longer needed.
    SegmentsReleased {
        /// The files that held them.
        segments: Vec<Segment>,
    },
    /// A prompt was set aside.
    PromptQuarantined {
        /// Its group.
        group_id: GroupId,
        /// Why.
        reason: String,
    },
    /// A repeated step has made other weights than the first time.
    StepDiverged {
        /// The step.
        step: Step,
    },
    /// A learner world has begun to form.
    GenerationBegan {
        /// Its number.
        generation: u64,
    },
}

/// Why a command was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The caller belongs to a learner world that is over.
    #[error("generation `{given}` is over, the current one is `{current}`: leave it and join again")]
    GenerationOver {
        /// The caller's generation.
        given: u64,
        /// The current one.
        current: u64,
    },
    /// The learner was started with another world size than the coordinator.
    #[error("rank `{rank}` joined a world of `{given}`, but `learner.world_size` is `{expected}`: use one run file")]
    WorldSize {
        /// The caller's rank.
        rank: Rank,
        /// Its world size.
        given: u32,
        /// The configured one.
        expected: u32,
    },
    /// A rank outside the world.
    #[error("rank `{rank}` is outside a world of `{world_size}`")]
    NoSuchRank {
        /// The rank.
        rank: Rank,
        /// The world size.
        world_size: u32,
    },
    /// A step out of its turn.
    #[error("failed to {attempt} step `{step}`: {expected}")]
    OutOfTurn {
        /// What was attempted.
        attempt: &'static str,
        /// The step.
        step: Step,
        /// What would have been right.
        expected: String,
    },
    /// A policy whose version does not follow from the step.
    #[error("policy version `{given}` does not belong to step `{step}`: expected `{step}`")]
    PolicyMismatch {
        /// The version.
        given: PolicyVersion,
        /// The step.
        step: Step,
    },
    /// A group that was never lent.
    #[error("group `{group_id}` was never lent by this run")]
    UnknownGroup {
        /// The group.
        group_id: GroupId,
    },
    /// A group that is not what was asked for.
    #[error("group `{group_id}` has `{given}` completions, but `{expected}` were asked for")]
    WrongGroupSize {
        /// The group.
        group_id: GroupId,
        /// Its completions.
        given: usize,
        /// The configured number.
        expected: u32,
    },
}

impl Refusal {
    /// Tells whether the caller broke the contract, rather than being out of date.
    #[must_use]
    pub const fn is_callers_fault(&self) -> bool {
        !matches!(self, Self::GenerationOver { .. } | Self::OutOfTurn { .. })
    }
}

impl Machine {
    /// Starts a run.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        Self::resume(plan, State::default())
    }

    /// Goes on from a state.
    #[must_use]
    pub fn resume(plan: Plan, state: State) -> Self {
        Self { plan, state, effects: Vec::new() }
    }

    /// Returns the plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns what has happened so far.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Takes what must happen outside, in order.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Marks the state as changed.
    fn touch(&mut self) {
        self.state.revision += 1;
    }
}
