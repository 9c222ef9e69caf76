//! The format rewards of other systems, to the letter: what their regular expressions take, and no more and no less.

use std::borrow::Cow;

use crate::pattern::{
    Item::{Any, Digits, Either, Maybe, SomeSpace, Something, Space, Text},
    Pattern,
};

/// A format reward as a system published it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Literal {
    /// R1-V, open-r1-multimodal, R1-Omni, VisualThinker-R1-Zero, EasyR1's `r1v` before its white space is removed.
    R1V,
    /// open-r1: every tag on a line of its own.
    OpenR1,
    /// A quarter for each tag of open-r1 that stands exactly once with its line break.
    TagCount,
    /// TRL: a thought at the start, and no other begun.
    TrlThink,
    /// NeMo-RL: a quarter for a thought, three for an answer.
    NemoRl,
    /// verl's geometry3k: a box after a thought.
    Geometry3k,
    /// EasyR1's mathematics: the same once white space around `<`, `>` and `/` is gone.
    EasyR1Boxed,
    /// EasyR1's `r1v`: the same for an answer element.
    EasyR1Answer,
    /// VLM-R1's referring expressions: an answer that holds an object with a list of four whole numbers.
    VlmR1Box,
    /// LMM-R1.
    LmmR1,
    /// MM-EUREKA's models without instruction tuning: a thought of 300 characters or more, an answer at the end.
    MmEurekaZero,
    /// ReVisual-R1: any of its four shapes once white space around `<`, `>` and `/` is gone.
    Revisual,
    /// LMM-R1's Sokoban: each of the four tags exactly once.
    TagPairs,
}

/// The least length of a thought of MM-EUREKA's models without instruction tuning, in characters.
const MIN_ZERO_THOUGHT: usize = 300;

static R1_V: Pattern =
    Pattern::new(&[Text("<think>"), Any, Text("</think>"), Space, Text("<answer>"), Any, Text("</answer>")]);

static OPEN_R1: Pattern =
    Pattern::new(&[Text("<think>\n"), Any, Text("\n</think>\n<answer>\n"), Any, Text("\n</answer>")]);

/// What follows a line break is free: `$` of a pattern of many lines ends at any of them.
static OPEN_R1_MORE: Pattern =
    Pattern::new(&[Text("<think>\n"), Any, Text("\n</think>\n<answer>\n"), Any, Text("\n</answer>\n"), Any]);
static THOUGHT_FIRST: Pattern = Pattern::new(&[Text("<think>"), Any, Text("</think>"), Any]);
static SOME_THOUGHT: Pattern = Pattern::new(&[Any, Text("<think>"), Something, Text("</think>"), Any]);
static SOME_ANSWER: Pattern = Pattern::new(&[Any, Text("<answer>"), Something, Text("</answer>"), Any]);
static THINK_BOXED: Pattern =
    Pattern::new(&[Text("<think>"), Any, Text("</think>"), Any, Text("\\boxed{"), Any, Text("}"), Any]);
static VLM_R1_BOX: Pattern = Pattern::new(&[
    Any,
    Text("<think>"),
    Any,
    Text("</think>"),
    Space,
    Text("<answer>"),
    Any,
    Text("{"),
    Any,
    Text("["),
    Digits,
    Text(","),
    Space,
    Digits,
    Text(","),
    Space,
    Digits,
    Text(","),
    Space,
    Digits,
    Text("]"),
    Any,
    Text("}"),
    Any,
    Text("</answer>"),
    Any,
]);

/// `<think>…</think>` and an announced answer.
static ANNOUNCED: [Pattern; 2] = [announced("answer"), announced("solution")];

/// `<think>…</think>` and a conclusion with an equals sign.
static CONCLUDED: [Pattern; 4] = [concluded("Therefore"), concluded("Thus"), concluded("So"), concluded("Hence")];

const fn announced(word: &'static str) -> Pattern {
    Pattern::new(&[Text("<think>"), Any, Text("</think>"), Space, Text(word), Space, Either(b':', b'='), Space, Any])
}

