//! Each kind of answer, by the values it gives. Expected values are worked out by hand from the formulas.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Response, RewardPlan, Verdict};

fn spec(component: &Value, gold: &str, facts: &Value) -> gradus_types::RewardSpec {
    let mut component = component.clone();
    component["name"] = json!("it");
    component["weight"] = json!(1);
    let options = ["red", "blue", "dark green", "a cat"];
    serde_json::from_value(json!({"gold": gold, "options": options, "facts": facts, "components": [component]}))
        .unwrap()
}

fn value(component: &Value, gold: &str, answer: &str) -> f64 {
    value_of_record(component, gold, &json!({}), answer)
}

fn value_of_record(component: &Value, gold: &str, facts: &Value, answer: &str) -> f64 {
    let plan = RewardPlan::compile(&spec(component, gold, facts)).unwrap_or_else(|error| panic!("{error}"));
    plan.score(&Response::of_text(&format!("<think>no</think><answer>{answer}</answer>"))).total
}

fn check(component: &Value, gold: &str, cases: &[(&str, f64)]) {
    for (answer, expected) in cases {
        let value = value(component, gold, answer);
        assert!(
            (value - expected).abs() < 1e-9,
            "{component} of {answer:?} against {gold:?} is {value}, not {expected}"
        );
    }
}

fn refused(component: &Value, gold: &str, facts: &Value, expected: &str) {
    let error = RewardPlan::compile(&spec(component, gold, facts)).unwrap_err().to_string();
    assert!(error.contains(expected), "`{expected}` is not in `{error}`");
}

#[test]
fn an_option_is_its_letter_or_its_text() {
    let right = ["B", "(B)", "b.", "option B", "B: blue", "(B) blue", "Blue", "blue."];
    let wrong = ["A", "B: red", "A or B", "B or C", "not blue", "Because", "bluebird", ""];
    for gold in ["B", "blue"] {
        check(&json!({"kind": "option"}), gold, &right.map(|answer| (answer, 1.0)));
        check(&json!({"kind": "option"}), gold, &wrong.map(|answer| (answer, 0.0)));
    }
    check(&json!({"kind": "option"}), "A", &[("a cat", 0.0), ("A", 1.0), ("A, clearly", 0.0)]);
    refused(&json!({"kind": "option"}), "mauve", &json!({}), "it is neither a letter nor one of the options");
}

#[test]
fn options_are_chosen_as_other_systems_do() {
    let first = json!({"kind": "option", "by": "first_character"});
    check(&first, "B", &[("B) blue", 1.0), ("blue", 1.0), ("A B", 0.0), ("(B)", 0.0)]);
    check(&json!({"kind": "option", "optional": true}), "42", &[("B", 0.0), ("42", 0.0)]);
    check(&json!({"kind": "option", "by": "first_capital"}), "B", &[("is (B)", 1.0), ("It is B", 0.0)]);
    let last = json!({"kind": "option", "by": "last_letter"});
    check(
        &last,
        "B",
        &[("A (B)", 1.0), ("B A", 1.0), ("B  A", 0.0), ("B.", 0.0), ("[A] B", 1.0), ("xB", 0.0), ("I see B", 1.0)],
    );
    let only = json!({"kind": "option", "by": "only_letter"});
    check(&only, "A", &[("x has 7 units", 1.0), ("A", 1.0), ("cat", 0.0), ("x", 0.0)]);
}

#[test]
fn yes_and_no_exclude_each_other() {
    let yes_no = json!({"kind": "yes_no"});
    check(&yes_no, "Yes", &[("yes, it is", 1.0), ("No.", 0.0), ("yes or no", 0.0), ("eyes", 0.0), ("maybe", 0.0)]);
    let truth = json!({"kind": "yes_no", "words": ["true", "false"]});
    check(&truth, "false", &[("That is False!", 1.0), ("true", 0.0), ("not true, false", 0.0)]);
    refused(&yes_no, "perhaps", &json!({}), "it is not exactly one of the two words");
}

