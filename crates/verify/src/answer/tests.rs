//! Answers that are the reference answer, that are not, and that nothing here can tell.

use proptest::prelude::*;

use super::*;
use Verdict::{Different, Equal, Undecided};

fn decide_with(gold: &str, options: &[&str], profile: Profile, answer: &str) -> Decision {
    let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
    AnswerRule::new(gold, &options, Comparison::Auto, profile).unwrap().decide(answer)
}

fn check(gold: &str, options: &[&str], cases: &[(&str, Verdict)]) {
    for (answer, expected) in cases {
        let decision = decide_with(gold, options, Profile::reward(), answer);
        assert_eq!(decision.verdict, *expected, "`{answer}` for `{gold}`: {decision:?}");
    }
}

#[test]
fn a_letter_is_read_in_all_its_writings() {
    let cases = [
        ("A", Equal),
        ("(A)", Equal),
        ("A.", Equal),
        ("A)", Equal),
        ("[A]", Equal),
        (" a ", Equal),
        ("(a)", Equal),
        ("**A**", Equal),
        (r"\text{A}", Equal),
        (r"$\text{A}$", Equal),
        ("A. a red square", Equal),
        ("A: 7", Equal),
        ("(A) 12 cm", Equal),
        ("Option A", Equal),
        ("option (A)", Equal),
        ("B", Different),
        ("(B)", Different),
        ("A or B", Different),
        ("A, B", Different),
        ("A. or C", Different),
        ("Apple", Different),
        ("a red square", Different),
    ];
    check("A", &[], &cases);
}

#[test]
fn options_may_be_chosen_by_letter_or_by_text() {
    let options = ["red", "dark blue", "12"];
    let cases = [
        ("B", Equal),
        ("dark blue", Equal),
        ("Dark  Blue.", Equal),
        ("B. dark blue", Equal),
        ("(B) dark blue", Equal),
        ("B: because it is darker", Equal),
        ("B. red", Different),
        ("red", Different),
        ("C", Different),
        ("12.0", Different),
        ("blue", Different),
        ("D", Different),
    ];
    check("B", &options, &cases);
    check("dark blue", &options, &cases);
    check("12", &options, &[("C", Equal), ("12.0", Equal), ("twelve", Equal), ("A", Different)]);
}

#[test]
fn equal_options_cannot_be_chosen_by_their_text() {
    check("A", &["5", "5", "6"], &[("A", Equal), ("5", Different), ("B", Different)]);
}

#[test]
fn numbers_are_compared_by_value() {
    let half = [
        ("0.5", Equal),
        (".5", Equal),
        ("0.50", Equal),
        ("2/4", Equal),
        (r"\frac{1}{2}", Equal),
        (r"\dfrac12", Equal),
        (r"$\frac{1}{2}$", Equal),
        ("5e-1", Equal),
        (r"5 \times 10^{-1}", Equal),
        ("50%", Equal),
        ("x = 1/2", Equal),
        ("0.51", Different),
        ("-0.5", Different),
        ("1/0", Undecided),
    ];
    check("1/2", &[], &half);
    let thousands =
        [("1234.5", Equal), ("1,234.50", Equal), ("$1,234.5", Equal), ("12,34.5", Different), ("1234", Different)];
    check("1,234.5", &[], &thousands);
    check(
        "-3",
        &[],
        &[("-3", Equal), ("−3", Equal), ("- 3", Equal), ("3", Different), ("-3.0", Equal), (r"-\frac{6}{2}", Equal)],
    );
    check("2 1/2", &[], &[("2.5", Equal), (r"2\frac{1}{2}", Equal), ("5/2", Equal), ("21/2", Different)]);
}

#[test]
fn units_may_be_left_out_but_not_exchanged() {
    check("50%", &[], &[("50", Different), ("0.5", Equal), (r"50\%", Equal), ("50 percent", Equal), ("5", Different)]);
    let centimetres = [
        ("5", Equal),
        ("5cm", Equal),
        (r"5\text{ cm}", Equal),
        (r"5\,\mathrm{cm}", Equal),
        ("5 m", Different),
        ("6 cm", Different),
    ];
    check("5 cm", &[], &centimetres);
    check(
        "7",
        &[],
        &[("7 objects", Equal), ("seven", Equal), ("7.", Equal), ("7 million", Different), ("7x", Different)],
    );
    check("36", &[], &[(r"36^\circ", Equal), ("36°", Equal), ("36 degrees", Equal)]);
}

