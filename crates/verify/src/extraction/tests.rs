//! Whole texts and what is found in them.

use proptest::prelude::*;

use super::*;

/// Returns the candidates as `how: text`, with `%` behind a percentage.
fn found(text: &str, settings: &ExtractionSettings) -> Vec<String> {
    let describe = |candidate: &Candidate<'_>| {
        let percent = if candidate.is_percent { "%" } else { "" };
        format!("{}: {}{percent}", candidate.found.name(), candidate.text)
    };
    candidates(text, settings).iter().map(describe).collect()
}

fn check_first(settings: &ExtractionSettings, table: &[(&str, Option<&str>)]) {
    for (text, expected) in table {
        assert_eq!(found(text, settings).first().map(String::as_str), *expected, "{text}");
    }
}

#[test]
fn plain_numbers_and_expressions_are_found_as_math_verify_finds_them() {
    check_first(
        &ExtractionSettings::math_verify(),
        &[
            ("$1,000.99", Some("expression: 1000.99")),
            ("the number is not 10 which is 1,000.99€", Some("expression: 1000.99")),
            ("1 234 apples", Some("expression: 1234")),
            ("-1 234,5", Some("expression: -1234")),
            ("0,111", Some("expression: 0.111")),
            (".5", Some("expression: 0.5")),
            ("100m2", Some("expression: 100")),
            ("AZYUK2A", None),
            ("28 percent", Some("expression: 28%")),
            ("it is 3/4 + 1.", Some("expression: 3/4 + 1")),
            ("so 35 + 70 = 105", Some("expression: 105")),
            ("Answer: 12 = x, then 7", Some("answer_colon: 1")),
            ("Answer: x = 3, y = 4", Some("answer_colon: 4")),
            ("the answer, I think, is 4, or 5", Some("answer_word: 4")),
            ("final answer is 12. I hope it is correct. Not 13.", Some("final_answer_hope: 12")),
            ("The final answer to all of this is 12, not 13", Some("final_answer_is: 12")),
        ],
    );
}

#[test]
fn environments_are_found_as_math_verify_finds_them() {
    check_first(
        &ExtractionSettings::math_verify(),
        &[
            (r"Answer \[ 9 \]", Some("answer_word: 9")),
            ("Answer \\[\n9\n\\]", Some("answer_word: 9")),
            ("Answer \\(\nx\n\\)", None),
            ("$x$ and $$y$$", Some("environment: x, y")),
            ("$x$ then $y$", Some("environment: y")),
            ("it costs 5$ or 6$", Some("expression: 6")),
            (r"$20 \$ 1$", Some(r"environment: 20 \$ 1")),
            (r"so -\frac{10}{9}", Some(r"environment: -\frac{10}{9}")),
            ("$28$ %", Some("environment: 28%")),
            ("$28$ percent or $29$", Some(r"environment: 28\%, 29")),
            (" [ 90 ] ", Some("environment: 90")),
            ("$$$", None),
        ],
    );
}

#[test]
fn boxes_are_found_and_joined_as_math_verify_does() {
    check_first(
        &ExtractionSettings { boxed_priority: 0, ..ExtractionSettings::math_verify() },
        &[
            (r"$\boxed{\frac{1}{3}}$", Some(r"boxed: \frac{1}{3}")),
            (r"\boxed{1} no no no no no \boxed{2}", Some("boxed: 2")),
            (r"\boxed{1} for this one and then \boxed{2}", Some("boxed: 1, 2")),
            (r"\boxed{1}, \boxed{1}", Some("boxed: 1")),
            (r"\(\boxed{1}\) and \(\boxed{-2}\).", Some("boxed: 1, -2")),
            (r"$\boxed{28 percent}", Some("boxed: 28 percent")),
            (r"\boxed{\boxed{7}}", Some("boxed: 7")),
            (r"$\boxed{28}$ pct", Some("boxed: 28%")),
            (r"$\fbox{3}$", Some("environment: 3")),
            (r"$\boxed 5$", Some("environment: 5")),
            (r"\boxed{42", None),
            ("final answer is $4$. I hope", Some("final_answer_hope: 4")),
        ],
    );
}

