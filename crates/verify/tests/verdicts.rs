//! Holds the verifier to pairs that are easily taken for one another, or for different, when they are not.

use gradus_verify::{Gold, Profile, Search, Verdict, Verification, verify};

use Verdict::{Different, Equal, Undecided};

fn decide(profile: &Profile, gold: &str, prediction: &str, search: Search) -> Verification {
    verify(&Gold::read(gold, Search::Whole, profile), prediction, search, profile)
}

/// Checks pairs of a gold answer and a prediction, and reports all that are decided otherwise.
fn check(profile: &Profile, pairs: &[(&str, &str, Verdict)]) {
    let mut faults = Vec::new();
    for (gold, prediction, expected) in pairs {
        let Verification { verdict, method, reason, .. } = decide(profile, gold, prediction, Search::Whole);
        if verdict != *expected {
            faults.push(format!("`{gold}` and `{prediction}`: {verdict:?} by {method} ({reason}), not {expected:?}"));
        }
    }
    assert!(faults.is_empty(), "\n  {}", faults.join("\n  "));
}

#[test]
fn equations_are_not_equal_for_having_the_same_real_roots() {
    check(
        &Profile::reward(),
        &[
            ("x^2+x+1=0", "x^2-x+1=0", Different),
            ("x^2+1=0", "x^2+2=0", Different),
            ("z^2=-4", "z^2=-9", Different),
            ("(x-1)^2=0", "x-1=0", Different),
            ("x^3-1=0", "x=1", Different),
            ("x^2+1=0", "2x^2+2=0", Equal),
            ("x^2+1<0", "x^2+2<0", Undecided),
            ("x=\\pm 2", "x=2 \\text{ or } x=-2", Equal),
            ("x^2=4", "x=\\pm 2", Equal),
        ],
    );
}

#[test]
fn words_do_not_overrule_formulas() {
    let pairs = [
        ("5!", "5", Different),
        ("5", "5!", Different),
        (".5", "5", Different),
        ("5", ".5", Different),
        ("ad-bc", "adbc", Different),
        ("AB, CD", "ABCD", Different),
        ("a, bc", "bc", Different),
        ("5", "five", Equal),
        ("23", "twenty-three", Equal),
        ("The red square", "red square.", Equal),
        ("no solution", "\\emptyset", Equal),
        ("\\text{No}", "no", Equal),
    ];
    check(&Profile::reward(), &pairs);
    check(&Profile::strict(), &[("XY", "xy", Different), ("X_1", "x_1", Different), ("2E", "2e", Different)]);
    check(&Profile::strict(), &[("\\text{Red}", "red", Equal), ("XY", "XY", Equal)]);
}

#[test]
fn a_percentage_is_not_its_number_because_both_are_written_alike() {
    let profile = Profile::reward();
    for prediction in ["The answer is 50%.", "The answer is $50$%."] {
        assert_eq!(decide(&profile, "50", prediction, Search::Text).verdict, Different, "{prediction}");
    }
    check(&profile, &[("50", "50%", Different), ("50\\%", "50%", Equal), ("0.5", "50%", Equal)]);
    check(&Profile::math_verify(), &[("9.5", "9.5%", Different), ("50", "50%", Equal)]);
}

#[test]
fn conjugates_and_parts_are_those_of_complex_numbers() {
    check(
        &Profile::reward(),
        &[
            ("z", "\\bar{z}", Different),
            ("z\\bar{z}", "z^2", Different),
            ("\\Re(z)", "z", Different),
            ("\\Im(z)", "0", Different),
            ("z\\bar{z}", "|z|^2", Equal),
            ("\\Re(z)", "\\frac{z+\\bar{z}}{2}", Equal),
        ],
    );
}

#[test]
fn what_is_unknown_may_be_negative() {
    check(
        &Profile::reward(),
        &[
            ("f(x)", "|f(x)|", Different),
            ("\\vec v", "|\\vec v|", Different),
            ("f(x)", "\\sqrt{f(x)^2}", Different),
            ("|f(x)|", "\\sqrt{f(x)^2}", Equal),
            ("f(x)+f(x)", "2f(x)", Equal),
            ("|\\vec v|^2", "|\\vec v| |\\vec v|", Equal),
        ],
    );
}

#[test]
fn functions_of_whole_numbers_are_told_apart_for_variables_of_every_name() {
    let mut names: Vec<String> = ('a'..='z').filter(|name| !"ei".contains(*name)).map(String::from).collect();
    names.extend(('a'..='z').flat_map(|name| (1..10).map(move |index| format!("{name}_{{{index}}}"))));
    let profile = Profile::reward();
    for name in names {
        let factorial = format!("({name})!");
        assert_ne!(decide(&profile, &factorial, &name, Search::Whole).verdict, Equal, "{factorial}");
        let larger = format!("({name}+1)!");
        let product = format!("({name}+1)({name})!");
        assert_eq!(decide(&profile, &larger, &product, Search::Whole).verdict, Equal, "{larger} {product}");
    }
}