#[test]
fn a_label_may_be_a_synonym() {
    let emotion = json!({"kind": "label", "synonyms": "emotion"});
    check(&emotion, "happy", &[("Happiness", 1.0), ("joy.", 1.0), ("sad", 0.0), ("happy and sad", 0.0)]);
    check(&emotion, "anger", &[("Angry", 1.0)]);
    check(&json!({"kind": "label"}), "happy", &[(" HAPPY ", 1.0), ("happiness", 0.0), ("very happy", 0.0)]);
    check(&json!({"kind": "label", "exact": true}), "happy", &[("happy", 1.0), ("Happy", 0.0), ("happy.", 0.0)]);
    let within = json!({"kind": "label", "synonyms": {"cat": ["kitten"], "dog": []}, "within": true});
    check(&within, "cat", &[("a small kitten", 1.0), ("a cat and a dog", 0.0), ("a dog", 0.0), ("a bird", 0.0)]);
    refused(
        &json!({"kind": "label", "synonyms": "emotions"}),
        "x",
        &json!({}),
        "needs parameter `synonyms`: `emotion`,",
    );
}

#[test]
fn sets_of_labels_are_compared_without_order() {
    check(
        &json!({"kind": "labels"}),
        "A, C",
        &[("c, a", 1.0), ("A and C", 1.0), ("[A; C]", 1.0), ("A", 0.0), ("A, B, C", 0.0)],
    );
    check(&json!({"kind": "labels", "by": "jaccard"}), "a,b,c", &[("a,b,d", 0.5), ("a,b,c", 1.0), ("x", 0.0)]);
    check(&json!({"kind": "labels", "by": "f1"}), "a,b,c", &[("a", 0.5), ("a,b,c,d,e,f", 2.0 / 3.0)]);
}

#[test]
fn counts_may_be_words() {
    let right = ["7", "7.0", "seven", "7 objects", "Seven objects", "+7", "007"];
    let wrong = ["8", "7.5", "7 or 8", "seven eight", "three four", "-7", "", "some"];
    check(&json!({"kind": "count"}), "7", &right.map(|answer| (answer, 1.0)));
    check(&json!({"kind": "count"}), "seven", &wrong.map(|answer| (answer, 0.0)));
    check(&json!({"kind": "count"}), "1,200", &[("1200", 1.0), ("twelve", 0.0)]);
    check(&json!({"kind": "count"}), "205", &[("two hundred and five", 1.0), ("Two hundred and five sheep", 1.0)]);
    let hundreds = format!("one {}", "hundred ".repeat(30));
    check(&json!({"kind": "count"}), "5", &[("two three", 0.0), ("two-three", 0.0), (&hundreds, 0.0)]);
    check(&json!({"kind": "number"}), "205", &[("two hundred and five", 1.0), (&hundreds, 0.0)]);
}

