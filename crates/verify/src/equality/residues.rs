//! Terms modulo a prime, at a pseudo-random point.
//!
//! Variables, π, functions and powers that are not whole have pseudo-random residues. Those of a function depend on the residues of its
//! arguments, so that equal arguments, however written, give equal values. Two terms that are the same rational function of such things
//! have the same residue always; two that are not have it with a probability of about degree / 2^61 per prime. Whole powers cost no more
//! for a huge exponent, which is taken modulo p - 1: `2^(10^9)` and towers of powers are no different from others.
//!
//! So equal residues mean equal values, but where functions that depend on each other occur, such as `sin x` and `cos x` or roots,
//! different residues mean nothing.

use super::evaluation::{Domain, written_integer};
use super::sampling::{Sampling, mix};
use super::terms::{Head, TermId, Terms};
use crate::arithmetic::modular::{Prime, Residue, power_modulo};
use crate::arithmetic::rational;

/// A field and a point.
pub(super) struct Field<'f> {
    sampling: &'f Sampling,
    prime: &'f Prime,
    point: u64,
}

/// The deepest tower of exponents that is followed.
const MAX_TOWER: u32 = 8;

// === impl Field ===

impl<'f> Field<'f> {
    /// Returns the field of one of the primes with a point of its own for each number.
    pub(super) fn new(sampling: &'f Sampling, prime_index: usize, point: u64) -> Self {
        Self { sampling, prime: &sampling.primes()[prime_index], point: point << 8 | prime_index as u64 }
    }

    /// Returns the field's prime.
    pub(super) const fn prime(&self) -> &Prime {
        self.prime
    }

    /// Returns the residue that something has at this point.
    fn draw(&self, of: u64) -> Residue {
        self.prime.residue(self.sampling.bits(of, self.point))
    }

    /// Returns the residue of a function of arguments; it is the same at every point, as is the function.
    fn image(&self, name: u64, values: &[Residue]) -> Residue {
        let hash = values.iter().fold(mix(name), |hash, value| mix(hash ^ self.prime.value(*value)));
        self.prime.residue(self.sampling.bits(hash, self.point & 0xff))
    }

    fn whole_power(&self, terms: &Terms, base: Residue, exponent: TermId) -> Option<Residue> {
        if let Some(small) = written_integer(terms, exponent) {
            let base = if small < 0 { self.prime.invert(base)? } else { base };
            return Some(self.prime.power(base, small.unsigned_abs()));
        }
        if base.is_zero() {
            return None;
        }
        // By Fermat's little theorem.
        let exponent = integer_modulo(terms, exponent, self.prime.modulus() - 1, MAX_TOWER)?;
        Some(self.prime.power(base, exponent))
    }
}

// === impl Domain for Field ===

impl Domain for Field<'_> {
    type Value = Residue;

    fn cost(&self, head: Head, num_operands: usize) -> u32 {
        match head {
            Head::Power => 2,
            _ => 1 + num_operands as u32 / 8,
        }
    }

    fn integer(&self, value: i64) -> Option<Residue> {
        let size = self.prime.residue(value.unsigned_abs());
        Some(if value < 0 { self.prime.negate(size) } else { size })
    }

    fn leaf(&self, terms: &Terms, id: TermId) -> Option<Residue> {
        match terms.head(id) {
            Head::Rational(_) => rational::to_residue(terms.rational(id)?, self.prime),
            Head::Symbol(index) => Some(self.draw(mix(1) ^ terms.key_of_symbol(index))),
            Head::Pi => Some(self.draw(2)),
            Head::ImaginaryUnit => Some(self.prime.imaginary_unit()),
            Head::Unknown(name) => Some(self.draw(mix(3) ^ name)),
            _ => None,
        }
    }

    fn add(&self, left: Residue, right: Residue) -> Option<Residue> {
        Some(self.prime.add(left, right))
    }

    fn multiply(&self, left: Residue, right: Residue) -> Option<Residue> {
        Some(self.prime.multiply(left, right))
    }

    fn power(&self, terms: &Terms, id: TermId, (base, exponent): (Residue, Residue)) -> Option<Residue> {
        match terms.operands(id) {
            &[_, written] if terms.is_whole(written) => self.whole_power(terms, base, written),
            _ => Some(self.image(4, &[base, exponent])),
        }
    }

    fn apply(&self, terms: &Terms, id: TermId, values: &[Residue]) -> Option<Residue> {
        let name = match terms.head(id) {
            Head::Function(operator) => mix(5) ^ operator as u64,
            Head::Binder(operator) => mix(6) ^ operator as u64,
            Head::Unknown(name) => mix(7) ^ name,
            _ => return None,
        };
        Some(self.image(name, values))
    }

    fn to_integer(&self, terms: &Terms, id: TermId, _value: Residue) -> Option<i64> {
        written_integer(terms, id)
    }

    fn bound(&self, terms: &Terms, binder: TermId, _values: &[Option<Residue>]) -> Option<Residue> {
        Some(self.draw(mix(8) ^ u64::from(terms.num_binders(binder))))
    }
}

/// Returns a whole number modulo another one, if the number is one by its form: a sum, product or tower of whole numbers.
fn integer_modulo(terms: &Terms, id: TermId, modulus: u64, depth: u32) -> Option<u64> {
    let depth = depth.checked_sub(1)?;
    let wide = u128::from(modulus);
    match terms.head(id) {
        Head::Rational(_) => {
            let value = terms.rational(id).filter(|value| value.is_int())?;
            let size = dashu_base::UnsignedAbs::unsigned_abs(value.numerator().clone()) % modulus;
            let is_negative = *value < dashu_ratio::RBig::ZERO;
            Some(if is_negative && size > 0 { modulus - size } else { size })
        }
        Head::Add => terms.operands(id).iter().try_fold(0, |sum, term| {
            let term = integer_modulo(terms, *term, modulus, depth)?;
            Some(((u128::from(sum) + u128::from(term)) % wide) as u64)
        }),
        Head::Multiply => terms.operands(id).iter().try_fold(1 % modulus, |product, factor| {
            let factor = integer_modulo(terms, *factor, modulus, depth)?;
            Some((u128::from(product) * u128::from(factor) % wide) as u64)
        }),
        Head::Power => {
            let &[base, exponent] = terms.operands(id) else { return None };
            let exponent = terms.rational(exponent).and_then(rational::to_u64)?;
            Some(power_modulo(integer_modulo(terms, base, modulus, depth)?, exponent, modulus))
        }
        _ => None,
    }
}
