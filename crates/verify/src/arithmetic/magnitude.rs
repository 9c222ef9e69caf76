//! Upper bounds of absolute values: 32 bits and a wide exponent, rounded up by every operation.

use std::cmp::Ordering;

/// An upper bound: `mantissa * 2^(exponent - 32)`, where the mantissa has 32 bits or is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Magnitude {
    mantissa: u64,
    exponent: i64,
}

// === impl Magnitude ===

impl Magnitude {
    /// Zero, the bound of what is exact.
    pub(crate) const ZERO: Self = Self { mantissa: 0, exponent: 0 };

    /// Returns a power of two.
    pub(crate) const fn power_of_two(exponent: i64) -> Self {
        Self { mantissa: 1 << 31, exponent: exponent + 1 }
    }

    /// Returns `mantissa * 2^exponent`, rounded up.
    pub(crate) const fn of_parts(mantissa: u64, exponent: i64) -> Self {
        if mantissa == 0 {
            return Self::ZERO;
        }
        let num_bits = 64 - mantissa.leading_zeros() as i64;
        if num_bits <= 32 {
            return Self { mantissa: mantissa << (32 - num_bits), exponent: exponent + num_bits };
        }
        let rounded = (mantissa >> (num_bits - 32)) + 1;
        if rounded >> 32 == 0 {
            Self { mantissa: rounded, exponent: exponent + num_bits }
        } else {
            Self { mantissa: rounded >> 1, exponent: exponent + num_bits + 1 }
        }
    }

    /// Returns whether this is zero.
    pub(crate) const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// Returns the least `e` with this below `2^e`; the least there is for zero.
    pub(crate) const fn exponent(self) -> i64 {
        if self.mantissa == 0 { i64::MIN } else { self.exponent }
    }

    /// Returns a bound of the sum.
    pub(crate) fn add(self, other: Self) -> Self {
        let (large, small) = if self.cmp(&other) == Ordering::Less { (other, self) } else { (self, other) };
        if small.is_zero() {
            return large;
        }
        let shift = large.exponent - small.exponent;
        let aligned = if shift >= 32 { 1 } else { (small.mantissa >> shift) + 1 };
        Self::of_parts(large.mantissa + aligned, large.exponent - 32)
    }

    /// Returns a bound of the product.
    pub(crate) const fn multiply(self, other: Self) -> Self {
        Self::of_parts(self.mantissa * other.mantissa, self.exponent + other.exponent - 64)
    }

    /// Returns a bound of this divided by something that is at least `mantissa * 2^exponent`, with a mantissa of 32 bits.
    pub(crate) const fn divide(self, by: LowerBound) -> Self {
        if self.is_zero() {
            return self;
        }
        Self::of_parts((self.mantissa << 31) / by.mantissa + 1, self.exponent - by.exponent - 31)
    }

    /// Returns a bound of the square root.
    pub(crate) fn root(self) -> Self {
        if self.is_zero() {
            return self;
        }
        let odd = self.exponent & 1;
        Self::of_parts((self.mantissa << (30 + odd)).isqrt() + 1, (self.exponent - odd - 62) / 2)
    }

    /// Returns this times a power of two.
    pub(crate) const fn scale(self, exponent: i64) -> Self {
        if self.mantissa == 0 { self } else { Self { mantissa: self.mantissa, exponent: self.exponent + exponent } }
    }

    /// Returns a machine number that is at least this; infinity beyond their range.
    pub(crate) fn to_machine(self) -> f64 {
        match self.exponent() {
            exponent if exponent > 1_000 => f64::INFINITY,
            exponent if exponent < -1_000 => {
                if self.is_zero() {
                    0.0
                } else {
                    f64::MIN_POSITIVE
                }
            }
            exponent => self.mantissa as f64 * 2f64.powi(exponent as i32 - 32),
        }
    }
}

impl PartialOrd for Magnitude {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Magnitude {
    fn cmp(&self, other: &Self) -> Ordering {
        self.exponent().cmp(&other.exponent()).then(self.mantissa.cmp(&other.mantissa))
    }
}

/// A lower bound of an absolute value that is not zero: `mantissa * 2^(exponent - 32)`, rounded down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LowerBound {
    mantissa: u64,
    exponent: i64,
}

// === impl LowerBound ===

impl LowerBound {
    /// Returns `mantissa * 2^exponent`, rounded down; nothing for zero.
    pub(crate) const fn of_parts(mantissa: u64, exponent: i64) -> Option<Self> {
        if mantissa == 0 {
            return None;
        }
        let num_bits = 64 - mantissa.leading_zeros() as i64;
        let mantissa = if num_bits <= 32 { mantissa << (32 - num_bits) } else { mantissa >> (num_bits - 32) };
        Some(Self { mantissa, exponent: exponent + num_bits })
    }

    /// Returns the bound after a disturbance, or nothing if that may reach zero.
    pub(crate) const fn less(self, by: Magnitude) -> Option<Self> {
        if by.is_zero() {
            return Some(self);
        }
        let shift = self.exponent - by.exponent;
        if shift < 0 {
            return None;
        }
        let taken = if shift >= 32 { 1 } else { (by.mantissa >> shift) + 1 };
        if taken >= self.mantissa { None } else { Self::of_parts(self.mantissa - taken, self.exponent - 32) }
    }

    /// Returns a lower bound of the square root.
    pub(crate) const fn root(self) -> Self {
        let odd = self.exponent & 1;
        let root = (self.mantissa << (30 + odd)).isqrt();
        match Self::of_parts(root, (self.exponent - odd - 62) / 2) {
            Some(bound) => bound,
            None => self,
        }
    }
}
