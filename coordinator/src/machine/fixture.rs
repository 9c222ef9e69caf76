//! A small run for tests, and a driver that keeps the journal a real coordinator would write.

use std::path::PathBuf;

use gradus_types::{
    Admission, Checkpoint, FinishReason, GroupHeader, GroupId, PolicyDigest, PolicyVersion, PromptId, PublishedPolicy,
    Rank, SampleHeader, Step,
};

use crate::machine::{
    Announce, Assignment, BatchPlan, Command, Commit, Complete, Effect, EvaluationPlan, Event, Grant, Join, Joined,
    Lend, Location, Lose, Machine, Next, Open, Plan, Refusal, RolloutPlan, Scoring, Segment, Settings, StagePlan,
    Submit, Timestamp,
};

/// Groups per step of the fixture's reinforcement-learning stages.
pub(crate) const NUM_GROUPS: u64 = 3;

/// Learner ranks of the fixture.
pub(crate) const WORLD_SIZE: u32 = 2;

/// Three stages of 2, 4 and 3 steps: supervised, then two of reinforcement learning.
pub(crate) fn three_stages(max_staleness: u64) -> Plan {
    let rollouts = BatchPlan::Rollouts(RolloutPlan { num_groups: NUM_GROUPS, num_completions: 2, max_staleness });
    let stage = |name: &str, num_steps, checkpoint_interval, batch| StagePlan {
        name: name.to_owned(),
        num_steps,
        checkpoint_interval,
        batch,
    };
    Plan {
        seed: 7,
        stages: vec![
            stage("cold-start", 2, 0, BatchPlan::Examples { num_samples: 4 }),
            stage("pictures", 4, 2, rollouts),
            stage("text", 3, 0, rollouts),
        ],
        evaluation: Some(EvaluationPlan {
            sets: vec!["pictures".to_owned(), "text".to_owned()],
            num_prompts: 2,
            num_completions: 1,
            interval: 3,
        }),
    }
}

/// The settings of the fixture.
pub(crate) fn settings() -> Settings {
    Settings { world_size: WORLD_SIZE, lease_millis: 1_000, max_lease_attempts: 3, evaluation_prompts: vec![2, 2] }
}

/// Drives a machine, and records what a journal would hold.
pub(crate) struct Driver {
    pub machine: Machine,
    pub now: Timestamp,
    pub journal: Vec<(Timestamp, Event)>,
    pub effects: Vec<Effect>,
    num_processes: u64,
}

impl Driver {
    pub(crate) fn new(plan: Plan) -> Self {
        let mut driver = Self {
            machine: Machine::new(plan),
            now: Timestamp(1_000_000),
            journal: Vec::new(),
            effects: Vec::new(),
            num_processes: 0,
        };
        driver.run(Open { settings: settings() }).unwrap();
        driver
    }

    /// Runs a command. What changes nothing is not journaled, and must really change nothing.
    pub(crate) fn run<C: Command + Clone>(&mut self, command: C) -> Result<C::Reply, Refusal> {
        let before = self.machine.state().clone();
        let reply = command.clone().apply(&mut self.machine, self.now);
        let state = self.machine.state();
        if state.revision == before.revision {
            assert_eq!(*state, before, "a change went unnoticed");
        } else {
            assert!(reply.is_ok(), "a refused command changed the state");
            self.journal.push((self.now, command.into()));
        }
        state.check_ledger().unwrap();
        self.effects.extend(self.machine.take_effects());
        reply
    }

    /// Makes a machine out of the journal alone.
    pub(crate) fn replay(&self) -> Machine {
        let mut machine = Machine::new(self.machine.plan().clone());
        for (at, event) in &self.journal {
            machine.apply(event, *at).unwrap();
            machine.take_effects();
        }
        machine
    }

    pub(crate) fn lend(&mut self, actor: &str, max_groups: u32) -> Vec<Grant> {
        self.lend_to(actor, "the first process", max_groups)
    }

    /// Notes that an actor has gone silent.
    pub(crate) fn lose(&mut self, actor: &str) {
        self.run(Lose { actor: actor.to_owned(), successor: None }).unwrap();
    }

    /// Lends to a process of an actor.
    pub(crate) fn lend_to(&mut self, actor: &str, incarnation: &str, max_groups: u32) -> Vec<Grant> {
        let (actor, incarnation) = (actor.to_owned(), incarnation.to_owned());
        self.run(Lend { actor, incarnation, max_groups }).unwrap()
    }

    pub(crate) fn submit(&mut self, actor: &str, id: GroupId, version: u64) -> Result<Admission, Refusal> {
        self.submit_scored(actor, id, version, Scoring::Scored)
    }

