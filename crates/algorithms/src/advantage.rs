//! Advantages: how much better a completion did than the others of its group.
//!
//! * GRPO (Shao et al., DeepSeekMath, arXiv 2402.03300, section 4.1.2): `(r_i - mean) / (std + epsilon)`. The standard
//!   deviation divides by n - 1, as verl, EasyR1 and TRL do.
//! * Dr. GRPO (Liu et al., arXiv 2503.20783, equation 3): `r_i - mean`.
//! * RLOO (Ahmadian et al., arXiv 2402.14740, equation 8): `r_i` less the mean of the group's other rewards.
//!
//! Two deviations, for all three: a group whose rewards are all exactly equal has advantages of exactly 0, where rounding
//! of the mean would leave noise that epsilon does not hide; and a sample without a reward is left out of the group.

use gradus_config::Advantage;

/// Turns the rewards of one group into advantages.
///
/// A sample without a reward, or with one that is not finite, gets none and does not count in the group's statistics. With
/// fewer than two rewards there is nothing to compare, so the advantage is 0.
#[must_use]
pub fn advantages(estimator: Advantage, epsilon: f64, rewards: &[Option<f64>]) -> Vec<Option<f64>> {
    let scored: Vec<f64> = rewards.iter().filter_map(|reward| finite(*reward)).collect();
    let baseline = Baseline::of(&scored);
    rewards.iter().map(|reward| finite(*reward).map(|reward| baseline.advantage(estimator, epsilon, reward))).collect()
}

/// Treats a reward that is not a finite number as missing, so that one sample cannot poison its group.
pub(crate) fn finite(reward: Option<f64>) -> Option<f64> {
    reward.filter(|reward| reward.is_finite())
}

/// Tells whether rewards differ at all; exactly, without a tolerance.
pub(crate) fn is_tied(rewards: &[f64]) -> bool {
    rewards.windows(2).all(|pair| pair[0] == pair[1])
}

/// What the advantages of a group are measured against.
struct Baseline {
    count: f64,
    mean: f64,
    /// With n - 1 in the denominator.
    standard_deviation: f64,
    is_tied: bool,
}

impl Baseline {
    fn of(rewards: &[f64]) -> Self {
        let count = rewards.len() as f64;
        let mean = rewards.iter().sum::<f64>() / count.max(1.0);
        let squares: f64 = rewards.iter().map(|reward| (reward - mean).powi(2)).sum();
        let standard_deviation = (squares / (count - 1.0).max(1.0)).sqrt();
        Self { count, mean, standard_deviation, is_tied: is_tied(rewards) }
    }

    fn advantage(&self, estimator: Advantage, epsilon: f64, reward: f64) -> f64 {
        if self.is_tied {
            return 0.0;
        }
        let difference = reward - self.mean;
        match estimator {
            Advantage::Grpo => difference / (self.standard_deviation + epsilon),
            Advantage::DrGrpo => difference,
            // r_i - (n mean - r_i) / (n - 1) = (r_i - mean) n / (n - 1)
            Advantage::Rloo => difference * self.count / (self.count - 1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published values have 9 decimals.
    const TOLERANCE: f64 = 1e-9;

    fn check(estimator: Advantage, epsilon: f64, expected: [f64; 6]) {
        let groups = [[1.0, 0.0, 0.0], [1.0, 0.25, 0.0]];
        let found = groups.iter().flat_map(|rewards| advantages(estimator, epsilon, &rewards.map(Some)));
        for (found, expected) in found.zip(expected) {
            assert!((found.unwrap() - expected).abs() < TOLERANCE, "{estimator:?}: {found:?} is not {expected}");
        }
    }

    #[test]
    fn grpo_advantages_are_those_of_verl_and_easyr1() {
        let expected = [1.154698538, -0.577349269, -0.577349269, 1.120894923, -0.320255692, -0.800639231];
        check(Advantage::Grpo, 1e-6, expected);
    }

    #[test]
    fn grpo_advantages_with_the_epsilon_of_trl_are_those_of_trl() {
        let expected = [1.154500573, -0.577250287, -0.577250287, 1.120681733, -0.320194781, -0.800486952];
        check(Advantage::Grpo, 1e-4, expected);
    }

    #[test]
    fn dr_grpo_advantages_are_differences_from_the_mean() {
        check(Advantage::DrGrpo, 1e-6, [2.0 / 3.0, -1.0 / 3.0, -1.0 / 3.0, 0.583333333, -0.166666667, -0.416666667]);
    }

    #[test]
    fn rloo_advantages_leave_the_sample_out_of_its_baseline() {
        check(Advantage::Rloo, 1e-6, [1.0, -0.5, -0.5, 0.875, -0.25, -0.625]);
    }

    #[test]
    fn a_tied_group_has_exactly_zero_advantage() {
        // The mean of ten times 0.1 is not 0.1 in floating point.
        for estimator in [Advantage::Grpo, Advantage::DrGrpo, Advantage::Rloo] {
            assert_eq!(advantages(estimator, 1e-6, &[Some(0.1); 10]), [Some(0.0); 10]);
        }
    }

    #[test]
    fn the_smallest_difference_breaks_a_tie() {
        let found = advantages(Advantage::DrGrpo, 1e-6, &[Some(1.0), Some(1.0 + f64::EPSILON)]);
        assert!(found[1] > found[0]);
    }

    #[test]
    fn an_unscored_sample_is_masked_and_leaves_the_others_as_they_are_without_it() {
        let with = advantages(Advantage::Grpo, 1e-6, &[Some(1.0), None, Some(0.0), Some(f64::NAN), Some(0.0)]);
        let without = advantages(Advantage::Grpo, 1e-6, &[Some(1.0), Some(0.0), Some(0.0)]);
        assert_eq!(with, [without[0], None, without[1], None, without[2]]);
    }

    #[test]
    fn a_group_with_fewer_than_two_rewards_has_zero_advantage() {
        assert_eq!(advantages(Advantage::Rloo, 1e-6, &[Some(1.0), None]), [Some(0.0), None]);
        assert_eq!(advantages(Advantage::Grpo, 1e-6, &[None, None]), [None, None]);
        assert!(advantages(Advantage::Grpo, 1e-6, &[]).is_empty());
    }
}
