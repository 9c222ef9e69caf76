//! Golden values of the style rewards. Those of ReVisual-R1 come from a Python script of its published formulas, with its regular expressions, run on these texts.

use super::{revisual, *};

/// A text, and its scores of self-criticism, image revisits and conciseness.
const GOLDEN: [(&str, [f64; 3]); 8] = [
    ("The sum is 5.", [0.0, 0.0, 1.0]),
    ("Short", [0.0, 0.0, 1.0]),
    (
        "The image shows a circle. I made a mistake here. The correct answer is 7. But wait, I am not sure. Let me check again. Perhaps it is 8.",
        [0.69, 0.5, 0.9],
    ),
    (
        "In the image, x is 3. Upon closer inspection, it differs. I see that x is 4. However, the figure also shows y. Wait, the diagram is small.",
        [0.21, 1.0, 1.0],
    ),
    (
        "The area is six. The area is six. The area is six. We go on and on and on we go on and on and on.",
        [0.0, 0.0, 0.55],
    ),
    ("So maybe it is two. But wait, no. So maybe it is two. But actually, it is three.", [0.165, 0.0, 0.6]),
    (
        "<think> 1 / 2 is wrong ... This is incorrect. We should have used 3. That seems wrong. I missed a case. It is wrong. We forgot it. </think>\\boxed{4}",
        [1.0, 0.0, 1.0],
    ),
    ("Maybe it is a cat. But wait, the ears... maybe it is a cat after all.", [0.145, 0.0, 0.8]),
];

#[test]
fn the_scores_of_revisual_are_those_of_its_formulas() {
    for (text, expected) in GOLDEN {
        let text = without_space_at_tags(text);
        let scores = [revisual::self_criticism(&text), revisual::image_revisit(&text), revisual::conciseness(&text)];
        for (score, expected) in scores.iter().zip(expected) {
            assert!((score - expected).abs() < 1e-9, "{text}: {scores:?} is not {expected}");
        }
    }
}

#[test]
fn three_steps_are_as_good_as_more() {
    for (text, expected) in [
        ("Step 1: a\n- b\nFinally, c", 1.0),
        ("1. a\n2. b", 1.0 / 3.0),
        ("First, a. Second, b. Next, c. Finally, d.", 1.0),
        ("first, a", 0.0),
    ] {
        let steps = make_step_words(&mut Parameters::new(&component("{}"))).unwrap();
        assert_eq!(steps.score(&Response::of_text(text)).value, expected, "{text}");
    }
}

fn component(parameters: &str) -> gradus_types::RewardComponent {
    let mut component: serde_json::Value = serde_json::from_str(parameters).unwrap();
    component["name"] = "style".into();
    component["kind"] = "lexicon".into();
    component["weight"] = 1.into();
    serde_json::from_value(component).unwrap()
}

#[test]
fn a_lexicon_adds_the_weights_of_whole_phrases_and_a_share_of_them_for_repeats() {
    let declared = component(r#"{"phrases": {"wait": 0.5, "let me see": 0.25, "c++": 9}, "repeat_share": 0.5}"#);
    let lexicon = make_lexicon(&mut Parameters::new(&declared)).unwrap();
    for (text, expected) in
        [("Wait, let me see.", 0.75), ("wait wait WAIT", 1.0), ("await waiting", 0.0), ("let me  see", 0.0)]
    {
        assert_eq!(lexicon.score(&Response::of_text(text)).value, expected, "{text}");
    }
    for refused in ["{}", r#"{"phrases": {}}"#, r#"{"phrases": {" ": 1}}"#, r#"{"phrases": {"x": "y"}}"#] {
        let declared = component(refused);
        let mut parameters = Parameters::new(&declared);
        assert!(make_lexicon(&mut parameters).is_none(), "{refused}");
        assert!(!parameters.finish().is_empty(), "{refused}");
    }
}

#[test]
fn a_long_text_of_triggers_is_scored_in_bounded_time() {
    let text = "So maybe it is two. But wait, the image shows the diagram. ".repeat(400);
    assert!(revisual::self_criticism(&text) <= 1.0 && revisual::image_revisit(&text) <= 1.0);
    assert!((revisual::conciseness(&text) - 0.0).abs() < 1e-12);
}

#[test]
fn guesses_that_never_return_are_not_looked_for_again_and_again() {
    let text: String = (0..4_000).map(|guess| format!("maybe {guess}. But wait ")).collect();
    assert!((revisual::conciseness(&text) - 0.8).abs() < 1e-12, "{}", revisual::conciseness(&text));
    // One turn and no return.
    assert!((revisual::conciseness("Maybe it is two. But wait, it is three.") - 0.9).abs() < 1e-12);
}

#[test]
fn only_the_end_of_a_long_text_is_looked_through() {
    let steps = make_step_words(&mut Parameters::new(&component("{}"))).unwrap();
    let text = format!("Finally, {}", "x".repeat(70_000));
    assert_eq!(steps.score(&Response::of_text(&text)).value, 0.0);
    assert_eq!(steps.score(&Response::of_text(&format!("{text} Finally, y"))).value, 1.0 / 3.0);
}
