//! Pairs of answers whose truth is known because they are made from a value: for measuring answer checkers.
//!
//! Each of 31 classes writes a value in two ways, or two values that differ; nothing here ever compares answers. A case is a pure
//! function of seed and index, so a failure names itself. The record that it becomes is one line of the common exchange format for
//! answer checkers: `gold`, `prediction`, `expected`, `mode` and what it is of.
//!
//! Two classes are policy: whether units are converted and degrees are angles is a question of profile, so they count under a strict one
//! alone.

mod algebra;
mod draw;
mod function;
mod number;
mod phrase;
mod power;
mod rational;
mod relation;
mod response;
mod structure;
mod unit;
mod written;

use serde_json::{Value, json};

use draw::Draw;

/// A pair of answers, and whether they are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerCase {
    /// A name that says how to make it again.
    pub id: String,
    /// What it is of.
    pub class: &'static str,
    /// Which sides have to be searched for their answer.
    pub mode: AnswerMode,
    /// The reference answer.
    pub gold: String,
    /// The answer.
    pub prediction: String,
    /// Whether they are the same.
    pub is_equal: bool,
}

/// Which sides have to be searched for their answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerMode {
    /// Neither: both are bare.
    Answer,
    /// The prediction is a text to search.
    Response,
}

/// The classes that count under a strict profile alone.
const POLICY_CLASSES: [&str; 2] = ["angle", "unit_conversion"];

/// What a class makes.
struct Pair {
    mode: AnswerMode,
    gold: String,
    prediction: String,
    is_equal: bool,
}

type Make = fn(&mut Draw) -> Pair;

/// Every class there is.
const CLASSES: [(&str, Make); 31] = [
    ("angle", unit::angle),
    ("approximation", number::approximation),
    ("bignum", number::bignum),
    ("choice", phrase::choice),
    ("combinatorics", function::combinatorics),
    ("complex", function::complex),
    ("decimal", number::decimal),
    ("equation", relation::equation),
    ("exponent", power::exponent),
    ("fraction", number::fraction),
    ("identity", relation::identity),
    ("inequality", relation::inequality),
    ("interval", structure::interval),
    ("logarithm", function::logarithm),
    ("malformed", written::malformed),
    ("matrix", structure::matrix),
    ("multivariate", algebra::multivariate),
    ("percent", number::percent),
    ("plus_minus", structure::plus_minus),
    ("polynomial", algebra::polynomial),
    ("rational_function", algebra::rational_function),
    ("response", response::response),
    ("set", structure::set),
    ("surd", power::surd),
    ("text", phrase::text),
    ("trig", function::trig),
    ("tuple", structure::tuple),
    ("tuple_list", structure::tuple_list),
    ("unit_conversion", unit::conversion),
    ("units", unit::units),
    ("yes_no", phrase::yes_no),
];

/// Returns the names of the classes, sorted.
#[must_use]
pub fn answer_classes() -> [&'static str; 31] {
    CLASSES.map(|(class, _)| class)
}

/// Makes cases, the classes by turns.
#[must_use]
pub fn answer_cases(seed: u64, num_cases: usize) -> Vec<AnswerCase> {
    (0..num_cases).map(|index| answer_case(seed, index)).collect()
}

/// Makes the case at a place of a seed's sequence.
#[must_use]
pub fn answer_case(seed: u64, index: usize) -> AnswerCase {
    let (class, make) = CLASSES[index % CLASSES.len()];
    let pair = make(&mut Draw::new(seed, index as u64));
    let Pair { mode, gold, prediction, is_equal } = pair;
    AnswerCase { id: format!("{class}-{seed}-{index}"), class, mode, gold, prediction, is_equal }
}

// === impl AnswerCase ===

impl AnswerCase {
    /// Tells whether the case counts under a strict profile alone.
    #[must_use]
    pub fn is_policy(&self) -> bool {
        POLICY_CLASSES.contains(&self.class)
    }

    /// Returns the line of the exchange format.
    #[must_use]
    pub fn record(&self) -> Value {
        let mode = match self.mode {
            AnswerMode::Answer => "answer",
            AnswerMode::Response => "response",
        };
        json!({
            "id": self.id, "source": "gradus", "suite": "generated", "kind": self.class, "mode": mode,
            "gold": self.gold, "prediction": self.prediction, "expected": u8::from(self.is_equal),
            "config": {}, "tier": if self.is_policy() { "policy" } else { "core" },
        })
    }
}

// === impl Pair ===

impl Pair {
    /// A pair of bare answers.
    fn new(gold: impl Into<String>, prediction: impl Into<String>, is_equal: bool) -> Self {
        Self { mode: AnswerMode::Answer, gold: gold.into(), prediction: prediction.into(), is_equal }
    }

    /// A pair of bare answers either of which may be the reference.
    fn either_way(draw: &mut Draw, left: impl Into<String>, right: impl Into<String>, is_equal: bool) -> Self {
        let (left, right) = (left.into(), right.into());
        if draw.flip() { Self::new(left, right, is_equal) } else { Self::new(right, left, is_equal) }
    }

    /// A reference and a text to search.
    fn response(gold: impl Into<String>, prediction: impl Into<String>, is_equal: bool) -> Self {
        Self { mode: AnswerMode::Response, gold: gold.into(), prediction: prediction.into(), is_equal }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_case_is_a_pure_function_of_seed_and_index() {
        let cases = answer_cases(7, 620);
        assert_eq!(cases, answer_cases(7, 620));
        assert_ne!(cases, answer_cases(8, 620));
        assert_eq!(cases[100], answer_case(7, 100));
    }

    #[test]
    fn every_class_makes_pairs_that_are_the_same_and_pairs_that_are_not() {
        let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for case in answer_cases(20261, 6_200) {
            let (equal, all) = counts.entry(case.class).or_default();
            *equal += usize::from(case.is_equal);
            *all += 1;
            assert!(!case.gold.trim().is_empty() && !case.prediction.trim().is_empty(), "{case:?}");
        }
        assert_eq!(counts.len(), 31);
        for (class, (equal, all)) in counts {
            assert!(equal * 4 > all && equal * 4 < all * 3, "{equal} of {all} pairs of `{class}` are the same");
        }
    }

    #[test]
    fn a_record_is_a_line_of_the_exchange_format() {
        let record = answer_case(1, 0).record();
        assert_eq!((record["kind"].as_str(), record["tier"].as_str()), (Some("angle"), Some("policy")));
        assert!(record["gold"].is_string() && record["prediction"].is_string() && record["expected"].is_u64());
    }
}
