//! An item of a benchmark, and what a response to it scored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// An item of a benchmark: what its scorer may look at. Fields that a benchmark has no use for stay empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its name. Several responses to one item carry the same.
    pub id: String,
    /// The question, which a judge model is shown.
    #[serde(default)]
    pub question: String,
    /// The reference answers: alternatives where a benchmark has several annotators, the one answer elsewhere.
    pub answers: Vec<String>,
    /// The texts of the options of a multiple-choice question, in order.
    #[serde(default)]
    pub options: Vec<String>,
    /// What kind of answer is asked for.
    #[serde(default)]
    pub answer_type: AnswerType,
    /// The decimals that a number is rounded to (MathVista).
    #[serde(default)]
    pub precision: Option<u32>,
    /// How far a number may be off, absolutely (OlympiadBench).
    #[serde(default)]
    pub tolerance: Option<f64>,
    /// The problem that this item is a part or a variant of (We-Math, DynaMath).
    #[serde(default)]
    pub problem: Option<String>,
    /// Which part it is (We-Math: `multi` for the whole problem, anything else for a step).
    #[serde(default)]
    pub part: Option<String>,
    /// What it is reported under: `{"task": "counting", "source": "COCO"}`.
    #[serde(default)]
    pub groups: BTreeMap<String, String>,
}

/// What kind of answer an item asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerType {
    /// An option, where the item has options, else whatever the benchmark asks for.
    #[default]
    Unspecified,
    /// One of the options, or several.
    Choice,
    /// A whole number.
    Integer,
    /// A number.
    Float,
    /// A list, compared as it is written.
    List,
    /// Words.
    Text,
}

/// What a response to an item scored.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ItemScore {
    /// From 0 to 1.
    pub score: f64,
    /// Whether the response could be read and compared. What could not scores 0.
    pub is_known: bool,
    /// The answer as it was read.
    pub extracted: Option<String>,
    /// Why, for people.
    pub reason: String,
}

// === impl Item ===

impl Item {
    /// Returns the first reference answer, or nothing where there is none.
    #[must_use]
    pub fn answer(&self) -> &str {
        self.answers.first().map_or("", |answer| answer.trim())
    }

    /// Tells whether the answer is one of the options.
    #[must_use]
    pub fn is_choice(&self) -> bool {
        match self.answer_type {
            AnswerType::Choice => true,
            AnswerType::Unspecified => !self.options.is_empty(),
            _ => false,
        }
    }
}

// === impl ItemScore ===

impl ItemScore {
    /// Makes the score of an answer that is right or wrong.
    #[must_use]
    pub fn of(is_correct: bool, extracted: &str, reason: &str) -> Self {
        Self::partial(f64::from(u8::from(is_correct)), extracted, reason)
    }

    /// Makes the score of an answer that may be right in part.
    #[must_use]
    pub fn partial(score: f64, extracted: &str, reason: &str) -> Self {
        Self { score, is_known: true, extracted: Some(extracted.to_owned()), reason: reason.to_owned() }
    }

    /// Makes the score of a response that cannot be read or compared.
    #[must_use]
    pub fn unknown(reason: &str) -> Self {
        Self { score: 0.0, is_known: false, extracted: None, reason: reason.to_owned() }
    }

    /// Tells whether the answer is right in full.
    #[must_use]
    pub fn is_correct(&self) -> bool {
        self.is_known && self.score >= 1.0
    }
}
