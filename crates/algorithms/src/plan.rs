//! The plan of a step: who computes which samples, in which passes, towards which optimizer updates.
//!
//! ```text
//! headers → advantages → PAD → minibatches (one an update) → ranks → microbatches
//! ```
//!
//! A plan is a pure function of what every rank has been told, so all ranks hold the same plan and the number of updates is
//! the same everywhere. A rank whose share of an update is empty still takes part in the update's collectives.

use gradus_config::Algorithm;
use gradus_types::{RolloutBatch, random};

use crate::{Counts, PadDraw, PadStatistics, advantages, balance, first_fit, pad_temperature, resample, split_group};

/// What a plan depends on beside the batch and the seed.
#[derive(Clone, Copy, Debug)]
pub struct PlanConfig<'a> {
    /// The stage's algorithm.
    pub algorithm: &'a Algorithm,
    /// Steps of the stage.
    pub num_stage_steps: u64,
    /// Ranks that share the work.
    pub world_size: usize,
    /// The most tokens of a microbatch, prompts counted once a group.
    pub microbatch_tokens: u64,
}

/// The work of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The optimizer updates, in order; none when the batch teaches nothing.
    pub updates: Vec<Update>,
    /// What prioritized resampling did, where it is on.
    pub pad: Option<PadStatistics>,
    /// Samples that count in the updates' denominators.
    pub num_selected_samples: usize,
}

/// The work of one optimizer update.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// What losses are averaged over, on all ranks together.
    pub counts: Counts,
    /// The microbatches of each rank.
    pub ranks: Vec<Vec<Microbatch>>,
}

/// What is computed in one forward and backward pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Microbatch {
    /// The groups, each with its prompt once.
    pub groups: Vec<GroupShare>,
}

/// A group's prompt and some of its samples.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupShare {
    /// The group's position in the batch.
    pub group: usize,
    /// The prompt's length.
    pub num_prompt_tokens: u32,
    /// The samples, in order.
    pub samples: Vec<SampleShare>,
}

/// A sample that is trained on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleShare {
    /// The sample's position in its group.
    pub sample: usize,
    /// The completion's length.
    pub num_tokens: u32,
    /// The advantage.
    pub advantage: f64,
}

/// Plans a step. `seed` is the run's.
///
/// A sample whose advantage is exactly 0 has no gradient unless there is a KL term: it counts in the denominators, but it is
/// not computed. Samples without a reward or without tokens are left out altogether.
///
/// # Panics
/// When the world has no ranks.
#[must_use]
pub fn plan(batch: &RolloutBatch, seed: u64, config: &PlanConfig<'_>) -> Plan {
    assert!(config.world_size > 0, "a plan needs at least one rank");
    let candidates = candidates(batch, config.algorithm);
    let (selected, pad) = select(candidates, batch, seed, config);
    let num_selected_samples = selected.iter().map(|group| group.samples.len()).sum();
    let updates = minibatches(selected, batch, seed, config.algorithm.updates_per_batch.max(1) as usize)
        .into_iter()
        .filter_map(|groups| Update::new(groups, config))
        .collect();
    Plan { updates, pad, num_selected_samples }
}

// === impl Update ===

impl Update {
    /// Shares the groups of a minibatch out; nothing where no sample has a gradient.
    fn new(groups: Vec<GroupShare>, config: &PlanConfig<'_>) -> Option<Self> {
        let counts = Counts {
            num_tokens: groups.iter().map(GroupShare::num_completion_tokens).sum(),
            num_sequences: groups.iter().map(|group| group.samples.len() as u64).sum(),
        };
        let has_kl = config.algorithm.kl_coefficient != 0.0;
        let computed: Vec<GroupShare> =
            groups.into_iter().filter_map(|group| group.filtered(|sample| has_kl || sample.advantage != 0.0)).collect();
        if computed.is_empty() {
            return None;
        }
        let costs: Vec<u64> = computed.iter().map(GroupShare::num_tokens).collect();
        let ranks = balance(&costs, config.world_size)
            .into_iter()
            .map(|share| microbatches(share.into_iter().map(|item| computed[item].clone()), config.microbatch_tokens))
            .collect();
        Some(Self { counts, ranks })
    }
}

// === impl Microbatch ===

impl Microbatch {
    /// Returns the tokens the pass computes.
    #[must_use]
    pub fn num_tokens(&self) -> u64 {
        self.groups.iter().map(GroupShare::num_tokens).sum()
    }
}

