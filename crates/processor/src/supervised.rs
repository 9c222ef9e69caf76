//! Supervised examples: token ids with a loss weight for each.
//!
//! Loss is on what the policy would have to write: all that follows the generation prompt of an assistant turn, up to the
//! token that ends the turn. The chat up to the turn, rendered with a generation prompt, tells where that starts. To find
//! where the turn's text ends, the chat is rendered once more with a mark in its place; what stands around the mark is
//! the same in the real chat. Unlike comparing rendered prefixes, this holds for templates that strip texts or drop old
//! reasoning.

use std::{ops::Range, sync::Arc};

use gradus_types::{Message, PromptBody, Role};

use crate::{
    Error, ImageSource, Processor,
    chat_template::{ChatTemplate, Content, ContentForm, Ending, Part, Turn},
    picture::PixelPatches,
    prepare::{check_length, extend_assistant},
    tokenizer::{Encoded, Surround, Tokenizer},
};

/// Stands for the text of one assistant turn; private-use characters, which no template strips or splits at.
const MARK: &str = "\u{f8fe}assistant text\u{f8ff}";
const ANSWER_START: &str = "<answer>";
const ANSWER_END: &str = "</answer>";

/// How much loss the tokens of an assistant's text carry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AnswerWeighting {
    /// The weight of tokens inside `<answer>…</answer>`, the tags not included.
    pub answer: f32,
    /// The weight of all other tokens the policy has to write.
    pub other: f32,
}

impl Default for AnswerWeighting {
    /// Every token counts the same.
    fn default() -> Self {
        Self { answer: 1.0, other: 1.0 }
    }
}

/// What the policy is to imitate.
#[derive(Clone, Copy, Debug)]
pub struct SftInput<'a> {
    /// The question, or a whole chat whose assistant turns are all learned.
    pub body: &'a PromptBody,
    /// Text the assistant's last turn starts with; it carries no loss.
    pub prefill: Option<&'a str>,
    /// The rest of the assistant's last turn; nothing for a chat that holds it already.
    pub target: Option<&'a str>,
    /// How the loss is distributed.
    pub weighting: AnswerWeighting,
    /// The longest example accepted, in tokens, pictures included.
    pub max_tokens: Option<usize>,
}

/// A supervised example as the policy reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct SftExample {
    /// The tokens of the question and of what follows.
    pub token_ids: Vec<u32>,
    /// For each token the weight of the loss of predicting it; 0 for what the policy does not write.
    pub loss_weights: Vec<f32>,
    /// The pictures, in the order of their placeholders.
    pub media: Vec<Arc<PixelPatches>>,
}

/// An assistant turn in the rendered text.
struct Written {
    /// The turn's text, a prefilled start included.
    text: Range<usize>,
    /// Where the policy starts to write.
    start: usize,
    /// Tokens that start from the text's end to here close the turn.
    closing_end: usize,
}

impl Processor {
    /// Renders, tokenizes and expands an example, and weighs its tokens.
    ///
    /// # Errors
    /// Returns an [`Error`] as [`Processor::prepare`] does, and when no token carries loss.
    pub fn prepare_sft(&self, input: &SftInput<'_>, source: &dyn ImageSource) -> Result<SftExample, Error> {
        let (encoded, weights) = match input.body {
            PromptBody::Chat(messages) => self.weigh_chat(messages, input)?,
            PromptBody::Raw(content) => self.weigh_text(self.spell(content)?, input)?,
        };
        let media = self.prepare_media(&input.body.images().collect::<Vec<_>>(), source)?;
        let expansion = self.expansion(&encoded, &media)?;
        let (token_ids, loss_weights) = (expansion.expand(&encoded.ids), expansion.expand(&weights));
        check_length(token_ids.len(), input.max_tokens)?;
        if !loss_weights.iter().any(|weight| *weight > 0.0) {
            return Err(Error::NothingToLearn { num_tokens: token_ids.len() });
        }
        Ok(SftExample { token_ids, loss_weights, media })
    }

    fn weigh_chat(&self, messages: &[Message], input: &SftInput<'_>) -> Result<(Encoded, Vec<f32>), Error> {
        let mut messages = messages.to_vec();
        let prefill = input.prefill.unwrap_or_default();
        if let Some(target) = input.target {
            extend_assistant(&mut messages, &format!("{prefill}{target}"));
        }
        let template = self.chat_template()?;
        let turns = self.turns(template, &messages)?;
        let text = template.render(&turns, Ending::Closed)?;
        let encoded = self.tokenizer.encode(&text, Surround::Nothing)?;
        let mut weights = vec![0.0; encoded.ids.len()];
        let weigher =
            Weigher { tokenizer: &self.tokenizer, encoded: &encoded, text: &text, weighting: input.weighting };
        for turn in (0..messages.len()).filter(|&turn| messages[turn].role == Role::Assistant) {
            let mut written = locate(template, &turns, turn, &text)?;
            if turn + 1 == messages.len() {
                written.start += prefill_length(&text[written.text.clone()], prefill);
            }
            weigher.weigh(&mut weights, &written);
        }
        Ok((encoded, weights))
    }

