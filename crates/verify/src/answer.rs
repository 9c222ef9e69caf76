//! Decides whether an answer is the reference answer.
//!
//! A list of checkers is asked in order; the first that can decide does. Each is made with the reference answer, which is read
//! once. This is the seam for more ways to compare: a checker of mathematical equivalence goes before the one of text.

mod letter;
mod number;
mod number_words;
mod text;

use std::fmt::Debug;

use crate::{Decision, Verdict};

pub use number::{Tolerance, Units};

/// The longest answer that is compared, in bytes.
const MAX_ANSWER_BYTES: usize = 4_096;

/// Compares answers with the reference answer it was made with.
pub trait AnswerChecker: Debug + Send + Sync {
    /// Returns the name decisions carry.
    fn method(&self) -> &'static str;

    /// Returns the reference answer as this checker reads it.
    fn gold_reading(&self) -> String;

    /// Compares an answer; undecided leaves it to the next checker.
    fn check(&self, answer: &str) -> (Verdict, String);
}

/// By what answers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// By whatever the reference answer is: a letter or an option, else a number, else text.
    Auto,
    /// By option letter alone.
    Letter,
    /// By number alone.
    Number,
    /// By normalised text alone.
    Text,
}

/// How answers are compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AnswerSettings {
    /// By what.
    pub comparison: Comparison,
    /// How far numbers may be apart.
    pub tolerance: Tolerance,
    /// What their units mean.
    pub units: Units,
}

/// A reference answer and how answers are compared with it.
#[derive(Debug)]
pub struct AnswerRule {
    gold: String,
    checkers: Vec<Box<dyn AnswerChecker>>,
}

// === impl AnswerSettings ===

impl Default for AnswerSettings {
    fn default() -> Self {
        Self { comparison: Comparison::Auto, tolerance: Tolerance::EXACT, units: Units::Optional }
    }
}

// === impl AnswerRule ===

impl AnswerRule {
    /// Reads a reference answer, with the texts of the options of a multiple-choice question; or says why it cannot be met.
    pub fn new(gold: &str, options: &[String], settings: AnswerSettings) -> Result<Self, &'static str> {
        if gold.trim().is_empty() {
            return Err("it is empty");
        }
        if gold.len() > MAX_ANSWER_BYTES {
            return Err("it is longer than 4096 bytes");
        }
        let letter = || letter::LetterChecker::new(gold, options).map(boxed);
        let number = || number::NumberChecker::new(gold, settings.tolerance, settings.units).map(boxed);
        let text = || boxed(text::TextChecker::new(gold));
        let checkers = match settings.comparison {
            Comparison::Auto => letter().into_iter().chain(number()).chain([text()]).collect(),
            Comparison::Letter => vec![letter().ok_or("it is neither a letter nor one of the options")?],
            Comparison::Number => vec![number().ok_or("it is no number")?],
            Comparison::Text => vec![text()],
        };
        Ok(Self { gold: gold.trim().to_owned(), checkers })
    }

    /// Returns the reference answer as it was given.
    #[must_use]
    pub fn gold(&self) -> &str {
        &self.gold
    }

    /// Compares an answer.
    #[must_use]
    pub fn decide(&self, answer: &str) -> Decision {
        let mut decision = Decision {
            verdict: Verdict::Undecided,
            extracted: Some(answer.chars().take(MAX_ANSWER_BYTES).collect()),
            gold_reading: self.gold.clone(),
            method: "extraction",
            reason: format!("the answer is longer than {MAX_ANSWER_BYTES} bytes"),
        };
        if answer.len() > MAX_ANSWER_BYTES {
            return decision;
        }
        for checker in &self.checkers {
            (decision.verdict, decision.reason) = checker.check(answer);
            decision.method = checker.method();
            decision.gold_reading = checker.gold_reading();
            if decision.verdict != Verdict::Undecided {
                break;
            }
        }
        decision
    }
}

fn boxed<C: AnswerChecker + 'static>(checker: C) -> Box<dyn AnswerChecker> {
    Box::new(checker)
}

/// Takes an answer out of delimiters of mathematics, emphasis and quotation, and off its final period.
fn bare(answer: &str) -> &str {
    const PAIRS: [(&str, &str); 10] = [
        ("$$", "$$"),
        ("$", "$"),
        ("\\(", "\\)"),
        ("\\[", "\\]"),
        ("**", "**"),
        ("`", "`"),
        ("\"", "\""),
        ("\\text{", "}"),
        ("\\mathrm{", "}"),
        ("\\textbf{", "}"),
    ];
    let mut answer = answer.trim();
    loop {
        let unwrapped = PAIRS.iter().find_map(|(open, close)| {
            let inner = answer.strip_prefix(open)?.strip_suffix(close)?;
            (!inner.contains(['$', '{', '}', '*', '`', '"']) || *open == "$" && !inner.contains('$')).then_some(inner)
        });
        let without_period = answer.strip_suffix('.').filter(|inner| !inner.is_empty());
        match unwrapped.or(without_period) {
            Some(inner) => answer = inner.trim(),
            None => return answer,
        }
    }
}

#[cfg(test)]
mod tests;
