//! Options and statements by their marks, listed or run together: `ABD` and `A, B, D`, `①③` and `①、③`.

/// The most marks of a list.
const MAX_MARKS: usize = 20;

/// Marks that a text is made of.
struct Marks {
    /// Each of them, in order.
    marks: Vec<char>,
    /// Whether they can be nothing else: they are set apart, or numbers in circles.
    is_listed: bool,
}

/// Tells whether two texts list the same marks, one of them set apart: letters that run together may be a product or a line.
#[must_use]
pub fn is_same(left: &str, right: &str) -> bool {
    let (Some(left), Some(right)) = (Marks::of(left), Marks::of(right)) else { return false };
    (left.is_listed || right.is_listed) && left.marks == right.marks
}

// === impl Marks ===

impl Marks {
    fn of(text: &str) -> Option<Self> {
        let is_separator =
            |character: char| character.is_whitespace() || matches!(character, ',' | '，' | '、' | ';' | '；');
        let mut marks = Vec::new();
        let (mut num_pieces, mut has_letters) = (0, false);
        for piece in text.split(is_separator).filter(|piece| !piece.is_empty() && *piece != "and") {
            num_pieces += 1;
            for mark in piece.chars() {
                let is_letter = matches!(mark, 'A'..='H');
                if !(is_letter || is_in_circle(mark)) || marks.len() == MAX_MARKS {
                    return None;
                }
                has_letters |= is_letter;
                marks.push(mark);
            }
        }
        let num_marks = marks.len();
        marks.sort_unstable();
        marks.dedup();
        let is_apart = num_pieces == num_marks;
        let is_list = num_marks == marks.len() && num_marks > 1 && (is_apart || num_pieces == 1);
        is_list.then_some(Self { marks, is_listed: is_apart || !has_letters })
    }
}

const fn is_in_circle(mark: char) -> bool {
    matches!(mark, '①'..='⑳')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_the_same_whether_they_are_set_apart_or_not() {
        for (left, right) in [("ABD", "A, B, D"), ("AC", "A、C"), ("AC", "C and A"), ("①③", "③①"), ("①③", "①, ③")]
        {
            assert!(is_same(left, right) && is_same(right, left), "{left} {right}");
        }
        for (left, right) in
            [("AC", "A, B"), ("AC", "CA"), ("AB, CD", "ABCD"), ("A", "A"), ("①", "①③"), ("AA", "A, A"), ("", "")]
        {
            assert!(!is_same(left, right), "{left} {right}");
        }
    }
}
