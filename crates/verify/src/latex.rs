//! Reads an answer, in LaTeX or plainly written, as an [`Expression`].
//!
//! ```text
//! source ──lexer──► tokens ──cleaning──► tokens ──prose──► tokens ──parser──► Expression
//!          style, spacing    long numbers,       words: units,       precedence,
//!          and escapes go    punctuation         letters, a text     brackets, repairs
//! ```
//!
//! Reading takes time linear in the source, but for brackets nested in brackets, whose depth is bounded. What is damaged and can
//! be read in one way is read: closing brackets that are missing at the end, `\frac12`, `sqrt(2)`, doubled backslashes.

mod cleaning;
mod commands;
mod lexer;
mod parser;
mod prose;
mod spelling;
mod token;
mod unicode;
mod units;
mod words;

#[cfg(test)]
mod tests;

pub(crate) use units::symbol as unit_symbol;

use crate::expression::{Expression, TooLarge};

/// The longest source, in bytes.
pub const MAX_BYTES: usize = 4_096;

/// The most tokens of a source.
pub const MAX_TOKENS: usize = 2_000;

/// How signs are read that mean one thing to some and another to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notation {
    /// Whether a lower-case `i` is the imaginary unit, unless it is an index that runs; else it is a variable.
    pub imaginary_i: bool,
    /// Which exponents such as `1e5` are read.
    pub scientific: Scientific,
    /// Whether a comma between digits that groups nothing is a decimal comma; else it separates.
    pub decimal_comma: bool,
    /// Whether a whole number beside a fraction is a mixed number; else it is a factor.
    pub mixed_numbers: bool,
    /// Whether letters that spell a word, and stand alone or in a list, are the word; else they are a product: `dog`.
    pub words: bool,
    /// Whether what stands after a value is kept as its unit; else it is left out.
    pub units: bool,
    /// Which letters after a number are its unit; some may be where the other answer has no variables.
    pub letter_units: LetterUnits,
}

/// Which single letters are units, where they end a value and name one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterUnits {
    /// None: `5 m` and `5m` are products.
    Never,
    /// Those with a space before: `5 m`.
    Spaced,
    /// Those that follow a number: `5 m` and `5m`.
    Any,
}

/// Which exponents of scientific notation are read, when digits are on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scientific {
    /// None: `1e5` and `1E5` are products.
    Never,
    /// `1E5`; `e` is Euler's number.
    UpperCase,
    /// `1E5` and `1e5`.
    Any,
}

/// A source cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// There is nothing.
    #[error("the answer holds nothing that can be read")]
    Empty,
    /// The source is longer than [`MAX_BYTES`].
    #[error("the answer has {num_bytes} bytes, more than {MAX_BYTES}")]
    TooLong {
        /// Its length.
        num_bytes: usize,
    },
    /// The source has more than [`MAX_TOKENS`].
    #[error("the answer has more than {MAX_TOKENS} signs")]
    TooManyTokens,
    /// The source makes too large an expression.
    #[error("the answer is too large: {0}")]
    TooLarge(#[from] TooLarge),
    /// Something stands where it means nothing.
    #[error("met `{met}` at byte {position}, where {expected} should be")]
    Unexpected {
        /// Where it stands, in bytes.
        position: usize,
        /// What it is, or its beginning.
        met: String,
        /// What should be there.
        expected: &'static str,
    },
}

/// Reads a source.
pub fn parse(source: &str, notation: &Notation) -> Result<Expression, ParseError> {
    if source.len() > MAX_BYTES {
        return Err(ParseError::TooLong { num_bytes: source.len() });
    }
    let mut tokens = lexer::tokens(source, notation)?;
    cleaning::clean(&mut tokens, source, notation);
    prose::resolve(&mut tokens, source, notation);
    parser::parse(&tokens, source, notation)
}

/// Returns whether a name is written as a command of its own, as `alpha` is.
pub(crate) fn is_symbol_command(name: &str) -> bool {
    matches!(commands::find(name), Some(commands::Command::Token(token::Kind::Name(_))))
}

// === impl Notation ===

impl Notation {
    /// Returns the notation of our own rewards.
    #[must_use]
    pub const fn reward() -> Self {
        Self {
            imaginary_i: true,
            scientific: Scientific::Any,
            decimal_comma: false,
            mixed_numbers: true,
            words: true,
            units: true,
            letter_units: LetterUnits::Never,
        }
    }

    /// Returns the notation of math-verify.
    #[must_use]
    pub const fn math_verify() -> Self {
        Self { imaginary_i: false, scientific: Scientific::UpperCase, words: false, ..Self::reward() }
    }

    /// Returns the notation that takes every sign at its word.
    #[must_use]
    pub const fn strict() -> Self {
        Self::reward()
    }
}

impl Default for Notation {
    fn default() -> Self {
        Self::reward()
    }
}
