//! Reads groups that are no mathematics: words, names of functions and environments.

use std::ops::Range;

use super::Lexer;
use crate::{
    expression::Constant,
    latex::{
        commands::{self, Command},
        token::{Environment, Fence, Kind},
        unicode::{self, Meaning},
        units, words,
    },
};

// === impl Lexer ===

impl<'s> Lexer<'s> {
    /// Reads the words of `\text{…}`; what is mathematics in it is read as such.
    pub(super) fn text_group(&mut self) {
        let Some((content, end)) = self.group() else {
            return;
        };
        let place = self.trimmed(content);
        let text = self.source.get(place.clone()).unwrap_or_default();
        if text.is_empty() {
            self.spaced = true;
        } else if is_mathematics(text) {
            // The braces stay, so that what is within is one operand.
            return;
        } else {
            let kind = match words::find(text) {
                Some(kind @ (Kind::And | Kind::Or | Kind::Percent | Kind::Circle)) => kind,
                _ if text == "," => Kind::Comma,
                _ => Kind::Text,
            };
            self.push(kind, place);
        }
        self.position = end;
    }

    /// Reads the letters of `\mathrm{…}`.
    pub(super) fn upright_group(&mut self) {
        // `{\rm cm}` is `\mathrm{cm}`.
        let outer = if self.last_kind() == Some(Kind::Open(Fence::Group)) { self.rest_of_group() } else { None };
        let Some((content, end)) = self.group().or_else(|| outer.clone()) else {
            return;
        };
        let place = self.trimmed(content);
        let letters = self.source.get(place.clone()).unwrap_or_default();
        let is_upright = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b' ' | b'~' | b'.');
        if letters.is_empty() || !(letters.bytes().all(is_upright) || is_unit(letters)) {
            return;
        }
        let kind = match letters {
            "e" => Kind::Constant(Constant::E),
            "i" => Kind::Constant(Constant::ImaginaryUnit),
            "d" => Kind::Letter,
            _ => match commands::find(letters) {
                Some(Command::Token(kind @ Kind::Function(_))) => kind,
                _ => words::find(letters).unwrap_or(Kind::Upright),
            },
        };
        if outer.is_some_and(|(_, outer_end)| outer_end == end) {
            self.tokens.pop();
            self.num_brackets = self.num_brackets.saturating_sub(1);
        }
        self.push(kind, place);
        self.position = end;
    }

    /// Reads the letter of `\mathbb{…}`.
    pub(super) fn blackboard_letter(&mut self) {
        let (content, end) = match self.group() {
            Some((content, end)) => (self.trimmed(content), end),
            None => {
                self.skip_spaces();
                (self.position..self.position + 1, self.position + 1)
            }
        };
        let set = match self.source.get(content.clone()) {
            Some("N") => Constant::Naturals,
            Some("Z") => Constant::Integers,
            Some("Q") => Constant::Rationals,
            Some("R") => Constant::Reals,
            Some("C") => Constant::Complexes,
            _ => return,
        };
        self.push(Kind::Constant(set), content);
        self.position = end;
    }

    /// Reads the name of `\operatorname{…}`.
    pub(super) fn operator_name(&mut self) {
        if self.peek() == Some(b'*') {
            self.position += 1;
        }
        let Some((content, end)) = self.group() else {
            return;
        };
        let place = self.trimmed(content);
        let name = self.source.get(place.clone()).unwrap_or_default();
        let kind = match commands::find(name) {
            Some(Command::Token(kind @ (Kind::Function(_) | Kind::Variadic(_) | Kind::Big(_) | Kind::Modulo))) => kind,
            _ => Kind::NamedFunction,
        };
        self.push(kind, place);
        self.position = end;
    }

    /// Reads `{name}` after `\begin`, and what the environment takes as arguments.
    pub(super) fn begin_environment(&mut self) {
        let Some((content, end)) = self.group() else {
            return;
        };
        let name = self.source.get(content.clone()).unwrap_or_default();
        let environment = match name.trim_end_matches('*') {
            "vmatrix" => Environment::Determinant,
            "Vmatrix" => Environment::Norm,
            "cases" | "dcases" | "rcases" => Environment::Cases,
            "matrix" | "pmatrix" | "bmatrix" | "Bmatrix" | "smallmatrix" | "array" | "tabular" => Environment::Matrix,
            _ => Environment::Lines,
        };
        let takes_columns = matches!(name, "array" | "tabular");
        self.push(Kind::Begin(environment), content);
        self.num_environments += 1;
        self.is_in_lines = environment == Environment::Lines;
        self.position = end;
        if takes_columns {
            self.skip_argument();
        }
    }

    /// Reads `{name}` after `\end`.
    pub(super) fn end_environment(&mut self) {
        let Some((content, end)) = self.group() else {
            return;
        };
        self.num_environments = self.num_environments.saturating_sub(1);
        self.is_in_lines = false;
        self.push(Kind::End, content);
        self.position = end;
    }

    /// Reads the number of a character, as in `\char"000190`.
    pub(super) fn character(&mut self) {
        self.skip_spaces();
        let Some(digits) = self.rest().strip_prefix('"') else {
            // What follows is no number, and whatever it is, the command makes nothing of it.
            let len = self.rest().chars().next().map_or(0, char::len_utf8);
            return self.take(len, Kind::Unknown);
        };
        let digits = digits.get(..digits.bytes().take_while(u8::is_ascii_hexdigit).count()).unwrap_or_default();
        let character = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
        let kind = match character.map(unicode::meaning) {
            Some(Meaning::Token(kind)) => kind,
            _ => Kind::Unknown,
        };
        self.take(1 + digits.len(), kind);
    }

    /// Skips a group, with a `[…]` before it.
    pub(super) fn skip_argument(&mut self) {
        self.skip_spaces();
        if self.peek() == Some(b'[') {
            self.position += self.rest().find(']').map_or(1, |end| end + 1);
        }
        if let Some((_, end)) = self.group() {
            self.position = end;
        }
    }

    fn skip_spaces(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.position += 1;
        }
    }

    /// Returns the content of the group that begins here, and where it ends; one that is not closed ends with the source.
    fn group(&mut self) -> Option<(Range<usize>, usize)> {
        self.skip_spaces();
        let mut bytes = self.rest().bytes().enumerate();
        let mut depth = 0_u32;
        bytes.next().filter(|(_, byte)| *byte == b'{')?;
        while let Some((offset, byte)) = bytes.next() {
            match byte {
                b'\\' => {
                    bytes.next();
                }
                b'{' => depth += 1,
                b'}' if depth == 0 => {
                    let end = self.position + offset;
                    return Some((self.position + 1..end, end + 1));
                }
                b'}' => depth -= 1,
                _ => {}
            }
        }
        Some((self.position + 1..self.source.len(), self.source.len()))
    }

    /// Returns the rest of the group that is open, if no other begins in it, and where it ends.
    fn rest_of_group(&self) -> Option<(Range<usize>, usize)> {
        let end = self.position + self.rest().find(['{', '}'])?;
        (self.source.as_bytes().get(end) == Some(&b'}')).then_some((self.position..end, end + 1))
    }

    /// Returns a place without the white space around it, of whichever command.
    fn trimmed(&self, place: Range<usize>) -> Range<usize> {
        let text = self.source.get(place.clone()).unwrap_or_default();
        let mut start = text;
        loop {
            let shorter = start.trim_start_matches(['~', ' ', '\n', '\t', '$', '.']);
            let shorter =
                ["\\ ", "\\,", "\\;", "\\!"].iter().find_map(|space| shorter.strip_prefix(space)).unwrap_or(shorter);
            if shorter.len() == start.len() {
                break;
            }
            start = shorter;
        }
        let from = place.end - start.len();
        from..from + start.trim_end_matches(['~', ' ', '\n', '\t', '\\', '$']).len()
    }
}

/// Returns whether upright letters with powers and fractions are a unit, such as `m/s^2`.
fn is_unit(text: &str) -> bool {
    let is_of_units =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'^' | b'{' | b'}' | b' ' | b'~');
    let first = text.split(|character: char| !character.is_ascii_alphabetic()).next().unwrap_or_default();
    text.bytes().all(is_of_units) && units::symbol(first).is_some()
}

/// Returns whether the content of a text group is mathematics: a number with or without a unit, or commands.
fn is_mathematics(text: &str) -> bool {
    let is_number = text.starts_with(|first: char| first.is_ascii_digit()) && !text.contains(':');
    let has_command = text.as_bytes().windows(2).any(|pair| pair[0] == b'\\' && pair[1].is_ascii_alphabetic());
    is_number || has_command || text.contains('$')
}
