//! Floating-point numbers of `64 * N` bits with an exponent that answers do not exceed.
//!
//! Every operation truncates and says how far its result may be from the true one, which is nothing where no bit was lost. There is no
//! infinity and no NaN: what would overflow is stopped by [`Float::in_range`], which the balls built on this ask for.

use std::cmp::Ordering;

use super::limbs;
use super::magnitude::{LowerBound, Magnitude};

/// A number `±0.limbs * 2^exponent`: the top bit of the limbs, little-endian, is set unless the number is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Float<const N: usize> {
    is_negative: bool,
    exponent: i64,
    limbs: [u64; N],
}

/// The exponents that are in range, of either sign.
const MAX_EXPONENT: i64 = 1 << 60;

// === impl Float ===

impl<const N: usize> Float<N> {
    /// 0.
    pub(crate) const ZERO: Self = Self { is_negative: false, exponent: 0, limbs: [0; N] };

    /// 1.
    pub(crate) const ONE: Self = Self::of_fraction([0; N], 1);

    /// The number of bits.
    pub(crate) const BITS: i64 = 64 * N as i64;

    /// Returns `(whole + fraction) * 2^0` for a whole part of 0 or 1, with a last bit lost in the second case.
    pub(super) const fn of_fraction(fraction: [u64; N], whole: u64) -> Self {
        let mut limbs = fraction;
        if whole != 0 {
            limbs::shift_right(&mut limbs, 1);
            limbs[N - 1] |= 1 << 63;
            return Self { is_negative: false, exponent: 1, limbs };
        }
        Self::normalised(false, 0, limbs)
    }

    /// Returns a whole number.
    pub(crate) const fn of_integer(value: i64) -> Self {
        let mut limbs = [0; N];
        limbs[N - 1] = value.unsigned_abs();
        Self::normalised(value < 0, 64, limbs)
    }

    /// Returns a whole number from its bytes, the least first, and a bound of what is lost.
    pub(crate) fn of_bytes(bytes: &[u8], is_negative: bool) -> (Self, Magnitude) {
        let used = bytes.len().min(8 * N);
        let (lost, kept) = bytes.split_at(bytes.len() - used);
        let mut limbs = [0; N];
        for (index, byte) in kept.iter().rev().enumerate() {
            limbs[N - 1 - index / 8] |= u64::from(*byte) << (56 - 8 * (index % 8));
        }
        let exponent = 8 * bytes.len() as i64;
        let error = if lost.iter().all(|byte| *byte == 0) {
            Magnitude::ZERO
        } else {
            Magnitude::power_of_two(exponent - Self::BITS)
        };
        (Self::normalised(is_negative, exponent, limbs), error)
    }

    /// Returns a machine number, which is finite.
    pub(crate) fn of_machine(value: f64) -> Self {
        let bits = value.abs().to_bits();
        let (biased, fraction) = ((bits >> 52) as i64, bits & ((1 << 52) - 1));
        let mantissa = if biased == 0 { fraction } else { fraction | 1 << 52 };
        let mut limbs = [0; N];
        limbs[N - 1] = mantissa;
        Self::normalised(value < 0.0, 64 + biased.max(1) - 1_075, limbs)
    }

    /// Returns the nearest machine number but for an ulp or two; infinite or zero beyond their range.
    pub(crate) fn to_machine(self) -> f64 {
        let fraction = self.limbs[N - 1] as f64 * 2f64.powi(-64);
        let size = match self.exponent {
            exponent if exponent > 1_024 => {
                if self.is_zero() {
                    0.0
                } else {
                    f64::INFINITY
                }
            }
            exponent if exponent < -1_021 => 0.0,
            exponent => fraction * 2f64.powi((exponent / 2) as i32) * 2f64.powi((exponent - exponent / 2) as i32),
        };
        if self.is_negative { -size } else { size }
    }

    /// Returns whether this is zero.
    pub(crate) const fn is_zero(&self) -> bool {
        self.limbs[N - 1] == 0
    }

    /// Returns whether this is below zero.
    pub(crate) const fn is_negative(&self) -> bool {
        self.is_negative
    }

    /// Returns whether the exponent is far from overflow.
    pub(crate) const fn in_range(&self) -> bool {
        self.exponent.unsigned_abs() < MAX_EXPONENT as u64
    }

