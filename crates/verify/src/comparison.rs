//! Decides whether two answers are the same, structure by structure; values are left to [`equality`](crate::equality).
//!
//! ```text
//!            both statements      one statement, one set     both sets or tuples      matrices      values
//! compare ──► relation             real_set                  collection, real_set     here          value, quantity
//! ```
//!
//! Under most profiles the two sides are not alike: the gold answer says what form the prediction may leave out.

mod assignment;
mod collection;
mod inequality;
mod quantity;
mod real_set;
mod region;
mod relation;
pub(crate) mod scratch;
mod value;

use crate::{
    Verdict,
    equality::{self, Ruling, Value},
    expression::{Constant, Node, NodeId, Operator},
    fuel::Fuel,
    profile::{Profile, SetOfRelation, Words},
    structure::{Bracket, Matrix, Side, Structure},
    words::{self, Meaning},
};

use relation::Statement;

/// The most entries of matrices that are compared.
const MAX_ENTRIES: usize = 1_024;

/// The comparison of one gold answer with one prediction.
pub struct Comparison<'c> {
    profile: &'c Profile,
    fuel: &'c mut Fuel,
}

/// Equal, for a reason.
const fn equal(method: &'static str, reason: &'static str) -> Ruling {
    Ruling { verdict: Verdict::Equal, method, reason }
}

/// Different, for a reason.
const fn different(method: &'static str, reason: &'static str) -> Ruling {
    Ruling { verdict: Verdict::Different, method, reason }
}

/// Not to be told, for a reason.
const fn undecided(method: &'static str, reason: &'static str) -> Ruling {
    Ruling { verdict: Verdict::Undecided, method, reason }
}

// === impl Comparison ===

impl<'c> Comparison<'c> {
    /// Begins a comparison that may spend this fuel.
    pub const fn new(profile: &'c Profile, fuel: &'c mut Fuel) -> Self {
        Self { profile, fuel }
    }

    /// Decides whether a prediction is the gold answer.
    pub fn compare(&mut self, gold: Side<'_>, prediction: Side<'_>) -> Ruling {
        let (gold, prediction) = self.without_words(gold, prediction);
        let (gold, prediction) = self.unwrapped(gold, prediction);
        match (Statement::of(gold), Statement::of(prediction)) {
            (Some(gold), Some(prediction)) => self.statements(gold, prediction),
            (Some(_), None) => self.statement_against_set(gold, prediction),
            (None, Some(_)) if self.profile.set_of_relation == SetOfRelation::EitherSide => {
                self.statement_against_set(gold, prediction)
            }
            (None, Some(_)) => self.listed_statements(gold, prediction),
            (None, None) => self.objects(gold, prediction),
        }
    }

