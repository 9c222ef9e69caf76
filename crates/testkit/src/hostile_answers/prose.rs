//! Texts that are long, repetitive or not text at all.

use super::HostileAnswer as Hostile;

pub fn all() -> Vec<Hostile> {
    [responses(), repeated(), signs()].concat()
}

/// Long responses.
fn responses() -> Vec<Hostile> {
    let words = "the number is not yet known, ".repeat(7_000);
    let formulas = "so $x = \\frac{1}{2}$ and \\(y=3\\), ".repeat(6_000);
    vec![
        Hostile::same("200 KB of prose, then a box", "\\frac{1}{2}", format!("{words}\\boxed{{\\frac{{1}}{{2}}}}"))
            .in_response()
            .decided(),
        Hostile::other("200 KB of prose, then another box", "7", format!("{words}\\boxed{{8}}"))
            .in_response()
            .decided(),
        Hostile::same("200 KB of formulas, then a box", "17", format!("{formulas}\\boxed{{17}}"))
            .in_response()
            .decided(),
        Hostile::other("200 KB of formulas and no answer", "17", formulas).in_response(),
        Hostile::other("10,000 open boxes", "17", "\\boxed{".repeat(10_000)).in_response(),
        Hostile::other("10,000 boxes", "17", "\\boxed{1}".repeat(10_000)).in_response(),
        Hostile::other("10,000 open answer tags", "17", "<answer>".repeat(10_000)).in_response(),
        Hostile::same(
            "10,000 empty answers, then one",
            "17",
            format!("{}<answer>17</answer>", "<answer></answer>".repeat(10_000)),
        )
        .in_response(),
        Hostile::other("20,000 dollar signs", "17", "$".repeat(20_001)).in_response(),
        Hostile::other("unclosed mathematics", "17", "$1+".repeat(10_000)).in_response(),
        Hostile::other("announced without end", "17", "the answer is ".repeat(10_000)).in_response(),
        Hostile::other("64 KiB of backslashes", "17", "\\".repeat(65_536)).in_response(),
        Hostile::other("alternating braces", "17", "}{".repeat(20_000)).in_response(),
        Hostile::other("spaces without end", "17", " \t\n".repeat(40_000)).in_response(),
        Hostile::other("one word without end", "17", "x".repeat(100_000)).in_response(),
    ]
}

/// Responses in which the same is met again and again on the way to what cannot be read.
fn repeated() -> Vec<Hostile> {
    vec![
        Hostile::other("ones, then pluses", "17", "1 ".repeat(16_000) + &"+".repeat(32_000)).in_response(),
        Hostile::other("ones, then parentheses", "17", "1 ".repeat(16_000) + &")".repeat(32_000)).in_response(),
        Hostile::other("pairs in parentheses, then pluses", "17", "1 (".repeat(10_000) + &"+)".repeat(16_000))
            .in_response(),
        Hostile::other("announcements before ones", "17", "answer: ".repeat(256) + &"1 ".repeat(30_000)).in_response(),
        Hostile::other("256 headings of one line", "17", "####".repeat(256) + " " + &"a ".repeat(500)).in_response(),
        Hostile::other("256 headings of lines", "17", format!("#### {}\n", "a 5 b ".repeat(40)).repeat(256))
            .in_response(),
        Hostile::other("announcements of one line", "17", "answer: ".repeat(256) + &"x ".repeat(500)).in_response(),
        Hostile::other(
            "eight boxes of nothing readable",
            "17",
            format!("\\boxed{{{})}} so ", "(1,".repeat(1_300)).repeat(8),
        )
        .in_response(),
        Hostile::other(
            "eight formulas of nothing readable",
            "17",
            format!("${})$ so ", "1,234,".repeat(600)).repeat(8),
        )
        .in_response(),
    ]
}

/// Signs that nobody types, and too many of those that people do.
fn signs() -> Vec<Hostile> {
    vec![
        Hostile::other("control characters", "17", "\u{0}\u{1}\u{7f}\u{9b}17\u{0}1".repeat(50)),
        Hostile::other("marks that turn the text round", "17", "\u{202e}71\u{202c}\u{200f}".to_owned()),
        Hostile::other("combining marks", "17", format!("1{}7", "\u{0301}".repeat(5_000))),
        Hostile::other("the number of a character that is none", "17", "\\boxed{\\charπ}").in_response(),
        Hostile::other("a wide digit for a base", "17", "so it is $\\log_２").in_response(),
        Hostile::other("a wide digit for a base, alone", "17", "\\log_２"),
        Hostile::other("emoji", "17", "🦀👩‍👩‍👧".repeat(500)),
        Hostile::other("an answer that is nothing", "17", "\u{200b}\u{feff}"),
        Hostile::other("a reference that is nothing", "\\,", "17"),
        Hostile::other("commands that do not exist", "17", "\\undefined".repeat(1_000)),
        Hostile::other(
            "every command at once",
            "17",
            "\\frac\\sqrt\\sum_\\int^\\lim\\binom\\left\\right\\begin\\end{".repeat(100),
        ),
        Hostile::other("percent signs", "17", "%".repeat(10_000)),
        Hostile::other("a number of grouped numbers", "17", format!("1{},5)", ",234".repeat(990))),
        Hostile::other("a unit of units", "17", format!("5{}", " ft".repeat(1_300))),
        Hostile::other("4,000 backslashes", "17", "\\".repeat(4_000)),
        Hostile::other("commas", "17", ",".repeat(10_000)),
        Hostile::other("colons and semicolons", "17", ":;".repeat(10_000)),
    ]
}
