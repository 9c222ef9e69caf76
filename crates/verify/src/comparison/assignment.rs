//! Equations that say what something comes to, and are taken for the value where the other side is no equation.
//!
//! `x = 5`, `f(3) = 5`, `x + y = 5`, `2 + 3 = 5` and `x^2 + 1 = 4 + 1 = 5` come to 5. `x^2 + y^2 = 5` does not: it is a circle;
//! `2x + y = 5` is a line, and `|x - 3| = 5` is still to be solved.

use super::{Comparison, real, relation::Statement, value_of};
use crate::{
    equality,
    expression::{Constant, Node, NodeId, Operator},
    profile::Unwrapping,
    structure::{Relation, Side, Structure, is_symbolic},
};

/// By what part of itself a result may differ from what it is worked out from, where decimals say that it may be rounded.
const ROUNDING: f64 = 0.01;

/// The same where there are none: what the estimates may be off by.
const EXACT: f64 = 1e-9;

// === impl Comparison ===

impl Comparison<'_> {
    /// Takes the value out of an equation where the other side is none.
    pub fn unwrapped<'a>(&mut self, gold: Side<'a>, prediction: Side<'a>) -> (Side<'a>, Side<'a>) {
        let (gold_statement, prediction_statement) = (Statement::of(gold), Statement::of(prediction));
        let is_equation = |statement: &Option<Statement<'_>>| statement.as_ref().is_some_and(Statement::is_equation);
        match (gold_statement, prediction_statement) {
            (gold_statement, Some(statement)) if statement.is_equation() && !is_equation(&gold_statement) => {
                let is_taken = self.profile.unwrapping == Unwrapping::ByGold || self.is_result(&statement, prediction);
                (gold, if is_taken { prediction.with(statement.value(prediction)) } else { prediction })
            }
            (Some(statement), prediction_statement)
                if statement.is_equation() && !is_equation(&prediction_statement) =>
            {
                let is_taken = match self.profile.unwrapping {
                    Unwrapping::ByGold => statement.is_assignment(gold),
                    Unwrapping::Assignments => self.is_result(&statement, gold),
                };
                (if is_taken { gold.with(statement.value(gold)) } else { gold }, prediction)
            }
            _ => (gold, prediction),
        }
    }

    /// Tells whether a statement gives a name a value, or ends in what was worked out, and rightly.
    fn is_result<'a>(&mut self, statement: &Statement<'a>, side: Side<'a>) -> bool {
        statement.is_calculation(side) && self.is_worked_out(side)
    }

    /// Tells whether no equation between plain numbers is wrong, as `2 + 2 = 5` is.
    fn is_worked_out(&mut self, side: Side<'_>) -> bool {
        match side.structure {
            Structure::Relation(relation) => !self.is_wrong(side, relation),
            Structure::Compound(_, statements) => statements.iter().all(|statement| match statement {
                Structure::Relation(relation) => !self.is_wrong(side, relation),
                _ => true,
            }),
            _ => true,
        }
    }

    fn is_wrong(&mut self, side: Side<'_>, relation: &Relation) -> bool {
        let (Structure::Value(left), Structure::Value(right)) = (&relation.left, &relation.right) else { return false };
        if !is_arithmetic(side, *left) || !is_arithmetic(side, *right) {
            return false;
        }
        let is_rounded = has_decimals(side, *left) || has_decimals(side, *right);
        let left = real(value_of(side, *left), self).map(|estimate| estimate.real);
        let right = real(value_of(side, *right), self).map(|estimate| estimate.real);
        let tolerance = if is_rounded { ROUNDING } else { EXACT };
        left.zip(right).is_some_and(|(left, right)| (left - right).abs() > tolerance * left.abs().max(right.abs()))
    }
}

// === impl Statement ===

impl<'a> Statement<'a> {
    /// Tells whether it gives a name a value, or one value another.
    fn is_assignment(&self, side: Side<'a>) -> bool {
        // A chain of equations ends in what it comes to.
        let Self::Single(_, simple) = self else { return self.is_equation() };
        is_symbolic(side.expression, simple.left)
            || simple.operator == Operator::Equal && (is_constant(side, simple.left) || simple.is_reversed(side))
    }

    /// Tells whether it gives a name or a function of something a value, or ends in what something was worked out to be.
    fn is_calculation(&self, side: Side<'a>) -> bool {
        let Self::Several(_, _, statements) = self else {
            let Self::Single(_, simple) = self else { return self.is_assignment(side) };
            return knows_what_it_measures(side, simple.left).unwrap_or_else(|| {
                is_function(side, simple.left) || !has_unknown(side, simple.left) && self.is_assignment(side)
            });
        };
        let mut lefts = statements.iter().filter_map(|statement| match statement {
            Structure::Relation(relation) => Some(&relation.left),
            _ => None,
        });
        let is_known = |left: &Structure| {
            let is_worked_out = is_symbolic(side.expression, left) || is_constant(side, left);
            let is_measured = knows_what_it_measures(side, left) == Some(true);
            is_measured || is_worked_out || is_function(side, left)
        };
        let is_last_constant = lefts.clone().next_back().is_some_and(|left| is_constant(side, left));
        self.is_equation() && (is_last_constant || lefts.all(is_known))
    }

