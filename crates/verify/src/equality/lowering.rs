//! Turns an expression into [`Terms`].
//!
//! Fewer kinds of term than operators are left: quotients and roots are powers, tangents are quotients of sines and cosines, hyperbolic
//! functions are made of exponentials, and per cents, degrees, mixed numbers and logarithms of any base are products. Derivatives are
//! taken and values substituted here. What is not known keeps its operator as its name and is equal to its like only.

mod numeral;

use super::Value;
use super::calculus::Wrt;
use super::rules::{Degrees, LogarithmBase, SymbolCase, ValueRules};
use super::sampling::mix;
use super::scope::Scope;
use super::terms::{Head, TermId, Terms, TooMany};
use crate::expression::{Constant, Node, NodeId, Operator};

/// A value as a term.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lowered {
    /// The term.
    pub(super) term: TermId,
    /// Whether a numeral in it has decimal places.
    pub(super) has_decimals: bool,
}

/// The names of things that are not known begin here, above those of operators.
const FIRST_NAME: u64 = 1 << 16;

/// So many nodes are looked for in a unit of work.
const NODES_PER_UNIT: usize = 16;

struct Lowering<'l> {
    terms: &'l mut Terms,
    rules: &'l ValueRules,
    has_decimals: bool,
}

/// Turns a value into a term.
pub(super) fn lower(value: Value<'_>, rules: &ValueRules, terms: &mut Terms) -> Result<Lowered, TooMany> {
    terms.spend(1)?;
    let scope = Scope::of(value);
    terms.spend(scope.len() / NODES_PER_UNIT)?;
    let is_angle = angles(value, &scope);
    let mut lowering = Lowering { terms, rules, has_decimals: false };
    let mut lowered: Vec<Option<TermId>> = vec![None; scope.len()];
    let mut operands = Vec::new();
    let mut result = None;
    for id in scope.ids() {
        let term = match value.expression.node(id) {
            Node::Operation(operator, children) => {
                operands.clear();
                operands.extend(children.iter().filter_map(|child| lowered[scope.distance(*child)]));
                if let Some(term) = lowering.written_number(value, operator, children)? {
                    term
                } else if operator == Operator::Degree && is_angle[scope.distance(id)] {
                    lowering.angle(&operands)?
                } else {
                    lowering.operation(operator, &operands)?
                }
            }
            leaf => lowering.leaf(leaf)?,
        };
        lowered[scope.distance(id)] = Some(term);
        result = Some(term);
    }
    match result {
        Some(term) => Ok(Lowered { term, has_decimals: lowering.has_decimals }),
        None => Err(TooMany),
    }
}

/// Returns which nodes are angles: within the argument of a trigonometric function, degrees are degrees under every rule.
fn angles(value: Value<'_>, scope: &Scope<'_>) -> Vec<bool> {
    let mut is_angle = vec![false; scope.len()];
    for id in scope.ids().rev() {
        let Node::Operation(operator, children) = value.expression.node(id) else { continue };
        let passes_on = match operator {
            Operator::Sin | Operator::Cos | Operator::Tan | Operator::Cot | Operator::Sec | Operator::Csc => true,
            Operator::Add | Operator::Multiply | Operator::Negate | Operator::Divide => is_angle[scope.distance(id)],
            _ => false,
        };
        if passes_on {
            for child in children {
                is_angle[scope.distance(*child)] = true;
            }
        }
    }
    is_angle
}

// === impl Lowering ===

