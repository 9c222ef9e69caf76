//! Numbers in digits within a text.

use std::borrow::Cow;

/// What a comma between two digits is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commas {
    /// It parts two numbers.
    Part,
    /// It groups the digits of one.
    Group,
}

/// Returns the numbers of a text in order, as they are written but for commas and for signs: a minus sign is `-`, whichever was
/// written, and belongs to the number unless it follows a digit, a letter or a closing parenthesis.
pub fn numerals(text: &str, commas: Commas) -> Vec<String> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let (mut numerals, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        if !(is_digit(at) || bytes[at] == b'.' && is_digit(at + 1) && !ends_sentence(&text[..at])) {
            at += 1;
            continue;
        }
        let mut numeral = if is_negative(&text[..at]) { "-".to_owned() } else { String::new() };
        let mut has_point = false;
        loop {
            match bytes.get(at) {
                Some(digit) if digit.is_ascii_digit() => numeral.push(char::from(*digit)),
                Some(b'.') if !has_point && is_digit(at + 1) => {
                    has_point = true;
                    numeral.push('.');
                }
                Some(b',') if commas == Commas::Group && is_digit(at + 1) => {}
                _ => break,
            }
            at += 1;
        }
        numerals.push(numeral);
    }
    numerals
}

/// Tells whether a point behind a text ends a sentence, or is the last of an ellipsis, rather than a decimal point.
fn ends_sentence(before: &str) -> bool {
    before.ends_with(|character: char| character.is_alphabetic() || character == '.')
}

/// Tells whether what stands before a number ends in its minus sign.
fn is_negative(before: &str) -> bool {
    let rest = before.strip_suffix(['-', '−']);
    rest.is_some_and(|rest| !rest.ends_with(|character: char| character.is_alphanumeric() || character == ')'))
}

/// Joins the groups of three digits of a number that are parted by commas.
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

/// Rounds to decimal places as Python's `round` does: to the nearest of the double's exact value, ties to even. Zero has no sign.
pub fn rounded(number: f64, places: u32) -> f64 {
    // The formatter works on the exact value too; every text that it makes is a number.
    format!("{number:.*}", places as usize).parse().unwrap_or(number) + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerals_keep_their_sign_and_point() {
        let parted = numerals("[-1, 2.5,.5] 3-4 x7 1. +8 −9 (2)-3 1.2.3", Commas::Part);
        assert_eq!(parted, ["-1", "2.5", ".5", "3", "4", "7", "1", "8", "-9", "2", "3", "1.2", ".3"]);
        assert_eq!(numerals("from −3 to 1,200.5, 4-2 and 7.", Commas::Group), ["-3", "1200.5", "4", "2", "7"]);
        assert_eq!(numerals("1,2", Commas::Part), ["1", "2"]);
        assert_eq!(numerals("It is...7, it is.8, 9..10", Commas::Part), ["7", "8", "9", "10"]);
        assert!(numerals("no é−", Commas::Group).is_empty());
        assert_eq!(without_grouping("1,234,567 and 1,2 é"), "1234567 and 1,2 é");
    }

    #[test]
    fn rounding_is_that_of_python() {
        // Values of Python 3.11's `round`.
        for (number, places, expected) in [
            (2.675, 2, 2.67),
            (1.015, 2, 1.01),
            (0.125, 2, 0.12),
            (0.375, 2, 0.38),
            (2.5, 0, 2.0),
            (-2.5, 0, -2.0),
            (1.25, 1, 1.2),
            (1e308, 2, 1e308),
            (5e307, 15, 5e307),
        ] {
            assert_eq!(rounded(number, places), expected, "{number} to {places}");
        }
        assert!(rounded(-0.3, 0).is_sign_positive());
    }
}
