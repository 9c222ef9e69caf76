//! Sums, products, signs, and factors side by side.

use super::{Parser, Result};
use crate::{
    expression::{Node, NodeId, Operator},
    latex::token::{Fence, Kind},
};

/// A term of a sum, with the unit that was written after it.
#[derive(Clone, Copy)]
struct Term {
    value: NodeId,
    unit: Option<NodeId>,
}

/// How far factors side by side reach.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Over all of them.
    Product,
    /// Up to the next function or bracket, as the argument of a function without brackets does.
    Argument,
}

// === impl Parser ===

impl Parser<'_> {
    /// Reads terms with `+`, `-` and `±` between them.
    pub(super) fn sum(&mut self) -> Result<NodeId> {
        let base = self.scratch.len();
        let mut term = self.product()?;
        let mut has_units = false;
        loop {
            let sign = self.peek();
            if !matches!(sign, Kind::Plus | Kind::Minus | Kind::PlusMinus | Kind::MinusPlus) {
                break;
            }
            self.position += 1;
            has_units |= term.unit.is_some();
            let quantity = self.quantity(term)?;
            self.scratch.push(quantity);
            term = self.product()?;
            match sign {
                Kind::Minus => term.value = self.operation(Operator::Negate, &[term.value])?,
                Kind::PlusMinus | Kind::MinusPlus => {
                    let left = self.operation_unless_single(Operator::Add, base)?;
                    term.value = self.operation(free_sign(sign), &[left, term.value])?;
                }
                _ => {}
            }
        }
        if has_units || self.scratch.len() == base {
            term = Term { value: self.quantity(term)?, unit: None };
        }
        self.scratch.push(term.value);
        let value = self.operation_unless_single(Operator::Add, base)?;
        let sum = self.quantity(Term { value, unit: term.unit })?;
        self.evaluation(sum)
    }

    fn quantity(&mut self, term: Term) -> Result<NodeId> {
        match term.unit {
            Some(unit) if self.notation.units => self.operation(Operator::Quantity, &[term.value, unit]),
            Some(_) => {
                self.has_orphans = true;
                Ok(term.value)
            }
            None => Ok(term.value),
        }
    }

    /// Reads factors with signs of multiplication and division between them, and the unit after them.
    fn product(&mut self) -> Result<Term> {
        let base = self.scratch.len();
        let first = self.signed(Reach::Product)?;
        self.scratch.push(first);
        loop {
            if self.is_unit() {
                let value = self.operation_unless_single(Operator::Multiply, base)?;
                let unit = Some(self.unit()?);
                if !matches!(self.peek(), Kind::Times | Kind::Divide) {
                    return self.several_quantities(Term { value, unit });
                }
                let quantity = self.quantity(Term { value, unit })?;
                self.scratch.push(quantity);
            }
            let operator = match self.peek() {
                Kind::Times => Operator::Multiply,
                Kind::Divide => Operator::Divide,
                Kind::Modulo => Operator::Modulo,
                _ => break,
            };
            let is_cross = matches!(self.text_at(0), "times" | "×");
            self.position += 1;
            let left = match operator {
                Operator::Multiply => None,
                _ => Some(self.operation_unless_single(Operator::Multiply, base)?),
            };
            let right = self.signed(Reach::Product)?;
            let node = match left {
                Some(left) => self.operation(operator, &[left, right])?,
                None if is_cross && self.is_vector(right) => {
                    let left = self.operation_unless_single(Operator::Multiply, base)?;
                    self.operation(Operator::CrossProduct, &[left, right])?
                }
                None => right,
            };
            self.scratch.push(node);
        }
        let value = self.operation_unless_single(Operator::Multiply, base)?;
        Ok(Term { value, unit: None })
    }

    /// Reads quantities side by side, which are one in several units: `3 hours 20 minutes`.
    fn several_quantities(&mut self, first: Term) -> Result<Term> {
        if !self.is_at_operand() || !self.notation.units {
            return Ok(first);
        }
        let base = self.scratch.len();
        let first = self.quantity(first)?;
        self.scratch.push(first);
        while self.is_at_operand() {
            let value = self.signed(Reach::Product)?;
            let unit = if self.is_unit() { Some(self.unit()?) } else { None };
            let next = self.quantity(Term { value, unit })?;
            self.scratch.push(next);
        }
        Ok(Term { value: self.operation_from(Operator::Add, base)?, unit: None })
    }

    fn is_vector(&self, node: NodeId) -> bool {
        matches!(self.operator(node), Some(Operator::Matrix | Operator::Accent | Operator::CrossProduct))
    }

    /// Reads factors side by side with the signs before them.
    pub(super) fn signed(&mut self, reach: Reach) -> Result<NodeId> {
        let mut is_negative = false;
        loop {
            match self.peek() {
                Kind::Plus => {}
                Kind::Minus => is_negative = !is_negative,
                sign @ (Kind::PlusMinus | Kind::MinusPlus) => {
                    self.position += 1;
                    let value = self.factors(reach)?;
                    return self.operation(free_sign(sign), &[value]);
                }
                _ => break,
            }
            self.position += 1;
        }
        let value = self.factors(reach)?;
        if is_negative { self.operation(Operator::Negate, &[value]) } else { Ok(value) }
    }

    /// Reads factors side by side, mixed numbers among them.
    fn factors(&mut self, reach: Reach) -> Result<NodeId> {
        let base = self.scratch.len();
        let mut start = self.position;
        let first = self.power()?;
        self.scratch.push(first);
        while self.is_at_operand() && !(reach == Reach::Argument && self.ends_argument()) {
            let is_whole_before = self.position == start + 1 && is_whole(self.kind_before());
            let can_be_mixed = is_whole_before && self.notation.mixed_numbers;
            start = self.position;
            let (factor, is_fraction) = match self.plain_fraction(can_be_mixed)? {
                Some(fraction) => (fraction, true),
                None => {
                    let is_fraction = matches!(self.peek(), Kind::Frac | Kind::Fraction(..));
                    let factor = self.power()?;
                    (factor, can_be_mixed && is_fraction && self.is_fraction_of_numbers(self.unsigned(factor).0))
                }
            };
            match self.scratch.pop() {
                Some(whole) if is_fraction => {
                    let mixed = self.mixed(whole, factor)?;
                    self.scratch.push(mixed);
                }
                before => {
                    self.scratch.extend(before);
                    self.scratch.push(factor);
                }
            }
        }
        self.operation_unless_single(Operator::Multiply, base)
    }

    /// Reads the `1/2` of `2 1/2`.
    fn plain_fraction(&mut self, can_be_mixed: bool) -> Result<Option<NodeId>> {
        let is_spaced = self.token_at(0).is_some_and(|token| token.spaced);
        let is_plain = is_whole(self.peek()) && self.peek_at(1) == Kind::Divide && is_whole(self.peek_at(2));
        if !(can_be_mixed && is_spaced && is_plain) {
            return Ok(None);
        }
        let numerator = self.number()?;
        self.position += 1;
        let denominator = self.number()?;
        self.operation(Operator::Divide, &[numerator, denominator]).map(Some)
    }

    /// Makes a mixed number, to which a percent or degree sign after its fraction belongs.
    fn mixed(&mut self, whole: NodeId, fraction: NodeId) -> Result<NodeId> {
        let (fraction, sign) = self.unsigned(fraction);
        let mixed = self.operation(Operator::Mixed, &[whole, fraction])?;
        let Some(sign) = sign else { return Ok(mixed) };
        self.has_orphans = true;
        self.operation(sign, &[mixed])
    }

    /// Returns what stands before a percent or degree sign, and the sign.
    fn unsigned(&self, node: NodeId) -> (NodeId, Option<Operator>) {
        match self.expression.node(node) {
            Node::Operation(sign @ (Operator::Percent | Operator::Degree), [signed]) => (*signed, Some(sign)),
            _ => (node, None),
        }
    }

    fn is_fraction_of_numbers(&self, node: NodeId) -> bool {
        let Some(operands) = self.expression.operands(node, Operator::Divide) else {
            return false;
        };
        operands
            .iter()
            .all(|operand| matches!(self.expression.node(*operand), Node::Number(numeral) if !numeral.has_point))
    }

    /// Returns whether the argument of a function without brackets ends before what follows.
    fn ends_argument(&self) -> bool {
        matches!(
            self.peek(),
            Kind::Function(_)
                | Kind::Variadic(_)
                | Kind::NamedFunction
                | Kind::Big(_)
                | Kind::Bar
                | Kind::Open(Fence::Round | Fence::Square | Fence::Bar)
        )
    }

    /// Returns whether a factor may begin here.
    pub(super) fn is_at_operand(&self) -> bool {
        match self.peek() {
            Kind::Number(_)
            | Kind::Fraction(..)
            | Kind::Letter
            | Kind::Name(_)
            | Kind::Text
            | Kind::Upright
            | Kind::Constant(_)
            | Kind::Function(_)
            | Kind::Variadic(_)
            | Kind::NamedFunction
            | Kind::Frac
            | Kind::Binom
            | Kind::Root(_)
            | Kind::Big(_)
            | Kind::Accent(_)
            | Kind::Begin(_)
            | Kind::Ellipsis => !self.is_unit() && !self.is_differential(),
            Kind::Open(Fence::Square) => !self.around.is_reversed && !self.is_turned_away(),
            Kind::Open(Fence::Round) => self.peek_at(1) != Kind::Modulo,
            Kind::Open(_) => true,
            Kind::Bar | Kind::DoubleBar => {
                self.around.num_bars == 0 && !self.around.is_builder && self.peek_at(1) != Kind::Subscript
            }
            _ => false,
        }
    }

    /// Returns whether the square bracket here closes an interval, as the second one of `[1, 2[` does.
    pub(super) fn is_turned_away(&self) -> bool {
        let next = self.peek_at(1);
        let ends = matches!(
            next,
            Kind::Finish | Kind::Union | Kind::Intersection | Kind::Without | Kind::Comma | Kind::And | Kind::Or
        );
        self.peek() == Kind::Open(Fence::Square) && ends
    }
}

/// Returns the operator of a sign with both values.
const fn free_sign(sign: Kind) -> Operator {
    match sign {
        Kind::MinusPlus => Operator::MinusPlus,
        _ => Operator::PlusMinus,
    }
}

fn is_whole(kind: Kind) -> bool {
    matches!(kind, Kind::Number(decimals) if decimals.is_whole())
}
