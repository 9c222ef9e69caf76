//! Sums, products and unions over an index, limits, integrals, derivatives, and differences of a value at two places.

use super::{Integral, Parser, Result, arithmetic::Reach};
use crate::{
    expression::{Node, NodeId, Operator},
    latex::token::{Fence, Kind},
};

// === impl Parser ===

impl Parser<'_> {
    /// Reads a big operator.
    pub(super) fn big(&mut self, operator: Operator) -> Result<NodeId> {
        self.position += 1;
        match operator {
            Operator::Integral => self.integral(),
            Operator::Limit => self.limit(),
            _ => self.over_index(operator),
        }
    }

    /// Reads the bounds and the body of a sum or its like.
    fn over_index(&mut self, operator: Operator) -> Result<NodeId> {
        let mut index: Option<(NodeId, Option<NodeId>)> = None;
        let mut to = None;
        loop {
            match self.peek() {
                Kind::Subscript if index.is_none() => {
                    self.position += 1;
                    index = Some(self.index_and_start()?);
                }
                Kind::Power if to.is_none() => {
                    self.position += 1;
                    to = Some(self.argument()?);
                }
                _ => break,
            }
        }
        let body = self.body()?;
        match (index, to) {
            (Some((variable, Some(from))), Some(to)) => self.operation(operator, &[body, variable, from, to]),
            (Some((variable, Some(from))), None) => {
                let condition = self.operation(Operator::Equal, &[variable, from])?;
                self.operation(operator, &[body, condition])
            }
            (Some((condition, None)), None) => self.operation(operator, &[body, condition]),
            (None, None) => self.operation(operator, &[body]),
            (_, Some(_)) => Err(self.unexpected("a sum with both bounds or none")),
        }
    }

    /// Reads the body of a big operator: factors, also with signs between them.
    fn body(&mut self) -> Result<NodeId> {
        let base = self.scratch.len();
        let mut body = self.signed(Reach::Product)?;
        loop {
            let operator = match self.peek() {
                Kind::Times => Operator::Multiply,
                Kind::Divide => Operator::Divide,
                _ => break,
            };
            self.position += 1;
            let right = self.signed(Reach::Product)?;
            body = self.operation(operator, &[body, right])?;
        }
        debug_assert_eq!(self.scratch.len(), base, "nothing is left to wait");
        Ok(body)
    }

    /// Reads `{k = 1}` as the index and its first value, or else a condition.
    fn index_and_start(&mut self) -> Result<(NodeId, Option<NodeId>)> {
        let is_index = self.is_group()
            && matches!(self.peek_at(1), Kind::Letter | Kind::Name(_))
            && self.peek_at(2) == Kind::Relation(Operator::Equal);
        if !is_index {
            let end = self.closing_offset(0).unwrap_or(0);
            self.is_i_bound |= (0..end).any(|at| self.peek_at(at) == Kind::Letter && self.text_at(at) == "i");
            return Ok((self.argument()?, None));
        }
        self.position += 1;
        self.is_i_bound |= self.text_at(0) == "i";
        let name = self.name();
        let variable = self.named(&name)?;
        self.position += 1;
        let from = self.sum()?;
        if !self.eat(Kind::Close(Fence::Group)) {
            return Err(self.unexpected("the end of the index"));
        }
        Ok((variable, Some(from)))
    }

    /// Reads `\lim_{x \to a} f`.
    fn limit(&mut self) -> Result<NodeId> {
        let has_approach = self.peek() == Kind::Subscript && self.peek_at(1) == Kind::Open(Fence::Group);
        if !has_approach {
            return Err(self.unexpected("what the limit approaches"));
        }
        self.position += 2;
        let variable = self.atom()?;
        if !self.eat(Kind::Arrow) {
            return Err(self.unexpected("an arrow"));
        }
        let point = self.sum()?;
        if !self.eat(Kind::Close(Fence::Group)) {
            return Err(self.unexpected("the end of the limit's point"));
        }
        let body = self.body()?;
        let sides = match self.expression.operands(point, Operator::Power) {
            Some(&[point, side]) if matches!(self.expression.node(side), Node::Text("+" | "-")) => Some((point, side)),
            _ => None,
        };
        match sides {
            Some((point, side)) => {
                self.has_orphans = true;
                self.operation(Operator::Limit, &[body, variable, point, side])
            }
            None => self.operation(Operator::Limit, &[body, variable, point]),
        }
    }

    /// Reads the bounds, the integrand and the differential of an integral.
    fn integral(&mut self) -> Result<NodeId> {
        let (from, to) = self.bounds()?;
        let outer = self.integral.replace(Integral { variable: None });
        let read = self.integrand();
        let inner = std::mem::replace(&mut self.integral, outer);
        let body = read?;
        let variable = match inner.and_then(|integral| integral.variable) {
            Some(variable) => variable,
            None => self.first_symbol(body)?,
        };
        match (from, to) {
            (Some(from), Some(to)) => self.operation(Operator::Integral, &[body, variable, from, to]),
            (None, None) => self.operation(Operator::Integral, &[body, variable]),
            _ => Err(self.unexpected("an integral with both bounds or none")),
        }
    }

    fn integrand(&mut self) -> Result<NodeId> {
        let body = self.sum()?;
        self.skip_differential()?;
        Ok(body)
    }

    fn bounds(&mut self) -> Result<(Option<NodeId>, Option<NodeId>)> {
        let (mut from, mut to) = (None, None);
        loop {
            match self.peek() {
                Kind::Subscript if from.is_none() => {
                    self.position += 1;
                    from = Some(self.raised_or_lowered()?);
                }
                Kind::Power if to.is_none() => {
                    self.position += 1;
                    to = Some(self.raised_or_lowered()?);
                }
                _ => return Ok((from, to)),
            }
        }
    }

    fn raised_or_lowered(&mut self) -> Result<NodeId> {
        let is_negative = self.eat(Kind::Minus);
        let bound = self.argument()?;
        if is_negative { self.operation(Operator::Negate, &[bound]) } else { Ok(bound) }
    }

    /// Returns the first variable of a body, or `x` where it has none.
    fn first_symbol(&mut self, body: NodeId) -> Result<NodeId> {
        let mut ids = self.expression.ids().take(body.index() + 1);
        match ids.find(|id| matches!(self.expression.node(*id), Node::Symbol(_))) {
            Some(symbol) => Ok(symbol),
            None => self.named("x"),
        }
    }

    // --- differentials ---

    /// Returns whether `d x` is here, within an integral.
    pub(super) fn is_differential(&self) -> bool {
        self.integral.is_some()
            && self.peek() == Kind::Letter
            && self.text_at(0) == "d"
            && matches!(self.peek_at(1), Kind::Letter | Kind::Name(_))
    }

    /// Reads a differential, if one is here, as the integral's.
    pub(super) fn skip_differential(&mut self) -> Result<bool> {
        if !self.is_differential() {
            return Ok(false);
        }
        self.position += 1;
        let name = self.name();
        let variable = self.named(&name)?;
        match &mut self.integral {
            Some(integral) if integral.variable.is_none() => integral.variable = Some(variable),
            _ => self.has_orphans = true,
        }
        Ok(true)
    }

    /// Reads a differential that stands for the whole integrand, or for a factor of it.
    pub(super) fn lone_differential(&mut self) -> Result<NodeId> {
        self.skip_differential()?;
        self.integer(1)
    }

    // --- derivatives ---

    /// Reads `\frac{d}{dx} f`, `\frac{df}{dx}` and their higher orders, if this is one.
    pub(super) fn derivative(&mut self) -> Result<Option<NodeId>> {
        let Some(numerator_end) = self.closing_offset(1).filter(|_| self.peek_at(1) == Kind::Open(Fence::Group)) else {
            return Ok(None);
        };
        let below = numerator_end + 1;
        let is_derivative = self.is_d(2)
            && self.peek_at(below) == Kind::Open(Fence::Group)
            && self.is_d(below + 1)
            && matches!(self.peek_at(below + 2), Kind::Letter | Kind::Name(_))
            && self.integral.is_none();
        let Some(end) = self.closing_offset(below).filter(|_| is_derivative) else {
            return Ok(None);
        };
        let order_len = end - (below + 3);
        if order_len > 0 && self.peek_at(below + 3) != Kind::Power {
            return Ok(None);
        }
        let start = self.position;
        let body = self.derived(3, order_len, numerator_end)?;
        self.position = start + below + 2;
        let variable = self.symbol()?;
        let order = if self.eat(Kind::Power) { self.argument()? } else { self.integer(1)? };
        self.position = start + end + 1;
        let body = match body {
            Some(body) => body,
            None => self.factors_of_derivative()?,
        };
        self.operation(Operator::Derivative, &[body, variable, order]).map(Some)
    }

    fn is_d(&self, offset: usize) -> bool {
        match self.peek_at(offset) {
            Kind::Letter => self.text_at(offset) == "d",
            kind => kind == Kind::Name("partial"),
        }
    }

    /// Reads what is derived in the numerator, after the `d` and its order; nothing where it follows the fraction.
    fn derived(&mut self, from: usize, order_len: usize, end: usize) -> Result<Option<NodeId>> {
        let skipped = if self.peek_at(from) == Kind::Power { order_len } else { 0 };
        if from + skipped >= end {
            return Ok(None);
        }
        self.position += from + skipped;
        self.sum().map(Some)
    }

    fn factors_of_derivative(&mut self) -> Result<NodeId> {
        if !self.is_at_operand() {
            return Err(self.unexpected("what is derived"));
        }
        self.signed(Reach::Product)
    }

    // --- values at places ---

    /// Reads `|_{a}^{b}` after a sum, if it is there.
    pub(super) fn evaluation(&mut self, body: NodeId) -> Result<NodeId> {
        let is_bar = match self.peek() {
            Kind::Bar => self.around.num_bars == 0,
            Kind::Close(Fence::Bar | Fence::Square) => true,
            _ => false,
        };
        if !is_bar || self.peek_at(1) != Kind::Subscript || self.peek() == Kind::Close(Fence::Square) {
            return Ok(body);
        }
        self.position += 1;
        let (from, to) = self.bounds()?;
        let (Some(from), Some(to)) = (from, to) else {
            return Err(self.unexpected("both places of the evaluation"));
        };
        let assigned = match self.expression.operands(from, Operator::Equal) {
            Some(&[variable, value]) => Some((variable, value)),
            _ => None,
        };
        let (variable, from) = match assigned {
            Some(assigned) => assigned,
            None => (self.first_symbol(body)?, from),
        };
        let to = match self.expression.operands(to, Operator::Equal) {
            Some(&[_, value]) => value,
            _ => to,
        };
        self.has_orphans = true;
        self.operation(Operator::Evaluate, &[body, variable, from, to])
    }
}
