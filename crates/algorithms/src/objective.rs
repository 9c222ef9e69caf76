//! The objective of a batch: token losses weighted into one number, and the derivative with respect to every logprob.
//!
//! The learner feeds the derivatives to autograd as the gradient of the logprobs, so the formulas exist once, in f64.

use gradus_config::{Aggregation, Algorithm};

use crate::{Clip, k3_divergence, policy_loss};

/// What a loss is averaged over: the whole update, over all ranks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Completion tokens.
    pub num_tokens: u64,
    /// Completions.
    pub num_sequences: u64,
}

/// The loss of an update: how a token is scored and how tokens are weighted.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    clip: Clip,
    kl_coefficient: f64,
    aggregation: Aggregation,
    counts: Counts,
}

/// The logprobs of one completion, token by token, in nats. All slices have one length.
#[derive(Clone, Copy, Debug)]
pub struct Streams<'a> {
    /// Under the policy that is trained.
    pub logprobs: &'a [f64],
    /// Under the policy that sampled.
    pub old_logprobs: &'a [f64],
    /// Under the frozen reference; needed when the KL coefficient is not 0.
    pub reference_logprobs: Option<&'a [f64]>,
    /// The completion's advantage.
    pub advantage: f64,
}

/// What an objective adds up over completions. Losses are weighted already, so the sum over all ranks is the loss; the
/// other sums are divided by `num_tokens`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ObjectiveSums {
    /// The clipped policy loss.
    pub policy_loss: f64,
    /// The k3 divergence from the reference, before its coefficient.
    pub kl: f64,
    /// Tokens that were summed.
    pub num_tokens: u64,
    /// Tokens whose ratio was clipped.
    pub num_clipped: u64,
    /// Tokens whose loss the dual bound limited.
    pub num_dual_clipped: u64,
    /// `old_logprob - logprob`, the k1 estimate of the divergence from the sampling policy.
    pub behaviour_kl: f64,
    /// `|logprob - old_logprob|`.
    pub logprob_gap: f64,
    /// The largest `|logprob - old_logprob|`.
    pub logprob_gap_max: f64,
}

// === impl Objective ===

impl Objective {
    /// Prepares the objective of an update with these global counts.
    #[must_use]
    pub fn new(algorithm: &Algorithm, counts: Counts) -> Self {
        let clip = Clip { low: algorithm.clip_low, high: algorithm.clip_high, dual: algorithm.clip_dual };
        Self { clip, kl_coefficient: algorithm.kl_coefficient, aggregation: algorithm.aggregation, counts }
    }

    /// Returns the weight of each token of a completion of this length; the weights of an update sum to 1.
    #[must_use]
    pub fn token_weight(&self, num_tokens: usize) -> f64 {
        match self.aggregation {
            Aggregation::TokenMean => 1.0 / self.counts.num_tokens as f64,
            Aggregation::SequenceMean => 1.0 / (self.counts.num_sequences as f64 * num_tokens as f64),
        }
    }

    /// Adds one completion to the sums and appends the derivative of the loss with respect to each of its logprobs.
    ///
    /// # Panics
    /// When the streams differ in length.
    pub fn accumulate(&self, streams: &Streams<'_>, sums: &mut ObjectiveSums, gradient: &mut Vec<f64>) {
        let num_tokens = streams.logprobs.len();
        assert_eq!(num_tokens, streams.old_logprobs.len(), "a logprob of the sampling policy for every token");
        let weight = self.token_weight(num_tokens);
        for token in 0..num_tokens {
            let (logprob, old_logprob) = (streams.logprobs[token], streams.old_logprobs[token]);
            let loss = policy_loss(logprob, old_logprob, streams.advantage, &self.clip);
            let mut derivative = loss.derivative;
            if let Some(reference_logprobs) = streams.reference_logprobs {
                let divergence = k3_divergence(logprob, reference_logprobs[token]);
                derivative += self.kl_coefficient * divergence.derivative;
                sums.kl += weight * divergence.value;
            }
            sums.policy_loss += weight * loss.value;
            sums.num_clipped += u64::from(loss.is_clipped);
            sums.num_dual_clipped += u64::from(loss.is_dual_clipped);
            sums.add_gap(old_logprob - logprob);
            gradient.push(weight * derivative);
        }
    }

    /// Returns the whole loss of sums over all ranks: policy loss and weighted divergence.
    #[must_use]
    pub fn loss(&self, sums: &ObjectiveSums) -> f64 {
        sums.policy_loss + self.kl_coefficient * sums.kl
    }
}

// === impl ObjectiveSums ===

impl ObjectiveSums {
    fn add_gap(&mut self, difference: f64) {
        self.num_tokens += 1;
        self.behaviour_kl += difference;
        self.logprob_gap += difference.abs();
        self.logprob_gap_max = self.logprob_gap_max.max(difference.abs());
    }

    /// Divides a sum over tokens by their number; 0 where there are none.
    #[must_use]
    pub fn per_token(&self, sum: f64) -> f64 {
        sum / self.num_tokens.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        advantages,
        fixture::{PeerFixture, algorithm},
    };

