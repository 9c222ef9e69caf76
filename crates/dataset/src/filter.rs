//! Which prompts of a set are wanted.

use std::ops::RangeInclusive;

use gradus_types::{ContentPart, Prompt, PromptBody};

/// Conditions that a prompt must meet; the default keeps all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// The difficulty must be known and within this range.
    pub difficulty: Option<RangeInclusive<f64>>,
    /// The texts of the prompt must not be longer than this together.
    pub max_characters: Option<usize>,
    /// The prompt must have pictures, or must not.
    pub pictures: Pictures,
}

/// What a filter says about pictures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pictures {
    /// Prompts with and without pictures are kept.
    #[default]
    Any,
    /// Only prompts with pictures are kept.
    Required,
    /// Only prompts without pictures are kept.
    Refused,
}

impl Filter {
    /// Tells whether a prompt meets the conditions.
    pub fn keeps(&self, prompt: &Prompt) -> bool {
        let has_pictures = prompt.body.images().next().is_some();
        let is_difficulty_kept = self
            .difficulty
            .as_ref()
            .is_none_or(|range| prompt.difficulty.is_some_and(|difficulty| range.contains(&difficulty)));
        let are_pictures_kept = match self.pictures {
            Pictures::Any => true,
            Pictures::Required => has_pictures,
            Pictures::Refused => !has_pictures,
        };
        is_difficulty_kept && are_pictures_kept && self.max_characters.is_none_or(|most| num_characters(prompt) <= most)
    }
}

fn num_characters(prompt: &Prompt) -> usize {
    let contents: Vec<&[ContentPart]> = match &prompt.body {
        PromptBody::Chat(messages) => messages.iter().map(|message| message.content.as_slice()).collect(),
        PromptBody::Raw(content) => vec![content],
    };
    let length = |part: &ContentPart| if let ContentPart::Text { text } = part { text.chars().count() } else { 0 };
    contents.into_iter().flatten().map(length).sum()
}
