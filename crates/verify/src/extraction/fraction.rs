//! Fractions in LaTeX outside any environment: `\frac{1}{2}`, and `\frac12` and `2\frac{1}{3}` where more ways of writing are known.

use std::ops::Range;

use super::{Forms, scan::number_end};

/// The longest argument, in bytes.
const MAX_ARGUMENT_BYTES: usize = 64;

/// Returns the fraction whose backslash is at a position.
pub fn bare(text: &str, position: usize, forms: Forms) -> Option<Range<usize>> {
    of_numbers(text, position).or_else(|| if forms == Forms::Wide { apart(text, position) } else { None })
}

/// A fraction of two numbers in braces, with the sign before it.
fn of_numbers(text: &str, position: usize) -> Option<Range<usize>> {
    let tail = text[position..].strip_prefix(r"\frac{")?;
    let numerator = number_end(tail)?;
    let tail = tail[numerator..].strip_prefix("}{")?;
    let tail = tail[number_end(tail)?..].strip_prefix('}')?;
    let start = position - usize::from(text[..position].ends_with('-'));
    Some(start..text.len() - tail.len())
}

/// A fraction of anything that stands apart from what else there is, with the sign or the whole number before it.
fn apart(text: &str, position: usize) -> Option<Range<usize>> {
    let names = [r"\frac", r"\dfrac", r"\tfrac", r"\cfrac"];
    let tail = names.iter().find_map(|name| text[position..].strip_prefix(name))?;
    let tail = after_argument(after_argument(tail)?)?;
    let end = text.len() - tail.len();
    let head = &text[..position];
    let whole = num_trailing_digits(head);
    let head = &head[..head.len() - whole];
    let start = head.len() - usize::from(head.ends_with('-'));
    let is_apart = !goes_on(head[..start].chars().rev(), &['=', '(']) && !goes_on(tail.chars(), &[')', '.']);
    // A full stop ends a sentence; a number goes on behind it.
    let is_number_behind =
        tail.strip_prefix('.').is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_digit()));
    let is_percent = tail.starts_with(r"\%");
    ((is_apart || is_percent) && !is_number_behind).then_some(start..end)
}

/// Tells whether a formula goes on in the characters beside a fraction: with a sign, or with a letter that is no word.
fn goes_on(beside: impl Iterator<Item = char>, ends: &[char]) -> bool {
    let mut beside = beside.peekable();
    let is_spaced = beside.peek() == Some(&' ');
    let mut beside = beside.skip_while(|character| *character == ' ');
    let Some(first) = beside.next() else { return false };
    let is_sign = r"\{}[]()^_+-*/=<>|.!&×·÷−".contains(first) && !ends.contains(&first) && !(is_spaced && first == '(');
    let is_word = is_spaced && (first.is_ascii_digit() || beside.next().is_some_and(char::is_alphanumeric));
    is_sign || first.is_alphanumeric() && !is_word
}

/// Returns what follows an argument: a group, or a digit.
fn after_argument(tail: &str) -> Option<&str> {
    let tail = tail.trim_start_matches(' ');
    let Some(inner) = tail.strip_prefix('{') else {
        return tail.strip_prefix(|digit: char| digit.is_ascii_digit());
    };
    let mut depth = 0_u32;
    for (offset, byte) in inner.bytes().enumerate().take(MAX_ARGUMENT_BYTES) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return inner.get(offset + 1..).filter(|_| offset > 0),
            b'}' => depth -= 1,
            b'$' | b'\n' => return None,
            _ => {}
        }
    }
    None
}

fn num_trailing_digits(text: &str) -> usize {
    let from = text.len().saturating_sub(MAX_ARGUMENT_BYTES);
    let tail = text.as_bytes().get(from..).unwrap_or_default();
    tail.iter().rev().take_while(|byte| byte.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_found_whole_or_not_at_all() {
        for (text, known, wide) in [
            (r"is \frac{1}{2}.", Some(r"\frac{1}{2}"), Some(r"\frac{1}{2}")),
            (r"is -\frac{1}{2}", Some(r"-\frac{1}{2}"), Some(r"-\frac{1}{2}")),
            (r"is \frac12.", None, Some(r"\frac12")),
            (r"is -\frac12, so", None, Some(r"-\frac12")),
            (r"is \frac1{12} of it", None, Some(r"\frac1{12}")),
            (r"(\dfrac{\sqrt{2}}{2})", None, Some(r"\dfrac{\sqrt{2}}{2}")),
            (r"is 2\frac13", None, Some(r"2\frac13")),
            (r"x=\frac{\pi}{2}", None, Some(r"\frac{\pi}{2}")),
            (r"\frac12x", None, None),
            (r"\frac12\pi", None, None),
            (r"x\frac12", None, None),
            (r"\frac12+1", None, None),
            (r"3-\frac12", None, None),
            (r"\frac12.5", None, None),
            (r"\frac12^2", None, None),
            (r"\frac12 x", None, None),
            (r"3 + \frac12", None, None),
            (r"y \frac12", None, None),
            (r"\frac12 of it", None, Some(r"\frac12")),
            (r"\frac12 (half)", None, Some(r"\frac12")),
            (r"it is \frac12\%", None, Some(r"\frac12")),
            (r"\frac1", None, None),
            (r"\frac{1}{", None, None),
            (r"\frac{}{2}", None, None),
            (r"\frac{$}{2}", None, None),
        ] {
            let position = text.find('\\').unwrap();
            let found = |forms| bare(text, position, forms).map(|range| &text[range]);
            assert_eq!((found(Forms::MathVerify), found(Forms::Wide)), (known, wide), "{text}");
        }
    }
}
