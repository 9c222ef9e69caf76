//! Whether one term is a constant multiple of another.

use std::cmp::Ordering;

use super::Proportion;
use super::comparison::{Agreement, Comparison, compare};
use super::evaluation::evaluate;
use super::numbers::Point;
use super::residues::Field;
use super::sampling::NUM_PRIMES;
use super::terms::{TermId, Traits};
use crate::arithmetic::complex::Complex;
use crate::fuel::OutOfFuel;

/// How many points must have the same ratio, and how many are tried for one where both terms have a value.
const NUM_POINTS: usize = 4;
const MAX_POINTS: u64 = 12;

/// How many bits of a term must change from point to point: what its variables add to a large constant may be below its rounding.
const MIN_VARYING_BITS: i64 = 16;

/// What the residues say.
enum ByResidues {
    Proportional,
    Different,
    BothZero,
    Unknown,
}

// === impl Comparison ===

impl Comparison<'_> {
    /// Decides whether the first term is a constant multiple, other than 0, of the second.
    pub(super) fn proportion(&mut self, left: TermId, right: TermId) -> Result<Proportion, OutOfFuel> {
        let traits = self.terms.traits(left) | self.terms.traits(right);
        let by_residues = self.proportion_of_residues(left, right)?;
        match by_residues {
            ByResidues::Proportional => return self.sign(left, right, traits),
            ByResidues::BothZero => return Ok(Proportion::BothZero),
            ByResidues::Different if !traits.has(Traits::DEPENDENT) => return Ok(Proportion::Different),
            _ => {}
        }
        self.proportion_of_numbers(left, right, traits)
    }

    /// Compares the ratios at two points: `a(x) b(y) = a(y) b(x)`, by every prime.
    fn proportion_of_residues(&mut self, left: TermId, right: TermId) -> Result<ByResidues, OutOfFuel> {
        let (mut is_left_zero, mut is_right_zero) = (true, true);
        for index in 0..NUM_PRIMES {
            let mut pairs = Vec::with_capacity(2);
            let field = Field::new(&self.rules.sampling, index, 0);
            for point in 0..2 {
                let residues =
                    evaluate(&Field::new(&self.rules.sampling, index, point), self.terms, &self.order, self.fuel)?;
                let (Some(first), Some(second)) = (residues[left.index()], residues[right.index()]) else {
                    return Ok(ByResidues::Unknown);
                };
                is_left_zero &= first.is_zero();
                is_right_zero &= second.is_zero();
                pairs.push((first, second));
                if index == 0 && point == 0 {
                    self.residues = Some(residues);
                }
            }
            let prime = field.prime();
            if prime.multiply(pairs[0].0, pairs[1].1) != prime.multiply(pairs[1].0, pairs[0].1) {
                return Ok(ByResidues::Different);
            }
        }
        Ok(match (is_left_zero, is_right_zero) {
            (true, true) => ByResidues::BothZero,
            (false, false) => ByResidues::Proportional,
            _ => ByResidues::Different,
        })
    }

    /// Returns the sign of a ratio that is known to be constant.
    fn sign(&mut self, left: TermId, right: TermId, traits: Traits) -> Result<Proportion, OutOfFuel> {
        for index in 0..MAX_POINTS {
            let values = self.numbers::<2>(Point::of(index, traits))?;
            if let Some(ratio) = ratio(&values, left, right)
                && ratio.is_real()
                && !ratio.real.may_be_zero()
            {
                return Ok(signed(&ratio));
            }
        }
        Ok(Proportion::Unsigned)
    }

    fn proportion_of_numbers(&mut self, left: TermId, right: TermId, traits: Traits) -> Result<Proportion, OutOfFuel> {
        let mut ratios: Vec<Complex<4>> = Vec::with_capacity(NUM_POINTS);
        let mut firsts: Vec<Complex<4>> = Vec::with_capacity(NUM_POINTS);
        let mut num_zero = (0, 0);
        for index in 0..MAX_POINTS {
            let values = self.numbers::<4>(Point::of(index, traits))?;
            let (Some(first), Some(second)) = (values[left.index()], values[right.index()]) else { continue };
            let is_zero = |value: &Complex<4>| compare(value, &Complex::ZERO) == Agreement::Same;
            match (is_zero(&first), is_zero(&second)) {
                (true, true) => num_zero = (num_zero.0 + 1, num_zero.1 + 1),
                (true, false) => num_zero.0 += 1,
                (false, true) => num_zero.1 += 1,
                (false, false) => {}
            }
            if let Some(ratio) = first.divide(second)
                && !is_zero(&first)
            {
                if ratios.first().is_some_and(|known| !known.overlaps(&ratio)) {
                    return Ok(Proportion::Different);
                }
                ratios.push(ratio);
                firsts.push(first);
            }
            if ratios.len() == NUM_POINTS || num_zero.0.max(num_zero.1) == NUM_POINTS {
                break;
            }
        }
        Ok(match (num_zero, &ratios[..]) {
            ((0, 0), [first, second, ..]) if compare(first, second) != Agreement::Unknown && varies(&firsts) => {
                signed(first)
            }
            ((zeros, others), []) if zeros == others && zeros > 1 => Proportion::BothZero,
            ((zeros, others), _) if zeros != others => Proportion::Different,
            _ => Proportion::Undecided("a side is undefined or beyond what can be computed"),
        })
    }
}

/// Tells whether values at points differ by more than rounding.
fn varies(values: &[Complex<4>]) -> bool {
    values.windows(2).any(|pair| {
        let change = pair[0].subtract(pair[1]);
        let size = change.real.magnitude().add(change.imaginary.magnitude()).exponent();
        size > change.real.radius().add(change.imaginary.radius()).exponent() + MIN_VARYING_BITS
    })
}

fn ratio<const N: usize>(values: &[Option<Complex<N>>], left: TermId, right: TermId) -> Option<Complex<N>> {
    values[left.index()]?.divide(values[right.index()]?)
}

fn signed<const N: usize>(ratio: &Complex<N>) -> Proportion {
    if !ratio.imaginary.may_be_zero() {
        return Proportion::Unsigned;
    }
    match super::numbers::order(&ratio.real, &crate::arithmetic::ball::Ball::ZERO) {
        Some(Ordering::Greater) => Proportion::Positive,
        Some(Ordering::Less) => Proportion::Negative,
        _ => Proportion::Unsigned,
    }
}
