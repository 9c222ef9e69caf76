//! From streams to the loss, its gradient and the metrics.

use std::collections::BTreeMap;

use serde::Serialize;

use gradus_algorithms::{
    Counts, Objective, ObjectiveSums, PadDraw, PadStatistics, Streams, advantages, pad_temperature, resample,
};
use gradus_types::random;

use super::input::{Input, Sample};

/// What an objective comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// The advantage of every token.
    pub advantages: Vec<Vec<f64>>,
    /// The loss.
    pub loss: f64,
    /// The terms of the loss, with their coefficients.
    pub loss_components: BTreeMap<&'static str, f64>,
    /// The derivative of the loss with respect to every logprob.
    pub grad_logprobs: Vec<Vec<f64>>,
    /// What the learner would publish of these numbers.
    pub metrics: BTreeMap<&'static str, f64>,
}

/// A sample, its advantage, and whether the update is made of it.
struct Candidate<'a> {
    sample: &'a Sample,
    reward: Option<f64>,
    advantage: Option<f64>,
    is_selected: bool,
}

/// Evaluates the objective that an input describes.
pub fn evaluate(input: &Input) -> anyhow::Result<Outcome> {
    input.check()?;
    let mut candidates = candidates(input);
    let pad = select(&mut candidates, input);
    let selected = || candidates.iter().filter(|candidate| candidate.is_selected);
    let counts = Counts {
        num_tokens: selected().map(|candidate| candidate.sample.num_unmasked() as u64).sum(),
        num_sequences: selected().count() as u64,
    };
    let objective = Objective::new(&input.config, counts);
    let mut sums = ObjectiveSums::default();
    let gradients = candidates.iter().map(|candidate| candidate.gradient(&objective, &mut sums)).collect();
    let weighted_kl = input.config.kl_coefficient * sums.kl;
    let mut metrics = metrics(&sums, &candidates);
    if let Some(pad) = pad {
        metrics.extend(pad_metrics(&pad));
    }
    Ok(Outcome {
        advantages: candidates.iter().map(Candidate::token_advantages).collect(),
        loss: objective.loss(&sums),
        loss_components: BTreeMap::from([("policy", sums.policy_loss), ("kl", weighted_kl)]),
        grad_logprobs: gradients,
        metrics,
    })
}

// === impl Candidate ===

impl Candidate<'_> {
    fn token_advantages(&self) -> Vec<f64> {
        self.sample.spread(std::iter::repeat(self.advantage.unwrap_or_default()))
    }

    /// Adds a selected sample to the sums and returns the gradient of its logprobs.
    fn gradient(&self, objective: &Objective, sums: &mut ObjectiveSums) -> Vec<f64> {
        let sample = self.sample;
        let (Some(advantage), true) = (self.advantage, self.is_selected) else {
            return vec![0.0; sample.logprobs.len()];
        };
        let logprobs = sample.unmasked(&sample.logprobs);
        let old_logprobs = sample.old_logprobs.as_ref().map(|stream| sample.unmasked(stream));
        let reference_logprobs = sample.ref_logprobs.as_ref().map(|stream| sample.unmasked(stream));
        let streams = Streams {
            logprobs: &logprobs,
            old_logprobs: old_logprobs.as_ref().unwrap_or(&logprobs),
            reference_logprobs: reference_logprobs.as_deref(),
            advantage,
        };
        let mut gradient = Vec::new();
        objective.accumulate(&streams, sums, &mut gradient);
        sample.spread(gradient.into_iter())
    }
}

fn candidates(input: &Input) -> Vec<Candidate<'_>> {
    let config = &input.config;
    let mut candidates = Vec::new();
    for group in &input.groups {
        let advantages = advantages(config.advantage, config.advantage_epsilon, &group.rewards);
        for ((sample, &reward), advantage) in group.samples.iter().zip(&group.rewards).zip(advantages) {
            let is_selected = advantage.is_some() && sample.num_unmasked() > 0;
            candidates.push(Candidate { sample, reward, advantage, is_selected });
        }
    }
    candidates
}

/// Deselects what prioritized resampling does not draw, where it is on.
fn select(candidates: &mut [Candidate<'_>], input: &Input) -> Option<PadStatistics> {
    let pad = input.config.pad.as_ref().filter(|pad| pad.enabled)?;
    let draw = PadDraw {
        temperature: pad_temperature(pad, input.step, input.num_steps),
        seed: random::bits(random::derive(input.seed, "pad"), input.step, 0),
    };
    let mut trainable: Vec<&mut Candidate<'_>> =
        candidates.iter_mut().filter(|candidate| candidate.is_selected).collect();
    let advantages: Vec<f64> = trainable.iter().map(|candidate| candidate.advantage.unwrap_or_default()).collect();
    let (drawn, statistics) = resample(&advantages, pad, draw);
    for (position, candidate) in trainable.iter_mut().enumerate() {
        candidate.is_selected = drawn.binary_search(&position).is_ok();
    }
    Some(statistics)
}

fn metrics(sums: &ObjectiveSums, candidates: &[Candidate<'_>]) -> BTreeMap<&'static str, f64> {
    let rewards: Vec<f64> = candidates.iter().filter_map(|candidate| candidate.reward).collect();
    let mut metrics = BTreeMap::from([
        ("loss/kl", sums.kl),
        ("policy/ratio_clipped", sums.per_token(sums.num_clipped as f64)),
        ("policy/ratio_dual_clipped", sums.per_token(sums.num_dual_clipped as f64)),
        ("policy/kl_behaviour", sums.per_token(sums.behaviour_kl)),
        ("rollout/logprob_gap_mean", sums.per_token(sums.logprob_gap)),
        ("rollout/logprob_gap_max", sums.logprob_gap_max),
        ("rollout/num_unscored", (candidates.len() - rewards.len()) as f64),
        ("reward/mean", rewards.iter().sum::<f64>() / rewards.len().max(1) as f64),
    ]);
    explained_variance(candidates).map(|share| metrics.insert("value/explained_variance", share));
    metrics
}

fn pad_metrics(pad: &PadStatistics) -> [(&'static str, f64); 6] {
    [
        ("pad/num_effective_samples", pad.num_effective_samples as f64),
        ("pad/num_selected_samples", pad.num_selected_samples as f64),
        ("pad/avg_selected_advantage", pad.avg_selected_advantage),
        ("pad/avg_original_advantage", pad.avg_original_advantage),
        ("pad/selected_positive_frac", pad.selected_positive_fraction),
        ("pad/original_positive_frac", pad.original_positive_fraction),
    ]
}

/// Returns the share of the rewards' variance that the values explain, `1 - Var(reward - value) / Var(reward)` over tokens;
/// nothing without values or where the rewards do not vary.
fn explained_variance(candidates: &[Candidate<'_>]) -> Option<f64> {
    let (mut rewards, mut errors) = (Vec::new(), Vec::new());
    for candidate in candidates {
        let (Some(reward), Some(values)) = (candidate.reward, &candidate.sample.values) else { continue };
        for value in candidate.sample.unmasked(values) {
            rewards.push(reward);
            errors.push(reward - value);
        }
    }
    let variance = variance(&rewards);
    (variance > 0.0).then(|| 1.0 - self::variance(&errors) / variance)
}

fn variance(numbers: &[f64]) -> f64 {
    let count = numbers.len().max(1) as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / count
}
