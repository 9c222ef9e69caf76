//! The literal format rewards against the regular expressions they were published as.

use proptest::prelude::*;
use regex::Regex;

use super::*;

fn check(literal: Literal, cases: &[(&str, f64)]) {
    for (text, expected) in cases {
        assert_eq!(literal.value(text), *expected, "{literal:?} of {text:?}");
    }
}

#[test]
fn r1_v_takes_repeated_tags_and_no_text_around() {
    let cases = [
        ("<think>a</think>\n<answer>b</answer>", 1.0),
        ("<think></think><answer></answer>", 1.0),
        ("<think>a</think><answer>b</answer><answer>c</answer>", 1.0),
        ("<think>a</think> so <answer>b</answer>", 0.0),
        (" <think>a</think><answer>b</answer>", 0.0),
        ("<think>a</think><answer>b</answer>\n", 0.0),
    ];
    check(Literal::R1V, &cases);
}

#[test]
fn each_tag_with_its_line_break_is_a_quarter() {
    let cases = [
        ("<think>\na\n</think>\n<answer>\nb\n</answer>", 1.0),
        ("<think>\na\n</think>\n<answer>b</answer>", 0.5),
        ("<think>\n<think>\na\n</think>\n<answer>\nb\n</answer>", 0.75),
        ("", 0.0),
    ];
    check(Literal::TagCount, &cases);
}

#[test]
fn nemo_rl_pays_a_quarter_for_the_thought_and_three_for_the_answer() {
    let cases =
        [("<think>a</think>", 0.25), ("x<answer>a</answer>y", 0.75), ("<answer>b</answer><think>a</think>", 1.0)];
    check(Literal::NemoRl, &cases);
    check(Literal::NemoRl, &[("<think></think><answer></answer>", 0.0)]);
}

#[test]
fn the_strict_shape_of_lmm_r1_takes_nothing_between_and_one_of_each_opening_tag() {
    let cases = [
        ("<think>a</think><answer>b</answer>", 1.0),
        ("<think>a</think> <answer>b</answer>", 0.0),
        ("<think>a</think><answer>b</answer>\n", 0.0),
        ("<think>a<think>b</think><answer>c</answer>", 0.0),
        // Its expression does not mind a closing tag of the other element.
        ("<think>a</think><answer>b</think></answer>", 1.0),
        ("<think>a</answer></think><answer>b</answer>", 1.0),
    ];
    check(Literal::LmmR1, &cases);
}

#[test]
fn the_zero_models_of_mm_eureka_must_think_for_300_characters() {
    let response = |length: usize| format!("x<think>{}</think>\n<answer>b</answer>", "é".repeat(length));
    check(
        Literal::MmEurekaZero,
        &[(&response(300), 1.0), (&response(299), 0.0), (&format!("{}\n", response(300)), 1.0)],
    );
    check(Literal::MmEurekaZero, &[(&format!("{} ", response(300)), 0.0), ("<think></think><answer>b</answer>", 0.0)]);
}

#[test]
fn easy_r1_and_revisual_look_past_white_space_at_tags() {
    assert_eq!(without_space_at_tags(" a < think > 1 / 2 \n</think> b "), " a<think>1/2</think>b ");
    check(Literal::EasyR1Boxed, &[("< think >a</ think> \\boxed{1}", 1.0), (" x<think>a</think>\\boxed{1}", 0.0)]);
    check(Literal::EasyR1Answer, &[("  <think>a</think> <answer>b</answer> \n", 1.0)]);
    let revisual = [
        ("<think>a</think>\\boxed{1}", 1.0),
        ("<think>a</think> <answer>b</answer>", 1.0),
        ("<think>a</think> answer: 4", 1.0),
        ("<think>a</think> solution = 4", 1.0),
        ("<think>a</think> answer 4", 0.0),
        ("<think>a</think> Thus, x = 4", 1.0),
        ("<think>a</think> Thus,x = 4", 0.0),
        ("<think>a</think> 4", 0.0),
    ];
    check(Literal::Revisual, &revisual);
}

#[test]
fn a_referring_answer_holds_an_object_with_four_whole_numbers() {
    let cases = [
        (r#"<think>a</think><answer>{"bbox": [1, 2,3, 4]}</answer>"#, 1.0),
        (r#"<think>a</think><answer>{"bbox": [1, 2, 3]}</answer>"#, 0.0),
        (r#"<think>a</think><answer>{"bbox": [1.5, 2, 3, 4]}</answer>"#, 0.0),
        ("<think>a</think><answer>[1, 2, 3, 4]</answer>", 0.0),
    ];
    check(Literal::VlmR1Box, &cases);
}

/// The published expressions that need no look-ahead, in the dialect of the crate.
const PUBLISHED: [(Literal, &str); 4] = [
    (Literal::R1V, r"(?s)\A<think>.*?</think>\s*<answer>.*?</answer>\z"),
    (Literal::OpenR1, r"(?s)\A<think>\n.*?\n</think>\n<answer>\n.*?\n</answer>(?m:$)"),
    (Literal::Geometry3k, r"(?s)\A<think>.*</think>.*\\boxed\{.*\}.*\z"),
    (
        Literal::VlmR1Box,
        r"(?s)<think>.*?</think>\s*<answer>.*?\{.*\[[0-9]+,\s*[0-9]+,\s*[0-9]+,\s*[0-9]+\].*\}.*?</answer>",
    ),
];

/// What responses are made of; the four tags twice, for they matter most.
const PARTS: [&str; 16] = [
    "<think>",
    "</think>",
    "<answer>",
    "</answer>",
    "<think>",
    "</think>",
    "<answer>",
    "</answer>",
    "\n",
    " ",
    "é",
    "\\boxed{",
    "}",
    "{[1,2, 3,4]}",
    "<think>\n",
    "\n</think>\n<answer>\n",
];

fn response() -> impl Strategy<Value = String> {
    proptest::collection::vec(0..PARTS.len(), 0..10)
        .prop_map(|parts| parts.into_iter().map(|part| PARTS[part]).collect())
}

proptest! {
    #[test]
    fn the_automata_decide_as_the_published_expressions(text in response()) {
        for (literal, published) in PUBLISHED {
            let expected = Regex::new(published).unwrap().is_match(&text);
            prop_assert_eq!(literal.value(&text) == 1.0, expected, "{:?} of {:?}", literal, text);
        }
    }

    #[test]
    fn white_space_at_tags_goes_as_the_published_substitution_has_it(text in "[ a\n<>/]{0,12}") {
        let expected = Regex::new(r"\s*(<|>|/)\s*").unwrap().replace_all(&text, "$1").into_owned();
        prop_assert_eq!(without_space_at_tags(&text), expected);
    }
}
