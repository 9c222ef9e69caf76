//! The streams as they are given, and what must hold of them.

use anyhow::ensure;
use serde::{Deserialize, Deserializer};

use gradus_config::Algorithm;

/// A batch and the objective to evaluate on it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The keys of a stage's `[algorithm]`.
    pub config: Algorithm,
    /// The groups of the batch.
    pub groups: Vec<Group>,
    /// The run's seed.
    #[serde(default)]
    pub seed: u64,
    /// The step within the stage, from 1.
    #[serde(default = "one")]
    pub step: u64,
    /// The steps of the stage.
    #[serde(default = "one")]
    pub num_steps: u64,
}

/// The samples of one prompt.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// One reward a sample; nothing where it could not be computed.
    pub rewards: Vec<Option<f64>>,
    /// The samples.
    pub samples: Vec<Sample>,
}

/// The streams of one sample, token by token.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// Under the policy that is trained, in nats.
    pub logprobs: Vec<f64>,
    /// Under the policy that sampled; the same as `logprobs` where absent.
    #[serde(default)]
    pub old_logprobs: Option<Vec<f64>>,
    /// Under the frozen reference.
    #[serde(default)]
    pub ref_logprobs: Option<Vec<f64>>,
    /// A critic's predictions of the reward.
    #[serde(default)]
    pub values: Option<Vec<f64>>,
    /// Which tokens count; all where absent.
    #[serde(default, deserialize_with = "mask")]
    pub mask: Option<Vec<bool>>,
}

// === impl Input ===

impl Input {
    /// Checks that the streams fit together.
    pub fn check(&self) -> anyhow::Result<()> {
        for (index, group) in self.groups.iter().enumerate() {
            let (num_rewards, num_samples) = (group.rewards.len(), group.samples.len());
            ensure!(num_rewards == num_samples, "group `{index}` has {num_rewards} rewards for {num_samples} samples");
            for (position, sample) in group.samples.iter().enumerate() {
                sample.check(&format!("sample `{position}` of group `{index}`"), self.config.kl_coefficient != 0.0)?;
            }
        }
        Ok(())
    }
}

// === impl Sample ===

impl Sample {
    /// Returns the unmasked entries of one of the sample's streams.
    pub(super) fn unmasked(&self, stream: &[f64]) -> Vec<f64> {
        (0..stream.len()).filter(|&token| self.counts(token)).map(|token| stream[token]).collect()
    }

    /// Returns how many tokens count.
    pub(super) fn num_unmasked(&self) -> usize {
        (0..self.logprobs.len()).filter(|&token| self.counts(token)).count()
    }

    /// Puts a value for each unmasked token back at its place, with zeros elsewhere.
    pub(super) fn spread(&self, mut unmasked: impl Iterator<Item = f64>) -> Vec<f64> {
        let value = |token| if self.counts(token) { unmasked.next() } else { None };
        (0..self.logprobs.len()).map(value).map(Option::unwrap_or_default).collect()
    }

    fn counts(&self, token: usize) -> bool {
        self.mask.as_ref().is_none_or(|mask| mask[token])
    }

    fn check(&self, name: &str, needs_reference: bool) -> anyhow::Result<()> {
        let expected = self.logprobs.len();
        let lengths = [
            ("old_logprobs", self.old_logprobs.as_ref().map(Vec::len)),
            ("ref_logprobs", self.ref_logprobs.as_ref().map(Vec::len)),
            ("values", self.values.as_ref().map(Vec::len)),
            ("mask", self.mask.as_ref().map(Vec::len)),
        ];
        for (stream, found) in lengths {
            let found = found.unwrap_or(expected);
            ensure!(found == expected, "{name} has {found} `{stream}` for {expected} `logprobs`");
        }
        ensure!(
            !needs_reference || self.ref_logprobs.is_some(),
            "{name} has no `ref_logprobs`, which a `kl_coefficient` above 0 needs"
        );
        Ok(())
    }
}

/// Reads a mask of booleans or of numbers, of which 0 masks.
fn mask<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<bool>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Entry {
        Flag(bool),
        Number(f64),
    }
    let entries: Option<Vec<Entry>> = Option::deserialize(deserializer)?;
    let flag = |entry| match entry {
        Entry::Flag(flag) => flag,
        Entry::Number(number) => number != 0.0,
    };
    Ok(entries.map(|entries| entries.into_iter().map(flag).collect()))
}

const fn one() -> u64 {
    1
}
