//! Multiple-choice benchmarks of perception and visual logic: LogicVista, MMStar, CV-Bench, BLINK.
//!
//! * LogicVista (Xiao et al.: LogicVista: Multimodal LLM Logical Reasoning Benchmark in Visual Contexts, 2024, its `evaluate.py`): the set of
//!   chosen letters must be the reference set.
//! * MMStar (Chen et al.: Are We on the Right Way for Evaluating Large Vision-Language Models?, NeurIPS 2024), as VLMEvalKit scores it: the
//!   option is inferred, the mean over all items is reported and the mean over its six capabilities (group `category`).
//! * CV-Bench (Tong et al.: Cambrian-1, NeurIPS 2024, its `cv_bench_eval.py`): the letter at the start of the answer; the score is the mean of
//!   the 2D part, itself the mean of ADE20K and COCO, and the 3D part, Omni3D (group `source`).
//! * BLINK (Fu et al.: BLINK: Multimodal Large Language Models Can See but Not Perceive, ECCV 2024): the same letter rule, and the mean over
//!   its 14 tasks (group `task`).

use super::{
    Item, ItemScore, Metric, Scored, answer_text,
    choice::Options,
    judge::{Assessment, Question},
    report::{mean, rates_by},
};

/// The options of an item that lists none.
const NUM_OPTIONS: usize = 4;

/// The options of a LogicVista item that lists none.
const NUM_LOGIC_OPTIONS: usize = 10;

/// Scores the option that a response is inferred to choose, or asks a judge for it.
pub fn assess_inferred(item: &Item, response: &str) -> Assessment {
    let options = Options::of(item, NUM_OPTIONS);
    match options.infer(answer_text::marked_or_rest(response)) {
        Some(letter) => Assessment::Done(score_letter(item, options, letter)),
        None => Assessment::NeedsJudge(Question::extract(item, response)),
    }
}

/// Scores the option that what was extracted chooses.
pub fn score_inferred(item: &Item, answer: &str) -> ItemScore {
    let options = Options::of(item, NUM_OPTIONS);
    let letter = options.infer(answer).or_else(|| options.by_text(answer));
    letter.map_or_else(|| ItemScore::unknown("it chooses no option"), |letter| score_letter(item, options, letter))
}

/// Scores the letter that the answer starts with.
pub fn assess_leading(item: &Item, response: &str) -> Assessment {
    Assessment::Done(score_leading(item, answer_text::marked_or_rest(response)))
}

/// Scores the letter that what was extracted starts with.
pub fn score_leading(item: &Item, answer: &str) -> ItemScore {
    let options = Options::of(item, NUM_OPTIONS);
    match options.bare_letter(answer).or_else(|| options.leading_letter(answer)) {
        Some(letter) => score_letter(item, options, letter),
        None => ItemScore::unknown("it starts with no option letter"),
    }
}

/// Scores a set of letters, or asks a judge for it.
pub fn assess_set(item: &Item, response: &str) -> Assessment {
    let answer = answer_text::marked_or_rest(response);
    match Options::of(item, NUM_LOGIC_OPTIONS).letter_set(answer) {
        Some(_) => Assessment::Done(score_set(item, answer)),
        None => Assessment::NeedsJudge(Question::extract(item, response)),
    }
}

/// Scores the set of letters that was extracted.
pub fn score_set(item: &Item, answer: &str) -> ItemScore {
    let options = Options::of(item, NUM_LOGIC_OPTIONS);
    match options.letter_set(answer) {
        Some(letters) => {
            let text: String = letters.iter().collect();
            ItemScore::of(options.letter_set(item.answer()) == Some(letters), &text, "compared as sets of options")
        }
        None => ItemScore::unknown("it is no set of option letters"),
    }
}

