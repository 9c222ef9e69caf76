//! MathVista (Lu et al.: MathVista: Evaluating Mathematical Reasoning of Foundation Models in Visual Contexts, ICLR 2024), after its
//! `evaluation/extract_answer.py` and `evaluation/calculate_score.py`.
//!
//! The answer is extracted by rule or by a judge, brought into the form of its type, and must then be the reference answer:
//! a letter becomes its option's text, any other text the option that takes the fewest edits to it; whole numbers are cut,
//! numbers are rounded to the decimals that the item states. The official rounding compares strings; here the rounded
//! values are compared, so that a reference `1.20` with two decimals is met by 1.2.

use super::{
    AnswerType, Item, ItemScore, answer_text,
    choice::Options,
    judge::{Assessment, Question},
};
use crate::numerals::{Commas, numerals, rounded};

/// Scores a response, or asks a judge for its answer where no rule finds one.
pub fn assess(item: &Item, response: &str) -> Assessment {
    if response.trim().is_empty() {
        return Assessment::Done(ItemScore::unknown("the response is empty"));
    }
    let answer = answer_text::marked(response).unwrap_or_else(|| answer_text::after_reasoning(response));
    let is_marked = answer_text::marked(response).is_some();
    if item.is_choice() {
        let options = Options::of(item, 0);
        let chosen = options.infer(answer).or_else(|| options.by_text(answer));
        // Only an answer that was marked as one is short enough for the nearest option to mean anything.
        return match chosen.or_else(|| options.most_similar(answer).filter(|_| is_marked)) {
            Some(letter) => Assessment::Done(score_option(item, options, letter)),
            None => Assessment::NeedsJudge(Question::extract(item, response)),
        };
    }
    let score = score_extracted(item, answer);
    if score.is_known && is_marked { Assessment::Done(score) } else { by_only_number(item, answer, response) }
}

/// Scores what was extracted.
pub fn score_extracted(item: &Item, extraction: &str) -> ItemScore {
    let extraction = extraction.trim();
    if item.is_choice() {
        let options = Options::of(item, 0);
        let letter = parenthesised_letter(extraction).or_else(|| options.bare_letter(extraction));
        let letter = letter.filter(|letter| options.text(*letter).is_some());
        return match letter.or_else(|| options.most_similar(extraction)) {
            Some(letter) => score_option(item, options, letter),
            None => ItemScore::unknown("the item has no options"),
        };
    }
    let decimals = match item.answer_type {
        AnswerType::Integer => None,
        AnswerType::Float => Some(item.precision.unwrap_or(1)),
        _ => return ItemScore::of(extraction == item.answer(), extraction, "compared as written"),
    };
    let form = |value: f64| match decimals {
        // Zero has no sign.
        None => value.trunc() + 0.0,
        Some(decimals) => rounded(value, decimals.min(15)),
    };
    match (answer_text::number(extraction), answer_text::number(item.answer())) {
        (Some(value), Some(gold)) => {
            ItemScore::of(form(value) == form(gold), &form(value).to_string(), "compared as numbers")
        }
        _ => ItemScore::unknown("the answer is no number"),
    }
}

/// A response that holds one number and no other answer gives that number.
fn by_only_number(item: &Item, answer: &str, response: &str) -> Assessment {
    let is_number = matches!(item.answer_type, AnswerType::Integer | AnswerType::Float);
    match numerals(answer, Commas::Group).as_slice() {
        [only] if is_number => Assessment::Done(score_extracted(item, only)),
        _ if answer.trim() == item.answer() => Assessment::Done(ItemScore::of(true, answer, "compared as written")),
        _ => Assessment::NeedsJudge(Question::extract(item, response)),
    }
}

fn score_option(item: &Item, options: Options<'_>, letter: char) -> ItemScore {
    let text = options.text(letter).unwrap_or_default();
    // The reference is an option's text in the published data; its letter is taken too.
    ItemScore::of(options.gold(item) == Some(letter), text, "compared as options")
}

fn parenthesised_letter(text: &str) -> Option<char> {
    let mut parts = text.split('(').skip(1).filter_map(|part| part.split_once(')'));
    let letter = parts.find_map(|(inside, _)| {
        let mut characters = inside.chars();
        let letter = characters.next().filter(char::is_ascii_alphabetic)?;
        characters.next().is_none().then_some(letter)
    });
    letter.map(|letter| letter.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(answer_type: AnswerType, answer: &str, precision: Option<u32>, options: &[&str]) -> Item {
        Item {
            answers: vec![answer.to_owned()],
            options: options.iter().map(|option| (*option).to_owned()).collect(),
            answer_type,
            precision,
            ..Item::default()
        }
    }

    fn score(item: &Item, response: &str) -> Option<bool> {
        match assess(item, response) {
            Assessment::Done(score) if score.is_known => Some(score.is_correct()),
            _ => None,
        }
    }

    #[test]
    fn a_choice_is_met_by_letter_by_text_and_by_the_nearest_text() {
        let item = item(AnswerType::Choice, "145°", None, &["135°", "140°", "145°", "150°"]);
        for (response, expected) in [
            (r"\boxed{C}", Some(true)),
            ("<answer>(C) 145°</answer>", Some(true)),
            ("<answer>145</answer>", Some(true)),
            (r"\boxed{D}", Some(false)),
            ("I cannot tell from the picture, there are too many angles in it to say anything", None),
        ] {
            assert_eq!(score(&item, response), expected, "{response}");
        }
        assert!(score_extracted(&item, "(C) something").is_correct());
    }

    #[test]
    fn numbers_are_cut_or_rounded_as_the_item_says() {
        let integer = item(AnswerType::Integer, "7", None, &[]);
        assert_eq!(score(&integer, "<answer>7.9</answer>"), Some(true));
        assert_eq!(score(&integer, "There are 7 of them."), Some(true));
        let zero = item(AnswerType::Integer, "0", None, &[]);
        assert_eq!(score(&zero, "<answer>-0.3</answer>"), Some(true));
        assert_eq!(score(&integer, "There are 3 and 4 of them."), None);
        let float = item(AnswerType::Float, "1.2", Some(1), &[]);
        assert_eq!(score(&float, r"\boxed{1.249}"), Some(true));
        assert_eq!(score(&float, r"\boxed{1.26}"), Some(false));
        let list = item(AnswerType::List, "[1, 2]", None, &[]);
        assert_eq!(score(&list, "<answer>[1, 2]</answer>"), Some(true));
        assert!(!score_extracted(&list, "[1,2]").is_correct());
    }
}
