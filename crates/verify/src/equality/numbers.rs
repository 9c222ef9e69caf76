//! Terms as complex numbers with error bounds, at a point.
//!
//! Every value encloses the true one, so that values apart prove a difference. Whole numbers stay exact, exponents have 60 bits, and
//! what is undefined, out of range or hardly known has no value.

mod functions;

pub(super) use functions::order;

use super::evaluation::{Domain, written_integer};
use super::sampling::{Sampling, mix};
use super::terms::{Head, TermId, Terms, Traits};
use crate::arithmetic::ball::Ball;
use crate::arithmetic::complex::Complex;
use crate::arithmetic::float::Float;
use crate::arithmetic::modular::{Prime, Residue};
use crate::arithmetic::rational;
use crate::expression::Operator;

/// Which of the points a value is taken at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Point {
    /// The number of the point.
    pub(super) index: u64,
    /// What variables are there.
    pub(super) variables: Variables,
}

/// What variables are at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variables {
    /// Real numbers.
    Real,
    /// Complex numbers.
    Complex,
    /// Whole numbers.
    Whole,
    /// Whole numbers where their names are those of indices, such as `n`; else real numbers.
    Named,
    /// Whole numbers where their names are those of indices; else complex numbers.
    NamedComplex,
}

/// Whole numbers are drawn in turn from the small ones and from those above, each from as many as a prime: so the steps of any length
/// meet every number once before they repeat.
const SMALL_WHOLE: (u64, u64) = (2, 11);
const LARGE_WHOLE: (u64, u64) = (13, 29);

/// The complex numbers, with variables at a point.
pub(super) struct Numbers<'n> {
    /// Where variables are drawn from.
    pub(super) sampling: &'n Sampling,
    /// The point.
    pub(super) point: Point,
    /// The field and the residues that unknown things take their values from, if there are any.
    pub(super) residues: Option<(&'n Prime, &'n [Option<Residue>])>,
}

// === impl Point ===

impl Point {
    /// Returns the point with a number for terms with some traits: whole numbers for functions of whole numbers, and at every third
    /// point for functions with jumps, which are compared between whole numbers too. At every third point also beside functions of
    /// whole numbers only indices are whole: other variables need not be.
    pub(super) const fn of(index: u64, traits: Traits) -> Self {
        let is_third = index % 3 == 2;
        let variables = if traits.has(Traits::WHOLE) {
            match (is_third, traits.has(Traits::COMPLEX)) {
                (true, true) => Variables::NamedComplex,
                (true, false) => Variables::Named,
                (false, _) => Variables::Whole,
            }
        } else if traits.has(Traits::COMPLEX) {
            Variables::Complex
        } else if !traits.has(Traits::JUMP) {
            Variables::Real
        } else if is_third {
            Variables::Whole
        } else {
            Variables::Named
        };
        Self { index, variables }
    }
}

// === impl Numbers ===

impl Numbers<'_> {
    /// Returns a variable's value.
    fn variable<const N: usize>(&self, terms: &Terms, symbol: u32) -> Complex<N> {
        let key = terms.key_of_symbol(symbol);
        let is_whole = match self.point.variables {
            Variables::Whole => true,
            Variables::Named | Variables::NamedComplex => terms.is_index(symbol),
            Variables::Real | Variables::Complex => false,
        };
        if is_whole {
            return Complex::of_real(Ball::integer(self.whole(key) as i64));
        }
        let real = self.real(mix(9) ^ key);
        match self.point.variables {
            Variables::Complex | Variables::NamedComplex => Complex { real, imaginary: self.real(mix(11) ^ key) },
            _ => Complex::of_real(real),
        }
    }

    /// Returns a whole number, another one at each point.
    fn whole(&self, key: u64) -> u64 {
        let (first, count) = if self.point.index.is_multiple_of(2) { SMALL_WHOLE } else { LARGE_WHOLE };
        let (start, step) = (self.sampling.bits(mix(9) ^ key, first), self.sampling.bits(mix(12) ^ key, first));
        first + (start % count + (1 + step % (count - 1)) * (self.point.index / 2)) % count
    }

    /// Returns a real number between 0.3 and 3 in size: two points where all are positive, one where all are negative, then one mixed,
    /// and so on.
    fn real<const N: usize>(&self, of: u64) -> Ball<N> {
        let bits = self.sampling.bits(of, self.point.index);
        let size = 0.3 + 2.7 * (bits >> 12) as f64 * 2f64.powi(-52);
        let is_negative = match self.point.index % 4 {
            0 | 1 => false,
            2 => true,
            _ => bits & 1 == 1,
        };
        Ball::exact(Float::of_machine(if is_negative { -size } else { size }))
    }

    /// Returns the value of something unknown, which depends on its residue alone.
    fn unknown<const N: usize>(&self, id: TermId) -> Option<Complex<N>> {
        let (prime, residues) = self.residues?;
        let residue = residues.get(id.index()).copied().flatten()?;
        Some(Complex::of_real(self.real(mix(10) ^ prime.value(residue))))
    }
}

