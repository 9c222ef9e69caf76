//! Scenarios: a run from end to end, and everything that can come between.

use gradus_types::{Admission, GroupId, StageIndex, Step};

use super::*;
use fixture::{Driver, NUM_GROUPS, three_stages};

fn draws(assignment: &Assignment) -> Vec<u64> {
    match assignment {
        Assignment::Rollouts(batch) => batch.groups.iter().map(|group| group.id.draw()).collect(),
        other => panic!("expected a batch of rollouts, got {other:?}"),
    }
}

/// A driver at the first step of the first reinforcement-learning stage, its start evaluation done and nothing lent.
fn at_rollouts(max_staleness: u64) -> Driver {
    let mut driver = Driver::new(three_stages(max_staleness));
    driver.join_all();
    driver.train(1);
    driver.next(0, 1, 0);
    driver.complete(2).unwrap();
    driver.commit(2).unwrap();
    answer_evaluation(&mut driver);
    driver
}

fn answer_evaluation(driver: &mut Driver) {
    let num_items = driver.machine.state().evaluation.as_ref().map_or(0, |active| active.series.len());
    let version = driver.machine.state().policy_version().unwrap();
    for grant in driver.lend("actor-0", num_items as u32) {
        driver.submit("actor-0", grant.group_id, version.0).unwrap();
    }
}

#[test]
fn a_run_of_three_stages_goes_through_all_of_them() {
    let mut driver = Driver::new(three_stages(0));
    driver.join_all();
    let done = driver.train(9);
    let checkpoints: Vec<(u64, bool)> = done
        .iter()
        .filter_map(|answer| match answer {
            Assignment::Checkpoint { step, ends_stage, .. } => Some((step.0, *ends_stage)),
            _ => None,
        })
        .collect();
    assert_eq!(checkpoints, [(2, true), (4, false), (6, true), (9, true)]);
    driver.work_off("actor-0");
    assert_eq!(driver.next(0, 9, 9), Assignment::Finished);
    let measured: Vec<u64> = driver.machine.state().evaluations.iter().map(|result| result.version.0).collect();
    assert_eq!(measured, [0, 2, 5, 6, 9]);
    let ledger = driver.machine.state().training_ledger;
    assert_eq!((ledger.drawn, ledger.consumed), (7 * NUM_GROUPS, 7 * NUM_GROUPS));
}

#[test]
fn supervised_steps_take_their_draws_in_order() {
    let mut driver = Driver::new(three_stages(0));
    driver.join_all();
    driver.work_off("actor-0");
    driver.next(0, 0, 0);
    driver.complete(1).unwrap();
    let expected =
        Assignment::Examples { step: Step(2), stage: StageIndex(0), stage_step: 2, first_draw: 4, num_samples: 4 };
    assert_eq!(driver.next(0, 1, 0), expected);
}

#[test]
fn training_waits_for_the_evaluation_and_lends_its_prompts_first() {
    let mut driver = Driver::new(three_stages(0));
    driver.join_all();
    assert_eq!(driver.next(0, 0, 0), Assignment::Wait);
    let grants = driver.lend("actor-0", 9);
    assert_eq!(grants.len(), 4);
    assert!(grants.iter().all(|grant| grant.group_id.purpose() == gradus_types::Purpose::Evaluate));
    for grant in grants {
        driver.submit("actor-0", grant.group_id, 0).unwrap();
    }
    assert!(matches!(driver.next(0, 0, 0), Assignment::Examples { .. }));
}

#[test]
fn a_synchronous_run_lends_only_what_the_current_policy_may_sample() {
    let mut driver = at_rollouts(0);
    let grants = driver.lend("actor-0", 99);
    assert_eq!(grants.len() as u64, NUM_GROUPS);
    assert!(grants.iter().all(|grant| grant.min_policy_version.0 == 2));
    for grant in &grants {
        driver.submit("actor-0", grant.group_id, 2).unwrap();
    }
    assert_eq!(driver.lend("actor-0", 99), []);
    assert_eq!(draws(&driver.next(0, 2, 2)), [0, 1, 2]);
    driver.complete(3).unwrap();
    assert_eq!(driver.lend("actor-0", 99)[0].min_policy_version.0, 3);
}

