//! Whether two answers of mathematics are the same: the one place where benchmarks ask the verifier.

use crate::{AnswerRule, AnswerSettings, Tolerance, Verdict};

use super::ItemScore;

/// Compares an answer with the reference answer; numbers may be `absolute` apart.
pub fn compare(gold: &str, answer: &str, absolute: f64) -> Verdict {
    let tolerance = Tolerance { relative: 0.0, absolute };
    match AnswerRule::new(gold, &[], AnswerSettings { tolerance, ..AnswerSettings::default() }) {
        Ok(rule) => rule.decide(answer).verdict,
        Err(_) => Verdict::Undecided,
    }
}

/// Scores an answer of mathematics.
pub fn score(gold: &str, answer: &str, absolute: f64) -> ItemScore {
    match compare(gold, answer, absolute) {
        Verdict::Equal => ItemScore::of(true, answer, "it is equal to the reference answer"),
        Verdict::Different => ItemScore::of(false, answer, "it differs from the reference answer"),
        Verdict::Undecided => {
            let unknown = ItemScore::unknown("it cannot be compared with the reference answer");
            ItemScore { extracted: Some(answer.to_owned()), ..unknown }
        }
    }
}
