//! Residues modulo 62-bit primes, in Montgomery form.
//!
//! A [`Prime`] is one more than a multiple of four, so that -1 has a square root and the complex rationals map into the field. None is
//! of the form 2^k - 1, where powers of two would repeat early.

/// A prime of 62 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prime {
    modulus: u64,
    /// The negative inverse of the modulus modulo 2^64.
    negative_inverse: u64,
    /// 2^128 modulo the modulus.
    square_of_radix: u64,
    /// A square root of -1.
    imaginary_unit: Residue,
}

/// An element of the field of a [`Prime`], which has to be remembered beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Residue(u64);

/// The bases that together tell every prime below 2^64 (Jim Sinclair).
const WITNESSES: [u64; 7] = [2, 325, 9_375, 28_178, 450_775, 9_780_504, 1_795_265_022];

// === impl Prime ===

impl Prime {
    /// The least prime above 2^61 that is one more than a multiple of four.
    pub(crate) const SMALLEST: Self = Self::of_modulus((1 << 61) + 21);

    /// Returns a prime near the place in [2^61, 2^62) that the low bits of a word name.
    pub(crate) fn after(word: u64) -> Self {
        const HALF: u64 = 1 << 61;
        let mut candidate = HALF | (word & (HALF - 1) & !3) | 1;
        loop {
            if is_prime(candidate) {
                return Self::of_modulus(candidate).with_imaginary_unit();
            }
            candidate += 4;
            if candidate >= HALF << 1 {
                candidate = HALF | 1;
            }
        }
    }

    const fn of_modulus(modulus: u64) -> Self {
        let mut inverse = modulus;
        let mut step = 0;
        while step < 5 {
            inverse = inverse.wrapping_mul(2u64.wrapping_sub(modulus.wrapping_mul(inverse)));
            step += 1;
        }
        let radix = (1u128 << 64) % modulus as u128;
        Self {
            modulus,
            negative_inverse: inverse.wrapping_neg(),
            square_of_radix: ((radix * radix) % modulus as u128) as u64,
            imaginary_unit: Residue(0),
        }
    }

    fn with_imaginary_unit(mut self) -> Self {
        for base in 2.. {
            let root = self.power(self.residue(base), (self.modulus - 1) / 4);
            if self.multiply(root, root) == self.negate(self.one()) {
                self.imaginary_unit = root;
                break;
            }
        }
        self
    }

    /// Returns the prime itself.
    pub(crate) const fn modulus(&self) -> u64 {
        self.modulus
    }

    /// Returns the square root of -1 that stands for the imaginary unit.
    pub(crate) const fn imaginary_unit(&self) -> Residue {
        self.imaginary_unit
    }

    /// Returns the residue of a whole number.
    pub(crate) const fn residue(&self, value: u64) -> Residue {
        Residue(self.reduce((value % self.modulus) as u128 * self.square_of_radix as u128))
    }

    /// Returns the number from 0 to the modulus that a residue stands for.
    pub(crate) const fn value(&self, residue: Residue) -> u64 {
        self.reduce(residue.0 as u128)
    }

    /// Returns 1.
    pub(crate) const fn one(&self) -> Residue {
        self.residue(1)
    }

    /// Returns the sum.
    pub(crate) const fn add(&self, left: Residue, right: Residue) -> Residue {
        let sum = left.0 + right.0;
        Residue(if sum >= self.modulus { sum - self.modulus } else { sum })
    }

    /// Returns the negative.
    pub(crate) const fn negate(&self, of: Residue) -> Residue {
        Residue(if of.0 == 0 { 0 } else { self.modulus - of.0 })
    }

    /// Returns the product.
    pub(crate) const fn multiply(&self, left: Residue, right: Residue) -> Residue {
        Residue(self.reduce(left.0 as u128 * right.0 as u128))
    }

