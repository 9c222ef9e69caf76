//! `combine`: one value of several components, so that caps and conditions can apply to them together.

use super::{
    MadeDerived,
    derived::{Derived, FULL, Member},
};
use crate::parameters::Parameters;

/// `combine`: a value of the components named in `of`, which stand before it.
///
/// Parameters: `of`, required; `by` (`sum`, the default; `product`; `lowest`; `highest`; `all`: 1 if each is at least 1, else 0);
/// `factors`, one for each name (1 by default).
#[derive(Debug)]
struct Combine {
    of: Vec<String>,
    factors: Vec<f64>,
    by: By,
}

#[derive(Clone, Copy, Debug)]
enum By {
    Sum,
    Product,
    Lowest,
    Highest,
    All,
}

const WAYS: [(&str, By); 5] =
    [("sum", By::Sum), ("product", By::Product), ("lowest", By::Lowest), ("highest", By::Highest), ("all", By::All)];

/// Makes a `combine` component.
pub fn make(parameters: &mut Parameters<'_>) -> MadeDerived {
    let of = parameters.texts("of");
    let by = parameters.word("by", &WAYS, By::Sum);
    let factors: Option<Vec<f64>> = parameters.structured("factors", "a list of numbers");
    if of.is_empty() {
        parameters.miss("of", "a list of names of components".to_owned());
        return None;
    }
    let factors = factors.unwrap_or_else(|| vec![1.0; of.len()]);
    if factors.len() != of.len() {
        parameters.miss("factors", format!("{} numbers, one for each name in `of`", of.len()));
        return None;
    }
    Some(Box::new(Combine { of, factors, by }))
}

impl Derived for Combine {
    fn of(&self) -> &[String] {
        &self.of
    }

    fn is_group_relative(&self) -> bool {
        false
    }

    fn values(&self, group: &[Member]) -> Vec<f64> {
        group.iter().map(|member| self.value(&member.values)).collect()
    }
}

impl Combine {
    fn value(&self, values: &[f64]) -> f64 {
        let mut weighted = values.iter().zip(&self.factors).map(|(value, factor)| value * factor);
        match self.by {
            By::Sum => weighted.sum(),
            By::Product => weighted.product(),
            By::Lowest => weighted.fold(f64::INFINITY, f64::min),
            By::Highest => weighted.fold(f64::NEG_INFINITY, f64::max),
            By::All => f64::from(u8::from(weighted.all(|value| value >= FULL))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_combined_in_each_way() {
        for (by, expected) in
            [(By::Sum, 2.5), (By::Product, 1.0), (By::Lowest, 0.5), (By::Highest, 2.0), (By::All, 0.0)]
        {
            let combine = Combine { of: vec!["a".into(), "b".into()], factors: vec![1.0, 2.0], by };
            assert_eq!(combine.value(&[0.5, 1.0]), expected, "{by:?}");
        }
        let all = Combine { of: Vec::new(), factors: vec![1.0, 1.0], by: By::All };
        assert_eq!(all.value(&[1.0, 1.5]), 1.0);
        let doubled = Combine { factors: vec![1.0, 2.0], ..all };
        assert_eq!((doubled.value(&[1.0, 0.5]), doubled.value(&[0.5, 1.0])), (1.0, 0.0));
    }
}
