//! What a set of answers measures: accuracy with its interval, length and format.

use serde::{Deserialize, Serialize};

use crate::machine::evaluation::AnswerMeasure;

/// Accuracy, length and format over prompts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// Prompts with at least one completion that has an accuracy.
    pub num_prompts: u64,
    /// Completions of all prompts.
    pub num_completions: u64,
    /// Completions that could not be scored; they count neither way.
    pub num_unscored: u64,
    /// The mean over prompts of the mean over their completions: with one completion pass@1, with k completions avg@k.
    pub accuracy: f64,
    /// The lower end of the accuracy's 95 % interval.
    pub accuracy_low: f64,
    /// The upper end of the accuracy's 95 % interval.
    pub accuracy_high: f64,
    /// The mean format score of completions that have one.
    pub format_rate: Option<f64>,
    /// The mean completion length, in tokens.
    pub mean_tokens: f64,
    /// The share of completions that reached the length limit.
    pub truncated_rate: f64,
}

impl Measure {
    /// Sums up answers.
    #[must_use]
    pub fn of(answers: impl IntoIterator<Item = AnswerMeasure>) -> Self {
        let mut total = AnswerMeasure::default();
        let (mut num_prompts, mut accuracy) = (0, 0.0);
        for answer in answers {
            total.num_completions += answer.num_completions;
            total.num_scored += answer.num_scored;
            total.num_formatted += answer.num_formatted;
            total.format += answer.format;
            total.num_tokens += answer.num_tokens;
            total.num_truncated += answer.num_truncated;
            if answer.num_scored > 0 {
                num_prompts += 1;
                accuracy += answer.accuracy / answer.num_scored as f64;
            }
        }
        let accuracy = ratio(accuracy, num_prompts);
        let (accuracy_low, accuracy_high) = wilson_interval(accuracy, num_prompts);
        Self {
            num_prompts,
            num_completions: total.num_completions,
            num_unscored: total.num_completions - total.num_scored,
            accuracy,
            accuracy_low,
            accuracy_high,
            format_rate: (total.num_formatted > 0).then(|| ratio(total.format, total.num_formatted)),
            mean_tokens: ratio(total.num_tokens as f64, total.num_completions),
            truncated_rate: ratio(total.num_truncated as f64, total.num_completions),
        }
    }
}

/// Returns the 95 % score interval of a proportion (Wilson: Probable Inference, JASA 22, 1927). The completions of one
/// prompt depend on each other, so it is the prompts that count.
fn wilson_interval(proportion: f64, count: u64) -> (f64, f64) {
    /// The 97.5 % point of the normal distribution.
    const Z: f64 = 1.959_963_984_540_054;
    if count == 0 {
        return (0.0, 1.0);
    }
    let count = count as f64;
    let scale = 1.0 + Z * Z / count;
    let center = (proportion + Z * Z / (2.0 * count)) / scale;
    let variance = proportion * (1.0 - proportion) / count + Z * Z / (4.0 * count * count);
    let half_width = Z * variance.max(0.0).sqrt() / scale;
    ((center - half_width).max(0.0), (center + half_width).min(1.0))
}

fn ratio(sum: f64, count: u64) -> f64 {
    if count == 0 { 0.0 } else { sum / count as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_equals_the_published_one() {
        // Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, and 0 of 20.
        let (low, high) = wilson_interval(81.0 / 263.0, 263);
        assert!((low - 0.2553).abs() < 5e-5 && (high - 0.3662).abs() < 5e-5, "{low} {high}");
        let (low, high) = wilson_interval(0.0, 20);
        assert!(low.abs() < 1e-12 && (high - 0.1611).abs() < 5e-5, "{low} {high}");
    }

    #[test]
    fn an_unscored_completion_is_no_zero() {
        let right = AnswerMeasure { num_completions: 2, num_scored: 1, accuracy: 1.0, ..AnswerMeasure::default() };
        let lost = AnswerMeasure { num_completions: 2, ..AnswerMeasure::default() };
        let measure = Measure::of([right, lost]);
        assert_eq!((measure.accuracy, measure.num_prompts, measure.num_unscored), (1.0, 1, 3));
    }
}
