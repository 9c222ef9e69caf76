//! Listed words, such as option letters, that stand alone in a text.

use std::ops::Range;

use super::Forms;

/// A word that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word itself.
    pub content: Range<usize>,
    /// Behind what has to follow it.
    pub end: usize,
}

/// Finds listed words in a text.
#[derive(Clone, Copy, Debug)]
pub struct WordScanner<'t> {
    text: &'t str,
    words: &'t [String],
    forms: Forms,
}

// === impl WordScanner ===

impl<'t> WordScanner<'t> {
    /// Makes a scanner that knows some ways of writing an answer.
    pub const fn new(text: &'t str, words: &'t [String], forms: Forms) -> Self {
        Self { text, words, forms }
    }

    /// Returns the listed word that stands behind a character, perhaps with emphasis around it.
    pub fn behind(&self, prefix: char, position: usize) -> Option<Word> {
        let is_prefix = match self.forms {
            Forms::MathVerify => prefix.is_whitespace(),
            Forms::Wide => prefix.is_whitespace() || "(（[:：>=*\"'“".contains(prefix) || is_of_other_script(prefix),
        };
        if is_prefix { self.at(position + prefix.len_utf8()) } else { None }
    }

    /// Returns the listed word that stands at a position, perhaps with emphasis around it.
    pub fn at(&self, position: usize) -> Option<Word> {
        let tail = &self.text[position..];
        let emphasised = tail.strip_prefix("**").map(|_| position + 2);
        emphasised.into_iter().chain([position]).find_map(|at| {
            self.bare_words_at(at)
                .find_map(|length| Some(Word { content: at..at + length, end: self.end(at + length)? }))
        })
    }

    /// Returns the listed word at a position, whatever follows it.
    pub fn bare_at(&self, position: usize) -> Option<Word> {
        let length = self.bare_words_at(position).next()?;
        Some(Word { content: position..position + length, end: position + length })
    }

    fn bare_words_at(&self, position: usize) -> impl Iterator<Item = usize> {
        let tail = &self.text[position..];
        let is_there = move |word: &&String| match self.forms {
            // A letter in another case is another one.
            Forms::Wide if word.len() > 1 => {
                tail.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word.as_str()))
            }
            _ => !word.is_empty() && tail.starts_with(word.as_str()),
        };
        self.words.iter().filter(is_there).map(String::len)
    }

    fn end(&self, position: usize) -> Option<usize> {
        let tail = &self.text[position..];
        let emphasised = tail.strip_prefix("**");
        emphasised.into_iter().chain([tail]).find_map(|tail| {
            let at = self.text.len() - tail.len();
            let Some(next) = tail.chars().next() else { return Some(at) };
            let is_end = match self.forms {
                Forms::MathVerify => next.is_whitespace() || ".,:".contains(next),
                Forms::Wide => next.is_whitespace() || ".,:;)!?]<\"'*”".contains(next) || is_of_other_script(next),
            };
            is_end.then_some(at + next.len_utf8())
        })
    }
}

/// Tells whether a character is of a script without spaces between words, or its punctuation.
pub fn is_of_other_script(character: char) -> bool {
    matches!(character, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{ff00}'..='\u{ffef}')
}
