//! DynaMath (Zou et al.: DynaMath: A Dynamic Visual Benchmark for Evaluating Mathematical Reasoning Robustness, ICLR 2025), after its
//! evaluation code: 501 seed questions (`problem`) with 10 variants each.
//!
//! Numbers may be 0.001 apart; a choice must be the letter, or the letter must be in the first three characters; a text
//! must be contained in the reference, without regard to case. The average is over all variants; in the worst case a seed counts only
//! if all its variants are right; robustness is the second over the first.

use std::collections::BTreeMap;

use super::{
    AnswerType, Item, ItemScore, Metric, Scored, answer_text,
    choice::Options,
    judge::{Assessment, Question},
    mathematics,
    report::{mean, ratio},
};
use crate::delimiters::bare;

/// How far numbers may be apart.
const MAX_DIFFERENCE: f64 = 0.001;

/// The options of an item that lists none.
const NUM_OPTIONS: usize = 10;

/// Scores a response, or asks a judge for its answer.
pub fn assess(item: &Item, response: &str) -> Assessment {
    match answer_text::marked(response) {
        Some(answer) => Assessment::Done(score_extracted(item, answer)),
        None => Assessment::NeedsJudge(Question::extract(item, response)),
    }
}

/// Scores what was extracted.
pub fn score_extracted(item: &Item, answer: &str) -> ItemScore {
    let (gold, inner) = (item.answer(), bare(answer));
    if item.is_choice() {
        let options = Options::of(item, NUM_OPTIONS);
        let Some(letter) = options.gold(item) else { return ItemScore::unknown("the reference is no option") };
        let beginning: String = inner.chars().take(3).collect();
        let is_correct = inner.eq_ignore_ascii_case(&letter.to_string()) || beginning.contains(letter);
        return ItemScore::of(is_correct, inner, "compared as options");
    }
    if matches!(item.answer_type, AnswerType::Float | AnswerType::Integer) || answer_text::number(gold).is_some() {
        return match (answer_text::number(gold), answer_text::number(inner)) {
            (Some(gold), Some(value)) => {
                // A decimal such as 1.001 is no binary number, so exactly 0.001 apart needs a last bit of room.
                let is_near = (gold - value).abs() <= MAX_DIFFERENCE + gold.abs() * f64::EPSILON;
                ItemScore::of(is_near, inner, "compared as numbers")
            }
            _ => mathematics::score(gold, answer, MAX_DIFFERENCE),
        };
    }
    let (gold, text) = (answer_text::normalise(gold), answer_text::normalise(inner));
    ItemScore::of(!text.is_empty() && gold.contains(&text), inner, "looked for in the reference")
}

/// Average, worst case and robustness.
pub fn metrics(scored: &[Scored<'_>]) -> Vec<Metric> {
    let mut seeds: BTreeMap<&str, bool> = BTreeMap::new();
    for one in scored {
        let seed = one.item.problem.as_deref().unwrap_or(&one.item.id);
        *seeds.entry(seed).or_insert(true) &= one.score.is_correct();
    }
    let average = mean(scored.iter().map(|one| one.score.score));
    let worst = mean(seeds.values().map(|is_right| f64::from(u8::from(*is_right))));
    vec![
        Metric::new("average", average),
        Metric::new("worst_case", worst),
        Metric::new("robustness", ratio(worst, average)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_correct(answer_type: AnswerType, gold: &str, answer: &str) -> bool {
        score_extracted(&Item { answers: vec![gold.to_owned()], answer_type, ..Item::default() }, answer).is_correct()
    }

    #[test]
    fn each_type_has_its_own_rule() {
        assert!(is_correct(AnswerType::Float, "1.000", "1.001"));
        assert!(!is_correct(AnswerType::Float, "1.000", "1.0011"));
        assert!(is_correct(AnswerType::Float, "0.5", r"\frac{1}{2}"));
        assert!(is_correct(AnswerType::Choice, "B", "(B) even"));
        assert!(is_correct(AnswerType::Choice, "B", "b"));
        assert!(!is_correct(AnswerType::Choice, "B", "A: or B"));
        assert!(is_correct(AnswerType::Text, "Even function", "even"));
        assert!(!is_correct(AnswerType::Text, "even", "odd"));
        assert!(!is_correct(AnswerType::Text, "even", ""));
    }

    #[test]
    fn a_seed_counts_in_the_worst_case_only_if_all_its_variants_are_right() {
        let rights = [[true, true], [true, false], [false, false], [true, true]];
        let (mut items, mut scores) = (Vec::new(), Vec::new());
        for (seed, variants) in rights.iter().enumerate() {
            for (variant, is_right) in variants.iter().enumerate() {
                items.push(Item {
                    id: format!("{seed}-{variant}"),
                    problem: Some(seed.to_string()),
                    ..Item::default()
                });
                scores.push(ItemScore::of(*is_right, "1", ""));
            }
        }
        let scored: Vec<Scored<'_>> = items.iter().zip(&scores).map(|(item, score)| Scored { item, score }).collect();
        let values: Vec<f64> = metrics(&scored).iter().map(|metric| metric.value).collect();
        assert_eq!(values, [0.625, 0.5, 0.8]);
    }
}
