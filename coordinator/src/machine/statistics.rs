//! What batches were like: how many groups had anything to learn from, and what they earned.

use gradus_types::GroupHeader;
use serde::{Deserialize, Serialize};

/// Counts and sums over the groups of one or more batches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BatchStatistics {
    /// Groups.
    pub num_groups: u64,
    /// Groups whose completions all earned exactly the same: their advantages are zero.
    pub num_tied_groups: u64,
    /// Completions.
    pub num_samples: u64,
    /// Completions that have a reward.
    pub num_scored: u64,
    /// The sum of their rewards.
    pub reward: f64,
    /// Tokens of all completions.
    pub num_tokens: u64,
}

impl BatchStatistics {
    /// Counts a group.
    pub fn add(&mut self, group: &GroupHeader) {
        let rewards = || group.samples.iter().filter_map(|sample| sample.reward);
        let first = rewards().next();
        self.num_groups += 1;
        self.num_tied_groups += u64::from(rewards().all(|reward| Some(reward) == first));
        self.num_samples += group.samples.len() as u64;
        self.num_scored += rewards().count() as u64;
        self.reward += rewards().sum::<f64>();
        self.num_tokens += group.samples.iter().map(|sample| u64::from(sample.num_tokens)).sum::<u64>();
    }

    /// Returns the share of groups whose advantages are zero.
    #[must_use]
    pub fn zero_variance_share(&self) -> Option<f64> {
        (self.num_groups > 0).then(|| self.num_tied_groups as f64 / self.num_groups as f64)
    }

    /// Returns the mean reward of the completions that have one.
    #[must_use]
    pub fn mean_reward(&self) -> Option<f64> {
        (self.num_scored > 0).then(|| self.reward / self.num_scored as f64)
    }
}

#[cfg(test)]
mod tests {
    use gradus_types::{GroupId, StageIndex};

    use super::*;
    use crate::machine::fixture::header;

    #[test]
    fn a_group_is_tied_only_if_its_rewards_are_exactly_equal() {
        let tied = header(GroupId::train(StageIndex(0), 0), 0);
        let mut mixed = tied.clone();
        mixed.samples[0].reward = Some(0.1 + 0.2);
        mixed.samples[1].reward = Some(0.3);
        let mut statistics = BatchStatistics::default();
        statistics.add(&tied);
        statistics.add(&mixed);
        assert_eq!((statistics.num_groups, statistics.num_tied_groups), (2, 1));
        assert_eq!(statistics.zero_variance_share(), Some(0.5));
    }
}
