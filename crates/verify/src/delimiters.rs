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

/// Takes an answer out of delimiters of mathematics, style commands, emphasis and quotation, and off its final period.
#[must_use]
pub fn bare(answer: &str) -> &str {
    let mut answer = answer.trim();
    loop {
        let unwrapped = PAIRS.iter().find_map(|(open, close)| {
            let inner = answer.strip_prefix(open)?.strip_suffix(close)?;
            is_one(inner, close).then_some(inner)
        });
        let without_period = answer.strip_suffix('.').filter(|inner| !inner.is_empty());
        match unwrapped.or(without_period) {
            Some(inner) => answer = inner.trim(),
            None => return answer,
        }
    }
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
            ("", ""),
        ] {
            assert_eq!(bare(answer), expected, "{answer}");
        }
    }
}
