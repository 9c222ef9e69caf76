//! Properties of the decision, over random expressions.

use dashu_ratio::RBig;
use proptest::prelude::*;

use super::rule;
use crate::Verdict;
use crate::equality::ValueRules;

/// Any expression over two variables.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (1..20i32).prop_map(|number| number.to_string()),
        (1..200i32).prop_map(|number| format!("{}.{:02}", number / 100, number % 100)),
        Just("x".to_owned()),
        Just("y".to_owned()),
        Just("pi".to_owned()),
        Just("e".to_owned()),
        Just("i".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 2, |inner| {
        prop_oneof![
            (inner.clone(), "[-+*/]", inner.clone()).prop_map(|(left, sign, right)| format!("({left}){sign}({right})")),
            (inner.clone(), -3..4i32).prop_map(|(base, exponent)| format!("({base})^({exponent})")),
            (inner.clone(), inner.clone()).prop_map(|(base, exponent)| format!("({base})^({exponent})")),
            ("sqrt|sin|cos|tan|ln|exp|abs|arctan|arcsin|floor|fact|conj|arg|cosh|sign", inner)
                .prop_map(|(name, of)| format!("{name}({of})")),
        ]
    })
}

/// A rational expression and its exact value, if it has one.
fn rational() -> impl Strategy<Value = (String, Option<RBig>)> {
    let leaf = (0..30i64).prop_map(|number| (number.to_string(), Some(RBig::from(number))));
    leaf.prop_recursive(4, 16, 2, |inner| {
        (inner.clone(), "[-+*/]", inner).prop_map(|((left, first), sign, (right, second))| {
            let value = first.zip(second).and_then(|(first, second)| match sign.as_str() {
                "+" => Some(first + second),
                "-" => Some(first - second),
                "*" => Some(first * second),
                _ => (!second.is_zero()).then(|| first / second),
            });
            (format!("({left}){sign}({right})"), value)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_expression_is_equal_to_itself(source in expression()) {
        let rules = ValueRules::reward();
        prop_assert_eq!(rule(&source, &source, &rules).0.verdict, Verdict::Equal);
    }

    #[test]
    fn verdicts_are_symmetric_and_can_be_repeated(left in expression(), right in expression()) {
        let rules = ValueRules::reward();
        let first = rule(&left, &right, &rules);
        prop_assert_eq!(first, rule(&left, &right, &rules));
        prop_assert_eq!(first.0.verdict, rule(&right, &left, &rules).0.verdict);
    }

    #[test]
    fn rewriting_never_makes_a_value_different(source in expression()) {
        let rules = ValueRules::reward();
        for rewritten in [format!("({source})*2 - ({source})"), format!("(({source})+y)-y"), format!("-(1-({source}))+1")] {
            let (ruling, _) = rule(&source, &rewritten, &rules);
            prop_assert_ne!(ruling.verdict, Verdict::Different, "{} {:?}", rewritten, ruling);
        }
        let (ruling, _) = rule(&source, &format!("({source})+1"), &rules);
        prop_assert_ne!(ruling.verdict, Verdict::Equal, "{:?}", ruling);
    }

    #[test]
    fn rational_expressions_are_decided_as_by_exact_arithmetic((left, first) in rational(), (right, second) in rational()) {
        if let (Some(first), Some(second)) = (first, second) {
            let expected = if first == second { Verdict::Equal } else { Verdict::Different };
            prop_assert_eq!(rule(&left, &right, &ValueRules::reward()).0.verdict, expected);
        }
    }

    #[test]
    fn trigonometric_identities_hold(a in 1..9i32, b in 1..9i32, c in 1..9i32) {
        let rules = ValueRules::reward();
        let sum = format!("sin({a}*x + {b}*y/{c})");
        let split = format!("sin({a}*x)*cos({b}*y/{c}) + cos({a}*x)*sin({b}*y/{c})");
        prop_assert_eq!(rule(&sum, &split, &rules).0.verdict, Verdict::Equal);
        prop_assert_eq!(rule(&sum, &format!("{split} + {a}/10^20"), &rules).0.verdict, Verdict::Different);
        let double = (format!("cos(2*{a}*x)"), format!("1-2*sin({a}*x)^2"));
        prop_assert_eq!(rule(&double.0, &double.1, &rules).0.verdict, Verdict::Equal);
        let angle = (format!("arctan(1/{a}) + arctan({a})"), "pi/2".to_owned());
        prop_assert_eq!(rule(&angle.0, &angle.1, &rules).0.verdict, Verdict::Equal);
    }
}
