//! Atoms: what is an operand by itself, and the arguments of commands.

use super::{Parser, Result};
use crate::{
    expression::{Constant, NodeId, Operator},
    latex::token::{Accent, Environment, Fence, Kind},
};

// === impl Parser ===

impl Parser<'_> {
    pub(super) fn atom(&mut self) -> Result<NodeId> {
        match self.peek() {
            Kind::Number(_) => self.number(),
            Kind::Fraction(numerator, denominator) => {
                self.position += 1;
                let numerator = self.integer(u64::from(numerator))?;
                let denominator = self.integer(u64::from(denominator))?;
                self.operation(Operator::Divide, &[numerator, denominator])
            }
            Kind::Letter | Kind::Name(_) => self.symbol(),
            Kind::Constant(constant) => self.constant_atom(constant),
            Kind::Upright if self.text_at(0).len() == 1 => self.symbol(),
            Kind::Text | Kind::Upright | Kind::Word | Kind::Unit => self.words(),
            Kind::Function(operator) => self.nested(|parser| parser.function(operator)),
            Kind::Variadic(operator) => self.nested(|parser| parser.variadic(operator)),
            Kind::NamedFunction => self.nested(Self::named_function),
            Kind::Frac => self.nested(Self::fraction),
            Kind::Binom => self.nested(|parser| parser.two_arguments(Operator::Binomial)),
            Kind::Root(index) => self.nested(|parser| parser.root(index)),
            Kind::Big(operator) => self.nested(|parser| parser.big(operator)),
            Kind::Accent(accent) => self.nested(|parser| parser.accent(accent)),
            Kind::Boxed => {
                self.position += 1;
                self.nested(Self::boxed)
            }
            Kind::Open(_) | Kind::Bar | Kind::DoubleBar => self.nested(Self::bracket),
            Kind::Close(Fence::Square) => self.nested(Self::reversed_interval),
            Kind::Begin(environment) => self.nested(|parser| parser.environment(environment)),
            Kind::Ellipsis => {
                self.position += 1;
                self.constant(Constant::Ellipsis)
            }
            Kind::Currency => self.currency(),
            Kind::Subscript | Kind::Power => self.prefixed_count(),
            _ => Err(self.unexpected("a value")),
        }
    }

    /// Reads the argument of a command: a group in braces, or one atom.
    pub(super) fn argument(&mut self) -> Result<NodeId> {
        match self.peek() {
            Kind::Letter => self.plain_letter(),
            _ => self.atom(),
        }
    }

    fn two_arguments(&mut self, operator: Operator) -> Result<NodeId> {
        self.position += 1;
        let first = self.argument()?;
        let second = self.argument()?;
        self.operation(operator, &[first, second])
    }

    fn fraction(&mut self) -> Result<NodeId> {
        match self.derivative()? {
            Some(derivative) => Ok(derivative),
            None => self.two_arguments(Operator::Divide),
        }
    }

    /// Reads a root, with its index in brackets where there is one.
    fn root(&mut self, degree: u8) -> Result<NodeId> {
        self.position += 1;
        let index = match (degree, self.peek()) {
            (0, Kind::Open(Fence::Square)) => {
                self.position += 1;
                let index = self.sum()?;
                if !self.eat(Kind::Close(Fence::Square)) {
                    return Err(self.unexpected("the end of the root's index"));
                }
                Some(index)
            }
            _ => None,
        };
        let radicand = self.argument()?;
        let index = match index {
            Some(written) => written,
            None => self.integer(u64::from(degree.max(2)))?,
        };
        self.operation(Operator::Root, &[radicand, index])
    }

    fn accent(&mut self, accent: Accent) -> Result<NodeId> {
        let has_direction = matches!(self.text_at(0), "vec" | "overrightarrow" | "overleftarrow");
        self.position += 1;
        let closing = self.closing_offset(0).unwrap_or(0);
        let is_single = closing <= 2;
        let has_sum = (1..closing).any(|offset| matches!(self.peek_at(offset), Kind::Plus | Kind::Minus));
        let has_sets = (1..closing).any(|offset| matches!(self.peek_at(offset), Kind::Union | Kind::Intersection));
        // From A to B is not from B to A.
        let is_way = has_direction && !is_single && (1..closing).all(|offset| self.peek_at(offset) == Kind::Letter);
        let argument = if is_way { self.way(closing)? } else { self.argument()? };
        match accent {
            Accent::Nothing => Ok(argument),
            Accent::Line if is_single || has_sum && !has_sets => self.operation(Operator::Conjugate, &[argument]),
            Accent::Line | Accent::Dot | Accent::Other => self.operation(Operator::Accent, &[argument]),
        }
    }

    /// Reads the letters of a group as one name.
    fn way(&mut self, closing: usize) -> Result<NodeId> {
        let letters: String = (1..closing).map(|offset| self.text_at(offset)).collect();
        self.position += closing + 1;
        self.named(&letters)
    }

    /// Reads the content of `\boxed{…}`, whose commas separate answers.
    fn boxed(&mut self) -> Result<NodeId> {
        if !self.eat(Kind::Open(Fence::Group)) {
            return self.atom();
        }
        let content = self.halves()?;
        self.eat(Kind::Close(Fence::Group));
        Ok(content)
    }

    /// Reads a value with a currency's sign before it.
    fn currency(&mut self) -> Result<NodeId> {
        let sign = self.currency_name();
        self.position += 1;
        let is_negative = self.eat(Kind::Minus);
        let mut value = self.nested(Self::power)?;
        if is_negative {
            value = self.operation(Operator::Negate, &[value])?;
        }
        if !self.notation.units {
            return Ok(value);
        }
        let unit = self.worded(sign)?;
        self.operation(Operator::Quantity, &[value, unit])
    }

    /// Reads words as one text, without needless space.
    fn words(&mut self) -> Result<NodeId> {
        let text = collapsed(self.text_at(0));
        self.position += 1;
        self.worded(&text)
    }

    /// Reads a determinant, a norm or another environment.
    fn environment(&mut self, environment: Environment) -> Result<NodeId> {
        self.position += 1;
        let rows = self.matrix_rows(environment)?;
        match environment {
            Environment::Determinant => self.operation(Operator::Determinant, &[rows]),
            Environment::Norm => self.operation(Operator::Norm, &[rows]),
            _ => Ok(rows),
        }
    }
}

/// Returns words with one space between them, and none around.
pub(super) fn collapsed(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for word in text.split(|character: char| character.is_whitespace() || matches!(character, '~' | '$')) {
        if !word.is_empty() {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(word);
        }
    }
    words
}
