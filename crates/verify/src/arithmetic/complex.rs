//! Complex numbers that are known up to bounds: a [`Ball`] for each part. A real number has an imaginary part of exactly 0.

mod functions;

use super::ball::Ball;

/// A complex number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Complex<const N: usize> {
    /// The real part.
    pub(crate) real: Ball<N>,
    /// The imaginary part.
    pub(crate) imaginary: Ball<N>,
}

// === impl Complex ===

impl<const N: usize> Complex<N> {
    /// 0, exactly.
    pub(crate) const ZERO: Self = Self::of_real(Ball::ZERO);

    /// 1, exactly.
    pub(crate) const ONE: Self = Self::of_real(Ball::ONE);

    /// The imaginary unit.
    pub(crate) const UNIT: Self = Self { real: Ball::ZERO, imaginary: Ball::ONE };

    /// Returns a real number.
    pub(crate) const fn of_real(real: Ball<N>) -> Self {
        Self { real, imaginary: Ball::ZERO }
    }

    /// Returns whether the imaginary part is known to be 0.
    pub(crate) const fn is_real(&self) -> bool {
        self.imaginary.is_zero()
    }

    /// Returns the number as a real one, if it is known to be one.
    pub(crate) fn to_real(self) -> Option<Ball<N>> {
        self.is_real().then_some(self.real)
    }

    /// Returns whether the number is known to be 0.
    pub(crate) const fn is_zero(&self) -> bool {
        self.real.is_zero() && self.imaginary.is_zero()
    }

    /// Returns whether the two may be the same number.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.real.overlaps(&other.real) && self.imaginary.overlaps(&other.imaginary)
    }

    /// Returns the negative.
    pub(crate) const fn negate(self) -> Self {
        Self { real: self.real.negate(), imaginary: self.imaginary.negate() }
    }

    /// Returns the conjugate.
    pub(crate) const fn conjugate(self) -> Self {
        Self { real: self.real, imaginary: self.imaginary.negate() }
    }

    /// Returns this times a power of two.
    pub(crate) const fn scale(self, exponent: i64) -> Self {
        Self { real: self.real.scale(exponent), imaginary: self.imaginary.scale(exponent) }
    }

    /// Returns this times the imaginary unit.
    pub(crate) const fn turn(self) -> Self {
        Self { real: self.imaginary.negate(), imaginary: self.real }
    }

    /// Returns the sum.
    pub(crate) fn add(self, other: Self) -> Self {
        let imaginary =
            if self.is_real() && other.is_real() { Ball::ZERO } else { self.imaginary.add(other.imaginary) };
        Self { real: self.real.add(other.real), imaginary }
    }

    /// Returns the difference.
    pub(crate) fn subtract(self, other: Self) -> Self {
        self.add(other.negate())
    }

    /// Returns the product; nothing where it is out of range.
    pub(crate) fn multiply(self, other: Self) -> Option<Self> {
        if other.is_real() {
            let imaginary = if self.is_real() { Ball::ZERO } else { self.imaginary.multiply(other.real)? };
            return Some(Self { real: self.real.multiply(other.real)?, imaginary });
        }
        if self.is_real() {
            return other.multiply(self);
        }
        let real = self.real.multiply(other.real)?.subtract(self.imaginary.multiply(other.imaginary)?);
        let imaginary = self.real.multiply(other.imaginary)?.add(self.imaginary.multiply(other.real)?);
        Some(Self { real, imaginary })
    }

    /// Returns the reciprocal; nothing where the number may be 0.
    pub(crate) fn invert(self) -> Option<Self> {
        if self.is_real() {
            return Some(Self::of_real(Ball::ONE.divide(self.real)?));
        }
        let square = self.square_of_modulus()?;
        let conjugate = self.conjugate();
        Some(Self { real: conjugate.real.divide(square)?, imaginary: conjugate.imaginary.divide(square)? })
    }

    /// Returns the quotient; nothing where the divisor may be 0.
    pub(crate) fn divide(self, other: Self) -> Option<Self> {
        if other.is_real() {
            let imaginary = if self.is_real() { Ball::ZERO } else { self.imaginary.divide(other.real)? };
            return Some(Self { real: self.real.divide(other.real)?, imaginary });
        }
        self.multiply(other.invert()?)
    }

    /// Returns a whole power by repeated squaring.
    pub(crate) fn whole_power(self, exponent: i64) -> Option<Self> {
        let mut left = exponent.unsigned_abs();
        let mut square = self;
        let mut result = Self::ONE;
        while left > 0 {
            if left & 1 == 1 {
                result = result.multiply(square)?;
            }
            left >>= 1;
            if left > 0 {
                square = square.multiply(square)?;
            }
        }
        if exponent < 0 { result.invert() } else { Some(result) }
    }

    /// Returns the modulus.
    pub(crate) fn modulus(self) -> Option<Ball<N>> {
        if self.is_real() {
            return Some(self.real.absolute());
        }
        Some(self.square_of_modulus()?.root())
    }

    /// Returns the argument in (-π, π]; nothing for what may be 0 or on either side of the cut.
    pub(crate) fn argument(self) -> Option<Ball<N>> {
        let Self { real, imaginary } = self;
        let pi = Ball::pi();
        if imaginary.is_zero() && real.is_negative() {
            return Some(pi);
        }
        if real.is_positive() {
            return imaginary.divide(real)?.arctangent();
        }
        if imaginary.may_be_zero() {
            return None;
        }
        // atan(y / x) = ±π/2 - atan(x / y)
        let quarter = if imaginary.is_positive() { pi.scale(-1) } else { pi.scale(-1).negate() };
        Some(quarter.subtract(real.divide(imaginary)?.arctangent()?))
    }

    /// Returns the principal square root; nothing for what may be on either side of the cut.
    pub(crate) fn root(self) -> Option<Self> {
        if self.is_real() {
            if self.real.is_negative() {
                return Some(Self { real: Ball::ZERO, imaginary: self.real.negate().root() });
            }
            let root = self.real.root();
            if self.real.is_zero() || self.real.is_positive() {
                return Some(Self::of_real(root));
            }
            // What may be a little below 0 has a root that is a little off 0 in either part.
            return Some(Self { real: root, imaginary: root });
        }
        let modulus = self.modulus()?;
        if self.real.middle().is_negative() {
            if self.imaginary.may_be_zero() {
                return None;
            }
            let size = modulus.subtract(self.real).scale(-1).root();
            let imaginary = if self.imaginary.is_positive() { size } else { size.negate() };
            return Some(Self { real: self.imaginary.divide(imaginary.scale(1))?, imaginary });
        }
        let real = modulus.add(self.real).scale(-1).root();
        Some(Self { real, imaginary: self.imaginary.divide(real.scale(1))? })
    }

    /// Returns the whole number that this is known to be, if it fits.
    pub(crate) fn to_integer(self) -> Option<i64> {
        let real = self.to_real().filter(Ball::is_exact)?;
        real.middle().to_integer()
    }

    fn square_of_modulus(self) -> Option<Ball<N>> {
        Some(self.real.multiply(self.real)?.add(self.imaginary.multiply(self.imaginary)?))
    }
}