// === impl GroupShare ===

impl GroupShare {
    /// Returns the tokens of the prompt and the samples.
    #[must_use]
    pub fn num_tokens(&self) -> u64 {
        u64::from(self.num_prompt_tokens) + self.num_completion_tokens()
    }

    /// Returns the tokens of the samples.
    #[must_use]
    pub fn num_completion_tokens(&self) -> u64 {
        self.samples.iter().map(|sample| u64::from(sample.num_tokens)).sum()
    }

    /// Keeps some samples; nothing where none is left.
    fn filtered(mut self, keep: impl Fn(&SampleShare) -> bool) -> Option<Self> {
        self.samples.retain(keep);
        (!self.samples.is_empty()).then_some(self)
    }
}

/// Returns the samples that could be trained on, by group, with their advantages.
fn candidates(batch: &RolloutBatch, algorithm: &Algorithm) -> Vec<GroupShare> {
    let shares = batch.groups.iter().enumerate().map(|(group, header)| {
        let rewards: Vec<Option<f64>> = header.samples.iter().map(|sample| sample.reward).collect();
        let advantages = advantages(algorithm.advantage, algorithm.advantage_epsilon, &rewards);
        let samples = header.samples.iter().zip(advantages).enumerate();
        let samples = samples.filter_map(|(sample, (header, advantage))| {
            advantage.map(|advantage| SampleShare { sample, num_tokens: header.num_tokens, advantage })
        });
        GroupShare { group, num_prompt_tokens: header.num_prompt_tokens, samples: samples.collect() }
    });
    shares.filter_map(|group| group.filtered(|sample| sample.num_tokens > 0)).collect()
}

/// Resamples the candidates where that is configured.
fn select(
    candidates: Vec<GroupShare>,
    batch: &RolloutBatch,
    seed: u64,
    config: &PlanConfig<'_>,
) -> (Vec<GroupShare>, Option<PadStatistics>) {
    let Some(pad) = config.algorithm.pad.as_ref().filter(|pad| pad.enabled) else {
        return (candidates, None);
    };
    let draw = PadDraw {
        temperature: pad_temperature(pad, batch.stage_step, config.num_stage_steps),
        seed: random::bits(random::derive(seed, "pad"), batch.step.0, 0),
    };
    let flat = candidates.iter().flat_map(|group| group.samples.iter().map(|sample| sample.advantage));
    let (positions, statistics) = resample(&flat.collect::<Vec<_>>(), pad, draw);
    let mut position = 0;
    let mut selected = Vec::new();
    for mut group in candidates {
        group.samples.retain(|_| {
            let is_selected = positions.binary_search(&position).is_ok();
            position += 1;
            is_selected
        });
        if !group.samples.is_empty() {
            selected.push(group);
        }
    }
    (selected, Some(statistics))
}

/// Divides groups, in an order drawn anew for each step, into as many minibatches as there are updates, with sample counts
/// as equal as whole groups allow.
fn minibatches(groups: Vec<GroupShare>, batch: &RolloutBatch, seed: u64, num_updates: usize) -> Vec<Vec<GroupShare>> {
    if num_updates == 1 {
        return vec![groups];
    }
    let num_samples: usize = groups.iter().map(|group| group.samples.len()).sum();
    let order_seed = random::bits(random::derive(seed, "minibatch"), batch.step.0, 0);
    let mut minibatches = vec![Vec::new(); num_updates];
    let mut num_assigned = 0;
    for item in random::permutation(groups.len(), order_seed) {
        let group = groups[item].clone();
        let update = num_assigned * num_updates / num_samples;
        num_assigned += group.samples.len();
        minibatches[update].push(group);
    }
    for minibatch in &mut minibatches {
        minibatch.sort_by_key(|group| group.group);
    }
    minibatches
}

/// Packs a rank's groups into passes within the token budget.
fn microbatches(groups: impl Iterator<Item = GroupShare>, microbatch_tokens: u64) -> Vec<Microbatch> {
    let pieces: Vec<GroupShare> = groups.flat_map(|group| split_group(group, microbatch_tokens)).collect();
    let costs: Vec<u64> = pieces.iter().map(GroupShare::num_tokens).collect();
    let bins = first_fit(&costs, microbatch_tokens).into_iter();
    bins.map(|bin| Microbatch { groups: bin.into_iter().map(|piece| pieces[piece].clone()).collect() }).collect()
}

#[cfg(test)]
mod tests;
