//! The words that announce an answer: `final answer … is`, `answer:`, `answer`.

use super::{
    Forms,
    scan::{after_white_space, is_within},
};

/// How many characters may be between `final answer` and `is`.
const MAX_BEFORE_IS: usize = 100;

/// A word for "answer" in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Where it begins.
    pub start: usize,
    /// Behind it.
    pub end: usize,
    /// Where `final` begins, if that is the word before it.
    pub r#final: Option<usize>,
}

// === impl Anchor ===

impl Anchor {
    /// Finds every word that announces an answer.
    pub fn all(text: &str) -> Vec<Self> {
        let bytes = text.as_bytes();
        let mut anchors = Vec::new();
        // The rarest letter of `answer` is looked for.
        for position in memchr::memchr2_iter(b'w', b'W', bytes) {
            let Some(start) = position.checked_sub(3) else { continue };
            if is_word(bytes, start, b"answer") {
                let r#final = start.checked_sub(6).filter(|&at| is_word(bytes, at, b"final "));
                anchors.push(Self { start, end: start + 6, r#final });
            }
        }
        anchors
    }

    /// Returns the position behind `final answer is` and an optional colon.
    pub fn behind_final_is(self, text: &str) -> Option<usize> {
        self.r#final?;
        is_word(text.as_bytes(), self.end, b" is").then(|| behind_colon(text, self.end + 3).unwrap_or(self.end + 3))
    }

    /// Returns the position behind the colon that follows it.
    pub fn behind_colon(self, text: &str, forms: Forms) -> Option<usize> {
        match forms {
            Forms::MathVerify => behind_colon(text, self.end),
            Forms::Wide => {
                let tail = text[self.end..].trim_start_matches(['*', '_', '}', ' ', '#']);
                let tail = tail.strip_prefix([':', '：'])?;
                Some(text.len() - tail.len())
            }
        }
    }

    /// Returns the positions behind each `is` that follows it closely, and an optional colon.
    pub fn behind_each_is<'t>(self, text: &'t str, is_within_line: bool) -> impl Iterator<Item = usize> + 't {
        let window = window(text, self.end, MAX_BEFORE_IS + 8);
        let line = if is_within_line { window.split('\n').next().unwrap_or_default() } else { window };
        let end = self.end;
        memchr::memmem::find_iter(line.as_bytes(), b"is").filter_map(move |offset| {
            let space = line[..offset].chars().next_back().filter(|before| before.is_whitespace())?;
            is_within(text, end, end + offset - space.len_utf8(), MAX_BEFORE_IS).then(|| {
                let behind = end + offset + 2;
                behind_colon(text, behind).unwrap_or(behind)
            })
        })
    }
}

/// Returns the part of a text of at most so many characters from a position on.
pub fn window(text: &str, from: usize, max_characters: usize) -> &str {
    let tail = &text[from..];
    tail.char_indices().nth(max_characters).map_or(tail, |(end, _)| &tail[..end])
}

/// Returns the position behind `I hope` and what may be before it.
pub fn behind_hope(text: &str, position: usize) -> Option<usize> {
    // What was found before may have taken the point and the space already.
    [position, after_white_space(text, position)].into_iter().find_map(|at| {
        let tail = &text[at..];
        let tail = tail.strip_prefix('.').unwrap_or(tail);
        let tail = tail.strip_prefix(char::is_whitespace).unwrap_or(tail);
        tail.strip_prefix("I hope").map(|rest| text.len() - rest.len())
    })
}

fn behind_colon(text: &str, position: usize) -> Option<usize> {
    text[position..].starts_with(':').then_some(position + 1)
}

fn is_word(bytes: &[u8], at: usize, word: &[u8]) -> bool {
    bytes.get(at..at + word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word))
}
