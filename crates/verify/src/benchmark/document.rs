//! Reading charts, documents and scene text: ChartQA, DocVQA, OCRBench.
//!
//! * ChartQA (Masry et al.: ChartQA, Findings of ACL 2022): relaxed accuracy. A number may be 5 % off a reference that is not zero; anything else
//!   must be the reference, without regard to case. Reported for human and augmented questions (group `split`) and their mean.
//! * DocVQA (Mathew et al.: DocVQA, WACV 2021): ANLS (Biten et al.: Scene Text Visual Question Answering, ICCV 2019). The normalised
//!   edit distance to the nearest reference, below 0.5, taken from 1; else 0.
//! * OCRBench (Liu et al.: OCRBench, 2023): a reference is contained in the response, without regard to case; of formulae (group `type`:
//!   anything with `HME100k` or `formula`) without regard to spaces. Its score is the number of right answers of 1,000 items.

use super::{
    Item, ItemScore, Metric, Scored, answer_text,
    judge::Assessment,
    report::{mean, rates_by},
};
use crate::{delimiters::bare, edits};

/// The relative error that a number on a chart may have.
const MAX_RELATIVE_ERROR: f64 = 0.05;

/// The normalised distance from which on a text is another.
const MAX_DISTANCE: f64 = 0.5;

/// Scores a response to a question about a chart.
pub fn assess_chart(item: &Item, response: &str) -> Assessment {
    Assessment::Done(score_chart(item, answer_text::marked_or_rest(response)))
}

/// Scores an answer with relaxed accuracy.
pub fn score_chart(item: &Item, answer: &str) -> ItemScore {
    let answer = bare(answer);
    let is_correct = item.answers.iter().any(|gold| is_relaxed_equal(gold.trim(), answer));
    ItemScore::of(is_correct, answer, "compared with 5 % of tolerance")
}

/// Scores a response to a question about a document.
pub fn assess_document(item: &Item, response: &str) -> Assessment {
    Assessment::Done(score_document(item, answer_text::marked_or_rest(response)))
}

/// Scores an answer with ANLS.
pub fn score_document(item: &Item, answer: &str) -> ItemScore {
    let likeness = item.answers.iter().map(|gold| edits::likeness(gold, answer, MAX_DISTANCE)).fold(0.0, f64::max);
    ItemScore::partial(likeness, answer, "by edit distance")
}

/// Scores a response to a question about text in a picture.
pub fn assess_text(item: &Item, response: &str) -> Assessment {
    Assessment::Done(score_text(item, answer_text::marked_or_rest(response)))
}

/// Scores an answer by whether it contains a reference.
pub fn score_text(item: &Item, answer: &str) -> ItemScore {
    let is_formula =
        item.groups.values().any(|value| value.contains("HME100k") || value.to_lowercase().contains("formula"));
    let form = |text: &str| {
        let text = text.to_lowercase().trim().replace('\n', " ");
        if is_formula { text.replace(' ', "") } else { text }
    };
    let form_of_answer = form(answer);
    let contains = |gold: &String| !gold.trim().is_empty() && form_of_answer.contains(&form(gold));
    ItemScore::of(item.answers.iter().any(contains), answer, "looked for the reference in it")
}

/// The mean of human and augmented questions.
pub fn chart_metrics(scored: &[Scored<'_>]) -> Vec<Metric> {
    vec![Metric::new("mean_over_splits", mean(rates_by(scored, "split").into_iter().map(|(_, rate)| rate)))]
}

/// The mean ANLS.
pub fn document_metrics(scored: &[Scored<'_>]) -> Vec<Metric> {
    vec![Metric::new("anls", mean(scored.iter().map(|one| one.score.score)))]
}

/// The number of right answers.
pub fn text_metrics(scored: &[Scored<'_>]) -> Vec<Metric> {
    vec![Metric::new("num_correct", scored.iter().map(|one| one.score.score).sum())]
}

fn is_relaxed_equal(gold: &str, answer: &str) -> bool {
    match (chart_number(gold), chart_number(answer)) {
        (Some(gold), Some(value)) if gold != 0.0 => ((value - gold) / gold).abs() <= MAX_RELATIVE_ERROR,
        // The official code compares a reference of zero as text, so that `0.0` would not be `0`.
        (Some(gold), Some(value)) => value == gold,
        _ => gold.to_lowercase() == answer.to_lowercase(),
    }
}

/// A number, or a percentage as a hundredth of it.
fn chart_number(text: &str) -> Option<f64> {
    match text.strip_suffix('%') {
        Some(percentage) => answer_text::number(percentage.trim_end_matches('\\')).map(|value| value / 100.0),
        None => answer_text::number(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(answers: &[&str]) -> Item {
        Item { answers: answers.iter().map(|answer| (*answer).to_owned()).collect(), ..Item::default() }
    }

    #[test]
    fn a_number_on_a_chart_may_be_five_percent_off() {
        for (gold, answer, expected) in [
            ("40", "42", true),
            ("40", "42.1", false),
            ("-40", "-38", true),
            ("12%", "0.12", true),
            ("12%", "12", false),
            ("1,000", "1049", true),
            ("0", "0.0", true),
            ("0", "0.01", false),
            ("Blue", "blue", true),
            ("Blue", "red", false),
            ("2010", "in 2010", false),
        ] {
            assert_eq!(score_chart(&item(&[gold]), answer).is_correct(), expected, "{answer} for {gold}");
        }
    }

    #[test]
    fn anls_is_one_minus_the_normalised_distance_to_the_nearest_reference() {
        let gold = item(&["University of California", "UC"]);
        for (answer, expected) in [
            ("university of  california", 1.0),
            ("uc", 1.0),
            // One edit of 24 characters.
            ("university of californa", 1.0 - 1.0 / 24.0),
            // One of two characters is too far.
            ("ud", 0.0),
            ("something else", 0.0),
            ("", 0.0),
        ] {
            let score = score_document(&gold, answer).score;
            assert!((score - expected).abs() < 1e-15, "{answer}: {score}");
        }
    }

    #[test]
    fn scene_text_must_hold_the_reference_and_formulae_have_no_spaces() {
        assert!(score_text(&item(&["CENTRE"]), "The word is Centre.").is_correct());
        assert!(!score_text(&item(&["CENTRE"]), "The word is Center.").is_correct());
        assert!(!score_text(&item(&[""]), "anything").is_correct());
        let mut formula = item(&["x ^ 2 + 1"]);
        assert!(!score_text(&formula, "x^2+1").is_correct());
        formula.groups.insert("type".to_owned(), "Handwritten Mathematical Expression Recognition formula".to_owned());
        assert!(score_text(&formula, "x^2+1").is_correct());
    }
}