#[test]
fn symbols_are_compared_as_they_are_written() {
    check(&Profile::reward(), &[("a_n", "an", Different), ("V_R", "VR", Different), ("AB", "\\text{AB}", Equal)]);
    check(&Profile::strict(), &[("X>2", "x>2", Different), ("(2,\\infty)", "x>2", Equal)]);
}

#[test]
fn applied_functions_keep_the_decimal_points_of_their_arguments() {
    check(&Profile::reward(), &[("f(1.5):2", "f(15):2", Different), ("f(1.5):2", "2f(1.5):4", Equal)]);
}

#[test]
fn limits_are_not_taken_by_putting_in_where_a_function_jumps() {
    check(
        &Profile::reward(),
        &[
            ("0", "\\lim_{x\\to 0^-}\\lfloor x\\rfloor", Undecided),
            ("0", "\\lim_{x\\to 0^+}\\lceil x\\rceil", Undecided),
            ("4", "\\lim_{x\\to 2} x^2", Equal),
        ],
    );
}

#[test]
fn only_equations_that_give_a_name_a_value_are_taken_for_the_value() {
    check(
        &Profile::reward(),
        &[
            ("25", "x^2+y^2=25", Different),
            ("25", "x=25", Equal),
            ("25", "f(3)=25", Equal),
            ("25", "3^2+4^2=25", Equal),
            ("25", "x = 5^2 = 25", Equal),
            ("5", "2x=5", Different),
            ("5", "2+2=5", Different),
            ("\\frac{3}{5}", "\\sin\\theta=\\frac{3}{5}", Equal),
            ("13", "x^2+y^2=(x+y)^2-2xy=25-12=13", Equal),
            ("78.54", "25\\pi=78.54", Equal),
            ("(1,2)", "(x,y)=(1,2)", Equal),
            ("3", "\\log_2 x=3", Different),
            ("5", "|x|=5", Different),
            ("5", "x!=5", Different),
            ("5", "\\lfloor x\\rfloor=5", Different),
            ("10", "\\binom{n}{2}=10", Different),
            ("12", "x \\bmod 5=12", Different),
            ("5", "|AB|=5", Equal),
            ("10", "\\binom{5}{2}=10", Equal),
            ("2", "\\gcd(a,b)=2", Equal),
            ("1000", "999=1000", Different),
            ("0.33", "\\frac{1}{3}=0.33", Equal),
        ],
    );
    check(&Profile::math_verify(), &[("25", "x^2+y^2=25", Equal)]);
}

#[test]
fn functions_with_jumps_are_compared_at_whole_numbers_and_between_them() {
    check(
        &Profile::reward(),
        &[
            ("\\lceil \\frac{n-1}{2}\\rceil", "\\lfloor \\frac{n}{2}\\rfloor", Equal),
            ("n \\bmod 2", "\\frac{1-(-1)^n}{2}", Equal),
            ("\\lfloor x\\rfloor+1", "\\lceil x\\rceil", Different),
            ("\\lfloor x+1\\rfloor", "\\lfloor x\\rfloor+1", Equal),
            ("\\lfloor n\\rfloor", "n", Equal),
            ("(-1)^n", "\\cos(n\\pi)", Equal),
            ("(-1)^n", "\\sin(n\\pi)", Different),
            ("(-1)^n", "(-1)^{n+1}", Different),
            ("\\frac{1+(-1)^n}{2}", "\\frac{1+\\cos(n\\pi)}{2}", Equal),
            ("\\lfloor x\\rfloor", "x", Different),
            ("n!", "n!\\cos(2\\pi x)", Different),
            ("n!\\cos(2\\pi n)", "n!", Equal),
            ("n!\\bar{z}", "n!z", Different),
        ],
    );
}

#[test]
fn a_sign_before_a_mark_hides_nothing() {
    check(&Profile::reward(), &[("-30^\\circ", "-\\frac{\\pi}{6}", Equal), ("30^\\circ", "\\frac{\\pi}{6}", Equal)]);
    check(&Profile::math_verify(), &[("-50\\%", "-50", Equal), ("-9.5\\%", "-9.5", Different)]);
    check(
        &Profile::reward(),
        &[("-5\\text{ m}", "-500\\text{ cm}", Equal), ("-5\\text{ m}", "-5\\text{ cm}", Different)],
    );
}

#[test]
fn tolerances_hold_for_the_elements_of_lists() {
    let profile = Profile { absolute_tolerance: Some(1.0), ..Profile::reward() };
    check(&profile, &[("1, 20", "2, 21", Equal), ("1, 20", "20.5, 1.5", Equal), ("1, 20", "3, 20", Different)]);
}

#[test]
fn decimals_beyond_the_bounds_of_exact_numbers_are_rounded() {
    let thirds = format!("0.{}", "3".repeat(1_300));
    let others = format!("0.{}", "4".repeat(1_300));
    let profile = Profile::reward();
    check(&profile, &[("\\frac{1}{3}", &thirds, Equal), ("\\frac{1}{3}", &others, Different)]);
}

