//! Which pairs are equal, tier by tier.

mod hostile;
mod notation;
mod properties;

use super::*;
use crate::fuel::FUEL_PER_COMPARISON;

fn rule(gold: &str, prediction: &str, rules: &ValueRules) -> (Ruling, u32) {
    let (gold_expression, prediction_expression) = (notation::read(gold), notation::read(prediction));
    let mut fuel = Fuel::default();
    let gold = Value::of_root(&gold_expression).unwrap();
    let prediction = Value::of_root(&prediction_expression).unwrap();
    let ruling = equal(gold, prediction, rules, &mut fuel);
    assert!(fuel.spent() <= FUEL_PER_COMPARISON);
    (ruling, fuel.spent())
}

/// Checks pairs in both directions, each with the verdict and, unless it is empty, the method that decides.
fn check(rules: &ValueRules, verdict: Verdict, method: &str, pairs: &[(&str, &str)]) {
    for (gold, prediction) in pairs {
        for (gold, prediction) in [(gold, prediction), (prediction, gold)] {
            let (ruling, _) = rule(gold, prediction, rules);
            assert_eq!(ruling.verdict, verdict, "`{gold}` against `{prediction}`: {ruling:?}");
            assert!(method.is_empty() || ruling.method == method, "`{gold}` against `{prediction}`: {ruling:?}");
        }
    }
}

fn check_equal(method: &str, pairs: &[(&str, &str)]) {
    check(&ValueRules::reward(), Verdict::Equal, method, pairs);
}

fn check_different(method: &str, pairs: &[(&str, &str)]) {
    check(&ValueRules::reward(), Verdict::Different, method, pairs);
}

#[test]
fn what_differs_in_order_grouping_and_names_alone_is_one_term() {
    check_equal(
        "structure",
        &[
            ("x + y + 1", "1 + (y + x)"),
            ("2*sqrt(3)", "sqrt(3)*2"),
            ("x/y", "x*y^(-1)"),
            ("tan(x)", "sin(x)/cos(x)"),
            ("e^x", "exp(x)"),
            ("sqrt(x)", "x^(1/2)"),
            ("X", "x"),
            ("-(a-b)", "b-a"),
            ("sum(1/k^2, k, 1, inf)", "sum(1/n^2, n, 1, inf)"),
            ("int(sin(t), t, 0, x)", "int(sin(u), u, 0, x)"),
            ("sum(sum(j*k, j, 1, k), k, 1, m)", "sum(sum(k*j, k, 1, j), j, 1, m)"),
            ("diff(x^3, x, 1)", "3*x^3*x^(-1)"),
        ],
    );
}

#[test]
fn rationals_are_compared_exactly() {
    check_equal(
        "structure",
        &[
            ("1/2", "2/4"),
            ("mixed(2, 1/2)", "5/2"),
            ("percent(50)", "1/2"),
            ("9^(1/2)", "3"),
            ("root(-8, 3)", "-2"),
            ("binom(10, 3)", "120"),
            ("fact(5)", "120"),
            ("gcd(12, 18)", "6"),
            ("lcm(4, 6)", "12"),
            ("mod(-7, 3)", "2"),
            ("floor(-7/2)", "-4"),
            ("base(204, 5)", "54"),
            ("repeating(0.1, 6)", "1/6"),
            ("repeating(0, 9)", "1"),
            ("max(1, 7/2, 3)", "7/2"),
        ],
    );
    check_different(
        "exact",
        &[("1/2", "1/3"), ("2^100", "2^100 + 1"), ("1/fact(204)", "1/fact(206)"), ("2^(-99)", "2^(-98)")],
    );
}

#[test]
fn decimals_are_rounded_and_small_ones_are_not_lost() {
    check_equal(
        "",
        &[
            ("1/3", "0.333333"),
            ("2/3", "0.6666667"),
            ("0.5", "1/2"),
            ("pi", "3.141593"),
            ("sqrt(2)", "1.4142136"),
            ("100", "100.0000001"),
            ("1.5*10^(-20)", "0.000000000000000000015"),
            ("sin(degree(30))", "0.5"),
            ("2.5*sqrt(4)", "5"),
        ],
    );
    check_different(
        "",
        &[
            ("1/3", "0.3333"),
            ("pi", "3.1416"),
            ("0.0000001", "0.0000002"),
            ("10.0^(-20)", "2.0*10.0^(-20)"),
            ("0", "0.0000000001"),
            ("0.5", "0.500001"),
            ("percent(9.5)", "9.5"),
        ],
    );
    let parity = ValueRules::math_verify();
    check(&parity, Verdict::Different, "", &[("100", "100.0000001")]);
    check(&parity, Verdict::Equal, "", &[("1/2", "0.5000001"), ("0.0000001", "0.0000002")]);
    let two_places = ValueRules { num_decimals: 2, ..ValueRules::reward() };
    check(&two_places, Verdict::Equal, "", &[("1/3", "0.33"), ("pi", "3.14")]);
    let tolerant = ValueRules { relative_tolerance: Some(0.05), ..ValueRules::reward() };
    assert_eq!(rule("100", "105", &tolerant).0.verdict, Verdict::Equal);
    assert_eq!(rule("100", "105.1", &tolerant).0.verdict, Verdict::Different);
    assert_eq!(rule("pi", "3", &tolerant).0.verdict, Verdict::Equal);
}

