//! What is scored.

use gradus_types::FinishReason;

/// The bytes at the end of a text that are searched.
pub const MAX_SEARCHED_BYTES: usize = 64 << 10;

/// A completion as scorers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    text: String,
    num_tokens: u32,
    finish_reason: FinishReason,
}

impl Response {
    /// Joins a completion to the text that its turn started with, which counts for scoring.
    #[must_use]
    pub fn new(prefill: &str, text: &str, num_tokens: u32, finish_reason: FinishReason) -> Self {
        Self { text: format!("{prefill}{text}"), num_tokens, finish_reason }
    }

    /// Makes a response of text alone, that ended of itself; its words count as tokens.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        let num_tokens = u32::try_from(text.split_whitespace().count()).unwrap_or(u32::MAX);
        Self::new("", text, num_tokens, FinishReason::Stop)
    }

    /// Returns the whole text, prefill included.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the end of the text, 64 KiB at most: what is looked through for answers, words and repetitions, so that the time that a
    /// completion takes is bounded.
    #[must_use]
    pub fn searched(&self) -> &str {
        end_of(&self.text)
    }

    /// Returns the length of the completion in tokens, prefill excluded.
    #[must_use]
    pub const fn num_tokens(&self) -> u32 {
        self.num_tokens
    }

    /// Returns why the completion ended.
    #[must_use]
    pub const fn finish_reason(&self) -> FinishReason {
        self.finish_reason
    }
}

/// Returns the last 64 KiB of a text, from a character's beginning on.
#[must_use]
pub fn end_of(text: &str) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(MAX_SEARCHED_BYTES))..]
}
