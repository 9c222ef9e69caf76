//! Inequalities that cannot be solved: told apart by points at which one holds and the other does not.
//!
//! A point proves a difference. Where none is found nothing is proved: `x^3 < 8` and `x < 2` hold at the same points.

use std::borrow::Cow;

use super::{Comparison, different, relation::Direction, scratch, undecided, value_of};
use crate::{
    equality::{self, Ruling, SymbolCase, Value, hash_of_name},
    expression::{Expression, NodeId, Numeral, Operator, TooLarge},
    structure::{Connective, Relation, Side, Structure},
};

/// How many points are tried.
const NUM_POINTS: u64 = 96;

/// From how many hundredths on each side of 0 coordinates are drawn, at one point after another: most differences are near small numbers.
const REACHES: [u64; 4] = [200, 1_000, 300, 100_000];

/// How many nodes are copied for a unit of work.
const NODES_PER_UNIT: u32 = 8;

/// A point: every variable and its coordinate, in hundredths.
type Point<'n> = [(&'n str, i64)];

// === impl Comparison ===

impl Comparison<'_> {
    /// Compares two statements at points, or nothing where they are no inequalities between the same variables.
    pub fn inequalities(&mut self, gold: Side<'_>, prediction: Side<'_>) -> Option<Ruling> {
        let (mut names, mut others) = (Vec::new(), Vec::new());
        if !gather(gold, &mut names) || !gather(prediction, &mut others) || names.is_empty() {
            return None;
        }
        let symbol_case = self.profile.values.symbol_case;
        let is_in = |name: &str, names: &[&str]| names.iter().any(|other| symbol_case.is_same(name, other));
        if !names.iter().all(|name| is_in(name, &others)) || !others.iter().all(|name| is_in(name, &names)) {
            return None;
        }
        names.extend(others);
        let num_nodes = gold.expression.len() + prediction.expression.len();
        for index in 0..NUM_POINTS {
            if self.fuel.spend(num_nodes as u32 / NODES_PER_UNIT).is_err() {
                break;
            }
            let point: Vec<(&str, i64)> = names.iter().map(|name| (*name, self.coordinate(name, index))).collect();
            let (left, right) = (self.holds(gold, &point), self.holds(prediction, &point));
            if left.zip(right).is_some_and(|(left, right)| left != right) {
                return Some(different("inequality", "one holds at a point where the other does not"));
            }
        }
        Some(undecided("inequality", "the inequalities could not be solved"))
    }

    fn coordinate(&self, name: &str, index: u64) -> i64 {
        let reach = REACHES[(index % 4) as usize];
        // Names that are one have one coordinate.
        let name = match self.profile.values.symbol_case {
            SymbolCase::Ignored => Cow::Owned(name.to_lowercase()),
            SymbolCase::Distinct => Cow::Borrowed(name),
        };
        let bits = self.profile.values.sampling.bits(hash_of_name(&name), index);
        (bits % (2 * reach + 1)) as i64 - reach as i64
    }

    /// Tells whether a statement is true at a point; nothing where that is not certain.
    fn holds(&mut self, side: Side<'_>, point: &Point<'_>) -> Option<bool> {
        match side.structure {
            Structure::Relation(relation) => self.relation_holds(side, relation, point),
            Structure::Compound(connective, statements) => {
                let is_or = *connective == Connective::Or;
                for statement in statements {
                    if self.holds(side.with(statement), point)? == is_or {
                        return Some(is_or);
                    }
                }
                Some(!is_or)
            }
            _ => None,
        }
    }

    fn relation_holds(&mut self, side: Side<'_>, relation: &Relation, point: &Point<'_>) -> Option<bool> {
        let direction = Direction::of(relation.operator)?;
        let (Structure::Value(left), Structure::Value(right)) = (&relation.left, &relation.right) else { return None };
        let mut at = Expression::default();
        let node = difference_at(&mut at, (value_of(side, *left), value_of(side, *right)), point).ok()?;
        let value = Value { expression: &at, node };
        let estimate = equality::estimate(value, &self.profile.values, self.fuel)?;
        if estimate.imaginary.abs() > estimate.error {
            return Some(false);
        }
        let is_certain = estimate.real.abs() > estimate.error;
        is_certain.then_some((estimate.real > 0.0) == direction.is_upward)
    }
}

/// Gathers the variables of a statement; says whether it is made of inequalities between values.
fn gather<'a>(side: Side<'a>, names: &mut Vec<&'a str>) -> bool {
    match side.structure {
        Structure::Relation(relation) => {
            let (Structure::Value(left), Structure::Value(right)) = (&relation.left, &relation.right) else {
                return false;
            };
            for node in [*left, *right] {
                for name in equality::variables(value_of(side, node)) {
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
            }
            Direction::of(relation.operator).is_some()
        }
        Structure::Compound(_, statements) => statements.iter().all(|statement| gather(side.with(statement), names)),
        _ => false,
    }
}

/// Tells whether a structure is made of inequalities between values, with a variable.
pub fn is_inequality(side: Side<'_>) -> bool {
    let mut names = Vec::new();
    gather(side, &mut names) && !names.is_empty()
}

/// Adds the difference of two values with numbers for their variables.
fn difference_at(
    at: &mut Expression,
    (left, right): (Value<'_>, Value<'_>),
    point: &Point<'_>,
) -> Result<NodeId, TooLarge> {
    let mut replaced = Vec::with_capacity(point.len());
    for (name, hundredths) in point {
        let digits = format!("{:03}", hundredths.unsigned_abs());
        let size = at.number(Numeral { digits, num_decimals: 2, has_point: true, exponent: 0 })?;
        let coordinate = if *hundredths < 0 { at.operation(Operator::Negate, &[size])? } else { size };
        replaced.push((*name, coordinate));
    }
    let (left, right) = (scratch::copy(at, left, &replaced)?, scratch::copy(at, right, &replaced)?);
    scratch::difference(at, left, right)
}
