//! The part of a protocol that a judge model does, as plain data in and out.

use std::fmt::Debug;

use super::{Item, ItemScore};

/// What a judge is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// What answer does this response give?
    Extract {
        /// The question that was asked.
        question: String,
        /// The options, if it has any.
        options: Vec<String>,
        /// The response.
        response: String,
    },
    /// Do these two answers to the question mean the same?
    Compare {
        /// The question that was asked.
        question: String,
        /// The reference answer.
        gold: String,
        /// The answer that was extracted.
        answer: String,
    },
}

/// What came of the pure part of scoring.
#[derive(Clone, Debug, PartialEq)]
pub enum Assessment {
    /// It decided.
    Done(ItemScore),
    /// A judge has to say something first.
    NeedsJudge(Question),
}

/// Answers questions about responses: a judge model, or a recording of one. Calls may take long and fail.
pub trait Judge: Debug + Send + Sync {
    /// Returns the answer that a response gives, as short as it can be said.
    fn extract(&self, question: &Question) -> Result<String, JudgeError>;

    /// Tells whether two answers mean the same.
    fn is_same(&self, question: &Question) -> Result<bool, JudgeError>;
}

/// A judge did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the judge did not answer: {reason}")]
pub struct JudgeError {
    /// Why not.
    pub reason: String,
}

/// No judge: whatever needs one is unknown.
#[derive(Clone, Copy, Debug)]
pub struct NoJudge;

// === impl Question ===

impl Question {
    /// Asks for the answer of a response.
    pub fn extract(item: &Item, response: &str) -> Self {
        let (question, options) = (item.question.clone(), item.options.clone());
        Self::Extract { question, options, response: response.to_owned() }
    }

    /// Asks whether an answer is the reference answer.
    pub fn compare(item: &Item, answer: &str) -> Self {
        Self::Compare { question: item.question.clone(), gold: item.answer().to_owned(), answer: answer.to_owned() }
    }
}

// === impl NoJudge ===

impl NoJudge {
    fn error() -> JudgeError {
        JudgeError { reason: "there is none".to_owned() }
    }
}

impl Judge for NoJudge {
    fn extract(&self, _: &Question) -> Result<String, JudgeError> {
        Err(Self::error())
    }

    fn is_same(&self, _: &Question) -> Result<bool, JudgeError> {
        Err(Self::error())
    }
}
