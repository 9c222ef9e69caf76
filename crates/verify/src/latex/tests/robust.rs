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
fn what_is_beyond_ascii_is_read_to_its_end() {
    for source in
        ["\\charπ", "\\char", "\\char\"π", "\\log_２", "\\log_２８", "\\log_2８", "\\frac１２", "\\mathbbπ", "\\πé２"]
    {
        for notation in [Notation::reward(), Notation::math_verify(), Notation::strict()] {
            let _ = parse(source, &notation);
        }
    }
    let (wide, narrow) = (parse("\\log_２８", &Notation::reward()), parse("\\log_28", &Notation::reward()));
    assert_eq!(wide.unwrap().to_string(), narrow.unwrap().to_string());
}

#[test]
fn spaces_around_a_sign_say_nothing() {
    for (source, printed) in
        [("f '", "f'"), ("2 ** 3", "2^{3}"), ("\\char \"3B5", "\\epsilon "), ("\\mathbb\n{R}", "\\mathbb{R}")]
    {
        check(source, printed);
    }
}

#[test]
fn an_error_says_where_and_what() {
    let error = parse("1 + ) 2", &Notation::reward()).unwrap_err();
    assert_eq!(error.to_string(), "met `)` at byte 4, where a value should be");
    assert_eq!(parse(" $ $ ", &Notation::reward()), Err(ParseError::Empty));
}

/// The words of the soup, with tabs between them.
const WORDS: &str = "1\t23\t0.5\t1,234\tx\ty\te\ti\tI\tpi\tand\tor\tfeet\tis\tnumber\t \t  \t+\t-\t*\t**\t/\t^\t_\t!\t'\t\
    %\t=\t<\t<=\t!=\t,\t;\t:\t.\t...\t|\t||\t(\t)\t[\t]\t{\t}\t\\{\t\\}\t&\t\\\\\t$\t\\$\t\\frac\t\
    \\sqrt\t\\sqrt[3]\t\\log_2\t\\sin\t\\cos^2\t\\sum_{k=1}^n\t\\lim_{x \\to 0}\t\\int_0^1\tdx\t\
    \\frac{d}{dx}\t\\left(\t\\right)\t\\left|\t\\right|\t\\text{cm}\t\\text{and}\t\\mathrm{~m}\t\
    \\begin{pmatrix}\t\\end{pmatrix}\t\\begin{cases}\t\\end{cases}\t\\cup\t\\in\t\\mid\t\\pm\t\\cdot\t\
    \\binom\t\\gcd\t\\overline\t\\mathbb{R}\t\\boxed\t\\infty\t^\\circ\t²\t√\t½\tπ\t≤\té\t\\pmod\t\\%\t\
    \\choose\t\\operatorname{foo}\t\\not\t\\to\tf(x)\t\\max\tC_5^2\t|_0^1\t\\char\t\\char\"3c0\t２\t\\log_\t０\t\\mathbb";

fn soup() -> impl Strategy<Value = String> {
    let words: Vec<&str> = WORDS.split('\t').collect();
    prop::collection::vec(prop::sample::select(words), 0..24).prop_map(|words| words.concat())
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

    #[test]
    fn what_is_printed_is_read_as_the_same(source in values()) {
        let first = parse(&source, &Notation::reward()).map_err(|error| TestCaseError::fail(format!("{source}: {error}")))?;
        let printed = first.to_string();
        let second = parse(&printed, &Notation::reward()).map_err(|error| TestCaseError::fail(format!("{printed}: {error}")))?;
        prop_assert_eq!(second.to_string(), printed, "{}", source);
    }
}

/// Sources of values, built from the inside.
fn values() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "1",
        "23",
        "0.5",
        "x",
        "y_1",
        "\\pi",
        "e",
        "\\alpha",
        "3\\frac{1}{2}",
        "n!",
        "50\\%",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(4, 24, 2, |inner| {
        let pair = (inner.clone(), inner.clone());
        let signs = prop::sample::select(vec![" + ", " - ", "\\cdot ", " / ", " \\pm ", " \\cup ", " < ", ", "]);
        prop_oneof![
            (pair.clone(), signs).prop_map(|((left, right), sign)| format!("({left}){sign}({right})")),
            pair.clone().prop_map(|(left, right)| format!("\\frac{{{left}}}{{{right}}}")),
            pair.clone().prop_map(|(left, right)| format!("({left})^{{{right}}}")),
            pair.prop_map(|(left, right)| format!("\\{{{left}, {right}\\}}")),
            inner.clone().prop_map(|value| format!("-\\sqrt[3]{{{value}}}")),
            inner.prop_map(|value| format!("\\sin({value})\\left|{value}\\right|")),
        ]
    })
}
