//! The comparison of numbers one of which is written with decimals: after rounding.
//!
//! Both are rounded to `p` decimal places, halves to even, from their exact values or from enclosures that round to one result. Where
//! both are small beside those places, that would call different numbers equal; then they are rounded to `p` digits of the larger.

use dashu_base::Abs;
use dashu_ratio::RBig;

use super::lowering::Lowered;
use super::rules::{IntegerAgainstDecimal, SmallValues, ValueRules};
use super::{Ruling, decided};
use crate::Verdict;
use crate::arithmetic::ball::Ball;
use crate::arithmetic::complex::Complex;
use crate::arithmetic::float::Float;
use crate::arithmetic::rational;

/// A tolerance is taken to be meant in decimals: what it may be too small by as a machine number.
const SLACK: f64 = 1.0 + 1e-12;

/// How many digits above the last place a number must have not to be small.
const NUM_SPARE_DIGITS: i64 = 3;

/// The power of two below which ten to a power is: log2(10) in units of 2^-32.
const BITS_PER_DIGIT: i128 = 14_267_572_528;

/// What is beyond the bounds of exact numbers and of those with bounds.
const UNKNOWN: Ruling = super::undecided("rounding", "the numbers are beyond what can be rounded");

/// Compares rationals, exactly unless one is written with decimals.
pub(super) fn of_rationals(
    (left, gold): (&RBig, Lowered),
    (right, prediction): (&RBig, Lowered),
    rules: &ValueRules,
) -> Ruling {
    if left == right {
        return decided(Verdict::Equal, "exact", "both are the same rational number");
    }
    let by_bounds = || {
        let (left, right) = (rational::to_ball::<4>(left)?, rational::to_ball::<4>(right)?);
        of_numbers(Complex::of_real(left), Complex::of_real(right), rules)
    };
    if rules.relative_tolerance.is_some() {
        return by_bounds().unwrap_or(UNKNOWN);
    }
    let is_whole_against_decimal =
        |whole: &RBig, is_decimal: bool, other: Lowered| whole.is_int() && !is_decimal && other.has_decimals;
    let is_exact = rules.integer_against_decimal == IntegerAgainstDecimal::Exact
        && (is_whole_against_decimal(left, gold.has_decimals, prediction)
            || is_whole_against_decimal(right, prediction.has_decimals, gold));
    if is_exact || !(gold.has_decimals || prediction.has_decimals) {
        return different();
    }
    let (Some(first), Some(second)) =
        (rational::to_ball::<2>(&left.clone().abs()), rational::to_ball::<2>(&right.clone().abs()))
    else {
        return UNKNOWN;
    };
    let places = num_decimals(first.magnitude().exponent().max(second.magnitude().exponent()), rules);
    match (rational::rounded(left, places), rational::rounded(right, places)) {
        (Some(left), Some(right)) if left == right => {
            decided(Verdict::Equal, "rounding", "both round to the same decimal")
        }
        (Some(_), Some(_)) => different(),
        // Too long to be rounded exactly.
        _ => by_bounds().unwrap_or(UNKNOWN),
    }
}

/// Compares numbers that are known up to bounds; nothing where the bounds leave open how one is rounded.
pub(super) fn of_numbers<const N: usize>(left: Complex<N>, right: Complex<N>, rules: &ValueRules) -> Option<Ruling> {
    if let Some(tolerance) = rules.relative_tolerance {
        let difference = left.subtract(right).modulus()?;
        return within_distance(difference, left.modulus()?, tolerance);
    }
    let size = |number: &Complex<N>| number.real.magnitude().max(number.imaginary.magnitude()).exponent();
    let places = num_decimals(size(&left).max(size(&right)), rules);
    let scale = rational::to_ball(&rational::power_of_ten(places)?)?;
    for (left, right) in [(left.real, right.real), (left.imaginary, right.imaginary)] {
        if rounded(left.multiply(scale)?)? != rounded(right.multiply(scale)?)? {
            return Some(different());
        }
    }
    Some(decided(Verdict::Equal, "rounding", "both round to the same decimal"))
}

/// Returns how many decimal places are kept of numbers below a power of two.
fn num_decimals(exponent: i64, rules: &ValueRules) -> i64 {
    let places = i64::from(rules.num_decimals);
    if rules.small_values == SmallValues::Rounded || exponent == i64::MIN {
        return places;
    }
    // 10^(digits - 1) <= the number, but where it is close to a power of ten.
    let digits = (i128::from(exponent) << 32).div_euclid(BITS_PER_DIGIT) as i64 + 1;
    if digits > NUM_SPARE_DIGITS - places { places } else { places - digits }
}

/// Returns the nearest whole number, if that is certain.
fn rounded<const N: usize>(number: Ball<N>) -> Option<Float<N>> {
    let shifted = number.add(Ball::ONE.scale(-1));
    let nearest = shifted.middle().floor();
    // The enclosure stays within [nearest, nearest + 1).
    let above = shifted.subtract(Ball::exact(nearest));
    let below = Ball::ONE.subtract(above);
    let is_certain = (above.is_positive() || above.is_zero()) && below.is_positive();
    is_certain.then_some(nearest)
}

fn within_distance<const N: usize>(distance: Ball<N>, gold: Ball<N>, tolerance: f64) -> Option<Ruling> {
    let allowed = gold.multiply(Ball::exact(Float::of_machine(tolerance.abs().min(1e300) * SLACK)))?;
    Some(if allowed.subtract(distance).is_negative() {
        decided(Verdict::Different, "tolerance", "the difference is beyond the tolerance")
    } else {
        decided(Verdict::Equal, "tolerance", "the difference is within the tolerance")
    })
}

fn different() -> Ruling {
    decided(Verdict::Different, "exact", "they are different numbers")
}
