//! Finds the answer in a text: where it is, and what is to be read.
//!
//! A text is searched by levels: what `final answer is` announces, boxes, what `answer:` announces, what `answer` announces, and
//! anything at all. Within a level the last place comes first. [`candidates`] returns the places in that order; whoever reads
//! them takes the first that can be read. [`Extraction`] returns the answer as one piece.

mod anchor;
mod boxes;
mod environment;
mod fraction;
mod letter;
mod place;
mod plain;
mod region;
mod scan;
mod search;
mod settings;
mod statement;
mod word;

#[cfg(test)]
mod tests;

use std::{borrow::Cow, ops::Range};

pub use self::boxes::last as last_box;
pub use self::place::{Extraction, Fallback, Source};
pub use self::settings::{AnswerElement, Boxes, ExtractionSettings, Forms, Targets};

use self::search::Search;

/// The most candidates that are returned.
pub const MAX_CANDIDATES: usize = 8;

/// A place in a text that may hold its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate<'t> {
    /// What is to be read; several environments or boxes are joined to one list.
    pub text: Cow<'t, str>,
    /// How it is to be read.
    pub kind: Kind,
    /// How it was found.
    pub found: Found,
    /// The level it was found at; a lower one is tried first.
    pub level: u16,
    /// Whether a percent sign or word follows it, which is not in its text.
    pub is_percent: bool,
    /// Where its pieces are in the searched text, in bytes.
    pub spans: Vec<Range<usize>>,
}

/// How a candidate is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As LaTeX: it was in an environment or a box.
    Latex,
    /// As a plain number or expression.
    Expression,
    /// As a word or an option letter.
    Word,
    /// As a formula without delimiters, in LaTeX or plainly written, perhaps with a unit; or, if it is a whole text that was
    /// not looked into, as whatever it is.
    Text,
    /// As words: comparing them is the only thing to do with them.
    Prose,
}

/// How a candidate was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is the whole text.
    Whole,
    /// It is all of an answer element.
    AnswerElement,
    /// `final answer is …. I hope`.
    FinalAnswerHope,
    /// `final answer … is …`.
    FinalAnswerIs,
    /// In a box.
    Boxed,
    /// `answer: …`.
    AnswerColon,
    /// `answer …`.
    AnswerWord,
    /// A word at the start of the text.
    StartOfText,
    /// A LaTeX environment anywhere.
    Environment,
    /// A number or an expression anywhere.
    Expression,
    /// A word anywhere.
    Word,
    /// The last line that holds anything.
    LastLine,
}

/// The places of a text that may hold its answer, in the order in which they are to be tried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidates<'t> {
    list: Vec<Candidate<'t>>,
}

/// Finds the places of a text that may hold its answer, at most eight. A place may be longer than what can be read.
#[must_use]
pub fn candidates<'t>(text: &'t str, settings: &'t ExtractionSettings) -> Candidates<'t> {
    let Some(region) = region::searched(text, settings) else { return Candidates::default() };
    let searched = &text[region.range.clone()];
    let mut list = if settings.is_bare { Vec::new() } else { Search::new(searched, settings, region.is_element).run() };
    if settings.is_bare {
        list.extend(whole(searched));
    }
    for span in list.iter_mut().flat_map(|candidate| &mut candidate.spans) {
        *span = span.start + region.range.start..span.end + region.range.start;
    }
    Candidates { list }
}

// === impl Candidates ===

impl<'t> Candidates<'t> {
    /// Iterates over the candidates in the order in which they are to be tried.
    pub fn iter(&self) -> std::slice::Iter<'_, Candidate<'t>> {
        self.list.iter()
    }

    /// Returns the candidate that is tried first.
    #[must_use]
    pub fn first(&self) -> Option<&Candidate<'t>> {
        self.list.first()
    }
}

impl<'a, 't> IntoIterator for &'a Candidates<'t> {
    type Item = &'a Candidate<'t>;
    type IntoIter = std::slice::Iter<'a, Candidate<'t>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

// === impl Kind ===

impl Kind {
    /// How many there are.
    const COUNT: usize = 5;
}

// === impl Found ===

impl Found {
    /// Returns the name it has in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::AnswerElement => "answer_element",
            Self::FinalAnswerHope => "final_answer_hope",
            Self::FinalAnswerIs => "final_answer_is",
            Self::Boxed => "boxed",
            Self::AnswerColon => "answer_colon",
            Self::AnswerWord => "answer_word",
            Self::StartOfText => "start_of_text",
            Self::Environment => "environment",
            Self::Expression => "expression",
            Self::Word => "word",
            Self::LastLine => "last_line",
        }
    }
}

/// Takes a whole text for the answer.
fn whole(text: &str) -> Option<Candidate<'_>> {
    let span = boxes::trimmed(text, 0..text.len());
    let text = &text[span.clone()];
    let candidate = Candidate {
        text: text.into(),
        kind: Kind::Text,
        found: Found::Whole,
        level: 0,
        is_percent: false,
        spans: vec![span],
    };
    (!text.is_empty()).then_some(candidate)
}
