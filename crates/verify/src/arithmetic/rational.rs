//! Exact rationals of bounded size: an operation whose result would be too long has none.

use std::cmp::Ordering;

use dashu_base::{Abs, BitTest, Gcd, Signed, UnsignedAbs};
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;

use super::ball::Ball;
use super::float::Float;
use super::modular::{Prime, Residue};

/// The most bits of a numerator or denominator that is computed. A numeral that is written may be longer.
pub(crate) const MAX_BITS: usize = 4_096;

/// The greatest whole number whose factorial is computed exactly: the last that fits the bits.
const MAX_FACTORIAL: u64 = 536;

/// Returns the sum, if it is not too long.
pub(crate) fn add(left: &RBig, right: &RBig) -> Option<RBig> {
    fits(left, right).then(|| left + right)
}

/// Returns the product, if it is not too long.
pub(crate) fn multiply(left: &RBig, right: &RBig) -> Option<RBig> {
    fits(left, right).then(|| left * right)
}

/// Returns the reciprocal, which 0 has not.
pub(crate) fn invert(of: &RBig) -> Option<RBig> {
    if of.is_zero() {
        return None;
    }
    let (numerator, denominator) = of.clone().into_parts();
    let (sign, size) = numerator.into_parts();
    Some(RBig::from_parts(IBig::from_parts(sign, denominator), size))
}

/// Returns a whole power, if it exists and is not too long.
pub(crate) fn power(base: &RBig, exponent: i64) -> Option<RBig> {
    if base.is_zero() {
        return match exponent.cmp(&0) {
            Ordering::Less => None,
            Ordering::Equal => Some(RBig::ONE),
            Ordering::Greater => Some(RBig::ZERO),
        };
    }
    let times = usize::try_from(exponent.unsigned_abs()).ok()?;
    if base.denominator().is_one() && base.numerator().unsigned_abs().is_one() {
        return Some(if exponent % 2 == 0 { RBig::ONE } else { base.clone() });
    }
    if num_bits(base).checked_mul(times)? > MAX_BITS {
        return None;
    }
    let raised = RBig::from_parts(base.numerator().pow(times), base.denominator().pow(times));
    if exponent < 0 { invert(&raised) } else { Some(raised) }
}

/// Returns the root of a number that is not below 0, if that is rational.
pub(crate) fn root(of: &RBig, index: u64) -> Option<RBig> {
    let index = usize::try_from(index).ok().filter(|index| *index > 0)?;
    if of.is_negative() || num_bits(of) > MAX_BITS {
        return None;
    }
    let whole_root = |number: &UBig| {
        if number.is_zero() || number.is_one() {
            return Some(number.clone());
        }
        if index >= MAX_BITS {
            return None;
        }
        let root = number.nth_root(index);
        (root.pow(index) == *number).then_some(root)
    };
    let numerator = whole_root(&of.numerator().unsigned_abs())?;
    Some(RBig::from_parts(numerator.into(), whole_root(of.denominator())?))
}

/// Returns the factorial of a whole number, if it is not too long.
pub(crate) fn factorial(of: &RBig) -> Option<RBig> {
    let of = to_u64(of).filter(|of| *of <= MAX_FACTORIAL)?;
    Some(product_of(1, 1, of).into())
}

/// Returns the double factorial of a whole number, if it is not too long.
pub(crate) fn double_factorial(of: &RBig) -> Option<RBig> {
    let of = to_u64(of).filter(|of| *of <= MAX_FACTORIAL)?;
    Some(product_of(2 - of % 2, 2, of).into())
}

/// Returns `n (n - 1) ... (n - k + 1)`, if it is not too long.
pub(crate) fn falling_factorial(of: &RBig, times: &RBig) -> Option<RBig> {
    let times = to_u64(times).filter(|times| *times <= MAX_FACTORIAL)?;
    let mut result = RBig::ONE;
    for index in 0..times {
        result = multiply(&result, &(of - RBig::from(index)))?;
    }
    Some(result)
}

/// Returns the binomial coefficient, if it is not too long.
pub(crate) fn binomial(of: &RBig, choose: &RBig) -> Option<RBig> {
    let mut times = to_i64(choose)?;
    if times < 0 {
        return Some(RBig::ZERO);
    }
    if let Some(whole) = to_i64(of)
        && whole >= 0
    {
        if times > whole {
            return Some(RBig::ZERO);
        }
        times = times.min(whole - times);
    }
    let times = RBig::from(times);
    multiply(&falling_factorial(of, &times)?, &invert(&factorial(&times)?)?)
}

/// Returns the remainder that has the sign of the divisor.
pub(crate) fn modulo(of: &RBig, divisor: &RBig) -> Option<RBig> {
    let quotient = multiply(of, &invert(divisor)?)?;
    add(of, &-multiply(divisor, &quotient.floor().into())?)
}

/// Returns the greatest common divisor of whole numbers.
pub(crate) fn greatest_common_divisor(left: &RBig, right: &RBig) -> Option<RBig> {
    if !left.is_int() || !right.is_int() {
        return None;
    }
    if left.is_zero() || right.is_zero() {
        return Some((left + right).abs());
    }
    Some(left.numerator().unsigned_abs().gcd(right.numerator().unsigned_abs()).into())
}

/// Returns the least common multiple of whole numbers.
pub(crate) fn least_common_multiple(left: &RBig, right: &RBig) -> Option<RBig> {
    if left.is_zero() || right.is_zero() {
        return Some(RBig::ZERO);
    }
    let divisor = greatest_common_divisor(left, right)?;
    Some(multiply(left, &multiply(right, &invert(&divisor)?)?)?.abs())
}

