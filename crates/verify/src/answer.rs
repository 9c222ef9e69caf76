//! A reference answer and how answers are compared with it, as a reward's component or a benchmark asks for.

#[cfg(test)]
mod tests;

use crate::{
    Decision, Gold, Profile, Search, Verdict, Verification,
    choice::METHOD as CHOICE,
    equality::Ruling,
    verification::{Reading, verify},
    words,
};

/// The longest reference answer, and the most of an answer that is reported, in bytes.
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
    pub fn new(
        gold: &str,
        options: &[String],
        comparison: Comparison,
        mut profile: Profile,
    ) -> Result<Self, &'static str> {
        if gold.trim().is_empty() {
            return Err("it is empty");
        }
        if gold.len() > MAX_ANSWER_BYTES {
            return Err("it is longer than 4096 bytes");
        }
        let read = Gold::with_options(gold, options, Search::Whole, &profile);
        let is_number = read.is_number(&profile);
        let targets = &mut profile.extraction.targets;
        match comparison {
            Comparison::Letter if read.choices().is_none() => {
                return Err("it is neither a letter nor one of the options");
            }
            Comparison::Number if !is_number => return Err("it is no number"),
            // What is no letter, or no text, is not looked for.
            Comparison::Letter => (targets.expression, targets.letters) = (false, true),
            Comparison::Text => (targets.expression, targets.letters) = (false, false),
            Comparison::Auto | Comparison::Number => {}
        }
        Ok(Self { text: gold.trim().to_owned(), gold: read, comparison, profile })
    }

    /// Returns the reference answer as it was given.
    #[must_use]
    pub fn gold(&self) -> &str {
        &self.text
    }

    /// Compares an answer.
    #[must_use]
    pub fn decide(&self, answer: &str) -> Decision {
        self.verified(answer, Search::Whole)
    }

    /// Finds the answer in a response, as the profile says, and compares it.
    #[must_use]
    pub fn decide_in(&self, response: &str) -> Decision {
        self.verified(response, Search::Text)
    }

    fn verified(&self, text: &str, search: Search) -> Decision {
        let verification = verify(&self.gold, text, search, &self.profile);
        let ruling = self.ruling(&verification);
        let Verification { tried, fuel, .. } = verification;
        // A text is compared as it is written first.
        let compared = if self.comparison == Comparison::Text { tried.first() } else { tried.last() };
        Decision {
            verdict: ruling.as_ref().map_or(verification.verdict, |ruling| ruling.verdict),
            extracted: compared.map(|reading| shown(&reading.text)),
            gold_reading: self.text.clone(),
            method: ruling.as_ref().map_or(verification.method, |ruling| ruling.method),
            reason: ruling.map_or(verification.reason, |ruling| ruling.reason.to_owned()),
            spans: compared.map(|reading| reading.place.spans.clone()).unwrap_or_default(),
            num_tried: tried.len(),
            fuel,
        }
    }

    /// Rules by one thing alone, where that is asked for; what was found by any is in the verification.
    fn ruling(&self, verification: &Verification) -> Option<Ruling> {
        let (first, last) = (verification.tried.first()?, verification.tried.last()?);
        let ruling = |verdict, method, reason| Some(Ruling { verdict, method, reason });
        if first.is_too_long() || last.is_too_long() {
            // The letter that it begins with is neither a number nor a text.
            let is_letter =
                verification.method == CHOICE && matches!(self.comparison, Comparison::Number | Comparison::Text);
            let undecided = ruling(Verdict::Undecided, "size", "an answer is longer than what can be read");
            return undecided.filter(|_| is_letter);
        }
        match (self.comparison, self.gold.choices()) {
            (Comparison::Letter, Some(choices)) => match choices.decide(&last.text) {
                Some(ruling) => Some(ruling),
                None => ruling(Verdict::Undecided, CHOICE, "it is no option letter"),
            },
            (Comparison::Text, _) => Some(words::compare(&self.text, &first.text)),
            (Comparison::Number, _) if last.answer.is_ok() && !self.is_number(last) => {
                ruling(Verdict::Different, "number", "it is no number")
            }
            _ => None,
        }
    }

    fn is_number(&self, reading: &Reading) -> bool {
        reading.is_number(&self.profile)
    }
}

/// Returns as much of an answer as is reported.
fn shown(answer: &str) -> String {
    answer[..answer.floor_char_boundary(MAX_ANSWER_BYTES)].to_owned()
}
