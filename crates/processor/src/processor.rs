//! The processor of one model: its tokenizer, chat template and image pipeline together.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    Error, SpecialTokens, TextStream,
    chat_template::{self, ChatTemplate},
    image_settings,
    picture::{DecodeLimits, ImagePipeline, MediaCache},
    special_tokens::{self, RoleTokens},
    tokenizer::{Surround, Tokenizer},
};

/// What a deployment sets, as against what the model's files say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// What picture decoders may be asked to do.
    pub decode_limits: DecodeLimits,
    /// How many bytes of patches are remembered.
    pub cache_bytes: usize,
    /// The smallest picture area after resizing, in place of the model's.
    pub min_pixels: Option<u64>,
    /// The largest picture area after resizing, in place of the model's.
    pub max_pixels: Option<u64>,
    /// A chat template file, in place of the model's.
    pub chat_template: Option<PathBuf>,
}

impl Default for Options {
    /// Remembers 256 MiB of patches: some 50 pictures of 1,000×1,000 pixels, or 4,500 of 100×100.
    fn default() -> Self {
        Self {
            decode_limits: DecodeLimits::default(),
            cache_bytes: 256 << 20,
            min_pixels: None,
            max_pixels: None,
            chat_template: None,
        }
    }
}

/// Turns prompts into token ids and patches, and token ids into text. Shared by reference between threads.
#[derive(Debug)]
pub struct Processor {
    pub(crate) tokenizer: Tokenizer,
    pub(crate) template: Option<ChatTemplate>,
    pub(crate) images: Option<ImagePipeline>,
    pub(crate) roles: RoleTokens,
    pub(crate) cache: MediaCache,
}

impl Processor {
    /// Loads the processor of a model directory as Hugging Face lays it out.
    ///
    /// # Errors
    /// Returns an [`Error`] that names the file, and the key where there is one.
    pub fn load(directory: &Path) -> Result<Self, Error> {
        Self::load_with(directory, &Options::default())
    }

    /// Loads the processor of a model directory with a deployment's own bounds.
    ///
    /// # Errors
    /// Returns an [`Error`] that names the file, and the key where there is one.
    pub fn load_with(directory: &Path, options: &Options) -> Result<Self, Error> {
        let tokenizer = Tokenizer::load(directory)?;
        let source = match &options.chat_template {
            Some(path) => Some(read_template(path)?),
            None => chat_template::load_source(directory)?,
        };
        let template = match source {
            Some(source) => Some(ChatTemplate::new(&source, special_tokens::template_variables(directory)?)?),
            None => None,
        };
        let images = image_settings::load(directory)?.map(|mut settings| {
            settings.min_pixels = options.min_pixels.unwrap_or(settings.min_pixels);
            settings.max_pixels = options.max_pixels.unwrap_or(settings.max_pixels);
            ImagePipeline::new(settings, options.decode_limits)
        });
        let roles = RoleTokens::load(directory, &tokenizer)?;
        Ok(Self { tokenizer, template, images, roles, cache: MediaCache::new(options.cache_bytes) })
    }

    /// Returns the image pipeline, for a model that takes pictures.
    #[must_use]
    pub fn image_pipeline(&self) -> Option<&ImagePipeline> {
        self.images.as_ref()
    }

    /// Tells whether messages can be rendered.
    #[must_use]
    pub fn has_chat_template(&self) -> bool {
        self.template.is_some()
    }

    /// Returns the tokens any of which ends a completion, the first being the one supervised examples end with.
    #[must_use]
    pub fn eos_token_ids(&self) -> &[u32] {
        &self.roles.end_of_sequence
    }

    /// Returns the padding token, where the model names one.
    #[must_use]
    pub fn pad_token_id(&self) -> Option<u32> {
        self.roles.padding
    }

    /// Returns the placeholder token of pictures, where the model has one.
    #[must_use]
    pub fn image_token_id(&self) -> Option<u32> {
        self.roles.picture.as_ref().map(|picture| picture.placeholder_id)
    }

    /// Returns one picture as the model's prompts spell it: its start, one placeholder, its end.
    #[must_use]
    pub fn image_spelling(&self) -> Option<&str> {
        self.roles.picture.as_ref().map(|picture| picture.spelled.as_str())
    }

    /// Returns the id of a token such as `<|im_end|>`.
    #[must_use]
    pub fn token_id(&self, token: &str) -> Option<u32> {
        self.tokenizer.token_id(token)
    }

    /// Tokenizes a text as it is, without the template and without anything around it. Special tokens are recognised.
    ///
    /// # Errors
    /// Returns [`Error::Encode`] when the tokenizer refuses the text.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, Error> {
        Ok(self.tokenizer.encode(text, Surround::Nothing)?.ids)
    }

    /// Turns ids into text. Ids without a token, as padded vocabularies have, give no text.
    ///
    /// # Errors
    /// Returns [`Error::Decode`] when the tokenizer refuses the ids.
    pub fn decode(&self, ids: &[u32], special: SpecialTokens) -> Result<String, Error> {
        self.tokenizer.decode(ids, special)
    }

    /// Starts decoding ids as they are sampled.
    #[must_use]
    pub fn decode_stream(&self, special: SpecialTokens) -> TextStream<'_> {
        TextStream::new(&self.tokenizer, special)
    }

    /// Returns how many bytes of patches are remembered.
    #[must_use]
    pub fn cached_bytes(&self) -> usize {
        self.cache.size_bytes()
    }
}

/// Reads a template that stands in for the model's; unlike the model's own, it must be there.
fn read_template(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| Error::ReadFile { path: path.to_owned(), source: Arc::new(source) })
}

#[cfg(test)]
mod tests {
    use gradus_types::{Message, PromptBody, Role};

    use super::*;
    use crate::ChatInput;

    #[test]
    fn a_template_of_the_deployment_replaces_the_model_s_own() {
        let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/tiny");
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("plain.jinja");
        fs::write(&path, "{{ messages[0].content }}=").unwrap();
        let options = Options { chat_template: Some(path.clone()), ..Options::default() };
        let processor = Processor::load_with(&model, &options).unwrap();
        let body = PromptBody::Chat(vec![Message::text(Role::User, "2 + 3")]);
        let input = ChatInput { body: &body, prefill: None, max_prompt_tokens: None };
        let prepared = processor.prepare(&input, &std::collections::HashMap::new()).unwrap();
        assert_eq!(processor.decode(&prepared.token_ids, SpecialTokens::Keep).unwrap(), "2 + 3=");
        fs::remove_file(&path).unwrap();
        let error = Processor::load_with(&model, &options).unwrap_err();
        assert!(error.to_string().contains("plain.jinja"), "{error}");
    }
}
