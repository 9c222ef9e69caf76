//! MathVerse (Zhang et al.: MathVerse: Does Your Multi-modal LLM Truly See the Diagrams in Visual Math Problems?, ECCV 2024), after
//! its `evaluation/score_answer_s2.py`.
//!
//! An extracted answer that is the reference counts at once; whether another means the same is for a judge: of options the
//! letter must match, a quantity may be in another unit. What the verifier finds equal needs no judge. Report by the group
//! `version`: text dominant, text lite, text only, vision intensive, vision dominant, vision only.

use super::{
    Item, ItemScore, answer_text,
    choice::Options,
    judge::{Assessment, Question},
    mathematics,
};
use crate::Verdict;

/// The options of an item that lists none.
const NUM_OPTIONS: usize = 4;

/// Scores a response, or asks a judge.
pub fn assess(item: &Item, response: &str) -> Assessment {
    match answer_text::marked(response) {
        Some(answer) => assess_extracted(item, answer),
        None => Assessment::NeedsJudge(Question::extract(item, response)),
    }
}

/// Scores what was extracted, or asks a judge to compare it.
pub fn assess_extracted(item: &Item, answer: &str) -> Assessment {
    let gold = item.answer();
    if answer.trim() == gold {
        return Assessment::Done(ItemScore::of(true, answer, "compared as written"));
    }
    let options = Options::of(item, NUM_OPTIONS);
    let gold_letter = options.gold(item).filter(|_| item.is_choice() || options.bare_letter(gold).is_some());
    if let Some(gold_letter) = gold_letter {
        return match options.infer(answer) {
            Some(letter) => Assessment::Done(ItemScore::of(letter == gold_letter, answer, "compared as options")),
            None => Assessment::NeedsJudge(Question::compare(item, answer)),
        };
    }
    match mathematics::compare(gold, answer) {
        Verdict::Equal => Assessment::Done(ItemScore::of(true, answer, "it is equal to the reference answer")),
        _ => Assessment::NeedsJudge(Question::compare(item, answer)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_equal_to_the_reference_goes_to_the_judge() {
        let item = Item { answers: vec!["50 cm".to_owned()], ..Item::default() };
        let is_done = |response: &str| matches!(assess(&item, response), Assessment::Done(score) if score.is_correct());
        assert!(is_done("<answer>50 cm</answer>"));
        assert!(is_done(r"\boxed{50\text{ cm}}"));
        assert!(is_done("<answer>0.5 m</answer>"));
        let Assessment::NeedsJudge(Question::Compare { gold, answer, .. }) = assess(&item, "<answer>half</answer>")
        else {
            panic!("half is not 50 cm");
        };
        assert_eq!((gold.as_str(), answer.as_str()), ("50 cm", "half"));
        assert!(matches!(assess(&item, "half a metre, or so"), Assessment::NeedsJudge(Question::Extract { .. })));
    }

    #[test]
    fn letters_are_compared_without_a_judge() {
        let item = Item { answers: vec!["B".to_owned()], ..Item::default() };
        for (response, expected) in [("<answer>(B)</answer>", 1.0), ("<answer>C. 30°</answer>", 0.0)] {
            let Assessment::Done(score) = assess(&item, response) else {
                panic!("a letter needs no judge: {response}")
            };
            assert_eq!(score.score, expected, "{response}");
        }
    }
}
