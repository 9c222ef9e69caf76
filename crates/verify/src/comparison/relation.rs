//! Equations, inequalities, memberships and chains of them.

use super::{
    All, Comparison, assignment::is_constant, different, equal, real_set::Extents, scratch, undecided, value_of,
};
use crate::{
    Verdict,
    equality::{self, Proportion, Ruling, Value},
    expression::{Expression, Node, NodeId, Operator, TooLarge},
    structure::{Connective, Relation, Side, Structure, is_symbolic},
};

/// The most statements that are matched with one another.
const MAX_STATEMENTS: usize = 16;

/// One side of a comparison that is a statement.
#[derive(Clone, Copy, Debug)]
pub enum Statement<'a> {
    /// A relation; of a chain of equations that begins with a name, the name and the last side.
    Single(Side<'a>, Simple<'a>),
    /// Several statements.
    Several(Side<'a>, Connective, &'a [Structure]),
}

/// A relation without its chain.
#[derive(Clone, Copy, Debug)]
pub struct Simple<'a> {
    /// The relation sign.
    pub(super) operator: Operator,
    /// What stands on its left.
    pub(super) left: &'a Structure,
    /// What stands on its right.
    pub(super) right: &'a Structure,
    modulus: Option<NodeId>,
}

/// Which way an inequality points, and whether it allows equality.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Direction {
    /// Whether the left side is the greater one.
    pub(super) is_upward: bool,
    is_strict: bool,
}

// === impl Statement ===

impl<'a> Statement<'a> {
    /// Reads a side as a statement, if it is one.
    pub fn of(side: Side<'a>) -> Option<Self> {
        match side.structure {
            Structure::Relation(relation) => Some(Self::Single(side, Simple::of(relation))),
            Structure::Compound(Connective::Chain, statements) => {
                let chained = chained_assignment(side, statements);
                Some(chained.unwrap_or(Self::Several(side, Connective::Chain, statements)))
            }
            Structure::Compound(connective, statements) => Some(Self::Several(side, *connective, statements)),
            _ => None,
        }
    }

    /// Returns the side that it was read from.
    const fn side(&self) -> Side<'a> {
        match self {
            Self::Single(side, _) | Self::Several(side, ..) => *side,
        }
    }

    /// Tells whether it says what something equals, or is an element of.
    pub fn is_equation(&self) -> bool {
        match self {
            Self::Single(_, simple) => matches!(simple.operator, Operator::Equal | Operator::In),
            Self::Several(_, Connective::Chain, statements) => statements.iter().all(is_equation),
            Self::Several(..) => false,
        }
    }
}

fn is_equation(structure: &Structure) -> bool {
    matches!(structure, Structure::Relation(relation) if relation.operator == Operator::Equal)
}

/// Reads `x = a = b` as `x = b`.
fn chained_assignment<'a>(side: Side<'a>, statements: &'a [Structure]) -> Option<Statement<'a>> {
    let (Structure::Relation(first), Structure::Relation(last)) = (statements.first()?, statements.last()?) else {
        return None;
    };
    let is_assignment = statements.iter().all(is_equation) && is_symbolic(side.expression, &first.left);
    let simple = Simple { left: &first.left, ..Simple::of(last) };
    is_assignment.then_some(Statement::Single(side, simple))
}

// === impl Simple ===

impl<'a> Simple<'a> {
    fn of(relation: &'a Relation) -> Self {
        let (left, right) = (&relation.left, &relation.right);
        Self { operator: relation.operator, left, right, modulus: relation.modulus }
    }

    /// Tells whether a value stands before the name that has it: `5 = x`.
    pub(super) fn is_reversed(&self, side: Side<'_>) -> bool {
        let is_name = matches!(self.right, Structure::Value(node)
            if matches!(side.expression.node(*node), Node::Symbol(_)));
        self.operator == Operator::Equal && is_name && is_constant(side, self.left)
    }

