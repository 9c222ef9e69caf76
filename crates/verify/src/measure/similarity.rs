//! `edit_similarity`, `word_accuracy` and `overlap`: texts that may be almost the reference. Where the fact `golds` lists several, the best counts.
//!
//! `edit_similarity` (ANLS, as DocVQA has it): 1 - distance/longer length, and 0 where that share is not below `threshold` (0.5); lower-cased, spaces collapsed.
//! `word_accuracy` (Video-R1's OCR): 1 - word error rate, not below 0. `overlap`: F1 `by` `rouge_1`, `rouge_2`, `rouge_l`, `rouge_mean` of the three (Video-R1,
//! without its stemming), or `words` (SQuAD: articles left out).

use std::{collections::HashMap, hash::Hash};

use gradus_types::RewardSpec;

use super::{Grade, Made, Measure, golds, word::words};
use crate::parameters::Parameters;

/// The most characters, and the most words, of a side that are compared: the time grows with the product of the two sides.
const MAX_CHARACTERS: usize = 2_000;
const MAX_WORDS: usize = 1_000;

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
    Some(Box::new(Similarity { golds, by }))
}

// === impl By ===

impl By {
    fn value(self, gold: &str, answer: &str) -> f64 {
        match self {
            Self::Edits { threshold } => edit_similarity(gold, answer, threshold),
            Self::WordErrors => {
                let (gold, answer) = (spaced(gold), spaced(answer));
                let errors = strsim::generic_levenshtein(&gold, &answer) as f64;
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

fn edit_similarity(gold: &str, answer: &str, threshold: f64) -> f64 {
    let [gold, answer]: [Vec<char>; 2] =
        [gold, answer].map(|text| spaced(text).join(" ").chars().take(MAX_CHARACTERS).collect());
    let longer = gold.len().max(answer.len());
    let share = match longer {
        0 => 0.0,
        _ => strsim::generic_levenshtein(&gold, &answer) as f64 / longer as f64,
    };
    if share < threshold { 1.0 - share } else { 0.0 }
}

/// Returns what stands between white space, lower-cased.
fn spaced(text: &str) -> Vec<String> {
    text.to_lowercase().split_whitespace().take(MAX_WORDS).map(str::to_owned).collect()
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
        all.into_iter().filter(is_kept).take(MAX_WORDS).collect()
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

/// Returns the length of the longest common subsequence.
fn longest_common(gold: &[usize], answer: &[usize]) -> usize {
    let mut row = vec![0; answer.len() + 1];
    for word in gold {
        let mut diagonal = 0;
        for (place, other) in answer.iter().enumerate() {
            let above = row[place + 1];
            row[place + 1] = if word == other { diagonal + 1 } else { above.max(row[place]) };
            diagonal = above;
        }
    }
    row.last().copied().unwrap_or_default()
}

fn f1(common: usize, gold: usize, answer: usize) -> f64 {
    if gold + answer == 0 { 0.0 } else { 2.0 * common as f64 / (gold + answer) as f64 }
}

impl Measure for Similarity {
    fn grade(&self, answer: &str) -> Grade {
        let value = self.golds.iter().map(|gold| self.by.value(gold, answer)).fold(0.0, f64::max);
        Grade::new(value, format!("the best of {} references is alike by {value}", self.golds.len()))
    }
}
