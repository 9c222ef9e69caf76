//! Text to token ids and back, through the model's own `tokenizer.json`.

use std::{collections::HashMap, ops::Range, path::Path};

use tokenizers::{AddedToken, Tokenizer as Inner};

use crate::{Error, error::Cause, json_file::JsonFile};

/// What becomes of special tokens, such as turn ends, when ids are turned into text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecialTokens {
    /// They are spelled out.
    Keep,
    /// They are left out.
    Skip,
}

/// What the tokenizer may add around a text by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surround {
    /// Nothing: a chat template spells its special tokens out.
    Nothing,
    /// What the tokenizer's post-processor adds, for raw text.
    ModelDefault,
}

/// Token ids with the bytes of the text each one covers.
pub(crate) struct Encoded {
    pub ids: Vec<u32>,
    pub offsets: Vec<Range<usize>>,
}

/// A tokenizer without padding and truncation.
#[derive(Clone, Debug)]
pub(crate) struct Tokenizer {
    inner: Inner,
}

impl Tokenizer {
    /// Loads `tokenizer.json`, and the added tokens of `tokenizer_config.json` that it lacks.
    pub(crate) fn load(directory: &Path) -> Result<Self, Error> {
        let path = directory.join("tokenizer.json");
        let failed =
            |source: tokenizers::Error| Error::LoadTokenizer { path: path.clone(), source: Cause::from(source) };
        let mut inner = Inner::from_file(&path).map_err(failed)?;
        inner.with_truncation(None).map_err(failed)?;
        inner.with_padding(None);
        let mut tokenizer = Self { inner };
        if let Some(config) = JsonFile::read(directory, "tokenizer_config.json")? {
            tokenizer.add_missing_tokens(&config)?;
        }
        Ok(tokenizer)
    }

    fn add_missing_tokens(&mut self, config: &JsonFile) -> Result<(), Error> {
        const KEY: &str = "added_tokens_decoder";
        const EXPECTED: &str = "token ids with tokens that continue the vocabulary without gaps";
        let Some(section) = config.section(KEY) else { return Ok(()) };
        let listed = config.get::<HashMap<u32, AddedToken>>(KEY, EXPECTED)?.unwrap_or_default();
        let mut missing: Vec<_> =
            listed.into_iter().filter(|(_, token)| self.token_id(&token.content).is_none()).collect();
        missing.sort_by_key(|(id, _)| *id);
        for (id, token) in missing {
            let content = token.content.clone();
            self.inner.add_tokens(&[token]);
            if self.token_id(&content) != Some(id) {
                return Err(section.unexpected(&id.to_string(), EXPECTED));
            }
        }
        Ok(())
    }

    /// Tokenizes a text.
    pub(crate) fn encode(&self, text: &str, surround: Surround) -> Result<Encoded, Error> {
        let encoding = self
            .inner
            .encode(text, surround == Surround::ModelDefault)
            .map_err(|source| Error::Encode { num_bytes: text.len(), source: Cause::from(source) })?;
        let offsets = encoding.get_offsets().iter().map(|&(start, end)| start..end).collect();
        Ok(Encoded { ids: encoding.get_ids().to_vec(), offsets })
    }

    /// Turns ids into text.
    pub(crate) fn decode(&self, ids: &[u32], special: SpecialTokens) -> Result<String, Error> {
        self.inner
            .decode(ids, special == SpecialTokens::Skip)
            .map_err(|source| Error::Decode { num_tokens: ids.len(), source: Cause::from(source) })
    }

    /// Returns the id of a token.
    pub(crate) fn token_id(&self, token: &str) -> Option<u32> {
        self.inner.token_to_id(token)
    }

    /// Returns the token of an id, as the vocabulary spells it.
    pub(crate) fn token(&self, id: u32) -> Option<String> {
        self.inner.id_to_token(id)
    }

    /// Tells whether an id is one of the special tokens.
    pub(crate) fn is_special(&self, id: u32) -> bool {
        self.token(id).is_some_and(|token| self.inner.get_added_vocabulary().is_special_token(&token))
    }
}
