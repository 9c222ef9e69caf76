//! GPQA (Rein et al.: GPQA: A Graduate-Level Google-Proof Q&A Benchmark, COLM 2024).
//!
//! Three ways to read the letter: after `Answer:` (simple-evals, `gpqa`), in `The answer is (X)` (lm-evaluation-harness, strict), and in the
//! last `(X)` (the same, flexible). The published items have the right option first, so options are shuffled by a seed.

use gradus_types::random;

use super::{Item, ItemScore, answer_text, choice::Options, judge::Assessment};

/// Every question has four options.
const NUM_OPTIONS: usize = 4;

/// Returns an item with its options in another order, a pure function of the seed and the item's id; the reference becomes the new
/// letter of the option that it was.
#[must_use]
pub fn with_shuffled_options(item: &Item, seed: u64) -> Item {
    let options = Options::of(item, NUM_OPTIONS);
    let gold = options.gold(item).and_then(|letter| options.text(letter));
    let order = random::permutation(item.options.len(), random::derive(seed, &item.id));
    let place = order.iter().position(|&index| item.options.get(index).map(String::as_str) == gold && gold.is_some());
    let Some(letter) = place.and_then(|place| ('A'..='Z').nth(place)) else { return item.clone() };
    let shuffled = order.iter().filter_map(|&index| item.options.get(index).cloned()).collect();
    Item { options: shuffled, answers: vec![letter.to_string()], ..item.clone() }
}

/// Scores the letter after `Answer:`, else where it is marked otherwise.
pub fn assess(item: &Item, response: &str) -> Assessment {
    let options = Options::of(item, NUM_OPTIONS);
    let read = |text: &str| options.bare_letter(text).or_else(|| options.leading_letter(text));
    let announced = answer_text::after_last(response, "answer:")
        .and_then(|rest| options.starting_letter(rest).or_else(|| options.bare_letter(rest)));
    let announced = announced.or_else(|| options.announced(response));
    let letter = announced.or_else(|| answer_text::marked(response).and_then(read));
    Assessment::Done(score_letter(item, letter))
}

/// Scores the letter of `The answer is (X)`.
pub fn assess_strictly(item: &Item, response: &str) -> Assessment {
    let rest = response.split_once("The answer is (").map(|(_, rest)| rest);
    let letter = rest.and_then(|rest| rest.split_once(')')).and_then(|(letter, _)| exact_letter(item, letter));
    Assessment::Done(score_letter(item, letter))
}

/// Scores the last `(X)`.
pub fn assess_flexibly(item: &Item, response: &str) -> Assessment {
    let inside = response.split('(').skip(1).filter_map(|part| part.split_once(')'));
    let letter = inside.filter_map(|(inside, _)| exact_letter(item, inside)).last();
    Assessment::Done(score_letter(item, letter))
}

/// Scores what was extracted.
pub fn score_extracted(item: &Item, answer: &str) -> ItemScore {
    score_letter(item, Options::of(item, NUM_OPTIONS).infer(answer))
}

fn exact_letter(item: &Item, text: &str) -> Option<char> {
    Options::of(item, NUM_OPTIONS).bare_letter(text).filter(|letter| text.trim() == letter.to_string())
}

fn score_letter(item: &Item, letter: Option<char>) -> ItemScore {
    let gold = Options::of(item, NUM_OPTIONS).gold(item);
    match (gold, letter) {
        (Some(gold), Some(letter)) => ItemScore::of(gold == letter, &letter.to_string(), "compared as options"),
        (None, _) => ItemScore::unknown("the reference is no option"),
        (_, None) => ItemScore::unknown("it names no option"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item() -> Item {
        let options = ["right", "wrong", "also wrong", "wronger"].map(str::to_owned).to_vec();
        Item { id: "rec1".to_owned(), answers: vec!["right".to_owned()], options, ..Item::default() }
    }

    fn known(assessment: Assessment) -> Option<bool> {
        match assessment {
            Assessment::Done(score) if score.is_known => Some(score.is_correct()),
            _ => None,
        }
    }

    #[test]
    fn the_three_readings_differ() {
        let item = item();
        for (response, simple, strict, flexible) in [
            ("Answer: A", Some(true), None, None),
            ("**Answer:** $A$", Some(true), None, None),
            ("Answer: A because it is so", Some(true), None, None),
            ("The answer is A since the rest is not", Some(true), None, None),
            ("The answer is (A)", Some(true), Some(true), Some(true)),
            ("I weigh (B) and (A)", None, None, Some(true)),
            ("The answer is (B). No: (A)", Some(false), Some(false), Some(true)),
            ("<answer>B</answer>", Some(false), None, None),
        ] {
            assert_eq!(known(assess(&item, response)), simple, "{response}");
            assert_eq!(known(assess_strictly(&item, response)), strict, "{response}");
            assert_eq!(known(assess_flexibly(&item, response)), flexible, "{response}");
        }
    }

    #[test]
    fn a_seed_gives_one_order_and_the_reference_follows_its_option() {
        let letters: Vec<String> = (0..40)
            .map(|seed| {
                let shuffled = with_shuffled_options(&item(), seed);
                assert_eq!(shuffled, with_shuffled_options(&item(), seed));
                let place = usize::from(shuffled.answer().as_bytes()[0] - b'A');
                assert_eq!(shuffled.options[place], "right");
                shuffled.answer().to_owned()
            })
            .collect();
        assert!(["A", "B", "C", "D"].iter().all(|letter| letters.iter().any(|other| other == letter)));
    }
}