#[test]
fn units_and_percent_signs_mean_what_the_profile_says() {
    use crate::profile::{Percent, Units};
    for (units, percent, gold, answer, expected) in [
        (Units::Ignored, Percent::Hundredths, "5 cm", "5 m", Equal),
        (Units::Optional, Percent::Hundredths, "5 m", "500 cm", Equal),
        (Units::Required, Percent::Hundredths, "5 cm", "5cm", Equal),
        (Units::Required, Percent::Hundredths, "5 cm", "5", Different),
        (Units::Optional, Percent::Hundredths, "50%", "50", Different),
        (Units::Optional, Percent::WholeNumbers, "50%", "50", Equal),
        (Units::Optional, Percent::WholeNumbers, "9.5%", "9.5", Different),
        (Units::Optional, Percent::Optional, "9.5%", "9.5", Equal),
        (Units::Required, Percent::Hundredths, "50%", "0.5", Equal),
    ] {
        let profile = Profile { units, percent, ..Profile::reward() };
        let decision = AnswerRule::new(gold, &[], Comparison::Number, profile).unwrap().decide(answer);
        assert_eq!(decision.verdict, expected, "{units:?} {percent:?} `{answer}` for `{gold}`: {decision:?}");
    }
}

#[test]
fn where_numbers_are_compared_only_a_number_is_the_answer() {
    let rule = AnswerRule::new("5", &[], Comparison::Number, Profile::reward()).unwrap();
    for (answer, expected) in [
        ("5", Equal),
        ("5.0", Equal),
        (r"\frac{10}{2}", Equal),
        ("five", Equal),
        ("5 cm", Equal),
        ("6", Different),
        ("x = 5", Different),
        (r"\{5\}", Different),
        ("5, 5", Different),
        ("x", Different),
    ] {
        assert_eq!(rule.decide(answer).verdict, expected, "`{answer}`");
    }
}

#[test]
fn an_answer_is_found_in_a_response_and_the_decision_says_where() {
    let mut profile = Profile::reward();
    profile.extraction.is_unanchored = false;
    let rule = |comparison| AnswerRule::new("5", &[], comparison, profile.clone()).unwrap();
    for (response, expected, extracted) in [
        ("<answer>The answer is 5</answer>", Equal, Some("5")),
        ("<answer>The answer is 6.</answer> 5", Different, Some("6")),
        (r"<think>6</think> so \boxed{x = \frac{10}{2}}", Equal, Some(r"x = \frac{10}{2}")),
        ("La réponse est 5.", Equal, Some("5")),
        ("5, I think", Different, None),
    ] {
        let decision = rule(Comparison::Auto).decide_in(response);
        assert_eq!(
            (decision.verdict, decision.extracted.as_deref()),
            (expected, extracted),
            "{response}: {decision:?}"
        );
        let found = decision.spans.first().map(|span| &response[span.clone()]);
        assert_eq!(found, extracted);
        assert_eq!(decision.num_tried > 0, extracted.is_some());
    }
    let letter = AnswerRule::new("B", &[], Comparison::Letter, profile.clone()).unwrap();
    for (response, expected) in [
        ("<answer>B. because x = 5</answer>", Equal),
        ("The answer is (B) since 5 < 6", Equal),
        ("The answer is (C) since 5 < 6", Different),
        ("<answer>The answer is B</answer>", Equal),
    ] {
        assert_eq!(letter.decide_in(response).verdict, expected, "{response}");
    }
    let text = AnswerRule::new("dark blue", &[], Comparison::Text, profile.clone()).unwrap();
    assert_eq!(text.decide_in("<answer>Dark Blue.</answer>").verdict, Equal);
    assert_eq!(text.decide_in("The answer is dark red.").verdict, Different);
}

#[test]
fn hedging_is_no_number() {
    let cases = [("5 or 6", Different), ("5, 6", Different), ("between 4 and 6", Different)];
    check("5", &[], &cases);
}

