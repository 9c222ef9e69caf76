//! What learner ranks do: they ask for work, complete steps and commit checkpoints.
//!
//! An answer to [`Next`] follows from what the rank says it has done and from facts that never change again (a recorded
//! batch, a finished evaluation, the step a person stopped the run at), so all ranks get the same one, whenever they ask.

use std::{collections::BTreeSet, ops::Range};

use gradus_types::{GroupHeader, GroupId, PolicyVersion, PublishedPolicy, RolloutBatch, StageIndex, Step};

use crate::machine::{
    Announce, Batch, BatchPlan, Command, Commit, Complete, Effect, Location, Machine, Next, Pool, Refusal, Segment,
    Timestamp,
};

/// What a rank does next.
#[derive(Clone, Debug, PartialEq)]
pub enum Assignment {
    /// Train on rollouts.
    Rollouts(RolloutBatch),
    /// Train on examples of the stage's prompt set.
    Examples {
        /// The step.
        step: Step,
        /// The stage.
        stage: StageIndex,
        /// The step within the stage, from 1.
        stage_step: u64,
        /// The first example's draw.
        first_draw: u64,
        /// The number of examples.
        num_samples: u64,
    },
    /// Write and commit a checkpoint.
    Checkpoint {
        /// The step whose state is saved.
        step: Step,
        /// The stage.
        stage: StageIndex,
        /// Whether the stage ends with it.
        ends_stage: bool,
    },
    /// Nothing yet.
    Wait,
    /// The run is over.
    Finished,
}

impl Command for Next {
    type Reply = Assignment;

    fn apply(&self, machine: &mut Machine, _now: Timestamp) -> Result<Assignment, Refusal> {
        machine.check_generation(self.generation)?;
        machine.check_rank_position(self)?;
        let done = self.completed_step;
        if self.checkpointed_step < done && machine.checkpoint_due(done) {
            return Ok(machine.checkpoint_assignment(done));
        }
        if machine.is_last(done) {
            let is_over = machine.is_finished();
            return Ok(if is_over { Assignment::Finished } else { Assignment::Wait });
        }
        if machine.evaluation_pending(PolicyVersion(done.0)) {
            return Ok(Assignment::Wait);
        }
        Ok(machine.hand(done.next()))
    }
}

impl Command for Announce {
    type Reply = ();

    fn apply(&self, machine: &mut Machine, now: Timestamp) -> Result<(), Refusal> {
        machine.check_generation(self.generation)?;
        let step = machine.state.world.completed_step;
        machine.publish(step, self.policy.clone(), now)
    }
}

impl Command for Complete {
    /// Whether this generation has not reported the step before.
    type Reply = bool;

    fn apply(&self, machine: &mut Machine, now: Timestamp) -> Result<bool, Refusal> {
        machine.check_generation(self.generation)?;
        let world = &machine.state.world;
        if self.step <= world.completed_step {
            return Ok(false);
        }
        if self.step != world.completed_step.next() || self.step > world.handed_step {
            let expected = format!(
                "step `{}` is complete and step `{}` was handed out last",
                world.completed_step, world.handed_step
            );
            return Err(Refusal::OutOfTurn { attempt: "complete", step: self.step, expected });
        }
        machine.publish(self.step, self.policy.clone(), now)?;
        machine.state.world.completed_step = self.step;
        machine.count_step(self.step);
        Ok(true)
    }
}

impl Command for Commit {
    type Reply = ();

    fn apply(&self, machine: &mut Machine, _now: Timestamp) -> Result<(), Refusal> {
        machine.check_generation(self.generation)?;
        let checkpoint = &self.checkpoint;
        if machine.state.checkpoint.as_ref().is_some_and(|committed| committed.step >= checkpoint.step) {
            return Ok(());
        }
        let completed = machine.state.world.completed_step;
        let stage = machine.plan.stage_of(checkpoint.step);
        if checkpoint.step > completed
            || stage != Some(checkpoint.stage)
            || checkpoint.ends_stage != machine.plan.ends_stage(checkpoint.step)
        {
            let expected = format!("step `{completed}` is complete, and a checkpoint must name its own stage");
            return Err(Refusal::OutOfTurn { attempt: "commit a checkpoint of", step: checkpoint.step, expected });
        }
        machine.state.checkpoint = Some(checkpoint.clone());
        machine.forget_covered(checkpoint.step);
        machine.touch();
        Ok(())
    }
}

