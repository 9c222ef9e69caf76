//! Reads numerals.

use super::Lexer;
use crate::{
    expression::Operator,
    latex::{
        Scientific,
        token::{Decimals, Kind},
        unicode::{self, Height, Meaning},
    },
};

/// The most digits of an exponent.
const MAX_EXPONENT_DIGITS: usize = 15;

// === impl Lexer ===

impl Lexer<'_> {
    pub(super) fn number(&mut self) {
        let rest = self.rest();
        let whole = digits(rest);
        if self.num_single_digits > 0 && whole > 0 {
            self.num_single_digits -= 1;
            return self.single_digit(rest);
        }
        if self.is_run_into_logarithm(rest, whole) {
            return self.single_digit(rest);
        }
        let mut len = whole;
        let mut decimals = Decimals::NONE;
        let after = rest.get(whole..).unwrap_or_default();
        if let Some(tail) = after.strip_prefix('.') {
            let count = digits(tail);
            if count > 0 || (whole > 0 && begins_period(tail)) {
                decimals.count = tail.get(..count).unwrap_or_default().chars().count() as u32;
                decimals.has_point = true;
                len += 1 + count;
            }
        }
        let exponent = self.exponent(rest.get(len..).unwrap_or_default());
        decimals.exponent_bytes = exponent as u16;
        self.take(len + exponent, Kind::Number(decimals));
    }

    fn single_digit(&mut self, rest: &str) {
        let len = rest.chars().next().map_or(1, char::len_utf8);
        self.take(len, Kind::Number(Decimals::NONE));
    }

    /// Returns the length of an exponent such as `e-5`, where it is one.
    fn exponent(&self, text: &str) -> usize {
        let allowed = match text.as_bytes().first() {
            Some(b'E') => self.notation.scientific != Scientific::Never,
            Some(b'e') => self.notation.scientific == Scientific::Any,
            _ => false,
        };
        if !allowed {
            return 0;
        }
        let digits_from = if matches!(text.as_bytes().get(1), Some(b'+' | b'-')) { 2 } else { 1 };
        let count = text.bytes().skip(digits_from).take_while(u8::is_ascii_digit).count();
        if (1..=MAX_EXPONENT_DIGITS).contains(&count) { digits_from + count } else { 0 }
    }

    /// Returns whether these digits are a base of one digit and the argument, as in `\log_28`.
    fn is_run_into_logarithm(&self, rest: &str, whole: usize) -> bool {
        let [.., function, subscript] = self.tokens.as_slice() else {
            return false;
        };
        let is_base = subscript.kind == Kind::Subscript && function.kind == Kind::Function(Operator::Log);
        let (digits, behind) = rest.split_at_checked(whole).unwrap_or_default();
        let argument = behind.trim_start().bytes().next();
        let has_argument = argument.is_some_and(|next| next.is_ascii_alphanumeric() || b"({\\|".contains(&next));
        is_base && digits.chars().nth(1).is_some() && !has_argument
    }

    /// Reads a run of raised or lowered digits as one numeral.
    pub(super) fn shifted_digits(&mut self, height: Height) {
        let is_shifted = |character: &char| {
            matches!(unicode::meaning(*character), Meaning::Shifted(found, _) if found == height)
                && unicode::digit(*character).is_some()
        };
        let len = self.rest().chars().take_while(is_shifted).map(char::len_utf8).sum();
        self.take(len, Kind::Number(Decimals::NONE));
    }
}

/// Returns the length of the digits at the start of a text, in bytes.
fn digits(text: &str) -> usize {
    let ascii = text.bytes().take_while(u8::is_ascii_digit).count();
    match text.as_bytes().get(ascii) {
        Some(0x80..) => {
            let is_digit = |character: &char| character.is_ascii_digit() || matches!(character, '０'..='９');
            text.chars().take_while(is_digit).map(char::len_utf8).sum()
        }
        _ => ascii,
    }
}

/// Returns whether a repeating period follows a decimal point.
fn begins_period(text: &str) -> bool {
    let is_marked = ["\\overline", "\\dot", "\\bar"].iter().any(|mark| text.starts_with(mark));
    is_marked || text.strip_prefix('(').is_some_and(|inner| digits(inner) > 0 && inner.contains(')'))
}
