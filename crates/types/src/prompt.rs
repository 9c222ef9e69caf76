//! Prompts: what a policy is asked, before any tokenizer has seen it.

use serde::{Deserialize, Serialize};

use crate::{MediaHash, PromptId, RewardSpec};

/// Who speaks a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions that frame the conversation.
    System,
    /// The person who asks.
    User,
    /// The policy.
    Assistant,
}

impl Role {
    /// Returns the role's name as chat templates know it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// A piece of a message, in reading order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum ContentPart {
    /// Plain text.
    Text {
        /// The text.
        text: String,
    },
    /// A picture, by the hash of its encoded file.
    Image {
        /// The hash.
        hash: MediaHash,
    },
}

/// One turn of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said and shown.
    pub content: Vec<ContentPart>,
}

impl Message {
    /// Makes a message of text alone.
    #[must_use]
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self { role, content: vec![ContentPart::Text { text: text.into() }] }
    }
}

/// The form in which a prompt reaches the processor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PromptBody {
    /// Turns that the model's chat template renders.
    Chat(Vec<Message>),
    /// Content that goes to the tokenizer as it is, for base models without a template.
    Raw(Vec<ContentPart>),
}

impl PromptBody {
    /// Iterates over the pictures of the prompt, in reading order.
    pub fn images(&self) -> impl Iterator<Item = MediaHash> + '_ {
        let (messages, raw): (&[Message], &[ContentPart]) = match self {
            Self::Chat(messages) => (messages, &[]),
            Self::Raw(content) => (&[], content),
        };
        messages.iter().flat_map(|message| &message.content).chain(raw).filter_map(|part| match part {
            ContentPart::Image { hash } => Some(*hash),
            ContentPart::Text { .. } => None,
        })
    }
}

/// A question for the policy, with what is needed to train on it or to score its answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prompt {
    /// Names the prompt within its data source.
    pub id: PromptId,
    /// The data source or task kind the prompt comes from; evaluation reports accuracy by it.
    pub source: String,
    /// The question.
    pub body: PromptBody,
    /// Text the assistant's turn starts with: it counts for scoring, but is not generated.
    pub prefill: Option<String>,
    /// The answer to imitate in a supervised stage.
    pub target: Option<String>,
    /// How completions are scored.
    pub reward: RewardSpec,
    /// How hard the prompt is, from 0 to 1, where the source knows.
    pub difficulty: Option<f64>,
    /// The accuracy of a uniform guess, where the source knows.
    pub chance: Option<f64>,
}
