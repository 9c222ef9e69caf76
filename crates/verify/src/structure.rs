//! What kind of answer an expression is: a value, a set, an interval, a tuple, a relation, a matrix or words.
//!
//! ```text
//! Expression ──read──► Answer { expression, structure }
//!                        values stay nodes of the expression; collections, relations and matrices are laid open
//! ```
//!
//! Reading adds nodes to the expression: both values of `a ± b`, the entries of a product of matrices. It decides nothing that
//! depends on the other side: whether `(1, 2)` is an interval or a point is left to the comparison.

mod classification;
mod divisor;
mod matrix;
mod sign;

use crate::expression::{Constant, Expression, NodeId, Operator, TooLarge};

pub use classification::{is_symbolic, relation_of};

/// What greatest common divisors and least common multiples are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Divisors {
    /// Of numbers: `\gcd(x, y)` is not known.
    OfNumbers,
    /// Of terms in variables too, which have no common divisor where they share no variable: `\gcd(x, y)` is 1.
    OfTerms,
}

/// An expression and what kind of answer it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The expression; what was read is followed by the nodes that reading added.
    pub expression: Expression,
    /// The root of the expression as it was written.
    pub root: NodeId,
    /// The kind of answer.
    pub structure: Structure,
}

/// A kind of answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Structure {
    /// A number, a formula or words: whatever is compared by value.
    Value(NodeId),
    /// A number set, the empty set or a truth value.
    Named(Constant),
    /// A relation between two sides.
    Relation(Box<Relation>),
    /// All or any of several statements.
    Compound(Connective, Vec<Structure>),
    /// Two entries in brackets: an interval, or a pair.
    Pair(Box<Pair>),
    /// Entries in an order that may or may not count.
    Collection(Bracket, Vec<Structure>),
    /// Sets united, intersected or taken from one another.
    SetOperation(Operator, Vec<Structure>),
    /// The elements that meet a condition: `[element, condition]`.
    Builder(Box<[Structure; 2]>),
    /// A matrix.
    Matrix(Matrix),
    /// A ratio of two or more values.
    Ratio(Vec<NodeId>),
}

/// A relation.
#[derive(Clone, Debug, PartialEq)]
pub struct Relation {
    /// The relation sign.
    pub operator: Operator,
    /// What stands on its left.
    pub left: Structure,
    /// What stands on its right.
    pub right: Structure,
    /// What else belongs to it, such as the modulus of a congruence.
    pub modulus: Option<NodeId>,
}

/// How statements are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connective {
    /// Each side of a statement is the beginning of the next: `a < b < c`.
    Chain,
    /// All of them.
    And,
    /// Any of them.
    Or,
}

/// Two entries in brackets.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The first entry.
    pub first: Structure,
    /// The second entry.
    pub second: Structure,
    /// Whether the bracket before the first is round.
    pub is_left_open: bool,
    /// Whether the bracket after the second is round.
    pub is_right_open: bool,
}

/// What a collection is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bracket {
    /// Braces.
    Set,
    /// Round brackets.
    Tuple,
    /// Square or angle brackets.
    Square,
    /// Nothing.
    List,
}

/// A matrix, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    /// How many entries a row has.
    pub num_columns: usize,
    /// The entries.
    pub entries: Vec<NodeId>,
}

// === impl Answer ===

impl Answer {
    /// Reads an expression; or says that its parts do not fit into the bounds of expressions.
    pub fn read(mut expression: Expression, divisors: Divisors) -> Result<Option<Self>, TooLarge> {
        let Some(mut root) = expression.root() else { return Ok(None) };
        if divisors == Divisors::OfTerms && divisor::has_any(&expression) {
            root = divisor::worked_out(&mut expression, root)?;
        }
        let structure = classification::classify(&mut expression, root)?;
        Ok(Some(Self { expression, root, structure }))
    }

    /// Returns the answer as a side of a comparison.
    #[must_use]
    pub const fn side(&self) -> Side<'_> {
        Side { expression: &self.expression, structure: &self.structure }
    }
}

/// One side of a comparison: a structure and the expression that its values are nodes of.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The expression.
    pub expression: &'a Expression,
    /// The structure.
    pub structure: &'a Structure,
}

// === impl Side ===

impl<'a> Side<'a> {
    /// Returns another structure of the same expression.
    #[must_use]
    pub const fn with(self, structure: &'a Structure) -> Self {
        Self { expression: self.expression, structure }
    }
}

// === impl Structure ===

impl Structure {
    /// Returns a name of the class, for reports.
    #[must_use]
    pub const fn class(&self) -> &'static str {
        match self {
            Self::Value(_) => "value",
            Self::Named(_) => "named set",
            Self::Relation(relation) => match relation.operator {
                Operator::Equal | Operator::Approximate => "equation",
                Operator::In | Operator::NotIn => "membership",
                Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual => "inequality",
                _ => "relation",
            },
            Self::Compound(Connective::Chain, _) => "chain of relations",
            Self::Compound(..) => "joined statements",
            Self::Pair(_) => "interval or pair",
            Self::Collection(Bracket::Set, _) => "set",
            Self::Collection(Bracket::List, _) => "list",
            Self::Collection(..) => "tuple",
            Self::SetOperation(..) => "set operation",
            Self::Builder(_) => "set by condition",
            Self::Matrix(_) => "matrix",
            Self::Ratio(_) => "ratio",
        }
    }
}

// === impl Matrix ===

impl Matrix {
    /// Returns the number of rows.
    #[must_use]
    pub const fn num_rows(&self) -> usize {
        match self.entries.len().checked_div(self.num_columns) {
            Some(num_rows) => num_rows,
            None => 0,
        }
    }
}
