//! The plan of a run: which step belongs to which stage, where checkpoints and evaluations are due. A pure view of the
//! run file that never changes while a run lives.

use gradus_config::{Evaluation, RunConfig, Stage, StageKind};
use gradus_types::{PolicyVersion, StageIndex, Step};

use crate::machine::GroupPlace;

/// What the coordinator must know of the run file to drive the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The seed of the run.
    pub seed: u64,
    /// The stages, in order.
    pub stages: Vec<StagePlan>,
    /// The held-out measurements, if there are any.
    pub evaluation: Option<EvaluationPlan>,
}

/// One stage.
#[derive(Clone, Debug, PartialEq)]
pub struct StagePlan {
    /// The stage's name.
    pub name: String,
    /// Steps of the stage.
    pub num_steps: u64,
    /// Steps between checkpoints; 0 commits one at the stage's end alone.
    pub checkpoint_interval: u64,
    /// What a step consumes.
    pub batch: BatchPlan,
}

/// What a step consumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchPlan {
    /// Examples of a supervised stage.
    Examples {
        /// Examples per step.
        num_samples: u64,
    },
    /// Groups of a reinforcement-learning stage.
    Rollouts(RolloutPlan),
}

/// The groups of a reinforcement-learning stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RolloutPlan {
    /// Groups per step.
    pub num_groups: u64,
    /// Completions per group.
    pub num_completions: u32,
    /// Policy versions that a group may lag behind the one it trains.
    pub max_staleness: u64,
}

/// The held-out measurements.
#[derive(Clone, Debug, PartialEq)]
pub struct EvaluationPlan {
    /// The names of the prompt sets.
    pub sets: Vec<String>,
    /// Prompts of each set.
    pub num_prompts: u64,
    /// Completions per prompt.
    pub num_completions: u32,
    /// Steps between measurements within a stage; 0 measures at its start and end alone.
    pub interval: u64,
}

impl Plan {
    /// Reads the plan out of a run file.
    #[must_use]
    pub fn of(config: &RunConfig) -> Self {
        Self {
            seed: config.run.seed,
            stages: config.stages.iter().map(StagePlan::of).collect(),
            evaluation: config.evaluation.as_ref().map(EvaluationPlan::of),
        }
    }

    /// Returns the last step of the run, which is also the number of its steps.
    #[must_use]
    pub fn last_step(&self) -> Step {
        Step(self.stages.iter().map(|stage| stage.num_steps).sum())
    }

    /// Returns the stage a step belongs to; nothing for step 0 and for steps past the end.
    #[must_use]
    pub fn stage_of(&self, step: Step) -> Option<StageIndex> {
        let mut last = 0;
        let position = self.stages.iter().position(|stage| {
            last += stage.num_steps;
            step.0 <= last
        })?;
        (step.0 > 0).then_some(StageIndex(position as u32))
    }

    /// Returns a stage by its position.
    #[must_use]
    pub fn stage(&self, stage: StageIndex) -> &StagePlan {
        &self.stages[stage.0 as usize]
    }

    /// Returns the step before a stage's first one: the state the stage starts from.
    #[must_use]
    pub fn step_before(&self, stage: StageIndex) -> Step {
        Step(self.stages.iter().take(stage.0 as usize).map(|stage| stage.num_steps).sum())
    }

    /// Returns the last step of a stage.
    #[must_use]
    pub fn last_step_of(&self, stage: StageIndex) -> Step {
        Step(self.step_before(stage).0 + self.stage(stage).num_steps)
    }

    /// Returns the position of a step within its stage, from 1.
    #[must_use]
    pub fn stage_step(&self, step: Step) -> u64 {
        self.stage_of(step).map_or(0, |stage| step.0 - self.step_before(stage).0)
    }

    /// Tells whether a stage ends with this step.
    #[must_use]
    pub fn ends_stage(&self, step: Step) -> bool {
        self.stage_of(step).is_some_and(|stage| self.last_step_of(stage) == step)
    }

    /// Tells whether the state after this step is to be saved.
    #[must_use]
    pub fn checkpoint_due(&self, step: Step) -> bool {
        let Some(stage) = self.stage_of(step) else { return false };
        self.ends_stage(step) || is_multiple(self.stage_step(step), self.stage(stage).checkpoint_interval)
    }

    /// Tells whether this policy is to be measured: at stage boundaries and every so many steps within a stage. The end
    /// of a stage is the start of the next one, and is measured once.
    #[must_use]
    pub fn evaluation_due(&self, version: PolicyVersion) -> bool {
        let Some(evaluation) = &self.evaluation else { return false };
        let step = Step(version.0);
        step.0 == 0 || self.ends_stage(step) || is_multiple(self.stage_step(step), evaluation.interval)
    }
}

impl StagePlan {
    fn of(stage: &Stage) -> Self {
        let batch = match &stage.kind {
            StageKind::Sft(sft) => BatchPlan::Examples { num_samples: u64::from(sft.batch_samples) },
            StageKind::Rl(rl) => BatchPlan::Rollouts(RolloutPlan {
                num_groups: u64::from(rl.batch_prompts),
                num_completions: rl.sampling.num_completions,
                max_staleness: rl.max_staleness_versions,
            }),
        };
        Self {
            name: stage.name.clone(),
            num_steps: stage.steps,
            checkpoint_interval: stage.checkpoint_interval_steps,
            batch,
        }
    }
}

impl EvaluationPlan {
    /// Returns the place of an item whose draw counts through sets of these sizes.
    #[must_use]
    pub fn place(sizes: &[u64], draw: u64) -> GroupPlace {
        let mut position = draw;
        for (set, &size) in sizes.iter().enumerate() {
            if position < size {
                return GroupPlace { set, position };
            }
            position -= size;
        }
        GroupPlace { set: sizes.len(), position }
    }

    fn of(evaluation: &Evaluation) -> Self {
        Self {
            sets: evaluation.data.clone(),
            num_prompts: u64::from(evaluation.num_prompts),
            num_completions: evaluation.num_completions,
            interval: evaluation.interval_steps,
        }
    }
}

fn is_multiple(position: u64, interval: u64) -> bool {
    interval > 0 && position > 0 && position.is_multiple_of(interval)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::fixture;

    #[test]
    fn steps_count_over_all_stages() {
        let plan = fixture::three_stages(0);
        assert_eq!(plan.last_step(), Step(9));
        assert_eq!(plan.stage_of(Step(0)), None);
        assert_eq!(plan.stage_of(Step(2)), Some(StageIndex(0)));
        assert_eq!(plan.stage_of(Step(3)), Some(StageIndex(1)));
        assert_eq!(plan.stage_of(Step(9)), Some(StageIndex(2)));
        assert_eq!(plan.stage_of(Step(10)), None);
        assert_eq!(plan.stage_step(Step(3)), 1);
    }

    #[test]
    fn a_checkpoint_is_due_at_intervals_and_at_the_end_of_a_stage() {
        let plan = fixture::three_stages(0);
        let due: Vec<u64> = (0..=9).filter(|&step| plan.checkpoint_due(Step(step))).collect();
        assert_eq!(due, [2, 4, 6, 9]);
    }

    #[test]
    fn an_evaluation_is_due_at_every_boundary_once_and_at_intervals() {
        let plan = fixture::three_stages(0);
        let due: Vec<u64> = (0..=9).filter(|&version| plan.evaluation_due(PolicyVersion(version))).collect();
        assert_eq!(due, [0, 2, 5, 6, 9]);
    }
}