/// Returns a power of ten.
pub(crate) fn power_of_ten(exponent: i64) -> Option<RBig> {
    power(&RBig::from(10), exponent)
}

/// Returns the number times a power of ten, rounded to a whole number, halves to the even one.
pub(crate) fn rounded(of: &RBig, num_decimals: i64) -> Option<IBig> {
    let scaled = multiply(of, &power_of_ten(num_decimals)?)?;
    let below = scaled.floor();
    let twice_the_rest = (scaled - RBig::from(below.clone())) * RBig::from(2);
    let is_odd = below.bit(0);
    Some(match twice_the_rest.cmp(&RBig::ONE) {
        Ordering::Less => below,
        Ordering::Equal if !is_odd => below,
        _ => below + IBig::ONE,
    })
}

/// Returns the whole number that this is, if it fits.
pub(crate) fn to_i64(of: &RBig) -> Option<i64> {
    if of.is_int() { i64::try_from(of.numerator()).ok() } else { None }
}

/// Returns the whole number, not below 0, that this is, if it fits.
pub(crate) fn to_u64(of: &RBig) -> Option<u64> {
    if of.is_int() { u64::try_from(of.numerator()).ok() } else { None }
}

/// Returns the number of bits of numerator or denominator, whichever has more.
pub(crate) fn num_bits(of: &RBig) -> usize {
    of.numerator().bit_len().max(of.denominator().bit_len())
}

/// Returns the number as a ball.
pub(crate) fn to_ball<const N: usize>(of: &RBig) -> Option<Ball<N>> {
    let numerator = whole_ball(&of.numerator().unsigned_abs(), of.is_negative());
    if of.is_int() { Some(numerator) } else { numerator.divide(whole_ball(of.denominator(), false)) }
}

/// Returns the number in a field; nothing where the denominator is a multiple of the prime.
pub(crate) fn to_residue(of: &RBig, field: &Prime) -> Option<Residue> {
    let size = |number: &UBig| match u64::try_from(number) {
        Ok(small) => field.residue(small),
        Err(_) => field.residue(number % field.modulus()),
    };
    let numerator = size(&of.numerator().unsigned_abs());
    let numerator = if of.is_negative() { field.negate(numerator) } else { numerator };
    if of.is_int() {
        return Some(numerator);
    }
    Some(field.multiply(numerator, field.invert(size(of.denominator()))?))
}

fn whole_ball<const N: usize>(size: &UBig, is_negative: bool) -> Ball<N> {
    if let Ok(small) = i64::try_from(size) {
        return Ball::integer(if is_negative { -small } else { small });
    }
    Ball::around(Float::of_bytes(&size.to_le_bytes(), is_negative))
}

fn fits(left: &RBig, right: &RBig) -> bool {
    num_bits(left) + num_bits(right) < MAX_BITS
}

fn product_of(first: u64, step: usize, last: u64) -> UBig {
    (first..=last).step_by(step).fold(UBig::ONE, |product, factor| product * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rational(numerator: i64, denominator: u64) -> RBig {
        RBig::from_parts(numerator.into(), denominator.into())
    }

    #[test]
    fn results_that_would_be_too_long_are_refused() {
        assert_eq!(power(&rational(9, 1), 387_420_489), None);
        assert_eq!(power(&rational(-1, 1), i64::MIN), Some(RBig::ONE));
        assert_eq!(power(&RBig::ZERO, -1), None);
        assert!(factorial(&rational(536, 1)).is_some_and(|value| num_bits(&value) <= MAX_BITS));
        assert_eq!(factorial(&rational(537, 1)), None);
        assert_eq!(binomial(&rational(10_000_000, 1), &rational(5_000_000, 1)), None);
        assert_eq!(root(&rational(2, 1), u64::MAX), None);
    }

    #[test]
    fn functions_of_whole_numbers_follow_their_definitions() {
        assert_eq!(binomial(&rational(10, 1), &rational(7, 1)), Some(rational(120, 1)));
        assert_eq!(binomial(&rational(4, 1), &rational(9, 1)), Some(RBig::ZERO));
        assert_eq!(double_factorial(&rational(7, 1)), Some(rational(105, 1)));
        assert_eq!(double_factorial(&rational(0, 1)), Some(RBig::ONE));
        assert_eq!(modulo(&rational(-7, 1), &rational(3, 1)), Some(rational(2, 1)));
        assert_eq!(greatest_common_divisor(&rational(-12, 1), &rational(18, 1)), Some(rational(6, 1)));
        assert_eq!(least_common_multiple(&rational(4, 1), &rational(6, 1)), Some(rational(12, 1)));
        assert_eq!(root(&rational(8, 27), 3), Some(rational(2, 3)));
        assert_eq!(falling_factorial(&rational(5, 2), &rational(2, 1)), Some(rational(15, 4)));
    }

    #[test]
    fn halves_are_rounded_to_the_even_neighbour() {
        for (numerator, expected) in [(25, 2), (35, 4), (-25, -2), (26, 3), (-14, -1)] {
            assert_eq!(rounded(&rational(numerator, 10), 0), Some(IBig::from(expected)));
        }
        assert_eq!(rounded(&rational(1, 3), 6), Some(IBig::from(333_333)));
        assert_eq!(rounded(&rational(123_456, 1), -3), Some(IBig::from(123)));
    }
}
