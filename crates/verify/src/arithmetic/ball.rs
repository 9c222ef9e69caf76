//! Real numbers that are known up to a bound: a midpoint and a radius. Every operation encloses the true result.

use super::elementary::Bounded;
use super::float::Float;
use super::magnitude::{LowerBound, Magnitude};

/// The real numbers that are no farther from the midpoint than the radius.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ball<const N: usize> {
    middle: Float<N>,
    radius: Magnitude,
}

// === impl Ball ===

impl<const N: usize> Ball<N> {
    /// 0, exactly.
    pub(crate) const ZERO: Self = Self::exact(Float::ZERO);

    /// 1, exactly.
    pub(crate) const ONE: Self = Self::exact(Float::ONE);

    /// Returns a number that is known exactly.
    pub(crate) const fn exact(middle: Float<N>) -> Self {
        Self { middle, radius: Magnitude::ZERO }
    }

    /// Returns what lies within a bound of a number.
    pub(crate) const fn around((middle, radius): Bounded<N>) -> Self {
        Self { middle, radius }
    }

    /// Returns a whole number.
    pub(crate) const fn integer(value: i64) -> Self {
        Self::exact(Float::of_integer(value))
    }

    /// Returns π.
    pub(crate) fn pi() -> Self {
        Self::around(Float::pi())
    }

    /// Returns the midpoint.
    pub(crate) const fn middle(&self) -> &Float<N> {
        &self.middle
    }

    /// Returns the radius.
    pub(crate) const fn radius(&self) -> Magnitude {
        self.radius
    }

    /// Returns whether the number is known to be 0.
    pub(crate) const fn is_zero(&self) -> bool {
        self.middle.is_zero() && self.radius.is_zero()
    }

    /// Returns whether the number is known exactly.
    pub(crate) const fn is_exact(&self) -> bool {
        self.radius.is_zero()
    }

    /// Returns whether the number may be 0.
    pub(crate) const fn may_be_zero(&self) -> bool {
        self.lower_bound().is_none()
    }

    /// Returns whether the number is known to be above 0.
    pub(crate) const fn is_positive(&self) -> bool {
        !self.middle.is_negative() && !self.may_be_zero()
    }

    /// Returns whether the number is known to be below 0.
    pub(crate) const fn is_negative(&self) -> bool {
        self.middle.is_negative() && !self.may_be_zero()
    }

    /// Returns a bound of the absolute value.
    pub(crate) fn magnitude(&self) -> Magnitude {
        self.middle.magnitude().add(self.radius)
    }

    /// Returns a lower bound of the absolute value, unless the number may be 0.
    pub(crate) const fn lower_bound(&self) -> Option<LowerBound> {
        match self.middle.lower_bound() {
            Some(bound) => bound.less(self.radius),
            None => None,
        }
    }

    /// Returns this with a larger radius.
    pub(crate) fn widen(self, by: Magnitude) -> Self {
        Self { radius: self.radius.add(by), ..self }
    }

    /// Returns the negative.
    pub(crate) const fn negate(self) -> Self {
        Self { middle: self.middle.negate(), ..self }
    }

    /// Returns the absolute value.
    pub(crate) const fn absolute(self) -> Self {
        Self { middle: self.middle.absolute(), ..self }
    }

    /// Returns this times a power of two.
    pub(crate) const fn scale(self, exponent: i64) -> Self {
        Self { middle: self.middle.scale(exponent), radius: self.radius.scale(exponent) }
    }

    /// Returns the sum.
    pub(crate) fn add(self, other: Self) -> Self {
        let (middle, error) = self.middle.add(other.middle);
        Self { middle, radius: self.radius.add(other.radius).add(error) }
    }

    /// Returns the difference.
    pub(crate) fn subtract(self, other: Self) -> Self {
        self.add(other.negate())
    }

    /// Returns the product; nothing where it is out of range.
    pub(crate) fn multiply(self, other: Self) -> Option<Self> {
        let (middle, error) = self.middle.multiply(other.middle);
        if !middle.in_range() {
            return None;
        }
        if self.is_exact() && other.is_exact() {
            return Some(Self { middle, radius: error });
        }
        let radius = self.middle.magnitude().multiply(other.radius).add(other.magnitude().multiply(self.radius));
        Some(Self { middle, radius: radius.add(error) })
    }

    /// Returns the quotient; nothing where the divisor may be 0, or the quotient is out of range.
    pub(crate) fn divide(self, other: Self) -> Option<Self> {
        let bound = other.lower_bound()?;
        let (middle, error) = self.middle.divide(other.middle)?;
        if !middle.in_range() {
            return None;
        }
        // |a'/b' - a/b| = |(a' - a) - (a/b)(b' - b)| / |b'|
        let quotient = middle.magnitude().add(error);
        let radius = self.radius.add(quotient.multiply(other.radius)).divide(bound);
        Some(Self { middle, radius: radius.add(error) })
    }

    /// Returns the square root of a number that is not known to be below 0, and is taken to be none.
    pub(crate) fn root(self) -> Self {
        let Some(bound) = self.lower_bound() else {
            let radius = self.magnitude().root();
            return Self { middle: Float::ZERO, radius };
        };
        let (middle, error) = self.middle.root();
        Self { middle, radius: self.radius.divide(bound.root()).add(error) }
    }