/// The mean over MMStar's capabilities.
pub fn mmstar_metrics(scored: &[Scored<'_>]) -> Vec<Metric> {
    vec![Metric::new("mean_over_categories", mean_over(scored, "category"))]
}

/// The mean over BLINK's tasks.
pub fn blink_metrics(scored: &[Scored<'_>]) -> Vec<Metric> {
    vec![Metric::new("mean_over_tasks", mean_over(scored, "task"))]
}

/// The 2D part, the 3D part and their mean, each where all of its sources are there.
pub fn cv_bench_metrics(scored: &[Scored<'_>]) -> Vec<Metric> {
    let sources = rates_by(scored, "source");
    let rate = |name: &str| sources.iter().find(|(source, _)| source.eq_ignore_ascii_case(name)).map(|(_, rate)| *rate);
    let flat = rate("ADE20K").zip(rate("COCO")).map(|(one, other)| f64::midpoint(one, other));
    let spatial = rate("Omni3D");
    let whole = flat.zip(spatial).map(|(flat, spatial)| f64::midpoint(flat, spatial));
    let figures = [("score_2d", flat), ("score_3d", spatial), ("score", whole)];
    figures.into_iter().filter_map(|(name, value)| Some(Metric::new(name, value?))).collect()
}

fn mean_over(scored: &[Scored<'_>], field: &str) -> f64 {
    mean(rates_by(scored, field).into_iter().map(|(_, rate)| rate))
}

fn score_letter(item: &Item, options: Options<'_>, letter: char) -> ItemScore {
    match options.gold(item) {
        Some(gold) => ItemScore::of(letter == gold, &letter.to_string(), "compared as options"),
        None => ItemScore::unknown("the reference is no option"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(answer: &str) -> Item {
        Item { answers: vec![answer.to_owned()], ..Item::default() }
    }

    fn known(assessment: Assessment) -> Option<bool> {
        match assessment {
            Assessment::Done(score) if score.is_known => Some(score.is_correct()),
            _ => None,
        }
    }

    #[test]
    fn logic_vista_takes_exactly_the_reference_set() {
        let gold = item("A, C");
        for (response, expected) in [
            ("<answer>C, A</answer>", Some(true)),
            ("<answer>a and c</answer>", Some(true)),
            ("<answer>A</answer>", Some(false)),
            ("<answer>A, B, C</answer>", Some(false)),
            ("neither of them", None),
        ] {
            assert_eq!(known(assess_set(&gold, response)), expected, "{response}");
        }
    }

    #[test]
    fn the_letter_at_the_start_counts_in_cv_bench_and_any_clear_one_in_mmstar() {
        for (response, leading, inferred) in [
            ("(B) chair", Some(true), Some(true)),
            ("B", Some(true), Some(true)),
            ("It must be B", None, Some(true)),
            ("(C)", Some(false), Some(false)),
            ("Because", None, None),
        ] {
            assert_eq!(known(assess_leading(&item("(B)"), response)), leading, "{response}");
            assert_eq!(known(assess_inferred(&item("B"), response)), inferred, "{response}");
        }
    }

    #[test]
    fn cv_bench_weighs_its_parts_equally_whatever_their_size() {
        let plan = [
            ("ADE20K", true),
            ("ADE20K", false),
            ("COCO", true),
            ("Omni3D", false),
            ("Omni3D", false),
            ("Omni3D", true),
        ];
        let items: Vec<Item> = plan
            .iter()
            .enumerate()
            .map(|(index, (source, _))| Item {
                id: index.to_string(),
                groups: [("source".to_owned(), (*source).to_owned())].into(),
                ..Item::default()
            })
            .collect();
        let scores: Vec<ItemScore> = plan.iter().map(|(_, is_right)| ItemScore::of(*is_right, "A", "")).collect();
        let scored: Vec<Scored<'_>> = items.iter().zip(&scores).map(|(item, score)| Scored { item, score }).collect();
        let metrics = cv_bench_metrics(&scored);
        assert_eq!((metrics[0].value, metrics[1].value), (0.75, 1.0 / 3.0));
        assert!((metrics[2].value - 13.0 / 24.0).abs() < 1e-15);
        // Without COCO there is no 2D part, and so no whole.
        let rest: Vec<Scored<'_>> = scored.into_iter().filter(|one| one.item.groups["source"] != "COCO").collect();
        let names: Vec<String> = cv_bench_metrics(&rest).into_iter().map(|metric| metric.name).collect();
        assert_eq!(names, ["score_3d"]);
    }
}
