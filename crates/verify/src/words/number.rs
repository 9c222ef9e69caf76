//! The one grammar of numbers in words: `seven`, `twenty-one`, `two hundred and five`, `three thousand`.

/// The numbers below twenty.
const SMALL: [&str; 20] = [
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
];

/// Tens, from twenty on.
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/// The word that multiplies a digit before it.
const HUNDRED: &str = "hundred";

/// The words that multiply a number below a thousand before them. Each stands once at most, and the larger first, so that no
/// number in words reaches 10^12.
const SCALES: [(&str, u64); 3] = [("thousand", 1_000), ("million", 1_000_000), ("billion", 1_000_000_000)];

/// Tells whether a word is part of numbers, `and` aside.
#[must_use]
pub fn is_part(word: &str) -> bool {
    of_word(word).is_some() || word == HUNDRED || scale(word).is_some()
}

/// Reads the longest number that words, in lower case, start with; returns how many words it takes.
#[must_use]
pub fn leading(words: &[&str]) -> Option<(u64, usize)> {
    let (mut value, mut num_taken, mut bound) = (0, 0, u64::MAX);
    while let Some((group, num_words)) = below_thousand(after_and(words, num_taken)) {
        let from = num_taken + and_at(words, num_taken) + num_words;
        let scale = words.get(from).and_then(|word| scale(word)).filter(|_| group > 0);
        let factor = scale.unwrap_or(1);
        if factor >= bound || group == 0 && num_taken > 0 {
            break;
        }
        value += group * factor;
        (num_taken, bound) = (from + usize::from(scale.is_some()), factor);
    }
    (num_taken > 0).then_some((value, num_taken))
}

/// Reads words that are one number and nothing else.
#[must_use]
pub fn whole(words: &[&str]) -> Option<u64> {
    leading(words).filter(|(_, num_words)| *num_words == words.len()).map(|(value, _)| value)
}

fn of_word(word: &str) -> Option<u64> {
    let place = |names: &[&str]| names.iter().position(|name| *name == word).map(|place| place as u64);
    place(&SMALL).or_else(|| place(&TENS).map(|place| 10 * (place + 2)))
}

fn scale(word: &str) -> Option<u64> {
    SCALES.iter().find(|(name, _)| *name == word).map(|(_, scale)| *scale)
}

/// `205` of `two hundred and five`, and how many words it takes.
fn below_thousand(words: &[&str]) -> Option<(u64, usize)> {
    let (first, num_words) = below_hundred(words)?;
    if !(1..10).contains(&first) || words.get(num_words) != Some(&HUNDRED) {
        return Some((first, num_words));
    }
    let num_words = num_words + 1;
    match below_hundred(after_and(words, num_words)) {
        Some((rest, more)) if rest > 0 => Some((first * 100 + rest, num_words + and_at(words, num_words) + more)),
        _ => Some((first * 100, num_words)),
    }
}

fn below_hundred(words: &[&str]) -> Option<(u64, usize)> {
    let first = of_word(words.first()?)?;
    let ones = words.get(1).and_then(|word| of_word(word)).filter(|ones| (1..10).contains(ones));
    match ones {
        Some(ones) if first >= 20 => Some((first + ones, 2)),
        _ => Some((first, 1)),
    }
}

/// Whether an `and` stands within a number, which takes a word before it: as a number of words.
fn and_at(words: &[&str], at: usize) -> usize {
    usize::from(at > 0 && words.get(at) == Some(&"and"))
}

fn after_and<'a>(words: &'a [&'a str], at: usize) -> &'a [&'a str] {
    words.get(at + and_at(words, at)..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_by_their_grammar_and_no_further() {
        for (text, expected) in [
            ("seven", Some((7, 1))),
            ("zero", Some((0, 1))),
            ("twenty one", Some((21, 2))),
            ("two hundred", Some((200, 2))),
            ("two hundred and five", Some((205, 4))),
            ("two hundred five objects", Some((205, 3))),
            ("three thousand two hundred and six", Some((3_206, 6))),
            ("two hundred thousand and one", Some((200_001, 5))),
            ("nine hundred ninety nine billion nine million", Some((999_009_000_000, 7))),
            // Two numbers, not their sum.
            ("two three", Some((2, 1))),
            ("twenty eleven", Some((20, 1))),
            ("two hundred hundred", Some((200, 2))),
            ("two thousand three thousand", Some((2_000, 2))),
            ("one hundred and zero", Some((100, 2))),
            ("zero thousand", Some((0, 1))),
            ("seven and a half", Some((7, 1))),
            ("hundred", None),
            ("and five", None),
            ("", None),
        ] {
            let words: Vec<&str> = text.split(' ').collect();
            assert_eq!(leading(&words), expected, "{text}");
        }
        assert_eq!((whole(&["forty", "two"]), whole(&["two", "three"])), (Some(42), None));
    }

    #[test]
    fn a_number_that_would_not_fit_is_not_read_as_one() {
        let mut words = vec!["one"];
        words.extend(["hundred"; 10]);
        assert_eq!(leading(&words), Some((100, 2)));
        assert_eq!(leading(&["one", "billion", "billion", "billion"]), Some((1_000_000_000, 2)));
    }
}
