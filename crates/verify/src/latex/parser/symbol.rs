//! Names: variables with their indices, the constants that are letters, and functions that an answer defines.

use super::{Parser, Result, Surroundings};
use crate::{
    expression::{Constant, NodeId, Operator},
    latex::{
        token::{Fence, Kind, Token},
        unicode,
    },
};

// === impl Parser ===

impl Parser<'_> {
    /// Reads a letter or a name with its index, its primes and, for a function, its arguments.
    pub(super) fn symbol(&mut self) -> Result<NodeId> {
        let start = self.position;
        if self.is_differential() {
            return self.lone_differential();
        }
        if self.peek_at(1) != Kind::Subscript {
            if let Some(constant) = self.letter_constant() {
                self.position += 1;
                return self.constant(constant);
            }
        } else if let Some(binomial) = self.binomial_letter()? {
            return Ok(binomial);
        }
        let mut name = self.name();
        if name == "angle" {
            self.corner(&mut name);
        }
        let mut node = self.named(&name)?;
        if let Kind::Prime(count) = self.peek() {
            self.position += 1;
            node = self.primed(node, count)?;
        }
        if let Some(len) = self.inverse_len(start) {
            self.position += len;
            let minus_one = self.integer(1)?;
            let minus_one = self.operation(Operator::Negate, &[minus_one])?;
            node = self.operation(Operator::Power, &[node, minus_one])?;
            return self.applied(node);
        }
        if let Some(bar) = self.condition_bar(start) {
            return self.nested(|parser| parser.conditional(node, bar));
        }
        if self.is_application(start, 0) { self.applied(node) } else { Ok(node) }
    }

    /// Reads one letter, whatever follows it.
    pub(super) fn plain_letter(&mut self) -> Result<NodeId> {
        if self.is_differential() {
            return self.lone_differential();
        }
        let constant = self.letter_constant();
        let name = self.text_at(0);
        self.position += 1;
        match constant {
            Some(constant) => self.constant(constant),
            None => self.named(name),
        }
    }

    /// Returns the constant that a letter by itself stands for.
    fn letter_constant(&self) -> Option<Constant> {
        if self.peek() != Kind::Letter {
            return None;
        }
        match self.text_at(0) {
            "e" => Some(Constant::E),
            "I" => Some(Constant::ImaginaryUnit),
            "i" if self.notation.imaginary_i && !self.is_i_bound => Some(Constant::ImaginaryUnit),
            _ => None,
        }
    }

    /// Reads a constant, which with an index is another name: `\mathbb{R}_+`.
    pub(super) fn constant_atom(&mut self, constant: Constant) -> Result<NodeId> {
        if self.peek_at(1) == Kind::Subscript {
            let name = self.name();
            return self.named(&name);
        }
        self.position += 1;
        self.constant(constant)
    }

    /// Reads a name and its index, as `x_1`.
    pub(super) fn name(&mut self) -> String {
        let mut name = self.token_at(0).map_or_else(String::new, |token| written(token, self.source));
        self.position += 1;
        while self.peek() == Kind::Subscript {
            self.position += 1;
            name.push('_');
            self.index(&mut name);
        }
        name
    }

    /// Adds the tokens of an index to a name, without the braces.
    fn index(&mut self, name: &mut String) {
        let end = match self.is_group() {
            true => self.closing_offset(0).unwrap_or(self.tokens.len() - self.position),
            false => 0,
        };
        for offset in 0..=end {
            if let Some(token) = self.token_at(offset) {
                name.push_str(&written(token, self.source));
            }
        }
        self.position = (self.position + end + 1).min(self.tokens.len());
    }

    /// Adds the three points of an angle to its name: the order of the outer ones says nothing, the one at the corner everything.
    fn corner(&mut self, name: &mut String) {
        let is_point = |offset: usize| {
            self.peek_at(offset) == Kind::Letter
                && self.text_at(offset).bytes().all(|letter| letter.is_ascii_uppercase())
        };
        if !(0..3).all(is_point) || is_point(3) || self.peek_at(3) == Kind::Subscript {
            return;
        }
        let (first, corner, last) = (self.text_at(0), self.text_at(1), self.text_at(2));
        let (first, last) = if first > last { (last, first) } else { (first, last) };
        name.push_str(&format!("_{first}{corner}{last}"));
        self.position += 3;
    }

    /// Reads `C_{n}^{k}` with numbers as a binomial coefficient.
    fn binomial_letter(&mut self) -> Result<Option<NodeId>> {
        if self.text_at(0) != "C" {
            return Ok(None);
        }
        let (lower_at, lower_end) = self.number_argument(2);
        let (upper_at, upper_end) = self.number_argument(lower_end + 1);
        let number = |at: usize| match self.peek_at(at) {
            Kind::Number(decimals) if decimals.is_whole() => self.text_at(at).parse::<u32>().ok(),
            _ => None,
        };
        let (Some(lower), Some(upper)) = (number(lower_at), number(upper_at)) else {
            return Ok(None);
        };
        if self.peek_at(lower_end) != Kind::Power || upper > lower || lower < 2 {
            return Ok(None);
        }
        self.position += upper_end;
        let total = self.integer(u64::from(lower))?;
        let chosen = self.integer(u64::from(upper))?;
        self.operation(Operator::Binomial, &[total, chosen]).map(Some)
    }

    /// Reads `{}_{5}C_{2}` and `{}^{5}P_{2}`: how many choices or orders there are of 2 out of 5.
    pub(super) fn prefixed_count(&mut self) -> Result<NodeId> {
        let (_, end) = self.number_argument(1);
        let operator = match (self.text_at(end), self.peek_at(end + 1)) {
            ("C", Kind::Subscript) => Operator::Binomial,
            ("P" | "A", Kind::Subscript) => Operator::FallingFactorial,
            _ => return Err(self.unexpected("a value")),
        };
        self.position += 1;
        let total = self.nested(Self::argument)?;
        self.position += 2;
        let chosen = self.nested(Self::argument)?;
        self.operation(operator, &[total, chosen])
    }

    /// Returns where the only bar of `P(A | B)` is, whose probability or expectation begins at a position.
    fn condition_bar(&self, start: usize) -> Option<usize> {
        let name = self.tokens.get(start).map_or("", |token| token.text(self.source));
        if !matches!(name, "P" | "p" | "Pr" | "E") || self.peek() != Kind::Open(Fence::Round) {
            return None;
        }
        let closing = self.closing_offset(0)?;
        let mut bars = (1..closing).filter(|offset| matches!(self.peek_at(*offset), Kind::Bar | Kind::Mid));
        let bar = bars.next().filter(|bar| *bar > 1 && bar + 1 < closing)?;
        bars.next().is_none().then_some(bar)
    }

    /// Reads what is in the brackets of `P(A | B)`, an event and its condition, as the set of the one under the other.
    fn conditional(&mut self, function: NodeId, bar: usize) -> Result<NodeId> {
        let bar = self.position + bar;
        self.position += 1;
        let event = self.within(Surroundings { is_builder: true, ..Surroundings::default() }, Self::list)?;
        if self.position != bar {
            return Err(self.unexpected("the condition"));
        }
        self.position += 1;
        let condition = self.within(Surroundings::default(), Self::list)?;
        if !self.eat(Kind::Close(Fence::Round)) {
            return Err(self.unexpected("a closing bracket"));
        }
        let given = self.operation(Operator::SetBuilder, &[event, condition])?;
        self.operation(Operator::Apply, &[function, given])
    }

    /// Returns where the number of an argument is, with or without braces, and where the argument ends.
    fn number_argument(&self, at: usize) -> (usize, usize) {
        match self.peek_at(at) {
            Kind::Open(Fence::Group) if self.peek_at(at + 2) == Kind::Close(Fence::Group) => (at + 1, at + 3),
            _ => (at, at + 1),
        }
    }

    /// Returns the number of tokens of a `^{-1}` between a function and its bracket.
    fn inverse_len(&self, start: usize) -> Option<usize> {
        let group = usize::from(self.peek_at(1) == Kind::Open(Fence::Group));
        let is_minus_one =
            self.peek() == Kind::Power && self.peek_at(1 + group) == Kind::Minus && self.text_at(2 + group) == "1";
        let len = 3 + 2 * group;
        (is_minus_one && self.is_application(start, len)).then_some(len)
    }

    /// Returns whether the name that begins at a position is a function, and its arguments follow at an offset.
    fn is_application(&self, start: usize, offset: usize) -> bool {
        if self.peek_at(offset) != Kind::Open(Fence::Round) {
            return false;
        }
        let is_simple = matches!(self.peek_at(offset + 1), Kind::Letter | Kind::Name(_) | Kind::Number(_))
            && self.peek_at(offset + 2) == Kind::Close(Fence::Round);
        let name = self.tokens.get(start).map_or("", |token| token.text(self.source));
        match name {
            "f" | "g" => true,
            "F" | "G" | "H" | "h" | "P" | "phi" | "varphi" | "psi" | "φ" | "ψ" => {
                is_simple || self.is_defined(start, offset)
            }
            _ => self.is_defined(start, offset),
        }
    }

    /// Returns whether a name with a list of variables is the left side of an equation.
    fn is_defined(&self, start: usize, offset: usize) -> bool {
        if start != self.relation_start {
            return false;
        }
        let is_argument = |kind: Kind| matches!(kind, Kind::Letter | Kind::Name(_) | Kind::Comma | Kind::Number(_));
        let mut close = offset + 1;
        while is_argument(self.peek_at(close)) {
            close += 1;
        }
        let is_list = self.peek_at(close) == Kind::Close(Fence::Round) && close > offset + 1;
        let has_products = (offset + 1..close)
            .any(|at| self.peek_at(at) != Kind::Comma && !matches!(self.peek_at(at + 1), Kind::Comma | Kind::Close(_)));
        is_list && !has_products && self.peek_at(close + 1) == Kind::Relation(Operator::Equal)
    }

    /// Reads the arguments of a function.
    pub(super) fn applied(&mut self, function: NodeId) -> Result<NodeId> {
        let base = self.scratch.len();
        self.scratch.push(function);
        self.nested(|parser| parser.bracket_elements(Fence::Round))?;
        self.operation_from(Operator::Apply, base)
    }
}

/// Returns a token as it is written in a name: in ASCII where that has one way to write it, and without braces.
pub(super) fn written(token: Token, source: &str) -> String {
    match token.kind {
        Kind::Open(Fence::Group) | Kind::Close(Fence::Group) => String::new(),
        Kind::Name(name) => name.to_owned(),
        Kind::Constant(Constant::Pi) => "pi".to_owned(),
        Kind::Number(_) => token.text(source).chars().map(|digit| unicode::digit(digit).unwrap_or(digit)).collect(),
        Kind::Prime(count) => "'".repeat(usize::from(count)),
        _ => token.text(source).to_owned(),
    }
}
