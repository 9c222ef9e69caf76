//! Texts that are long, repetitive or not text at all.

use super::HostileAnswer as Hostile;

pub fn all() -> Vec<Hostile> {
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
        Hostile::other("commas", "17", ",".repeat(10_000)),
        Hostile::other("colons and semicolons", "17", ":;".repeat(10_000)),
    ]
}
