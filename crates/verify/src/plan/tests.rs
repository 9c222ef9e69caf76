//! Composition: weights, conditions, bounds, derived components, groups.

use gradus_types::FinishReason;
use proptest::prelude::*;

use super::*;

fn compile(json: &str) -> Result<RewardPlan, Error> {
    RewardPlan::compile(&serde_json::from_str(json).unwrap())
}

#[test]
fn the_total_is_the_weighted_sum_and_a_zero_weight_is_only_logged() {
    let plan = compile(
        r#"{"gold": "7", "components": [
            {"name": "accuracy", "kind": "answer", "weight": 0.75},
            {"name": "format", "kind": "format", "template": "think_answer", "weight": 0.25},
            {"name": "logged", "kind": "exact", "weight": 0}]}"#,
    )
    .unwrap();
    let score = plan.score(&Response::of_text("<answer>7</answer>"));
    assert_eq!(score.total, 0.75);
    let values: Vec<f64> = score.components.iter().map(|component| component.value).collect();
    assert_eq!(values, [1.0, 0.0, 1.0]);
}

#[test]
fn a_reference_answer_is_taken_out_of_the_element_that_it_fills() {
    let of =
        |gold: &str| format!(r#"{{"gold": "{gold}", "components": [{{"name": "a", "kind": "exact", "weight": 1}}]}}"#);
    for (gold, expected) in [("<answer> happy </answer>", 1.0), ("happy", 1.0), ("<answer>sad</answer>", 0.0)] {
        let plan = compile(&of(gold)).unwrap();
        assert_eq!(plan.score(&Response::of_text("<answer>happy</answer>")).total, expected, "{gold}");
    }
    for whole in ["<answer>1</answer> or <answer>2</answer>", "x <answer>1</answer>", "<answer>1"] {
        assert_eq!(bare_gold(whole), whole);
    }
}

#[test]
fn a_spec_of_too_many_components_is_refused_with_their_number_and_the_bound() {
    let of = |number: usize| {
        let component = |index| format!(r#"{{"name": "c{index}", "kind": "answer", "weight": 1}}"#);
        let components: Vec<String> = (0..number).map(component).collect();
        compile(&format!(r#"{{"gold": "1", "components": [{}]}}"#, components.join(",")))
    };
    assert!(of(MAX_COMPONENTS).is_ok());
    let error = of(65).unwrap_err().to_string();
    assert_eq!(error, "failed to compile reward spec: it has 65 components, more than 64");
}

#[test]
fn every_fault_of_a_spec_is_reported_with_what_was_meant() {
    let error = compile(
        r#"{"components": [
            {"name": "a", "kind": "anwser", "weight": 1},
            {"name": "b", "kind": "format", "template": "think_anser", "weight": 1},
            {"name": "b", "kind": "format", "templat": "boxed", "weight": 1},
            {"name": "c", "kind": "answer", "weight": 1, "compare": 7}]}"#,
    )
    .unwrap_err();
    let text = error.to_string();
    for expected in [
        "component `a` has unknown kind `anwser`, did you mean `answer`?",
        "component `b` has `template = \"think_anser\"`; expected `think_answer`,",
        "did you mean `think_answer`?",
        "two components are named `b`",
        "component `b` needs parameter `template`: `think_answer`,",
        "component `b` has unknown parameter `templat`, did you mean `template`?",
        "component `c` has `compare = 7`; expected `auto`, `letter`, `number`, `text`",
        "component `c` compares with a reference answer, and the spec has no `gold`",
    ] {
        assert!(text.contains(expected), "`{expected}` is not in `{text}`");
    }
    assert_eq!(error.faults.len(), 7);
}

#[test]
fn components_are_checked_without_a_reference_answer() {
    let letters = r#"{"components": [{"name": "a", "kind": "answer", "compare": "letter", "weight": 1}]}"#;
    let spec: RewardSpec = serde_json::from_str(letters).unwrap();
    assert_eq!(RewardPlan::check(&spec.components), Ok(()));
    let misspelt = RewardComponent { kind: "lenght".to_owned(), ..spec.components[0].clone() };
    assert!(RewardPlan::check(&[misspelt]).unwrap_err().to_string().contains("did you mean `length`?"));
}

#[test]
fn plans_of_the_same_components_share_what_no_record_says() {
    let spec = |gold: &str, weight: u32| {
        let json = format!(
            r#"{{"gold": "{gold}", "components": [{{"name": "answer", "kind": "answer", "weight": 1}},
            {{"name": "words", "kind": "lexicon", "phrases": {{"wait": 1}}, "weight": {weight}}},
            {{"name": "both", "kind": "combine", "of": ["answer", "words"], "weight": 1}}]}}"#
        );
        serde_json::from_str::<RewardSpec>(&json).unwrap()
    };
    let first = RewardPlan::compile(&spec("4", 1)).unwrap();
    let second = first.compile_for(&spec("5", 1), &[]).unwrap();
    let is_shared = |place: usize| Arc::ptr_eq(&first.components[place], &second.components[place]);
    assert_eq!([0, 1, 2].map(is_shared), [false, true, true]);
    let response = Response::of_text(r"wait: \boxed{5}");
    assert_eq!([first.score(&response).total, second.score(&response).total], [2.0, 4.0]);
    let other = first.compile_for(&spec("5", 2), &[]).unwrap();
    assert_eq!(other.score(&response).total, 5.0);
    assert!(first.compile_for(&spec(" ", 1), &[]).is_err());
}

