//! What follows an atom and belongs to it: exponents, factorials, primes, per cent and degree signs.

use super::{Parser, Result};
use crate::{
    expression::{NodeId, Operator},
    latex::token::{Fence, Kind},
};

// === impl Parser ===

impl Parser<'_> {
    /// Reads an atom with its exponents and signs.
    pub(super) fn power(&mut self) -> Result<NodeId> {
        let mut node = self.atom()?;
        loop {
            node = match self.peek() {
                Kind::Power => self.raised(node)?,
                Kind::Bang => {
                    self.position += 1;
                    let is_double = self.peek() == Kind::Bang && self.token_at(0).is_some_and(|token| !token.spaced);
                    self.position += usize::from(is_double);
                    let operator = if is_double { Operator::DoubleFactorial } else { Operator::Factorial };
                    self.operation(operator, &[node])?
                }
                Kind::Prime(count) => {
                    self.position += 1;
                    self.primed(node, count)?
                }
                Kind::Percent => {
                    self.position += 1;
                    self.operation(Operator::Percent, &[node])?
                }
                Kind::Circle => {
                    self.position += 1;
                    self.degrees(node)?
                }
                Kind::Subscript => self.indexed(node)?,
                _ => return Ok(node),
            };
        }
    }

    /// Reads `^` and what is raised.
    fn raised(&mut self, base: NodeId) -> Result<NodeId> {
        self.position += 1;
        let group = usize::from(self.is_group());
        let is_alone = |parser: &Self, len: usize| group == 0 || parser.peek_at(len + 1) == Kind::Close(Fence::Group);
        match self.peek_at(group) {
            Kind::Circle if is_alone(self, 1) => {
                self.position += 1 + 2 * group;
                self.degrees(base)
            }
            Kind::Prime(_) => self.raised_primes(base, group),
            Kind::Name("top") if is_alone(self, 1) => self.marked(Operator::Transpose, base, group),
            Kind::Name("complement") if is_alone(self, 1) => self.marked(Operator::Complement, base, group),
            Kind::Letter | Kind::Upright if is_alone(self, 1) && self.is_transposed(base, group) => {
                self.marked(Operator::Transpose, base, group)
            }
            Kind::Plus | Kind::Minus | Kind::Times if self.is_sign_alone(group) => {
                let sign = self.text_at(group);
                self.position += 1 + 2 * group;
                let sign = self.worded(sign)?;
                self.operation(Operator::Power, &[base, sign])
            }
            _ => {
                let exponent = self.nested(Self::exponent)?;
                self.operation(Operator::Power, &[base, exponent])
            }
        }
    }

    fn marked(&mut self, operator: Operator, base: NodeId, group: usize) -> Result<NodeId> {
        self.position += 1 + 2 * group;
        self.operation(operator, &[base])
    }

    fn is_transposed(&self, base: NodeId, group: usize) -> bool {
        let is_upright = self.peek_at(group) == Kind::Upright;
        self.text_at(group) == "T" && (is_upright || self.operator(base) == Some(Operator::Matrix))
    }

    /// Returns whether a sign is all that is raised, as in `0^+`.
    fn is_sign_alone(&self, group: usize) -> bool {
        match group {
            0 => {
                let next = self.peek_at(1);
                !matches!(next, Kind::Number(_) | Kind::Letter | Kind::Name(_) | Kind::Constant(_) | Kind::Open(_))
                    && !matches!(
                        next,
                        Kind::Frac | Kind::Root(_) | Kind::Function(_) | Kind::Fraction(..) | Kind::Minus
                    )
            }
            _ => self.peek_at(2) == Kind::Close(Fence::Group),
        }
    }

    /// Reads `{\prime\prime}` or `\prime`.
    fn raised_primes(&mut self, base: NodeId, group: usize) -> Result<NodeId> {
        self.position += group;
        let mut count = 0_u8;
        while let Kind::Prime(more) = self.peek() {
            count = count.saturating_add(more);
            self.position += 1;
        }
        self.position += usize::from(group > 0 && self.peek() == Kind::Close(Fence::Group));
        self.primed(base, count)
    }

    pub(super) fn primed(&mut self, base: NodeId, count: u8) -> Result<NodeId> {
        let count = self.integer(u64::from(count))?;
        self.operation(Operator::Prime, &[base, count])
    }

    /// Reads an exponent without braces as one atom with its sign, and a tower of them from the right.
    fn exponent(&mut self) -> Result<NodeId> {
        let mut is_negative = false;
        while let Kind::Minus | Kind::Plus = self.peek() {
            is_negative ^= self.peek() == Kind::Minus;
            self.position += 1;
        }
        let mut node = self.argument()?;
        if self.peek() == Kind::Power {
            node = self.nested(|parser| parser.raised(node))?;
        }
        if is_negative { self.operation(Operator::Negate, &[node]) } else { Ok(node) }
    }

    /// Makes an angle of a value, or a temperature where a scale follows.
    fn degrees(&mut self, value: NodeId) -> Result<NodeId> {
        let is_scale = matches!(self.peek(), Kind::Letter | Kind::Upright | Kind::Text | Kind::Unit);
        let unit = match self.text_at(0) {
            "C" | "Celsius" | "celsius" if is_scale => "°C",
            "F" | "Fahrenheit" | "fahrenheit" if is_scale => "°F",
            _ => return self.operation(Operator::Degree, &[value]),
        };
        self.position += 1;
        if !self.notation.units {
            return Ok(value);
        }
        let unit = self.worded(unit)?;
        self.operation(Operator::Quantity, &[value, unit])
    }

    /// Reads an index after what is no name: a base after digits, a falling factorial after a bracket.
    fn indexed(&mut self, node: NodeId) -> Result<NodeId> {
        self.position += 1;
        let index = self.nested(Self::argument)?;
        let operator = if self.whole(node).is_some() { Operator::InBase } else { Operator::FallingFactorial };
        self.operation(operator, &[node, index])
    }
}