#[test]
fn minus_or_plus_goes_with_plus_or_minus() {
    check(
        &Profile::reward(),
        &[
            ("\\pm 1 \\mp \\sqrt 2", "\\pm(1-\\sqrt 2)", Equal),
            ("\\pm 1 \\pm \\sqrt 2", "\\pm(1-\\sqrt 2)", Different),
            ("1\\pm\\sqrt 2", "1\\mp\\sqrt 2", Equal),
        ],
    );
}

#[test]
fn number_words_and_numerals_in_bases_are_compared_by_value() {
    check(
        &Profile::reward(),
        &[
            ("two", "2.0", Equal),
            ("2.0", "two", Equal),
            ("two", "\\frac{4}{2}", Equal),
            ("two", "3.0", Different),
            ("204_5", "54.0", Equal),
            ("204_5", "55.0", Different),
            ("54.0", "204_5", Equal),
            ("204_5", "204_{\\text{five}}", Equal),
            ("204_5", "204_{\\text{six}}", Different),
        ],
    );
}

#[test]
fn inequalities_that_cannot_be_solved_are_undecided() {
    check(
        &Profile::reward(),
        &[
            ("\\sqrt{x}<2", "0\\le x<4", Undecided),
            ("x^3<8", "x<2", Undecided),
            ("x^2<4", "-2<x<2", Equal),
            ("x<2", "x<3", Different),
            ("x^2+y^2<1", "x^2+y^2<4", Different),
            ("\\sqrt{x}<2", "x<4", Different),
            ("x+y<1", "1>y+x", Equal),
            ("x^3+Y<8", "x^3+y<9", Different),
        ],
    );
}

#[test]
fn letters_of_full_width_and_ligatures_are_letters() {
    check(&Profile::reward(), &[("Red", "Ｒｅｄ", Equal), ("final", "ﬁnal", Equal), ("Red", "Ｒｅｄｓ", Different)]);
}

#[test]
fn options_are_chosen_by_their_text_then_by_value() {
    let decide = |gold: &str, options: &[&str], prediction: &str| {
        let profile = Profile::reward();
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        let gold = Gold::with_options(gold, &options, Search::Whole, &profile);
        verify(&gold, prediction, Search::Whole, &profile).verdict
    };
    for prediction in [".5", "5!", "1, 2"] {
        assert_ne!(decide("A", &["12", "21"], prediction), Equal, "{prediction}");
        assert_ne!(decide("A", &["5", "7"], prediction), Equal, "{prediction}");
    }
    assert_eq!(decide("A", &["(1,2)", "[1,2]"], "(1,2)"), Equal);
    assert_eq!(decide("A", &["(1,2)", "[1,2]"], "[1,2]"), Different);
    assert_eq!(decide("A", &["12", "21"], "12.0"), Equal);
    assert_eq!(decide("A", &["12", "21"], "twelve"), Equal);
    assert_eq!(decide("A", &["\\frac{1}{2}", "\\frac{1}{3}"], "0.5"), Equal);
    assert_eq!(decide("B", &["\\frac{1}{2}", "\\frac{1}{3}"], "0.5"), Different);
    assert_eq!(decide("A", &["5 cm", "5 m"], "5"), Different);
    assert_eq!(decide("A", &["A red square", "A blue square"], "the red square."), Equal);
    assert_eq!(decide("B", &["A red square", "A blue square"], "the red square."), Different);
}

#[test]
fn signs_that_are_written_large_or_in_groups_are_the_same_signs() {
    check(
        &Profile::reward(),
        &[
            ("(-\\infty,-1)\\cup(2,\\infty)", "(-\\infty, -1) \\bigcup (2, \\infty)", Equal),
            ("(-\\infty,-1)\\cup(2,\\infty)", "(-\\infty, -1) \\bigcap (2, \\infty)", Different),
            ("(-\\infty,-1)\\cup(2,\\infty)", "(-\\infty,-1)\\bigcup\\left(2,\\infty\\right)", Equal),
            ("12:30", "12{:}30", Equal),
            ("12:30", "12{:}31", Different),
        ],
    );
}

#[test]
fn a_small_letter_is_no_option_where_case_counts() {
    check(&Profile::strict(), &[("G", "g", Different), ("g", "G", Different), ("G", "(G)", Equal)]);
    check(&Profile::reward(), &[("G", "g", Equal), ("G", "(g)", Equal)]);
}

#[test]
fn consent_is_told_from_what_follows_it() {
    check(
        &Profile::reward(),
        &[
            ("yes", "Yes, it does.", Equal),
            ("no", "Yes, it does.", Different),
            ("yes", "Yes, but no.", Different),
            ("No", "No, never", Equal),
            ("yes", "Yes, since n is even", Equal),
            ("no", "n, where n is odd", Different),
            ("y", "Yes, it does", Equal),
        ],
    );
}
