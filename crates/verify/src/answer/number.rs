//! Comparison by number: exact where both sides are rational, within a tolerance where one is asked for.

mod reading;

use super::AnswerChecker;
use crate::Verdict;

use reading::{Reading, read};

/// How far numbers may be apart and still be equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// As a share of the reference; 0 is exact.
    pub relative: f64,
    /// In units of the number; 0 is exact.
    pub absolute: f64,
}

/// What the units and percent signs of numbers mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Units {
    /// Nothing: `5 cm` is `5 m`.
    Ignored,
    /// One side may leave them out, but not exchange them: `5 cm` is `5`, and `50%` is 50 as well as 0.5.
    Optional,
    /// Both sides must have the same, and `50%` is 0.5 alone.
    Required,
}

/// Compares numbers: integers, decimals, fractions, with thousands separators, percent signs and units.
#[derive(Debug)]
pub struct NumberChecker {
    gold: Reading,
    tolerance: Tolerance,
    units: Units,
}

// === impl Tolerance ===

impl Tolerance {
    /// Numbers are equal when they are the same.
    pub const EXACT: Self = Self { relative: 0.0, absolute: 0.0 };

    fn allows(self, gold: f64, answer: f64) -> bool {
        (gold - answer).abs() <= (self.relative * gold.abs()).max(self.absolute)
    }

    fn is_exact(self) -> bool {
        self.relative == 0.0 && self.absolute == 0.0
    }
}

// === impl NumberChecker ===

impl NumberChecker {
    /// Reads a reference answer that is a number; another is none.
    pub fn new(gold: &str, tolerance: Tolerance, units: Units) -> Option<Self> {
        Some(Self { gold: read(gold)?, tolerance, units })
    }

    /// Says what keeps the units apart, if anything does.
    fn differing_units(&self, answer: &Reading) -> Option<String> {
        let name =
            |unit: &Option<String>| unit.as_ref().map_or_else(|| "no unit".to_owned(), |unit| format!("`{unit}`"));
        let is_left_out = self.gold.unit.is_none() || answer.unit.is_none();
        let differ = match self.units {
            Units::Ignored => false,
            Units::Optional => !is_left_out && self.gold.unit != answer.unit,
            Units::Required => self.gold.unit != answer.unit,
        };
        differ.then(|| format!("it is in {}, the reference in {}", name(&answer.unit), name(&self.gold.unit)))
    }

    /// Tells whether two readings are the same number, or close enough.
    fn is_equal(&self, answer: &Reading) -> bool {
        let by_value = self.are_close(&self.gold.in_hundredths(), &answer.in_hundredths());
        by_value || self.units != Units::Required && self.are_close(&self.gold, answer)
    }

    fn are_close(&self, gold: &Reading, answer: &Reading) -> bool {
        let is_same = gold.value == answer.value;
        is_same || !self.tolerance.is_exact() && self.tolerance.allows(gold.value.to_f64(), answer.value.to_f64())
    }
}

impl AnswerChecker for NumberChecker {
    fn method(&self) -> &'static str {
        "number"
    }

    fn gold_reading(&self) -> String {
        self.gold.to_string()
    }

    fn check(&self, answer: &str) -> (Verdict, String) {
        let Some(answer) = read(answer) else {
            return (Verdict::Undecided, "it is no plain number".to_owned());
        };
        if let Some(reason) = self.differing_units(&answer) {
            return (Verdict::Undecided, reason);
        }
        let verdict = if self.is_equal(&answer) { Verdict::Equal } else { Verdict::Different };
        (verdict, format!("it is the number {answer}"))
    }
}