#[test]
fn rational_functions_are_compared_by_residues() {
    check_equal(
        "residues",
        &[
            ("(x+1)^2", "x^2 + 2*x + 1"),
            ("(x^2-1)/(x-1)", "x+1"),
            ("(a+b)*(a-b)", "a^2-b^2"),
            ("1/x + 1/y", "(x+y)/(x*y)"),
            ("(1+2*i)*(3-i)", "5+5*i"),
            ("1/(1+i)", "(1-i)/2"),
            ("x^1000000*x", "x^1000001"),
            ("2^(10^9)*2", "2^(10^9+1)"),
            ("sum(k, k, 1, 100)", "5050"),
            ("sum(k^2, k, 1, 4000)", "4000*4001*8001/6"),
            ("prod(k, k, 1, 10)", "3628800"),
            ("pi*(pi+1)", "pi^2+pi"),
            ("apply(f, x*(x+1))", "apply(f, x^2+x)"),
            ("diff(x^2*y, x, 2)", "2*y"),
        ],
    );
    check_different(
        "residues",
        &[
            ("(x+1)^2", "x^2 + 1"),
            ("x", "y"),
            ("pi", "22/7"),
            ("2^(10^9)", "2^(10^9)+1"),
            ("9^(9^(9^9))", "9^(9^(9^8))"),
            ("x + 10^(-40)", "x"),
            ("apply(f, x)", "apply(f, x+1)"),
            ("apply(f, x)", "apply(g, x)"),
            ("2^6100", "1"),
        ],
    );
}

#[test]
fn functions_are_compared_by_their_values() {
    check_equal(
        "",
        &[
            ("sin(x)^2 + cos(x)^2", "1"),
            ("sin(2*x)", "2*sin(x)*cos(x)"),
            ("1/sqrt(2)", "sqrt(2)/2"),
            ("sqrt(3+2*sqrt(2))", "1+sqrt(2)"),
            ("sqrt(x^2)", "abs(x)"),
            ("ln(x^3/y)", "3*ln(x)-ln(y)"),
            ("ln(a^3/b)", "3*ln(a)-ln(b)"),
            ("sqrt(-x^2-1)", "i*sqrt(x^2+1)"),
            ("log(8, 2)", "3"),
            ("log(1000)", "3"),
            ("e^(i*pi)", "-1"),
            ("abs(3+4*i)", "5"),
            ("cosh(x)^2 - sinh(x)^2", "1"),
            ("arctan(1)", "pi/4"),
            ("arcsin(1/2)", "pi/6"),
            ("arccos(-1)", "pi"),
            ("tan(pi/3)", "sqrt(3)"),
            ("2^x*2^y", "2^(x+y)"),
            ("arsinh(x)", "ln(x+sqrt(x^2+1))"),
            ("root(x, 3)", "x^(1/3)"),
            ("fact(n+1)", "(n+1)*fact(n)"),
            ("binom(n, 2)", "n*(n-1)/2"),
            ("sum(k, k, 1, n)", "n*(n+1)/2"),
            ("sum(x^k, k, 0, 3)", "1+x+x^2+x^3"),
            ("sqrt(2*10^100)", "10^50*sqrt(2)"),
            ("e^1000*e^x", "e^(1000+x)"),
            ("sum(k^2, k, 1, n)", "n*(n+1)*(2*n+1)/6"),
            ("diff(sin(x)*x, x, 1)", "sin(x)+x*cos(x)"),
            ("at(x^2, x, 1, sqrt(2))", "1"),
            ("lim(x^2 + sin(x), x, 0)", "0"),
            ("log(10^(10^10))", "10^10"),
            ("floor(log(8, 2))", "3"),
            ("arg(1+i)", "pi/4"),
            ("fact(1000)/fact(999)", "1000"),
            ("apply(f, sin(x)^2)", "apply(f, sin(x)*sin(x))"),
        ],
    );
    check_equal("infinity", &[("2*inf", "inf")]);
}

