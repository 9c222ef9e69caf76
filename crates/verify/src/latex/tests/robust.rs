//! Bounds, damage, and soup.

use proptest::prelude::*;

use super::*;

#[test]
fn what_is_too_long_too_deep_or_too_much_is_refused() {
    let long = "1".repeat(MAX_BYTES + 1);
    assert_eq!(parse(&long, &Notation::reward()), Err(ParseError::TooLong { num_bytes: MAX_BYTES + 1 }));
    assert_eq!(parse(&"x ".repeat(2_040), &Notation::reward()), Err(ParseError::TooManyTokens));
    for source in ["(".repeat(2_000), "{".repeat(2_000), "\\sqrt".repeat(800), "2^".repeat(900), "|".repeat(1_900)] {
        assert!(parse(&source, &Notation::reward()).is_err(), "{}", &source[..10]);
    }
    assert!(parse(&"-".repeat(1_999), &Notation::reward()).is_err());
    assert!(parse(&format!("{}1", "-".repeat(1_998)), &Notation::reward()).is_ok());
}

#[test]
fn an_error_says_where_and_what() {
    let error = parse("1 + ) 2", &Notation::reward()).unwrap_err();
    assert_eq!(error.to_string(), "met `)` at byte 4, where a value should be");
    assert_eq!(parse(" $ $ ", &Notation::reward()), Err(ParseError::Empty));
}

fn soup() -> impl Strategy<Value = String> {
    let words = [
        "1",
        "23",
        "0.5",
        "1,234",
        "x",
        "y",
        "e",
        "i",
        "I",
        "pi",
        "and",
        "or",
        "feet",
        "is",
        "number",
        " ",
        "  ",
        "+",
        "-",
        "*",
        "**",
        "/",
        "^",
        "_",
        "!",
        "'",
        "%",
        "=",
        "<",
        "<=",
        "!=",
        ",",
        ";",
        ":",
        ".",
        "...",
        "|",
        "||",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "\\{",
        "\\}",
        "&",
        "\\\\",
        "$",
        "\\$",
        "\\frac",
        "\\sqrt",
        "\\sqrt[3]",
        "\\log_2",
        "\\sin",
        "\\cos^2",
        "\\sum_{k=1}^n",
        "\\lim_{x \\to 0}",
        "\\int_0^1",
        "dx",
        "\\frac{d}{dx}",
        "\\left(",
        "\\right)",
        "\\left|",
        "\\right|",
        "\\text{cm}",
        "\\text{and}",
        "\\mathrm{~m}",
        "\\begin{pmatrix}",
        "\\end{pmatrix}",
        "\\begin{cases}",
        "\\end{cases}",
        "\\cup",
        "\\in",
        "\\mid",
        "\\pm",
        "\\cdot",
        "\\binom",
        "\\gcd",
        "\\overline",
        "\\mathbb{R}",
        "\\boxed",
        "\\infty",
        "^\\circ",
        "²",
        "√",
        "½",
        "π",
        "≤",
        "é",
        "\\pmod",
        "\\%",
        "\\choose",
        "\\operatorname{foo}",
        "\\not",
        "\\to",
        "f(x)",
        "\\max",
        "C_5^2",
        "|_0^1",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..24).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn no_soup_of_tokens_and_no_text_panics(source in prop_oneof![soup(), "\\PC{0,40}", "[ -~]{0,40}"]) {
        for notation in [Notation::reward(), Notation::math_verify(), Notation::strict()] {
            if let Ok(expression) = parse(&source, &notation) {
                prop_assert!(!expression.is_empty());
                let _ = expression.to_string();
            }
        }
    }
}