    /// Returns `e` with the absolute value in `[2^(e-1), 2^e)`; the least there is for zero.
    pub(crate) const fn exponent(&self) -> i64 {
        if self.is_zero() { i64::MIN } else { self.exponent }
    }

    /// Returns a bound of the absolute value.
    pub(crate) const fn magnitude(&self) -> Magnitude {
        if self.is_zero() {
            return Magnitude::ZERO;
        }
        Magnitude::of_parts((self.limbs[N - 1] >> 31) + 1, self.exponent - 33)
    }

    /// Returns a lower bound of the absolute value, unless it is zero.
    pub(crate) const fn lower_bound(&self) -> Option<LowerBound> {
        LowerBound::of_parts(self.limbs[N - 1] >> 32, self.exponent - 32)
    }

    /// Returns the absolute value.
    pub(crate) const fn absolute(mut self) -> Self {
        self.is_negative = false;
        self
    }

    /// Returns the negative.
    pub(crate) const fn negate(mut self) -> Self {
        self.is_negative = !self.is_negative && !self.is_zero();
        self
    }

    /// Returns this times a power of two.
    pub(crate) const fn scale(mut self, exponent: i64) -> Self {
        if !self.is_zero() {
            self.exponent += exponent;
        }
        self
    }

    /// Returns the sum and a bound of its error.
    pub(crate) fn add(self, other: Self) -> (Self, Magnitude) {
        let (large, small) = if self.exponent() >= other.exponent() { (self, other) } else { (other, self) };
        if small.is_zero() {
            return (large, Magnitude::ZERO);
        }
        let shift = large.exponent - small.exponent;
        if shift > Self::BITS {
            return (large, small.magnitude());
        }
        let mut aligned = small.limbs;
        let mut is_inexact = limbs::shift_right(&mut aligned, shift as u64);
        let mut sum = large.limbs;
        let mut exponent = large.exponent;
        let mut is_negative = large.is_negative;
        if large.is_negative == small.is_negative {
            if limbs::add(&mut sum, &aligned) {
                is_inexact |= limbs::shift_right(&mut sum, 1);
                sum[N - 1] |= 1 << 63;
                exponent += 1;
            }
        } else if limbs::less(&sum, &aligned) {
            limbs::subtract(&mut aligned, &sum);
            sum = aligned;
            is_negative = !is_negative;
        } else {
            limbs::subtract(&mut sum, &aligned);
        }
        let error = if is_inexact { Magnitude::power_of_two(exponent - Self::BITS + 1) } else { Magnitude::ZERO };
        (Self::normalised(is_negative, exponent, sum), error)
    }

    /// Returns the difference and a bound of its error.
    pub(crate) fn subtract(self, other: Self) -> (Self, Magnitude) {
        self.add(other.negate())
    }

    /// Returns the product and a bound of its error.
    pub(crate) fn multiply(self, other: Self) -> (Self, Magnitude) {
        if self.is_zero() || other.is_zero() {
            return (Self::ZERO, Magnitude::ZERO);
        }
        let (mut low, mut high) = limbs::product(&self.limbs, &other.limbs);
        let mut exponent = self.exponent + other.exponent;
        if high[N - 1] >> 63 == 0 {
            limbs::shift_left(&mut high, 1);
            high[0] |= low[N - 1] >> 63;
            limbs::shift_left(&mut low, 1);
            exponent -= 1;
        }
        let is_negative = self.is_negative != other.is_negative;
        (Self { is_negative, exponent, limbs: high }, Self::last_place(exponent, !limbs::are_zero(&low)))
    }

    /// Returns the quotient and a bound of its error; nothing for a divisor of zero.
    pub(crate) fn divide(self, other: Self) -> Option<(Self, Magnitude)> {
        if other.is_zero() {
            return None;
        }
        if self.is_zero() {
            return Some((Self::ZERO, Magnitude::ZERO));
        }
        let mut numerator = self.limbs;
        let (mut next, mut exponent) = (0, self.exponent - other.exponent);
        if !limbs::less(&numerator, &other.limbs) {
            next = numerator[0] << 63;
            limbs::shift_right(&mut numerator, 1);
            exponent += 1;
        }
        let (fraction, is_inexact) = limbs::quotient(&numerator, next, &other.limbs);
        let result = Self { is_negative: self.is_negative != other.is_negative, exponent, limbs: fraction };
        Some((result, Self::last_place(exponent, is_inexact)))
    }

