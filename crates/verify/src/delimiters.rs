//! What may stand around an answer without being part of it.

/// What opens and what closes it.
const PAIRS: [(&str, &str); 11] = [
    ("$$", "$$"),
    ("$", "$"),
    ("\\(", "\\)"),
    ("\\[", "\\]"),
    ("**", "**"),
    ("`", "`"),
    ("\"", "\""),
    ("\\text{", "}"),
    ("\\mathrm{", "}"),
    ("\\textbf{", "}"),
    ("\\mathbf{", "}"),
];

/// How many pairs an answer is taken out of: to look whether a pair is one takes a look at all that it holds.
const MAX_UNWRAPPINGS: usize = 8;

/// Takes an answer out of delimiters of mathematics, style commands, emphasis and quotation, and off its final periods.
#[must_use]
pub fn bare(answer: &str) -> &str {
    let mut answer = without_periods(answer.trim());
    for _ in 0..MAX_UNWRAPPINGS {
        let unwrapped = PAIRS.iter().find_map(|(open, close)| {
            let inner = answer.strip_prefix(open)?.strip_suffix(close)?;
            is_one(inner, close).then_some(inner)
        });
        let Some(inner) = unwrapped else { break };
        answer = without_periods(inner.trim());
    }
    answer
}

/// Takes the final periods off an answer that is more than one.
fn without_periods(mut answer: &str) -> &str {
    while let Some(inner) = answer.strip_suffix('.').filter(|inner| !inner.is_empty()) {
        answer = inner.trim_end();
    }
    answer
}

/// Tells whether what stands between two delimiters does not end and begin anew in between, as in `$1$ and $2$`.
fn is_one(inner: &str, close: &str) -> bool {
    if close != "}" {
        return !inner.contains(close);
    }
    let mut depth = 0_usize;
    for byte in inner.bytes() {
        depth = match byte {
            b'{' => depth + 1,
            b'}' if depth == 0 => return false,
            b'}' => depth - 1,
            _ => depth,
        };
    }
    depth == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_comes_out_of_all_that_stands_around_it_and_two_answers_stay() {
        for (answer, expected) in [
            ("$B$.", "B"),
            (r"\text{7}.", "7"),
            (r"**\(\textbf{B}\)**", "B"),
            (r"$$\frac{1}{2}$$", r"\frac{1}{2}"),
            (" `x` ", "x"),
            ("$1$ and $2$", "$1$ and $2$"),
            (r"\text{a} or \text{b}", r"\text{a} or \text{b}"),
            ("**", "**"),
            (".", "."),
            ("B. . ..", "B"),
            ("", ""),
        ] {
            assert_eq!(bare(answer), expected, "{answer}");
        }
    }

    #[test]
    fn an_answer_comes_out_of_a_few_pairs_only() {
        let nested = |depth: usize| format!("{}B{}", r"\text{".repeat(depth), "}".repeat(depth));
        assert_eq!(bare(&nested(MAX_UNWRAPPINGS)), "B");
        assert_eq!(bare(&nested(MAX_UNWRAPPINGS + 3)), nested(3));
    }
}
