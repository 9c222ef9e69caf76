//! From a prompt to token ids with the right number of picture placeholders, and the pictures' patches.

use std::{iter, sync::Arc};

use gradus_types::{ContentPart, MediaHash, Message, Prompt, PromptBody, Role};

use crate::{
    Error, Processor,
    chat_template::{ChatTemplate, Content, ContentForm, Ending, Part, Turn},
    error::Cause,
    picture::PixelPatches,
    special_tokens::PictureTokens,
    tokenizer::{Encoded, Surround},
};

/// What is asked of the policy.
#[derive(Clone, Copy, Debug)]
pub struct ChatInput<'a> {
    /// The question. A chat that ends with an assistant turn is continued inside that turn.
    pub body: &'a PromptBody,
    /// Text the assistant's turn starts with.
    pub prefill: Option<&'a str>,
    /// The longest prompt accepted, in tokens, pictures included.
    pub max_prompt_tokens: Option<usize>,
}

impl<'a> ChatInput<'a> {
    /// Asks what a prompt asks, at any length.
    #[must_use]
    pub fn of(prompt: &'a Prompt) -> Self {
        Self { body: &prompt.body, prefill: prompt.prefill.as_deref(), max_prompt_tokens: None }
    }
}

/// A prompt as the policy reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// The prompt's tokens, each picture's placeholder repeated once for each of its merged patches.
    pub token_ids: Vec<u32>,
    /// The pictures, in the order of their placeholders.
    pub media: Vec<Arc<PixelPatches>>,
}

/// Where the encoded bytes of pictures come from: a cache on disk, a directory, a map.
pub trait ImageSource: Sync {
    /// Returns the encoded bytes of a picture.
    ///
    /// # Errors
    /// Returns why the bytes cannot be had.
    fn encoded(&self, hash: MediaHash) -> Result<Arc<[u8]>, Cause>;
}

impl Processor {
    /// Renders, tokenizes and expands a prompt, and processes its pictures.
    ///
    /// # Errors
    /// Returns an [`Error`] when the template refuses the messages, a picture cannot be used, placeholders and pictures
    /// differ in number, or the prompt is over its budget.
    pub fn prepare(&self, input: &ChatInput<'_>, source: &dyn ImageSource) -> Result<Prepared, Error> {
        let encoded = match input.body {
            PromptBody::Chat(messages) => {
                let (messages, ending) = with_prefill(messages, input.prefill);
                let template = self.chat_template()?;
                let text = template.render(&self.turns(template, &messages)?, ending)?;
                self.tokenizer.encode(&text, Surround::Nothing)?
            }
            PromptBody::Raw(content) => {
                let text = self.spell(content)? + input.prefill.unwrap_or_default();
                self.tokenizer.encode(&text, Surround::ModelDefault)?
            }
        };
        let media = self.prepare_media(&input.body.images().collect::<Vec<_>>(), source)?;
        let token_ids = self.expansion(&encoded, &media)?.expand(&encoded.ids);
        check_length(token_ids.len(), input.max_prompt_tokens)?;
        Ok(Prepared { token_ids, media })
    }

    pub(crate) fn chat_template(&self) -> Result<&ChatTemplate, Error> {
        self.template.as_ref().ok_or(Error::NoChatTemplate)
    }

    /// Brings messages into the form that the template understands.
    pub(crate) fn turns(&self, template: &ChatTemplate, messages: &[Message]) -> Result<Vec<Turn>, Error> {
        let turn = |message: &Message| {
            let content = match template.form() {
                ContentForm::Text => Content::Text(self.spell(&message.content)?),
                ContentForm::Parts => Content::Parts(message.content.iter().map(part).collect()),
            };
            Ok(Turn { role: message.role.as_str(), content })
        };
        messages.iter().map(turn).collect()
    }

    /// Writes content out as one text, pictures as the model spells them.
    pub(crate) fn spell(&self, content: &[ContentPart]) -> Result<String, Error> {
        let mut text = String::new();
        for part in content {
            match part {
                ContentPart::Text { text: piece } => text.push_str(piece),
                ContentPart::Image { .. } => text.push_str(&self.picture_tokens(1)?.spelled),
            }
        }
        Ok(text)
    }

    fn picture_tokens(&self, num_pictures: usize) -> Result<&PictureTokens, Error> {
        self.roles.picture.as_ref().ok_or(Error::TakesNoPictures { num_pictures })
    }

