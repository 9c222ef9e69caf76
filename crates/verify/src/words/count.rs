//! Things and how many of them there are, in words: `seven apples`, `twenty-one red balls`; and parts of one: `two thirds`.

use super::{normal, number};

/// The most words that name what is counted.
const MAX_NOUN_WORDS: usize = 3;

/// Words behind a number in words that make something else of it than a count: `two thirds`, `one of them`, `three or four`.
const OTHERS: [&str; 39] = [
    "a",
    "above",
    "after",
    "and",
    "before",
    "below",
    "by",
    "cubed",
    "divided",
    "every",
    "factorial",
    "for",
    "from",
    "half",
    "halves",
    "if",
    "in",
    "is",
    "less",
    "minus",
    "more",
    "of",
    "on",
    "or",
    "out",
    "over",
    "per",
    "plus",
    "point",
    "quarter",
    "quarters",
    "root",
    "squared",
    "than",
    "third",
    "thirds",
    "times",
    "to",
    "twice",
];

/// Parts of one, and how many of them there are in it.
const PARTS: [(&str, u64); 9] = [
    ("half", 2),
    ("third", 3),
    ("quarter", 4),
    ("fourth", 4),
    ("fifth", 5),
    ("sixth", 6),
    ("eighth", 8),
    ("ninth", 9),
    ("tenth", 10),
];

/// Returns a count in words with its number in digits: `7 apples` of `seven apples`, `2/3` of `two thirds`.
#[must_use]
pub fn in_digits(text: &str) -> Option<String> {
    if !text.starts_with(char::is_alphabetic) || !text.chars().all(is_wordy) {
        return None;
    }
    let normal = normal(text);
    let words: Vec<&str> = normal.split(' ').collect();
    if let [part] = words[..]
        && let Some(divisor) =
            parts_of(part).filter(|_| part == "half" || text.get(..2).is_some_and(|a| a.eq_ignore_ascii_case("a ")))
    {
        return Some(format!("1/{divisor}"));
    }
    let (value, num_words) = number::leading(&words)?;
    let noun = words.get(num_words..)?;
    if let [part] = noun
        && let Some(divisor) = parts_of(part)
    {
        return Some(format!("{value}/{divisor}"));
    }
    let is_noun = |word: &&str| !OTHERS.contains(word) && !number::is_part(word) && !is_ordinal(word);
    let is_count = (1..=MAX_NOUN_WORDS).contains(&noun.len()) && noun.iter().all(is_noun);
    is_count.then(|| format!("{value} {}", noun.join(" ")))
}

fn parts_of(word: &str) -> Option<u64> {
    let one = if word == "halves" { "half" } else { word.strip_suffix('s').unwrap_or(word) };
    PARTS.iter().find(|(part, _)| *part == one).map(|(_, divisor)| *divisor)
}

fn is_wordy(character: char) -> bool {
    character.is_alphabetic() || character.is_whitespace() || matches!(character, '-' | '.' | '!')
}

/// Tells whether a word is a place in an order, and so perhaps what a fraction is named by: `fifth`, `tenths`.
fn is_ordinal(word: &str) -> bool {
    let one = word.strip_suffix('s').unwrap_or(word);
    let is_irregular = matches!(one, "first" | "third" | "fifth" | "eighth" | "ninth" | "twelfth");
    is_irregular || one.ends_with("tieth") || one.strip_suffix("th").is_some_and(number::is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_things_are_told_from_other_words_with_numbers() {
        for (text, expected) in [
            ("seven apples", Some("7 apples")),
            ("Twenty-one red balls.", Some("21 red balls")),
            ("two hundred and five km", Some("205 km")),
            ("two thirds", Some("2/3")),
            ("one fifth", Some("1/5")),
            ("A quarter", Some("1/4")),
            ("half", Some("1/2")),
            ("third", None),
            ("two thirds of it", None),
            ("three hundredths", None),
            ("two months", Some("2 months")),
            ("one of them", None),
            ("three or four", None),
            ("seven", None),
            ("two three apples", None),
            ("two plus x", None),
            ("nine times as many", None),
            ("apples", None),
            ("7 apples", None),
            ("", None),
        ] {
            assert_eq!(in_digits(text).as_deref(), expected, "{text}");
        }
    }
}
