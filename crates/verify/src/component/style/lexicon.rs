//! `lexicon`: the weights of the phrases that occur.
//!
//! Parameters: `phrases`, a table of weights, required; `repeat_share` (1), the part of its weight that each further occurrence of a phrase adds. Phrases are whole
//! words, without case. Bound the sum with `max`.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::{Component, Made, Outcome};
use crate::{Response, parameters::Parameters};

/// The most phrases, and the bytes of the longest.
const MAX_PHRASES: usize = 256;
const MAX_PHRASE_BYTES: usize = 200;

/// One automaton of all phrases, which reads a text once and keeps nothing between texts.
#[derive(Debug)]
struct Lexicon {
    phrases: AhoCorasick,
    /// In the order of the automaton's phrases.
    weights: Vec<f64>,
    repeat_share: f64,
}

/// The occurrences of a phrase so far, and where the last one ends.
#[derive(Clone, Copy, Default)]
struct Occurrences {
    count: usize,
    end: usize,
}

/// Makes a `lexicon` component.
pub fn make(parameters: &mut Parameters<'_>) -> Made {
    const EXPECTED: &str = "a table of at most 256 phrases of at most 200 bytes, each with a number";
    let repeat_share = parameters.number("repeat_share", (0.0, 1.0), 1.0);
    let table: Option<BTreeMap<String, f64>> = parameters.structured("phrases", EXPECTED);
    let is_fit = |phrase: &String| !phrase.trim().is_empty() && phrase.len() <= MAX_PHRASE_BYTES;
    let table = table.filter(|table| !table.is_empty() && table.len() <= MAX_PHRASES && table.keys().all(is_fit));
    let lexicon = table.and_then(|table| Lexicon::new(&table, repeat_share));
    if lexicon.is_none() {
        parameters.miss("phrases", EXPECTED.to_owned());
    }
    Some(Box::new(lexicon?))
}

// === impl Lexicon ===

impl Lexicon {
    fn new(table: &BTreeMap<String, f64>, repeat_share: f64) -> Option<Self> {
        let phrases = table.keys().map(|phrase| folded(phrase.trim()));
        // The small automaton: a large one for each list of components is not worth its speed.
        let phrases = AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(phrases).ok()?;
        Some(Self { phrases, weights: table.values().copied().collect(), repeat_share })
    }

    /// Counts the occurrences of each phrase that do not overlap.
    fn occurrences(&self, text: &str) -> Vec<Occurrences> {
        let text = folded(text);
        let mut found = vec![Occurrences::default(); self.weights.len()];
        for place in self.phrases.find_overlapping_iter(&text) {
            let occurrences = &mut found[place.pattern()];
            if place.start() >= occurrences.end && is_whole(&text, (place.start(), place.end())) {
                *occurrences = Occurrences { count: occurrences.count + 1, end: place.end() };
            }
        }
        found
    }
}

impl Component for Lexicon {
    fn score(&self, response: &Response) -> Outcome {
        let worth = |(occurrences, weight): (Occurrences, &f64)| match occurrences.count {
            0 => 0.0,
            count => weight * (1.0 + self.repeat_share * (count - 1) as f64),
        };
        Outcome::of(self.occurrences(response.searched()).into_iter().zip(&self.weights).map(worth).sum())
    }
}

/// Writes a text without case, one character for each.
fn folded(text: &str) -> String {
    text.chars().map(fold).collect()
}

/// Brings the characters that differ by case alone to one of them. By way of the capital: two small letters can have the same, as the two sigmas.
fn fold(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    let capital = only(character.to_uppercase()).unwrap_or(character);
    only(capital.to_lowercase()).unwrap_or(capital)
}

fn only(mut characters: impl ExactSizeIterator<Item = char>) -> Option<char> {
    if characters.len() == 1 { characters.next() } else { None }
}

/// Tells whether a place begins and ends where words do: no word goes on over its edges.
fn is_whole(text: &str, (start, end): (usize, usize)) -> bool {
    let (before, phrase, after) = (&text[..start], &text[start..end], &text[end..]);
    let goes_on =
        |left: Option<char>, right: Option<char>| left.is_some_and(is_of_word) && right.is_some_and(is_of_word);
    !goes_on(before.chars().next_back(), phrase.chars().next())
        && !goes_on(phrase.chars().next_back(), after.chars().next())
}

/// Tells whether a character is part of words: a letter, a digit, an accent, an underscore.
fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || ('\u{300}'..='\u{36f}').contains(&character)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::RegexBuilder;

    use super::*;

    fn counts(phrases: &[&str], text: &str) -> Vec<usize> {
        let table = phrases.iter().map(|phrase| ((*phrase).to_owned(), 1.0)).collect();
        let lexicon = Lexicon::new(&table, 1.0).unwrap();
        lexicon.occurrences(text).iter().map(|occurrences| occurrences.count).collect()
    }

    #[test]
    fn phrases_inside_and_across_each_other_are_counted_each() {
        assert_eq!(counts(&["let me", "let me see", "me", "see"], "Let me see, LET ME SEE"), [2, 2, 2, 2]);
        assert_eq!(counts(&["no no"], "no no no no no"), [2]);
        assert_eq!(counts(&[" Wait", "wait"], "wait"), [1, 1]);
    }

    #[test]
    fn a_phrase_is_not_found_inside_words() {
        assert_eq!(counts(&["c++"], "c++, C++ and cc++ or c++11"), [3]);
        assert_eq!(counts(&["é", "ΟΔΟΣ", "straße"], "été é e\u{301} οδος Straße"), [1, 1, 1]);
        assert_eq!(counts(&["cafe"], "cafe cafe\u{301} cafe_ cafes"), [1]);
    }

    proptest! {
        #[test]
        fn words_are_found_as_a_regular_expression_finds_them(
            text in "[abAB é.]{0,40}",
            phrase in "[abé]([ab é]{0,3}[abé])?",
        ) {
            let written = format!(r"\b{}\b", regex::escape(&phrase));
            let pattern = RegexBuilder::new(&written).case_insensitive(true).build().unwrap();
            prop_assert_eq!(counts(&[&phrase], &text), [pattern.find_iter(&text).count()], "{} in {:?}", phrase, text);
        }
    }
}
