//! A reference answer and how answers are compared with it, as a reward's component or a benchmark asks for.

#[cfg(test)]
mod tests;

use crate::{Decision, Gold, Profile, Search, Verdict, Verification, verify, words};

/// The longest answer that is compared, in bytes.
const MAX_ANSWER_BYTES: usize = 4_096;

/// By what answers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// By whatever the reference answer is: a letter or an option, else a formula, else text.
    Auto,
    /// By option letter alone.
    Letter,
    /// By number alone.
    Number,
    /// By normalised text alone.
    Text,
}

/// A reference answer, read once, and how answers are compared with it.
#[derive(Debug)]
pub struct AnswerRule {
    text: String,
    gold: Gold,
    comparison: Comparison,
    profile: Profile,
}

// === impl AnswerRule ===

impl AnswerRule {
    /// Reads a reference answer, with the texts of the options of a multiple-choice question; or says why it cannot be met.
    pub fn new(gold: &str, options: &[String], comparison: Comparison, profile: Profile) -> Result<Self, &'static str> {
        if gold.trim().is_empty() {
            return Err("it is empty");
        }
        if gold.len() > MAX_ANSWER_BYTES {
            return Err("it is longer than 4096 bytes");
        }
        let read = Gold::with_options(gold, options, Search::Whole, &profile);
        match comparison {
            Comparison::Letter if read.choices().is_none() => Err("it is neither a letter nor one of the options"),
            Comparison::Number if !read.is_number(&profile) => Err("it is no number"),
            _ => Ok(Self { text: gold.trim().to_owned(), gold: read, comparison, profile }),
        }
    }

    /// Returns the reference answer as it was given.
    #[must_use]
    pub fn gold(&self) -> &str {
        &self.text
    }

    /// Compares an answer.
    #[must_use]
    pub fn decide(&self, answer: &str) -> Decision {
        if answer.len() > MAX_ANSWER_BYTES {
            let reason = format!("the answer is longer than {MAX_ANSWER_BYTES} bytes");
            let extracted = Some(answer.chars().take(MAX_ANSWER_BYTES).collect());
            return self.decision(Verdict::Undecided, extracted, ("extraction", reason));
        }
        let extracted = Some(answer.to_owned());
        match (self.comparison, self.gold.choices()) {
            (Comparison::Letter, Some(choices)) => match choices.decide(answer) {
                Some(ruling) => self.decision(ruling.verdict, extracted, (ruling.method, ruling.reason.to_owned())),
                None => self.decision(Verdict::Undecided, extracted, ("choice", "it is no option letter".to_owned())),
            },
            (Comparison::Text, _) => {
                let ruling = words::compare(&self.text, answer);
                self.decision(ruling.verdict, extracted, (ruling.method, ruling.reason.to_owned()))
            }
            _ => {
                let Verification { verdict, method, reason, extracted: found, .. } =
                    verify(&self.gold, answer, Search::Whole, &self.profile);
                self.decision(verdict, found.or(extracted), (method, reason))
            }
        }
    }

    fn decision(
        &self,
        verdict: Verdict,
        extracted: Option<String>,
        (method, reason): (&'static str, String),
    ) -> Decision {
        Decision { verdict, extracted, gold_reading: self.text.clone(), method, reason }
    }
}
