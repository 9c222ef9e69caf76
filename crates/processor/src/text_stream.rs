//! Text from ids that arrive one by one.

use crate::{Error, SpecialTokens, tokenizer::Tokenizer};

/// What a decoder prints for bytes that are no whole character yet.
const INCOMPLETE: char = '\u{fffd}';

/// Decodes ids as they arrive, giving out text once its characters are whole.
#[derive(Debug)]
pub struct TextStream<'a> {
    tokenizer: &'a Tokenizer,
    special: SpecialTokens,
    /// Ids whose text may still change the text of the next one; the first `num_told` of them have been given out.
    window: Vec<u32>,
    num_told: usize,
}

impl<'a> TextStream<'a> {
    pub(crate) fn new(tokenizer: &'a Tokenizer, special: SpecialTokens) -> Self {
        Self { tokenizer, special, window: Vec::new(), num_told: 0 }
    }

    /// Takes an id and returns the text that is new, empty while a character is incomplete.
    ///
    /// # Errors
    /// Returns [`Error::Decode`] when the tokenizer refuses the ids.
    pub fn push(&mut self, id: u32) -> Result<String, Error> {
        self.window.push(id);
        let text = self.untold()?;
        if text.is_empty() || text.ends_with(INCOMPLETE) {
            return Ok(String::new());
        }
        // The ids just told stay as context: some decoders put a space before all but the first word.
        self.window.drain(..self.num_told);
        self.num_told = self.window.len();
        Ok(text)
    }

    /// Ends the stream and returns what was held back.
    ///
    /// # Errors
    /// Returns [`Error::Decode`] when the tokenizer refuses the ids.
    pub fn finish(self) -> Result<String, Error> {
        self.untold()
    }

    fn untold(&self) -> Result<String, Error> {
        let told = self.tokenizer.decode(&self.window[..self.num_told], self.special)?;
        let all = self.tokenizer.decode(&self.window, self.special)?;
        Ok(all.get(told.len()..).unwrap_or_default().to_owned())
    }
}