#[test]
fn a_stale_run_lends_ahead_up_to_its_bound() {
    let mut driver = at_rollouts(1);
    let grants = driver.lend("actor-0", 99);
    assert_eq!(grants.len() as u64, 2 * NUM_GROUPS);
    // The stage starts from version 2, so nothing older may sample for it.
    assert!(grants.iter().all(|grant| grant.min_policy_version.0 == 2));
    for grant in grants {
        assert_eq!(driver.submit("actor-0", grant.group_id, 2), Ok(Admission::Accepted));
    }
    assert_eq!(driver.lend("actor-0", 99), []);
    assert_eq!(draws(&driver.next(0, 2, 2)), [0, 1, 2]);
    driver.complete(3).unwrap();
    assert_eq!(draws(&driver.next(0, 3, 2)), [3, 4, 5]);
}

#[test]
fn a_stale_run_takes_the_groups_that_came_first_and_orders_them_by_id() {
    let mut driver = at_rollouts(1);
    let grants = driver.lend("actor-0", 99);
    for position in [5, 1, 4] {
        driver.submit("actor-0", grants[position].group_id, 2).unwrap();
    }
    assert_eq!(draws(&driver.next(0, 2, 2)), [1, 4, 5]);
}

#[test]
fn a_group_that_is_too_stale_is_counted_and_its_prompt_lent_again() {
    let mut driver = at_rollouts(0);
    let grant = driver.lend("actor-0", 1)[0];
    assert_eq!(driver.submit("actor-0", grant.group_id, 1), Ok(Admission::Late));
    assert_eq!(driver.machine.state().training_ledger.stale, 1);
    let again = driver.lend("actor-1", 1)[0];
    assert_eq!((again.group_id, again.seed, again.attempt), (grant.group_id, grant.seed, 1));
}

#[test]
fn a_group_that_waited_too_long_goes_back_to_be_sampled_anew() {
    let mut driver = at_rollouts(1);
    // Steps 3 and 4 train on everything but one late group of version 2, which step 5 may not use.
    let grants = driver.lend("actor-0", 99);
    for grant in &grants[..3] {
        driver.submit("actor-0", grant.group_id, 2).unwrap();
    }
    driver.next(0, 2, 2);
    driver.complete(3).unwrap();
    let more = driver.lend("actor-1", 99);
    for grant in more.iter().take(3) {
        driver.submit("actor-1", grant.group_id, 3).unwrap();
    }
    assert_eq!(driver.machine.state().pool.as_ref().unwrap().next_step, Step(5));
    assert_eq!(driver.submit("actor-0", grants[3].group_id, 2), Ok(Admission::Late));
    assert_eq!(driver.machine.state().training_ledger.stale, 1);
}

#[test]
fn an_expired_lease_is_lent_again_with_the_same_seed() {
    let mut driver = at_rollouts(0);
    let lost = driver.lend("actor-0", 3);
    driver.now = driver.now.after(1_000);
    driver.run(Tick).unwrap();
    let again = driver.lend("actor-1", 3);
    let seeds = |grants: &[Grant]| grants.iter().map(|grant| (grant.group_id, grant.seed)).collect::<Vec<_>>();
    assert_eq!(seeds(&again), seeds(&lost));
    assert!(again.iter().all(|grant| grant.attempt == 1));
    // The lost actor's answer comes first after all: it counts, and the other one is a duplicate.
    assert_eq!(driver.submit("actor-0", lost[0].group_id, 2), Ok(Admission::Accepted));
    assert_eq!(driver.submit("actor-1", lost[0].group_id, 2), Ok(Admission::Duplicate));
}

#[test]
fn a_lost_actor_gives_its_leases_back_at_once() {
    let mut driver = at_rollouts(0);
    driver.lend("actor-0", 2);
    driver.lend("actor-1", 1);
    driver.lose("actor-0");
    assert_eq!(driver.lend("actor-1", 9).len(), 2);
}

#[test]
fn what_a_process_held_is_lent_again_once_another_one_goes_by_its_name() {
    let mut driver = at_rollouts(0);
    driver.lend_to("actor-0", "before the power cut", 3);
    // A start of the coordinator gives lendings their full time again.
    driver.run(Open { settings: fixture::settings() }).unwrap();
    let again = driver.lend_to("actor-0", "after it", 1);
    assert_eq!((again[0].group_id.draw(), again[0].attempt), (0, 1));
    assert_eq!(driver.lend("actor-1", 9).len(), 2);
    // A heartbeat that comes after the lending costs the new process nothing.
    let successor = Some("after it".to_owned());
    driver.run(Lose { actor: "actor-0".to_owned(), successor }).unwrap();
    assert_eq!(driver.lend("actor-1", 9), []);
}

