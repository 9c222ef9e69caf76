//! Properties of plans over random batches.

use std::collections::BTreeMap;

use gradus_config::Pad;
use gradus_types::{FinishReason, GroupHeader, GroupId, PolicyVersion, PromptId, SampleHeader, StageIndex, Step};
use proptest::prelude::*;

use super::*;
use crate::fixture;

const SEED: u64 = 11;

/// The prompt's length, and length and reward of each sample.
type Outline = (u32, Vec<(u32, Option<f64>)>);

fn batch(groups: &[Outline]) -> RolloutBatch {
    let header = |(draw, (num_prompt_tokens, samples)): (usize, &Outline)| GroupHeader {
        id: GroupId::train(StageIndex(0), draw as u64),
        prompt_id: PromptId(draw as u64),
        source: "arithmetic".to_owned(),
        num_prompt_tokens: *num_prompt_tokens,
        samples: samples.iter().map(|&(num_tokens, reward)| sample(num_tokens, reward)).collect(),
    };
    RolloutBatch {
        step: Step(3),
        stage: StageIndex(0),
        stage_step: 3,
        groups: groups.iter().enumerate().map(header).collect(),
    }
}

fn sample(num_tokens: u32, reward: Option<f64>) -> SampleHeader {
    SampleHeader {
        num_tokens,
        reward,
        components: Vec::new(),
        finish_reason: FinishReason::Stop,
        min_policy_version: PolicyVersion(2),
        max_policy_version: PolicyVersion(2),
    }
}

fn config(algorithm: &Algorithm, world_size: usize) -> PlanConfig<'_> {
    PlanConfig { algorithm, num_stage_steps: 10, world_size, microbatch_tokens: 100 }
}

/// Returns how often each (group, sample) of a plan is computed.
fn computed(plan: &Plan) -> BTreeMap<(usize, usize), usize> {
    let mut times = BTreeMap::new();
    for group in shares(plan) {
        for sample in &group.samples {
            *times.entry((group.group, sample.sample)).or_default() += 1;
        }
    }
    times
}

fn shares(plan: &Plan) -> impl Iterator<Item = &GroupShare> {
    microbatches_of(plan).flat_map(|microbatch| &microbatch.groups)
}

fn microbatches_of(plan: &Plan) -> impl Iterator<Item = &Microbatch> {
    plan.updates.iter().flat_map(|update| update.ranks.iter().flatten())
}

#[test]
fn unscored_and_empty_samples_are_masked() {
    let groups = [(5, vec![(4, Some(1.0)), (4, None), (0, Some(0.5)), (4, Some(0.0))])];
    let plan = plan(&batch(&groups), SEED, &config(&fixture::algorithm(), 1));
    assert_eq!(computed(&plan).into_keys().collect::<Vec<_>>(), [(0, 0), (0, 3)]);
    assert_eq!(plan.updates[0].counts, Counts { num_tokens: 8, num_sequences: 2 });
}

#[test]
fn a_batch_of_ties_has_no_updates() {
    let groups = [(5, vec![(4, Some(1.0)); 4]), (5, vec![(4, Some(0.0)); 4])];
    let plan = plan(&batch(&groups), SEED, &config(&fixture::algorithm(), 2));
    assert!(plan.updates.is_empty());
    assert_eq!(plan.num_selected_samples, 8);
}

#[test]
fn a_tied_group_counts_in_the_denominator_but_is_not_computed() {
    let groups = [(5, vec![(4, Some(1.0)), (4, Some(0.0))]), (5, vec![(4, Some(1.0)); 2])];
    let plan = plan(&batch(&groups), SEED, &config(&fixture::algorithm(), 1));
    assert!(shares(&plan).all(|group| group.group == 0));
    assert_eq!(plan.updates[0].counts, Counts { num_tokens: 16, num_sequences: 4 });
}

#[test]
fn a_tied_group_is_computed_for_its_divergence_from_the_reference() {
    let groups = [(5, vec![(4, Some(1.0)); 2])];
    let algorithm = Algorithm { kl_coefficient: 0.01, ..fixture::algorithm() };
    assert_eq!(computed(&plan(&batch(&groups), SEED, &config(&algorithm, 1))).len(), 2);
}