impl Lowering<'_> {
    fn leaf(&mut self, leaf: Node<'_>) -> Result<TermId, TooMany> {
        match leaf {
            Node::Number(numeral) => {
                self.has_decimals |= numeral.num_decimals > 0 || numeral.exponent < 0;
                numeral::lower(numeral, self.terms)
            }
            Node::Symbol(name) | Node::Text(name) => match self.rules.symbol_case {
                SymbolCase::Ignored if name.chars().any(char::is_uppercase) => {
                    self.terms.of_symbol(&name.to_lowercase())
                }
                _ => self.terms.of_symbol(name),
            },
            Node::Constant(Constant::Pi) => self.terms.intern(Head::Pi, &[]),
            Node::Constant(Constant::E) => {
                let one = self.terms.integer(1)?;
                self.terms.function(Operator::Exp, &[one])
            }
            Node::Constant(Constant::ImaginaryUnit) => self.terms.intern(Head::ImaginaryUnit, &[]),
            Node::Constant(Constant::Infinity) => self.terms.intern(Head::Infinity, &[]),
            Node::Constant(constant) => self.terms.intern(Head::Unknown(FIRST_NAME + constant as u64), &[]),
            Node::Operation(operator, _) => self.unknown(operator, &[]),
        }
    }

    fn operation(&mut self, operator: Operator, operands: &[TermId]) -> Result<TermId, TooMany> {
        let terms = &mut *self.terms;
        match (operator, operands) {
            (Operator::Add | Operator::Mixed, _) => terms.add(operands),
            (Operator::Multiply, _) => terms.multiply(operands),
            (Operator::Negate, &[of]) => terms.negate(of),
            // A product with 0 is 0, but nothing over nothing has no value.
            (Operator::Divide, &[dividend, divisor])
                if [dividend, divisor].iter().all(|side| terms.rational(*side).is_some_and(|side| side.is_zero())) =>
            {
                self.unknown(operator, operands)
            }
            (Operator::Divide, &[dividend, divisor]) => terms.divide(dividend, divisor),
            (Operator::Power, &[base, exponent]) => terms.power(base, exponent),
            (Operator::Root, &[radicand, index]) => {
                let exponent = terms.invert(index)?;
                terms.power(radicand, exponent)
            }
            (Operator::Percent, &[of]) => {
                let hundred = terms.integer(100)?;
                terms.divide(of, hundred)
            }
            (Operator::Degree, &[_]) if self.rules.degrees == Degrees::Radians => self.angle(operands),
            (Operator::Degree | Operator::Quantity, &[of, ..]) => Ok(of),
            (Operator::Norm, &[of]) => terms.function(Operator::Abs, &[of]),
            (Operator::Log, _) => self.logarithm(operands),
            _ => self.function(operator, operands),
        }
    }

    fn function(&mut self, operator: Operator, operands: &[TermId]) -> Result<TermId, TooMany> {
        use Operator as O;
        let terms = &mut *self.terms;
        match (operator, operands) {
            (O::Tan | O::Cot | O::Sec | O::Csc, &[of]) => {
                let (sine, cosine) = (terms.function(O::Sin, &[of])?, terms.function(O::Cos, &[of])?);
                match operator {
                    O::Tan => terms.divide(sine, cosine),
                    O::Cot => terms.divide(cosine, sine),
                    O::Sec => terms.invert(cosine),
                    _ => terms.invert(sine),
                }
            }
            (O::Arccot | O::Arcsec | O::Arccsc, &[of]) => {
                let of = terms.invert(of)?;
                terms.function(
                    match operator {
                        O::Arccot => O::Arctan,
                        O::Arcsec => O::Arccos,
                        _ => O::Arcsin,
                    },
                    &[of],
                )
            }
            (O::Sinh | O::Cosh | O::Tanh | O::Coth | O::Sech | O::Csch, &[of]) => self.hyperbolic(operator, of),
            (O::FallingFactorial | O::Binomial | O::Modulo, [_, _]) => terms.function(operator, operands),
            (O::Gcd | O::Lcm | O::Max | O::Min, [_, ..]) => terms.function(operator, operands),
            (
                O::Ln
                | O::Exp
                | O::Sin
                | O::Cos
                | O::Arcsin
                | O::Arccos
                | O::Arctan
                | O::Arsinh
                | O::Arcosh
                | O::Artanh
                | O::Abs
                | O::Floor
                | O::Ceiling
                | O::Factorial
                | O::DoubleFactorial
                | O::Conjugate
                | O::RealPart
                | O::ImaginaryPart
                | O::Argument
                | O::Sign,
                [_],
            ) => terms.function(operator, operands),
            _ => self.calculus(operator, operands),
        }
    }

    fn calculus(&mut self, operator: Operator, operands: &[TermId]) -> Result<TermId, TooMany> {
        use Operator as O;
        let terms = &mut *self.terms;
        match (operator, operands) {
            // What y is of x is not known.
            (O::Derivative, &[body, variable, _])
                if body != variable && matches!(terms.head(body), Head::Symbol(_)) =>
            {
                self.unknown(operator, operands)
            }
            (O::Derivative, &[body, variable, order]) => match terms.derivative(body, Wrt { variable, order })? {
                Some(derivative) => Ok(derivative),
                None => self.unknown(operator, operands),
            },
            (O::Evaluate, &[body, variable, from, to]) => {
                let (at_start, at_end) =
                    (terms.substitute(body, variable, from)?, terms.substitute(body, variable, to)?);
                terms.subtract(at_end, at_start)
            }
            (O::Integral | O::Sum | O::Product | O::Limit, [_, _, ..]) => terms.bind(operator, operands),
            _ => self.unknown(operator, operands),
        }
    }

    /// Multiplies degrees by π/180.
    fn angle(&mut self, operands: &[TermId]) -> Result<TermId, TooMany> {
        let pi = self.terms.intern(Head::Pi, &[])?;
        let half_turn = self.terms.integer(180)?;
        let unit = self.terms.divide(pi, half_turn)?;
        let mut factors = operands.to_vec();
        factors.push(unit);
        self.terms.multiply(&factors)
    }

    fn logarithm(&mut self, operands: &[TermId]) -> Result<TermId, TooMany> {
        let (of, base) = match *operands {
            [of, base] => (of, base),
            [of] if self.rules.logarithm_base == LogarithmBase::Ten => (of, self.terms.integer(10)?),
            [of] => return self.terms.function(Operator::Ln, &[of]),
            _ => return self.unknown(Operator::Log, operands),
        };
        let numerator = self.terms.function(Operator::Ln, &[of])?;
        let denominator = self.terms.function(Operator::Ln, &[base])?;
        self.terms.divide(numerator, denominator)
    }

    fn hyperbolic(&mut self, operator: Operator, of: TermId) -> Result<TermId, TooMany> {
        let terms = &mut *self.terms;
        let rising = terms.function(Operator::Exp, &[of])?;
        let falling = terms.invert(rising)?;
        let (sum, difference) = (terms.add(&[rising, falling])?, terms.subtract(rising, falling)?);
        let two = terms.integer(2)?;
        match operator {
            Operator::Sinh => terms.divide(difference, two),
            Operator::Cosh => terms.divide(sum, two),
            Operator::Tanh => terms.divide(difference, sum),
            Operator::Coth => terms.divide(sum, difference),
            Operator::Sech => terms.divide(two, sum),
            _ => terms.divide(two, difference),
        }
    }

    /// Reads numerals in other bases and repeating decimals, whose operands are digits rather than values.
    fn written_number(
        &mut self,
        value: Value<'_>,
        operator: Operator,
        children: &[NodeId],
    ) -> Result<Option<TermId>, TooMany> {
        let &[first, second] = children else { return Ok(None) };
        let (Node::Number(first), Node::Number(second)) = (value.expression.node(first), value.expression.node(second))
        else {
            return Ok(None);
        };
        let number = match operator {
            Operator::InBase => numeral::in_base(first, second),
            Operator::Repeating => numeral::repeating(first, second),
            _ => None,
        };
        number.map(|number| self.terms.of_rational(number)).transpose()
    }

    fn unknown(&mut self, operator: Operator, operands: &[TermId]) -> Result<TermId, TooMany> {
        let name = mix(operator as u64) | FIRST_NAME;
        self.terms.intern(Head::Unknown(name), operands)
    }
}
