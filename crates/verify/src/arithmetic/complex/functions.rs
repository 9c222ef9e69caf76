//! The elementary functions of complex numbers, on their principal branches.

use super::Complex;
use crate::arithmetic::ball::Ball;

// === impl Complex ===

impl<const N: usize> Complex<N> {
    /// Returns a power of `e`.
    pub(crate) fn exponential(self) -> Option<Self> {
        let size = self.real.exponential()?;
        if self.is_real() {
            return Some(Self::of_real(size));
        }
        let (sine, cosine) = self.imaginary.sine_and_cosine()?;
        Some(Self { real: size.multiply(cosine)?, imaginary: size.multiply(sine)? })
    }

    /// Returns the principal natural logarithm.
    pub(crate) fn logarithm(self) -> Option<Self> {
        if self.is_real() && self.real.is_positive() {
            return Some(Self::of_real(self.real.logarithm()?));
        }
        let real = if self.is_real() {
            self.real.absolute().logarithm()?
        } else {
            self.square_of_modulus()?.logarithm()?.scale(-1)
        };
        Some(Self { real, imaginary: self.argument()? })
    }

    /// Returns the principal power.
    pub(crate) fn power(self, exponent: Self) -> Option<Self> {
        if self.is_zero() {
            return (exponent.is_real() && exponent.real.is_positive()).then_some(Self::ZERO);
        }
        exponent.multiply(self.logarithm()?)?.exponential()
    }

    /// Returns sine and cosine: `sin(a + bi) = sin a cosh b + i cos a sinh b` and `cos(a + bi) = cos a cosh b - i sin a sinh b`.
    pub(crate) fn sine_and_cosine(self) -> Option<(Self, Self)> {
        let (sine, cosine) = self.real.sine_and_cosine()?;
        if self.is_real() {
            return Some((Self::of_real(sine), Self::of_real(cosine)));
        }
        let (hyperbolic_sine, hyperbolic_cosine) = Self::of_real(self.imaginary).hyperbolic()?;
        let (rise, run) = (hyperbolic_sine.real, hyperbolic_cosine.real);
        Some((
            Self { real: sine.multiply(run)?, imaginary: cosine.multiply(rise)? },
            Self { real: cosine.multiply(run)?, imaginary: sine.multiply(rise)?.negate() },
        ))
    }

    /// Returns hyperbolic sine and cosine.
    pub(crate) fn hyperbolic(self) -> Option<(Self, Self)> {
        if self.is_zero() {
            return Some((Self::ZERO, Self::ONE));
        }
        let rising = self.exponential()?;
        let falling = rising.invert()?;
        Some((rising.subtract(falling).scale(-1), rising.add(falling).scale(-1)))
    }

    /// Returns the inverse sine.
    pub(crate) fn arcsine(self) -> Option<Self> {
        let root = self.complement()?;
        if let (Some(sine), Some(cosine)) = (self.to_real(), root.to_real()) {
            return Self { real: cosine, imaginary: sine }.angle();
        }
        // -i ln(iz + sqrt(1 - z^2))
        Some(self.turn().add(root).logarithm()?.turn().negate())
    }

    /// Returns the inverse cosine.
    pub(crate) fn arccosine(self) -> Option<Self> {
        let root = self.complement()?;
        if let (Some(cosine), Some(sine)) = (self.to_real(), root.to_real()) {
            return Self { real: cosine, imaginary: sine }.angle();
        }
        Some(Self::of_real(Ball::pi().scale(-1)).subtract(self.arcsine()?))
    }

    /// Returns the inverse tangent.
    pub(crate) fn arctangent(self) -> Option<Self> {
        if self.is_real() {
            return Some(Self::of_real(self.real.arctangent()?));
        }
        // i/2 (ln(1 - iz) - ln(1 + iz))
        let turned = self.turn();
        let difference = Self::ONE.subtract(turned).logarithm()?.subtract(Self::ONE.add(turned).logarithm()?);
        Some(difference.turn().scale(-1))
    }

    /// Returns the inverse hyperbolic sine.
    pub(crate) fn hyperbolic_arcsine(self) -> Option<Self> {
        self.multiply(self)?.add(Self::ONE).root()?.add(self).logarithm()
    }

    /// Returns the inverse hyperbolic cosine.
    pub(crate) fn hyperbolic_arccosine(self) -> Option<Self> {
        let product = self.add(Self::ONE).root()?.multiply(self.subtract(Self::ONE).root()?)?;
        product.add(self).logarithm()
    }

    /// Returns the inverse hyperbolic tangent.
    pub(crate) fn hyperbolic_arctangent(self) -> Option<Self> {
        let difference = Self::ONE.add(self).logarithm()?.subtract(Self::ONE.subtract(self).logarithm()?);
        Some(difference.scale(-1))
    }

    /// Returns `sqrt(1 - z^2)`.
    fn complement(self) -> Option<Self> {
        Self::ONE.subtract(self).multiply(Self::ONE.add(self))?.root()
    }

    /// Returns the argument as a complex number; 0 for a positive real number.
    fn angle(self) -> Option<Self> {
        Some(Self::of_real(self.argument()?))
    }
}
