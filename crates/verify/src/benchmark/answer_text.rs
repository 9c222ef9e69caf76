//! Where the answer is in a response to a benchmark, and how numbers in it are read.

use crate::{Extraction, Fallback, Source};

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

/// Takes an answer out of delimiters of mathematics, style commands, emphasis, quotation, and off its final period.
pub fn plain(answer: &str) -> &str {
    const PAIRS: [(&str, &str); 9] = [
        ("$", "$"),
        ("\\(", "\\)"),
        ("**", "**"),
        ("`", "`"),
        ("\"", "\""),
        ("\\text{", "}"),
        ("\\textbf{", "}"),
        ("\\mathrm{", "}"),
        ("\\mathbf{", "}"),
    ];
    let mut answer = answer.trim();
    loop {
        let unwrapped = PAIRS.iter().find_map(|(open, close)| answer.strip_prefix(open)?.strip_suffix(close));
        match unwrapped.or_else(|| answer.strip_suffix('.')) {
            Some(inner) => answer = inner.trim(),
            None => return answer,
        }
    }
}

/// Reads an answer that is a number and nothing else, with thousands separators and a currency sign or not.
pub fn number(answer: &str) -> Option<f64> {
    let digits: String =
        plain(answer).chars().filter(|character| !matches!(character, ',' | '$' | '\\' | ' ')).collect();
    // Words such as `nan` and `infinity` are numbers to the parser alone.
    let is_numeral =
        digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
    digits.parse().ok().filter(|value: &f64| is_numeral && value.is_finite())
}

/// Returns the numbers of a text in order, as they are written, without thousands separators. A sign counts where no digit,
/// letter or closing parenthesis stands before it.
pub fn numerals(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let digit = |index: usize| characters.get(index).is_some_and(char::is_ascii_digit);
    let (mut found, mut index) = (Vec::new(), 0);
    while index < characters.len() {
        if !digit(index) {
            index += 1;
            continue;
        }
        let mut numeral = String::new();
        let is_signed = index > 0 && matches!(characters[index - 1], '-' | '−');
        let is_difference = index > 1 && (characters[index - 2].is_alphanumeric() || characters[index - 2] == ')');
        if is_signed && !is_difference {
            numeral.push('-');
        }
        while digit(index) || matches!(characters.get(index), Some('.' | ',')) && digit(index + 1) {
            if characters[index] != ',' {
                numeral.push(characters[index]);
            }
            index += 1;
        }
        found.push(numeral);
    }
    found
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
    fn numbers_are_read_alone_and_numerals_wherever_they_stand() {
        assert_eq!(number("$1,234.50$"), Some(1234.5));
        assert_eq!(number(r"\text{7}."), Some(7.0));
        assert_eq!(number("-.5e1"), Some(-5.0));
        for text in ["", "7 apples", "nan", "inf", "1-2"] {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!(numerals("from -3 to 1,200.5, 4-2 and 7."), ["-3", "1200.5", "4", "2", "7"]);
    }
}
