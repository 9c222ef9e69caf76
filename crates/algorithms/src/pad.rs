//! Prioritized resampling by advantage (PAD; ReVisual-R1, Chen et al., arXiv 2506.04207, algorithm 1).
//!
//! Samples whose |A| lies within the thresholds form the effective set E. Of N candidates, `k = min(ceil(ratio N), |E|)` are
//! drawn from E with probabilities `softmax(|A| / temperature)`, without replacement: the paper's cap on the size of the draw
//! implies it. Gumbel top-k (Kool et al., arXiv 1903.06059) draws exactly so, from noise that is a function of the seed and
//! the candidate's position, and every rank draws the same.
//!
//! As in the paper, no importance weight corrects the draw: the update leans towards large |A|.

use gradus_config::Pad;
use gradus_types::random;

/// What a draw is made with, beside the configured thresholds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PadDraw {
    /// The softmax temperature of this step.
    pub temperature: f64,
    /// The seed of this step's noise.
    pub seed: u64,
}

/// What resampling kept, for people to watch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PadStatistics {
    /// Samples whose |A| lies within the thresholds.
    pub num_effective_samples: usize,
    /// Samples that were drawn.
    pub num_selected_samples: usize,
    /// The mean |A| of the drawn samples; 0 where there are none.
    pub avg_selected_advantage: f64,
    /// The mean |A| of all candidates; 0 where there are none.
    pub avg_original_advantage: f64,
    /// The share of the drawn samples whose advantage is positive.
    pub selected_positive_fraction: f64,
    /// The share of all candidates whose advantage is positive.
    pub original_positive_fraction: f64,
}

/// Draws candidates by their advantages. Returns their positions in ascending order; none when the effective set is empty.
#[must_use]
pub fn resample(advantages: &[f64], pad: &Pad, draw: PadDraw) -> (Vec<usize>, PadStatistics) {
    let is_effective = |magnitude: f64| {
        magnitude >= pad.threshold_low && pad.threshold_high.is_none_or(|threshold_high| magnitude <= threshold_high)
    };
    let mut effective: Vec<(f64, usize)> = (0..advantages.len())
        .filter(|&position| is_effective(advantages[position].abs()))
        .map(|position| (key(advantages[position].abs(), position, draw), position))
        .collect();
    let num_effective_samples = effective.len();
    let num_selected = ((pad.ratio * advantages.len() as f64).ceil() as usize).min(num_effective_samples);
    effective.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
    let mut selected: Vec<usize> = effective[..num_selected].iter().map(|&(_, position)| position).collect();
    selected.sort_unstable();
    let drawn: Vec<f64> = selected.iter().map(|&position| advantages[position]).collect();
    let statistics = PadStatistics {
        num_effective_samples,
        num_selected_samples: selected.len(),
        avg_selected_advantage: mean(&drawn, f64::abs),
        avg_original_advantage: mean(advantages, f64::abs),
        selected_positive_fraction: mean(&drawn, is_positive),
        original_positive_fraction: mean(advantages, is_positive),
    };
    (selected, statistics)
}

/// Returns the perturbed logit of a candidate: the largest k keys are a draw of k without replacement.
fn key(magnitude: f64, position: usize, draw: PadDraw) -> f64 {
    // Half a step above 0, so that both logarithms are finite.
    let uniform = random::uniform(draw.seed, 0, position as u64) + 0.5 / (1_u64 << 53) as f64;
    let gumbel = -(-uniform.ln()).ln();
    magnitude / draw.temperature + gumbel
}

fn is_positive(advantage: f64) -> f64 {
    f64::from(u8::from(advantage > 0.0))
}

fn mean(advantages: &[f64], value: fn(f64) -> f64) -> f64 {
    advantages.iter().map(|&advantage| value(advantage)).sum::<f64>() / advantages.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fixture;

    const DRAW: PadDraw = PadDraw { temperature: 0.5, seed: 7 };

    #[test]
    fn only_samples_within_the_thresholds_are_drawn() {
        let pad = Pad { threshold_high: Some(1.0), ratio: 1.0, ..fixture::pad() };
        let (selected, statistics) = resample(&[0.0, 0.02, 0.03, -0.5, 1.0, -1.01, 2.0], &pad, DRAW);
        assert_eq!(selected, [2, 3, 4]);
        assert_eq!((statistics.num_effective_samples, statistics.num_selected_samples), (3, 3));
    }

    #[test]
    fn an_empty_effective_set_draws_nothing() {
        let (selected, statistics) = resample(&[0.0; 8], &fixture::pad(), DRAW);
        assert!(selected.is_empty());
        assert_eq!(statistics, PadStatistics::default());
        assert!(resample(&[], &fixture::pad(), DRAW).0.is_empty());
    }

    #[test]
    fn the_draw_is_capped_at_the_rounded_up_share_of_all_candidates() {
        let (selected, _) = resample(&[1.0, 1.0, 1.0, 0.0, 0.0], &fixture::pad(), DRAW);
        assert_eq!(selected.len(), 3);
    }

    #[test]
    fn the_averages_are_of_magnitudes() {
        let pad = Pad { ratio: 1.0, ..fixture::pad() };
        let (_, statistics) = resample(&[-1.0, 0.5, 0.0], &pad, DRAW);
        assert_eq!((statistics.avg_selected_advantage, statistics.avg_original_advantage), (0.75, 0.5));
        assert_eq!(statistics.selected_positive_fraction, 0.5);
        assert_eq!(statistics.original_positive_fraction, 1.0 / 3.0);
    }

    #[test]
    fn the_first_pick_follows_the_softmax() {
        let (advantages, temperature) = ([1.0, -0.5, 0.25, -1.5], 0.5);
        let pad = Pad { ratio: 0.25, ..fixture::pad() };
        let num_draws = 40_000;
        let mut counts = [0_u32; 4];
        for seed in 0..num_draws {
            counts[resample(&advantages, &pad, PadDraw { temperature, seed }).0[0]] += 1;
        }
        let weights = advantages.map(|advantage: f64| (advantage.abs() / temperature).exp());
        for (count, weight) in counts.iter().zip(weights) {
            let (found, expected) = (f64::from(*count) / num_draws as f64, weight / weights.iter().sum::<f64>());
            // Four standard deviations of a share of 40,000 draws are at most 0.01.
            assert!((found - expected).abs() < 0.01, "{found} is not {expected}");
        }
    }

    proptest! {
        #[test]
        fn a_draw_is_without_replacement_repeatable_and_within_its_size(
            advantages in proptest::collection::vec(-3.0..3.0_f64, 0..60),
            ratio in 0.0..1.0_f64,
            seed: u64,
        ) {
            let pad = Pad { ratio, threshold_high: Some(2.5), ..fixture::pad() };
            let draw = PadDraw { temperature: 0.3, seed };
            let (selected, statistics) = resample(&advantages, &pad, draw);
            prop_assert!(selected.windows(2).all(|pair| pair[0] < pair[1]));
            let share = (ratio * advantages.len() as f64).ceil() as usize;
            prop_assert_eq!(selected.len(), share.min(statistics.num_effective_samples));
            prop_assert_eq!(selected, resample(&advantages, &pad, draw).0);
        }
    }
}