    pub(crate) fn submit_scored(
        &mut self,
        actor: &str,
        id: GroupId,
        version: u64,
        scoring: Scoring,
    ) -> Result<Admission, Refusal> {
        let segment = self.machine.segment_for(id).unwrap_or(Segment::Step(0));
        let location = Location { segment, offset: id.draw() };
        self.run(Submit { actor: actor.to_owned(), header: header(id, version), scoring, location })
    }

    /// Lends everything there is to an actor that answers at once.
    pub(crate) fn work_off(&mut self, actor: &str) {
        loop {
            let grants = self.lend(actor, 4);
            if grants.is_empty() {
                return;
            }
            let version = self.machine.state().policy_version().unwrap();
            for grant in grants {
                self.submit(actor, grant.group_id, version.0).unwrap();
            }
        }
    }

    pub(crate) fn join(&mut self, rank: u32, incarnation: &str) -> Joined {
        let store_endpoint = if rank == 0 { format!("host:{incarnation}") } else { String::new() };
        let incarnation = incarnation.to_owned();
        self.run(Join { rank: Rank(rank), world_size: WORLD_SIZE, incarnation, store_endpoint }).unwrap()
    }

    /// Starts a new process of every rank, and announces the policy they start from.
    pub(crate) fn join_all(&mut self) -> u64 {
        self.num_processes += 1;
        let incarnation = format!("process-{}", self.num_processes);
        let joined: Vec<Joined> = (0..WORLD_SIZE).map(|rank| self.join(rank, &incarnation)).collect();
        let last = joined.last().unwrap();
        assert!(last.complete);
        let version = last.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.step.0);
        let generation = last.generation;
        self.run(Announce { generation, policy: policy(version) }).unwrap();
        generation
    }

    pub(crate) fn next(&mut self, rank: u32, completed: u64, checkpointed: u64) -> Assignment {
        let generation = self.machine.state().world.generation;
        let (completed_step, checkpointed_step) = (Step(completed), Step(checkpointed));
        self.run(Next { rank: Rank(rank), generation, completed_step, checkpointed_step }).unwrap()
    }

    pub(crate) fn complete(&mut self, step: u64) -> Result<bool, Refusal> {
        let generation = self.machine.state().world.generation;
        self.run(Complete { generation, step: Step(step), policy: policy(step) })
    }

    pub(crate) fn commit(&mut self, step: u64) -> Result<(), Refusal> {
        let (generation, plan) = (self.machine.state().world.generation, self.machine.plan());
        let checkpoint = Checkpoint {
            step: Step(step),
            stage: plan.stage_of(Step(step)).unwrap(),
            ends_stage: plan.ends_stage(Step(step)),
            path: PathBuf::from(format!("checkpoints/{step}")),
            digest: policy(step).digest,
        };
        self.run(Commit { generation, checkpoint })
    }

    /// Trains from the last checkpoint to a step, and commits its checkpoint if one is due.
    pub(crate) fn train(&mut self, last: u64) -> Vec<Assignment> {
        let mut completed = self.machine.state().committed_step().0;
        let mut checkpointed = completed;
        let mut done = Vec::new();
        while completed < last || (checkpointed < completed && self.machine.plan().checkpoint_due(Step(completed))) {
            self.work_off("actor-0");
            let answers: Vec<Assignment> =
                (0..WORLD_SIZE).map(|rank| self.next(rank, completed, checkpointed)).collect();
            assert!(answers.iter().all(|answer| *answer == answers[0]), "ranks were told different things");
            match answers[0] {
                Assignment::Checkpoint { step, .. } => {
                    self.commit(step.0).unwrap();
                    checkpointed = step.0;
                }
                Assignment::Rollouts(_) | Assignment::Examples { .. } => {
                    completed += 1;
                    self.complete(completed).unwrap();
                }
                Assignment::Wait | Assignment::Finished => break,
            }
            done.push(answers[0].clone());
        }
        done
    }
}

pub(crate) fn policy(version: u64) -> PublishedPolicy {
    PublishedPolicy {
        version: PolicyVersion(version),
        weights_endpoint: "host:1".to_owned(),
        digest: PolicyDigest([version as u8; 32]),
    }
}

pub(crate) fn header(id: GroupId, version: u64) -> GroupHeader {
    let num_samples = match id.purpose() {
        gradus_types::Purpose::Train => 2,
        gradus_types::Purpose::Evaluate => 1,
    };
    let sample = SampleHeader {
        num_tokens: 5,
        reward: Some(1.0),
        components: vec![("accuracy".to_owned(), 1.0), ("format".to_owned(), 0.0)],
        finish_reason: FinishReason::Stop,
        min_policy_version: PolicyVersion(version),
        max_policy_version: PolicyVersion(version),
    };
    GroupHeader {
        id,
        prompt_id: PromptId(id.draw()),
        source: "colour".to_owned(),
        num_prompt_tokens: 9,
        samples: vec![sample; num_samples],
    }
}
