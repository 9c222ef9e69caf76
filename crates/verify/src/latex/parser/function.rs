//! Functions that have names, with their powers, bases and arguments.

use super::{Parser, Result, arithmetic::Reach};
use crate::{
    expression::{Node, NodeId, Operator},
    latex::token::{Fence, Kind},
};

// === impl Parser ===

impl Parser<'_> {
    /// Reads a function of one argument.
    pub(super) fn function(&mut self, operator: Operator) -> Result<NodeId> {
        let name = self.text_at(0);
        self.position += 1;
        let (mut power, mut base) = (None, None);
        loop {
            match self.peek() {
                Kind::Power if power.is_none() && !matches!(self.peek_at(1), Kind::Circle | Kind::Prime(_)) => {
                    self.position += 1;
                    power = Some(self.raised_argument()?);
                }
                Kind::Subscript if base.is_none() => {
                    self.position += 1;
                    base = Some(self.argument()?);
                }
                _ => break,
            }
        }
        let Some(argument) = self.function_argument()? else {
            return self.named(name);
        };
        let (operator, power) = match (power, inverse(operator)) {
            (Some(power), Some(inverse)) if self.is_minus_one(power) => {
                self.has_orphans = true;
                (inverse, None)
            }
            (power, _) => (operator, power),
        };
        let applied = match base {
            Some(base) => self.operation(operator, &[argument, base])?,
            None if name == "lg" => {
                let ten = self.integer(10)?;
                self.operation(operator, &[argument, ten])?
            }
            None => self.operation(operator, &[argument])?,
        };
        match power {
            Some(power) => self.operation(Operator::Power, &[applied, power]),
            None => Ok(applied),
        }
    }

    /// Reads the exponent of a function, with its sign.
    fn raised_argument(&mut self) -> Result<NodeId> {
        let is_negative = self.eat(Kind::Minus);
        let exponent = self.argument()?;
        if is_negative { self.operation(Operator::Negate, &[exponent]) } else { Ok(exponent) }
    }

    fn is_minus_one(&self, node: NodeId) -> bool {
        let Some([one]) = self.expression.operands(node, Operator::Negate) else {
            return false;
        };
        self.whole(*one).is_some_and(|numeral| numeral.digits == "1")
    }

    /// Reads an argument in brackets, or else the factors up to the next function; nothing where none follows.
    fn function_argument(&mut self) -> Result<Option<NodeId>> {
        match self.peek() {
            Kind::Open(Fence::Round | Fence::Group | Fence::Square) => self.bracket().map(Some),
            Kind::Minus | Kind::Plus => self.signed(Reach::Argument).map(Some),
            _ if self.is_at_operand() || self.peek() == Kind::Bar => self.signed(Reach::Argument).map(Some),
            _ => Ok(None),
        }
    }

    /// Reads a function of several arguments, such as `\gcd(a, b)`.
    pub(super) fn variadic(&mut self, operator: Operator) -> Result<NodeId> {
        let name = self.name();
        let base = self.scratch.len();
        match self.peek() {
            Kind::Open(fence @ (Fence::Round | Fence::Square | Fence::Brace | Fence::Group)) if !name.contains('_') => {
                self.bracket_elements(fence)?;
                let operands = self.scratch.get(base..).unwrap_or_default();
                if let [single] = operands {
                    // `\max{(a, b)}`
                    let single = *single;
                    return self.spread(operator, single, base);
                }
                self.operation_from(operator, base)
            }
            _ if self.is_at_operand() => {
                // Over an index it is another function, which is compared by its name.
                let function = self.named(&name)?;
                let argument = self.signed(Reach::Argument)?;
                self.operation(Operator::Apply, &[function, argument])
            }
            _ => self.named(&name),
        }
    }

    /// Applies an operator to the elements of a collection.
    fn spread(&mut self, operator: Operator, collection: NodeId, base: usize) -> Result<NodeId> {
        self.scratch.truncate(base);
        let elements = match self.expression.node(collection) {
            Node::Operation(Operator::OpenOpen | Operator::Tuple | Operator::Set, elements) => Some(elements.to_vec()),
            _ => None,
        };
        match elements {
            Some(elements) => {
                self.has_orphans = true;
                self.operation(operator, &elements)
            }
            None => self.operation(operator, &[collection]),
        }
    }

    /// Reads a function that is not known, with its arguments where they follow.
    pub(super) fn named_function(&mut self) -> Result<NodeId> {
        let name = self.name();
        let function = self.named(&name)?;
        match self.peek() {
            Kind::Open(Fence::Round) => self.applied(function),
            _ => Ok(function),
        }
    }
}

/// Returns the inverse of a function that has one with a name.
fn inverse(operator: Operator) -> Option<Operator> {
    Some(match operator {
        Operator::Sin => Operator::Arcsin,
        Operator::Cos => Operator::Arccos,
        Operator::Tan => Operator::Arctan,
        Operator::Cot => Operator::Arccot,
        Operator::Sec => Operator::Arcsec,
        Operator::Csc => Operator::Arccsc,
        Operator::Sinh => Operator::Arsinh,
        Operator::Cosh => Operator::Arcosh,
        Operator::Tanh => Operator::Artanh,
        _ => return None,
    })
}
