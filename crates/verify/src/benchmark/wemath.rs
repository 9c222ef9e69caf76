//! We-Math (Qiao et al.: We-Math: Does Your Large Multimodal Model Achieve Human-like Mathematical Reasoning?, ACL 2025), after its
//! `evaluation/four_dimensional_metrics.py`.
//!
//! A problem of two or three steps is asked as a whole (part `multi`) and step by step. With every step right and the whole
//! wrong, generalisation is inadequate (IG); with a step and the whole wrong, knowledge is insufficient (IK); with the whole right,
//! mastery is complete (CM) or the answer memorised (RM): loosely, complete takes one right step; strictly, all of them. The score is
//! (n - IG/2 - RM - IK)/n over the n problems, the rate of memorisation RM/(RM + CM).

use std::collections::BTreeMap;

use super::{
    Item, ItemScore, Metric, Scored, answer_text,
    choice::Options,
    judge::{Assessment, Question},
    report::ratio,
};

/// The options of an item that lists none, "no correct answer" included.
const NUM_OPTIONS: usize = 7;

/// The part that is the whole problem.
const WHOLE: &str = "multi";

/// Scores a response, or asks a judge for its letter.
pub fn assess(item: &Item, response: &str) -> Assessment {
    match Options::of(item, NUM_OPTIONS).infer(answer_text::marked_or_rest(response)) {
        Some(letter) => Assessment::Done(score_extracted(item, &letter.to_string())),
        None => Assessment::NeedsJudge(Question::extract(item, response)),
    }
}

/// Scores what was extracted.
pub fn score_extracted(item: &Item, answer: &str) -> ItemScore {
    let options = Options::of(item, NUM_OPTIONS);
    match options.infer(answer) {
        Some(letter) => ItemScore::of(options.gold(item) == Some(letter), answer, "compared as options"),
        None => ItemScore::unknown("it chooses no option"),
    }
}

/// What the parts of one problem came to.
#[derive(Debug, Default)]
struct Mastery {
    is_whole_right: Option<bool>,
    num_steps: u32,
    num_right_steps: u32,
}

/// The shares of the four outcomes, the score and the rate of memorisation, strictly and loosely. Problems without a whole or
/// without steps are left out.
pub fn metrics(scored: &[Scored<'_>]) -> Vec<Metric> {
    let mut problems: BTreeMap<&str, Mastery> = BTreeMap::new();
    for one in scored {
        let Some(problem) = one.item.problem.as_deref() else { continue };
        problems.entry(problem).or_default().add(one);
    }
    let complete: Vec<(bool, bool, bool)> = problems.values().filter_map(Mastery::outcome).collect();
    let num_problems = complete.len() as f64;
    let count = |is_counted: &dyn Fn(bool, bool, bool) -> bool| {
        complete.iter().filter(|(all, some, whole)| is_counted(*all, *some, *whole)).count() as f64
    };
    let insufficient = count(&|all, _, whole| !all && !whole);
    let inadequate = count(&|all, _, whole| all && !whole);
    let mut metrics = vec![
        Metric::new("insufficient_knowledge", ratio(insufficient, num_problems)),
        Metric::new("inadequate_generalisation", ratio(inadequate, num_problems)),
    ];
    let mastered_strictly = count(&|all, _, whole| all && whole);
    let mastered_loosely = count(&|_, some, whole| some && whole);
    let whole_right = count(&|_, _, whole| whole);
    for (name, mastered) in [("strict", mastered_strictly), ("loose", mastered_loosely)] {
        let memorised = whole_right - mastered;
        let score = num_problems - 0.5 * inadequate - memorised - insufficient;
        metrics.push(Metric::new(format!("{name}_score"), ratio(score, num_problems)));
        metrics.push(Metric::new(format!("{name}_complete_mastery"), ratio(mastered, num_problems)));
        metrics.push(Metric::new(format!("{name}_rote_memorisation"), ratio(memorised, memorised + mastered)));
    }
    metrics
}

// === impl Mastery ===

impl Mastery {
    fn add(&mut self, scored: &Scored<'_>) {
        let is_right = scored.score.is_correct();
        if scored.item.part.as_deref() == Some(WHOLE) {
            self.is_whole_right = Some(is_right);
        } else {
            self.num_steps += 1;
            self.num_right_steps += u32::from(is_right);
        }
    }

    /// Whether all steps, some step and the whole are right.
    fn outcome(&self) -> Option<(bool, bool, bool)> {
        let is_whole_right = self.is_whole_right.filter(|_| self.num_steps > 0)?;
        Some((self.num_right_steps == self.num_steps, self.num_right_steps > 0, is_whole_right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_outcomes_and_both_scores_follow_the_formulas() {
        // (steps, whole): mastered; memorised in part; memorised outright; not generalised; not known.
        let problems: [(&[bool], bool); 5] = [
            (&[true, true], true),
            (&[true, false], true),
            (&[false, false], true),
            (&[true, true], false),
            (&[false, true, true], false),
        ];
        let (mut items, mut scores) = (Vec::new(), Vec::new());
        for (index, (steps, whole)) in problems.iter().enumerate() {
            for (part, is_right) in steps
                .iter()
                .enumerate()
                .map(|(step, right)| (step.to_string(), *right))
                .chain([(WHOLE.to_owned(), *whole)])
            {
                let problem = Some(index.to_string());
                items.push(Item { id: format!("{index}-{part}"), problem, part: Some(part), ..Item::default() });
                scores.push(ItemScore::of(is_right, "A", ""));
            }
        }
        let scored: Vec<Scored<'_>> = items.iter().zip(&scores).map(|(item, score)| Scored { item, score }).collect();
        let metrics = metrics(&scored);
        let value = |name: &str| metrics.iter().find(|metric| metric.name == name).unwrap().value;
        assert_eq!((value("insufficient_knowledge"), value("inadequate_generalisation")), (0.2, 0.2));
        // Strictly: CM 1, RM 2, so (5 - 0.5 - 2 - 1)/5; loosely: CM 2, RM 1.
        assert_eq!((value("strict_score"), value("strict_complete_mastery")), (0.3, 0.2));
        assert_eq!((value("loose_score"), value("loose_complete_mastery")), (0.5, 0.4));
        assert_eq!((value("strict_rote_memorisation"), value("loose_rote_memorisation")), (2.0 / 3.0, 1.0 / 3.0));
    }

    #[test]
    fn a_letter_is_read_wherever_it_is_marked() {
        let item = Item { answers: vec!["G".to_owned()], ..Item::default() };
        let Assessment::Done(score) = assess(&item, "<think>A?</think><answer>G</answer>") else {
            panic!("it is a letter")
        };
        assert!(score.is_correct());
        assert!(matches!(assess(&item, "it is hard to say"), Assessment::NeedsJudge(_)));
    }
}