    /// Returns a power of `e`; nothing where it is out of range or hardly known.
    pub(crate) fn exponential(self) -> Option<Self> {
        if self.radius.exponent() > 0 {
            return None;
        }
        let (middle, error) = self.middle.exponential()?;
        // e^r - 1 < 2 r for r up to 1.
        let spread = middle.magnitude().add(error).multiply(self.radius.scale(1));
        Some(Self { middle, radius: error.add(spread) })
    }

    /// Returns the natural logarithm of a number that is known to be above 0.
    pub(crate) fn logarithm(self) -> Option<Self> {
        let bound = self.lower_bound()?;
        if self.middle.is_negative() {
            return None;
        }
        // x = m 2^e with m in [3/4, 3/2), and ln m = y + ln(1 + d) with a machine number y and d = m e^-y - 1.
        let mut exponent = self.middle.exponent();
        let mut mantissa = self.middle.scale(-exponent);
        if mantissa.to_machine() < 0.75 {
            exponent -= 1;
            mantissa = mantissa.scale(1);
        }
        let guess = Self::exact(Float::of_machine(mantissa.to_machine().ln()));
        let distance = guess.negate().exponential()?.multiply(Self::exact(mantissa))?.subtract(Self::ONE);
        let whole = Self::around(Float::ln_2()).multiply(Self::integer(exponent))?;
        let result = guess.add(logarithm_of_successor(distance)?).add(whole);
        Some(result.widen(self.radius.divide(bound)))
    }

    /// Returns sine and cosine; nothing for a number too large or hardly known.
    pub(crate) fn sine_and_cosine(self) -> Option<(Self, Self)> {
        if self.radius.exponent() > 0 {
            return None;
        }
        let (sine, cosine, error) = self.middle.sine_and_cosine()?;
        let radius = error.add(self.radius);
        Some((Self { middle: sine, radius }, Self { middle: cosine, radius }))
    }

    /// Returns the inverse tangent.
    pub(crate) fn arctangent(self) -> Option<Self> {
        if self.middle.is_zero() {
            return Some(self);
        }
        let middle = Self::exact(self.middle);
        let result = if self.middle.exponent() > 0 {
            let quarter_turn = Self::pi().scale(-1);
            let rest = arctangent_up_to_one(Self::ONE.divide(middle.absolute())?)?;
            let size = quarter_turn.subtract(rest);
            if self.middle.is_negative() { size.negate() } else { size }
        } else {
            arctangent_up_to_one(middle)?
        };
        Some(result.widen(self.radius))
    }

    /// Returns the whole number nearest to the midpoint if the radius reaches it and no other.
    pub(crate) fn nearest_integer(&self) -> Option<Float<N>> {
        let nearest = self.middle.round();
        let distance = Self { middle: self.middle.subtract(nearest).0, radius: self.radius };
        (distance.may_be_zero() && self.radius.exponent() < -1).then_some(nearest)
    }

    /// Returns whether the two may be the same number.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.subtract(*other).may_be_zero()
    }
}

/// Returns `ln(1 + d)` for the `d` that a machine number leaves: `d (1 - d (1/2 - d (1/3 - ...)))`.
fn logarithm_of_successor<const N: usize>(distance: Ball<N>) -> Option<Ball<N>> {
    if distance.magnitude().exponent() > -46 {
        return None;
    }
    let num_terms = if N <= 2 { 4 } else { 6 };
    let mut series = Ball::ZERO;
    for index in (1..=num_terms).rev() {
        let reciprocal = Ball::ONE.divide(Ball::integer(index))?;
        series = reciprocal.subtract(series.multiply(distance)?);
    }
    let mut rest = distance.magnitude();
    for _ in 0..num_terms {
        rest = rest.multiply(distance.magnitude());
    }
    Some(series.multiply(distance)?.widen(rest))
}

/// Returns `atan x` for `|x| <= 1`: a machine number `y` and `atan((x cos y - sin y) / (cos y + x sin y))`.
fn arctangent_up_to_one<const N: usize>(of: Ball<N>) -> Option<Ball<N>> {
    let guess = Ball::exact(Float::of_machine(of.middle.to_machine().atan()));
    let (sine, cosine) = guess.sine_and_cosine()?;
    let numerator = of.multiply(cosine)?.subtract(sine);
    let distance = numerator.divide(cosine.add(of.multiply(sine)?))?;
    if distance.magnitude().exponent() > -46 {
        return None;
    }
    // d (1 - d^2 (1/3 - d^2 / 5)), which is too small by less than d^7.
    let square = distance.multiply(distance)?;
    let fifth = square.divide(Ball::integer(5))?;
    let third = Ball::ONE.divide(Ball::integer(3))?;
    let series = Ball::ONE.subtract(square.multiply(third.subtract(fifth))?);
    let size = distance.magnitude();
    let cube = size.multiply(size).multiply(size);
    let result = guess.add(distance.multiply(series)?);
    Some(result.widen(cube.multiply(cube).multiply(size)))
}

#[cfg(test)]
mod tests;
