//! From prompts to what a policy reads, and back: chat messages and pictures to token ids and pixel patches.
//!
//! [`Processor`] holds a model's tokenizer, chat template and image pipeline, loaded from a Hugging Face directory. It
//! gives the same token ids, grids and patch values as transformers for the Qwen2-VL family, and for text models of any
//! family with a fast tokenizer. Actors call [`Processor::prepare`] before they sample, learners before they train, and
//! [`Processor::prepare_sft`] for supervised stages. Nothing here needs libtorch.
//!
//! ```no_run
//! use std::{collections::HashMap, path::Path, sync::Arc};
//!
//! use gradus_processor::{ChatInput, Processor};
//! use gradus_types::{Message, MediaHash, PromptBody, Role};
//!
//! # fn main() -> Result<(), gradus_processor::Error> {
//! let processor = Processor::load(Path::new("models/base"))?;
//! let body = PromptBody::Chat(vec![Message::text(Role::User, "What is 2 + 3?")]);
//! let pictures: HashMap<MediaHash, Arc<[u8]>> = HashMap::new();
//! let input = ChatInput { body: &body, prefill: None, max_prompt_tokens: Some(512) };
//! let prepared = processor.prepare(&input, &pictures)?;
//! assert!(prepared.token_ids.len() <= 512);
//! # Ok(())
//! # }
//! ```

mod chat_template;
mod error;
mod image_settings;
mod json_file;
mod markers;
pub mod picture;
mod prepare;
mod processor;
mod special_tokens;
mod supervised;
mod text_stream;
mod tokenizer;

pub use error::{Cause, Error};
pub use markers::{ImageMarkers, Unmarked};
pub use prepare::{ChatInput, ImageSource, Prepared};
pub use processor::{Options, Processor};
pub use supervised::{AnswerWeighting, SftExample, SftInput};
pub use text_stream::TextStream;
pub use tokenizer::SpecialTokens;
