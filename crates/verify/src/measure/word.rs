//! Words of an answer: lower-cased, without what is around them.

use std::borrow::Cow;

use crate::words::number_word;

/// Returns the words of a text: runs of letters and digits, lower-cased. Apostrophes and hyphens within a word belong to it.
pub fn words(text: &str) -> Vec<String> {
    let is_within = |character: char| character.is_alphanumeric() || matches!(character, '\'' | '’' | '-');
    let pieces = text.split(|character| !is_within(character));
    let pieces = pieces.map(|piece| piece.trim_matches(|character: char| !character.is_alphanumeric()));
    pieces.filter(|piece| !piece.is_empty()).map(str::to_lowercase).collect()
}

/// Returns a text in one writing: its words with single spaces.
pub fn normal(text: &str) -> String {
    words(text).join(" ")
}

/// Takes a code fence of Markdown off an answer.
pub fn unfenced(answer: &str) -> &str {
    let Some((_, opened)) = answer.split_once("```") else { return answer };
    let (content, _) = opened.split_once("```").unwrap_or((opened, ""));
    // The first line of a fence names the language.
    content.split_once('\n').map_or(content, |(_, content)| content).trim()
}

/// Returns the numbers in a text, in order, as they are written. A sign belongs to a number unless it follows a digit or letter.
pub fn numerals(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let (mut numerals, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        if !(is_digit(at) || bytes[at] == b'.' && is_digit(at + 1)) {
            at += 1;
            continue;
        }
        let is_free = |at: usize| at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        let is_signed = at > 0 && matches!(bytes[at - 1], b'-' | b'+') && is_free(at - 1);
        let from = if is_signed { at - 1 } else { at };
        while is_digit(at) {
            at += 1;
        }
        if bytes.get(at) == Some(&b'.') && is_digit(at + 1) {
            at += 1;
            while is_digit(at) {
                at += 1;
            }
        }
        numerals.push(text.get(from..at).unwrap_or_default());
    }
    numerals
}

/// Joins the groups of digits of a number that are parted by commas.
pub fn without_grouping(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is_grouping =
        |at: usize| at > 0 && is_digit(at - 1) && (1..=3).all(|offset| is_digit(at + offset)) && !is_digit(at + 4);
    if !text.contains(',') {
        return Cow::Borrowed(text);
    }
    let kept = text.char_indices().filter(|(at, character)| *character != ',' || !is_grouping(*at));
    Cow::Owned(kept.map(|(_, character)| character).collect())
}

/// Reads a whole number below a thousand from words, such as `seven`, `twenty-one` or `two hundred and five`.
pub fn number_in_words(words: &[String]) -> Option<u64> {
    let (mut value, mut is_number) = (0, false);
    let parts = words.iter().flat_map(|word| word.split('-'));
    for word in parts.filter(|word| *word != "and") {
        value += match word {
            "none" | "no" => 0,
            "hundred" if value > 0 => value * 99,
            _ => number_word(word)?,
        };
        is_number = true;
    }
    is_number.then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        assert_eq!(
            words("It's the (RED) ball, state-of-the-art -x-!"),
            ["it's", "the", "red", "ball", "state-of-the-art", "x"]
        );
        assert_eq!(normal("  Very\nHAPPY. "), "very happy");
    }

    #[test]
    fn numerals_keep_their_sign_and_point() {
        assert_eq!(numerals("[-1, 2.5,.5] 3-4 x7 1. +8"), ["-1", "2.5", ".5", "3", "4", "7", "1", "+8"]);
        assert_eq!(numerals("no"), [""; 0]);
        assert_eq!(without_grouping("1,234,567 and 1,2 é"), "1234567 and 1,2 é");
    }

    #[test]
    fn numbers_below_a_thousand_are_read_from_words() {
        for (text, expected) in [
            ("seven", Some(7)),
            ("twenty-one", Some(21)),
            ("two hundred and five", Some(205)),
            ("hundred", None),
            ("none", Some(0)),
            ("seven dwarfs", None),
            ("", None),
        ] {
            assert_eq!(number_in_words(&words(text)), expected, "{text}");
        }
    }

    #[test]
    fn a_fence_comes_off() {
        assert_eq!(unfenced("see ```json\n[1]\n``` there"), "[1]");
        assert_eq!(unfenced("```[1]```"), "[1]");
        assert_eq!(unfenced("[1]"), "[1]");
    }
}