    /// Takes words that mean a set for the set, where the other side is no words.
    fn without_words<'a>(&self, gold: Side<'a>, prediction: Side<'a>) -> (Side<'a>, Side<'a>) {
        if self.profile.words == Words::Identical {
            return (gold, prediction);
        }
        match (meant(gold), meant(prediction)) {
            (Some(set), None) => (gold.with(set), prediction),
            (None, Some(set)) => (gold, prediction.with(set)),
            _ => (gold, prediction),
        }
    }

    /// Compares a statement with a set: by what the statement is true for, or item by item where it is several.
    fn statement_against_set(&mut self, gold: Side<'_>, prediction: Side<'_>) -> Ruling {
        let listed = self.listed_statements(gold, prediction);
        if listed.verdict == Verdict::Equal {
            return listed;
        }
        let is_set = |side: Side<'_>| !matches!(side.structure, Structure::Value(_) | Structure::Matrix(_));
        if !is_set(gold) || !is_set(prediction) {
            return listed;
        }
        let is_unsolved = inequality::is_inequality(gold) || inequality::is_inequality(prediction);
        let unsolved = if is_unsolved { undecided("inequality", "the inequality could not be solved") } else { listed };
        self.real_sets(gold, prediction).unwrap_or(unsolved)
    }

    /// Compares several statements with a collection, item by item.
    fn listed_statements(&mut self, gold: Side<'_>, prediction: Side<'_>) -> Ruling {
        let is_list = |side: Side<'_>| matches!(side.structure, Structure::Compound(..) | Structure::Collection(..));
        if is_list(gold) && is_list(prediction) {
            return self.collections(gold, prediction);
        }
        different("class", "one is a statement and the other is none")
    }

    /// Compares what are no statements.
    fn objects(&mut self, gold: Side<'_>, prediction: Side<'_>) -> Ruling {
        match (gold.structure, prediction.structure) {
            (Structure::Value(left), Structure::Value(right)) => {
                self.values(value_of(gold, *left), value_of(prediction, *right))
            }
            (Structure::Named(left), Structure::Named(right)) if left == right => {
                equal("set", "both are the same named set")
            }
            (Structure::Ratio(_), _) | (_, Structure::Ratio(_)) => self.ratios(gold, prediction),
            (Structure::Matrix(left), Structure::Matrix(right)) => self.matrices((gold, left), (prediction, right)),
            (Structure::Matrix(matrix), _) => self.vector(gold, matrix, prediction, false),
            (_, Structure::Matrix(matrix)) => self.vector(prediction, matrix, gold, true),
            _ => self.sets(gold, prediction),
        }
    }

    /// Compares sets, intervals, tuples, and values as sets of one.
    fn sets(&mut self, gold: Side<'_>, prediction: Side<'_>) -> Ruling {
        let is_region = |side: Side<'_>| match side.structure {
            Structure::SetOperation(..) | Structure::Builder(_) | Structure::Named(_) => true,
            Structure::Collection(_, items) => items.is_empty(),
            _ => false,
        };
        let is_made_of_sets =
            |side: Side<'_>| matches!(side.structure, Structure::SetOperation(..) | Structure::Builder(_));
        let is_pair = |side: Side<'_>| matches!(side.structure, Structure::Pair(_));
        if is_region(gold) || is_region(prediction) || is_pair(gold) != is_pair(prediction) {
            let by_elements = self.collections(gold, prediction);
            if by_elements.verdict == Verdict::Equal || !(is_region(gold) || is_region(prediction)) {
                return by_elements;
            }
            return match self.real_sets(gold, prediction) {
                Some(ruling) => ruling,
                None if matches!(by_elements.verdict, Verdict::Different)
                    && (is_region(gold) != is_region(prediction)
                        || is_made_of_sets(gold)
                        || is_made_of_sets(prediction)) =>
                {
                    undecided("set", "the sets could not be laid out on the real line")
                }
                None => by_elements,
            };
        }
        self.collections(gold, prediction)
    }

    /// Compares matrices entry by entry.
    fn matrices(&mut self, gold: (Side<'_>, &Matrix), prediction: (Side<'_>, &Matrix)) -> Ruling {
        if gold.1.num_columns != prediction.1.num_columns || gold.1.entries.len() != prediction.1.entries.len() {
            return different("matrix", "the matrices have different shapes");
        }
        if gold.1.entries.len() > MAX_ENTRIES {
            return undecided("matrix", "the matrices have too many entries");
        }
        let mut verdicts = All::new("matrix", "every entry is the same");
        for (left, right) in gold.1.entries.iter().zip(&prediction.1.entries) {
            let ruling = self.values(value_of(gold.0, *left), value_of(prediction.0, *right));
            if verdicts.is_settled_by(ruling) {
                break;
            }
        }
        verdicts.ruling()
    }

    /// Compares a matrix of one row or column with a tuple, or a matrix of one entry with a value.
    fn vector(&mut self, side: Side<'_>, matrix: &Matrix, other: Side<'_>, is_gold_last: bool) -> Ruling {
        let entries: Vec<Structure> = matrix.entries.iter().copied().map(Structure::Value).collect();
        let is_vector = matrix.num_columns == 1 || matrix.num_rows() == 1;
        let is_sequence = match other.structure {
            Structure::Pair(_) => true,
            Structure::Collection(bracket, _) => *bracket != Bracket::Set,
            Structure::Value(_) => matrix.entries.len() == 1,
            _ => false,
        };
        if !is_vector || !is_sequence || !self.profile.vectors_are_tuples {
            return different("matrix", "one is a matrix and the other is none");
        }
        let vector = Structure::Collection(Bracket::Tuple, entries);
        let vector = side.with(&vector);
        if is_gold_last { self.collections(other, vector) } else { self.collections(vector, other) }
    }

    /// Compares ratios term by term up to a common factor; a ratio of two is also their quotient.
    fn ratios(&mut self, gold: Side<'_>, prediction: Side<'_>) -> Ruling {
        match (gold.structure, prediction.structure) {
            (Structure::Ratio(left), Structure::Ratio(right)) if left.len() == right.len() => {
                let first = (value_of(gold, left[0]), value_of(prediction, right[0]));
                let mut as_written = All::new("ratio", "the ratios have the same terms");
                let mut as_ratio = All::new("ratio", "the terms are proportional");
                for (left, right) in left.iter().zip(right) {
                    let (left, right) = (value_of(gold, *left), value_of(prediction, *right));
                    as_written.add(self.values(left, right));
                    as_ratio.add(self.cross_products(first, (left, right)));
                }
                let is_time = left.iter().any(|term| is_half_of_day(value_of(gold, *term)))
                    || right.iter().any(|term| is_half_of_day(value_of(prediction, *term)));
                let is_as_written = is_time || as_written.ruling().verdict == Verdict::Equal;
                if is_as_written { as_written.ruling() } else { as_ratio.ruling() }
            }
            (Structure::Ratio(terms), Structure::Value(number)) if terms.len() == 2 => {
                self.quotient(gold, (terms[0], terms[1]), (prediction, *number))
            }
            (Structure::Value(number), Structure::Ratio(terms)) if terms.len() == 2 => {
                self.quotient(prediction, (terms[0], terms[1]), (gold, *number))
            }
            _ => different("ratio", "one is a ratio and the other is none like it"),
        }
    }
}