#[test]
fn a_prompt_is_not_to_blame_for_the_deaths_of_its_holders_until_they_are_many() {
    let mut driver = at_rollouts(0);
    for _ in 0..29 {
        assert_eq!(driver.lend("actor-0", 1)[0].group_id.draw(), 0);
        driver.lose("actor-0");
    }
    assert!(driver.machine.state().quarantined.is_empty());
    driver.lend("actor-0", 1);
    driver.lose("actor-0");
    assert!(driver.machine.state().quarantined.contains_key(&GroupId::train(StageIndex(1), 0)));
}

#[test]
fn a_prompt_that_fails_too_often_is_set_aside_and_replaced() {
    let mut driver = at_rollouts(0);
    for _ in 0..3 {
        assert_eq!(driver.lend("actor-0", 1)[0].group_id.draw(), 0);
        driver.now = driver.now.after(1_000);
        driver.run(Tick).unwrap();
    }
    driver.work_off("actor-0");
    assert_eq!(draws(&driver.next(0, 2, 2)), [1, 2, 3]);
    assert!(driver.machine.state().quarantined.contains_key(&GroupId::train(StageIndex(1), 0)));
    assert_eq!(driver.submit("actor-0", GroupId::train(StageIndex(1), 0), 2), Ok(Admission::Late));
}

#[test]
fn a_faulty_prompt_is_set_aside_at_once_and_a_leaving_actors_prompt_is_not() {
    let mut driver = at_rollouts(0);
    let grants = driver.lend("actor-0", 2);
    for (grant, quarantine) in [(grants[0], true), (grants[1], false)] {
        let reason = "picture is unreadable".to_owned();
        driver.run(GiveBack { actor: "actor-0".to_owned(), group_id: grant.group_id, quarantine, reason }).unwrap();
    }
    driver.work_off("actor-0");
    assert_eq!(draws(&driver.next(0, 2, 2)), [1, 2, 3]);
    let ledger = driver.machine.state().training_ledger;
    assert_eq!((ledger.rejected, ledger.returned, ledger.quarantined), (1, 1, 1));
}

#[test]
fn a_group_without_any_reward_is_sampled_again_and_a_missing_server_is_no_fault_of_the_prompt() {
    let mut driver = at_rollouts(0);
    for (scoring, num_times) in [(Scoring::Unavailable, 5), (Scoring::Failed, 3)] {
        for _ in 0..num_times {
            let grant = driver.lend("actor-0", 1)[0];
            assert_eq!(grant.group_id.draw(), 0);
            driver.submit_scored("actor-0", grant.group_id, 2, scoring).unwrap();
        }
    }
    assert_eq!(driver.lend("actor-0", 1)[0].group_id.draw(), 1);
    let ledger = driver.machine.state().training_ledger;
    assert_eq!((ledger.unscored, ledger.quarantined), (8, 1));
}

#[test]
fn a_group_that_was_never_lent_is_refused() {
    let mut driver = at_rollouts(0);
    let group_id = GroupId::train(StageIndex(1), 77);
    assert_eq!(driver.submit("actor-0", group_id, 2), Err(Refusal::UnknownGroup { group_id }));
}

#[test]
fn a_new_process_of_a_rank_starts_a_new_generation_from_the_checkpoint() {
    let mut driver = at_rollouts(0);
    let old = driver.machine.state().world.generation;
    driver.train(5);
    let joined = driver.join(1, "another process");
    assert_eq!((joined.generation, joined.complete), (old + 1, false));
    assert_eq!(joined.checkpoint.unwrap().step, Step(4));
    let stale_call =
        Next { rank: gradus_types::Rank(0), generation: old, completed_step: Step(5), checkpointed_step: Step(4) };
    assert_eq!(driver.run(stale_call), Err(Refusal::GenerationOver { given: old, current: old + 1 }));
    assert!(driver.join(0, "process-1").complete);
}

