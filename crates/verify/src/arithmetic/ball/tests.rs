//! Balls against machine numbers, and identities that their enclosures must hold.

use proptest::prelude::*;

use super::*;

fn ball<const N: usize>(number: f64) -> Ball<N> {
    Ball::exact(Float::of_machine(number))
}

/// Checks that a result encloses a number that is known to machine precision, and is itself known to nearly all bits.
fn check<const N: usize>(result: Ball<N>, expected: f64) {
    let distance = (result.middle().to_machine() - expected).abs();
    assert!(distance <= expected.abs().max(1e-3) * 4e-15, "{} is not {expected}", result.middle().to_machine());
    let spare = if N == 2 { 105 } else { 228 };
    assert!(result.radius().exponent() < -spare + result.magnitude().exponent().max(0), "{result:?}");
}

proptest! {
    #[test]
    fn functions_agree_with_those_of_machine_numbers(number in -40.0..40.0f64) {
        check(ball::<2>(number).exponential().unwrap(), number.exp());
        check(ball::<4>(number).exponential().unwrap(), number.exp());
        check(ball::<2>(number).sine_and_cosine().unwrap().0, number.sin());
        check(ball::<4>(number).sine_and_cosine().unwrap().1, number.cos());
        check(ball::<2>(number).arctangent().unwrap(), number.atan());
        check(ball::<4>(number).arctangent().unwrap(), number.atan());
        check(ball::<2>(number.abs() + 1e-9).logarithm().unwrap(), (number.abs() + 1e-9).ln());
        check(ball::<4>(number.abs() + 1e-9).logarithm().unwrap(), (number.abs() + 1e-9).ln());
    }

    #[test]
    fn both_lengths_enclose_the_same_number(number in -300.0..300.0f64) {
        let narrow = ball::<2>(number).exponential().unwrap();
        let wide = ball::<4>(number).exponential().unwrap();
        let round_trip = wide.logarithm().unwrap();
        prop_assert!(round_trip.overlaps(&ball(number)), "{round_trip:?}");
        prop_assert!(narrow.logarithm().unwrap().overlaps(&ball(number)));
        let (sine, cosine) = ball::<4>(number).sine_and_cosine().unwrap();
        let one = sine.multiply(sine).unwrap().add(cosine.multiply(cosine).unwrap());
        prop_assert!(one.overlaps(&Ball::ONE), "{one:?}");
        let doubled = ball::<4>(2.0 * number).sine_and_cosine().unwrap().0;
        prop_assert!(doubled.overlaps(&sine.multiply(cosine).unwrap().scale(1)));
        let (sine, cosine) = ball::<2>(number).sine_and_cosine().unwrap();
        let tangent = sine.divide(cosine).unwrap();
        let angle = tangent.arctangent().unwrap();
        let turns = ball::<2>(number).subtract(angle).divide(Ball::pi()).unwrap();
        prop_assert!(turns.nearest_integer().is_some(), "{turns:?}");
    }
}

#[test]
fn constants_agree_with_their_functions() {
    let quarter = Ball::<4>::ONE.arctangent().unwrap().scale(2);
    assert!(quarter.overlaps(&Ball::pi()) && quarter.radius().exponent() < -240);
    let two = Ball::<4>::integer(2).logarithm().unwrap();
    assert!(two.overlaps(&Ball::around(Float::ln_2())));
    let sine = Ball::<4>::pi().sine_and_cosine().unwrap().0;
    assert!(sine.may_be_zero() && sine.radius().exponent() < -245, "{sine:?}");
}

#[test]
fn results_beyond_every_range_are_refused() {
    let large = Ball::<2>::exact(Float::ONE.scale(1 << 59));
    assert!(
        large.multiply(large).is_some_and(|product| product.multiply(product).is_none())
            || large.multiply(large).is_none()
    );
    assert_eq!(large.exponential(), None);
    assert_eq!(large.sine_and_cosine(), None);
    assert_eq!(Ball::<2>::ONE.divide(Ball::ZERO), None);
    assert_eq!(Ball::<2>::ZERO.logarithm(), None);
}
