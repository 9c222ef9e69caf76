//! Reads the tokens of an answer: one pass over its bytes, in which style and spacing vanish.

mod command;
mod group;
mod number;

use std::ops::Range;

use super::{
    MAX_TOKENS, Notation, ParseError, commands,
    token::{Fence, Kind, Token},
    unicode::{self, Height, Meaning},
    units, words,
};
use crate::expression::{MAX_DEPTH, Operator, TooLarge};

/// Reads the tokens of a source.
pub fn tokens(source: &str, notation: &Notation) -> Result<Vec<Token>, ParseError> {
    let mut lexer = Lexer {
        source,
        position: 0,
        tokens: Vec::with_capacity(source.len() / 2 + 4),
        spaced: false,
        side: Side::None,
        is_in_lines: false,
        num_environments: 0,
        num_brackets: 0,
        num_single_digits: 0,
        notation,
    };
    while let Some(byte) = lexer.peek() {
        if lexer.tokens.len() > MAX_TOKENS {
            return Err(ParseError::TooManyTokens);
        }
        if lexer.num_brackets > MAX_DEPTH {
            return Err(TooLarge::Depth.into());
        }
        let before = lexer.position;
        lexer.step(byte);
        debug_assert!(lexer.position > before, "nothing was read at byte {before} of `{source}`");
        // Every step reads something; were there one that does not, it is better skipped than taken for ever.
        lexer.position = lexer.boundary(lexer.position.max(before + 1));
    }
    Ok(lexer.tokens)
}

struct Lexer<'s> {
    source: &'s str,
    position: usize,
    tokens: Vec<Token>,
    /// White space was met after the last token.
    spaced: bool,
    /// `\left` or another command that takes a delimiter was met.
    side: Side,
    /// The innermost environment is of lines, in which `&` aligns and says nothing.
    is_in_lines: bool,
    /// So many environments are open, in which `\\` begins a row.
    num_environments: u32,
    /// So many brackets are open.
    num_brackets: usize,
    /// So many digits are arguments of their own, after `\frac`.
    num_single_digits: u8,
    notation: &'s Notation,
}

/// Which delimiter is due.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    None,
    Left,
    Right,
    Middle,
}

// === impl Lexer ===

impl<'s> Lexer<'s> {
    fn peek(&self) -> Option<u8> {
        self.source.as_bytes().get(self.position).copied()
    }

    fn byte_at(&self, offset: usize) -> Option<u8> {
        self.source.as_bytes().get(self.position + offset).copied()
    }

