//! The part of a text in which its answer is looked for.

use std::ops::Range;

use super::{AnswerElement, ExtractionSettings};

/// The bytes at the end of a text in which an answer is looked for.
const MAX_SEARCHED_BYTES: usize = 64 << 10;

/// The bytes at the beginning of a text in which an answer element is looked for as well.
const MAX_HEAD_BYTES: usize = 4 << 10;

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
    let mut from = text.len().saturating_sub(MAX_SEARCHED_BYTES);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let unseen = from;
    match text[from..].rfind("</think>") {
        Some(thought) if settings.answer_element != AnswerElement::Ignored || settings.is_closed_think_required => {
            from += thought + "</think>".len();
        }
        None if settings.is_closed_think_required => return None,
        _ => {}
    }
    let element = match settings.answer_element {
        AnswerElement::Ignored => None,
        AnswerElement::First => first_element(text, unseen, from, &settings.answer_tag),
        AnswerElement::Last => last_element(text, unseen, from, &settings.answer_tag),
    };
    Some(match element {
        Some(range) => Region { range, is_element: true },
        None => Region { range: from..text.len(), is_element: false },
    })
}

/// Returns what is in the last element that is closed, in the end of a text or in its beginning.
fn last_element(text: &str, unseen: usize, from: usize, tag: &str) -> Option<Range<usize>> {
    let (opening, closing) = (format!("<{tag}>"), format!("</{tag}>"));
    [from..text.len(), head(text, unseen)].into_iter().find_map(|part| {
        let end = part.start + text[part.clone()].rfind(&closing)?;
        let start = part.start + text[part.start..end].rfind(&opening)? + opening.len();
        Some(start..end)
    })
}

/// Returns what is in the first element that is closed, in the beginning of a text or in its end.
fn first_element(text: &str, unseen: usize, from: usize, tag: &str) -> Option<Range<usize>> {
    let (opening, closing) = (format!("<{tag}>"), format!("</{tag}>"));
    [head(text, unseen), from..text.len()].into_iter().find_map(|part| {
        let start = part.start + text[part.clone()].find(&opening)? + opening.len();
        let end = start + text[start..part.end].find(&closing)?;
        Some(start..end)
    })
}

/// Returns the beginning of a text, as far as it is looked at and not part of its end.
fn head(text: &str, unseen: usize) -> Range<usize> {
    let mut end = unseen.min(MAX_HEAD_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    0..end
}
