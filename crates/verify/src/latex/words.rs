//! The words that mean the same outside a command as within one, such as `sqrt` and `or`.

use super::{
    commands::{self, Command},
    token::Kind,
};
use crate::expression::{Constant, Operator};

/// Returns what a word of plain letters means in mathematics.
pub fn find(word: &str) -> Option<Kind> {
    match word {
        "and" | "And" | "AND" | "und" => Some(Kind::And),
        "or" | "Or" | "OR" => Some(Kind::Or),
        "inf" | "infinity" | "Infinity" | "infty" | "oo" => Some(Kind::Constant(Constant::Infinity)),
        "percent" | "pct" | "percentage" => Some(Kind::Percent),
        "degree" | "degrees" | "deg" => Some(Kind::Circle),
        "mod" => Some(Kind::Modulo),
        "union" | "cup" => Some(Kind::Union),
        "asin" => Some(Kind::Function(Operator::Arcsin)),
        "acos" => Some(Kind::Function(Operator::Arccos)),
        "atan" => Some(Kind::Function(Operator::Arctan)),
        "cbrt" => Some(Kind::Root(3)),
        "sqrt" | "pi" | "frac" | "binom" | "emptyset" => token(word),
        _ if word.len() > 2 || word == "ln" || word == "lg" => function(word),
        _ => None,
    }
}

/// Splits `sinx` into the length of its function's name and the function; the rest is one letter.
pub fn function_of_letter(word: &str) -> Option<(usize, Kind)> {
    let len = word.len().checked_sub(1)?;
    let (function, argument) = word.split_at_checked(len)?;
    let known = matches!(function, "sin" | "cos" | "tan" | "cot" | "sec" | "csc" | "ln" | "log" | "exp" | "sqrt");
    (known && matches!(argument, "x" | "y" | "z" | "t" | "A" | "B" | "C" | "a" | "b")).then_some(())?;
    Some((len, token(function)?))
}

/// Returns the function or Greek letter that a word names.
fn function(word: &str) -> Option<Kind> {
    match token(word)? {
        // Words that mean something else in an answer.
        Kind::Name("partial" | "square" | "angle" | "triangle" | "top" | "bot" | "complement") => None,
        kind @ (Kind::Function(_) | Kind::Variadic(_) | Kind::Name(_)) => Some(kind),
        _ => None,
    }
}

fn token(name: &str) -> Option<Kind> {
    match commands::find(name)? {
        Command::Token(kind) => Some(kind),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_mean_what_their_commands_mean() {
        for (word, expected) in [
            ("sin", Some(Kind::Function(Operator::Sin))),
            ("pi", Some(Kind::Constant(Constant::Pi))),
            ("alpha", Some(Kind::Name("alpha"))),
            ("max", Some(Kind::Variadic(Operator::Max))),
            ("or", Some(Kind::Or)),
            ("mu", None),
            ("in", None),
            ("square", None),
            ("banana", None),
        ] {
            assert_eq!(find(word), expected, "{word}");
        }
    }

    #[test]
    fn a_function_may_run_into_its_letter() {
        assert_eq!(function_of_letter("sinx"), Some((3, Kind::Function(Operator::Sin))));
        assert_eq!(function_of_letter("sink"), None);
        assert_eq!(function_of_letter(""), None);
    }
}