#[test]
fn listed_words_are_found_as_math_verify_finds_them() {
    let words = ["A", "B", "C", "D"].map(str::to_owned).to_vec();
    let targets = Targets { latex: false, expression: false, letters: false, words };
    check_first(
        &ExtractionSettings { targets, ..ExtractionSettings::math_verify() },
        &[
            ("The answer is A.", Some("answer_word: A")),
            ("Final answer is B", Some("final_answer_is: B")),
            ("A. Because B is not valid", Some("start_of_text: A")),
            ("Because B is valid", Some("word: B")),
            ("the answer is\n(C) Cecile", None),
            ("the answer: **D**", Some("answer_colon: D")),
            ("E", None),
        ],
    );
}

#[test]
fn candidates_of_lower_levels_follow_and_none_comes_twice() {
    let text = r"First 3, then $x$. Answer: 5. So \boxed{7}.";
    let expected = ["boxed: 7", "answer_colon: 5", "answer_word: x", "environment: x", "expression: 3"];
    let settings = ExtractionSettings::math_verify();
    let names = found(text, &settings);
    assert_eq!(names.first().map(String::as_str), Some(expected[0]));
    assert!(names.contains(&expected[1].to_owned()) && names.contains(&expected[4].to_owned()), "{names:?}");
    assert!(candidates(&"7 ".repeat(10_000), &settings).iter().count() <= MAX_CANDIDATES);
}

#[test]
fn the_span_of_a_candidate_is_where_it_is_written() {
    let text = "é <answer>\\(\\boxed{1}\\) and $2$</answer>";
    let settings = ExtractionSettings { answer_element: AnswerElement::Last, ..ExtractionSettings::math_verify() };
    for candidate in &candidates(text, &settings) {
        for span in &candidate.spans {
            assert!(candidate.text.contains(&text[span.clone()]), "{candidate:?}");
        }
    }
}

/// Texts of the pieces that matter to the extraction.
fn soup() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "$",
        "$$",
        r"\(",
        r"\)",
        r"\[",
        r"\]",
        "[",
        "]",
        " ",
        "\n",
        r"\boxed{",
        "}",
        "{",
        r"\fbox",
        "answer",
        "final answer is",
        ":",
        "is",
        "I hope",
        ".",
        "1",
        "2,345",
        "-",
        "+",
        "=",
        "**",
        "%",
        "percent",
        r"\frac{1}{2}",
        "é",
        "−",
        "x",
        "and",
        ",",
        "<answer>",
        "</answer>",
        "</think>",
        "B",
        "(",
        ")",
        "\\",
        "答案",
        "。",
        "²",
        "e5",
        "#### ",
    ]);
    prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat())
}

fn every_settings() -> Vec<ExtractionSettings> {
    let words = ["A", "B", "yes"].map(str::to_owned).to_vec();
    let targets = Targets { words, ..ExtractionSettings::reward().targets };
    let with_words = ExtractionSettings { targets: targets.clone(), ..ExtractionSettings::reward() };
    let parity = ExtractionSettings { targets, ..ExtractionSettings::math_verify() };
    vec![with_words, parity, ExtractionSettings::reward(), ExtractionSettings::strict(), ExtractionSettings::bare()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics_and_every_span_is_in_it(text in prop_oneof![soup(), ".{0,200}"]) {
        for settings in every_settings() {
            for candidate in &candidates(&text, &settings) {
                prop_assert!(!candidate.text.is_empty() && candidate.text.len() <= MAX_CANDIDATE_BYTES);
                for span in &candidate.spans {
                    prop_assert!(text.get(span.clone()).is_some(), "{:?} of {:?}", span, text);
                }
            }
        }
    }

    #[test]
    fn the_last_box_is_found_whatever_precedes_it(text in soup()) {
        // Closed boxes far before the last one do not count, and an element or a formula must not swallow it.
        let text = format!("{text}</answer> {} \\boxed{{12345}}", "no ".repeat(30));
        let settings = ExtractionSettings { answer_element: AnswerElement::Ignored, ..ExtractionSettings::reward() };
        let found = candidates(&text, &settings);
        prop_assert!(found.iter().any(|candidate| candidate.text == "12345"), "{:?}", found);
    }
}
