//! `repetition`: minus the share of n-grams that repeat others (the repetition penalty of arXiv 2502.03373, appendix C.2, as open-r1 has it).
//!
//! Parameters: `ngram` (3, from 1 to 64), `unit` (`words`, lower-cased and split at white space; `characters`). The value is
//! `-(1 - distinct/all)`, from -1 to 0, and 0 for a response shorter than one n-gram.

use std::{collections::HashSet, hash::Hash};

use gradus_types::RewardSpec;

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
pub fn make(parameters: &mut Parameters<'_>, _spec: &RewardSpec) -> Made {
    let ngram = parameters.count("ngram", (1, 64), 3) as usize;
    let unit = parameters.word("unit", &[("words", Unit::Words), ("characters", Unit::Characters)], Unit::Words);
    Some(Box::new(Repetition { ngram, unit }))
}

impl Component for Repetition {
    fn score(&self, response: &Response) -> Outcome {
        let text = response.text().to_lowercase();
        Outcome::of(match self.unit {
            Unit::Words => penalty(&text.split_whitespace().collect::<Vec<_>>(), self.ngram),
            Unit::Characters => penalty(&text.chars().collect::<Vec<_>>(), self.ngram),
        })
    }
}

fn penalty<T: Eq + Hash>(items: &[T], ngram: usize) -> f64 {
    let all = items.windows(ngram);
    let num_all = all.len();
    if num_all == 0 {
        return 0.0;
    }
    let distinct: HashSet<&[T]> = all.collect();
    distinct.len() as f64 / num_all as f64 - 1.0
}

#[cfg(test)]
mod tests {
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
}
