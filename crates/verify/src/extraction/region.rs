//! The part of a text in which its answer is looked for.

use std::ops::Range;

use super::{AnswerElement, ExtractionSettings};
use crate::response::MAX_SEARCHED_BYTES;

/// The bytes at the beginning of a text in which an answer element is looked for as well.
const MAX_HEAD_BYTES: usize = 4 << 10;

/// What closes the reasoning.
const END_OF_THOUGHT: &str = "</think>";

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Where it is, in bytes.
    pub range: Range<usize>,
    /// Whether it is what an answer element holds.
    pub is_element: bool,
}

/// Returns the part of a text in which its answer is to be looked for, if it has one.
pub fn searched(text: &str, settings: &ExtractionSettings) -> Option<Region> {
    if settings.is_bare {
        let all = 0..text.len();
        let element = element(text, std::slice::from_ref(&all), settings);
        return Some(Region { is_element: element.is_some(), range: element.unwrap_or(all) });
    }
    let tail = text.ceil_char_boundary(text.len().saturating_sub(MAX_SEARCHED_BYTES));
    let looks_behind_thought = settings.is_thought_skipped() || settings.is_closed_think_required;
    let thought = text[tail..].rfind(END_OF_THOUGHT).filter(|_| looks_behind_thought);
    let range = match thought {
        Some(thought) => tail + thought + END_OF_THOUGHT.len()..text.len(),
        None if settings.is_closed_think_required => return None,
        None => tail..text.len(),
    };
    // Where a thought is closed, nothing before that is an answer.
    let head = if thought.is_some() { 0..0 } else { head(text, tail) };
    let parts = match settings.answer_element {
        AnswerElement::First => [head, range.clone()],
        AnswerElement::Last | AnswerElement::Ignored => [range.clone(), head],
    };
    match element(text, &parts, settings) {
        Some(range) => Some(Region { range, is_element: true }),
        None if settings.is_element_required => None,
        None => Some(Region { range, is_element: false }),
    }
}

/// Returns what is in the element of an answer, which is looked for in one part of a text after another.
fn element(text: &str, parts: &[Range<usize>], settings: &ExtractionSettings) -> Option<Range<usize>> {
    let (opening, closing) = (format!("<{}>", settings.answer_tag), format!("</{}>", settings.answer_tag));
    parts.iter().find_map(|part| {
        let content = &text[part.clone()];
        let (start, end) = match settings.answer_element {
            AnswerElement::Ignored => return None,
            AnswerElement::First => {
                let start = content.find(&opening)? + opening.len();
                (start, start + content[start..].find(&closing)?)
            }
            AnswerElement::Last => {
                let end = content.rfind(&closing)?;
                (content[..end].rfind(&opening)? + opening.len(), end)
            }
        };
        Some(part.start + start..part.start + end)
    })
}

/// Returns the beginning of a text as far as it is looked at and not part of its end, behind the reasoning.
fn head(text: &str, tail: usize) -> Range<usize> {
    let end = text.floor_char_boundary(tail.min(MAX_HEAD_BYTES));
    let start = text[..end].rfind(END_OF_THOUGHT).map_or(0, |thought| thought + END_OF_THOUGHT.len());
    start..end
}
