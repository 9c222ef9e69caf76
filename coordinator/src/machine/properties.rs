//! Properties over event orders: whatever dies, repeats itself or comes late, nothing is lost, nothing is trained on
//! twice, and the journal gives the state back.

use std::collections::BTreeMap;

use gradus_types::{Admission, GroupId, Step};
use proptest::prelude::*;

use super::*;
use fixture::{Driver, NUM_GROUPS, WORLD_SIZE, three_stages};

/// One thing that may happen next.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Lends { actor: usize, count: u32 },
    Answers { actor: usize, position: usize, with_old_policy: bool },
    Repeats { actor: usize },
    Dies { actor: usize },
    IsSucceeded { actor: usize },
    GivesBack { actor: usize, quarantine: bool },
    Scores { actor: usize, scoring: Scoring },
    TimePasses { millis: u64 },
    LearnerMoves,
    LearnerDies,
    CoordinatorRestarts,
    Pauses { paused: bool },
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening::*;
    let actor = 0..3_usize;
    prop_oneof![
        8 => (actor.clone(), 1..4_u32).prop_map(|(actor, count)| Lends { actor, count }),
        16 => (actor.clone(), 0..8_usize, any::<bool>())
            .prop_map(|(actor, position, with_old_policy)| Answers { actor, position, with_old_policy }),
        2 => actor.clone().prop_map(|actor| Repeats { actor }),
        1 => actor.clone().prop_map(|actor| Dies { actor }),
        1 => actor.clone().prop_map(|actor| IsSucceeded { actor }),
        1 => (actor.clone(), any::<bool>()).prop_map(|(actor, quarantine)| GivesBack { actor, quarantine }),
        1 => (actor, prop_oneof![Just(Scoring::Failed), Just(Scoring::Unavailable)])
            .prop_map(|(actor, scoring)| Scores { actor, scoring }),
        2 => (1..900_u64).prop_map(|millis| TimePasses { millis }),
        16 => Just(LearnerMoves),
        1 => Just(LearnerDies),
        1 => Just(CoordinatorRestarts),
        1 => any::<bool>().prop_map(|paused| Pauses { paused }),
    ]
}

/// A cluster in miniature: three actors and a learner of two ranks that always agree.
struct Cluster {
    driver: Driver,
    held: [Vec<Grant>; 3],
    answered: [Option<GroupId>; 3],
    lives: [u32; 3],
    completed: u64,
    checkpointed: u64,
    batches: BTreeMap<Step, Assignment>,
    max_staleness: u64,
}

impl Cluster {
    fn new(max_staleness: u64) -> Self {
        let mut driver = Driver::new(three_stages(max_staleness));
        driver.join_all();
        Self {
            driver,
            held: Default::default(),
            answered: Default::default(),
            lives: Default::default(),
            completed: 0,
            checkpointed: 0,
            batches: BTreeMap::new(),
            max_staleness,
        }
    }

    fn happens(&mut self, happening: Happening) {
        match happening {
            Happening::Lends { actor, count } => {
                let grants = self.driver.lend_to(&name(actor), &self.incarnation(actor), count);
                self.held[actor].extend(grants);
            }
            Happening::Answers { actor, position, with_old_policy } => {
                self.answer(actor, position, with_old_policy, Scoring::Scored);
            }
            Happening::Scores { actor, scoring } => self.answer(actor, 0, false, scoring),
            Happening::Repeats { actor } => {
                if let Some(id) = self.answered[actor] {
                    let version = self.driver.machine.state().policy_version().unwrap();
                    let admission = self.driver.submit(&name(actor), id, version.0).unwrap();
                    assert_eq!(admission, Admission::Duplicate);
                }
            }
            Happening::Dies { actor } => {
                self.held[actor].clear();
                self.driver.run(Lose { actor: name(actor), successor: None }).unwrap();
            }
            Happening::IsSucceeded { actor } => {
                self.held[actor].clear();
                self.lives[actor] += 1;
                let successor = Some(self.incarnation(actor));
                self.driver.run(Lose { actor: name(actor), successor }).unwrap();
                let is_held = |holder: &Holder| holder.actor == name(actor);
                assert!(!self.driver.machine.holders().any(is_held), "a predecessor still holds a prompt");
            }
            Happening::GivesBack { actor, quarantine } => {
                if let Some(grant) = self.held[actor].pop() {
                    let reason = "because".to_owned();
                    let give_back = GiveBack { actor: name(actor), group_id: grant.group_id, quarantine, reason };
                    self.driver.run(give_back).unwrap();
                }
            }
            Happening::TimePasses { millis } => {
                self.driver.now = self.driver.now.after(millis);
                self.driver.run(Tick).unwrap();
            }
            Happening::LearnerMoves => self.learner_moves(),
            Happening::LearnerDies => self.learner_dies(),
            Happening::CoordinatorRestarts => {
                self.driver.machine = self.driver.replay();
                self.driver.run(Open { settings: fixture::settings() }).unwrap();
            }
            Happening::Pauses { paused } => {
                self.driver.run(if paused { Control::Pause } else { Control::Resume }).unwrap();
            }
        }
    }