/// The numbers of a length.
pub(super) struct OfLength<'n, const N: usize>(pub(super) Numbers<'n>);

// === impl Domain for OfLength ===

impl<const N: usize> Domain for OfLength<'_, N> {
    type Value = Complex<N>;

    fn cost(&self, head: Head, num_operands: usize) -> u32 {
        let scale = N as u32 / 2;
        match head {
            Head::Function(Operator::Factorial | Operator::Binomial | Operator::FallingFactorial) => 60 * scale,
            Head::Function(_) => 6 * scale,
            Head::Power => 4 * scale,
            _ => 1 + scale * num_operands as u32 / 8,
        }
    }

    fn integer(&self, value: i64) -> Option<Complex<N>> {
        Some(Complex::of_real(Ball::integer(value)))
    }

    fn leaf(&self, terms: &Terms, id: TermId) -> Option<Complex<N>> {
        match terms.head(id) {
            Head::Rational(_) => rational::to_ball(terms.rational(id)?).map(Complex::of_real),
            Head::Symbol(index) => Some(self.0.variable(terms, index)),
            Head::Pi => Some(Complex::of_real(Ball::pi())),
            Head::ImaginaryUnit => Some(Complex::UNIT),
            Head::Unknown(_) => self.0.unknown(id),
            _ => None,
        }
    }

    fn add(&self, left: Complex<N>, right: Complex<N>) -> Option<Complex<N>> {
        Some(left.add(right))
    }

    fn multiply(&self, left: Complex<N>, right: Complex<N>) -> Option<Complex<N>> {
        left.multiply(right)
    }

    fn power(&self, terms: &Terms, id: TermId, (base, exponent): (Complex<N>, Complex<N>)) -> Option<Complex<N>> {
        let &[_, written] = terms.operands(id) else { return None };
        let Some(written) = terms.rational(written) else {
            return match exponent.to_integer() {
                Some(whole) => base.whole_power(whole),
                None => base.power(exponent),
            };
        };
        if let Some(whole) = rational::to_i64(written) {
            return base.whole_power(whole);
        }
        let index = u64::try_from(written.denominator()).ok()?;
        let times = i64::try_from(written.numerator()).ok()?;
        if index == 2 {
            return base.root()?.whole_power(times);
        }
        if index % 2 == 1 && base.is_real() && base.real.is_negative() {
            // An odd root of a negative number is the real one.
            let size = base.negate().power(exponent)?;
            return Some(if times % 2 == 0 { size } else { size.negate() });
        }
        base.power(exponent)
    }

    fn apply(&self, terms: &Terms, id: TermId, values: &[Complex<N>]) -> Option<Complex<N>> {
        match terms.head(id) {
            Head::Function(operator) => functions::apply(operator, values),
            // A body that is defined at the point, and continuous, has its value there as its limit.
            Head::Binder(Operator::Limit) if !terms.traits(id).has_any(Traits::WHOLE | Traits::JUMP) => {
                values.first().copied()
            }
            Head::Unknown(_) => self.0.unknown(id),
            _ => None,
        }
    }

    fn to_integer(&self, terms: &Terms, id: TermId, value: Complex<N>) -> Option<i64> {
        written_integer(terms, id).or_else(|| value.to_integer())
    }

    fn bound(&self, terms: &Terms, binder: TermId, values: &[Option<Complex<N>>]) -> Option<Complex<N>> {
        match (terms.head(binder), terms.operands(binder)) {
            (Head::Binder(Operator::Limit), [_, _, point, ..]) => values[point.index()],
            _ => None,
        }
    }
}
