//! The streams and settings that tests of several modules share.

use gradus_config::{Advantage, Aggregation, Algorithm, Pad};

/// Six samples of two groups of three, in f64: row i, column t, with sequences of different lengths. The numbers that tests
/// compare with were measured by running verl, TRL, OpenRLHF and others on these streams.
pub(crate) struct PeerFixture {
    pub logprobs: Vec<Vec<f64>>,
    pub old_logprobs: Vec<Vec<f64>>,
    pub reference_logprobs: Vec<Vec<f64>>,
    pub rewards: [[Option<f64>; 3]; 2],
}

impl PeerFixture {
    pub fn new() -> Self {
        let lengths = [4, 3, 2, 4, 1, 4];
        let rows = |value: fn(f64, f64) -> f64| -> Vec<Vec<f64>> {
            let columns = |row: usize| (0..lengths[row]).map(move |column| value(row as f64, column as f64));
            (0..lengths.len()).map(|row| columns(row).collect()).collect()
        };
        let mut logprobs = rows(|row, column| old_logprob(row, column) + 0.3 * (1.7 * row + 0.9 * column).sin());
        logprobs[5][0] += 1.5;
        logprobs[2][1] -= 0.6;
        Self {
            logprobs,
            old_logprobs: rows(old_logprob),
            reference_logprobs: rows(|row, column| old_logprob(row, column) + 0.1 * (row + column).cos()),
            rewards: [[Some(1.0), Some(0.0), Some(0.0)], [Some(1.0), Some(0.25), Some(0.0)]],
        }
    }
}

fn old_logprob(row: f64, column: f64) -> f64 {
    -0.5 - 0.1 * row - 0.05 * column
}

/// GRPO with symmetric clipping and nothing else.
pub(crate) fn algorithm() -> Algorithm {
    Algorithm {
        advantage: Advantage::Grpo,
        advantage_epsilon: 1e-6,
        clip_low: 0.2,
        clip_high: 0.2,
        clip_dual: None,
        aggregation: Aggregation::TokenMean,
        kl_coefficient: 0.0,
        updates_per_batch: 1,
        pad: None,
    }
}

/// Prioritized resampling with the defaults of the run file.
pub(crate) fn pad() -> Pad {
    Pad {
        enabled: true,
        threshold_low: 0.03,
        threshold_high: None,
        ratio: 0.5,
        temperature_start: 1.0,
        temperature_end: 0.3,
    }
}
