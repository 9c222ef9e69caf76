//! Questions of yes or no: VSR (Liu et al.: Visual Spatial Reasoning, TACL 2023) with true and false, POPE (Li et al.: Evaluating Object
//! Hallucination in Large Vision-Language Models, EMNLP 2023) with yes and no.
//!
//! A response says one if it holds the one word and not the other; with both or neither it is unknown, which counts as wrong.
//! Precision, recall and F1 are of yes; an unknown answer is no yes.

use super::{Item, ItemScore, Metric, Scored, answer_text, judge::Assessment, report::ratio};
use crate::measure::word::either;

/// Scores a response.
pub fn assess(item: &Item, response: &str) -> Assessment {
    Assessment::Done(score_extracted(item, answer_text::marked_or_rest(response)))
}

/// Scores what was extracted.
pub fn score_extracted(item: &Item, answer: &str) -> ItemScore {
    let Some(gold) = read(item.answer()) else { return ItemScore::unknown("the reference is neither yes nor no") };
    match read(answer) {
        Some(says_yes) => ItemScore::of(says_yes == gold, word(says_yes), "compared as yes and no"),
        None => ItemScore::unknown("it says both yes and no, or neither"),
    }
}

/// Precision, recall and F1 of yes, and how often it is said.
pub fn metrics(scored: &[Scored<'_>]) -> Vec<Metric> {
    let count = |is_counted: &dyn Fn(bool, bool) -> bool| {
        let pairs = scored.iter().filter_map(|one| Some((read(one.item.answer())?, says_yes(one.score))));
        pairs.filter(|(gold, says)| is_counted(*gold, *says)).count() as f64
    };
    let hits = count(&|gold, says| gold && says);
    let precision = ratio(hits, count(&|_, says| says));
    let recall = ratio(hits, count(&|gold, _| gold));
    vec![
        Metric::new("precision", precision),
        Metric::new("recall", recall),
        Metric::new("f1", ratio(2.0 * precision * recall, precision + recall)),
        Metric::new("yes_ratio", ratio(count(&|_, says| says), count(&|_, _| true))),
    ]
}

/// Tells whether a text says yes or no; with both or neither nothing.
fn read(text: &str) -> Option<bool> {
    // The published labels of VSR are 1 and 0.
    match text.trim() {
        "1" => Some(true),
        "0" => Some(false),
        _ => either(text, &["yes", "true"], &["no", "false"]),
    }
}

fn says_yes(score: &ItemScore) -> bool {
    score.is_known && score.extracted.as_deref() == Some(word(true))
}

const fn word(says_yes: bool) -> &'static str {
    if says_yes { "yes" } else { "no" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::benchmark::report::figures_of;

    #[test]
    fn one_of_the_two_words_must_be_there_and_not_the_other() {
        for (text, expected) in [
            ("Yes, it is.", Some(true)),
            ("**False**", Some(false)),
            ("yes or no", None),
            ("unknown", None),
            ("I know not", None),
            ("1", Some(true)),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn precision_and_recall_are_of_yes_and_an_unknown_answer_is_none() {
        // Two hits, one false alarm, one miss, one unknown yes, one right no.
        let plan = [("yes", "yes"), ("yes", "yes"), ("no", "yes"), ("yes", "no"), ("yes", "maybe"), ("no", "no")];
        let (values, num_unknown) = figures_of(&plan, score_extracted, metrics);
        assert_eq!(values[..2], [2.0 / 3.0, 0.5]);
        assert!((values[2] - 4.0 / 7.0).abs() < 1e-15);
        assert_eq!((values[3], num_unknown), (0.5, 1));
    }
}
