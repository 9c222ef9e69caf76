//! Functions of complex numbers with error bounds.

use std::cmp::Ordering;

use crate::arithmetic::ball::Ball;
use crate::arithmetic::complex::Complex;
use crate::arithmetic::factorial::factorial;
use crate::arithmetic::float::Float;
use crate::expression::Operator;

/// How close to a whole number a value must be to count as one for functions with jumps, as a power of two. It lies between the two
/// precisions: a value of 128 bits is never known so well and has to be exact, while one of 256 bits is, with a hundred bits to spare for
/// what its computation lost; the chance that one that is no whole number is so close is 2^-150.
const NEARNESS_EXPONENT: i64 = -150;

/// Returns the value of a function.
pub(super) fn apply<const N: usize>(operator: Operator, values: &[Complex<N>]) -> Option<Complex<N>> {
    match *values {
        [value] => of_one(operator, value),
        [left, right] => of_two(operator, left, right),
        _ => of_many(operator, values),
    }
}

fn of_one<const N: usize>(operator: Operator, value: Complex<N>) -> Option<Complex<N>> {
    let of_real = Complex::of_real;
    match operator {
        Operator::Exp => value.exponential(),
        Operator::Ln => value.logarithm(),
        Operator::Sin => Some(value.sine_and_cosine()?.0),
        Operator::Cos => Some(value.sine_and_cosine()?.1),
        Operator::Arcsin => value.arcsine(),
        Operator::Arccos => value.arccosine(),
        Operator::Arctan => value.arctangent(),
        Operator::Arsinh => value.hyperbolic_arcsine(),
        Operator::Arcosh => value.hyperbolic_arccosine(),
        Operator::Artanh => value.hyperbolic_arctangent(),
        Operator::Abs => value.modulus().map(of_real),
        Operator::Floor => floor(value),
        Operator::Ceiling => Some(floor(value.negate())?.negate()),
        Operator::Factorial => factorial(value.to_integer()?).map(of_real),
        Operator::Conjugate => Some(value.conjugate()),
        Operator::RealPart => Some(of_real(value.real)),
        Operator::ImaginaryPart => Some(of_real(value.imaginary)),
        Operator::Argument => value.argument().map(of_real),
        Operator::Sign => sign(value.to_real()?),
        Operator::Max | Operator::Min | Operator::Gcd | Operator::Lcm => of_many(operator, &[value]),
        _ => None,
    }
}

fn of_two<const N: usize>(operator: Operator, left: Complex<N>, right: Complex<N>) -> Option<Complex<N>> {
    match operator {
        Operator::Modulo => {
            let quotient = floor(left.divide(right)?)?;
            Some(left.subtract(right.multiply(quotient)?))
        }
        Operator::Binomial => {
            let (of, choose) = (left.to_integer()?, right.to_integer()?);
            if of < 0 || choose < 0 || choose > of {
                return (choose < 0 || of >= 0).then_some(Complex::ZERO);
            }
            let divisor = factorial(choose)?.multiply(factorial(of - choose)?)?;
            factorial(of)?.divide(divisor).map(Complex::of_real)
        }
        Operator::FallingFactorial => {
            let (of, times) = (left.to_integer()?, right.to_integer()?);
            if times < 0 || times > of {
                return None;
            }
            factorial(of)?.divide(factorial(of - times)?).map(Complex::of_real)
        }
        _ => of_many(operator, &[left, right]),
    }
}

fn of_many<const N: usize>(operator: Operator, values: &[Complex<N>]) -> Option<Complex<N>> {
    match operator {
        Operator::Max | Operator::Min => {
            let wanted = if operator == Operator::Max { Ordering::Greater } else { Ordering::Less };
            let mut values = values.iter().map(|value| value.to_real());
            let mut best = values.next()??;
            for value in values {
                let value = value?;
                if order(&value, &best)? == wanted {
                    best = value;
                }
            }
            Some(Complex::of_real(best))
        }
        Operator::Gcd | Operator::Lcm => {
            let mut result: Option<u64> = None;
            for value in values {
                let value = value.to_integer()?.unsigned_abs();
                result = Some(match (result, operator) {
                    (None, _) => value,
                    (Some(known), Operator::Gcd) => greatest_common_divisor(known, value),
                    (Some(0), _) => 0,
                    (Some(known), _) => (known / greatest_common_divisor(known, value)).checked_mul(value)?,
                });
            }
            Some(Complex::of_real(Ball::integer(i64::try_from(result?).ok()?)))
        }
        _ => None,
    }
}

/// Returns how two numbers compare, unless they may be equal without being known to be.
pub(in crate::equality) fn order<const N: usize>(left: &Ball<N>, right: &Ball<N>) -> Option<Ordering> {
    let difference = left.subtract(*right);
    if difference.is_zero() || left == right {
        Some(Ordering::Equal)
    } else if difference.is_positive() {
        Some(Ordering::Greater)
    } else if difference.is_negative() {
        Some(Ordering::Less)
    } else {
        None
    }
}

fn floor<const N: usize>(value: Complex<N>) -> Option<Complex<N>> {
    let value = value.to_real()?;
    if let Some(nearest) = value.nearest_integer() {
        let is_known = value.is_exact() || value.radius().exponent() < NEARNESS_EXPONENT;
        return is_known.then(|| Complex::of_real(Ball::exact(nearest)));
    }
    if value.radius().exponent() > -2 {
        return None;
    }
    Some(Complex::of_real(Ball::exact(value.middle().floor())))
}

fn sign<const N: usize>(value: Ball<N>) -> Option<Complex<N>> {
    let sign = order(&value, &Ball::ZERO)? as i64;
    Some(Complex::of_real(Ball::exact(Float::of_integer(sign))))
}

const fn greatest_common_divisor(mut left: u64, mut right: u64) -> u64 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}