    fn rest(&self) -> &'s str {
        self.source.get(self.position..).unwrap_or_default()
    }

    fn last_kind(&self) -> Option<Kind> {
        self.tokens.last().map(|token| token.kind)
    }

    fn step(&mut self, byte: u8) {
        match byte {
            b' ' | b'\n' | b'\t' | b'\r' | b'~' | b'$' => {
                self.spaced = true;
                self.position += 1;
            }
            b'0'..=b'9' => self.number(),
            b'.' if self.byte_at(1).is_some_and(|next| next.is_ascii_digit()) => self.number(),
            b'a'..=b'z' | b'A'..=b'Z' => self.word(),
            b'\\' => self.backslash(),
            0..=0x7f => self.punctuation(byte),
            0x80.. => self.beyond_ascii(),
        }
    }

    /// Returns the position, or where the character ends that it is within.
    fn boundary(&self, position: usize) -> usize {
        self.source.ceil_char_boundary(position)
    }

    /// Adds the token of the next bytes, and of all of the character that the last of them belongs to.
    fn take(&mut self, len: usize, kind: Kind) {
        let from = self.position;
        self.position = self.boundary(from + len);
        self.push(kind, from..self.position);
    }

    /// Adds a token of some place, which a due delimiter's side may change.
    fn push(&mut self, kind: Kind, place: Range<usize>) {
        let side = std::mem::replace(&mut self.side, Side::None);
        let Some(kind) = side.delimiter(kind) else {
            return;
        };
        self.num_single_digits = match kind {
            Kind::Frac | Kind::Binom => 2,
            Kind::Number(_) => self.num_single_digits,
            _ => 0,
        };
        match kind {
            Kind::Open(_) => self.num_brackets += 1,
            Kind::Close(_) => self.num_brackets = self.num_brackets.saturating_sub(1),
            _ => {}
        }
        let mut token = Token::new(kind, place);
        token.spaced = std::mem::replace(&mut self.spaced, false);
        self.tokens.push(token);
    }

    fn punctuation(&mut self, byte: u8) {
        let next = self.byte_at(1);
        let (len, kind) = match (byte, next) {
            (b'*', Some(b'*')) => return self.double_asterisk(),
            (b'+', Some(b'-')) if self.byte_at(2) != Some(b'-') => (2, Kind::PlusMinus),
            (b'+', Some(b'/')) if self.byte_at(2) == Some(b'-') => (3, Kind::PlusMinus),
            (b'-' | b'=', Some(b'>')) => (2, Kind::Arrow),
            (b'<', Some(b'=')) if self.byte_at(2) == Some(b'>') => (3, Kind::Arrow),
            (b'<', Some(b'=')) | (b'=', Some(b'<')) => (2, Kind::Relation(Operator::LessEqual)),
            (b'>', Some(b'=')) => (2, Kind::Relation(Operator::GreaterEqual)),
            (b'=' | b':', Some(b'=')) => (2, Kind::Relation(Operator::Equal)),
            (b'!', Some(b'=')) if !self.is_factorial_before_equal() => (2, Kind::Relation(Operator::NotEqual)),
            (b'.', Some(b'.')) => (self.run_of(b'.'), Kind::Ellipsis),
            (b'\'', _) => return self.primes(),
            (b'&', _) if self.is_in_lines => {
                self.position += 1;
                return;
            }
            (b'{', _) => return self.open_group(),
            (b'}', _) if self.closes_nothing() => return,
            _ => match single(byte) {
                Some(kind) => (1, kind),
                None => {
                    self.position += 1;
                    return;
                }
            },
        };
        self.take(len, kind);
    }

    /// Returns whether `!=` is a factorial and an equals sign, as in `5!=120`.
    fn is_factorial_before_equal(&self) -> bool {
        let after = self.byte_at(2).is_some_and(|next| next != b' ');
        !self.spaced && after && self.last_kind().is_some_and(Kind::ends_operand)
    }

    fn run_of(&self, byte: u8) -> usize {
        self.rest().bytes().take_while(|next| *next == byte).count()
    }

    /// `**` is a power between operands, with spaces on both sides or on none, and emphasis elsewhere.
    fn double_asterisk(&mut self) {
        let behind = self.rest().get(2..).unwrap_or_default();
        let next = behind.trim_ascii_start();
        let is_even = self.spaced == (next.len() < behind.len());
        let operand_follows =
            next.bytes().next().is_some_and(|next| next.is_ascii_alphanumeric() || b"(-\\{".contains(&next));
        let is_power = is_even && operand_follows && self.last_kind().is_some_and(Kind::ends_operand);
        if is_power {
            self.take(2, Kind::Power);
        } else {
            self.position += 2;
        }
    }

    /// `'` is a prime after an operand, and a quotation mark elsewhere, as before what it quotes.
    fn primes(&mut self) {
        let count = self.run_of(b'\'');
        let quotes = self.spaced && self.byte_at(count).is_some_and(|next| next.is_ascii_alphanumeric());
        if !quotes && self.last_kind().is_some_and(Kind::ends_operand) {
            self.take(count, Kind::Prime(u8::try_from(count).unwrap_or(u8::MAX)));
        } else {
            self.position += count;
        }
    }

    fn open_group(&mut self) {
        match self.rest().as_bytes() {
            [b'{', b',', b'}', ..] => self.take(3, Kind::Comma),
            [b'{', b':', b'}', ..] => self.take(3, Kind::Colon),
            _ => self.take(1, Kind::Open(Fence::Group)),
        }
    }

    /// Takes an empty group away, with the sign that would raise or lower it, and returns whether there was one.
    fn closes_nothing(&mut self) -> bool {
        let is_empty = self.last_kind() == Some(Kind::Open(Fence::Group)) && self.side == Side::None;
        if is_empty {
            self.position += 1;
            self.tokens.pop();
            self.num_brackets = self.num_brackets.saturating_sub(1);
            if matches!(self.last_kind(), Some(Kind::Power | Kind::Subscript)) {
                self.tokens.pop();
            }
        }
        is_empty
    }

    fn word(&mut self) {
        let rest = self.rest();
        let ascii = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let len = match rest.as_bytes().get(ascii) {
            Some(0x80..) => letters(rest),
            _ => ascii,
        };
        let word = rest.get(..len).unwrap_or_default();
        if matches!(word, "np" | "math" | "sympy" | "numpy" | "torch") && rest.as_bytes().get(len) == Some(&b'.') {
            self.position += len + 1;
            return;
        }
        if len == 1 {
            return match self.half_of_day() {
                Some(len) => self.take(len, Kind::Word),
                None => self.take(1, Kind::Letter),
            };
        }
        if let Some(kind) = words::find(word) {
            return self.take(len, kind);
        }
        if let Some((function, kind)) = words::function_of_letter(word) {
            self.take(function, kind);
            return self.take(len - function, Kind::Letter);
        }
        self.take(len, Kind::Word);
    }

    /// Returns the length of `a.m.` or `p.m.` behind a number; its last point may be missing.
    fn half_of_day(&self) -> Option<usize> {
        let (head, rest) = self.rest().split_at_checked(3)?;
        let is_half = units::half_of_day(head).is_some();
        let ends = !rest.starts_with(|next: char| next.is_alphanumeric());
        let is_timed = matches!(self.last_kind(), Some(Kind::Number(_)));
        (is_half && ends && is_timed).then(|| 3 + usize::from(rest.starts_with('.')))
    }

    fn beyond_ascii(&mut self) {
        let rest = self.rest();
        let Some(character) = rest.chars().next() else {
            return;
        };
        let len = character.len_utf8();
        match unicode::meaning(character) {
            Meaning::Token(kind) => self.take(len, kind),
            Meaning::Digit => self.number(),
            Meaning::Shifted(height, _) => self.shifted(height),
            Meaning::Space | Meaning::ThinSpace => {
                self.spaced = true;
                self.position += len;
            }
            Meaning::Nothing => self.position += len,
            Meaning::Letter => {
                let len = letters(rest);
                self.take(
                    len,
                    if rest.chars().nth(1).is_some_and(char::is_alphabetic) || len > 2 {
                        Kind::Word
                    } else {
                        Kind::Letter
                    },
                );
            }
        }
    }

    /// Reads a run of raised or lowered characters as an exponent or index in a group.
    fn shifted(&mut self, height: Height) {
        let from = self.position;
        let sign = match height {
            Height::Raised => Kind::Power,
            Height::Lowered => Kind::Subscript,
        };
        self.push(sign, from..from);
        self.push(Kind::Open(Fence::Group), from..from);
        while let Some(character) = self.rest().chars().next() {
            let Meaning::Shifted(found, full) = unicode::meaning(character) else {
                break;
            };
            if found != height {
                break;
            }
            if unicode::digit(character).is_some() {
                self.shifted_digits(height);
                continue;
            }
            let kind = match full {
                '+' => Kind::Plus,
                '-' => Kind::Minus,
                '(' => Kind::Open(Fence::Round),
                ')' => Kind::Close(Fence::Round),
                _ => Kind::Name(letter_name(full)),
            };
            self.take(character.len_utf8(), kind);
        }
        self.push(Kind::Close(Fence::Group), self.position..self.position);
    }

    /// Adds a command's token, or does what it says.
    fn backslash(&mut self) {
        let num_backslashes = self.run_of(b'\\');
        let rest = self.rest();
        let name = rest.get(num_backslashes..).unwrap_or_default();
        let len = name.bytes().take_while(u8::is_ascii_alphabetic).count();
        let name = name.get(..len).unwrap_or_default();
        if num_backslashes > 1 && !self.is_doubled_command(rest, num_backslashes, name) {
            // All of them at once: a long run is looked at once.
            for _ in 1..num_backslashes / 2 {
                self.take(2, Kind::RowBreak);
            }
            return self.row_break();
        }
        self.position += num_backslashes;
        if name.is_empty() {
            self.escaped();
        } else {
            self.command(name);
        }
    }

    /// Returns whether a backslash was doubled by somebody's escaping: outside environments, before what needs only one.
    fn is_doubled_command(&self, rest: &str, num_backslashes: usize, name: &str) -> bool {
        let escapes = rest.as_bytes().get(num_backslashes).is_some_and(|next| b"{}%$()[]|,!;".contains(next));
        self.num_environments == 0 && (escapes || (name.len() > 1 && commands::find(name).is_some()))
    }

    /// Reads `\\` and the space that may be given after it, such as `[2pt]`.
    fn row_break(&mut self) {
        self.take(2, Kind::RowBreak);
        let rest = self.rest();
        if let Some(end) = rest.strip_prefix('[').and_then(|inner| inner.find(']')) {
            let inner = rest.get(1..=end).unwrap_or_default();
            let is_length = inner.len() < 12 && ["pt", "em", "ex", "mm", "cm"].iter().any(|unit| inner.ends_with(unit));
            if is_length {
                self.position += end + 2;
            }
        }
    }
}

