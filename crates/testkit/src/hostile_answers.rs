//! Pairs of answers that are made to hang, exhaust or mislead an answer checker.
//!
//! The families are those that have stopped training runs elsewhere: towers of powers, enormous factorials and sums, deep nesting, runaway
//! repetition, huge collections, digits by the hundred thousand, characters that nobody types. A checker may say that it cannot tell; it may
//! not say the opposite of the truth, and it has to say something in bounded time and memory.

mod collection;
mod nesting;
mod number;
mod prose;

use crate::AnswerMode;

/// A pair that is made to hang, exhaust or mislead an answer checker.
#[derive(Clone, Debug)]
pub struct HostileAnswer {
    /// What it is.
    pub name: &'static str,
    /// Which sides have to be searched for their answer.
    pub mode: AnswerMode,
    /// The reference answer.
    pub gold: String,
    /// The answer.
    pub prediction: String,
    /// Whether they are the same.
    pub is_equal: bool,
    /// Whether there is no excuse for not telling.
    pub must_be_decided: bool,
}

/// Makes all of them.
#[must_use]
pub fn hostile_answers() -> Vec<HostileAnswer> {
    [number::all(), nesting::all(), collection::all(), prose::all()].concat()
}

// === impl HostileAnswer ===

impl HostileAnswer {
    fn same(name: &'static str, gold: impl Into<String>, prediction: impl Into<String>) -> Self {
        let (gold, prediction) = (gold.into(), prediction.into());
        Self { name, mode: AnswerMode::Answer, gold, prediction, is_equal: true, must_be_decided: false }
    }

    fn other(name: &'static str, gold: impl Into<String>, prediction: impl Into<String>) -> Self {
        Self { is_equal: false, ..Self::same(name, gold, prediction) }
    }

    fn itself(name: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        Self::same(name, text.clone(), text)
    }

    fn decided(self) -> Self {
        Self { must_be_decided: true, ..self }
    }

    fn in_response(self) -> Self {
        Self { mode: AnswerMode::Response, ..self }
    }
}
