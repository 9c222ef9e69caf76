//! `lexicon`: the weights of the phrases that occur.
//!
//! Parameters: `phrases`, a table of weights, required; `repeat_share` (1), the part of its weight that each further occurrence of a phrase adds. Phrases are whole
//! words, without case. Bound the sum with `max`.

use gradus_types::RewardSpec;
use regex::{Regex, RegexBuilder};

use super::{Component, Made, Outcome};
use crate::{Response, parameters::Parameters};

/// The most phrases, and the bytes of the longest.
const MAX_PHRASES: usize = 256;
const MAX_PHRASE_BYTES: usize = 200;

#[derive(Debug)]
struct Lexicon {
    phrases: Vec<(Regex, f64)>,
    repeat_share: f64,
}

/// Makes a `lexicon` component.
pub fn make(parameters: &mut Parameters<'_>, _spec: &RewardSpec) -> Made {
    const EXPECTED: &str = "a table of at most 256 phrases of at most 200 bytes, each with a number";
    let repeat_share = parameters.number("repeat_share", (0.0, 1.0), 1.0);
    let table: Option<std::collections::BTreeMap<String, f64>> = parameters.structured("phrases", EXPECTED);
    let is_fit = |phrase: &String| !phrase.trim().is_empty() && phrase.len() <= MAX_PHRASE_BYTES;
    match table.filter(|table| !table.is_empty() && table.len() <= MAX_PHRASES && table.keys().all(is_fit)) {
        Some(table) => {
            let phrases = table.iter().filter_map(|(phrase, weight)| Some((whole_words(phrase)?, *weight))).collect();
            Some(Box::new(Lexicon { phrases, repeat_share }))
        }
        None => {
            parameters.miss("phrases", EXPECTED.to_owned());
            None
        }
    }
}

fn whole_words(phrase: &str) -> Option<Regex> {
    let written = format!(r"\b{}\b", regex::escape(phrase.trim()));
    RegexBuilder::new(&written).case_insensitive(true).build().ok()
}

impl Component for Lexicon {
    fn score(&self, response: &Response) -> Outcome {
        let worth = |(phrase, weight): &(Regex, f64)| match phrase.find_iter(response.text()).count() {
            0 => 0.0,
            count => weight * (1.0 + self.repeat_share * (count - 1) as f64),
        };
        Outcome::of(self.phrases.iter().map(worth).sum())
    }
}