// === impl Side ===

impl Side {
    /// Returns what a token is after `\left` and its kin; nothing where it stands for no delimiter.
    fn delimiter(self, kind: Kind) -> Option<Kind> {
        Some(match (self, kind) {
            (Self::None, kind) => kind,
            (_, Kind::Point) => return None,
            (Self::Left, Kind::Bar) => Kind::Open(Fence::Bar),
            (Self::Right, Kind::Bar) => Kind::Close(Fence::Bar),
            (Self::Left, Kind::DoubleBar) => Kind::Open(Fence::DoubleBar),
            (Self::Right, Kind::DoubleBar) => Kind::Close(Fence::DoubleBar),
            (Self::Left, Kind::Open(Fence::Group)) => Kind::Open(Fence::Brace),
            (Self::Right, Kind::Close(Fence::Group)) => Kind::Close(Fence::Brace),
            (Self::Left, Kind::Relation(Operator::Less)) => Kind::Open(Fence::Angle),
            (Self::Right, Kind::Relation(Operator::Greater)) => Kind::Close(Fence::Angle),
            (Self::Middle, Kind::Bar) => Kind::Mid,
            (_, kind) => kind,
        })
    }
}

/// Returns what a sign of ASCII is by itself; nothing where it says nothing.
fn single(byte: u8) -> Option<Kind> {
    Some(match byte {
        b'+' => Kind::Plus,
        b'-' => Kind::Minus,
        b'*' => Kind::Times,
        b'/' => Kind::Divide,
        b'^' => Kind::Power,
        b'_' => Kind::Subscript,
        b'!' => Kind::Bang,
        b'%' => Kind::Percent,
        b'=' => Kind::Relation(Operator::Equal),
        b'<' => Kind::Relation(Operator::Less),
        b'>' => Kind::Relation(Operator::Greater),
        b',' => Kind::Comma,
        b';' => Kind::Semicolon,
        b':' => Kind::Colon,
        b'.' => Kind::Point,
        b'|' => Kind::Bar,
        b'(' => Kind::Open(Fence::Round),
        b')' => Kind::Close(Fence::Round),
        b'[' => Kind::Open(Fence::Square),
        b']' => Kind::Close(Fence::Square),
        b'}' => Kind::Close(Fence::Group),
        b'&' => Kind::Ampersand,
        b'?' | b'@' => Kind::Unknown,
        _ => return None,
    })
}

/// Returns the length of the letters at the start of a text, in bytes.
fn letters(text: &str) -> usize {
    let is_letter = |character: char| match unicode::meaning(character) {
        Meaning::Letter => true,
        _ => character.is_ascii_alphabetic(),
    };
    text.chars().take_while(|character| is_letter(*character)).map(char::len_utf8).sum()
}

/// Returns the name of a letter that is also written raised or lowered.
fn letter_name(letter: char) -> &'static str {
    const LETTERS: &str = "abijkmntx";
    LETTERS.find(letter).and_then(|at| LETTERS.get(at..=at)).unwrap_or("x")
}
