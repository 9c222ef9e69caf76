//! `repetition`: minus the share of n-grams that repeat others (the repetition penalty of arXiv 2502.03373, appendix C.2, as open-r1 has it).
//!
//! Parameters: `ngram` (3, from 1 to 64), `unit` (`words`, lower-cased and split at white space; `characters`). The value is
//! `-(1 - distinct/all)`, from -1 to 0, and 0 for a response shorter than one n-gram.

use std::{collections::HashMap, hash::Hash};

use super::{Component, Made, Outcome};
use crate::{Response, parameters::Parameters};

#[derive(Debug)]
struct Repetition {
    ngram: usize,
    unit: Unit,
}

#[derive(Clone, Copy, Debug)]
enum Unit {
    Words,
    Characters,
}

/// Makes a `repetition` component.
pub fn make(parameters: &mut Parameters<'_>) -> Made {
    let ngram = parameters.count("ngram", (1, 64), 3) as usize;
    let unit = parameters.word("unit", &[("words", Unit::Words), ("characters", Unit::Characters)], Unit::Words);
    Some(Box::new(Repetition { ngram, unit }))
}

impl Component for Repetition {
    fn score(&self, response: &Response) -> Outcome {
        let text = response.searched().to_lowercase();
        Outcome::of(match self.unit {
            Unit::Words => penalty(text.split_whitespace(), self.ngram),
            Unit::Characters => penalty(text.chars(), self.ngram),
        })
    }
}

/// Numbers the items, then the pairs of them, then the pairs of pairs, so that the time grows with the logarithm of `ngram` alone.
fn penalty<T: Eq + Hash>(items: impl Iterator<Item = T>, ngram: usize) -> f64 {
    let mut numbers = numbered(items);
    let num_all = (numbers.len() + 1).saturating_sub(ngram);
    if num_all == 0 {
        return 0.0;
    }
    let mut length = 1;
    while length < ngram {
        // The last step overlaps, where the length is no power of two.
        let step = length.min(ngram - length);
        numbers = numbered(numbers.iter().zip(numbers.iter().skip(step)));
        length += step;
    }
    let num_distinct = numbers.iter().max().map_or(0, |last| last + 1);
    f64::from(num_distinct) / num_all as f64 - 1.0
}

/// Gives equal items equal numbers, counted from 0 in the order in which they come up.
fn numbered<T: Eq + Hash>(items: impl Iterator<Item = T>) -> Vec<u32> {
    let mut known: HashMap<T, u32> = HashMap::new();
    let mut next = 0;
    let mut number = |item| {
        *known.entry(item).or_insert_with(|| {
            next += 1;
            next - 1
        })
    };
    items.map(&mut number).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_share_of_repeated_ngrams_is_lost() {
        for (text, ngram, expected) in [
            ("a b c d", 3, 0.0),
            ("a b a b a b", 2, 2.0 / 5.0 - 1.0),
            ("A b a B", 2, 2.0 / 3.0 - 1.0),
            ("a b", 3, 0.0),
            ("", 1, 0.0),
            ("x x x x", 1, -0.75),
        ] {
            let words = Repetition { ngram, unit: Unit::Words };
            assert_eq!(words.score(&Response::of_text(text)).value, expected, "{text}");
        }
        let characters = Repetition { ngram: 2, unit: Unit::Characters };
        assert_eq!(characters.score(&Response::of_text("ababab")).value, 2.0 / 5.0 - 1.0);
    }

    proptest! {
        #[test]
        fn ngrams_are_counted_as_the_set_of_all_windows_counts_them(
            items in proptest::collection::vec(0_u8..2, 1..90),
            ngram in 1_usize..=64,
        ) {
            let windows = items.windows(ngram);
            let num_all = windows.len();
            let distinct: HashSet<&[u8]> = windows.collect();
            let expected = if num_all == 0 { 0.0 } else { distinct.len() as f64 / num_all as f64 - 1.0 };
            prop_assert_eq!(penalty(items.iter(), ngram), expected);
        }
    }
}
