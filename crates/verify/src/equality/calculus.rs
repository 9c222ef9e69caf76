//! Derivatives, substitution and bound variables.

use super::terms::{Head, TermId, Terms, TooMany};
use crate::arithmetic::rational;
use crate::expression::Operator;

/// What a derivative is taken with respect to, and how often.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wrt {
    /// The variable.
    pub(super) variable: TermId,
    /// The number of times, which is a rational term.
    pub(super) order: TermId,
}

/// The most times that a derivative is taken.
const MAX_ORDER: u64 = 8;

// === impl Terms ===

impl Terms {
    /// Returns a term with one variable replaced.
    pub(super) fn substitute(&mut self, of: TermId, variable: TermId, by: TermId) -> Result<TermId, TooMany> {
        self.spend(of.index() / 16)?;
        let order = self.within(&[of]);
        if order.binary_search(&variable).is_err() {
            return Ok(of);
        }
        let mut replaced: Vec<TermId> = self.ids(0..of.index() + 1).collect();
        replaced[variable.index()] = by;
        let mut operands = Vec::new();
        for id in order.into_iter().filter(|id| *id > variable) {
            operands.clear();
            operands.extend(self.operands(id).iter().map(|operand| replaced[operand.index()]));
            if operands != self.operands(id) {
                replaced[id.index()] = self.rebuild(self.head(id), &operands)?;
            }
        }
        Ok(replaced[of.index()])
    }

    /// Returns a sum, product, integral or limit whose variable is bound, so that its name does not matter.
    pub(super) fn bind(&mut self, operator: Operator, operands: &[TermId]) -> Result<TermId, TooMany> {
        let mut bound = operands.to_vec();
        let (body, variable) = (operands[0], operands[1]);
        bound[1] = self.intern(Head::Bound(self.num_binders(body)), &[])?;
        bound[0] = self.substitute(body, variable, bound[1])?;
        self.intern(Head::Binder(operator), &bound)
    }

    /// Returns a derivative, or nothing where it is not known.
    pub(super) fn derivative(&mut self, of: TermId, wrt: Wrt) -> Result<Option<TermId>, TooMany> {
        let order = self.rational(wrt.order).and_then(rational::to_u64).filter(|order| *order <= MAX_ORDER);
        let Some(order) = order else { return Ok(None) };
        let mut result = of;
        for _ in 0..order {
            match self.first_derivative(result, wrt.variable)? {
                Some(derivative) => result = derivative,
                None => return Ok(None),
            }
        }
        Ok(Some(result))
    }

    fn first_derivative(&mut self, of: TermId, variable: TermId) -> Result<Option<TermId>, TooMany> {
        let (zero, one) = (self.integer(0)?, self.integer(1)?);
        let mut slopes = vec![zero; of.index() + 1];
        for id in self.within(&[of]) {
            if id == variable {
                slopes[id.index()] = one;
            } else if self.operands(id).iter().any(|operand| slopes[operand.index()] != zero) {
                match self.slope(id, &slopes, zero)? {
                    Some(slope) => slopes[id.index()] = slope,
                    None => return Ok(None),
                }
            }
        }
        Ok(Some(slopes[of.index()]))
    }

    /// Returns the derivative of a term whose operands have these derivatives.
    fn slope(&mut self, of: TermId, slopes: &[TermId], zero: TermId) -> Result<Option<TermId>, TooMany> {
        let operands = self.operands(of).to_vec();
        match (self.head(of), &operands[..]) {
            (Head::Add, _) => {
                let terms: Vec<TermId> = operands.iter().map(|operand| slopes[operand.index()]).collect();
                self.add(&terms).map(Some)
            }
            (Head::Multiply, _) => {
                let mut terms = Vec::new();
                for (index, factor) in operands.iter().enumerate().filter(|(_, factor)| slopes[factor.index()] != zero)
                {
                    let mut factors = operands.clone();
                    factors[index] = slopes[factor.index()];
                    terms.push(self.multiply(&factors)?);
                }
                self.add(&terms).map(Some)
            }
            (Head::Power, &[base, exponent]) => {
                // b^e (e' ln b + e b' / b)
                let ratio = self.divide(slopes[base.index()], base)?;
                let first = self.multiply(&[exponent, ratio])?;
                let logarithm = self.function(Operator::Ln, &[base])?;
                let second = self.multiply(&[slopes[exponent.index()], logarithm])?;
                let sum = self.add(&[first, second])?;
                self.multiply(&[of, sum]).map(Some)
            }
            (Head::Function(operator), &[argument]) => match self.slope_of_function(operator, of, argument)? {
                Some(outer) => self.multiply(&[outer, slopes[argument.index()]]).map(Some),
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    fn slope_of_function(&mut self, operator: Operator, of: TermId, at: TermId) -> Result<Option<TermId>, TooMany> {
        use Operator as O;
        let (one, half) = (self.integer(1)?, self.of_rational(dashu_ratio::RBig::from_parts(1.into(), 2u8.into()))?);
        let square = self.multiply(&[at, at])?;
        let slope = match operator {
            O::Exp => of,
            O::Ln => self.invert(at)?,
            O::Sin => self.function(O::Cos, &[at])?,
            O::Cos => {
                let sine = self.function(O::Sin, &[at])?;
                self.negate(sine)?
            }
            O::Arctan => {
                let sum = self.add(&[one, square])?;
                self.invert(sum)?
            }
            O::Artanh => {
                let difference = self.subtract(one, square)?;
                self.invert(difference)?
            }
            O::Arcsin | O::Arccos | O::Arsinh | O::Arcosh => {
                let radicand = match operator {
                    O::Arcsin | O::Arccos => self.subtract(one, square)?,
                    O::Arsinh => self.add(&[one, square])?,
                    _ => self.subtract(square, one)?,
                };
                let root = self.power(radicand, half)?;
                let slope = self.invert(root)?;
                if operator == O::Arccos { self.negate(slope)? } else { slope }
            }
            O::Abs => self.function(O::Sign, &[at])?,
            _ => return Ok(None),
        };
        Ok(Some(slope))
    }

    fn rebuild(&mut self, head: Head, operands: &[TermId]) -> Result<TermId, TooMany> {
        match (head, operands) {
            (Head::Add, _) => self.add(operands),
            (Head::Multiply, _) => self.multiply(operands),
            (Head::Power, &[base, exponent]) => self.power(base, exponent),
            (Head::Function(operator), _) => self.function(operator, operands),
            _ => self.intern(head, operands),
        }
    }
}