#[test]
fn a_spec_without_components_is_refused() {
    assert_eq!(compile(r#"{"components": []}"#).unwrap_err().faults, [Fault::Empty]);
}

fn total(json: &str, response: &str) -> f64 {
    compile(json).unwrap().score(&Response::of_text(response)).total
}

fn of_tokens(text: &str, num_tokens: u32) -> Response {
    Response::new("", text, num_tokens, FinishReason::Stop)
}

#[test]
fn a_component_counts_only_where_what_it_requires_holds() {
    let spec = r#"{"gold": "7", "components": [
        {"name": "accuracy", "kind": "answer", "weight": 1, "requires": ["format"]},
        {"name": "format", "kind": "format", "template": "think_answer", "weight": 0}]}"#;
    assert_eq!(total(spec, "<think>7</think><answer>7</answer>"), 1.0);
    assert_eq!(total(spec, "<answer>7</answer>"), 0.0);
    let score = compile(spec).unwrap().score(&Response::of_text("<answer>7</answer>"));
    assert_eq!((score.components[0].value, score.components[0].is_counted), (1.0, false));
}

#[test]
fn values_and_sums_of_values_are_capped() {
    let spec = r#"{"gold": "7", "components": [
        {"name": "length", "kind": "length", "weight": 1, "max": 3},
        {"name": "accuracy", "kind": "answer", "weight": 0},
        {"name": "both", "kind": "combine", "of": ["length", "accuracy"], "factors": [1, 2], "max": 4.5, "weight": 2}]}"#;
    assert_eq!(total(spec, "a b c d <answer>7</answer>"), 3.0 + 2.0 * 4.5);
    assert_eq!(total(spec, "<answer>7</answer>"), 1.0 + 2.0 * 3.0);
}

#[test]
fn a_group_is_settled_together_and_a_member_alone_is_refused() {
    let plan = compile(
        r#"{"gold": "7", "components": [
            {"name": "accuracy", "kind": "answer", "weight": 1},
            {"name": "brevity", "kind": "kimi_length", "weight": 0.5}]}"#,
    )
    .unwrap();
    let group =
        [of_tokens("<answer>7</answer>", 10), of_tokens("<answer>7</answer>", 30), of_tokens("<answer>1</answer>", 30)];
    let totals: Vec<f64> = plan.score_group(&group).iter().map(|score| score.total).collect();
    assert_eq!(totals, [1.25, 0.75, -0.25]);
    assert_eq!(plan.group_relative(), Some("brevity"));
    let refusal = plan.score_alone(&group[0]).unwrap_err().to_string();
    assert!(refusal.contains("component `brevity` compares the completions of a group"), "{refusal}");
    assert_eq!(plan.score(&group[0]).total, 1.0);
    assert!(plan.score_group(&[]).is_empty());
}

#[test]
fn values_from_elsewhere_take_part_in_conditions_and_sums() {
    let spec = r#"{"gold": "7", "components": [
        {"name": "judge", "kind": "http", "url": "x", "weight": 2, "max": 1},
        {"name": "accuracy", "kind": "answer", "weight": 1, "requires": ["judge"]}]}"#;
    let spec = serde_json::from_str(spec).unwrap();
    assert!(RewardPlan::compile(&spec).unwrap_err().to_string().contains("unknown kind `http`"));
    assert_eq!(RewardPlan::check_with(&spec.components, &["http"]), Ok(()));
    let plan = RewardPlan::compile_with(&spec, &["http"]).unwrap();
    let mut measures = plan.measure(&Response::of_text("<answer>7</answer>"));
    assert!(plan.settle(vec![measures.clone()])[0].total.is_nan());
    assert!(plan.supply(&mut measures, "judge", 5.0));
    assert!(!plan.supply(&mut measures, "accuracy", 5.0));
    assert_eq!(plan.settle(vec![measures])[0].total, 3.0);
}

#[test]
fn a_name_that_nothing_has_is_a_fault_with_what_was_meant() {
    let error = compile(
        r#"{"gold": "7", "components": [
            {"name": "short", "kind": "cosine_length", "max_length": 9, "of": "acuracy", "weight": 1},
            {"name": "accuracy", "kind": "answer", "weight": 1, "requires": ["shrt", "accuracy"], "min": 2, "max": 1},
            {"name": "late", "kind": "combine", "of": ["later"], "factors": [1, 2], "weight": 1}]}"#,
    )
    .unwrap_err();
    let text = error.to_string();
    for expected in [
        "component `short` has `of` with `acuracy`, which is no earlier component",
        "component `accuracy` has `requires` with `shrt`, which is no other component, did you mean `short`?",
        "component `accuracy` has `requires` with `accuracy`, which is no other component",
        "component `accuracy` has `max = 1`; expected a number from 2 to 1000000000",
        "component `late` needs parameter `factors`: 1 numbers, one for each name in `of`",
    ] {
        assert!(text.contains(expected), "`{expected}` is not in `{text}`");
    }
    assert_eq!(error.faults.len(), 5);
}

proptest! {
    #[test]
    fn without_group_relative_components_each_member_scores_as_it_does_alone(
        texts in proptest::collection::vec("[a-c7 ]{0,6}(<answer>7</answer>)?", 0..6),
    ) {
        let plan = compile(
            r#"{"gold": "7", "components": [
                {"name": "accuracy", "kind": "answer", "weight": 1},
                {"name": "short", "kind": "cosine_length", "max_length": 9, "weight": 1}]}"#,
        ).unwrap();
        let group: Vec<Response> = texts.iter().map(|text| Response::of_text(text)).collect();
        let alone: Vec<Score> = group.iter().map(|response| plan.score_alone(response).unwrap()).collect();
        prop_assert_eq!(plan.score_group(&group), alone);
    }
}