#[test]
fn numbers_are_compared_within_their_tolerance() {
    let chart = json!({"kind": "number", "relative": 0.05});
    check(
        &chart,
        "100",
        &[("105", 1.0), ("95.0", 1.0), ("105.1", 0.0), ("$1,00", 0.0), ("about 101 m", 1.0), ("1e2", 1.0)],
    );
    check(
        &json!({"kind": "number", "absolute": 0.001}),
        "0.5",
        &[("1/2", 1.0), ("0.501", 1.0), ("0.502", 0.0), ("half", 0.0)],
    );
    check(&json!({"kind": "number"}), "-7", &[("−7", 1.0), ("−7.0", 1.0), ("7", 0.0)]);
    check(&json!({"kind": "number", "percent": true}), "0.5", &[("50%", 1.0), ("50", 0.0)]);
    check(&json!({"kind": "number", "by": "places", "places": 1}), "2.5", &[("2.54", 1.0), ("2.56", 0.0)]);
    let two_places = json!({"kind": "number", "by": "places", "places": 2});
    // 2.675 is a little less in doubles, and rounds to 2.67 in Python.
    check(&two_places, "2.67", &[("2.675", 1.0), ("2.68", 0.0)]);
    check(&two_places, "1e308", &[("1e308", 1.0), ("5e307", 0.0)]);
    check(&json!({"kind": "number", "by": "shape"}), "2.50", &[("2.5", 1.0), ("2.504", 1.0), ("2", 0.0)]);
    check(&json!({"kind": "number", "by": "shape"}), "2", &[("2", 1.0), ("2.0", 0.0)]);
    check(&json!({"kind": "number", "by": "closeness"}), "-4", &[("-3", 0.75), ("-4", 1.0), ("9", 0.0), ("x", 0.0)]);
    let recorded = json!({"kind": "number", "by": "places"});
    assert_eq!(value_of_record(&recorded, "1.3", &json!({"precision": 1}), "1.33"), 1.0);
    assert_eq!(value_of_record(&recorded, "1.3", &json!({"precision": 2}), "1.33"), 0.0);
    refused(&recorded, "1.3", &json!({}), "component `it` needs `precision` among the facts of the record");
    refused(&chart, "many", &json!({}), "it is not one number");
}

#[test]
fn texts_are_worth_what_they_share() {
    let anls = json!({"kind": "edit_similarity"});
    check(&anls, "Hello World", &[("hello  world", 1.0), ("hello word", 1.0 - 1.0 / 11.0), ("goodbye", 0.0)]);
    let golds = json!({"golds": ["one", "two"]});
    assert_eq!(value_of_record(&anls, "x", &golds, "two"), 1.0);
    refused(
        &anls,
        "x",
        &json!({"golds": []}),
        "needs `golds` among the facts of the record: a list of one text or more",
    );
    check(
        &json!({"kind": "word_accuracy"}),
        "the red cat sat",
        &[("the cat sat", 0.75), ("the red cat sat", 1.0), ("a b c d e f", 0.0)],
    );
    // A long text counts to its end, and what is longer still is not compared.
    let long = "word ".repeat(5_000);
    check(&json!({"kind": "word_accuracy"}), &long, &[(&"word ".repeat(1_000), 0.2), (&long, 1.0)]);
    check(&json!({"kind": "word_accuracy"}), "the red cat", &[(&"x ".repeat(9_000), 0.0)]);
    refused(&json!({"kind": "word_accuracy"}), &"x ".repeat(9_000), &json!({}), "it is longer than what is compared");
    refused(&anls, "x", &json!({"golds": vec!["x"; 33]}), "there are more or longer references");
    let by = |by: &str| json!({"kind": "overlap", "by": by});
    // Four words against three: three in common, two pairs against three with one in common, a common subsequence of three.
    check(&by("rouge_1"), "the red cat sat", &[("the cat sat", 6.0 / 7.0), ("", 0.0)]);
    check(&by("rouge_2"), "the red cat sat", &[("the cat sat", 0.4)]);
    check(&by("rouge_l"), "the red cat sat", &[("the cat sat", 6.0 / 7.0), ("sat cat red the", 0.25)]);
    check(&by("rouge_mean"), "the red cat sat", &[("the cat sat", (6.0 / 7.0 + 0.4 + 6.0 / 7.0) / 3.0)]);
    check(&by("words"), "the red cat", &[("A cat", 2.0 / 3.0), ("red cat!", 1.0)]);
}