    /// Returns a power.
    pub(crate) const fn power(&self, base: Residue, exponent: u64) -> Residue {
        let mut result = self.one();
        let mut square = base;
        let mut left = exponent;
        while left > 0 {
            if left & 1 == 1 {
                result = self.multiply(result, square);
            }
            square = self.multiply(square, square);
            left >>= 1;
        }
        result
    }

    /// Returns the inverse, which 0 has not.
    pub(crate) const fn invert(&self, of: Residue) -> Option<Residue> {
        if of.0 == 0 { None } else { Some(self.power(of, self.modulus - 2)) }
    }

    /// Divides by 2^64 modulo the prime; the operand is below the modulus times 2^64.
    const fn reduce(&self, value: u128) -> u64 {
        let factor = (value as u64).wrapping_mul(self.negative_inverse);
        let reduced = ((value + factor as u128 * self.modulus as u128) >> 64) as u64;
        if reduced >= self.modulus { reduced - self.modulus } else { reduced }
    }
}

// === impl Residue ===

impl Residue {
    /// Returns whether this is 0.
    pub(crate) const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

/// Returns a power modulo any modulus; 0 modulo 1.
pub(crate) const fn power_modulo(base: u64, exponent: u64, modulus: u64) -> u64 {
    let modulus = modulus as u128;
    let mut result = 1 % modulus;
    let mut square = base as u128 % modulus;
    let mut left = exponent;
    while left > 0 {
        if left & 1 == 1 {
            result = result * square % modulus;
        }
        square = square * square % modulus;
        left >>= 1;
    }
    result as u64
}

/// Tests an odd number above every witness for being prime: exact below 2^64.
fn is_prime(candidate: u64) -> bool {
    const SMALL: [u64; 11] = [3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];
    if SMALL.iter().any(|small| candidate.is_multiple_of(*small)) {
        return false;
    }
    let field = Prime::of_modulus(candidate);
    let minus_one = field.negate(field.one());
    let num_twos = (candidate - 1).trailing_zeros();
    WITNESSES.iter().all(|witness| {
        let mut power = field.power(field.residue(*witness), (candidate - 1) >> num_twos);
        if power == field.one() || power == minus_one {
            return true;
        }
        for _ in 1..num_twos {
            power = field.multiply(power, power);
            if power == minus_one {
                return true;
            }
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_numbers_are_primes_with_a_square_root_of_minus_one() {
        for word in [0, 1, u64::MAX, 0x1234_5678_9abc_def0] {
            let prime = Prime::after(word);
            assert_eq!(prime.modulus() % 4, 1);
            assert_eq!(prime.modulus() >> 61, 1);
            let square = prime.multiply(prime.imaginary_unit(), prime.imaginary_unit());
            assert!(prime.add(square, prime.one()).is_zero());
        }
    }

    #[test]
    fn products_and_powers_agree_with_those_of_wide_integers() {
        let prime = Prime::after(99);
        let (left, right) = (0x0123_4567_89ab_cdef, 0x0fed_cba9_8765_4321);
        let product = prime.multiply(prime.residue(left), prime.residue(right));
        assert_eq!(
            u128::from(prime.value(product)),
            u128::from(left) * u128::from(right) % u128::from(prime.modulus())
        );
        assert_eq!(prime.value(prime.power(prime.residue(3), 1_000)), power_modulo(3, 1_000, prime.modulus()));
        let inverse = prime.invert(prime.residue(left)).unwrap();
        assert_eq!(prime.multiply(inverse, prime.residue(left)), prime.one());
        assert_eq!(prime.invert(prime.residue(0)), None);
    }

    #[test]
    fn known_composites_and_primes_are_told_apart() {
        assert!(is_prime(Prime::SMALLEST.modulus()) && !is_prime((1 << 61) + 1));
        assert!(!is_prime(3_215_031_751));
        assert!(is_prime(4_611_686_018_427_387_847));
        assert_eq!(power_modulo(7, 1_000_000_000_000, 13), 9);
        assert_eq!(power_modulo(7, 5, 1), 0);
    }
}
