//! Nesting deeper than any stack.

use super::HostileAnswer as Hostile;

pub fn all() -> Vec<Hostile> {
    vec![
        Hostile::same("200 nested parentheses", "1", around("(", "1", ")", 200)),
        Hostile::other("2,000 nested parentheses", "2", around("(", "1", ")", 2_000)),
        Hostile::other("1,900 open parentheses with commas", "2", "(1,".repeat(1_300)),
        Hostile::other("600 nested texts", "2", around("\\text{", "1", "}", 600)),
        Hostile::other("5,000 braces", "2", around("{", "1", "}", 5_000)),
        Hostile::other("30,000 open braces", "2", "{".repeat(30_000)),
        Hostile::other("400 nested fractions", "2", around("\\frac{1}{1+", "1", "}", 400)),
        Hostile::other("500 nested roots", "2", around("\\sqrt{1+", "1", "}", 500)),
        Hostile::other("3,000 superscripts", "2", around("x^{", "1", "}", 3_000)),
        Hostile::other("3,000 subscripts", "2", around("x_{", "1", "}", 3_000)),
        Hostile::other("3,000 open delimiters", "2", "\\left(".repeat(3_000)),
        Hostile::other("3,000 fractions without arguments", "2", "\\frac".repeat(3_000)),
        Hostile::other("2,000 bars", "2", "|".repeat(2_001) + "1"),
        Hostile::other("2,000 absolute values", "2", around("\\left|", "1", "\\right|", 2_000)),
        Hostile::other("2,000 functions", "2", "\\sin".repeat(2_000) + " 1"),
        Hostile::other("2,000 factorials", "2", format!("3{}", "!".repeat(2_000))),
        Hostile::other("2,000 primes", "f(x)", format!("f{}(x)", "'".repeat(2_000))),
        Hostile::other("1,000 nested environments", "2", around("\\begin{pmatrix}", "1", "\\end{pmatrix}", 1_000)),
        Hostile::other("1,000 open environments", "2", "\\begin{cases}".repeat(1_000)),
        Hostile::other("2,000 nested sets", "2", around("\\{", "1", "\\}", 2_000)),
        Hostile::other("2,000 nested texts", "2", around("\\text{", "1", "}", 2_000)),
        Hostile::other("20,000 nested texts around a letter", "B", around("\\text{", "C", "}", 20_000)),
        Hostile::other("20,000 nested emphases around a letter", "B", around("`", "C", "`", 20_000)),
        Hostile::other("a fraction of fractions", "2", doubled(12)),
    ]
}

fn around(open: &str, inside: &str, close: &str, depth: usize) -> String {
    format!("{}{inside}{}", open.repeat(depth), close.repeat(depth))
}

/// A fraction both of whose sides are fractions, and so on: nodes double with every level.
fn doubled(depth: usize) -> String {
    (0..depth).fold("3".to_owned(), |inside, _| format!("\\frac{{{inside}}}{{{inside}+1}}"))
}