    const fn is_equation_of_values(&self) -> bool {
        let is_between_values = matches!((self.left, self.right), (Structure::Value(_), Structure::Value(_)));
        matches!(self.operator, Operator::Equal) && is_between_values
    }

    fn values(&self, side: Side<'a>) -> Option<(Value<'a>, Value<'a>)> {
        match (self.left, self.right) {
            (Structure::Value(left), Structure::Value(right)) => Some((value_of(side, *left), value_of(side, *right))),
            _ => None,
        }
    }
}

// === impl Direction ===

impl Direction {
    /// Returns the direction of an inequality's sign.
    pub(super) const fn of(operator: Operator) -> Option<Self> {
        match operator {
            Operator::Less => Some(Self { is_upward: false, is_strict: true }),
            Operator::LessEqual => Some(Self { is_upward: false, is_strict: false }),
            Operator::Greater => Some(Self { is_upward: true, is_strict: true }),
            Operator::GreaterEqual => Some(Self { is_upward: true, is_strict: false }),
            _ => None,
        }
    }
}

/// Returns the name that an equation is solved for.
fn solved<'a>(sides: (Value<'a>, Value<'a>)) -> Option<Value<'a>> {
    matches!(sides.0.expression.node(sides.0.node), Node::Symbol(_)).then_some(sides.0)
}

// === impl Comparison ===