    /// Returns the square root of the absolute value and a bound of its error, found by Newton's method and proved by squaring.
    pub(crate) fn root(self) -> (Self, Magnitude) {
        if self.is_zero() {
            return (Self::ZERO, Magnitude::ZERO);
        }
        let half = self.exponent.div_euclid(2);
        let radicand = Self { is_negative: false, exponent: self.exponent - 2 * half, limbs: self.limbs };
        let mut root = Self::of_machine(radicand.to_machine().sqrt());
        let mut num_bits = 48;
        while num_bits < Self::BITS + 16 {
            if let Some((quotient, _)) = radicand.divide(root) {
                root = root.add(quotient).0.scale(-1);
            }
            num_bits *= 2;
        }
        let (square, rounding) = root.multiply(root);
        let (residual, more) = radicand.subtract(square);
        let distance = residual.magnitude().add(rounding).add(more);
        let error = root.lower_bound().map_or(distance, |bound| distance.divide(bound));
        (root.scale(half), error.scale(half))
    }

    /// Returns the greatest whole number up to this.
    pub(crate) fn floor(self) -> Self {
        if self.is_zero() || self.exponent >= Self::BITS {
            return self;
        }
        if self.exponent <= 0 {
            return if self.is_negative { Self::ONE.negate() } else { Self::ZERO };
        }
        let mut kept = self.limbs;
        let num_fraction_bits = (Self::BITS - self.exponent) as u64;
        let is_whole = !limbs::shift_right(&mut kept, num_fraction_bits);
        limbs::shift_left(&mut kept, num_fraction_bits);
        let truncated = Self { limbs: kept, ..self };
        if is_whole || !self.is_negative { truncated } else { truncated.subtract(Self::ONE).0 }
    }

    /// Returns the nearest whole number.
    pub(crate) fn round(self) -> Self {
        self.add(Self::ONE.scale(-1)).0.floor()
    }

    /// Returns the whole number that this is, if it is one and fits.
    pub(crate) fn to_integer(self) -> Option<i64> {
        if self.is_zero() {
            return Some(0);
        }
        if self.exponent > 63 || self.floor() != self {
            return None;
        }
        let size = (self.limbs[N - 1] >> (64 - self.exponent)) as i64;
        Some(if self.is_negative { -size } else { size })
    }

    /// Returns the whole part of the absolute value, which is below 2^63, and its fraction, of which less than a last place is lost.
    pub(super) fn split(&self) -> Option<(u64, [u64; N])> {
        if self.is_zero() {
            return Some((0, [0; N]));
        }
        let mut fraction = self.limbs;
        if self.exponent <= 0 {
            limbs::shift_right(&mut fraction, self.exponent.unsigned_abs().min(Self::BITS as u64));
            return Some((0, fraction));
        }
        if self.exponent > 63 {
            return None;
        }
        limbs::shift_left(&mut fraction, self.exponent as u64);
        Some((self.limbs[N - 1] >> (64 - self.exponent), fraction))
    }

    const fn normalised(is_negative: bool, exponent: i64, mut limbs: [u64; N]) -> Self {
        let shift = limbs::leading_zeros(&limbs);
        if shift == Self::BITS as u64 {
            return Self::ZERO;
        }
        limbs::shift_left(&mut limbs, shift);
        Self { is_negative, exponent: exponent - shift as i64, limbs }
    }

    const fn last_place(exponent: i64, is_inexact: bool) -> Magnitude {
        if is_inexact { Magnitude::power_of_two(exponent - Self::BITS) } else { Magnitude::ZERO }
    }
}

impl<const N: usize> PartialOrd for Float<N> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<const N: usize> Ord for Float<N> {
    fn cmp(&self, other: &Self) -> Ordering {
        let difference = self.subtract(*other).0;
        if difference.is_zero() {
            Ordering::Equal
        } else if difference.is_negative {
            Ordering::Less
        } else {
            Ordering::Greater
        }
    }
}

#[cfg(test)]
mod tests;
