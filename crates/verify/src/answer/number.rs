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

/// Compares numbers: integers, decimals, fractions, with thousands separators, percent signs and units.
#[derive(Debug)]
pub struct NumberChecker {
    gold: Reading,
    tolerance: Tolerance,
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
    pub fn new(gold: &str, tolerance: Tolerance) -> Option<Self> {
        Some(Self { gold: read(gold)?, tolerance })
    }

    /// Tells whether two readings are the same number, or close enough.
    fn is_equal(&self, answer: &Reading) -> bool {
        let is_same = self.gold.value == answer.value;
        is_same || !self.tolerance.is_exact() && self.tolerance.allows(self.gold.value.to_f64(), answer.value.to_f64())
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
        if let (Some(gold), Some(unit)) = (&self.gold.unit, &answer.unit)
            && gold != unit
        {
            return (Verdict::Undecided, format!("it is in `{unit}`, the reference in `{gold}`"));
        }
        // A percentage may be meant as its number or as its value: `50%` is 50 and 0.5.
        let percent = self.gold.is_percent != answer.is_percent;
        let as_value = |reading: &Reading| if reading.is_percent { reading.in_hundredths() } else { reading.clone() };
        let also =
            percent && Self { gold: as_value(&self.gold), tolerance: self.tolerance }.is_equal(&as_value(&answer));
        let verdict = if self.is_equal(&answer) || also { Verdict::Equal } else { Verdict::Different };
        (verdict, format!("it is the number {answer}"))
    }
}
