//! The rewards of six systems, as the guide writes them. Expected totals are worked out by hand from the published formulas; those of ReVisual-R1's text scores come
//! from a Python script of its formulas.

use std::collections::BTreeMap;

use gradus_types::FinishReason;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Stage {
    reward: Section,
}

#[derive(Deserialize)]
struct Section {
    components: Vec<RewardComponent>,
}

/// Reads the blocks of the guide by the headings above them.
fn published() -> BTreeMap<&'static str, Vec<RewardComponent>> {
    let guide = include_str!("../../../../docs/published-rewards.md");
    let sections = guide.split("\n## ").skip(1);
    let read = |section: &'static str| {
        let (heading, body) = section.split_once('\n').unwrap();
        let block = body.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let stage: Stage = toml::from_str(block).unwrap_or_else(|error| panic!("{heading}: {error}"));
        (heading, stage.reward.components)
    };
    sections.map(read).collect()
}

/// Scores a response of 700 tokens after a prefill.
fn total(system: &str, (gold, options): (&str, &[&str]), (prefill, text): (&str, &str)) -> f64 {
    let components = published().remove(system).unwrap();
    let options = options.iter().map(|option| (*option).to_owned()).collect();
    let spec = RewardSpec { gold: Some(gold.to_owned()), options, components, ..Default::default() };
    let plan = RewardPlan::compile(&spec).unwrap_or_else(|error| panic!("{system}: {error}"));
    plan.score(&Response::new(prefill, text, 700, FinishReason::Stop)).total
}

fn check(system: &str, gold: &str, cases: &[(&str, f64)]) {
    for (text, expected) in cases {
        let total = total(system, (gold, &[]), ("", text));
        assert!((total - expected).abs() < 1e-9, "{system} pays {total}, not {expected}, for {text:?}");
    }
}

#[test]
fn every_published_reward_passes_the_check_of_a_run_file() {
    let published = published();
    assert_eq!(published.len(), 10);
    for (system, components) in published {
        assert_eq!(RewardPlan::check(&components), Ok(()), "{system}");
    }
}

#[test]
fn revisual_pays_its_answers_and_its_words() {
    let plain = r"<think>The sum is 5.</think>\boxed{5}";
    // Its scores are 0.4, 0.4 and 1.
    let wordy = r"<think>I made a mistake here. The correct answer is 5. Perhaps I should look. As shown in the image, it is 5.</think>\boxed{5}";
    let tagged = "<think>The sum is 5.</think><answer>5</answer>";
    check("ReVisual-R1, multimodal stage", "5", &[(plain, 0.85), (wordy, 0.80 + 0.05 * 1.8), (tagged, 0.05)]);
    check("ReVisual-R1, text stage", "5", &[(plain, 0.95), (tagged, 0.10)]);
}

#[test]
fn lmm_r1_adds_half_for_the_strict_shape() {
    let cases = [
        ("<think>a</think><answer>$5$</answer>", 1.5),
        ("<think>a</think> <answer>$5$</answer>", 1.0),
        ("<think>a</think><answer>$6$</answer>", 0.5),
    ];
    check("LMM-R1", "5", &cases);
}

#[test]
fn lmm_r1_pays_the_best_of_a_sokoban_plan_and_nothing_without_form() {
    let cases = [
        // Two steps, a box on its target, the end; two moves; three words.
        ("<think>push it right</think><answer>Right, Right</answer>", 10.8 + 0.5 + 0.1 + 0.003),
        ("<think>push it right</think><answer>Left</answer>", 0.0 + 0.5 + 0.05 + 0.003),
        ("<think>push it right</think><answer>Right, Jump</answer>", 0.0),
        ("<answer>Right, Right</answer>", 0.0),
    ];
    check("LMM-R1, Sokoban", "#@-$.#", &cases);
}

#[test]
fn r1_omni_asks_for_the_very_label() {
    let cases = [
        ("<think>x</think>\n<answer> happy </answer>", 2.0),
        ("<think>x</think>\n<answer>Happy</answer>", 1.0),
        ("happy", 1.0),
        ("It is happy", 0.0),
    ];
    check("R1-Omni", "happy", &cases);
}

#[test]
fn mm_eureka_takes_mathematics_or_a_letter() {
    let instruct = "MM-EUREKA, instruct models";
    check(
        instruct,
        "A",
        &[("<think>a</think><answer>A</answer>", 1.5), ("<think>a</think> so <answer>x has 7 units</answer>", 0.0)],
    );
    check(instruct, "5", &[("Well. <think>a</think>\n<answer>$5$</answer>", 1.5), ("<answer>$5$</answer>", 1.0)]);
    let long = |length: usize| format!(r"<think>{}</think><answer>\boxed{{5}}</answer>", "x".repeat(length));
    check("MM-EUREKA, models without instruction tuning", "5", &[(&long(300), 2.0), (&long(299), 1.0)]);
}

#[test]
fn vision_r1_pays_answers_in_form_alone() {
    let formed = "<think>a</think> <answer>Final Answer: B</answer>";
    let loose = "It is <answer>B</answer>";
    let wrong = "<think>a</think> <answer>C</answer>";
    let cut = "<think>a</think> <answer>B";
    check("Vision-R1", "B", &[(formed, 1.0), (loose, 0.0), (wrong, 0.0), (cut, 0.0)]);
    check("Vision-R1, Zero", "B", &[(formed, 2.0), (loose, 1.0), (wrong, 1.0), (cut, 0.0)]);
}

#[test]
fn visual_thinker_counts_the_thought_that_the_prompt_began() {
    let system = "VisualThinker-R1-Zero";
    let options = ["left", "right"];
    let formed = ("<think>", "Let me see</think>\n<answer>left</answer>");
    assert_eq!(total(system, ("left", &options), formed), 2.0);
    assert_eq!(total(system, ("left", &options), ("", formed.1)), 1.0);
    assert_eq!(total(system, ("B", &[]), ("<think>", "hm</think><answer>It is (B)</answer>")), 2.0);
    assert_eq!(total(system, ("left", &[]), ("<think>", "hm</think><answer>to the left</answer>")), 1.0);
}
