//! MATH-Vision (Wang et al.: Measuring Multimodal Mathematical Reasoning with MATH-Vision Dataset, NeurIPS 2024), after its
//! `evaluation/evaluate.py`.
//!
//! The answer is in the last box, or after "the answer is". It is right if it is the reference letter or the value of the
//! reference option; tuples are compared element by element, numbers rounded to two decimals, other mathematics by the
//! verifier.

use super::{Item, ItemScore, answer_text, choice::Options, judge::Assessment, mathematics};
use crate::{delimiters::bare, numerals::rounded};

/// Half of the last decimal that counts.
const HALF_A_HUNDREDTH: f64 = 0.005;

/// Scores a response.
pub fn assess(item: &Item, response: &str) -> Assessment {
    let Some(answer) = answer_text::marked(response) else {
        return Assessment::Done(ItemScore::unknown("the response marks no answer"));
    };
    Assessment::Done(score_extracted(item, answer))
}

/// Scores what was extracted.
pub fn score_extracted(item: &Item, answer: &str) -> ItemScore {
    let gold = item.answer();
    if item.options.is_empty() {
        return score_value(gold, answer);
    }
    let options = Options::of(item, 0);
    let Some(gold_letter) = options.gold(item) else { return score_value(gold, answer) };
    // The answer was marked as one, so that an `A` at its start is no article, unless it starts the text of an option.
    let by_text = options.bare_letter(answer).or_else(|| options.by_text(answer));
    if let Some(letter) = by_text.or_else(|| options.starting_letter(answer)) {
        return ItemScore::of(letter == gold_letter, answer, "compared as options");
    }
    score_value(options.text(gold_letter).unwrap_or(gold), answer)
}

fn score_value(gold: &str, answer: &str) -> ItemScore {
    let (golds, answers) = (elements(gold), elements(answer));
    if golds.len() > 1 || answers.len() > 1 {
        let is_equal = golds.len() == answers.len()
            && golds.iter().zip(&answers).all(|(gold, answer)| score_element(gold, answer).is_correct());
        return ItemScore::of(is_equal, answer, "compared element by element");
    }
    score_element(gold, answer)
}

fn score_element(gold: &str, answer: &str) -> ItemScore {
    match (answer_text::number(gold), answer_text::number(answer)) {
        (Some(gold), Some(value)) => {
            ItemScore::of(rounded(gold, 2) == rounded(value, 2), answer, "compared as numbers to two decimals")
        }
        _ => mathematics::score(gold, answer, HALF_A_HUNDREDTH),
    }
}

/// The elements of a tuple; of anything else itself.
fn elements(text: &str) -> Vec<&str> {
    let bare = bare(text);
    let inside = bare.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    match inside.filter(|inside| inside.contains(',') && !inside.contains(['(', ')', '{'])) {
        Some(inside) => inside.split(',').map(str::trim).collect(),
        None => vec![text],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(answer: &str, options: &[&str], response: &str) -> Option<bool> {
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        let item = Item { answers: vec![answer.to_owned()], options, ..Item::default() };
        match assess(&item, response) {
            Assessment::Done(score) if score.is_known => Some(score.is_correct()),
            _ => None,
        }
    }

    #[test]
    fn a_choice_is_met_by_its_letter_and_by_its_value() {
        let options = ["1", "2.5", "3", "4", "5"];
        assert_eq!(score("B", &options, r"so \boxed{B}"), Some(true));
        assert_eq!(score("B", &options, r"so \boxed{2.50}"), Some(true));
        assert_eq!(score("B", &options, "The answer is 3"), Some(false));
        assert_eq!(score("B", &options, "no idea"), None);
        assert_eq!(score("A", &options, "The answer is A because it fits"), Some(true));
        assert_eq!(score("B", &["a cat", "A dog"], r"\boxed{A dog}"), Some(true));
    }

    #[test]
    fn numbers_count_to_two_decimals_and_tuples_by_element() {
        assert_eq!(score("3.14", &[], r"\boxed{3.142}"), Some(true));
        assert_eq!(score("3.14", &[], r"\boxed{3.15}"), Some(false));
        assert_eq!(score("0", &[], r"\boxed{-0.001}"), Some(true));
        assert_eq!(score("(1, 2)", &[], r"\boxed{(1.0,2.0)}"), Some(true));
        assert_eq!(score("(1, 2)", &[], r"\boxed{(2,1)}"), Some(false));
        assert_eq!(score(r"\frac{1}{2}", &[], r"\boxed{0.5}"), Some(true));
    }
}
