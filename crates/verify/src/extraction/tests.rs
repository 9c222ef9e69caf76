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

/// Checks what is found first of the kinds that a reference answer of some kind is compared with.
fn check_kinds(kinds: &[Kind], table: &[(&str, Option<&str>)]) {
    let settings = ExtractionSettings::reward();
    for (text, expected) in table {
        let candidates = candidates(text, &settings);
        let first = candidates.iter().find(|candidate| kinds.contains(&candidate.kind));
        assert_eq!(first.map(|candidate| candidate.text.as_ref()), *expected, "{text}: {candidates:?}");
    }
}

#[test]
fn rewards_find_mathematics_in_more_places() {
    check_kinds(
        &[Kind::Latex, Kind::Expression, Kind::Text],
        &[
            ("<answer>42</answer>", Some("42")),
            ("<answer>1e6</answer>", Some("1e6")),
            ("3 <answer>The angle is $45$ degrees</answer> 4", Some("45")),
            ("<answer>-5.5</answer>", Some("-5.5")),
            ("<answer>3x + 2</answer>", Some("3x + 2")),
            (r"<think>\boxed{1}, no</think> \boxed{2}", Some("2")),
            ("The angle is [90].", Some("90")),
            ("First try [30], second try [45].", Some("45")),
            ("**Answer: 59/2**", Some("59/2")),
            ("**Answer:** 59/2", Some("59/2")),
            ("### Final Answer\n\n**42**", Some("42")),
            ("The answer is (3, 4).", Some("(3, 4)")),
            ("The answer is 90 degrees.", Some("90 degrees")),
            ("Answer: x = 2 or x = 3", Some("x = 2 or x = 3")),
            ("The answer is approximately 5.", Some("5")),
            ("计划的比例为13/28", Some("13/28")),
            ("答案：每份应该是 (\\frac{2}{5}) 吨。", Some("\\frac{2}{5}")),
            ("la réponse est (35 + 70 = 105).", Some("35 + 70 = 105")),
            ("La respuesta es 12,5", Some("12.5")),
            ("[45]", Some("45")),
            ("Final Answer: The volume of $ABCD$ is 120. I hope it is correct.", Some("120")),
            (r"Half is \boxed{255}. Final Answer: The final answer is $10,455$.", Some("10,455")),
            (r"The final answer is 3 parts of 4. So \boxed{12}", Some("12")),
            ("28 percent", Some("28")),
            ("The answer is 5 where $x = 3$.", Some("5")),
            ("The answer is 42. To check: 6*7 = 40 + 2.", Some("42")),
            ("It is Exponential(5), so $x$.", Some("x")),
            ("This gives us what we want (the area is 5)", Some("5")),
            ("Some steps.\n#### 42", Some("42")),
            ("#### Step 3: add\nso 12", Some("12")),
            ("x = 3", Some("x = 3")),
            ("3+2", Some("3+2")),
            (r"\boxed{42", None),
        ],
    );
}

#[test]
fn rewards_find_option_letters_in_every_form() {
    check_kinds(
        &[Kind::Word],
        &[
            ("The answer is (B).", Some("B")),
            ("The answer is **B**", Some("B")),
            ("B) the second one", Some("B")),
            ("B. Because A is wrong", Some("B")),
            ("(c)", Some("c")),
            (r"so \boxed{B}", Some("B")),
            (r"so \boxed{\text{(b)}}", Some("b")),
            (r"so \(\text{D}\)", Some("D")),
            ("Alina and the answer is\n(C) Cecile", Some("C")),
            ("B。不是 A", Some("B")),
            ("La bonne réponse est C", Some("C")),
            ("答案是B", Some("B")),
            ("答案：B", Some("B")),
            ("The correct option is C, so the answer is option C.", Some("C")),
            ("<answer>C</answer>", Some("C")),
            ("<answer>Final Answer: B</answer>", Some("B")),
            ("Because B is valid", Some("B")),
            (r"\boxed{A", None),
            ("A dog is there", None),
            ("I think x = B + 2", None),
        ],
    );
}

