//! What can go wrong between a prompt and its token ids.

use std::{error::Error as StdError, io, path::PathBuf, sync::Arc};

use gradus_types::MediaHash;

use crate::picture;

/// The cause of a failure in another library. Shared, because callers that wait for one picture share its failure.
pub type Cause = Arc<dyn StdError + Send + Sync>;

/// Why a model's files could not be used, or a prompt not be prepared.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// A file of the model could not be read.
    #[error("failed to read model file `{path}`")]
    ReadFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// A file of the model is not the JSON it should be.
    #[error("failed to parse model file `{path}`")]
    ParseFile {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Arc<serde_json::Error>,
    },
    /// A setting in a file of the model cannot be followed.
    #[error("failed to follow model file `{path}`: key `{key}` is `{value}`, expected {expected}")]
    Setting {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// Its value.
        value: String,
        /// What would be accepted.
        expected: &'static str,
    },
    /// The tokenizer file could not be loaded.
    #[error("failed to load tokenizer `{path}`; a fast tokenizer's `tokenizer.json` is needed")]
    LoadTokenizer {
        /// The file.
        path: PathBuf,
        /// What the tokenizer said.
        source: Cause,
    },
    /// A text could not be turned into token ids.
    #[error("failed to tokenize a text of {num_bytes} bytes")]
    Encode {
        /// The length of the text.
        num_bytes: usize,
        /// What the tokenizer said.
        source: Cause,
    },
    /// Token ids could not be turned into text.
    #[error("failed to decode {num_tokens} token ids")]
    Decode {
        /// How many ids.
        num_tokens: usize,
        /// What the tokenizer said.
        source: Cause,
    },
    /// A token id of `config.json` has no token.
    #[error(
        "failed to find token id `{token}`, which is `{key}` of config.json, in the tokenizer; their versions differ"
    )]
    UnknownToken {
        /// The id.
        token: String,
        /// The key that names it.
        key: String,
    },
    /// Messages were given to a model without a chat template.
    #[error(
        "failed to render messages: the model has no chat template; add `chat_template.jinja` to its directory or give a raw prompt"
    )]
    NoChatTemplate,
    /// The chat template does not parse.
    #[error("failed to compile the chat template")]
    CompileTemplate {
        /// Where and why.
        source: Arc<minijinja::Error>,
    },
    /// The chat template refused the messages.
    #[error("failed to render {num_messages} messages with the chat template")]
    RenderTemplate {
        /// How many messages.
        num_messages: usize,
        /// What the template said.
        source: Arc<minijinja::Error>,
    },
    /// The start of the assistant's turn cannot be found in the rendered text.
    #[error(
        "failed to continue the last of {num_messages} messages: its text does not appear as given in the rendered chat; the chat template rewrites it"
    )]
    NothingToContinue {
        /// How many messages.
        num_messages: usize,
    },
    /// An assistant turn cannot be located in the rendered text.
    #[error(
        "failed to locate assistant turn {turn} in the rendered chat: the chat template renders other turns differently with it"
    )]
    TurnNotFound {
        /// The position of the message, from 0.
        turn: usize,
    },
    /// A supervised example has nothing to learn from.
    #[error(
        "failed to prepare a supervised example: none of its {num_tokens} tokens carries loss; give an assistant turn with text, and a positive weight"
    )]
    NothingToLearn {
        /// The length of the example.
        num_tokens: usize,
    },
    /// A prompt renders to no tokens at all.
    #[error("failed to prepare a prompt: it has no tokens")]
    EmptyPrompt,
    /// A prompt is longer than its budget.
    #[error("failed to prepare a prompt: {num_tokens} tokens (pictures included) are over the limit of {limit}")]
    TooManyTokens {
        /// The length of the prompt.
        num_tokens: usize,
        /// The longest accepted.
        limit: usize,
    },
    /// The text has more or fewer places for pictures than there are pictures.
    #[error(
        "failed to place pictures: the rendered prompt has {num_placeholders} placeholder tokens `{token}` but {num_pictures} pictures; a text may not contain the token itself"
    )]
    Placeholders {
        /// The placeholder.
        token: String,
        /// How often it appears.
        num_placeholders: usize,
        /// How many pictures the prompt has.
        num_pictures: usize,
    },
    /// The messages have more or fewer picture markers than there are pictures.
    #[error("failed to place pictures: the text has {num_markers} markers `{marker}` but {num_pictures} pictures")]
    Markers {
        /// The marker.
        marker: String,
        /// How often it appears.
        num_markers: usize,
        /// How many pictures were given.
        num_pictures: usize,
    },
    /// Pictures were given to a model that takes none.
    #[error(
        "failed to prepare {num_pictures} pictures: the model directory has no `preprocessor_config.json` or `processor_config.json` with an image processor"
    )]
    TakesNoPictures {
        /// How many pictures the prompt has.
        num_pictures: usize,
    },
    /// The bytes of a picture could not be had.
    #[error("failed to fetch picture {position} (`{hash}`)")]
    FetchPicture {
        /// Its position in the prompt, from 0.
        position: usize,
        /// Its hash.
        hash: MediaHash,
        /// What the source said.
        source: Cause,
    },
    /// A picture could not be used.
    #[error("failed to process picture {position} (`{hash}`)")]
    Picture {
        /// Its position in the prompt, from 0.
        position: usize,
        /// Its hash.
        hash: MediaHash,
        /// What is wrong with it.
        source: picture::Error,
    },
}
