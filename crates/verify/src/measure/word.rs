//! Words of an answer: lower-cased, without what is around them.

use crate::words::number;

/// Returns the words of a text: runs of letters and digits, lower-cased. Apostrophes and hyphens within a word belong to it.
pub fn words(text: &str) -> Vec<String> {
    let is_within = |character: char| character.is_alphanumeric() || matches!(character, '\'' | '’' | '-');
    let pieces = text.split(|character| !is_within(character));
    let pieces = pieces.map(|piece| piece.trim_matches(|character: char| !character.is_alphanumeric()));
    pieces.filter(|piece| !piece.is_empty()).map(str::to_lowercase).collect()
}

/// Tells whether a text holds one of the first words and none of the second (true), or the other way round (false).
pub fn either(text: &str, first: &[&str], second: &[&str]) -> Option<bool> {
    let words = words(text);
    let holds = |asked: &[&str]| words.iter().any(|word| asked.contains(&word.as_str()));
    let has_first = holds(first);
    (has_first != holds(second)).then_some(has_first)
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

/// Returns the words of a text, with those of a number in words apart: `twenty-one` is two.
pub fn number_words(text: &str) -> Vec<String> {
    let apart = |word: String| {
        let is_number = word.contains('-') && word.split('-').all(number::is_part);
        if is_number { word.split('-').map(str::to_owned).collect() } else { vec![word] }
    };
    words(text).into_iter().flat_map(apart).collect()
}

/// Reads the number that words start with, `no` and `none` being zero; returns how many words it takes.
pub fn leading_number(words: &[String]) -> Option<(u64, usize)> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.first() {
        Some(&("no" | "none")) => Some((0, 1)),
        _ => number::leading(&words),
    }
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
    fn a_text_may_start_with_a_number_in_words() {
        for (text, expected) in [
            ("seven dwarfs", Some((7, 1))),
            ("Twenty-one", Some((21, 2))),
            ("two hundred and five", Some((205, 4))),
            ("No objects", Some((0, 1))),
            ("one-of-a-kind", None),
            ("", None),
        ] {
            assert_eq!(leading_number(&number_words(text)), expected, "{text}");
        }
    }

    #[test]
    fn a_fence_comes_off() {
        assert_eq!(unfenced("see ```json\n[1]\n``` there"), "[1]");
        assert_eq!(unfenced("```[1]```"), "[1]");
        assert_eq!(unfenced("[1]"), "[1]");
    }
}