    /// Fetches and processes pictures, each at most once while it is remembered.
    ///
    /// # Errors
    /// Returns an [`Error`] that names the first picture that cannot be used.
    pub fn prepare_media(
        &self,
        hashes: &[MediaHash],
        source: &dyn ImageSource,
    ) -> Result<Vec<Arc<PixelPatches>>, Error> {
        if hashes.is_empty() {
            return Ok(Vec::new());
        }
        let pipeline = self.images.as_ref().ok_or(Error::TakesNoPictures { num_pictures: hashes.len() })?;
        let patches = |(position, hash): (usize, MediaHash)| {
            let process = || {
                let encoded = source.encoded(hash).map_err(|source| Error::FetchPicture { position, hash, source })?;
                pipeline.process(&encoded).map_err(|source| Error::Picture { position, hash, source })
            };
            self.cache.get_or_compute(hash, process)
        };
        hashes.iter().copied().enumerate().map(patches).collect()
    }

    /// Plans how often each token is repeated, checking that placeholders and pictures agree.
    pub(crate) fn expansion(&self, encoded: &Encoded, media: &[Arc<PixelPatches>]) -> Result<Expansion, Error> {
        if encoded.ids.is_empty() {
            return Err(Error::EmptyPrompt);
        }
        let Some(picture) = &self.roles.picture else { return Ok(Expansion { repeats: vec![1; encoded.ids.len()] }) };
        let is_placeholder = |id: u32| id == picture.placeholder_id;
        let num_placeholders = encoded.ids.iter().filter(|id| is_placeholder(**id)).count();
        if num_placeholders != media.len() {
            return Err(Error::Placeholders {
                token: picture.placeholder.clone(),
                num_placeholders,
                num_pictures: media.len(),
            });
        }
        let mut pictures = media.iter();
        let repeat =
            |id: &u32| if is_placeholder(*id) { pictures.next().map_or(1, |media| media.num_tokens()) } else { 1 };
        Ok(Expansion { repeats: encoded.ids.iter().map(repeat).collect() })
    }
}

/// How often each token of a rendered prompt appears in the expanded one.
pub(crate) struct Expansion {
    repeats: Vec<usize>,
}

impl Expansion {
    /// Repeats what belongs to each token.
    pub(crate) fn expand<T: Copy>(&self, of_tokens: &[T]) -> Vec<T> {
        of_tokens.iter().zip(&self.repeats).flat_map(|(&item, &count)| iter::repeat_n(item, count)).collect()
    }
}

/// Refuses a prompt or example over its budget.
pub(crate) fn check_length(num_tokens: usize, limit: Option<usize>) -> Result<(), Error> {
    match limit {
        Some(limit) if num_tokens > limit => Err(Error::TooManyTokens { num_tokens, limit }),
        _ => Ok(()),
    }
}

/// Appends a prefilled start to a chat, and tells how the chat ends then.
fn with_prefill(messages: &[Message], prefill: Option<&str>) -> (Vec<Message>, Ending) {
    let mut messages = messages.to_vec();
    if let Some(prefill) = prefill.filter(|prefill| !prefill.is_empty()) {
        extend_assistant(&mut messages, prefill);
    }
    let ends_with_assistant = messages.last().is_some_and(|message| message.role == Role::Assistant);
    let ending = if ends_with_assistant { Ending::ContinueFinal } else { Ending::GenerationPrompt };
    (messages, ending)
}

/// Adds text to the assistant turn a chat ends with, or a new such turn.
pub(crate) fn extend_assistant(messages: &mut Vec<Message>, text: &str) {
    match messages.last_mut() {
        Some(Message { role: Role::Assistant, content }) => match content.last_mut() {
            Some(ContentPart::Text { text: start }) => start.push_str(text),
            _ => content.push(ContentPart::Text { text: text.to_owned() }),
        },
        _ => messages.push(Message::text(Role::Assistant, text)),
    }
}

fn part(part: &ContentPart) -> Part {
    match part {
        ContentPart::Text { text } => Part::Text { text: text.clone() },
        ContentPart::Image { .. } => Part::Image,
    }
}

impl ImageSource for std::collections::HashMap<MediaHash, Arc<[u8]>> {
    fn encoded(&self, hash: MediaHash) -> Result<Arc<[u8]>, Cause> {
        self.get(&hash).cloned().ok_or_else(|| Arc::new(NotGiven { hash }) as Cause)
    }
}

/// A picture that is named but not there.
#[derive(Debug, thiserror::Error)]
#[error("no picture with hash `{hash}` was given")]
struct NotGiven {
    hash: MediaHash,
}
