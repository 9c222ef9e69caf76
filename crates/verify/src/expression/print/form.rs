//! How each operator is printed.

use super::Level;
use crate::expression::{Constant, Numeral, Operator};

/// The form of an operator's text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// Operands with a sign between them.
    Infix(Level, &'static str),
    /// A name and operands in round brackets.
    Function(&'static str),
    /// Operands between two delimiters.
    Fenced(&'static str, &'static str),
    /// A sign after the operand.
    Postfix(&'static str),
    /// A form of its own.
    Other,
}

/// Returns the form of an operator.
pub(super) fn form(operator: Operator) -> Form {
    if let Some(name) = function(operator) {
        return Form::Function(name);
    }
    if let Some((open, close)) = fences(operator) {
        return Form::Fenced(open, close);
    }
    match operator {
        Operator::Multiply => Form::Infix(Level::Product, "*"),
        Operator::Divide => Form::Infix(Level::Product, "/"),
        Operator::Modulo => Form::Infix(Level::Product, " \\bmod "),
        Operator::CrossProduct => Form::Infix(Level::Product, " \\times "),
        Operator::NotEqual => Form::Infix(Level::Relation, " \\ne "),
        Operator::Less => Form::Infix(Level::Relation, " < "),
        Operator::LessEqual => Form::Infix(Level::Relation, " \\le "),
        Operator::Greater => Form::Infix(Level::Relation, " > "),
        Operator::GreaterEqual => Form::Infix(Level::Relation, " \\ge "),
        Operator::Approximate => Form::Infix(Level::Relation, " \\approx "),
        Operator::In => Form::Infix(Level::Relation, " \\in "),
        Operator::NotIn => Form::Infix(Level::Relation, " \\notin "),
        Operator::Subset => Form::Infix(Level::Relation, " \\subset "),
        Operator::Or => Form::Infix(Level::List, " \\lor "),
        Operator::Implies => Form::Infix(Level::Statement, " \\implies "),
        Operator::Union => Form::Infix(Level::Union, " \\cup "),
        Operator::Intersection => Form::Infix(Level::Intersection, " \\cap "),
        Operator::Without => Form::Infix(Level::Without, " \\setminus "),
        Operator::List => Form::Infix(Level::List, ", "),
        Operator::Rows => Form::Infix(Level::Rows, "; "),
        Operator::Ratio => Form::Infix(Level::Ratio, " : "),
        Operator::Percent => Form::Postfix("\\%"),
        Operator::Degree => Form::Postfix("^{\\circ}"),
        Operator::Factorial => Form::Postfix("!"),
        Operator::DoubleFactorial => Form::Postfix("!!"),
        Operator::Transpose => Form::Postfix("^{\\top}"),
        Operator::Complement => Form::Postfix("^{\\complement}"),
        _ => Form::Other,
    }
}

fn fences(operator: Operator) -> Option<(&'static str, &'static str)> {
    Some(match operator {
        Operator::Set => ("\\{", "\\}"),
        Operator::OpenOpen | Operator::Tuple => ("(", ")"),
        Operator::OpenClosed => ("(", "]"),
        Operator::ClosedOpen => ("[", ")"),
        Operator::ClosedClosed | Operator::Bracketed => ("[", "]"),
        Operator::InnerProduct => ("\\langle ", "\\rangle "),
        Operator::Abs => ("\\left|", "\\right|"),
        Operator::Norm => ("\\lVert ", "\\rVert "),
        Operator::Floor => ("\\lfloor ", "\\rfloor "),
        Operator::Ceiling => ("\\lceil ", "\\rceil "),
        Operator::Accent => ("\\vec{", "}"),
        _ => return None,
    })
}

fn function(operator: Operator) -> Option<&'static str> {
    Some(match operator {
        Operator::Ln => "\\ln",
        Operator::Exp => "\\exp",
        Operator::Sin => "\\sin",
        Operator::Cos => "\\cos",
        Operator::Tan => "\\tan",
        Operator::Cot => "\\cot",
        Operator::Sec => "\\sec",
        Operator::Csc => "\\csc",
        Operator::Arcsin => "\\arcsin",
        Operator::Arccos => "\\arccos",
        Operator::Arctan => "\\arctan",
        Operator::Arccot => "\\arccot",
        Operator::Arcsec => "\\arcsec",
        Operator::Arccsc => "\\arccsc",
        Operator::Sinh => "\\sinh",
        Operator::Cosh => "\\cosh",
        Operator::Tanh => "\\tanh",
        Operator::Coth => "\\coth",
        Operator::Sech => "\\sech",
        Operator::Csch => "\\csch",
        Operator::Arsinh => "\\arsinh",
        Operator::Arcosh => "\\arcosh",
        Operator::Artanh => "\\artanh",
        Operator::Gcd => "\\gcd",
        Operator::Lcm => "\\lcm",
        Operator::Max => "\\max",
        Operator::Min => "\\min",
        Operator::Conjugate => "\\conj",
        Operator::RealPart => "\\Re",
        Operator::ImaginaryPart => "\\Im",
        Operator::Argument => "\\arg",
        Operator::Sign => "\\sgn",
        Operator::Determinant => "\\det",
        Operator::Trace => "\\tr",
        Operator::Rank => "\\rank",
        _ => return None,
    })
}

/// Returns the next tighter level.
pub(super) fn above(level: Level) -> Level {
    match level {
        Level::Rows => Level::List,
        Level::List => Level::Statement,
        Level::Statement => Level::Relation,
        Level::Relation => Level::Ratio,
        Level::Ratio => Level::Without,
        Level::Without => Level::Union,
        Level::Union => Level::Intersection,
        Level::Intersection => Level::Sum,
        Level::Sum => Level::Product,
        Level::Product => Level::Factor,
        Level::Factor => Level::Power,
        Level::Power | Level::Atom => Level::Atom,
    }
}

/// Returns the level of an operator with a form of its own.
pub(super) fn other_level(operator: Operator, num_operands: usize) -> Level {
    match operator {
        Operator::And => Level::Statement,
        Operator::Equal | Operator::Related | Operator::Congruent => Level::Relation,
        Operator::Add | Operator::PlusMinus | Operator::MinusPlus | Operator::Quantity | Operator::Integral => {
            Level::Sum
        }
        Operator::Negate | Operator::Mixed | Operator::Derivative | Operator::Limit => Level::Factor,
        Operator::Sum | Operator::Product | Operator::UnionOver | Operator::IntersectionOver => Level::Product,
        Operator::Power | Operator::Prime | Operator::InBase | Operator::FallingFactorial => Level::Power,
        Operator::Row if num_operands > 1 => Level::List,
        _ => Level::Atom,
    }
}

/// Returns the index of a square root.
pub(super) fn whole_two() -> Numeral {
    Numeral { digits: "2".to_owned(), num_decimals: 0, has_point: false, exponent: 0 }
}

/// Returns a numeral as it is written.
pub(super) fn written(numeral: &Numeral) -> String {
    let mut text = numeral.digits.clone();
    if numeral.has_point {
        let num_decimals = numeral.num_decimals as usize;
        while text.len() < num_decimals {
            text.insert(0, '0');
        }
        text.insert(text.len() - num_decimals, '.');
    }
    if numeral.exponent != 0 {
        text.push_str(&format!("E{}", numeral.exponent));
    }
    text
}

/// Returns the command of a constant.
pub(super) fn constant_name(constant: Constant) -> &'static str {
    match constant {
        Constant::Pi => "\\pi",
        Constant::E => "e",
        Constant::ImaginaryUnit => "I",
        Constant::Infinity => "\\infty",
        Constant::EmptySet => "\\emptyset",
        Constant::Naturals => "\\mathbb{N}",
        Constant::Integers => "\\mathbb{Z}",
        Constant::Rationals => "\\mathbb{Q}",
        Constant::Reals => "\\mathbb{R}",
        Constant::Complexes => "\\mathbb{C}",
        Constant::True => "\\text{true}",
        Constant::False => "\\text{false}",
        Constant::Ellipsis => "\\ldots",
    }
}