/// Returns a node of a side as a value.
const fn value_of(side: Side<'_>, node: NodeId) -> Value<'_> {
    Value { expression: side.expression, node }
}

/// Tells whether a term of a ratio says that it is a time: the `30 PM` of `3:30 PM`.
fn is_half_of_day(term: Value<'_>) -> bool {
    let Some([_, unit]) = term.expression.operands(term.node, Operator::Quantity) else { return false };
    matches!(term.expression.node(*unit), Node::Text("am" | "pm"))
}

/// Returns the set that a side means in words.
fn meant(side: Side<'_>) -> Option<&'static Structure> {
    const NOTHING: &Structure = &Structure::Named(Constant::EmptySet);
    const ALL_REALS: &Structure = &Structure::Named(Constant::Reals);
    let Structure::Value(node) = side.structure else { return None };
    let Node::Text(text) = side.expression.node(*node) else { return None };
    words::meaning(text).map(|meaning| match meaning {
        Meaning::Nothing => NOTHING,
        Meaning::AllReals => ALL_REALS,
    })
}

/// Tells whether a structure is the empty set.
fn is_empty(structure: &Structure) -> bool {
    match structure {
        Structure::Named(Constant::EmptySet) => true,
        Structure::Collection(Bracket::Set, items) => items.is_empty(),
        _ => false,
    }
}

/// What comes of several comparisons that all must hold: one that differs decides, else one that cannot be told.
struct All {
    ruling: Ruling,
}

// === impl All ===

impl All {
    /// Begins with nothing to hold.
    const fn new(method: &'static str, reason: &'static str) -> Self {
        Self { ruling: equal(method, reason) }
    }

    /// Adds a comparison.
    const fn add(&mut self, ruling: Ruling) {
        match (self.ruling.verdict, ruling.verdict) {
            (Verdict::Different, _) => {}
            (_, Verdict::Different) | (Verdict::Equal, Verdict::Undecided) => self.ruling = ruling,
            // One comparison speaks for itself; several are named by what they have in common.
            _ => {}
        }
    }

    /// Adds a comparison, and tells whether no other can change the verdict.
    fn is_settled_by(&mut self, ruling: Ruling) -> bool {
        self.add(ruling);
        self.ruling.verdict == Verdict::Different
    }

    const fn ruling(&self) -> Ruling {
        self.ruling
    }
}

/// Returns about what a real number is, or nothing where a value is none.
fn real(value: Value<'_>, comparison: &mut Comparison<'_>) -> Option<equality::Estimate> {
    let estimate = equality::estimate(value, &comparison.profile.values, comparison.fuel)?;
    (estimate.imaginary.abs() <= estimate.error && !estimate.real.is_nan()).then_some(estimate)
}
