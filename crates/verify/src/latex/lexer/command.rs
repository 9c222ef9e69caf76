//! Reads commands: those that are tokens, those that only style, and those that say how what follows is read.

use super::{Lexer, Side, single};
use crate::{
    expression::Operator,
    latex::{
        commands::{self, Command},
        token::{Fence, Kind},
    },
};

/// What begins the range of a large sign, or says where it stands.
const RANGES: [&str; 5] = ["_", "^", "\\limits", "\\nolimits", "\\displaylimits"];

// === impl Lexer ===

impl Lexer<'_> {
    /// Reads a command by its name, which is at the position.
    pub(super) fn command(&mut self, name: &str) {
        match commands::find(name) {
            Some(command) => self.known(command, name.len()),
            None => match commands::find_prefix(name) {
                Some((len, command)) => self.known(command, len),
                None => self.take(name.len(), Kind::NamedFunction),
            },
        }
    }

    fn known(&mut self, command: Command, len: usize) {
        if let Command::Token(kind) = command {
            self.take(len, kind);
            return self.between_sets();
        }
        self.position += len;
        match command {
            Command::Token(_) | Command::Style => {}
            Command::StyleWithArgument => self.skip_argument(),
            Command::Space | Command::ThinSpace => self.spaced = true,
            Command::Text => self.text_group(),
            Command::Upright => self.upright_group(),
            Command::Blackboard => self.blackboard_letter(),
            Command::OperatorName => self.operator_name(),
            Command::Left => self.side = Side::Left,
            Command::Right => self.side = Side::Right,
            Command::Middle => self.side = Side::Middle,
            Command::Begin => self.begin_environment(),
            Command::End => self.end_environment(),
            Command::Character => self.character(),
        }
    }

    /// Reads a large sign of union or intersection that has no range as the small one.
    fn between_sets(&mut self) {
        let kind = match self.last_kind() {
            Some(Kind::Big(Operator::UnionOver)) => Kind::Union,
            Some(Kind::Big(Operator::IntersectionOver)) => Kind::Intersection,
            _ => return,
        };
        let rest = self.rest().trim_start();
        let has_range = RANGES.iter().any(|range| rest.starts_with(range));
        if let Some(token) = self.tokens.last_mut().filter(|_| !has_range) {
            token.kind = kind;
        }
    }

    /// Reads what follows a backslash and is no letter.
    pub(super) fn escaped(&mut self) {
        let Some(byte) = self.peek() else {
            return;
        };
        let kind = match byte {
            b',' | b':' | b';' | b'>' | b' ' | b'/' | b'\n' | b'\t' => {
                self.spaced = true;
                self.position += 1;
                return;
            }
            // `\!` takes space away, and so joins.
            b'!' | b'(' | b')' | b'[' | b']' | b'_' | b'-' | b'"' | b'`' | b'\'' => {
                self.position += 1;
                return;
            }
            b'{' => Kind::Open(Fence::Brace),
            b'}' => Kind::Close(Fence::Brace),
            b'|' => Kind::DoubleBar,
            b'$' => Kind::Currency,
            b'&' => Kind::And,
            // A backslash before a digit or a character beyond ASCII is an accident.
            b'0'..=b'9' | 0x80.. => return,
            _ => match single(byte) {
                Some(kind) => kind,
                None => {
                    self.position += 1;
                    return;
                }
            },
        };
        self.take(1, kind);
    }
}