#[test]
fn a_resumed_learner_is_given_the_very_same_batches() {
    let mut driver = at_rollouts(0);
    driver.train(4);
    answer_evaluation(&mut driver);
    driver.work_off("actor-0");
    let first = driver.next(0, 4, 4);
    driver.complete(5).unwrap();
    driver.join_all();
    assert_eq!(driver.lend("actor-0", 9), [], "version 5 is gone, so nothing of step 6 may be lent");
    assert_eq!(driver.next(0, 4, 4), first);
    driver.complete(5).unwrap();
    let counters = driver.machine.state().counters;
    assert_eq!((counters.repeated_steps, counters.replayed_groups, counters.diverged_steps), (1, NUM_GROUPS, 0));
}

#[test]
fn a_completed_step_may_be_reported_again_but_none_may_be_skipped() {
    let mut driver = at_rollouts(0);
    driver.work_off("actor-0");
    driver.next(0, 2, 2);
    driver.complete(3).unwrap();
    driver.complete(3).unwrap();
    assert!(matches!(driver.complete(5), Err(Refusal::OutOfTurn { .. })));
    assert!(matches!(driver.complete(4), Err(Refusal::OutOfTurn { .. })), "step 4 was not handed out");
}

#[test]
fn payloads_are_kept_until_a_checkpoint_covers_them() {
    let mut driver = at_rollouts(0);
    driver.train(3);
    driver.effects.clear();
    driver.work_off("actor-0");
    driver.next(0, 3, 2);
    driver.complete(4).unwrap();
    assert!(!driver.effects.iter().any(|effect| matches!(effect, Effect::SegmentsReleased { .. })));
    driver.commit(4).unwrap();
    let segments = vec![Segment::Step(3), Segment::Step(4)];
    assert!(driver.effects.contains(&Effect::SegmentsReleased { segments }));
}

#[test]
fn a_stop_takes_effect_at_the_same_step_for_every_rank() {
    let mut driver = at_rollouts(0);
    driver.work_off("actor-0");
    let batch = driver.next(0, 2, 2);
    driver.run(Control::Stop).unwrap();
    assert_eq!(driver.next(1, 2, 2), batch, "rank 0 has this step already");
    driver.complete(3).unwrap();
    assert!(matches!(driver.next(0, 3, 2), Assignment::Checkpoint { step: Step(3), ends_stage: false, .. }));
    driver.commit(3).unwrap();
    assert_eq!(driver.next(1, 3, 3), Assignment::Finished);
    assert!(driver.machine.is_finished());
    driver.run(Open { settings: fixture::settings() }).unwrap();
    assert!(!driver.machine.is_finished(), "the next start goes on");
}

#[test]
fn a_pause_holds_back_steps_that_no_rank_has() {
    let mut driver = at_rollouts(0);
    driver.work_off("actor-0");
    let batch = driver.next(0, 2, 2);
    driver.run(Control::Pause).unwrap();
    assert_eq!(driver.next(1, 2, 2), batch);
    driver.complete(3).unwrap();
    assert_eq!(driver.lend("actor-0", 9), []);
    driver.run(Control::Resume).unwrap();
    driver.work_off("actor-0");
    assert_ne!(driver.next(0, 3, 2), Assignment::Wait);
}

#[test]
fn an_evaluation_takes_only_answers_of_the_measured_policy() {
    let mut driver = Driver::new(three_stages(0));
    driver.join_all();
    let grant = driver.lend("actor-0", 1)[0];
    assert_eq!(driver.submit("actor-0", grant.group_id, 1), Ok(Admission::Late));
    assert_eq!(driver.lend("actor-0", 1)[0].group_id, grant.group_id);
    assert_eq!(driver.submit("actor-0", grant.group_id, 0), Ok(Admission::Accepted));
}

#[test]
fn an_evaluation_reports_accuracy_by_set_and_source() {
    let mut driver = Driver::new(three_stages(0));
    driver.join_all();
    answer_evaluation(&mut driver);
    let result = &driver.machine.state().evaluations[0];
    assert_eq!(result.sets.iter().map(|set| set.name.as_str()).collect::<Vec<_>>(), ["pictures", "text"]);
    let measure = result.sets[0].sources["colour"];
    assert_eq!((measure.num_prompts, measure.accuracy, measure.format_rate), (2, 1.0, Some(0.0)));
    assert!(measure.accuracy_low < 0.5);
}

#[test]
fn a_start_gives_every_lending_its_full_time_again() {
    let mut driver = at_rollouts(0);
    driver.lend("actor-0", 3);
    driver.now = driver.now.after(900);
    driver.run(Open { settings: fixture::settings() }).unwrap();
    assert_eq!(driver.machine.next_deadline(), Some(driver.now.after(1_000)));
}
