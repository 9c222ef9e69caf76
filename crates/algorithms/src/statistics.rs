//! What the headers of a batch say about it: group outcomes and averages of rewards and lengths.

use std::collections::BTreeMap;

use gradus_types::{FinishReason, GroupHeader, SampleHeader};

use crate::advantage::{finite, is_tied};

/// The component that tells right from wrong, where a reward has it; the total reward otherwise.
const ACCURACY: &str = "accuracy";

/// How the groups of a batch turned out. The fractions are of the groups with at least two rewards.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GroupStatistics {
    /// Groups whose rewards are all exactly equal: they teach nothing.
    pub zero_variance_fraction: f64,
    /// Groups whose every answer is right: accuracy at least 1.
    pub all_correct_fraction: f64,
    /// Groups whose every answer is wrong: accuracy at most 0.
    pub all_wrong_fraction: f64,
}

/// Averages over the samples of a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RolloutStatistics {
    /// All samples.
    pub num_samples: usize,
    /// Samples without a usable reward.
    pub num_unscored: usize,
    /// The mean reward of the scored samples.
    pub mean_reward: f64,
    /// The mean of each reward component, before weighting, over the samples that have it.
    pub mean_components: BTreeMap<String, f64>,
    /// The mean completion length in tokens.
    pub mean_completion_length: f64,
    /// The share of completions that reached the length limit.
    pub truncated_fraction: f64,
}

// === impl GroupStatistics ===

impl GroupStatistics {
    /// Counts the outcomes of groups.
    #[must_use]
    pub fn of(groups: &[GroupHeader]) -> Self {
        let (mut num_groups, mut outcomes) = (0_usize, [0_usize; 3]);
        for group in groups {
            let rewards: Vec<f64> = group.samples.iter().filter_map(|sample| finite(sample.reward)).collect();
            if rewards.len() < 2 {
                continue;
            }
            num_groups += 1;
            let mut scored = group.samples.iter().filter(|sample| finite(sample.reward).is_some());
            outcomes[0] += usize::from(is_tied(&rewards));
            outcomes[1] += usize::from(scored.clone().all(|sample| accuracy(sample) >= 1.0));
            outcomes[2] += usize::from(scored.all(|sample| accuracy(sample) <= 0.0));
        }
        let fraction = |count: usize| count as f64 / num_groups.max(1) as f64;
        Self {
            zero_variance_fraction: fraction(outcomes[0]),
            all_correct_fraction: fraction(outcomes[1]),
            all_wrong_fraction: fraction(outcomes[2]),
        }
    }
}

// === impl RolloutStatistics ===

impl RolloutStatistics {
    /// Averages the samples of groups.
    #[must_use]
    pub fn of(groups: &[GroupHeader]) -> Self {
        let samples: Vec<&SampleHeader> = groups.iter().flat_map(|group| &group.samples).collect();
        let rewards: Vec<f64> = samples.iter().filter_map(|sample| finite(sample.reward)).collect();
        let lengths = samples.iter().map(|sample| f64::from(sample.num_tokens));
        let num_truncated = samples.iter().filter(|sample| sample.finish_reason == FinishReason::Length).count();
        let mut components: BTreeMap<String, (f64, usize)> = BTreeMap::new();
        for (name, value) in samples.iter().flat_map(|sample| &sample.components) {
            let (sum, count) = components.entry(name.clone()).or_default();
            *sum += value;
            *count += 1;
        }
        let per_sample = 1.0 / samples.len().max(1) as f64;
        Self {
            num_samples: samples.len(),
            num_unscored: samples.len() - rewards.len(),
            mean_reward: rewards.iter().sum::<f64>() / rewards.len().max(1) as f64,
            mean_components: components.into_iter().map(|(name, (sum, count))| (name, sum / count as f64)).collect(),
            mean_completion_length: lengths.sum::<f64>() * per_sample,
            truncated_fraction: num_truncated as f64 * per_sample,
        }
    }
}

fn accuracy(sample: &SampleHeader) -> f64 {
    let component = sample.components.iter().find(|(name, _)| name == ACCURACY).map(|&(_, value)| value);
    component.or(sample.reward).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use gradus_types::{GroupId, PolicyVersion, PromptId, StageIndex};

    use super::*;

    fn sample(reward: Option<f64>, accuracy: Option<f64>) -> SampleHeader {
        SampleHeader {
            num_tokens: 4,
            reward,
            components: accuracy.map(|value| (ACCURACY.to_owned(), value)).into_iter().collect(),
            finish_reason: if reward.is_some() { FinishReason::Stop } else { FinishReason::Length },
            min_policy_version: PolicyVersion(0),
            max_policy_version: PolicyVersion(0),
        }
    }

    fn group(samples: Vec<SampleHeader>) -> GroupHeader {
        let id = GroupId::train(StageIndex(0), 0);
        GroupHeader { id, prompt_id: PromptId(0), source: "arithmetic".to_owned(), num_prompt_tokens: 5, samples }
    }

    #[test]
    fn outcomes_are_told_by_the_accuracy_component_and_ties_by_the_reward() {
        let statistics = GroupStatistics::of(&[
            group(vec![sample(Some(0.8), Some(1.0)), sample(Some(0.9), Some(1.0))]),
            group(vec![sample(Some(0.1), Some(0.0)), sample(Some(0.1), Some(0.0))]),
            group(vec![sample(Some(1.0), Some(1.0)), sample(Some(0.0), Some(0.0))]),
            group(vec![sample(Some(0.0), None), sample(Some(0.0), None), sample(None, None)]),
            group(vec![sample(Some(1.0), None), sample(None, None)]),
        ]);
        let expected =
            GroupStatistics { zero_variance_fraction: 0.5, all_correct_fraction: 0.25, all_wrong_fraction: 0.5 };
        assert_eq!(statistics, expected);
    }

    #[test]
    fn averages_leave_unscored_samples_out_of_rewards_alone() {
        let statistics = RolloutStatistics::of(&[group(vec![sample(Some(1.0), Some(1.0)), sample(None, None)])]);
        assert_eq!((statistics.num_samples, statistics.num_unscored), (2, 1));
        assert_eq!((statistics.mean_reward, statistics.mean_components[ACCURACY]), (1.0, 1.0));
        assert_eq!((statistics.mean_completion_length, statistics.truncated_fraction), (4.0, 0.5));
    }

    #[test]
    fn an_empty_batch_averages_to_zero() {
        assert_eq!(RolloutStatistics::of(&[]), RolloutStatistics::default());
        assert_eq!(GroupStatistics::of(&[]), GroupStatistics::default());
    }
}
