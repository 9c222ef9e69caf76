//! Evaluates terms in a domain: a field of residues, or complex numbers with error bounds, at a point.

use super::terms::{Head, TermId, Terms};
use crate::arithmetic::rational;
use crate::expression::Operator;
use crate::fuel::{Fuel, OutOfFuel};

/// What terms are evaluated in. Every operation may be undefined.
pub(super) trait Domain {
    /// The values.
    type Value: Copy;

    /// Returns the units of work of a term with so many operands.
    fn cost(&self, head: Head, num_operands: usize) -> u32;

    /// Returns the value of a whole number.
    fn integer(&self, value: i64) -> Option<Self::Value>;

    /// Returns the value of a term without operands.
    fn leaf(&self, terms: &Terms, id: TermId) -> Option<Self::Value>;

    /// Returns the sum.
    fn add(&self, left: Self::Value, right: Self::Value) -> Option<Self::Value>;

    /// Returns the product.
    fn multiply(&self, left: Self::Value, right: Self::Value) -> Option<Self::Value>;

    /// Returns the power of a term with values for base and exponent.
    fn power(&self, terms: &Terms, id: TermId, values: (Self::Value, Self::Value)) -> Option<Self::Value>;

    /// Returns the value of a function, a binder that is not added up, or something unknown.
    fn apply(&self, terms: &Terms, id: TermId, values: &[Self::Value]) -> Option<Self::Value>;

    /// Returns the whole number that a bound of a sum is.
    fn to_integer(&self, terms: &Terms, id: TermId, value: Self::Value) -> Option<i64>;

    /// Returns the value of a bound variable where nothing is added up.
    fn bound(&self, terms: &Terms, binder: TermId, values: &[Option<Self::Value>]) -> Option<Self::Value>;
}

/// The most terms of a sum or product that is added up.
const MAX_REPETITIONS: i64 = 10_000;

/// The deepest nesting of sums and products that are added up.
const MAX_NESTING: u32 = 4;

/// Evaluates terms that are given operands first; the result has a value, if there is one, for each term of the arena up to the last.
pub(super) fn evaluate<D: Domain>(
    domain: &D,
    terms: &Terms,
    order: &[TermId],
    fuel: &mut Fuel,
) -> Result<Vec<Option<D::Value>>, OutOfFuel> {
    let len = order.last().map_or(0, |last| last.index() + 1);
    let mut pass = Pass { domain, terms, fuel, values: vec![None; len], arguments: Vec::new(), nesting: 0 };
    for id in order {
        pass.values[id.index()] = pass.value(*id)?;
    }
    Ok(pass.values)
}

struct Pass<'p, D: Domain> {
    domain: &'p D,
    terms: &'p Terms,
    fuel: &'p mut Fuel,
    values: Vec<Option<D::Value>>,
    arguments: Vec<D::Value>,
    nesting: u32,
}

// === impl Pass ===

