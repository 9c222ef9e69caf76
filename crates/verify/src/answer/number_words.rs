//! Small numbers in English words.

const WORDS: [&str; 21] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];

/// Words that change the number before them, so that they are no units.
const SCALES: [&str; 8] = ["hundred", "thousand", "million", "billion", "trillion", "dozen", "half", "quarter"];

/// Returns the number a word names.
pub fn value(word: &str) -> Option<i128> {
    let position = WORDS.iter().position(|name| word.eq_ignore_ascii_case(name))?;
    i128::try_from(position).ok()
}

/// Tells whether a word scales the number before it.
pub fn is_scale(word: &str) -> bool {
    let singular = word.strip_suffix('s').unwrap_or(word);
    SCALES.iter().any(|scale| word.eq_ignore_ascii_case(scale) || singular.eq_ignore_ascii_case(scale))
}
