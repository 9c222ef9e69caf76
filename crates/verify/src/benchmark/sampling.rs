//! Figures over several responses to an item.

use super::{
    Metric, Scored,
    report::{Samples, by_item, mean},
};

/// Returns the chance that at least one of `k` responses is right, from `num_correct` of `num_samples` (Chen et al.: Evaluating
/// Large Language Models Trained on Code, 2021, equation 1), as a product that neither overflows nor cancels.
#[must_use]
pub fn pass_at_k(num_samples: u64, num_correct: u64, k: u64) -> f64 {
    let num_wrong = num_samples.saturating_sub(num_correct);
    if k == 0 {
        return 0.0;
    }
    if num_wrong < k {
        return 1.0;
    }
    // C(n-c, k) / C(n, k) is the product of 1 - k/i over the i from n-c+1 to n.
    let all_wrong: f64 = (num_wrong + 1..=num_samples).map(|i| 1.0 - k as f64 / i as f64).product();
    1.0 - all_wrong
}

/// Returns the index of the first answer of the largest class of equal answers, if there are any; of classes of one size the one
/// that came first. Answers that are absent have no vote.
#[must_use]
pub fn majority(answers: &[Option<&str>], is_same: impl Fn(&str, &str) -> bool) -> Option<usize> {
    let mut classes: Vec<(usize, &str, usize)> = Vec::new();
    for (index, answer) in answers.iter().enumerate() {
        let Some(answer) = answer else { continue };
        match classes.iter_mut().find(|(_, other, _)| other == answer || is_same(other, answer)) {
            Some((_, _, votes)) => *votes += 1,
            None => classes.push((index, answer, 1)),
        }
    }
    // The last of equal maxima is returned, so the first has to come last.
    classes.iter().rev().max_by_key(|(_, _, votes)| votes).map(|(index, _, _)| *index)
}

/// `avg@n`, `pass@k` for the powers of two up to n and n itself, and `majority@n`, where n is the smallest number of responses that
/// an item has; further responses to an item count for `pass@k` alone.
pub fn metrics(scored: &[Scored<'_>], is_same: impl Fn(&str, &str) -> bool) -> Vec<Metric> {
    let items = by_item(scored);
    let Some(num_samples) = items.iter().map(|item| item.scores.len()).min() else { return Vec::new() };
    let average = |item: &Samples<'_>| mean(item.scores.iter().take(num_samples).map(|score| score.score));
    let mut metrics = vec![Metric::new(format!("avg@{num_samples}"), mean(items.iter().map(average)))];
    for k in exponents(num_samples as u64) {
        let pass = |item: &Samples<'_>| pass_at_k(item.scores.len() as u64, item.num_correct(), k);
        metrics.push(Metric::new(format!("pass@{k}"), mean(items.iter().map(pass))));
    }
    let vote = |item: &Samples<'_>| {
        let scores = &item.scores[..num_samples];
        let answers: Vec<Option<&str>> = scores.iter().map(|score| score.extracted.as_deref()).collect();
        majority(&answers, &is_same).map_or(0.0, |index| scores[index].score)
    };
    metrics.push(Metric::new(format!("majority@{num_samples}"), mean(items.iter().map(vote))));
    metrics
}

/// The powers of two below a number, and the number.
fn exponents(number: u64) -> impl Iterator<Item = u64> {
    (0..u64::BITS).map(|exponent| 1 << exponent).take_while(move |power| *power < number).chain([number])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::benchmark::{Item, ItemScore};

    #[test]
    fn pass_at_k_is_one_minus_the_share_of_draws_without_a_right_one() {
        // C(7,2)/C(10,2) = 21/45.
        assert!((pass_at_k(10, 3, 2) - (1.0 - 21.0 / 45.0)).abs() < 1e-15);
        assert_eq!((pass_at_k(10, 0, 5), pass_at_k(10, 6, 5), pass_at_k(4, 4, 4)), (0.0, 1.0, 1.0));
        assert!((pass_at_k(64, 1, 1) - 1.0 / 64.0).abs() < 1e-15);
        // C(199999,2)/C(200000,2) = 199998/200000.
        assert!((pass_at_k(200_000, 1, 2) - 1e-5).abs() < 1e-12);
    }

    #[test]
    fn the_largest_class_of_equal_answers_wins_and_ties_go_to_the_first() {
        let same = |left: &str, right: &str| left.trim_start_matches('0') == right.trim_start_matches('0');
        assert_eq!(majority(&[Some("7"), Some("5"), None, Some("05")], same), Some(1));
        assert_eq!(majority(&[Some("7"), Some("5"), Some("05"), Some("7")], same), Some(0));
        assert_eq!(majority(&[None, None], same), None);
    }

    #[test]
    fn figures_over_samples_are_means_over_items() {
        let (easy, hard) =
            (Item { id: "a".to_owned(), ..Item::default() }, Item { id: "b".to_owned(), ..Item::default() });
        let score = |answer: &str| ItemScore::of(answer == "1", answer, "");
        let scores = ["1", "1", "2", "1", "3", "3", "1", "4"].map(score);
        let scored: Vec<Scored<'_>> = scores
            .iter()
            .enumerate()
            .map(|(index, score)| Scored { item: if index < 4 { &easy } else { &hard }, score })
            .collect();
        let metrics = metrics(&scored, |left, right| left == right);
        let value = |name: &str| metrics.iter().find(|metric| metric.name == name).unwrap().value;
        assert_eq!(value("avg@4"), 0.5);
        assert_eq!(value("pass@1"), 0.5);
        // The first: three of four right, 1; the second: one of four, 1 - C(3,2)/C(4,2) = 1/2.
        assert!((value("pass@2") - 0.75).abs() < 1e-15);
        assert_eq!((value("pass@4"), value("majority@4")), (1.0, 0.5));
    }
}
