//! Decides whether two scalar expressions are equal.
//!
//! ```text
//! Value ──lowering──► Terms: one arena for both sides, equal terms are one term
//!   0 structure    the same term                                                   Equal
//!   1 exact        two rationals                                                   Equal or Different
//!   2 rounding     constants, one written with decimals                            Equal or Different
//!   3 residues     rational functions modulo three 62-bit primes                   Equal or Different
//!   4 numbers      anything else: 128 and 256 bits with error bounds, at points    Different by proof, Equal by agreement
//! ```
//!
//! Each tier is conclusive where it applies. Residues call different rational functions of degree `d` equal with a probability of about
//! `(d / 2^61)^3`, below 10^-44 for every degree that can be written; they depend on a seed, and cannot be prepared for where that is one's own. Values with error
//! bounds that lie apart are different. Values that agree to 256 bits are called equal: at four random points for expressions with
//! variables, at one for constants, where a difference too small to be seen is no practical event (`e^(π sqrt(163))` differs from a whole
//! number by 3 in 10^30 of its size, and is told apart at 128 bits).
//!
//! Work is counted in units of about 0.2 µs at most: a node is one, a function 6 and a power 4 at 128 bits, twice that at 256, a factorial
//! 60, and an operation on rationals a sixteenth of the square of its limbs.

mod calculus;
mod comparison;
mod evaluation;
mod lowering;
mod numbers;
mod precision;
mod proportion;
mod residues;
mod rules;
mod sampling;
mod scope;
mod terms;

use crate::Verdict;
use crate::arithmetic::complex::Complex;
use crate::expression::{Expression, NodeId};
use crate::fuel::{Fuel, OutOfFuel};

use comparison::Comparison;
use lowering::lower;
use numbers::{Point, Variables};
use terms::{TermId, Terms, Traits};

pub use rules::{Degrees, IntegerAgainstDecimal, LogarithmBase, SmallValues, SymbolCase, ValueRules};
pub use sampling::Sampling;
pub use scope::variables;
pub(crate) use terms::hash_of_name;

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
pub fn equal(gold: Value<'_>, prediction: Value<'_>, rules: &ValueRules, fuel: &mut Fuel) -> Ruling {
    try_equal(gold, prediction, rules, fuel).unwrap_or_else(|_| undecided("fuel", "the comparison takes too much work"))
}

/// Decides whether `gold.0 - gold.1` is a constant multiple, other than zero, of `prediction.0 - prediction.1`.
///
/// Without variables every difference that is not zero is a multiple of every other; compare such sides one by one.
#[must_use]
pub fn proportional(
    gold: (Value<'_>, Value<'_>),
    prediction: (Value<'_>, Value<'_>),
    rules: &ValueRules,
    fuel: &mut Fuel,
) -> Proportion {
    try_proportional(gold, prediction, rules, fuel)
        .unwrap_or(Proportion::Undecided("the comparison takes too much work"))
}

/// Returns about what a value without variables is, or nothing where it is undefined or takes too much work.
#[must_use]
pub fn estimate(value: Value<'_>, rules: &ValueRules, fuel: &mut Fuel) -> Option<Estimate> {
    let mut terms = Terms::limited_to(fuel);
    let lowered = lower(value, rules, &mut terms);
    fuel.spend(terms.work()).ok()?;
    let term = lowered.ok()?.term;
    if let Some(is_positive) = comparison::sign_of_infinity(&terms, term) {
        let real = if is_positive { f64::INFINITY } else { f64::NEG_INFINITY };
        return Some(Estimate { real, imaginary: 0.0, error: 0.0 });
    }
    let number = constant::<2>(&terms, term, rules, fuel)?;
    let radius = number.real.radius().max(number.imaginary.radius());
    let (real, imaginary) = (number.real.middle().to_machine(), number.imaginary.middle().to_machine());
    let rounding = real.abs().max(imaginary.abs()) * f64::EPSILON * 2.0;
    Some(Estimate { real, imaginary, error: radius.to_machine() + rounding })
}

// === impl Value ===

impl<'e> Value<'e> {
    /// Returns the value of a whole expression, unless that is empty.
    #[must_use]
    pub fn of_root(expression: &'e Expression) -> Option<Self> {
        Some(Self { expression, node: expression.root()? })
    }

    /// Returns the value of another node of the same expression.
    #[must_use]
    pub const fn at(self, node: NodeId) -> Self {
        Self { expression: self.expression, node }
    }
}

fn try_equal(gold: Value<'_>, prediction: Value<'_>, rules: &ValueRules, fuel: &mut Fuel) -> Result<Ruling, OutOfFuel> {
    let mut terms = Terms::limited_to(fuel);
    let lowered = lower(gold, rules, &mut terms).and_then(|gold| Ok((gold, lower(prediction, rules, &mut terms)?)));
    fuel.spend(terms.work())?;
    let Ok((gold, prediction)) = lowered else {
        return Ok(undecided("size", "the expressions are too large"));
    };
    Comparison::new(&terms, rules, fuel, &[gold.term, prediction.term]).decide(gold, prediction)
}

fn try_proportional(
    gold: (Value<'_>, Value<'_>),
    prediction: (Value<'_>, Value<'_>),
    rules: &ValueRules,
    fuel: &mut Fuel,
) -> Result<Proportion, OutOfFuel> {
    let mut terms = Terms::limited_to(fuel);
    let mut difference = |(left, right): (Value<'_>, Value<'_>)| {
        let (left, right) = (lower(left, rules, &mut terms)?.term, lower(right, rules, &mut terms)?.term);
        terms.subtract(left, right)
    };
    let differences = difference(gold).and_then(|gold| Ok((gold, difference(prediction)?)));
    fuel.spend(terms.work())?;
    let Ok((gold, prediction)) = differences else {
        return Ok(Proportion::Undecided("the expressions are too large"));
    };
    Comparison::new(&terms, rules, fuel, &[gold, prediction]).proportion(gold, prediction)
}

/// Returns the value of a term without variables.
fn constant<const N: usize>(terms: &Terms, term: TermId, rules: &ValueRules, fuel: &mut Fuel) -> Option<Complex<N>> {
    let traits = terms.traits(term);
    if traits.has(Traits::SYMBOL) || traits.has(Traits::UNKNOWN) {
        return None;
    }
    let values = Comparison::new(terms, rules, fuel, &[term])
        .numbers::<N>(Point { index: 0, variables: Variables::Real })
        .ok()?;
    values[term.index()]
}

const fn decided(verdict: Verdict, method: &'static str, reason: &'static str) -> Ruling {
    Ruling { verdict, method, reason }
}

const fn undecided(method: &'static str, reason: &'static str) -> Ruling {
    Ruling { verdict: Verdict::Undecided, method, reason }
}

#[cfg(test)]
mod tests;
