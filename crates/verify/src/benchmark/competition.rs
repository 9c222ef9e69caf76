//! Mathematics in text: GSM8K, MATH-500, AIME.
//!
//! * GSM8K (Cobbe et al.: Training Verifiers to Solve Math Word Problems, 2021), as lm-evaluation-harness scores it: strictly the first number
//!   right after a `#### `, flexibly the last number of the response, commas, dollar signs and final periods removed.
//! * MATH-500 (Lightman et al.: Let's Verify Step by Step, 2023; Hendrycks et al.: MATH, 2021): the last box, compared by the verifier.
//! * AIME 2024 and 2025: a whole number from 0 to 999, leading zeros ignored; sampled several times an item, so `avg@k`, `pass@k` and
//!   `majority@k` are reported.

use super::{Item, ItemScore, Metric, Scored, answer_text, judge::Assessment, mathematics, sampling};
use crate::{
    Verdict,
    delimiters::bare,
    numerals::{Commas, numerals},
};

/// The largest answer of an AIME problem.
const MAX_AIME_ANSWER: u32 = 999;

/// Scores the number after `#### `.
pub fn assess_gsm8k_strictly(item: &Item, response: &str) -> Assessment {
    // A heading of Markdown may start like this too.
    let number = response.split("#### ").skip(1).find_map(leading_numeral);
    let score = number.map(|number| score_gsm8k(item, &number));
    Assessment::Done(score.unwrap_or_else(|| ItemScore::unknown("no number follows `#### `")))
}

/// Scores the last number of the response.
pub fn assess_gsm8k(item: &Item, response: &str) -> Assessment {
    let number = numerals(answer_text::marked_or_rest(response), Commas::Group).pop();
    let score = number.map(|number| score_gsm8k(item, &number));
    Assessment::Done(score.unwrap_or_else(|| ItemScore::unknown("it holds no number")))
}

/// Scores a number. The reference may be the whole published solution, which ends in `#### ` and the number.
pub fn score_gsm8k(item: &Item, answer: &str) -> ItemScore {
    let gold = item.answer().rsplit("####").next().and_then(answer_text::number);
    match (gold, answer_text::number(answer)) {
        (Some(gold), Some(value)) => ItemScore::of(gold == value, answer, "compared as numbers"),
        _ => ItemScore::unknown("it is no number"),
    }
}

/// Scores the last box, or what is marked as the answer otherwise.
pub fn assess_math(item: &Item, response: &str) -> Assessment {
    let score = answer_text::marked(response).map(|answer| score_math(item, answer));
    Assessment::Done(score.unwrap_or_else(|| ItemScore::unknown("the response marks no answer")))
}

/// Scores an answer by the verifier.
pub fn score_math(item: &Item, answer: &str) -> ItemScore {
    mathematics::score(item.answer(), answer, 0.0)
}

/// Scores a whole number that the response marks as its answer.
pub fn assess_aime(item: &Item, response: &str) -> Assessment {
    let score = answer_text::marked(response).map(|answer| score_aime(item, answer));
    Assessment::Done(score.unwrap_or_else(|| ItemScore::unknown("the response marks no answer")))
}

/// Scores a whole number.
pub fn score_aime(item: &Item, answer: &str) -> ItemScore {
    match (whole_number(item.answer()), whole_number(answer)) {
        (Some(gold), Some(value)) => ItemScore::of(gold == value, &value.to_string(), "compared as whole numbers"),
        (Some(_), None) => mathematics::score(item.answer(), answer, 0.0),
        (None, _) => ItemScore::unknown("the reference is no whole number from 0 to 999"),
    }
}

/// `avg@k`, `pass@k` and `majority@k`, with answers that the verifier finds equal in one class.
pub fn sampled_metrics(scored: &[Scored<'_>]) -> Vec<Metric> {
    sampling::metrics(scored, |left, right| mathematics::compare(left, right) == Verdict::Equal)
}

fn whole_number(text: &str) -> Option<u32> {
    let digits = bare(text);
    let is_numeral = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // Leading zeros do not count, however many.
    let significant = digits.trim_start_matches('0');
    let value = if significant.is_empty() { Some(0) } else { significant.parse().ok() };
    value.filter(|value| is_numeral && *value <= MAX_AIME_ANSWER)
}

fn leading_numeral(text: &str) -> Option<String> {
    let text = text.trim_start_matches('$');
    let end = text.find(|character: char| !(character.is_ascii_digit() || "-.,".contains(character)));
    numerals(&text[..end.unwrap_or(text.len())], Commas::Group).into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(assessment: Assessment) -> Option<bool> {
        match assessment {
            Assessment::Done(score) if score.is_known => Some(score.is_correct()),
            _ => None,
        }
    }

    #[test]
    fn gsm8k_is_strict_about_where_the_number_is_or_takes_the_last() {
        let item = Item { answers: vec!["They pay 3 * 406.\n#### 1,218".to_owned()], ..Item::default() };
        for (response, strict, flexible) in [
            ("so\n#### 1218", Some(true), Some(true)),
            ("#### $1,218.00", Some(true), Some(true)),
            ("It is $1,218.", None, Some(true)),
            ("#### 1218 minus 6 is 1212", Some(true), Some(false)),
            ("#### many", None, None),
            ("#### Step 1\nWe add.\n#### 1218", Some(true), Some(true)),
        ] {
            assert_eq!(known(assess_gsm8k_strictly(&item, response)), strict, "{response}");
            assert_eq!(known(assess_gsm8k(&item, response)), flexible, "{response}");
        }
    }

    #[test]
    fn aime_ignores_leading_zeros_and_takes_no_number_beyond_999() {
        let item = Item { answers: vec!["073".to_owned()], ..Item::default() };
        for (response, expected) in [
            (r"\boxed{73}", Some(true)),
            (r"\boxed{0073}", Some(true)),
            (r"\boxed{\textbf{073}}", Some(true)),
            (r"\boxed{730}", Some(false)),
            (r"\boxed{1073}", Some(false)),
            ("73, I think", None),
        ] {
            assert_eq!(known(assess_aime(&item, response)), expected, "{response}");
        }
    }

    #[test]
    fn math_is_compared_by_the_verifier() {
        let item = Item { answers: vec![r"\frac{3}{4}".to_owned()], ..Item::default() };
        assert_eq!(known(assess_math(&item, r"first \boxed{1}, then $\boxed{0.75}$")), Some(true));
        assert_eq!(known(assess_math(&item, r"\boxed{\frac{4}{3}}")), Some(false));
    }

    #[test]
    fn samples_of_one_item_make_the_figures_at_k() {
        let item = Item { id: "2024-I-1".to_owned(), answers: vec!["204".to_owned()], ..Item::default() };
        let scores = ["204", "0204", "113", "25"].map(|answer| score_aime(&item, answer));
        let scored: Vec<Scored<'_>> = scores.iter().map(|score| Scored { item: &item, score }).collect();
        let metrics = sampled_metrics(&scored);
        let value = |name: &str| metrics.iter().find(|metric| metric.name == name).unwrap().value;
        assert_eq!((value("avg@4"), value("majority@4"), value("pass@4")), (0.5, 1.0, 1.0));
        assert!((value("pass@2") - 5.0 / 6.0).abs() < 1e-15);
    }
}
