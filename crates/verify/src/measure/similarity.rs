//! `edit_similarity`, `word_accuracy` and `overlap`: texts that may be almost the reference. Where the fact `golds` lists several, the best counts.
//!
//! `edit_similarity` (ANLS, as DocVQA has it): 1 - distance/longer length, and 0 where that share is not below `threshold` (0.5); lower-cased, spaces collapsed.
//! `word_accuracy` (Video-R1's OCR): 1 - word error rate, not below 0. `overlap`: F1 `by` `rouge_1`, `rouge_2`, `rouge_l`, `rouge_mean` of the three (Video-R1,
//! without its stemming), or `words` (SQuAD: articles left out). What is longer than 16,384 characters or 8,192 words is refused as a reference, and undecided
//! as an answer.

use std::{collections::HashMap, hash::Hash};

use gradus_types::RewardSpec;

use super::{Grade, Made, Measure, golds, refuse_gold, word::words};
use crate::{
    edits::{characters, distance, likeness, longest_common},
    parameters::Parameters,
};

/// The most characters, and the most words, of a side that are compared.
const MAX_CHARACTERS: usize = 16_384;
const MAX_WORDS: usize = 8_192;

/// The most references, and how many of the longest they may be together.
const MAX_GOLDS: usize = 32;
const MAX_LONGEST: usize = 2;

#[derive(Debug)]
struct Similarity {
    golds: Vec<String>,
    by: By,
}

#[derive(Clone, Copy, Debug)]
enum By {
    Edits { threshold: f64 },
    WordErrors,
    Overlap(Overlap),
}

#[derive(Clone, Copy, Debug)]
enum Overlap {
    Rouge1,
    Rouge2,
    RougeL,
    RougeMean,
    Words,
}

const OVERLAPS: [(&str, Overlap); 5] = [
    ("rouge_1", Overlap::Rouge1),
    ("rouge_2", Overlap::Rouge2),
    ("rouge_l", Overlap::RougeL),
    ("rouge_mean", Overlap::RougeMean),
    ("words", Overlap::Words),
];

/// Makes an `edit_similarity` measure.
pub fn make_edit_similarity(parameters: &mut Parameters<'_>, spec: &RewardSpec) -> Made {
    let threshold = parameters.number("threshold", (0.0, 1.0), 0.5);
    make(parameters, spec, By::Edits { threshold })
}

/// Makes a `word_accuracy` measure.
pub fn make_word_accuracy(parameters: &mut Parameters<'_>, spec: &RewardSpec) -> Made {
    make(parameters, spec, By::WordErrors)
}

/// Makes an `overlap` measure.
pub fn make_overlap(parameters: &mut Parameters<'_>, spec: &RewardSpec) -> Made {
    let overlap = parameters.word("by", &OVERLAPS, Overlap::RougeL);
    make(parameters, spec, By::Overlap(overlap))
}

fn make(parameters: &mut Parameters<'_>, spec: &RewardSpec, by: By) -> Made {
    let golds = golds(parameters, spec)?;
    let longest = golds.iter().max_by_key(|gold| gold.len()).map(String::as_str).unwrap_or_default();
    let sizes = || golds.iter().map(|gold| by.size(gold));
    if golds.len() > MAX_GOLDS || sizes().sum::<usize>() > MAX_LONGEST * by.max_size() {
        return refuse_gold(parameters, longest, "there are more or longer references than an answer is compared with");
    }
    if sizes().any(|size| size > by.max_size()) {
        return refuse_gold(parameters, longest, "it is longer than what is compared: 16384 characters, or 8192 words");
    }
    Some(Box::new(Similarity { golds, by }))
}

// === impl By ===

impl By {
    /// How much of a text there is to compare: characters or words.
    fn size(self, text: &str) -> usize {
        match self {
            Self::Edits { .. } => characters(text).len(),
            Self::WordErrors => spaced(text).len(),
            Self::Overlap(overlap) => overlap.words(text).len(),
        }
    }

    const fn max_size(self) -> usize {
        if matches!(self, Self::Edits { .. }) { MAX_CHARACTERS } else { MAX_WORDS }
    }

    fn value(self, gold: &str, answer: &str) -> f64 {
        match self {
            Self::Edits { threshold } => likeness(gold, answer, threshold),
            Self::WordErrors => {
                let (gold, answer) = (spaced(gold), spaced(answer));
                let errors = distance(&gold, &answer) as f64;
                if gold.is_empty() {
                    f64::from(u8::from(answer.is_empty()))
                } else {
                    (1.0 - errors / gold.len() as f64).max(0.0)
                }
            }
            Self::Overlap(overlap) => overlap.value(gold, answer),
        }
    }
}

/// Returns what stands between white space, lower-cased.
fn spaced(text: &str) -> Vec<String> {
    text.to_lowercase().split_whitespace().map(str::to_owned).collect()
}

// === impl Overlap ===

impl Overlap {
    fn value(self, gold: &str, answer: &str) -> f64 {
        let [gold, answer] = numbered([gold, answer].map(|text| self.words(text)));
        let rouge = |size: usize| {
            let common = in_common(gold.windows(size), answer.windows(size));
            f1(common, (gold.len() + 1).saturating_sub(size), (answer.len() + 1).saturating_sub(size))
        };
        let longest = || f1(longest_common(&gold, &answer), gold.len(), answer.len());
        match self {
            Self::Rouge1 | Self::Words => rouge(1),
            Self::Rouge2 => rouge(2),
            Self::RougeL => longest(),
            Self::RougeMean => (rouge(1) + rouge(2) + longest()) / 3.0,
        }
    }

    fn words(self, text: &str) -> Vec<String> {
        let all = match self {
            Self::Words => words(text),
            // The tokens of ROUGE are runs of ASCII letters and digits.
            _ => text.to_lowercase().split(|letter: char| !letter.is_ascii_alphanumeric()).map(str::to_owned).collect(),
        };
        let is_article = |word: &str| matches!(self, Self::Words) && matches!(word, "a" | "an" | "the");
        let is_kept = |word: &String| !(word.is_empty() || is_article(word));
        all.into_iter().filter(is_kept).collect()
    }
}

/// Gives equal words equal numbers, which compare faster.
fn numbered(sides: [Vec<String>; 2]) -> [Vec<usize>; 2] {
    let mut numbers = HashMap::new();
    sides.map(|words| {
        let mut number = |word: String| {
            let next = numbers.len();
            *numbers.entry(word).or_insert(next)
        };
        words.into_iter().map(&mut number).collect()
    })
}

/// Counts what two sides have in common, each item as often as in both.
fn in_common<T: Eq + Hash>(gold: impl Iterator<Item = T>, answer: impl Iterator<Item = T>) -> usize {
    let mut left: HashMap<T, usize> = HashMap::new();
    for item in gold {
        *left.entry(item).or_default() += 1;
    }
    let mut take = |item: &T| match left.get_mut(item) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    };
    answer.filter(|item| take(item)).count()
}

fn f1(common: usize, gold: usize, answer: usize) -> f64 {
    if gold + answer == 0 { 0.0 } else { 2.0 * common as f64 / (gold + answer) as f64 }
}

impl Measure for Similarity {
    fn grade(&self, answer: &str) -> Grade {
        if self.by.size(answer) > self.by.max_size() {
            return Grade::undecided("it is longer than what is compared: 16384 characters, or 8192 words");
        }
        let value = self.golds.iter().map(|gold| self.by.value(gold, answer)).fold(0.0, f64::max);
        Grade::new(value, format!("the best of {} references is alike by {value}", self.golds.len()))
    }
}
