//! Expressions made to take for ever: each ends within the fuel, decided or undecided but never wrongly equal.

use super::{check, check_different, rule};
use crate::Verdict;
use crate::equality::ValueRules;

#[test]
fn towers_and_huge_numbers_end_with_little_work() {
    let pairs = [
        ("9^(9^(9^9))", "9^(9^(9^8))"),
        ("binom(10^7, 5*10^6)", "binom(10^7, 5*10^6+1)"),
        ("2^(10^9)", "2^(10^9)+1"),
        ("mod(7^(10^12), 13)", "8"),
        ("fact(10^9)", "fact(10^9+1)"),
        ("fact(fact(fact(9)))", "1"),
        ("log(log(10^(10^10)))", "9"),
        ("sum(k^2*sin(k), k, 1, 10^9)", "1"),
        ("prod(k, k, 1, 10^6)", "1"),
        ("sum(sum(sum(sum(sum(j*k*l*m*n, j, 1, 99), k, 1, 99), l, 1, 99), m, 1, 99), n, 1, 99)", "1"),
        ("x^(x^(x^(x^(x^x))))", "x^(x^(x^(x^x)))"),
        ("sin(10^(10^10))", "0"),
        ("e^(e^(e^(e^e)))", "1"),
        ("10^(10^(10^(10^(10^10))))", "1"),
        ("9^(9^(9^(9^(9^9))))", "9^(9^(9^(9^(9^8))))"),
        ("int(e^(-x^2)*sin(x^x), x, 0, 1)", "1"),
        ("diff(x^(x^x), x, 8)", "1"),
        ("root(2, 10^18)", "1"),
    ];
    for (gold, prediction) in pairs {
        let (ruling, spent) = rule(gold, prediction, &ValueRules::reward());
        assert_ne!(ruling.verdict, Verdict::Equal, "`{gold}` against `{prediction}`: {ruling:?} after {spent}");
    }
    check_different("", &pairs[..3]);
}

#[test]
fn what_is_huge_is_equal_to_itself() {
    for source in ["9^(9^(9^(9^9)))", "binom(10^7, 5*10^6)", "sum(k^2*sin(k), k, 1, 10^9)", "log(10^(10^10))", "1/0"] {
        check(&ValueRules::reward(), Verdict::Equal, "structure", &[(source, source)]);
    }
}

#[test]
fn long_numerals_are_read_to_the_last_digit() {
    let long = "7".repeat(5_000);
    check_different("", &[(&long, &format!("{}8", &long[1..]))]);
    let longer = "7".repeat(100_000);
    check(&ValueRules::reward(), Verdict::Equal, "structure", &[(&longer, &longer)]);
    check(&ValueRules::reward(), Verdict::Different, "", &[(&longer, &format!("{}8", &longer[1..]))]);
}

#[test]
fn long_sums_of_fractions_end() {
    let sum =
        |last: u32| (1..=last).map(|index| format!("1/{}", 1_000_003 + 2 * index)).collect::<Vec<_>>().join(" + ");
    let (ruling, _) = rule(&sum(60), &sum(59), &ValueRules::reward());
    assert_eq!(ruling.verdict, Verdict::Different);
    let roots = (1..=60).map(|index| format!("sqrt(x+{index})")).collect::<Vec<_>>();
    let (ruling, _) = rule(&roots.join(" + "), &roots[1..].join(" + "), &ValueRules::reward());
    assert_eq!(ruling.verdict, Verdict::Different);
}