#[test]
fn resampling_that_keeps_nothing_leaves_no_updates() {
    let algorithm = Algorithm { pad: Some(fixture::pad()), kl_coefficient: 0.01, ..fixture::algorithm() };
    let plan = plan(&batch(&[(5, vec![(4, Some(1.0)); 4])]), SEED, &config(&algorithm, 2));
    assert!(plan.updates.is_empty());
    assert_eq!(plan.pad.map(|pad| pad.num_selected_samples), Some(0));
}

#[test]
fn resampling_that_is_turned_off_changes_nothing() {
    let groups = [(5, vec![(4, Some(1.0)), (4, Some(0.0)), (4, Some(0.0))])];
    let off = Algorithm { pad: Some(Pad { enabled: false, ..fixture::pad() }), ..fixture::algorithm() };
    let found = plan(&batch(&groups), SEED, &config(&off, 1));
    assert_eq!(found, plan(&batch(&groups), SEED, &config(&fixture::algorithm(), 1)));
}

#[test]
fn resampling_draws_differently_at_each_step() {
    let groups = [(5, (0..32).map(|reward| (4, Some(f64::from(reward)))).collect())];
    let algorithm = Algorithm { pad: Some(fixture::pad()), ..fixture::algorithm() };
    let first = batch(&groups);
    let second = RolloutBatch { step: Step(4), ..first.clone() };
    let [first, second] = [first, second].map(|batch| computed(&plan(&batch, SEED, &config(&algorithm, 1))));
    assert_ne!(first, second);
    assert_eq!(first.len(), 16);
}

prop_compose! {
    fn any_groups()(groups in proptest::collection::vec(
        (1..80_u32, proptest::collection::vec((0..60_u32, proptest::option::of(0..3_i32)), 1..8)), 0..12,
    )) -> Vec<Outline> {
        groups.into_iter().map(|(prompt, samples)| {
            (prompt, samples.into_iter().map(|(length, reward)| (length, reward.map(f64::from))).collect())
        }).collect()
    }
}

proptest! {
    #[test]
    fn every_selected_sample_is_computed_exactly_once_and_counted(
        groups in any_groups(), world_size in 1..5_usize, updates_per_batch in 1..4_u32, with_pad: bool,
    ) {
        let algorithm = Algorithm {
            updates_per_batch,
            kl_coefficient: 0.1,
            pad: with_pad.then(fixture::pad),
            ..fixture::algorithm()
        };
        let plan = plan(&batch(&groups), SEED, &config(&algorithm, world_size));
        let times = computed(&plan);
        prop_assert!(times.values().all(|&times| times == 1));
        prop_assert_eq!(times.len(), plan.num_selected_samples);
        let num_sequences: u64 = plan.updates.iter().map(|update| update.counts.num_sequences).sum();
        prop_assert_eq!(num_sequences as usize, plan.num_selected_samples);
        prop_assert!(plan.updates.len() <= updates_per_batch as usize);
    }

    #[test]
    fn every_rank_makes_the_same_plan_with_a_share_for_every_rank(groups in any_groups(), world_size in 1..5_usize) {
        let algorithm = Algorithm { pad: Some(fixture::pad()), updates_per_batch: 2, ..fixture::algorithm() };
        let plans: Vec<Plan> =
            (0..world_size).map(|_| plan(&batch(&groups), SEED, &config(&algorithm, world_size))).collect();
        prop_assert!(plans.windows(2).all(|pair| pair[0] == pair[1]));
        prop_assert!(plans[0].updates.iter().all(|update| update.ranks.len() == world_size));
    }

    #[test]
    fn the_world_size_changes_neither_selection_nor_counts(groups in any_groups()) {
        let algorithm = Algorithm { pad: Some(fixture::pad()), updates_per_batch: 2, ..fixture::algorithm() };
        let [one, three] = [1, 3].map(|world_size| plan(&batch(&groups), SEED, &config(&algorithm, world_size)));
        prop_assert_eq!(computed(&one), computed(&three));
        let counts = |plan: &Plan| plan.updates.iter().map(|update| update.counts).collect::<Vec<_>>();
        prop_assert_eq!(counts(&one), counts(&three));
    }

    #[test]
    fn a_microbatch_keeps_the_budget_unless_a_single_sample_breaks_it(groups in any_groups()) {
        let plan = plan(&batch(&groups), SEED, &config(&fixture::algorithm(), 2));
        for microbatch in microbatches_of(&plan) {
            let is_single = microbatch.groups.len() == 1 && microbatch.groups[0].samples.len() == 1;
            prop_assert!(microbatch.num_tokens() <= 100 || is_single);
        }
    }
}
