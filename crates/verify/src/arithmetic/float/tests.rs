//! Floating-point numbers against machine numbers and against each other.

use proptest::prelude::*;

use super::*;

fn value(number: f64) -> Float<2> {
    Float::of_machine(number)
}

fn check_within(result: (Float<2>, Magnitude), expected: f64) {
    let (float, error) = result;
    let distance = (float.to_machine() - expected).abs();
    assert!(distance <= expected.abs() * 1e-15, "{} is not {expected}", float.to_machine());
    assert!(error.to_machine() <= expected.abs() * 1e-37, "the bound {error:?} is too large for {expected}");
}

proptest! {
    #[test]
    fn operations_agree_with_those_of_machine_numbers(left in -1e9..1e9f64, right in -1e9..1e9f64) {
        prop_assume!(right.abs() > 1e-9 && left.abs() > 1e-9);
        check_within(value(left).multiply(value(right)), left * right);
        check_within(value(left).divide(value(right)).unwrap(), left / right);
        check_within(value(left.abs()).root(), left.abs().sqrt());
        prop_assert_eq!(value(left).floor().to_machine(), left.floor());
        prop_assert_eq!(value(left).cmp(&value(right)), left.total_cmp(&right));
        prop_assert!((value(left).add(value(right)).0.to_machine() - (left + right)).abs() <= 1e-6);
    }

    #[test]
    fn a_product_divided_by_a_factor_is_the_other_within_the_bounds(left in any::<[u64; 4]>(), right in any::<[u64; 4]>()) {
        let left = Float::<4>::normalised(false, 3, left);
        let right = Float::<4>::normalised(true, -9, right);
        prop_assume!(!left.is_zero() && !right.is_zero());
        let (product, first) = left.multiply(right);
        let (quotient, second) = product.divide(right).unwrap();
        let lost = second.add(first.divide(right.lower_bound().unwrap()));
        let distance = quotient.subtract(left).0;
        prop_assert!(distance.magnitude() <= lost.scale(1), "{distance:?} {lost:?}");
        let (root, bound) = left.multiply(left).0.root();
        prop_assert!(root.subtract(left).0.magnitude() <= bound.add(Magnitude::power_of_two(left.exponent() - 254)));
    }

    #[test]
    fn sums_and_differences_of_whole_numbers_are_exact(left in any::<i32>(), right in any::<i32>()) {
        let (sum, error) = Float::<2>::of_integer(left.into()).add(Float::of_integer(right.into()));
        prop_assert_eq!((sum.to_integer(), error.is_zero()), (Some(i64::from(left) + i64::from(right)), true));
        let (product, error) = Float::<2>::of_integer(left.into()).multiply(Float::of_integer(right.into()));
        prop_assert_eq!((product.to_integer(), error.is_zero()), (Some(i64::from(left) * i64::from(right)), true));
    }
}

#[test]
fn whole_numbers_come_from_their_bytes() {
    let (small, error) = Float::<2>::of_bytes(&[0x39, 0x30], false);
    assert_eq!((small.to_integer(), error.is_zero()), (Some(12_345), true));
    let bytes = [7; 40];
    let (large, error) = Float::<2>::of_bytes(&bytes, true);
    assert_eq!(large.exponent(), 315);
    assert!(large.is_negative() && error.exponent() == 193);
}

#[test]
fn machine_numbers_at_the_ends_of_their_range_survive() {
    for number in [f64::MAX, f64::MIN_POSITIVE, 1.0, -3.5] {
        assert_eq!(value(number).to_machine(), number);
    }
    assert_eq!(value(0.0), Float::ZERO);
    assert_eq!(value(5e-324).exponent(), -1_073);
}
