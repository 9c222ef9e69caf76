//! Emotions in video: DFEW (Jiang et al., MM 2020) and MAFW (Liu et al., MM 2022).
//!
//! Labels are compared after mapping synonyms to one word each. WAR, the weighted average recall, is the accuracy; UAR, the unweighted
//! one, is the mean over the labels of the share of their items that is right.

use std::collections::BTreeMap;

use super::{
    Item, ItemScore, Metric, Scored, answer_text,
    judge::Assessment,
    report::{mean, ratio},
};
use crate::emotion;

/// Scores a response.
pub fn assess(item: &Item, response: &str) -> Assessment {
    Assessment::Done(score_extracted(item, answer_text::marked_or_rest(response)))
}

/// Scores what was extracted: a label, or a text that names exactly one.
pub fn score_extracted(item: &Item, answer: &str) -> ItemScore {
    let Some(gold) = label(item.answer()) else { return ItemScore::unknown("the reference is no label") };
    match label(answer) {
        Some(label) => ItemScore::of(label == gold, label, "compared as labels"),
        None => ItemScore::unknown("it names no label, or several"),
    }
}

/// WAR, UAR and the recall of every label.
pub fn metrics(scored: &[Scored<'_>]) -> Vec<Metric> {
    let mut labels: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for one in scored {
        let Some(label) = label(one.item.answer()) else { continue };
        let (right, all) = labels.entry(label).or_default();
        *right += one.score.score;
        *all += 1.0;
    }
    let recalls: Vec<(&str, f64)> = labels.iter().map(|(label, (right, all))| (*label, ratio(*right, *all))).collect();
    let mut metrics = vec![
        Metric::new("war", mean(scored.iter().map(|one| one.score.score))),
        Metric::new("uar", mean(recalls.iter().map(|(_, recall)| *recall))),
    ];
    metrics.extend(recalls.iter().map(|(label, recall)| Metric::new(format!("recall/{label}"), *recall)));
    metrics
}

fn label(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    let words = text.split(|character: char| !character.is_alphabetic()).filter(|word| !word.is_empty());
    let mut named = words.filter_map(emotion::label);
    let first = named.next()?;
    named.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::benchmark::report::figures_of;

    #[test]
    fn synonyms_are_one_label_and_two_labels_are_none() {
        for (text, expected) in [
            ("Happiness", Some("happy")),
            ("The person is surprised.", Some("surprise")),
            ("anger, angry", Some("angry")),
            ("sad or angry", None),
            ("bored", None),
        ] {
            assert_eq!(label(text), expected, "{text}");
        }
    }

    #[test]
    fn war_weighs_items_and_uar_labels() {
        let plan = [
            ("happy", "joy"),
            ("happy", "happy"),
            ("happy", "sad"),
            ("happy", "happy"),
            ("fear", "sad"),
            ("anger", "angry"),
        ];
        let figures = figures_of(&plan, score_extracted, metrics).0;
        assert_eq!(figures[0], 4.0 / 6.0);
        assert!((figures[1] - (0.75 + 0.0 + 1.0) / 3.0).abs() < 1e-15);
    }
}
