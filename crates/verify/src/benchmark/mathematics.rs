//! Whether two answers of mathematics are the same: the one place where benchmarks ask the verifier.

use std::sync::LazyLock;

use crate::{AnswerRule, Comparison, Profile, Verdict};

use super::ItemScore;

/// How answers are compared where numbers may not be apart. Its primes are drawn once.
static EXACT: LazyLock<Profile> = LazyLock::new(Profile::reward);

/// A reference answer of mathematics, read once; one that cannot be read is met by nothing and refuted by nothing.
#[derive(Debug)]
pub struct Reference(Option<AnswerRule>);

// === impl Reference ===

impl Reference {
    /// Reads a reference answer from which numbers may be `absolute` apart.
    pub fn new(gold: &str, absolute: f64) -> Self {
        let profile = Profile { absolute_tolerance: (absolute > 0.0).then_some(absolute), ..EXACT.clone() };
        Self(AnswerRule::new(gold, &[], Comparison::Auto, profile).ok())
    }

    /// Compares an answer with it.
    pub fn compare(&self, answer: &str) -> Verdict {
        self.0.as_ref().map_or(Verdict::Undecided, |rule| rule.decide(answer).verdict)
    }

    /// Scores an answer by it.
    pub fn score(&self, answer: &str) -> ItemScore {
        match self.compare(answer) {
            Verdict::Equal => ItemScore::of(true, answer, "it is equal to the reference answer"),
            Verdict::Different => ItemScore::of(false, answer, "it differs from the reference answer"),
            Verdict::Undecided => {
                let unknown = ItemScore::unknown("it cannot be compared with the reference answer");
                ItemScore { extracted: Some(answer.to_owned()), ..unknown }
            }
        }
    }
}

/// Compares an answer with the reference answer, exactly.
pub fn compare(gold: &str, answer: &str) -> Verdict {
    Reference::new(gold, 0.0).compare(answer)
}

/// Scores an answer of mathematics; numbers may be `absolute` apart.
pub fn score(gold: &str, answer: &str, absolute: f64) -> ItemScore {
    Reference::new(gold, absolute).score(answer)
}
