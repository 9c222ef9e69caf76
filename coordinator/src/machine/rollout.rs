//! What actors do: they are lent prompts, and submit groups or give prompts back.

use gradus_types::{Admission, GroupId, PolicyVersion, Purpose, Step};

use crate::machine::{
    BatchStatistics, Command, Effect, Expiry, GiveBack, Holder, Item, Lend, Lose, Machine, Pool, Refusal, RolloutPlan,
    Scoring, Segment, Submit, Tick, Timestamp, group_seed, pool,
};

/// A prompt lent to an actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The group the completions will form.
    pub group_id: GroupId,
    /// The seed of the group's completions.
    pub seed: u64,
    /// The oldest policy that may sample the group.
    pub min_policy_version: PolicyVersion,
    /// How often the group was lent before.
    pub attempt: u32,
}

impl Command for Lend {
    type Reply = Vec<Grant>;
    const IS_DURABLE: bool = false;

    fn apply(&self, machine: &mut Machine, now: Timestamp) -> Result<Vec<Grant>, Refusal> {
        machine.expire(Expiry::Succession { actor: &self.actor, incarnation: &self.incarnation }, now);
        let mut grants = Vec::new();
        let deadline = now.after(machine.state.settings.lease_millis);
        for _ in 0..self.max_groups {
            let (actor, incarnation) = (self.actor.clone(), self.incarnation.clone());
            let holder = Holder { actor, incarnation, deadline };
            let Some(grant) = machine.lend_one(holder) else { break };
            grants.push(grant);
        }
        if !grants.is_empty() {
            machine.touch();
        }
        Ok(grants)
    }
}

impl Command for Submit {
    type Reply = Admission;

    fn apply(&self, machine: &mut Machine, now: Timestamp) -> Result<Admission, Refusal> {
        let id = self.header.id;
        if !machine.is_open(id) {
            return machine.settled(id);
        }
        machine.check_group_size(self)?;
        match id.purpose() {
            Purpose::Train => Ok(machine.admit_rollout(self)),
            Purpose::Evaluate => Ok(machine.admit_answer(self, now)),
        }
    }
}

impl Command for GiveBack {
    type Reply = ();

    fn apply(&self, machine: &mut Machine, now: Timestamp) -> Result<(), Refusal> {
        let (id, state) = (self.group_id, &mut machine.state);
        let draw = id.draw();
        let (held, ledger) = match id.purpose() {
            Purpose::Train => {
                let pool = state.pool.as_mut().filter(|pool| u64::from(pool.stage.0) == id.series());
                (pool.is_some_and(|pool| pool.series.give_back(draw, &self.actor)), &mut state.training_ledger)
            }
            Purpose::Evaluate => {
                let active = state.evaluation.as_mut().filter(|active| active.number == id.series());
                let held = active.is_some_and(|active| active.series.give_back(draw, &self.actor));
                (held, &mut state.evaluation_ledger)
            }
        };
        if !held {
            return Ok(());
        }
        if self.quarantine {
            ledger.rejected += 1;
            machine.set_aside(id, self.reason.clone(), now);
        } else {
            ledger.returned += 1;
        }
        machine.touch();
        Ok(())
    }
}

impl Command for Lose {
    type Reply = ();
    const IS_DURABLE: bool = false;

    fn apply(&self, machine: &mut Machine, now: Timestamp) -> Result<(), Refusal> {
        let actor = &self.actor;
        let cause = match &self.successor {
            Some(incarnation) => Expiry::Succession { actor, incarnation },
            None => Expiry::Loss { actor },
        };
        machine.expire(cause, now);
        Ok(())
    }
}

impl Command for Tick {
    type Reply = ();
    const IS_DURABLE: bool = false;

    fn apply(&self, machine: &mut Machine, now: Timestamp) -> Result<(), Refusal> {
        machine.expire(Expiry::Deadline(now), now);
        Ok(())
    }
}