const fn concluded(word: &'static str) -> Pattern {
    let text = [Text("<think>"), Any, Text("</think>"), Any, Text(word), Maybe(b','), SomeSpace, Any, Text("="), Any];
    Pattern::new(&text)
}

// === impl Literal ===

impl Literal {
    /// Returns the reward of a response, from 0 to 1.
    pub fn value(self, text: &str) -> f64 {
        let held = match self {
            Self::TagCount => return tag_count(text),
            Self::NemoRl => return 0.25 * worth(SOME_THOUGHT.matches(text)) + 0.75 * worth(SOME_ANSWER.matches(text)),
            Self::R1V => R1_V.matches(text),
            Self::OpenR1 => OPEN_R1.matches(text) || OPEN_R1_MORE.matches(text),
            Self::TrlThink => THOUGHT_FIRST.matches(text) && count(text, "<think>") == 1,
            Self::Geometry3k => THINK_BOXED.matches(text),
            Self::EasyR1Boxed => THINK_BOXED.matches(&without_space_at_tags(text)),
            Self::EasyR1Answer => R1_V.matches(&without_space_at_tags(text)),
            Self::VlmR1Box => VLM_R1_BOX.matches(text),
            Self::LmmR1 => is_lmm_r1(text),
            Self::MmEurekaZero => is_mm_eureka_zero(text),
            Self::Revisual => is_revisual(&without_space_at_tags(text)),
            Self::TagPairs => ["<think>", "</think>", "<answer>", "</answer>"].iter().all(|tag| count(text, tag) == 1),
        };
        worth(held)
    }
}

fn worth(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}

fn count(text: &str, tag: &str) -> usize {
    text.matches(tag).count()
}

fn tag_count(text: &str) -> f64 {
    let tags = ["<think>\n", "\n</think>\n", "\n<answer>\n", "\n</answer>"];
    tags.iter().map(|tag| 0.25 * worth(count(text, tag) == 1)).sum()
}

/// Takes the white space around `<`, `>` and `/` out of a text, as EasyR1 does before it looks at one.
pub fn without_space_at_tags(text: &str) -> Cow<'_, str> {
    const MARKS: [char; 3] = ['<', '>', '/'];
    if !text.contains(MARKS) {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len());
    for piece in text.split_inclusive(MARKS) {
        let (body, mark) = match piece.chars().next_back().filter(|last| MARKS.contains(last)) {
            Some(mark) => (piece.strip_suffix(mark).unwrap_or(piece).trim_end(), Some(mark)),
            None => (piece, None),
        };
        cleaned.push_str(if cleaned.is_empty() { body } else { body.trim_start() });
        cleaned.extend(mark);
    }
    Cow::Owned(cleaned)
}

fn is_lmm_r1(text: &str) -> bool {
    let answer = text.strip_prefix("<think>").and_then(|rest| rest.split_once("</think>"));
    let answer = answer.and_then(|(_, rest)| rest.strip_prefix("<answer>"));
    let is_closed_at_the_end =
        answer.and_then(|rest| rest.split_once("</answer>")).is_some_and(|(_, after)| after.is_empty());
    is_closed_at_the_end && count(text, "<think>") == 1 && count(text, "<answer>") == 1
}

/// Looks for the shortest thought from the first opening tag on that an answer follows, to the end of the text.
fn is_mm_eureka_zero(text: &str) -> bool {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let Some(rest) = text.split_once("<think>").map(|(_, rest)| rest) else { return false };
    let Some(rest) = rest.strip_suffix("</answer>") else { return false };
    let is_followed = |(at, tag): &(usize, &str)| {
        let answer = rest[at + tag.len()..].trim_start().strip_prefix("<answer>");
        *at > 0 && answer.is_some_and(|answer| !answer.is_empty())
    };
    let closed = rest.match_indices("</think>").find(is_followed);
    closed.is_some_and(|(at, _)| rest[..at].chars().count() >= MIN_ZERO_THOUGHT)
}

fn is_revisual(text: &str) -> bool {
    let mut shapes = [&THINK_BOXED, &R1_V].into_iter().chain(&ANNOUNCED).chain(&CONCLUDED);
    shapes.any(|shape| shape.matches(text))
}

#[cfg(test)]
mod tests;
