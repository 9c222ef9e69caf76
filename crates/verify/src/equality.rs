//! Decides whether two scalar expressions are equal.

mod rules;
mod sampling;

use crate::Verdict;
use crate::expression::{Expression, Node, NodeId};
use crate::fuel::Fuel;

pub use rules::{Degrees, IntegerAgainstDecimal, LogarithmBase, SmallValues, SymbolCase, ValueRules};
pub use sampling::Sampling;

/// A scalar: a node of an expression.
#[derive(Clone, Copy, Debug)]
pub struct Value<'e> {
    /// The expression.
    pub expression: &'e Expression,
    /// The node.
    pub node: NodeId,
}

/// Whether two values are equal, and what decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// The verdict.
    pub verdict: Verdict,
    /// What decided, in a word or two.
    pub method: &'static str,
    /// Why, for people.
    pub reason: &'static str,
}

/// Whether one difference is a constant multiple of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proportion {
    /// It is, by a positive factor.
    Positive,
    /// It is, by a negative factor.
    Negative,
    /// It is, by a factor that is not real or whose sign is not known.
    Unsigned,
    /// Both differences are zero everywhere, so that any factor would do.
    BothZero,
    /// It is not, or one of the two is zero everywhere.
    Different,
    /// Nothing here can tell, for the reason given.
    Undecided(&'static str),
}

/// About what a value is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The real part; infinite for infinity and for what is beyond machine numbers.
    pub real: f64,
    /// The imaginary part; exactly 0 for a real value.
    pub imaginary: f64,
    /// How far each part may be from the true one.
    pub error: f64,
}

/// Decides whether two values are equal.
#[must_use]
pub fn equal(gold: Value<'_>, prediction: Value<'_>, _rules: &ValueRules, fuel: &mut Fuel) -> Ruling {
    if fuel.spend(1).is_err() {
        return Ruling { verdict: Verdict::Undecided, method: "fuel", reason: "the comparison takes too much work" };
    }
    if same(gold, prediction) {
        return Ruling { verdict: Verdict::Equal, method: "structure", reason: "both are written alike" };
    }
    Ruling { verdict: Verdict::Undecided, method: "none", reason: "no way to compare them" }
}

/// Decides whether `gold.0 - gold.1` is a constant multiple, other than zero, of `prediction.0 - prediction.1`.
#[must_use]
pub fn proportional(
    gold: (Value<'_>, Value<'_>),
    prediction: (Value<'_>, Value<'_>),
    rules: &ValueRules,
    fuel: &mut Fuel,
) -> Proportion {
    let left = equal(gold.0, prediction.0, rules, fuel);
    let right = equal(gold.1, prediction.1, rules, fuel);
    if left.verdict == Verdict::Equal && right.verdict == Verdict::Equal {
        return Proportion::Positive;
    }
    Proportion::Undecided("no way to compare them")
}

/// Returns about what a value without variables is, or nothing where it is undefined or takes too much work.
#[must_use]
pub fn estimate(_value: Value<'_>, _rules: &ValueRules, _fuel: &mut Fuel) -> Option<Estimate> {
    None
}

/// Returns how two real values without variables compare, or nothing where that is not certain.
#[must_use]
pub fn order(left: Value<'_>, right: Value<'_>, rules: &ValueRules, fuel: &mut Fuel) -> Option<std::cmp::Ordering> {
    (equal(left, right, rules, fuel).verdict == Verdict::Equal).then_some(std::cmp::Ordering::Equal)
}

/// Returns the names of the free variables of a value, each once, in the order of their first use in the arena.
#[must_use]
pub fn variables(value: Value<'_>) -> Vec<&str> {
    let mut names = Vec::new();
    for id in value.expression.ids() {
        if let Node::Symbol(name) = value.expression.node(id)
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

/// Compares node by node.
fn same(left: Value<'_>, right: Value<'_>) -> bool {
    let mut pending = vec![(left.node, right.node)];
    while let Some((left_id, right_id)) = pending.pop() {
        match (left.expression.node(left_id), right.expression.node(right_id)) {
            (Node::Operation(operator, children), Node::Operation(other, others))
                if operator == other && children.len() == others.len() =>
            {
                pending.extend(children.iter().copied().zip(others.iter().copied()));
            }
            (one, other) if one == other => {}
            _ => return false,
        }
    }
    true
}