#[test]
fn rewards_keep_words_for_answers_in_words() {
    check_kinds(
        &[Kind::Prose],
        &[
            ("<answer>left of the table</answer>", Some("left of the table")),
            ("The answer is: a red ball.", Some("a red ball")),
            ("yes", Some("yes")),
            ("Some thoughts.\n\nA red ball.\n", Some("A red ball")),
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
    assert_eq!(candidates(&"x7 8 ".repeat(10_000), &settings).iter().count(), 1);
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

#[test]
fn an_element_counts_behind_the_thought_and_at_the_beginning_of_a_long_text() {
    let long = "hm, ".repeat(20_000);
    let first = |text: &str, settings: &ExtractionSettings| {
        candidates(text, settings).first().map(|candidate| candidate.text.to_string())
    };
    let required = ExtractionSettings { is_element_required: true, ..ExtractionSettings::reward() };
    let closed = ExtractionSettings { is_closed_think_required: true, ..required.clone() };
    for (text, found, found_behind_thought) in [
        (format!("<answer>5</answer>{long}"), Some("5"), None),
        (format!("<answer>5</answer>{long}</think>"), None, None),
        (format!("<answer>5</answer>{long}</think><answer>6</answer>"), Some("6"), Some("6")),
        (format!("<answer>4</answer></think><answer>5</answer>{long}"), Some("5"), None),
        ("<answer>5</answer>".to_owned(), Some("5"), None),
        (r"</think>\boxed{5}".to_owned(), None, None),
    ] {
        let end = text.get(text.len().saturating_sub(40)..);
        assert_eq!(first(&text, &required).as_deref(), found, "{end:?}");
        assert_eq!(first(&text, &closed).as_deref(), found_behind_thought, "{end:?}");
    }
}

#[test]
fn what_is_too_long_to_be_read_is_found_all_the_same_and_eight_places_are_tried() {
    let settings = ExtractionSettings::reward();
    let long = format!(r"\boxed{{{}}}", "1+".repeat(4_000));
    let found = candidates(&long, &settings);
    assert!(found.first().is_some_and(|candidate| candidate.text.len() == 8_000));
    let many: String = (0..100).map(|number| format!("the answer is {number}.\n")).collect();
    assert_eq!(candidates(&many, &settings).iter().count(), MAX_CANDIDATES);
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

/// Texts that would take a search that looks at any part of them twice very long.
fn adversaries() -> Vec<String> {
    let repeated = [
        "1 ",
        "1 1+",
        r"\(",
        "$",
        "$$",
        "[ ",
        r"\boxed{",
        "answer",
        "answer: ",
        "final answer is ",
        "1+1 = ",
        "é",
        "**",
        r"\boxed{1} ",
        "A ",
        "(",
        "-",
        "1,234,",
        "####",
        " is",
        r"\(\boxed{",
        "answer is\n",
        "答案",
    ];
    let nested = format!("{}1{}", r"\boxed{".repeat(4_000), "}".repeat(4_000));
    let spaced = format!("answer{}= 1+1{}=", " ".repeat(30_000), " ".repeat(30_000));
    repeated.iter().map(|piece| piece.repeat(65_536 / piece.len())).chain([nested, spaced]).collect()
}

#[test]
fn adversaries_are_searched_without_looking_twice() {
    // A search that is quadratic in one of them takes minutes here.
    for text in adversaries() {
        for settings in every_settings() {
            let candidates = candidates(&text, &settings);
            assert!(candidates.iter().count() <= MAX_CANDIDATES);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics_and_every_span_is_in_it(text in prop_oneof![soup(), ".{0,200}"]) {
        for settings in every_settings() {
            for candidate in &candidates(&text, &settings) {
                prop_assert!(!candidate.text.is_empty());
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
