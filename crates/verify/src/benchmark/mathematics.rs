//! Whether two answers of mathematics are the same: the one place where benchmarks ask the verifier.

use crate::{AnswerRule, Comparison, Profile, Verdict};

use super::ItemScore;

/// Compares an answer with the reference answer; numbers may be `absolute` apart.
pub fn compare(gold: &str, answer: &str, absolute: f64) -> Verdict {
    let profile = Profile { absolute_tolerance: (absolute > 0.0).then_some(absolute), ..Profile::reward() };
    match AnswerRule::new(gold, &[], Comparison::Auto, profile) {
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
