//! Whether two texts are written alike: what is left to ask where one of them cannot be read.

/// Tells whether two texts are the same but for white space that says nothing, and for `\left` and `\right`.
///
/// A space says something between letters and digits, and beside a comma or point between digits: `1, 234` is not `1,234`.
#[must_use]
pub fn is_alike(left: &str, right: &str) -> bool {
    let (left, right) = (left.trim(), right.trim());
    left == right || signs(left).eq(signs(right))
}

/// The characters of a text without the white space that says nothing, each run of the other as one space.
fn signs(text: &str) -> impl Iterator<Item = char> + '_ {
    let mut rest = text;
    let mut before = ['\0'; 2];
    std::iter::from_fn(move || {
        let tail = without_sizes(rest);
        let mut ahead = tail.chars();
        let next = ahead.next()?;
        let is_spaced = tail.len() < rest.len() && rest.starts_with(char::is_whitespace);
        let sign = if is_spaced && is_needed(before, [next, ahead.next().unwrap_or_default()]) { ' ' } else { next };
        rest = if sign == ' ' { tail } else { tail.get(next.len_utf8()..).unwrap_or_default() };
        before = [before[1], sign];
        Some(sign)
    })
}

/// Takes white space, `\left` and `\right` off the beginning of a text.
fn without_sizes(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some(delimiter) = rest.strip_prefix("\\left").or_else(|| rest.strip_prefix("\\right")) {
        if delimiter.starts_with(|next: char| next.is_ascii_alphabetic()) {
            break;
        }
        rest = delimiter.trim_start();
    }
    rest
}

/// Tells whether a space says something between two characters and two others.
fn is_needed([earlier, before]: [char; 2], [next, later]: [char; 2]) -> bool {
    let is_number = |first: char, mark: char, last: char| {
        first.is_ascii_digit() && matches!(mark, ',' | '.') && last.is_ascii_digit()
    };
    let is_run_on = before.is_alphanumeric() && next.is_alphanumeric();
    is_run_on || is_number(earlier, before, next) || next == '.' && is_number(before, next, later)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_that_say_nothing_and_growing_brackets_are_no_difference() {
        for (left, right) in [
            ("f(x) = ax", " f \\left( x\n\\right)=ax "),
            ("on $(0, \\infty)$ alone", "on $ \\left(0,\\infty\\right) $ alone"),
            ("I,II", "I , II"),
            ("No. It is", "No . It is"),
            ("- 15", "-15"),
            ("", "  "),
        ] {
            assert!(is_alike(left, right) && is_alike(right, left), "`{left}` and `{right}`");
        }
        for (left, right) in [
            ("12", "1 2"),
            ("1,234", "1, 234"),
            ("3.5", "3 .5"),
            ("3.5", "3. 5"),
            ("\\leftarrow", "arrow"),
            ("x", "xy"),
            ("", "x"),
        ] {
            assert!(!is_alike(left, right) && !is_alike(right, left), "`{left}` and `{right}`");
        }
    }
}