impl Machine {
    /// Returns when the next lending ends.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.holders().map(|holder| holder.deadline).min()
    }

    /// Iterates over those who hold a prompt, once for every prompt.
    pub fn holders(&self) -> impl Iterator<Item = &Holder> {
        let training = self.state.pool.iter().flat_map(|pool| pool.series.holders());
        let evaluation = self.state.evaluation.iter().flat_map(|active| active.series.holders());
        training.chain(evaluation)
    }

    /// Returns the file that the payload of a group belongs into, if the group is still wanted.
    #[must_use]
    pub fn segment_for(&self, id: GroupId) -> Option<Segment> {
        if !self.is_open(id) {
            return None;
        }
        match id.purpose() {
            Purpose::Train => self.state.pool.as_ref().map(|pool| Segment::Step(pool.next_step.0)),
            Purpose::Evaluate => Some(Segment::Evaluation(id.series())),
        }
    }

    /// Lends one prompt: of the evaluation under way, or else of the pool.
    fn lend_one(&mut self, holder: Holder) -> Option<Grant> {
        let version = self.state.policy_version()?;
        if self.state.paused || self.is_finished() {
            return None;
        }
        let (group_id, attempt, min_policy_version) = match self.lend_evaluation(version, &holder) {
            Some((id, attempt)) => (id, attempt, version),
            None => self.lend_rollout(version, holder)?,
        };
        let seed = group_seed(self.plan.seed, group_id);
        Some(Grant { group_id, seed, min_policy_version, attempt })
    }

    fn lend_rollout(&mut self, version: PolicyVersion, holder: Holder) -> Option<(GroupId, u32, PolicyVersion)> {
        let last = self.state.stop_after.unwrap_or(Step(u64::MAX));
        let pool = self.state.pool.as_mut()?;
        let plan = self.plan.stage(pool.stage).rollouts()?;
        let last = last.min(self.plan.last_step_of(pool.stage));
        let ledger = &mut self.state.training_ledger;
        let candidate = pool.candidate(version, last, plan, ledger)?;
        let attempt = pool.series.lend(candidate.draw, holder, ledger);
        Some((GroupId::train(pool.stage, candidate.draw), attempt, candidate.min_policy_version))
    }

    /// Tells whether a group is still wanted.
    fn is_open(&self, id: GroupId) -> bool {
        match id.purpose() {
            Purpose::Train => self.pool_of(id).is_some_and(|pool| is_open(pool.series.get(id.draw()))),
            Purpose::Evaluate => self.evaluation_of(id).is_some_and(|active| is_open(active.series.get(id.draw()))),
        }
    }

    fn pool_of(&self, id: GroupId) -> Option<&Pool> {
        self.state.pool.as_ref().filter(|pool| u64::from(pool.stage.0) == id.series())
    }

    /// Answers for a group that is not wanted any more, or never was.
    fn settled(&mut self, id: GroupId) -> Result<Admission, Refusal> {
        if self.state.quarantined.contains_key(&id) {
            return Ok(Admission::Late);
        }
        let ledger = match id.purpose() {
            Purpose::Train => {
                let pool = self.state.pool.as_ref().ok_or(Refusal::UnknownGroup { group_id: id })?;
                let drawn = (u64::from(pool.stage.0), pool.next_draw);
                if (id.series(), id.draw()) >= drawn {
                    return Err(Refusal::UnknownGroup { group_id: id });
                }
                &mut self.state.training_ledger
            }
            Purpose::Evaluate => {
                let num_begun = self.state.evaluations.len() + usize::from(self.state.evaluation.is_some());
                if id.series() >= num_begun as u64 {
                    return Err(Refusal::UnknownGroup { group_id: id });
                }
                &mut self.state.evaluation_ledger
            }
        };
        ledger.duplicates += 1;
        self.touch();
        Ok(Admission::Duplicate)
    }

    fn check_group_size(&self, submit: &Submit) -> Result<(), Refusal> {
        let (group_id, given) = (submit.header.id, submit.header.samples.len());
        let expected = match group_id.purpose() {
            Purpose::Train => self
                .pool_of(group_id)
                .and_then(|pool| self.plan.stage(pool.stage).rollouts())
                .map_or(0, |plan| plan.num_completions),
            Purpose::Evaluate => self.plan.evaluation.as_ref().map_or(0, |plan| plan.num_completions),
        };
        if given == expected as usize { Ok(()) } else { Err(Refusal::WrongGroupSize { group_id, given, expected }) }
    }

    fn admit_rollout(&mut self, submit: &Submit) -> Admission {
        self.touch();
        let Some(pool) = self.state.pool.as_mut() else { return Admission::Late };
        let Some(plan) = self.plan.stage(pool.stage).rollouts() else { return Admission::Late };
        let (id, ledger) = (submit.header.id, &mut self.state.training_ledger);
        if pool::min_version(&submit.header) < pool.oldest_version(pool.next_step, plan) {
            ledger.stale += 1;
            pool.series.drop_group(id.draw(), &submit.actor, ledger);
            return Admission::Late;
        }
        if submit.scoring != Scoring::Scored {
            ledger.unscored += 1;
            pool.series.drop_group(id.draw(), &submit.actor, ledger);
            let num_failures = if submit.scoring == Scoring::Failed { pool.series.fail(id.draw()) } else { 0 };
            self.judge_rollout(id, num_failures);
            return Admission::Late;
        }
        pool.accept(submit.header.clone(), submit.location, ledger);
        self.state.segments.insert(submit.location.segment);
        self.compose(plan);
        Admission::Accepted
    }

    fn compose(&mut self, plan: RolloutPlan) {
        let Some(pool) = self.state.pool.as_mut() else { return };
        if let Some((step, batch)) = pool.compose(plan, &mut self.state.training_ledger) {
            let mut statistics = BatchStatistics::default();
            let stage = self.state.stage_statistics.entry(pool.stage).or_default();
            for group in &batch.groups {
                statistics.add(&group.header);
                stage.add(&group.header);
            }
            self.state.last_batch = Some(statistics);
            self.state.batches.insert(step, batch);
            self.effects.push(Effect::BatchComposed { step });
        }
    }

    fn judge_rollout(&mut self, id: GroupId, num_failures: u32) {
        let limit = self.state.settings.max_lease_attempts;
        if num_failures == 0 || num_failures < limit {
            return;
        }
        let Some(pool) = self.state.pool.as_mut() else { return };
        // A lending to another actor may be under way: it ends with the prompt.
        self.state.training_ledger.expired += u64::from(pool.series.is_lent(id.draw()));
        pool.series.set_aside(id.draw(), &mut self.state.training_ledger);
        self.quarantine(
            id,
            format!("failed {num_failures} times, as often as `coordinator.max_lease_attempts` allows"),
        );
    }

    /// Ends the lendings that a cause ends. Prompts that this has happened to too often are set aside.
    fn expire(&mut self, cause: Expiry<'_>, now: Timestamp) {
        let mut failures = Vec::new();
        if let Some(pool) = self.state.pool.as_mut() {
            let expired = pool.series.expire(&cause, &mut self.state.training_ledger);
            failures.extend(expired.into_iter().map(|(draw, count)| (GroupId::train(pool.stage, draw), count)));
        }
        if let Some(active) = self.state.evaluation.as_mut() {
            let expired = active.series.expire(&cause, &mut self.state.evaluation_ledger);
            failures.extend(expired.into_iter().map(|(draw, count)| (GroupId::evaluation(active.number, draw), count)));
        }
        if failures.is_empty() {
            return;
        }
        let limit = cause.limit(self.state.settings.max_lease_attempts);
        for (id, count) in failures {
            if count >= limit {
                self.set_aside(id, cause.reason(count), now);
            }
        }
        self.touch();
    }

    /// Sets a prompt aside for good; the series it belongs to goes on without it.
    fn set_aside(&mut self, id: GroupId, reason: String, now: Timestamp) {
        match id.purpose() {
            Purpose::Train => {
                if let Some(pool) = self.state.pool.as_mut() {
                    pool.series.set_aside(id.draw(), &mut self.state.training_ledger);
                }
            }
            Purpose::Evaluate => {
                if let Some(active) = self.state.evaluation.as_mut() {
                    active.series.set_aside(id.draw(), &mut self.state.evaluation_ledger);
                }
            }
        }
        self.quarantine(id, reason);
        self.finish_evaluation(now);
    }

    fn quarantine(&mut self, id: GroupId, reason: String) {
        self.state.quarantined.insert(id, reason.clone());
        self.effects.push(Effect::PromptQuarantined { group_id: id, reason });
    }
}

fn is_open<T>(item: Option<&Item<T>>) -> bool {
    matches!(item, Some(Item::Open(_)))
}