    /// The published values have 10 decimals; the peers agree with each other to 1e-7.
    const TOLERANCE: f64 = 1e-7;

    fn evaluate(algorithm: &Algorithm) -> (f64, Vec<f64>, ObjectiveSums) {
        let fixture = PeerFixture::new();
        let counts = Counts { num_tokens: 18, num_sequences: 6 };
        let objective = Objective::new(algorithm, counts);
        let groups = fixture.rewards.iter();
        let advantages: Vec<_> = groups.flat_map(|rewards| advantages(algorithm.advantage, 1e-6, rewards)).collect();
        let (mut sums, mut gradient) = (ObjectiveSums::default(), Vec::new());
        for (row, advantage) in advantages.into_iter().enumerate() {
            let streams = Streams {
                logprobs: &fixture.logprobs[row],
                old_logprobs: &fixture.old_logprobs[row],
                reference_logprobs: (algorithm.kl_coefficient > 0.0).then_some(&fixture.reference_logprobs[row]),
                advantage: advantage.unwrap(),
            };
            objective.accumulate(&streams, &mut sums, &mut gradient);
        }
        (objective.loss(&sums), gradient, sums)
    }

    fn check(algorithm: &Algorithm, [loss, gradient_sum, gradient_norm]: [f64; 3]) {
        let (found, gradient, _) = evaluate(algorithm);
        let found_sum: f64 = gradient.iter().sum();
        let found_norm = gradient.iter().map(|slope| slope * slope).sum::<f64>().sqrt();
        for (name, found, expected) in [
            ("loss", found, loss),
            ("gradient sum", found_sum, gradient_sum),
            ("gradient norm", found_norm, gradient_norm),
        ] {
            assert!((found - expected).abs() < TOLERANCE, "{algorithm:?}: {name} is {found}, not {expected}");
        }
    }

    #[test]
    fn the_clipped_token_mean_is_that_of_trl_openrlhf_and_areal() {
        check(&algorithm(), [0.0105151447, 0.1423733788, 0.3033208098]);
    }

    #[test]
    fn the_dual_clipped_token_mean_is_that_of_verl() {
        let algorithm = Algorithm { clip_dual: Some(3.0), ..algorithm() };
        check(&algorithm, [-0.1093475839, -0.1109292215, 0.1668571435]);
    }

    #[test]
    fn a_tighter_dual_bound_is_that_of_roll() {
        let algorithm = Algorithm { clip_dual: Some(1.4), ..algorithm() };
        check(&algorithm, [-0.1805155155, -0.1109292215, 0.1668571435]);
    }

    #[test]
    fn the_sequence_mean_is_that_of_trl_grpo() {
        let algorithm = Algorithm { aggregation: Aggregation::SequenceMean, ..algorithm() };
        check(&algorithm, [0.1232154826, 0.2028641825, 0.2421320575]);
    }

    #[test]
    fn the_dual_clipped_sequence_mean_is_that_of_verl() {
        let algorithm = Algorithm { aggregation: Aggregation::SequenceMean, clip_dual: Some(3.0), ..algorithm() };
        check(&algorithm, [0.0333184364, 0.0128872327, 0.1501222563]);
    }

    #[test]
    fn clip_higher_is_that_of_trl_without_and_of_verl_with_the_dual_bound() {
        let higher = Algorithm { clip_high: 0.28, ..algorithm() };
        check(&higher, [-0.0037623399, 0.0612297404, 0.3139869483]);
        check(&Algorithm { clip_dual: Some(3.0), ..higher }, [-0.1236250685, -0.1920728599, 0.1855413603]);
    }

    #[test]
    fn the_k3_divergence_adds_value_and_gradient_as_in_trl() {
        let algorithm = Algorithm { kl_coefficient: 0.04, ..algorithm() };
        check(&algorithm, [0.0140610835, 0.1425326651, 0.3049085813]);
        assert!((evaluate(&algorithm).2.kl - 0.0886484704).abs() < TOLERANCE);
    }

    #[test]
    fn clip_shares_and_the_behaviour_divergence_are_those_of_verl() {
        let (_, _, sums) = evaluate(&Algorithm { clip_dual: Some(3.0), ..algorithm() });
        assert_eq!((sums.num_clipped, sums.num_dual_clipped, sums.num_tokens), (6, 1, 18));
        assert!((sums.per_token(sums.behaviour_kl) - -0.0851915936).abs() < TOLERANCE);
    }

    #[test]
    fn token_weights_sum_to_one() {
        let lengths = [4, 3, 2, 4, 1, 4];
        for aggregation in [Aggregation::TokenMean, Aggregation::SequenceMean] {
            let objective = Objective::new(
                &Algorithm { aggregation, ..algorithm() },
                Counts { num_tokens: lengths.iter().sum::<usize>() as u64, num_sequences: 6 },
            );
            let total: f64 = lengths.iter().map(|&length| length as f64 * objective.token_weight(length)).sum();
            assert!((total - 1.0).abs() < 1e-12);
        }
    }
}
