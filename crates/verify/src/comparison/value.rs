//! Single values: numbers and formulas, names and words, with what units and signs they carry.

use std::borrow::Cow;

use super::{Comparison, different, equal, real, scratch};
use crate::{
    Verdict,
    equality::{self, Ruling, Value},
    expression::{Constant, Expression, Node, NodeId, Numeral, Operator, TooLarge},
    profile::Words,
    structure::Side,
    words,
};

// === impl Comparison ===

impl Comparison<'_> {
    /// Compares two values.
    pub fn values(&mut self, gold: Value<'_>, prediction: Value<'_>) -> Ruling {
        if let Some(ruling) = self.names(gold, prediction) {
            return ruling;
        }
        self.quantities(gold, prediction)
    }

    /// Compares two values without units.
    pub fn plain(&mut self, gold: Value<'_>, prediction: Value<'_>) -> Ruling {
        let ruling = equality::equal(gold, prediction, &self.profile.values, self.fuel);
        match self.profile.absolute_tolerance {
            Some(tolerance) if ruling.verdict != Verdict::Equal => {
                self.within(gold, prediction, tolerance).unwrap_or(ruling)
            }
            _ => ruling,
        }
    }

    /// Compares two numbers that may be apart, or nothing where they are no real numbers.
    fn within(&mut self, gold: Value<'_>, prediction: Value<'_>, tolerance: f64) -> Option<Ruling> {
        let (left, right) = (real(gold, self)?.real, real(prediction, self)?.real);
        let is_near = (left - right).abs() <= tolerance;
        is_near.then_some(equal("tolerance", "the numbers are within the tolerance"))
    }

    /// Compares names and words, or nothing where one side is neither.
    fn names(&mut self, gold: Value<'_>, prediction: Value<'_>) -> Option<Ruling> {
        let is_word = |value: Value<'_>| match value.expression.node(value.node) {
            Node::Text(_) => true,
            Node::Symbol(name) => name.chars().count() > 1,
            _ => false,
        };
        let symbol_case = self.profile.values.symbol_case;
        let is_letter = |value: Value<'_>, constant: Value<'_>| {
            let is_e = match value.expression.node(value.node) {
                Node::Symbol(name) => symbol_case.is_same(name, "e"),
                _ => false,
            };
            is_e && matches!(constant.expression.node(constant.node), Node::Constant(Constant::E))
        };
        if is_letter(gold, prediction) || is_letter(prediction, gold) {
            return Some(equal("name", "both are the letter e"));
        }
        if !is_word(gold) && !is_word(prediction) {
            return None;
        }
        let is_text = |value: Value<'_>| matches!(value.expression.node(value.node), Node::Text(_));
        let (left, right) = (name(gold), name(prediction));
        if !is_text(gold) && !is_text(prediction) {
            let is_same = left.zip(right).is_some_and(|(left, right)| symbol_case.is_same(&left, &right));
            return is_same.then_some(equal("name", "both are the same name"));
        }
        if self.profile.words == Words::Identical {
            let is_same = left.zip(right).is_some_and(|(left, right)| words::is_same(&left, &right));
            return Some(if is_same {
                equal("name", "both are the same words")
            } else {
                different("name", "the words are others")
            });
        }
        match (left, right) {
            (Some(left), Some(right)) => Some(words::compare(&left, &right)),
            (Some(left), None) if is_text(gold) => words::number(&left)
                .map_or(Some(different("name", "one is words and the other is none")), |number| {
                    Some(self.number_word(number, prediction))
                }),
            (None, Some(right)) if is_text(prediction) => words::number(&right)
                .map_or(Some(different("name", "one is words and the other is none")), |number| {
                    Some(self.number_word(number, gold))
                }),
            _ => None,
        }
    }

    /// Compares a number in words with a value.
    pub fn number_word(&mut self, number: u64, value: Value<'_>) -> Ruling {
        match self.with_integer(number, value).verdict {
            Verdict::Equal => equal("number word", "the word names the number"),
            Verdict::Different => different("number word", "the word names another number"),
            Verdict::Undecided => super::undecided("number word", "the number could not be compared"),
        }
    }

    /// Compares a whole number with a value.
    pub fn with_integer(&mut self, number: impl ToString, value: Value<'_>) -> Ruling {
        let mut expression = Expression::default();
        let digits = number.to_string();
        let numeral = Numeral { digits, num_decimals: 0, has_point: false, exponent: 0 };
        match expression.number(numeral) {
            Ok(node) => self.plain(Value { expression: &expression, node }, value),
            Err(TooLarge::Nodes | TooLarge::Depth) => super::undecided("size", "the number is too large"),
        }
    }

    /// Compares the product of the first term of one ratio and another term of the other, crosswise.
    pub fn cross_products(&mut self, first: (Value<'_>, Value<'_>), term: (Value<'_>, Value<'_>)) -> Ruling {
        let is_zero = |value: Value<'_>| whole(value) == Some(0);
        // Times such as 12:00 are no ratios.
        if [first.0, first.1, term.0, term.1].into_iter().any(is_zero) {
            return different("ratio", "a term is zero");
        }
        let product = |left: Value<'_>, right: Value<'_>| -> Result<(Expression, NodeId), TooLarge> {
            let mut expression = Expression::default();
            let left = scratch::copy(&mut expression, left, &[])?;
            let right = scratch::copy(&mut expression, right, &[])?;
            let node = expression.operation(Operator::Multiply, &[left, right])?;
            Ok((expression, node))
        };
        let (Ok(left), Ok(right)) = (product(first.0, term.1), product(term.0, first.1)) else {
            return super::undecided("ratio", "the terms are too large");
        };
        self.plain(Value { expression: &left.0, node: left.1 }, Value { expression: &right.0, node: right.1 })
    }

    /// Compares the quotient of two terms with a number.
    pub fn quotient(&mut self, side: Side<'_>, terms: (NodeId, NodeId), number: (Side<'_>, NodeId)) -> Ruling {
        let divided = |expression: &mut Expression| -> Result<NodeId, TooLarge> {
            let above = scratch::copy(expression, Value { expression: side.expression, node: terms.0 }, &[])?;
            let below = scratch::copy(expression, Value { expression: side.expression, node: terms.1 }, &[])?;
            expression.operation(Operator::Divide, &[above, below])
        };
        let mut expression = Expression::default();
        let Ok(node) = divided(&mut expression) else {
            return super::undecided("ratio", "the terms are too large");
        };
        let number = Value { expression: number.0.expression, node: number.1 };
        self.plain(Value { expression: &expression, node }, number)
    }

    /// Tells whether two values are equal.
    pub fn is_equal(&mut self, gold: Value<'_>, prediction: Value<'_>) -> bool {
        self.plain(gold, prediction).verdict == Verdict::Equal
    }
}

/// Returns the whole number that a numeral is.
pub fn whole(value: Value<'_>) -> Option<u64> {
    match value.expression.node(value.node) {
        Node::Number(numeral) if numeral.exponent == 0 && numeral.num_decimals == 0 => numeral.digits.parse().ok(),
        _ => None,
    }
}

/// Returns the name that a value is: words, a symbol, or letters side by side in their order.
fn name(value: Value<'_>) -> Option<Cow<'_, str>> {
    match value.expression.node(value.node) {
        Node::Text(text) | Node::Symbol(text) => Some(Cow::Borrowed(text)),
        Node::Constant(Constant::E) => Some(Cow::Borrowed("e")),
        Node::Constant(Constant::ImaginaryUnit) => Some(Cow::Borrowed("i")),
        Node::Operation(Operator::Multiply, factors) => {
            let mut joined = String::new();
            for factor in factors {
                joined.push_str(&name(Value { node: *factor, ..value })?);
            }
            Some(Cow::Owned(joined))
        }
        // A bracketed word is the word.
        Node::Operation(Operator::Tuple | Operator::Quantity, &[inner]) => name(Value { node: inner, ..value }),
        _ => None,
    }
}