#[test]
fn long_numbers_are_compared_digit_by_digit() {
    let gold = "123456789012345678901234567890";
    check(
        gold,
        &[],
        &[(gold, Equal), ("123456789012345678901234567890.00", Equal), ("123456789012345678901234567891", Different)],
    );
    check("0.1234567890123456789012", &[], &[("0.12345678901234567890120", Equal), ("0.12346", Different)]);
}

#[test]
fn a_tolerance_is_a_share_of_the_reference_or_absolute() {
    let mut within = Profile::reward();
    within.values.relative_tolerance = Some(0.01);
    assert_eq!(decide_with("200", &[], within.clone(), "201.9").verdict, Equal);
    assert_eq!(decide_with("200", &[], within, "202.1").verdict, Different);
    let rounded = Profile { absolute_tolerance: Some(0.005), ..Profile::reward() };
    assert_eq!(decide_with("3.14159", &[], rounded.clone(), "3.14").verdict, Equal);
    assert_eq!(decide_with("3.14159", &[], rounded, "3.13").verdict, Different);
}

#[test]
fn words_are_compared_without_case_and_wrapping() {
    check(
        "left of",
        &[],
        &[("Left of", Equal), ("**left  of**.", Equal), ("\"left of\"", Equal), ("right of", Different)],
    );
}

#[test]
fn formulas_are_compared_by_what_they_mean() {
    check("x^2 + 1", &[], &[("x^2+1", Equal), ("1 + x^2", Equal), ("1 + x^3", Different), ("red", Different)]);
}

#[test]
fn a_long_answer_chooses_the_option_that_it_begins_with_and_no_number_or_text() {
    let long = |letter: char| format!("{letter}. {}", "so it goes on. ".repeat(500));
    for (comparison, gold, letter, expected) in [
        (Comparison::Auto, "B", 'B', Equal),
        (Comparison::Letter, "B", 'B', Equal),
        (Comparison::Letter, "B", 'C', Different),
        (Comparison::Letter, "12", 'B', Equal),
        (Comparison::Number, "12", 'B', Undecided),
        (Comparison::Text, "12", 'B', Undecided),
    ] {
        let options = ["11".to_owned(), "12".to_owned(), "13".to_owned()];
        let rule = AnswerRule::new(gold, &options, comparison, Profile::reward()).unwrap();
        assert_eq!(rule.decide(&long(letter)).verdict, expected, "{comparison:?} {gold} {letter}");
    }
}

#[test]
fn an_answer_beyond_the_bound_is_undecided_and_a_reference_is_refused() {
    let long = "1".repeat(MAX_ANSWER_BYTES + 1);
    assert_eq!(decide_with("1", &[], Profile::reward(), &long).verdict, Undecided);
    assert!(AnswerRule::new(&long, &[], Comparison::Auto, Profile::reward()).is_err());
    assert!(AnswerRule::new("  ", &[], Comparison::Auto, Profile::reward()).is_err());
}

proptest! {
    #[test]
    fn any_integer_equals_its_own_writings(number in -1_000_000_000_i64..1_000_000_000) {
        let plain = number.to_string();
        for answer in [format!("{plain}.0"), format!("${plain}$"), format!("{plain} units"), format!("{}/7", i128::from(number) * 7)] {
            prop_assert_eq!(decide_with(&plain, &[], Profile::reward(), &answer).verdict, Equal, "{}", answer);
        }
        prop_assert_eq!(decide_with(&plain, &[], Profile::reward(), &(number + 1).to_string()).verdict, Different);
    }

    #[test]
    fn any_answer_is_decided_without_a_panic(
        gold in "[ -~é−]{1,12}", answer in "[-0-9a-dA-D.,/%$(){}\\\\ ^efrac−°]{0,16}", options in proptest::collection::vec("[a-c0-9 ]{0,3}", 0..4)
    ) {
        let rule = AnswerRule::new(&gold, &options, Comparison::Auto, Profile::reward());
        if let Ok(rule) = rule {
            let _ = rule.decide(&answer);
            prop_assert_ne!(rule.decide(&gold).verdict, Different, "{} is not itself", gold);
        }
    }
}
