//! The pool of a reinforcement-learning stage: prompts that are drawn, lent and submitted until they fill batches.
//!
//! Let c be the step whose batch is being filled, v the policy version actors sample from, m the staleness bound and B
//! the groups of a step. Groups for steps c to v + 1 + m may be in the pool, so it holds at most B (v + 2 + m - c)
//! prompts. The k-th of them, in draw order, is meant for step c + k / B, and so must be sampled from version
//! c + k / B - 1 - m or a newer one. With m = 0 that is exactly the policy that the step trains.

use gradus_types::{GroupHeader, PolicyVersion, StageIndex, Step};
use serde::{Deserialize, Serialize};

use crate::machine::{Ledger, Location, Plan, RolloutPlan, Series, StagePlan, plan::BatchPlan};

/// The prompts of a stage that have not been trained on yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pool {
    /// The stage.
    pub stage: StageIndex,
    /// The step before the stage's first one, which is also the oldest policy version that may sample for it.
    pub start: Step,
    /// The step whose batch is being filled.
    pub next_step: Step,
    /// The first draw that was never made.
    pub next_draw: u64,
    /// The prompts.
    pub series: Series<Accepted>,
}

/// A group that waits for its batch, or is in one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Accepted {
    /// What planning needs to know of it.
    pub header: GroupHeader,
    /// Where its payload is.
    pub location: Location,
}

/// The groups of a step, in order of their ids.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// The groups.
    pub groups: Vec<Accepted>,
}

/// A prompt that may be lent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub draw: u64,
    pub min_policy_version: PolicyVersion,
}

impl Pool {
    /// Opens the pool of a stage.
    #[must_use]
    pub fn open(plan: &Plan, stage: StageIndex) -> Self {
        let start = plan.step_before(stage);
        Self { stage, start, next_step: start.next(), next_draw: 0, series: Series::default() }
    }

    /// Returns the oldest policy version a group for this step may be sampled from.
    #[must_use]
    pub fn oldest_version(&self, step: Step, plan: RolloutPlan) -> PolicyVersion {
        PolicyVersion(step.0.saturating_sub(1 + plan.max_staleness).max(self.start.0))
    }

    /// Finds the next prompt that may be lent while actors sample from `version` and no step after `last` is wanted.
    pub(super) fn candidate(
        &mut self,
        version: PolicyVersion,
        last: Step,
        plan: RolloutPlan,
        ledger: &mut Ledger,
    ) -> Option<Candidate> {
        if version.0 < self.start.0 {
            return None;
        }
        let furthest = last.0.min(version.0 + 1 + plan.max_staleness);
        let num_steps = (furthest + 1).saturating_sub(self.next_step.0);
        let limit = (num_steps * plan.num_groups) as usize;
        let (position, draw) = match self.series.first_open(limit) {
            Some(found) => found,
            None if self.series.len() < limit => {
                let draw = self.next_draw;
                self.next_draw += 1;
                self.series.draw(draw, ledger);
                (self.series.len() - 1, draw)
            }
            None => return None,
        };
        let step = Step(self.next_step.0 + position as u64 / plan.num_groups);
        Some(Candidate { draw, min_policy_version: self.oldest_version(step, plan) })
    }

    /// Stores an accepted group.
    pub(super) fn accept(&mut self, header: GroupHeader, location: Location, ledger: &mut Ledger) {
        let draw = header.id.draw();
        self.series.complete(draw, Accepted { header, location }, ledger);
    }

    /// Takes the batch of the next step out of the pool once enough groups wait.
    ///
    /// It is called after every acceptance, so whatever waits is part of the very next batch: a group that was fresh enough
    /// for the next step when it was accepted never grows stale by waiting.
    pub(super) fn compose(&mut self, plan: RolloutPlan, ledger: &mut Ledger) -> Option<(Step, Batch)> {
        let waiting: Vec<u64> = self.series.done().map(|(draw, _)| draw).collect();
        if (waiting.len() as u64) < plan.num_groups {
            return None;
        }
        let oldest = self.oldest_version(self.next_step, plan);
        debug_assert!(self.series.done().all(|(_, group)| group.min_version() >= oldest), "a group grew stale");
        ledger.consumed += plan.num_groups;
        let step = self.next_step;
        self.next_step = step.next();
        Some((step, Batch { groups: self.series.take_done(waiting) }))
    }
}

impl Accepted {
    /// Returns the oldest policy version that drew one of the group's tokens.
    #[must_use]
    pub fn min_version(&self) -> PolicyVersion {
        min_version(&self.header)
    }
}

/// Returns the oldest policy version that drew one of the group's tokens.
pub(super) fn min_version(header: &GroupHeader) -> PolicyVersion {
    header.samples.iter().map(|sample| sample.min_policy_version).min().unwrap_or_default()
}

impl StagePlan {
    /// Returns the groups of the stage's steps, where the stage samples any.
    #[must_use]
    pub const fn rollouts(&self) -> Option<RolloutPlan> {
        match self.batch {
            BatchPlan::Rollouts(plan) => Some(plan),
            BatchPlan::Examples { .. } => None,
        }
    }
}