    /// Returns the value that an equation ends in; that of an equation that ends in a name is before it.
    fn value(&self, side: Side<'a>) -> &'a Structure {
        match self {
            Self::Single(_, simple) if simple.is_reversed(side) => simple.left,
            Self::Single(_, simple) => simple.right,
            Self::Several(side, _, statements) => match statements.last() {
                Some(Structure::Relation(relation)) => &relation.right,
                _ => side.structure,
            },
        }
    }
}

/// Tells whether a structure is a value without any name in it.
pub fn is_constant(side: Side<'_>, structure: &Structure) -> bool {
    match structure {
        Structure::Value(node) => equality::variables(value_of(side, *node)).is_empty(),
        _ => false,
    }
}

/// Tells whether a structure names a quantity that belongs to something, rather than a formula to be solved for what is in it.
fn is_function(side: Side<'_>, structure: &Structure) -> bool {
    use Operator as O;
    matches!(
        operation_of(side, structure),
        Some((O::Apply | O::Prime | O::Accent | O::Determinant | O::Trace | O::Rank, _))
            | Some((O::Derivative | O::Integral | O::Limit, _))
    )
}

/// Tells whether what a structure measures, if it measures anything, is known by its name: `|AB| = 5` and `\sin 2\alpha = 1` give a quantity,
/// but `|x| = 5` and `\sin(x + 1) = 1` ask for x.
fn knows_what_it_measures(side: Side<'_>, structure: &Structure) -> Option<bool> {
    use Operator as O;
    let (operator, measured) = operation_of(side, structure)?;
    let is_angle = matches!(operator, O::Sin | O::Cos | O::Tan | O::Cot | O::Sec | O::Csc);
    let is_size = matches!(operator, O::Abs | O::Norm);
    if !is_angle && !is_size && !matches!(operator, O::Gcd | O::Lcm | O::Max | O::Min) {
        return None;
    }
    let (letters, has_numbers) = contents(side, measured);
    let has_unknown = letters.iter().any(|letter| is_unknown(letter));
    Some(match measured {
        _ if is_angle => !has_unknown,
        [child] if is_size && matches!(side.expression.node(*child), Node::Symbol(_)) => false,
        _ => letters.is_empty() || !has_numbers && !has_unknown,
    })
}

/// Tells whether a structure is made of several parts with an unknown and a numeral among them: `2x + y`, but not `x` and `\frac{x}{y}`.
/// Questions ask for `x + y` and `xy` as well.
fn has_unknown(side: Side<'_>, structure: &Structure) -> bool {
    use Operator as O;
    let Some((O::Add | O::Multiply, parts)) = operation_of(side, structure) else { return false };
    let (letters, has_numbers) = contents(side, parts);
    has_numbers && letters.iter().any(|letter| is_unknown(letter))
}

/// Returns the letters in parts that stand for numbers, and whether there are numerals.
fn contents<'a>(side: Side<'a>, parts: &[NodeId]) -> (Vec<&'a str>, bool) {
    let mut letters = Vec::new();
    for part in parts {
        gather_letters(side, *part, &mut letters);
    }
    (letters, parts.iter().any(|part| !is_made_of_letters(side, *part)))
}

/// Tells whether a letter is one of those that equations are solved for.
fn is_unknown(letter: &str) -> bool {
    matches!(letter, "x" | "y" | "z")
}

/// Gathers the small letters of a value that stand for numbers: capitals are points and angles, and what has an accent or arguments has
/// been named by the question.
fn gather_letters<'a>(side: Side<'a>, node: NodeId, letters: &mut Vec<&'a str>) {
    match side.expression.node(node) {
        Node::Symbol(name) if name.len() == 1 && name.bytes().all(|letter| letter.is_ascii_lowercase()) => {
            letters.push(name);
        }
        Node::Operation(Operator::Accent | Operator::Apply | Operator::Prime | Operator::Conjugate, _) => {}
        Node::Operation(_, children) => children.iter().for_each(|child| gather_letters(side, *child, letters)),
        _ => {}
    }
}

/// Tells whether a value has no numerals in it.
fn is_made_of_letters(side: Side<'_>, node: NodeId) -> bool {
    match side.expression.node(node) {
        Node::Number(_) | Node::Constant(_) => false,
        Node::Operation(_, children) => children.iter().all(|child| is_made_of_letters(side, *child)),
        _ => true,
    }
}

fn operation_of<'a>(side: Side<'a>, structure: &Structure) -> Option<(Operator, &'a [NodeId])> {
    let Structure::Value(id) = structure else { return None };
    match side.expression.node(*id) {
        Node::Operation(operator, children) => Some((operator, children)),
        _ => None,
    }
}

/// Tells whether a numeral in a value has a decimal point.
fn has_decimals(side: Side<'_>, node: NodeId) -> bool {
    match side.expression.node(node) {
        Node::Number(numeral) => numeral.has_point,
        Node::Operation(_, children) => children.iter().any(|child| has_decimals(side, *child)),
        _ => false,
    }
}

/// Tells whether a node is made of numbers and the four operations, powers and roots alone.
fn is_arithmetic(side: Side<'_>, node: NodeId) -> bool {
    use Operator as O;
    match side.expression.node(node) {
        Node::Number(_) | Node::Constant(Constant::Pi | Constant::E) => true,
        Node::Operation(
            O::Add | O::Multiply | O::Negate | O::Divide | O::Mixed | O::Power | O::Root | O::Percent,
            children,
        ) => children.iter().all(|child| is_arithmetic(side, *child)),
        _ => false,
    }
}