    /// A raw text is followed by the target and the first of the tokens that end a completion.
    fn weigh_text(&self, question: String, input: &SftInput<'_>) -> Result<(Encoded, Vec<f32>), Error> {
        let start = question.len() + input.prefill.map_or(0, str::len);
        let text = [&question, input.prefill.unwrap_or_default(), input.target.unwrap_or_default()].concat();
        let mut encoded = self.tokenizer.encode(&text, Surround::ModelDefault)?;
        encoded.ids.extend(self.eos_token_ids().first());
        encoded.offsets.resize(encoded.ids.len(), text.len()..text.len());
        let mut weights = vec![0.0; encoded.ids.len()];
        if start < text.len() {
            let written = Written { text: question.len()..text.len(), start, closing_end: text.len() + 1 };
            let weigher =
                Weigher { tokenizer: &self.tokenizer, encoded: &encoded, text: &text, weighting: input.weighting };
            weigher.weigh(&mut weights, &written);
        }
        Ok((encoded, weights))
    }
}

/// Weighs the tokens of one rendered text.
struct Weigher<'a> {
    tokenizer: &'a Tokenizer,
    encoded: &'a Encoded,
    text: &'a str,
    weighting: AnswerWeighting,
}

impl Weigher<'_> {
    /// Sets the weights of one written stretch: its tokens, and those up to the special token that closes it.
    fn weigh(&self, weights: &mut [f32], written: &Written) {
        let answers = answer_ranges(self.text, &written.text);
        let tokens = self.encoded.ids.iter().zip(&self.encoded.offsets).zip(weights);
        for ((&id, offset), weight) in tokens.skip_while(|((_, offset), _)| offset.start < written.start) {
            if offset.start >= written.closing_end {
                break;
            }
            let in_answer = |answer: &Range<usize>| offset.start < answer.end && answer.start < offset.end;
            *weight = if answers.iter().any(in_answer) { self.weighting.answer } else { self.weighting.other };
            if offset.start >= written.text.end && self.tokenizer.is_special(id) {
                break;
            }
        }
    }
}

/// Finds the text of an assistant turn in the rendered chat.
fn locate(template: &ChatTemplate, turns: &[Turn], turn: usize, text: &str) -> Result<Written, Error> {
    let mut marked = turns.to_vec();
    marked[turn].content = match template.form() {
        ContentForm::Text => Content::Text(MARK.to_owned()),
        ContentForm::Parts => Content::Parts(vec![Part::Text { text: MARK.to_owned() }]),
    };
    // A template may refuse a chat that is cut or changed; then it tells nothing about the whole one.
    let render = |turns: &[Turn], ending| template.render(turns, ending).unwrap_or_default();
    let marked = render(&marked, Ending::Closed);
    let (before, after) = marked.split_once(MARK).ok_or(Error::TurnNotFound { turn })?;
    let head = render(&turns[..turn], Ending::GenerationPrompt);
    let is_start = |start: &&str| !start.is_empty() && text.starts_with(*start);
    let start = [head.as_str(), before].into_iter().find(is_start).map(str::len);
    let end = text.strip_suffix(after).map(str::len);
    let (Some(start), Some(end)) = (start, end) else { return Err(Error::TurnNotFound { turn }) };
    if start > end {
        return Err(Error::TurnNotFound { turn });
    }
    let until_here = render(&turns[..=turn], Ending::Closed);
    let agrees = text.starts_with(&until_here) && until_here.len() >= end;
    let closing_end = if agrees { until_here.len() } else { text.len() };
    Ok(Written { text: start..end, start, closing_end })
}

/// Measures how much of a turn's text is the prefilled start, which the template may have stripped at its front.
fn prefill_length(written: &str, prefill: &str) -> usize {
    let stripped = prefill.trim_start();
    [prefill, stripped].into_iter().find(|start| written.starts_with(start)).map_or(0, str::len)
}

/// Finds what stands between answer tags in a range of a text.
fn answer_ranges(text: &str, range: &Range<usize>) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut position = range.start;
    while let Some(start) = text[position..range.end].find(ANSWER_START) {
        let start = position + start + ANSWER_START.len();
        let Some(length) = text[start..range.end].find(ANSWER_END) else { break };
        ranges.push(start..start + length);
        position = start + length + ANSWER_END.len();
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_inside_the_range_is_found_and_an_open_one_is_not() {
        let text = "<answer>no</answer>|a<answer>1</answer>b<answer></answer><answer>open";
        let range = text.find('|').unwrap()..text.len();
        let found: Vec<&str> = answer_ranges(text, &range).into_iter().map(|answer| &text[answer]).collect();
        assert_eq!(found, ["1", ""]);
    }

    #[test]
    fn a_prefill_whose_front_was_stripped_is_measured_as_rendered() {
        assert_eq!(prefill_length("<think>a", "<think>"), 7);
        assert_eq!(prefill_length("<think>a", "\n<think>"), 7);
        assert_eq!(prefill_length("other", "<think>"), 0);
    }
}