impl<D: Domain> Pass<'_, D> {
    fn value(&mut self, id: TermId) -> Result<Option<D::Value>, OutOfFuel> {
        let (terms, head) = (self.terms, self.terms.head(id));
        let operands = terms.operands(id);
        self.fuel.spend(self.domain.cost(head, operands.len()))?;
        if let Head::Binder(operator) = head {
            return self.binder(operator, id);
        }
        if operands.is_empty() {
            return Ok(match head {
                Head::Bound(_) => self.values[id.index()],
                _ => self.domain.leaf(terms, id),
            });
        }
        Ok(self.operation(head, id))
    }

    fn operation(&mut self, head: Head, id: TermId) -> Option<D::Value> {
        let operands = self.terms.operands(id);
        match head {
            Head::Add | Head::Multiply => {
                let (first, rest) = operands.split_first()?;
                let mut result = self.values[first.index()]?;
                for operand in rest {
                    let value = self.values[operand.index()]?;
                    result = match head {
                        Head::Add => self.domain.add(result, value)?,
                        _ => self.domain.multiply(result, value)?,
                    };
                }
                Some(result)
            }
            Head::Power => {
                let &[base, exponent] = operands else { return None };
                self.domain.power(self.terms, id, (self.values[base.index()]?, self.values[exponent.index()]?))
            }
            _ => {
                self.arguments.clear();
                for operand in operands {
                    self.arguments.push(self.values[operand.index()]?);
                }
                self.domain.apply(self.terms, id, &self.arguments)
            }
        }
    }

    /// Adds up a sum or product with bounds that are whole numbers; gives what else binds a variable to the domain, with a body for one
    /// value of the variable.
    fn binder(&mut self, operator: Operator, id: TermId) -> Result<Option<D::Value>, OutOfFuel> {
        let operands = self.terms.operands(id);
        let &[body, variable, ..] = operands else { return Ok(None) };
        self.fuel.spend(1 + body.index() as u32 / 16)?;
        let inside = self.dependents(body, variable);
        let outside = self.values[variable.index()];
        let result = match self.range(operator, operands) {
            Some((from, to)) if to.saturating_sub(from) < MAX_REPETITIONS && self.nesting < MAX_NESTING => {
                self.repeat(operator, &inside, (variable, body), (from, to))
            }
            Some(_) => Ok(None),
            None => self.bound_once(id, &inside),
        };
        self.values[variable.index()] = outside;
        result
    }

    fn range(&self, operator: Operator, operands: &[TermId]) -> Option<(i64, i64)> {
        let &[_, _, from, to] = operands else { return None };
        if !matches!(operator, Operator::Sum | Operator::Product) {
            return None;
        }
        let whole = |id: TermId| self.domain.to_integer(self.terms, id, self.values[id.index()]?);
        Some((whole(from)?, whole(to)?))
    }

    fn repeat(
        &mut self,
        operator: Operator,
        inside: &[TermId],
        (variable, body): (TermId, TermId),
        (from, to): (i64, i64),
    ) -> Result<Option<D::Value>, OutOfFuel> {
        let is_sum = operator == Operator::Sum;
        let head = if is_sum { Head::Add } else { Head::Multiply };
        if inside.is_empty() && body != variable && from <= to {
            return self.repeat_alike(head, body, to - from + 1);
        }
        let cost = self.domain.cost(head, 2);
        let mut result = self.domain.integer(i64::from(!is_sum));
        for index in from..=to {
            self.fuel.spend(cost)?;
            self.values[variable.index()] = self.domain.integer(index);
            self.run(inside)?;
            result = match (result, self.values[body.index()]) {
                (Some(result), Some(value)) if is_sum => self.domain.add(result, value),
                (Some(result), Some(value)) => self.domain.multiply(result, value),
                _ => return Ok(None),
            };
        }
        Ok(result)
    }

    /// Adds up, or multiplies, so many times what does not depend on the variable.
    fn repeat_alike(&mut self, head: Head, body: TermId, times: i64) -> Result<Option<D::Value>, OutOfFuel> {
        let (Some(value), Some(factor)) = (self.values[body.index()], self.domain.integer(times)) else {
            return Ok(None);
        };
        let cost = self.domain.cost(Head::Multiply, 2);
        self.fuel.spend(cost)?;
        if head == Head::Add {
            return Ok(self.domain.multiply(factor, value));
        }
        // Squares it for every binary digit, from the first on.
        let mut result = Some(value);
        for digit in (0..times.ilog2()).rev() {
            self.fuel.spend(2 * cost)?;
            result = result.and_then(|result| self.domain.multiply(result, result));
            if times >> digit & 1 == 1 {
                result = result.and_then(|result| self.domain.multiply(result, value));
            }
        }
        Ok(result)
    }

    fn bound_once(&mut self, id: TermId, inside: &[TermId]) -> Result<Option<D::Value>, OutOfFuel> {
        let operands = self.terms.operands(id);
        self.values[operands[1].index()] = self.domain.bound(self.terms, id, &self.values);
        self.run(inside)?;
        self.arguments.clear();
        for operand in operands {
            match self.values[operand.index()] {
                Some(value) => self.arguments.push(value),
                None => return Ok(None),
            }
        }
        Ok(self.domain.apply(self.terms, id, &self.arguments))
    }

    fn run(&mut self, inside: &[TermId]) -> Result<(), OutOfFuel> {
        self.nesting += 1;
        for id in inside {
            self.values[id.index()] = self.value(*id)?;
        }
        self.nesting -= 1;
        Ok(())
    }

    /// Returns the terms of a body that depend on a bound variable, operands first.
    fn dependents(&self, body: TermId, variable: TermId) -> Vec<TermId> {
        let mut depends = vec![false; body.index().max(variable.index()) + 1];
        depends[variable.index()] = true;
        let mut dependents = Vec::new();
        for id in self.terms.within(&[body]) {
            if id != variable && self.terms.operands(id).iter().any(|operand| depends[operand.index()]) {
                depends[id.index()] = true;
                dependents.push(id);
            }
        }
        dependents
    }
}

/// Returns a whole number that a term is by its form.
pub(super) fn written_integer(terms: &Terms, id: TermId) -> Option<i64> {
    terms.rational(id).and_then(rational::to_i64)
}
