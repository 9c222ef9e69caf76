//! Factorials of whole numbers of any size, by products and by Stirling's series.

use super::ball::Ball;

/// Below this, factors are multiplied.
const FIRST_OF_SERIES: i64 = 256;

/// The largest argument whose factorial is in range.
const MAX_ARGUMENT: i64 = 1 << 40;

/// The Bernoulli numbers of the even indices from 2 on, as fractions.
const BERNOULLI: [(i64, i64); 17] = [
    (1, 6),
    (-1, 30),
    (1, 42),
    (-1, 30),
    (5, 66),
    (-691, 2_730),
    (7, 6),
    (-3_617, 510),
    (43_867, 798),
    (-174_611, 330),
    (854_513, 138),
    (-236_364_091, 2_730),
    (8_553_103, 6),
    (-23_749_461_029, 870),
    (8_615_841_276_005, 14_322),
    (-7_709_321_041_217, 510),
    (2_577_687_858_367, 6),
];

/// Returns the factorial of a whole number; nothing below 0 and far out of range.
pub(crate) fn factorial<const N: usize>(of: i64) -> Option<Ball<N>> {
    if !(0..MAX_ARGUMENT).contains(&of) {
        return None;
    }
    if of >= FIRST_OF_SERIES {
        return stirling(of);
    }
    (2..=of).try_fold(Ball::ONE, |product, factor| product.multiply(Ball::integer(factor)))
}

/// Returns `n! = sqrt(2 π n) (n / e)^n e^(B2 / (1 2 n) + B4 / (3 4 n^3) + ...)`. The series is cut after the terms whose numbers are
/// known; what is left is no larger than the first term left out (DLMF 5.11.8), which for `n >= 256` is less than `2^-230`.
fn stirling<const N: usize>(of: i64) -> Option<Ball<N>> {
    let argument = Ball::<N>::integer(of);
    let logarithm = argument.logarithm()?;
    let turn = Ball::pi().scale(1).multiply(argument)?.logarithm()?.scale(-1);
    let mut sum = argument.multiply(logarithm.subtract(Ball::ONE))?.add(turn);
    let mut power = argument;
    let square = argument.multiply(argument)?;
    let mut term = Ball::ZERO;
    for (index, (numerator, denominator)) in (1..).zip(BERNOULLI) {
        let divisor = Ball::integer(denominator * 2 * index * (2 * index - 1)).multiply(power)?;
        term = Ball::integer(numerator).divide(divisor)?;
        sum = sum.add(term);
        power = power.multiply(square)?;
    }
    // The first term left out is smaller than the last one taken.
    sum.widen(term.magnitude()).exponential()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_continues_the_products() {
        let first = stirling::<4>(300).unwrap();
        let product = (257..=300)
            .fold(stirling::<4>(256).unwrap(), |product, factor| product.multiply(Ball::integer(factor)).unwrap());
        assert!(first.overlaps(&product), "{first:?} {product:?}");
        let exact = (2..=300).fold(Ball::<4>::ONE, |product, factor| product.multiply(Ball::integer(factor)).unwrap());
        assert!(first.overlaps(&exact));
        assert!(first.radius().exponent() < first.magnitude().exponent() - 190);
    }

    #[test]
    fn arguments_out_of_range_have_none() {
        assert_eq!(factorial::<2>(-1), None);
        assert_eq!(factorial::<2>(i64::MAX), None);
        assert_eq!(factorial::<2>(5).and_then(|value| value.middle().to_integer()), Some(120));
        assert!(factorial::<2>(1_000_000_000).is_some());
    }
}