#[test]
fn functions_with_other_values_are_different() {
    check_different(
        "",
        &[
            ("sqrt(x^2)", "x"),
            ("sin(2*x)", "2*sin(x)"),
            ("sqrt(2)", "sqrt(3)"),
            ("4", "4*sqrt(2)"),
            ("1 - 1/e", "1 + 1/e"),
            ("e^(pi*sqrt(163))", "262537412640768744"),
            ("1/fact(2004)", "1/fact(2006)"),
            ("fact(10000000)", "fact(10000001)"),
            ("sqrt(-x^2-1)", "x"),
            ("sqrt(-x^2-1)", "sqrt(-x^2-2)"),
            ("x^fact(x)", "x^fact(x)+1"),
            ("sin(10^(-50))", "0"),
            ("e^(-400)", "e^(-401)"),
            ("log(x)", "ln(x)"),
            ("inf", "-inf"),
            ("inf", "7"),
            ("sum(sin(k), k, 1, 9000)", "1"),
        ],
    );
}

#[test]
fn what_is_undefined_is_undecided() {
    check(
        &ValueRules::reward(),
        Verdict::Undecided,
        "",
        &[("1/0", "2"), ("ln(0)", "x"), ("union(x, y)", "union(x, z) + sum(k, k, 1, inf)*0^(-1)")],
    );
    check(
        &ValueRules::reward(),
        Verdict::Undecided,
        "",
        &[("int(e^(x^2), x, 0, 1)", "2"), ("sum(1/k^2, k, 1, inf)", "pi^2/6")],
    );
}

#[test]
fn rules_say_what_degrees_logarithms_and_letters_mean() {
    let strict = ValueRules::strict();
    check(&strict, Verdict::Equal, "", &[("degree(90)", "pi/2")]);
    check(&strict, Verdict::Different, "", &[("A", "a")]);
    check_equal("structure", &[("degree(90)", "90"), ("sin(degree(90))", "sin(pi/2)"), ("A_1", "a_1")]);
    let natural = ValueRules { logarithm_base: LogarithmBase::E, ..ValueRules::reward() };
    check(&natural, Verdict::Equal, "structure", &[("log(x)", "ln(x)")]);
}

fn proportion(gold: (&str, &str), prediction: (&str, &str)) -> Proportion {
    let expressions = [gold.0, gold.1, prediction.0, prediction.1].map(notation::read);
    let [first, second, third, fourth] = expressions.each_ref().map(|expression| Value::of_root(expression).unwrap());
    proportional((first, second), (third, fourth), &ValueRules::reward(), &mut Fuel::default())
}

#[test]
fn differences_are_proportional_by_a_factor_with_a_sign() {
    assert_eq!(proportion(("2*x", "6"), ("x", "3")), Proportion::Positive);
    assert_eq!(proportion(("y", "2*x+1"), ("2*x - y + 1", "0")), Proportion::Negative);
    assert_eq!(proportion(("x", "3"), ("x", "4")), Proportion::Different);
    assert_eq!(proportion(("x", "x"), ("y", "y")), Proportion::BothZero);
    assert_eq!(proportion(("x", "x"), ("y", "1")), Proportion::Different);
    assert_eq!(proportion(("x^2", "1"), ("x", "1")), Proportion::Different);
    assert_eq!(proportion(("sqrt(2)*sin(x)", "1"), ("2*sin(x)", "sqrt(2)")), Proportion::Positive);
    assert_eq!(proportion(("sin(x)^2", "1"), ("cos(x)^2", "0")), Proportion::Negative);
    assert_eq!(proportion(("sin(x)^2+cos(x)^2", "1"), ("tan(x)*cos(x)", "sin(x)")), Proportion::BothZero);
    assert_eq!(proportion(("ln(x)", "1"), ("ln(x)", "2")), Proportion::Different);
    assert_eq!(proportion(("i*x", "0"), ("x", "0")), Proportion::Unsigned);
    assert_eq!(proportion(("x", "e^100"), ("x", "2*e^100")), Proportion::Different);
    let huge = proportion(("x", "e^400"), ("x", "2*e^400"));
    assert!(matches!(huge, Proportion::Undecided(_)), "{huge:?}");
}

#[test]
fn constants_are_estimated() {
    let about = |source: &str| {
        let expression = notation::read(source);
        estimate(Value::of_root(&expression).unwrap(), &ValueRules::reward(), &mut Fuel::default())
    };
    let root = about("sqrt(2)").unwrap();
    assert!((root.real - std::f64::consts::SQRT_2).abs() < 1e-15 && root.imaginary == 0.0 && root.error < 1e-15);
    assert_eq!(about("-inf").map(|value| value.real), Some(f64::NEG_INFINITY));
    assert_eq!(about("x"), None);
    assert_eq!(about("1/0"), None);
}

#[test]
fn free_variables_are_those_that_nothing_binds() {
    let expression = notation::read("sum(k*x, k, 1, n) + apply(f, y)");
    assert_eq!(variables(Value::of_root(&expression).unwrap()), ["x", "n", "y"]);
}