#[test]
fn a_box_is_worth_its_overlap() {
    let by = |by: &str| json!({"kind": "box", "by": by, "coordinates": "pixels"});
    let gold = "[0, 0, 10, 10]";
    // Half of each is common: 50/150, and the hull of the shifted box is 150.
    check(
        &by("iou"),
        gold,
        &[("[5, 0, 15, 10]", 1.0 / 3.0), (gold, 1.0), ("[20, 0, 30, 10]", 0.0), ("[5, 5, 1, 9]", 0.0)],
    );
    check(&by("giou"), gold, &[("[5, 0, 15, 10]", 1.0 / 3.0), ("[20, 0, 30, 10]", -1.0 / 3.0), ("none", 0.0)]);
    check(&by("giou_plus_one"), gold, &[("[20, 0, 30, 10]", 2.0 / 3.0), (gold, 2.0)]);
    check(&by("pixel_iou"), gold, &[(gold, 1.0), ("[5, 0, 15, 10]", 1.0 / 3.0), ("[9, 9, 19, 19]", 0.0)]);
    let at_half = json!({"kind": "box", "at_least": 0.5, "coordinates": "pixels"});
    check(&at_half, gold, &[("{\"bbox_2d\": [0, 0, 10, 6]}", 1.0), ("[0, 0, 10, 4]", 0.0), ("0, 0, 10, 5", 1.0)]);
    let scaled = json!({"kind": "box", "coordinates": "thousand", "gold_coordinates": "pixels"});
    assert_eq!(
        value_of_record(&scaled, "[0, 0, 320, 240]", &json!({"image_size": [640, 480]}), "[0, 0, 500, 500]"),
        1.0
    );
    refused(&scaled, gold, &json!({}), "needs `image_size` among the facts of the record");
    refused(&json!({"kind": "box"}), gold, &json!({}), "needs parameter `coordinates`: `pixels`,");
}

#[test]
fn a_point_is_right_within_the_box_or_the_radius() {
    let point = json!({"kind": "point", "coordinates": "by_writing"});
    check(
        &point,
        "[100, 100, 300, 300]",
        &[("[200, 200]", 1.0), ("(0.2, 0.2)", 1.0), ("(0.5, 0.2)", 0.0), ("{\"point_2d\": [100, 300]}", 1.0)],
    );
    let near = json!({"kind": "point", "coordinates": "pixels", "radius": 5});
    check(&near, "(10, 10)", &[("(13, 14)", 1.0), ("(14, 14)", 0.0), ("nowhere", 0.0)]);
}

const BOXES: &str = r#"[{"bbox_2d": [0, 0, 10, 10], "label": "cat"}, {"bbox_2d": [20, 20, 30, 30], "label": "dog"}]"#;

