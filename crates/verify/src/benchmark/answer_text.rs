//! Where the answer is in a response to a benchmark, and how numbers in it are read.

use crate::{Extraction, Fallback, Source, delimiters::bare};

/// The longest answer that is read, in bytes; what is longer is cut.
const MAX_ANSWER_BYTES: usize = 4_096;

/// Returns the answer where a response marks it: in the last `<answer>` element, the last box, or after words that announce it.
pub fn marked(response: &str) -> Option<&str> {
    Extraction { source: Source::Auto, fallback: Fallback::FinalAnswer }.find(response).map(cut)
}

/// Returns the marked answer, or else everything after the reasoning.
pub fn marked_or_rest(response: &str) -> &str {
    let found = Extraction { source: Source::Auto, fallback: Fallback::None }.find(response);
    cut(found.unwrap_or_else(|| after_reasoning(response)))
}

/// Returns what follows the last `</think>`, without the white space around it.
pub fn after_reasoning(response: &str) -> &str {
    response.rsplit_once("</think>").map_or(response, |(_, rest)| rest).trim()
}

/// Returns what follows the last occurrence of words, whatever their case, to the end of the line.
pub fn after_last<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    let at = text.to_ascii_lowercase().rfind(words)?;
    text.get(at + words.len()..)?.lines().next().map(str::trim)
}

/// Reads an answer that is a number and nothing else, with thousands separators and a currency sign or not.
pub fn number(answer: &str) -> Option<f64> {
    let kept = bare(answer).chars().filter(|character| !matches!(character, ',' | '$' | '\\' | ' '));
    let digits: String = kept.map(|character| if character == '−' { '-' } else { character }).collect();
    // Words such as `nan` and `infinity` are numbers to the parser alone.
    let is_numeral =
        digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
    digits.parse().ok().filter(|value: &f64| is_numeral && value.is_finite())
}

/// Lowers case, and makes all white space one space.
pub fn normalise(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

fn cut(answer: &str) -> &str {
    let mut end = answer.len().min(MAX_ANSWER_BYTES);
    while !answer.is_char_boundary(end) {
        end -= 1;
    }
    &answer[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marked_answer_wins_over_the_rest() {
        assert_eq!(marked("<think>7</think> so <answer> 8 </answer>"), Some("8"));
        assert_eq!(marked("no marks at all"), None);
        assert_eq!(marked_or_rest("<think>B?</think> It is C"), "It is C");
        assert_eq!(after_last("The answer is A. No, the Answer is **B**\nbye", "answer is"), Some("**B**"));
    }

    #[test]
    fn an_answer_that_is_a_number_and_nothing_else_is_read() {
        assert_eq!(number("−7"), Some(-7.0));
        assert_eq!(number("$1,234.50$"), Some(1234.5));
        assert_eq!(number(r"\text{7}."), Some(7.0));
        assert_eq!(number("-.5e1"), Some(-5.0));
        for text in ["", "7 apples", "nan", "inf", "1-2"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
