//! A generated item: question, options, picture, answer and rationale.

use std::fmt::Write;

use crate::{Spec, Split};

/// One generated problem with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The task it was generated from.
    pub spec: Spec,
    /// The side of the division it lies on.
    pub split: Split,
    /// Its position in the task's endless sequence.
    pub index: u64,
    /// The question, without the options.
    pub question: String,
    /// What `A`, `B` and so on stand for; empty where the answer is free.
    pub options: Vec<String>,
    /// The right answer.
    pub answer: Answer,
    /// A short think text that leads to the answer.
    pub rationale: String,
    /// The picture the question is about.
    pub picture: Option<Picture>,
}

/// The right answer of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The text expected between the answer tags.
    pub text: String,
    /// How that text is to be read.
    pub kind: AnswerKind,
}

/// How an answer is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AnswerKind {
    /// The letter of an option.
    Letter,
    /// A whole number in decimal digits.
    Integer,
    /// One lower-case word.
    Word,
}

/// A square picture, losslessly encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Side length in pixels.
    pub size: u32,
    /// The PNG file.
    pub png: Vec<u8>,
}

impl Item {
    /// Renders the question followed by one line for each option.
    pub fn question_with_options(&self) -> String {
        let mut text = self.question.clone();
        for (option, letter) in self.options.iter().zip('A'..) {
            let _ = write!(text, "\n{letter}. {option}");
        }
        text
    }

    /// Renders the supervised target: rationale and answer in their tags.
    pub fn completion(&self) -> String {
        format!("<think>{}</think><answer>{}</answer>", self.rationale, self.answer.text)
    }
}