#[test]
fn detections_are_matched_and_weighted() {
    let detection = json!({"kind": "detection", "coordinates": "pixels"});
    let one = r#"```json
[{"bbox_2d": [0, 0, 10, 5], "label": "Cat"}]
```"#;
    let misnamed = r#"[{"bbox_2d": [0, 0, 10, 10], "label": "dog"}, {"bbox_2d": [20, 20, 30, 30], "label": "dog"}]"#;
    // One of two at IoU 0.5: position 0.25, completeness 1 - (0.5 + 0)/2.
    check(
        &detection,
        BOXES,
        &[
            (BOXES, 1.0),
            (one, 0.7 * 0.25 + 0.3 * 0.75),
            (misnamed, 0.7 * 0.5 + 0.3),
            ("[]", 0.0),
            ("None", 0.0),
            ("x", 0.0),
        ],
    );
    check(&detection, "None", &[("none", 1.0), (one, 0.0)]);
    // A box out of order is one too many: completeness 1 - (0 + 1/3)/2.
    let with_one_more = BOXES.trim_end_matches(']').to_owned() + r#", {"bbox_2d": [9, 9, 1, 1]}]"#;
    check(&detection, BOXES, &[(&with_one_more, 0.7 + 0.3 * (5.0 / 6.0))]);
    let numbered = |label: u32| format!(r#"[{{"bbox_2d": [0, 0, 10, 10], "label": {label}}}]"#);
    check(&detection, &numbered(1), &[(&numbered(1), 1.0), (&numbered(2), 0.3)]);
    let beyond = json!({"kind": "detection", "by": "thresholds", "thresholds": [0.5, 1.5], "coordinates": "pixels"});
    refused(&beyond, BOXES, &json!({}), "expected a list of 1 to 128 numbers from 0 to 1");
    refused(&detection, "[1]", &json!({}), "it is no JSON list of objects with boxes");
}

#[test]
fn detections_are_ranked_by_confidence_and_measured_at_thresholds() {
    let found = "[{'Position': [0, 0, 10, 8], 'Confidence': 0.9}, {'Position': [0, 0, 10, 8], 'Confidence': 0.9}, {'Position': [50, 50, 60, 60], 'Confidence': 0.3}]";
    let by = |by: &str| json!({"kind": "detection", "by": by, "coordinates": "pixels"});
    // The repeated box counts once: one of two at IoU 0.8, the other finds none.
    check(&by("ranked"), BOXES, &[(found, 0.4)]);
    check(&by("ranked_confidence"), BOXES, &[(found, 0.8)]);
    let thresholds =
        json!({"kind": "detection", "by": "thresholds", "thresholds": [0.5, 0.9], "coordinates": "pixels"});
    let near = r#"[{"bbox_2d": [0, 0, 10, 8], "label": "cat"}]"#;
    check(&thresholds, BOXES, &[(BOXES, 1.0), (near, 0.6 * 0.25)]);
    let precision = json!({"kind": "detection", "by": "average_precision", "coordinates": "pixels"});
    // The cat at IoU 0.8, which is enough for seven thresholds of ten; the dog not at all.
    check(&precision, BOXES, &[(BOXES, 1.0), (near, 0.5 * 0.7), ("[]", 0.0)]);
    let surplus =
        json!({"kind": "detection", "by": "average_precision", "surplus_counts": true, "coordinates": "pixels"});
    let with_two_more = BOXES.trim_end_matches(']').to_owned() + r#", {"confidence": 0.1}, {"confidence": 0.1}]"#;
    check(&surplus, BOXES, &[(BOXES, 1.0), (&with_two_more, 0.5)]);
    // What does not touch is no hit, whatever is asked for.
    let any = json!({"kind": "detection", "by": "average_precision", "thresholds": [0.0], "coordinates": "pixels"});
    check(&any, r#"[{"bbox": [0, 0, 10, 10]}]"#, &[(r#"[{"bbox": [50, 50, 60, 60]}]"#, 0.0)]);
}

#[test]
fn json_is_compared_by_structure() {
    let gold = r#"{"name": "Ann", "age": 3, "tags": ["x", "y"], "at": {"k": 1.0}}"#;
    let answer =
        |name: &str, tags: &str| format!(r#"{{"at": {{"k": 1}}, "tags": {tags}, "age": 3.0, "name": "{name}"}}"#);
    check(
        &json!({"kind": "json"}),
        gold,
        &[(&answer("Ann", r#"["x", "y"]"#), 1.0), (&answer("ann", r#"["x", "y"]"#), 0.0)],
    );
    check(&json!({"kind": "json"}), gold, &[(&answer("Ann", r#"["y", "x"]"#), 0.0), ("{", 0.0), ("{}", 0.0)]);
    check(
        &json!({"kind": "json", "lists": "unordered", "text": "normal"}),
        gold,
        &[(&answer("ANN", r#"["y", "x"]"#), 1.0)],
    );
    check(&json!({"kind": "json", "by": "share"}), gold, &[(&answer("Bob", r#"["x"]"#), 3.0 / 5.0)]);
    check(&json!({"kind": "json", "keys": ["age"]}), gold, &[(r#"{"age": 3, "more": 1}"#, 1.0)]);
    check(
        &json!({"kind": "json", "ignored_keys": ["name", "at"]}),
        gold,
        &[(r#"{"age": 3, "tags": ["x", "y"], "name": 1}"#, 1.0)],
    );
    check(&json!({"kind": "json", "relative": 0.1}), "[10]", &[("[11]", 1.0), ("[12]", 0.0)]);
    check(
        &json!({"kind": "json"}),
        "[9007199254740993, 2]",
        &[("[9007199254740993, 2.0]", 1.0), ("[9007199254740992, 2]", 0.0), ("[9007199254740992.0, 2]", 0.0)],
    );
}

#[test]
fn lists_without_order_are_compared_in_bounded_time() {
    let nested = |inner: &str| (0..4).fold(inner.to_owned(), |inner, _| format!("[{}]", vec![inner; 8].join(",")));
    let exact = json!({"kind": "json", "lists": "unordered"});
    check(&exact, "[[1, 2], [3, [4]]]", &[("[[[4], 3], [2, 1]]", 1.0), ("[[1, 3], [2, [4]]]", 0.0)]);
    check(&exact, &nested("1"), &[(&nested("1"), 1.0), (&nested("2"), 0.0)]);
    let near = json!({"kind": "json", "lists": "unordered", "relative": 0.1});
    check(&near, "[1, [2, 3]]", &[("[[3.1, 2], 1]", 1.0), ("[[4, 2], 1]", 0.0)]);
    let last = |inner: &str| format!("[{},{inner}]", vec![nested("1"); 8].join(","));
    check(&near, &last("2"), &[(&last("3"), 0.0)]);
    // A value of another kind is not written out for each that it is compared with.
    let (ones, long) = (vec!["1"; 1_000].join(","), vec!["1"; 15_000].join(","));
    let verdict = |gold: &str, answer: &str| {
        let plan = RewardPlan::compile(&spec(&near, gold, &json!({}))).unwrap();
        let response = Response::of_text(&format!("<answer>{answer}</answer>"));
        plan.score(&response).decision().map(|decision| decision.verdict)
    };
    let longer = format!("[[{long}],{}]", &ones[2..]);
    assert_eq!(verdict(&format!("[{ones}]"), &longer), Some(Verdict::Different));
    // What is written out is work, too: here more than may be done.
    let texts = |places: &mut dyn Iterator<Item = u32>| {
        let texts: Vec<String> = places.map(|place| format!("\"{}{place}\"", "a".repeat(400))).collect();
        format!("[{}]", texts.join(","))
    };
    assert_eq!(verdict(&texts(&mut (0..150)), &texts(&mut (0..150).rev())), Some(Verdict::Undecided));
    assert_eq!(verdict(&texts(&mut (0..10)), &texts(&mut (0..10).rev())), Some(Verdict::Equal));
}

proptest! {
    #[test]
    fn any_answer_is_graded_within_bounds_and_the_reference_is_right(text in "[A-Ba-c0-9\\[\\]{}()'\",.:%/é -]{0,40}") {
        for (component, gold) in [
            (json!({"kind": "option"}), "B"),
            (json!({"kind": "yes_no"}), "yes"),
            (json!({"kind": "label", "synonyms": "emotion", "within": true}), "happy"),
            (json!({"kind": "labels", "by": "f1"}), "a, b"),
            (json!({"kind": "count"}), "7"),
            (json!({"kind": "number", "by": "closeness"}), "7.5"),
            (json!({"kind": "edit_similarity"}), "abc"),
            (json!({"kind": "word_accuracy"}), "a b c"),
            (json!({"kind": "overlap", "by": "rouge_mean"}), "a b c"),
            (json!({"kind": "box", "coordinates": "by_writing"}), "[1, 2, 3, 4]"),
            (json!({"kind": "point", "coordinates": "unit", "radius": 0.1}), "(1, 2)"),
            (json!({"kind": "detection", "coordinates": "pixels"}), BOXES),
            (json!({"kind": "actions"}), "@$."),
            (json!({"kind": "json", "by": "share"}), "[1, [2]]"),
        ] {
            let graded = value(&component, gold, &text);
            prop_assert!((0.0..=1.0).contains(&graded), "{} of {:?} is {}", component, text, graded);
            if component["kind"] != "actions" {
                prop_assert_eq!(value(&component, gold, gold), 1.0, "{}", component);
            }
        }
    }
}
