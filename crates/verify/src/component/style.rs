//! Rewards of style, by words and phrases. They are easily gamed: a policy learns to say the words. They are here to reproduce what others did.
//!
//! The patterns are compiled to automata once; none of them backtracks.

mod lexicon;
mod revisual;

use std::sync::LazyLock;

use regex::Regex;

use super::{Component, Made, Outcome};
use crate::{Response, parameters::Parameters, tags::without_space_at_tags};

pub use lexicon::make as make_lexicon;

/// A reward of the text alone.
#[derive(Debug)]
struct Style(fn(&str) -> f64);

/// Makes a `self_criticism` component: ReVisual-R1's weighted words of doubt and correction (arXiv 2506.04207, released code). It has no parameters.
pub fn make_self_criticism(_parameters: &mut Parameters<'_>) -> Made {
    Some(Box::new(Style(|text| revisual::self_criticism(&without_space_at_tags(text)))))
}

/// Makes an `image_revisit` component: ReVisual-R1's references to the picture, and returns to it. It has no parameters.
pub fn make_image_revisit(_parameters: &mut Parameters<'_>) -> Made {
    Some(Box::new(Style(|text| revisual::image_revisit(&without_space_at_tags(text)))))
}

/// Makes a `conciseness` component: ReVisual-R1's repetition score, 1 for a text that repeats nothing. It has no parameters.
pub fn make_conciseness(_parameters: &mut Parameters<'_>) -> Made {
    Some(Box::new(Style(|text| revisual::conciseness(&without_space_at_tags(text)))))
}

/// Makes a `step_words` component: a third for each word or mark of a step, at most 1, as open-r1 has it. It has no parameters.
pub fn make_step_words(_parameters: &mut Parameters<'_>) -> Made {
    Some(Box::new(Style(|text| (count(&STEPS, text) / 3.0).min(1.0))))
}

static STEPS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"Step [0-9]+:|^[0-9]+\.|\n-|\n\*|First,|Second,|Next,|Finally,"));

/// Compiles a pattern of this file's tables.
fn pattern(written: &str) -> Regex {
    Regex::new(written).expect("the patterns of the tables are regular expressions, each tried by a test")
}

/// Counts the matches of a pattern, none of which overlap.
fn count(pattern: &Regex, text: &str) -> f64 {
    pattern.find_iter(text).count() as f64
}

impl Component for Style {
    fn score(&self, response: &Response) -> Outcome {
        Outcome::of(self.0(response.searched()))
    }
}

#[cfg(test)]
mod tests;
