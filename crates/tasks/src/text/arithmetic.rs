//! Sums, differences and products.

use std::fmt;
use std::ops::RangeInclusive;

use crate::problem::{Content, Generator, Problem, Scale, integer_choices, window};
use crate::random::Stream;
use crate::{AnswerKind, Difficulty};

/// One operation on two numbers, later two operations on three.
pub(crate) struct Arithmetic;

const NUM_OPTIONS: usize = 4;
/// Wrong options come from a range this wide, so that a rough guess does not rule them out.
const NEAR: i64 = 20;

/// An expression; commuting a sum or a product does not make a new problem of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expression {
    Sum(i64, i64),
    Difference(i64, i64),
    Product(i64, i64),
    /// `a + b - c`
    SumLess(i64, i64, i64),
    /// `a x b + c`
    ProductPlus(i64, i64, i64),
}

impl Generator for Arithmetic {
    fn problem(&self, stream: &mut Stream, scale: Scale) -> Problem {
        let expression = expression(stream, scale.difficulty);
        let answer = expression.value();
        let near = window(stream, answer, answers(scale.difficulty), NEAR);
        let choices = integer_choices(stream, answer, near, NUM_OPTIONS);
        Problem {
            question: format!("What is {expression}?"),
            answer: answer.to_string(),
            answer_kind: AnswerKind::Integer,
            choices,
            finding: expression.working(),
            content: Content::Text(format!("{:?}", expression.commuted())),
        }
    }

    fn num_options(&self, _difficulty: Difficulty) -> usize {
        NUM_OPTIONS
    }

    fn num_answers(&self, difficulty: Difficulty) -> usize {
        answers(difficulty).count()
    }
}

fn answers(difficulty: Difficulty) -> RangeInclusive<i64> {
    let (least, most) = difficulty.select([(4, 20), (4, 50), (4, 100), (4, 100), (5, 128)]);
    least..=most
}

/// Draws an expression: the value of a sum or a difference first, so that all values are equally likely.
fn expression(stream: &mut Stream, difficulty: Difficulty) -> Expression {
    let value = stream.within(answers(difficulty));
    let first_term = stream.within(1..=value - 1);
    match (difficulty.level(), stream.below(3)) {
        (1, _) | (2, 0 | 1) | (3, 0) => Expression::Sum(first_term, value - first_term),
        (2, _) | (3, 1) => {
            let taken = stream.within(1..=difficulty.select([20, 30, 60, 0, 0]));
            Expression::Difference(value + taken, taken)
        }
        (3, _) => Expression::Product(stream.within(2..=10), stream.within(2..=10)),
        (4, _) => {
            let taken = stream.within(1..=30);
            let first_term = stream.within(1..=value + taken - 1);
            Expression::SumLess(first_term, value + taken - first_term, taken)
        }
        _ => Expression::ProductPlus(stream.within(2..=12), stream.within(2..=9), stream.within(1..=20)),
    }
}

impl Expression {
    const fn value(self) -> i64 {
        match self {
            Self::Sum(a, b) => a + b,
            Self::Difference(a, b) => a - b,
            Self::Product(a, b) => a * b,
            Self::SumLess(a, b, c) => a + b - c,
            Self::ProductPlus(a, b, c) => a * b + c,
        }
    }

    /// Spells out the steps from the expression to its value.
    fn working(self) -> String {
        let value = self.value();
        match self {
            Self::SumLess(a, b, c) => format!("{a} + {b} = {sum}, and {sum} - {c} = {value}.", sum = a + b),
            Self::ProductPlus(a, b, c) => {
                format!("{a} x {b} = {product}, and {product} + {c} = {value}.", product = a * b)
            }
            _ => format!("{self} = {value}."),
        }
    }

    fn commuted(self) -> Self {
        match self {
            Self::Sum(a, b) => Self::Sum(a.min(b), a.max(b)),
            Self::Product(a, b) => Self::Product(a.min(b), a.max(b)),
            Self::SumLess(a, b, c) => Self::SumLess(a.min(b), a.max(b), c),
            Self::ProductPlus(a, b, c) => Self::ProductPlus(a.min(b), a.max(b), c),
            Self::Difference(..) => self,
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sum(a, b) => write!(formatter, "{a} + {b}"),
            Self::Difference(a, b) => write!(formatter, "{a} - {b}"),
            Self::Product(a, b) => write!(formatter, "{a} x {b}"),
            Self::SumLess(a, b, c) => write!(formatter, "{a} + {b} - {c}"),
            Self::ProductPlus(a, b, c) => write!(formatter, "{a} x {b} + {c}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_the_range_its_level_promises() {
        for difficulty in Difficulty::all() {
            let mut stream = Stream::new(&[3]);
            for _ in 0..2000 {
                let expression = expression(&mut stream, difficulty);
                assert!(answers(difficulty).contains(&expression.value()), "{expression} at level {difficulty}");
            }
        }
    }

    #[test]
    fn the_working_ends_in_the_value() {
        assert_eq!(Expression::SumLess(9, 4, 6).working(), "9 + 4 = 13, and 13 - 6 = 7.");
        assert_eq!(Expression::ProductPlus(3, 4, 5).working(), "3 x 4 = 12, and 12 + 5 = 17.");
        assert_eq!(Expression::Difference(9, 4).working(), "9 - 4 = 5.");
    }
}