impl Machine {
    /// Tells whether the run is over: trained, saved and measured to the end, or saved where a person stopped it.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        let last = self.last_wanted_step();
        let is_saved = self.state.committed_step() >= last;
        let is_measured = self.state.stop_after.is_some() || !self.evaluation_pending(PolicyVersion(last.0));
        is_saved && is_measured
    }

    /// Returns where the payload of a group in a batch is.
    #[must_use]
    pub fn location_of(&self, id: GroupId) -> Option<Location> {
        let find = |batch: &Batch| {
            let position = batch.groups.binary_search_by_key(&id, |group| group.header.id).ok()?;
            Some(batch.groups[position].location)
        };
        self.state.batches.values().find_map(find)
    }

    /// Returns the examples that ranks may be working on: their stage and draws.
    #[must_use]
    pub fn live_examples(&self) -> Option<(StageIndex, Range<u64>)> {
        match self.work_of(self.state.world.handed_step)? {
            Assignment::Examples { stage, first_draw, num_samples, .. } => {
                Some((stage, first_draw..first_draw + num_samples))
            }
            _ => None,
        }
    }

    fn last_wanted_step(&self) -> Step {
        self.state.stop_after.unwrap_or_else(|| self.plan.last_step())
    }

    fn is_last(&self, step: Step) -> bool {
        step >= self.last_wanted_step()
    }

    fn checkpoint_due(&self, step: Step) -> bool {
        self.plan.checkpoint_due(step) || (step.0 > 0 && self.state.stop_after == Some(step))
    }

    fn check_rank_position(&self, next: &Next) -> Result<(), Refusal> {
        let world_size = self.state.settings.world_size;
        if next.rank.0 >= world_size {
            return Err(Refusal::NoSuchRank { rank: next.rank, world_size });
        }
        let (committed, world) = (self.state.committed_step(), &self.state.world);
        // A rank that has applied an update may ask before rank 0 has reported it.
        let furthest = world.handed_step;
        let step = next.completed_step;
        if step < committed || step > furthest {
            let expected = format!("the world is between the checkpoint of step `{committed}` and step `{furthest}`");
            return Err(Refusal::OutOfTurn { attempt: "go on from", step, expected });
        }
        Ok(())
    }

    fn checkpoint_assignment(&self, step: Step) -> Assignment {
        let stage = self.plan.stage_of(step).unwrap_or_default();
        Assignment::Checkpoint { step, stage, ends_stage: self.plan.ends_stage(step) }
    }

    /// Hands out the work of a step. A step that some rank already has is handed to the others even in a paused run, for
    /// they wait for each other.
    fn hand(&mut self, step: Step) -> Assignment {
        let is_new = step > self.state.world.handed_step;
        if is_new && self.state.paused {
            return Assignment::Wait;
        }
        let Some(assignment) = self.work_of(step) else { return Assignment::Wait };
        if is_new {
            self.state.world.handed_step = step;
            self.touch();
        }
        assignment
    }

    fn work_of(&self, step: Step) -> Option<Assignment> {
        let stage = self.plan.stage_of(step)?;
        let stage_step = self.plan.stage_step(step);
        match self.plan.stage(stage).batch {
            BatchPlan::Examples { num_samples } => {
                let first_draw = (stage_step - 1) * num_samples;
                Some(Assignment::Examples { step, stage, stage_step, first_draw, num_samples })
            }
            BatchPlan::Rollouts(_) => {
                let groups = self.state.batches.get(&step)?.headers();
                Some(Assignment::Rollouts(RolloutBatch { step, stage, stage_step, groups }))
            }
        }
    }

    /// Makes a policy the one that actors sample from.
    fn publish(&mut self, step: Step, policy: PublishedPolicy, now: Timestamp) -> Result<(), Refusal> {
        if policy.version.0 != step.0 {
            return Err(Refusal::PolicyMismatch { given: policy.version, step });
        }
        if self.state.policy.as_ref() == Some(&policy) {
            return Ok(());
        }
        let version = policy.version;
        let before = self.state.published.insert(version, policy.digest);
        if before.is_some_and(|digest| digest != policy.digest) {
            self.state.counters.diverged_steps += 1;
            self.effects.push(Effect::StepDiverged { step });
        }
        self.state.policy = Some(policy);
        self.touch();
        self.open_pool(version);
        self.begin_evaluation(version, now);
        Ok(())
    }

    /// Opens the pool of the reinforcement-learning stage that starts from this policy.
    fn open_pool(&mut self, version: PolicyVersion) {
        let Some(stage) = self.plan.stage_of(Step(version.0 + 1)) else { return };
        let is_new = self.state.pool.as_ref().is_none_or(|pool| pool.stage < stage);
        if is_new && self.plan.stage(stage).rollouts().is_some() {
            self.state.pool = Some(Pool::open(&self.plan, stage));
        }
    }

    fn count_step(&mut self, step: Step) {
        let counters = &mut self.state.counters;
        if step <= counters.furthest_step {
            counters.repeated_steps += 1;
            counters.replayed_groups += self.state.batches.get(&step).map_or(0, |batch| batch.groups.len() as u64);
        } else {
            counters.furthest_step = step;
        }
        self.touch();
    }

    /// Forgets the batches that no resume can ask for again, and lets go of payloads that nothing needs.
    fn forget_covered(&mut self, step: Step) {
        self.state.batches = self.state.batches.split_off(&step.next());
        self.state.published = self.state.published.split_off(&PolicyVersion(step.0));
        let batches = self.state.batches.values().flat_map(|batch| &batch.groups);
        let waiting = self.state.pool.iter().flat_map(|pool| pool.series.done().map(|(_, group)| group));
        let needed: BTreeSet<Segment> = batches.chain(waiting).map(|group| group.location.segment).collect();
        let segments: Vec<Segment> = self.state.segments.difference(&needed).copied().collect();
        if !segments.is_empty() {
            self.state.segments = needed;
            self.effects.push(Effect::SegmentsReleased { segments });
        }
    }
}

impl Batch {
    /// Returns the groups' headers, in order of their ids.
    #[must_use]
    pub fn headers(&self) -> Vec<GroupHeader> {
        self.groups.iter().map(|group| group.header.clone()).collect()
    }
}