impl Comparison<'_> {
    /// Compares two statements.
    pub fn statements(&mut self, gold: Statement<'_>, prediction: Statement<'_>) -> Ruling {
        let (gold_side, prediction_side) = (gold.side(), prediction.side());
        let ruling = match (gold, prediction) {
            (Statement::Single(_, gold), Statement::Single(_, prediction)) => {
                let ruling = self.relations((gold_side, gold), (prediction_side, prediction));
                // What real numbers two equations hold for says nothing of their complex and repeated roots.
                if gold.is_equation_of_values() && prediction.is_equation_of_values() {
                    return ruling;
                }
                ruling
            }
            (Statement::Several(_, connective, left), Statement::Several(_, other, right))
                if left.len() == right.len() && (connective == Connective::Or) == (other == Connective::Or) =>
            {
                self.matched_statements((gold_side, left), (prediction_side, right))
            }
            _ => different("relation", "the statements are not as many, or joined otherwise"),
        };
        if ruling.verdict == Verdict::Equal {
            return ruling;
        }
        self.same_solutions(gold_side, prediction_side).unwrap_or(ruling)
    }

    /// Compares two statements by what they are true for: the real numbers, where both are about one variable, else points.
    fn same_solutions(&mut self, gold: Side<'_>, prediction: Side<'_>) -> Option<Ruling> {
        match self.extents(gold, prediction) {
            Some(Extents::Same { is_nothing: true }) => {
                Some(undecided("real set", "both are true for no real number, which many others are too"))
            }
            Some(Extents::Same { .. }) => Some(equal("real set", "both are true for the same real numbers")),
            Some(Extents::Different) => Some(different("real set", "some number is in one of the sets only")),
            Some(Extents::Unrelated) => None,
            None => self.inequalities(gold, prediction),
        }
    }

    /// Matches statements with statements, whatever their order.
    fn matched_statements(&mut self, gold: (Side<'_>, &[Structure]), prediction: (Side<'_>, &[Structure])) -> Ruling {
        if gold.1.len() > MAX_STATEMENTS {
            return undecided("relation", "there are too many statements");
        }
        let mut is_taken = [false; MAX_STATEMENTS];
        let mut verdicts = All::new("relation", "every statement has its like");
        for left in gold.1 {
            let mut found = different("relation", "a statement has no like");
            for (index, right) in
                prediction.1.iter().enumerate().filter(|(index, _)| !is_taken[*index]).collect::<Vec<_>>()
            {
                let ruling = self.compare(gold.0.with(left), prediction.0.with(right));
                if ruling.verdict == Verdict::Equal {
                    is_taken[index] = true;
                    found = ruling;
                    break;
                }
                if ruling.verdict == Verdict::Undecided {
                    found = ruling;
                }
            }
            if verdicts.is_settled_by(found) {
                break;
            }
        }
        verdicts.ruling()
    }

    /// Compares two relations.
    fn relations(&mut self, gold: (Side<'_>, Simple<'_>), prediction: (Side<'_>, Simple<'_>)) -> Ruling {
        let is_membership = |operator| matches!(operator, Operator::In | Operator::Equal);
        let (left, right) = (gold.1.operator, prediction.1.operator);
        let directions = (Direction::of(left), Direction::of(right));
        if left != right
            && !(is_membership(left) && is_membership(right))
            && (directions.0.is_none() || directions.1.is_none())
        {
            return different("relation", "the relation signs differ");
        }
        let by_sides = self.sides(gold, prediction);
        if by_sides.verdict == Verdict::Equal {
            return by_sides;
        }
        let (Some(gold_values), Some(prediction_values)) = (gold.1.values(gold.0), prediction.1.values(prediction.0))
        else {
            return by_sides;
        };
        if matches!(left, Operator::Related | Operator::Congruent | Operator::Subset | Operator::In | Operator::NotIn) {
            return by_sides;
        }
        self.proportional_relations((left, gold_values), (right, prediction_values), by_sides)
    }

    /// Compares the left sides with one another, and the right ones; those of an equation may have changed places.
    fn sides(&mut self, gold: (Side<'_>, Simple<'_>), prediction: (Side<'_>, Simple<'_>)) -> Ruling {
        let is_same_way = gold.1.operator == prediction.1.operator
            || Direction::of(gold.1.operator).is_none() && Direction::of(prediction.1.operator).is_none();
        if !is_same_way {
            return different("relation", "the inequalities point in different ways");
        }
        let mut both = All::new("relation", "both sides are the same");
        if !both.is_settled_by(self.compare(gold.0.with(gold.1.left), prediction.0.with(prediction.1.left))) {
            both.add(self.compare(gold.0.with(gold.1.right), prediction.0.with(prediction.1.right)));
        }
        if let (Some(left), Some(right)) = (gold.1.modulus, prediction.1.modulus) {
            both.add(self.values(value_of(gold.0, left), value_of(prediction.0, right)));
        }
        let is_reversible = matches!(gold.1.operator, Operator::Equal | Operator::NotEqual);
        if both.ruling().verdict == Verdict::Equal || !is_reversible || gold.1.operator != prediction.1.operator {
            return both.ruling();
        }
        let mut reversed = All::new("relation", "the sides are the same, exchanged");
        if !reversed.is_settled_by(self.compare(gold.0.with(gold.1.left), prediction.0.with(prediction.1.right))) {
            reversed.add(self.compare(gold.0.with(gold.1.right), prediction.0.with(prediction.1.left)));
        }
        if reversed.ruling().verdict == Verdict::Equal { reversed.ruling() } else { both.ruling() }
    }

    /// Compares relations by the differences of their sides, which are the same up to a factor.
    fn proportional_relations(
        &mut self,
        gold: (Operator, (Value<'_>, Value<'_>)),
        prediction: (Operator, (Value<'_>, Value<'_>)),
        by_sides: Ruling,
    ) -> Ruling {
        let is_about_something = |sides: (Value<'_>, Value<'_>)| {
            !equality::variables(sides.0).is_empty() || !equality::variables(sides.1).is_empty()
        };
        // Equations between numbers are all true or all false, which says nothing about their being the same.
        if !is_about_something(gold.1) || !is_about_something(prediction.1) {
            return by_sides;
        }
        let proportion = equality::proportional(gold.1, prediction.1, &self.profile.values, self.fuel);
        if proportion != Proportion::Different
            && by_sides.verdict == Verdict::Different
            && self.is_of_other_constant(gold.1, prediction.1)
        {
            return by_sides;
        }
        match (Direction::of(gold.0), Direction::of(prediction.0), proportion) {
            (_, _, Proportion::Undecided(reason)) => undecided("relation", reason),
            (_, _, Proportion::BothZero) => by_sides,
            (None, None, Proportion::Different) => self
                .solved_relations(gold.1, prediction.1)
                .unwrap_or(different("relation", "the differences of the sides are not proportional")),
            (_, _, Proportion::Different) => different("relation", "the differences of the sides are not proportional"),
            (None, _, _) | (_, None, _) => equal("relation", "the differences of the sides are proportional"),
            (Some(_), Some(_), Proportion::Unsigned) => undecided("relation", "the sign of the factor is not known"),
            (Some(left), Some(right), sign) => {
                let is_flipped = sign == Proportion::Negative;
                if left.is_strict == right.is_strict && (left.is_upward != right.is_upward) == is_flipped {
                    equal("relation", "the differences of the sides are proportional")
                } else {
                    different("relation", "the inequalities point in different ways")
                }
            }
        }
    }

    /// Tells whether relations compare the same with constants that differ, though they may be too small or too large beside what varies
    /// for the differences to show it.
    fn is_of_other_constant(&mut self, gold: (Value<'_>, Value<'_>), prediction: (Value<'_>, Value<'_>)) -> bool {
        let is_constant = |value: Value<'_>| equality::variables(value).is_empty();
        is_constant(gold.1)
            && is_constant(prediction.1)
            && self.values(gold.0, prediction.0).verdict == Verdict::Equal
            && self.values(gold.1, prediction.1).verdict == Verdict::Different
    }

    /// Compares an equation that is solved for a variable with one that is linear in it.
    fn solved_relations(&mut self, gold: (Value<'_>, Value<'_>), prediction: (Value<'_>, Value<'_>)) -> Option<Ruling> {
        let (name, solution, implicit) = match (solved(gold), solved(prediction)) {
            (_, Some(name)) => (name, prediction.1, gold),
            (Some(name), None) => (name, gold.1, prediction),
            (None, None) => return None,
        };
        self.solves_linearly(name, solution, implicit).ok().flatten()
    }

    fn solves_linearly(
        &mut self,
        name: Value<'_>,
        solution: Value<'_>,
        implicit: (Value<'_>, Value<'_>),
    ) -> Result<Option<Ruling>, TooLarge> {
        let Node::Symbol(symbol) = name.expression.node(name.node) else { return Ok(None) };
        if equality::variables(solution).contains(&symbol) {
            return Ok(None);
        }
        let mut at = Expression::default();
        let zero = at.integer(0)?;
        let one = at.integer(1)?;
        let variable = at.symbol(symbol)?;
        let solution = scratch::copy(&mut at, solution, &[])?;
        let (left, right) = (scratch::copy(&mut at, implicit.0, &[])?, scratch::copy(&mut at, implicit.1, &[])?);
        let difference = scratch::difference(&mut at, left, right)?;
        let at_solution = scratch::substitute(&mut at, difference, symbol, solution)?;
        let at_zero = scratch::substitute(&mut at, difference, symbol, zero)?;
        let at_one = scratch::substitute(&mut at, difference, symbol, one)?;
        let slope = scratch::difference(&mut at, at_one, at_zero)?;
        let rise = at.operation(Operator::Multiply, &[slope, variable])?;
        let line = at.operation(Operator::Add, &[at_zero, rise])?;
        let mut is_same = |left, right| {
            let (left, right) = (Value { expression: &at, node: left }, Value { expression: &at, node: right });
            equality::equal(left, right, &self.profile.values, self.fuel).verdict
        };
        let is_solved = is_same(at_solution, zero) == Verdict::Equal
            && is_same(difference, line) == Verdict::Equal
            && is_same(slope, zero) == Verdict::Different;
        Ok(is_solved.then_some(equal("relation", "one equation is the other, solved for a variable")))
    }
}
