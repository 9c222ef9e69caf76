//! Finds the answer in a response.

/// The bytes at the end of a response in which an answer is looked for.
const MAX_SEARCHED_BYTES: usize = 64 << 10;

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
    /// After the last `Final answer:`, `answer is` or `answer:`, to the end of the line.
    FinalAnswer,
    /// The same, or else the last line that holds anything.
    LastLine,
}

// === impl Extraction ===

impl Extraction {
    /// Finds the answer in the last 64 KiB of a text, without the white space around it.
    #[must_use]
    pub fn find(self, text: &str) -> Option<&str> {
        let text = end_of(text);
        let found = match self.source {
            Source::Auto => last_answer_element(text).or_else(|| last_box(text)),
            Source::AnswerTag => last_answer_element(text),
            Source::Boxed => last_box(text),
            Source::Whole => Some(text),
        };
        let found = found.or_else(|| match self.fallback {
            Fallback::None => None,
            Fallback::FinalAnswer => after_anchor(text),
            Fallback::LastLine => after_anchor(text).or_else(|| last_line(text)),
        });
        found.map(unwrap).filter(|answer| !answer.is_empty())
    }
}

/// Returns the end of a text, from a character's beginning on.
fn end_of(text: &str) -> &str {
    let mut from = text.len().saturating_sub(MAX_SEARCHED_BYTES);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

/// Returns what is in the last `<answer>` element that is closed.
fn last_answer_element(text: &str) -> Option<&str> {
    let (before, _) = text.rsplit_once("</answer>")?;
    let (_, content) = before.rsplit_once("<answer>")?;
    Some(content)
}

/// Returns what is in the last balanced `\boxed{…}` (or `\fbox{…}`), in one pass over the text.
pub fn last_box(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    // For each open brace, where a box's content begins if it is one's.
    let mut open: Vec<Option<usize>> = Vec::new();
    let (mut last, mut position) = (None, 0);
    while let Some(&byte) = bytes.get(position) {
        match byte {
            // An escaped character is no brace; a box's own brace is taken with its command.
            b'\\' => match box_content(text, position) {
                Some(content) => {
                    open.push(Some(content));
                    position = content;
                    continue;
                }
                None => position += 1,
            },
            b'{' => open.push(None),
            b'}' => {
                if let Some(Some(content)) = open.pop() {
                    last = Some((content, position));
                }
            }
            _ => {}
        }
        position += 1;
    }
    let (from, to) = last?;
    text.get(from..to)
}

/// Returns where the content of a box begins whose command is at a position.
fn box_content(text: &str, position: usize) -> Option<usize> {
    let tail = text.get(position..)?;
    let after = ["\\boxed", "\\fbox"].iter().find_map(|command| tail.strip_prefix(command))?;
    let brace = after.trim_start_matches(' ');
    brace.starts_with('{').then(|| text.len() - brace.len() + 1)
}

/// Returns the rest of the line after the last words that announce an answer.
fn after_anchor(text: &str) -> Option<&str> {
    let lower = text.to_ascii_lowercase();
    let ends = ["final answer", "answer is", "answer:"];
    let ends = ends.iter().filter_map(|anchor| lower.rfind(anchor).map(|at| at + anchor.len()));
    let rest = text.get(ends.max()?..)?;
    let rest = rest.trim_start_matches([' ', '*', ':']);
    let rest = rest.strip_prefix("is ").unwrap_or(rest).trim_start_matches([' ', '*', ':']);
    let line = rest.trim_start().lines().next()?.trim_matches([' ', '*']);
    (!line.is_empty()).then_some(line)
}

fn last_line(text: &str) -> Option<&str> {
    text.lines().rev().map(str::trim).find(|line| !line.is_empty())
}

/// Takes an answer out of what it is wrapped in: a box, words that announce it, emphasis.
fn unwrap(answer: &str) -> &str {
    let mut answer = answer.trim();
    for _ in 0..MAX_WRAPPERS {
        let inner = last_box(answer).or_else(|| after_prefix(answer)).unwrap_or(answer).trim();
        if inner.len() == answer.len() {
            break;
        }
        answer = inner;
    }
    answer
}

/// Returns what follows `Final answer:` or `Answer:` at the start of an answer.
fn after_prefix(answer: &str) -> Option<&str> {
    let prefixes = ["final answer:", "answer:"];
    prefixes.iter().find_map(|prefix| {
        let head = answer.get(..prefix.len())?;
        head.eq_ignore_ascii_case(prefix).then(|| &answer[prefix.len()..])
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
            (r"\\boxed{8}", None),
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
