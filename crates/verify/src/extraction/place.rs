//! The answer as one piece of a text, for those who read it themselves: what an element or a box holds, or what words announce.

use super::{
    AnswerElement, Boxes, ExtractionSettings, Forms,
    anchor::Anchor,
    boxes,
    region::{self, Region},
    statement,
};

/// How often one wrapper within another is unwrapped, such as a box in an answer element.
const MAX_WRAPPERS: usize = 4;

/// Where the answer is, and where else where it is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extraction {
    /// Where it should be.
    pub source: Source,
    /// Where it is looked for if it is not there.
    pub fallback: Fallback,
}

/// Where an answer should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The last complete `<answer>…</answer>`, or else the last balanced `\boxed{…}`.
    Auto,
    /// The last complete `<answer>…</answer>`.
    AnswerTag,
    /// The last balanced `\boxed{…}`.
    Boxed,
    /// The whole text.
    Whole,
}

/// Where an answer is looked for if it is not where it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// Nowhere.
    None,
    /// What words announce, to the end of the line.
    FinalAnswer,
    /// The same, or else the last line that holds anything.
    LastLine,
}

// === impl Extraction ===

impl Extraction {
    /// Finds the answer where candidates are looked for too, without the white space around it.
    #[must_use]
    pub fn find(self, text: &str) -> Option<&str> {
        let (answer_element, boxes) = match self.source {
            Source::Auto | Source::AnswerTag => (AnswerElement::Last, Boxes::Joined),
            Source::Boxed => (AnswerElement::Ignored, Boxes::LastClosed),
            Source::Whole => (AnswerElement::Ignored, Boxes::Joined),
        };
        let settings = ExtractionSettings { answer_element, boxes, ..ExtractionSettings::math_verify() };
        let Region { range, is_element } = region::searched(text, &settings)?;
        let text = &text[range];
        let found = match self.source {
            _ if is_element => Some(text),
            Source::AnswerTag => None,
            Source::Auto | Source::Boxed => boxes::last(text).map(|content| &text[content]),
            Source::Whole => Some(text),
        };
        let found = found.or_else(|| match self.fallback {
            Fallback::None => None,
            Fallback::FinalAnswer => announced(text),
            Fallback::LastLine => announced(text).or_else(|| last_line(text)),
        });
        found.map(unwrapped).filter(|answer| !answer.is_empty())
    }
}

/// Returns the rest of the line behind the last words that announce an answer.
fn announced(text: &str) -> Option<&str> {
    let behind = |anchor: &Anchor| {
        let is = anchor.behind_final_is(text).or_else(|| anchor.behind_colon(text, Forms::Wide));
        is.or_else(|| anchor.behind_copula(text))
    };
    let anchors = Anchor::all(text, Forms::Wide);
    let line = anchors.iter().rev().find_map(|anchor| statement::line(text, behind(anchor)?))?;
    Some(&text[line])
}

fn last_line(text: &str) -> Option<&str> {
    text.lines().rev().map(str::trim).find(|line| !line.is_empty())
}

/// Takes an answer out of what it is wrapped in: a box, words that announce it.
fn unwrapped(answer: &str) -> &str {
    let mut answer = answer.trim();
    for _ in 0..MAX_WRAPPERS {
        let boxed = boxes::last(answer).map(|content| &answer[content]);
        let inner = boxed.or_else(|| without_announcement(answer)).unwrap_or(answer).trim();
        if inner.len() == answer.len() {
            break;
        }
        answer = inner;
    }
    answer
}

/// Returns what follows `Final answer:` or `Answer:` at the start of an answer.
fn without_announcement(answer: &str) -> Option<&str> {
    ["final answer:", "answer:"].iter().find_map(|words| {
        let (head, rest) = answer.split_at_checked(words.len())?;
        head.eq_ignore_ascii_case(words).then_some(rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(source: Source, fallback: Fallback, text: &str) -> Option<&str> {
        Extraction { source, fallback }.find(text)
    }

    #[test]
    fn the_last_complete_answer_element_wins_over_boxes() {
        for (text, expected) in [
            ("<answer>1</answer> no, <answer> 2 </answer>", Some("2")),
            ("<answer>1</answer> and <answer>2", Some("1")),
            (r"\boxed{9} <answer>1</answer>", Some("1")),
            (r"<answer>It is $\boxed{2}$.</answer>", Some("2")),
            ("<answer>Final Answer: B</answer>", Some("B")),
            ("<think><answer>1</answer></think> 2", None),
            ("<answer></answer>", None),
            ("<answer>1", None),
            ("</answer><answer>", None),
        ] {
            assert_eq!(find(Source::Auto, Fallback::None, text), expected, "{text}");
        }
    }

    #[test]
    fn the_last_balanced_box_is_found_whatever_braces_are_around() {
        for (text, expected) in [
            (r"\boxed{1} then \boxed{\frac{1}{2}}", Some(r"\frac{1}{2}")),
            (r"\boxed{1} then \boxed{2", Some("1")),
            (r"{ \boxed{ 3 } and {", Some("3")),
            (r"} \boxed{4} }", Some("4")),
            (r"\boxed{\{1, 2\}}", Some(r"\{1, 2\}")),
            (r"\boxed {5}", Some("5")),
            (r"\fbox{6}", Some("6")),
            (r"\boxed{\boxed{7}}", Some("7")),
            (r"\boxed5", None),
            (r"\boxed{}", None),
        ] {
            assert_eq!(find(Source::Boxed, Fallback::None, text), expected, "{text}");
        }
    }

    #[test]
    fn the_fallback_reads_the_announced_answer_and_then_the_last_line() {
        for (text, anchored, line) in [
            ("Final answer: 12\nthanks", Some("12"), Some("12")),
            ("The answer is **B**", Some("B"), Some("B")),
            ("Final Answer\n\n42", Some("42"), Some("42")),
            ("the final answer is: 3.5 m", Some("3.5 m"), Some("3.5 m")),
            ("Réponse : 7", Some("7"), Some("7")),
            ("no anchor\n 17 \n\n", None, Some("17")),
            ("", None, None),
        ] {
            assert_eq!(find(Source::Auto, Fallback::FinalAnswer, text), anchored, "{text}");
            assert_eq!(find(Source::Auto, Fallback::LastLine, text), line, "{text}");
        }
    }

    #[test]
    fn an_answer_at_the_end_of_a_very_long_response_is_found() {
        let text = format!("{}<answer>7</answer>", "é{".repeat(1 << 20));
        assert_eq!(find(Source::Auto, Fallback::None, &text), Some("7"));
    }
}