    fn incarnation(&self, actor: usize) -> String {
        format!("life-{}", self.lives[actor])
    }

    fn answer(&mut self, actor: usize, position: usize, with_old_policy: bool, scoring: Scoring) {
        if self.held[actor].is_empty() {
            return;
        }
        let position = position % self.held[actor].len();
        let grant = self.held[actor].remove(position);
        let current = self.driver.machine.state().policy_version().unwrap();
        // An actor that fetched a policy keeps it while a resumed learner catches up.
        let newest = current.max(grant.min_policy_version);
        let version = if with_old_policy { grant.min_policy_version } else { newest };
        let admission = self.driver.submit_scored(&name(actor), grant.group_id, version.0, scoring).unwrap();
        if admission == Admission::Accepted {
            self.answered[actor] = Some(grant.group_id);
        }
    }

    fn learner_moves(&mut self) {
        let answers: Vec<Assignment> =
            (0..WORLD_SIZE).map(|rank| self.driver.next(rank, self.completed, self.checkpointed)).collect();
        assert!(answers.iter().all(|answer| *answer == answers[0]), "ranks were told different things: {answers:?}");
        match &answers[0] {
            Assignment::Rollouts(batch) => {
                self.check_batch(batch);
                let known = self.batches.entry(batch.step).or_insert_with(|| answers[0].clone());
                assert_eq!(*known, answers[0], "a repeated step was given another batch");
                self.completed += 1;
                self.driver.complete(self.completed).unwrap();
            }
            Assignment::Examples { .. } => {
                self.completed += 1;
                self.driver.complete(self.completed).unwrap();
            }
            Assignment::Checkpoint { step, .. } => {
                self.driver.commit(step.0).unwrap();
                self.checkpointed = step.0;
            }
            Assignment::Wait | Assignment::Finished => {}
        }
    }

    fn check_batch(&self, batch: &gradus_types::RolloutBatch) {
        assert_eq!(batch.groups.len() as u64, NUM_GROUPS);
        assert!(batch.groups.is_sorted_by_key(|group| group.id));
        for group in &batch.groups {
            let oldest = pool::min_version(group);
            assert!(oldest.0 + self.max_staleness + 1 >= batch.step.0, "step {} got version {oldest}", batch.step);
        }
    }

    fn learner_dies(&mut self) {
        self.driver.join_all();
        self.completed = self.driver.machine.state().committed_step().0;
        self.checkpointed = self.completed;
    }

    fn check_that_no_group_is_trained_on_twice(&self) {
        let mut ids: Vec<GroupId> = Vec::new();
        for assignment in self.batches.values() {
            if let Assignment::Rollouts(batch) = assignment {
                ids.extend(batch.groups.iter().map(|group| group.id));
            }
        }
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }

    /// Lets everything go well from here on: the run must come to its end.
    fn settle(&mut self) {
        self.happens(Happening::Pauses { paused: false });
        (0..3).for_each(|actor| self.happens(Happening::Dies { actor }));
        for _ in 0..200 {
            self.driver.work_off("actor-0");
            self.learner_moves();
        }
        assert!(self.driver.machine.is_finished(), "{:?}", self.driver.machine.state());
    }
}

fn name(actor: usize) -> String {
    format!("actor-{actor}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_and_nothing_is_trained_on_twice(
        max_staleness in 0..3_u64,
        happenings in prop::collection::vec(happening(), 1..250),
    ) {
        let mut cluster = Cluster::new(max_staleness);
        for happening in happenings {
            cluster.happens(happening);
        }
        let replayed = cluster.driver.replay();
        prop_assert_eq!(replayed.state(), cluster.driver.machine.state());
        cluster.settle();
        cluster.check_that_no_group_is_trained_on_twice();
        let replayed = cluster.driver.replay();
        prop_assert_eq!(replayed.state(), cluster.driver.machine.state());
    }

    #[test]
    fn a_synchronous_run_trains_on_the_same_prompts_whatever_happens_to_the_processes(
        happenings in prop::collection::vec(happening(), 1..200),
    ) {
        let mut cluster = Cluster::new(0);
        for happening in happenings {
            // Quarantine and scorer failures are the prompts' own; they happen in the undisturbed run as well.
            if !matches!(happening, Happening::GivesBack { quarantine: true, .. } | Happening::Scores { .. }) {
                cluster.happens(happening);
            }
        }
        prop_assume!(cluster.driver.machine.state().quarantined.is_empty());
        cluster.settle();
        prop_assume!(cluster.driver.machine.state().quarantined.is_empty());
        let mut undisturbed = Cluster::new(0);
        undisturbed.settle();
        prop_assert_eq!(cluster.batches, undisturbed.batches);
    }
}
