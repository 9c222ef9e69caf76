//! Statements: relations and their chains, ratios, and operations on sets.

use super::{Parser, Result};
use crate::{
    expression::{NodeId, Operator},
    latex::token::{Fence, Kind},
};

// === impl Parser ===

impl Parser<'_> {
    /// Reads relations with arrows between them.
    pub(super) fn statement(&mut self) -> Result<NodeId> {
        let mut left = self.relation()?;
        while self.eat(Kind::Arrow) {
            let right = self.relation()?;
            left = self.operation(Operator::Implies, &[left, right])?;
        }
        Ok(left)
    }

    /// Reads a chain of relations; one of several is the conjunction of the neighbours' relations.
    pub(super) fn relation(&mut self) -> Result<NodeId> {
        let base = self.scratch.len();
        let mut left = self.left_side()?;
        while let Some((operator, name)) = self.relation_sign() {
            let start = self.position;
            let mut right = self.ratio()?;
            if matches!(operator, Operator::In | Operator::NotIn | Operator::Subset) && self.is_group_since(start) {
                right = self.as_set(right)?;
            }
            let node = match (operator, self.modulus()?) {
                (Operator::Related | Operator::Equal, Some(modulus)) => {
                    self.operation(Operator::Congruent, &[left, right, modulus])?
                }
                (Operator::Related, None) => {
                    let name = self.worded(name)?;
                    self.operation(Operator::Related, &[left, right, name])?
                }
                (_, Some(modulus)) => {
                    let remainder = self.operation(Operator::Modulo, &[right, modulus])?;
                    self.operation(operator, &[left, remainder])?
                }
                (_, None) => self.operation(operator, &[left, right])?,
            };
            self.scratch.push(node);
            left = right;
        }
        if self.scratch.len() == base {
            return match self.modulus()? {
                Some(modulus) => self.operation(Operator::Modulo, &[left, modulus]),
                None => Ok(left),
            };
        }
        self.operation_unless_single(Operator::And, base)
    }

    /// Reads the first side of a relation; a constant's letter that a value is assigned to is a name.
    fn left_side(&mut self) -> Result<NodeId> {
        let is_assigned = match self.peek_at(1) {
            Kind::Relation(Operator::Equal) => true,
            // `e` is about 2.7 by itself; an eccentricity is something else, as a rule.
            Kind::Relation(Operator::Approximate) => !self.text_at(2).starts_with("2.7"),
            _ => false,
        };
        if is_assigned && self.peek() == Kind::Letter {
            let name = self.text_at(0);
            self.position += 1;
            return self.named(name);
        }
        self.relation_start = self.position;
        self.ratio()
    }

    /// Reads the sign of a relation, with its name.
    fn relation_sign(&mut self) -> Option<(Operator, &'static str)> {
        let is_negated = self.peek() == Kind::Not;
        let Kind::Relation(operator) = self.peek_at(usize::from(is_negated)) else {
            return None;
        };
        self.position += usize::from(is_negated);
        let name = related_name(self.text_at(0));
        self.position += 1;
        Some(match (is_negated, operator) {
            (false, operator) => (operator, name),
            (true, Operator::Equal) => (Operator::NotEqual, name),
            (true, Operator::In) => (Operator::NotIn, name),
            (true, Operator::Less) => (Operator::GreaterEqual, name),
            (true, Operator::Greater) => (Operator::LessEqual, name),
            (true, Operator::LessEqual) => (Operator::Greater, name),
            (true, Operator::GreaterEqual) => (Operator::Less, name),
            (true, _) => (Operator::Related, "not"),
        })
    }

    /// Reads `\pmod{n}` or `(mod n)`.
    fn modulus(&mut self) -> Result<Option<NodeId>> {
        if self.eat(Kind::ParenthesisedModulo) {
            return self.argument().map(Some);
        }
        if self.peek() == Kind::Open(Fence::Round) && self.peek_at(1) == Kind::Modulo {
            self.position += 2;
            let modulus = self.sum()?;
            self.eat(Kind::Close(Fence::Round));
            return Ok(Some(modulus));
        }
        Ok(None)
    }

    /// Reads `a : b : c`.
    pub(super) fn ratio(&mut self) -> Result<NodeId> {
        let base = self.scratch.len();
        let first = self.without()?;
        if self.peek() != Kind::Colon || self.around.is_builder {
            return Ok(first);
        }
        self.scratch.push(first);
        while self.peek() == Kind::Colon && !self.around.is_builder {
            self.position += 1;
            let next = self.without()?;
            self.scratch.push(next);
        }
        self.operation_from(Operator::Ratio, base)
    }

    /// Reads `A \setminus B`.
    fn without(&mut self) -> Result<NodeId> {
        let start = self.position;
        let mut left = self.several(Kind::Union)?;
        if self.peek() == Kind::Without && self.is_group_since(start) {
            left = self.as_set(left)?;
        }
        while self.eat(Kind::Without) {
            let start = self.position;
            let mut right = self.several(Kind::Union)?;
            if self.is_group_since(start) {
                right = self.as_set(right)?;
            }
            left = self.operation(Operator::Without, &[left, right])?;
        }
        Ok(left)
    }

    /// Reads unions of intersections, or intersections of sums.
    fn several(&mut self, sign: Kind) -> Result<NodeId> {
        let base = self.scratch.len();
        loop {
            let start = self.position;
            let mut operand = if sign == Kind::Union { self.several(Kind::Intersection)? } else { self.sum()? };
            let is_operand = self.scratch.len() > base || self.peek() == sign;
            if is_operand && self.is_group_since(start) {
                operand = self.as_set(operand)?;
            }
            if !is_operand {
                return Ok(operand);
            }
            self.scratch.push(operand);
            if !self.eat(sign) {
                break;
            }
        }
        let operator = if sign == Kind::Union { Operator::Union } else { Operator::Intersection };
        self.operation_from(operator, base)
    }

    /// Makes a set of what stands in plain braces, where a set is meant.
    pub(super) fn as_set(&mut self, element: NodeId) -> Result<NodeId> {
        match self.operator(element) {
            Some(Operator::Set | Operator::SetBuilder) => Ok(element),
            _ => self.operation(Operator::Set, &[element]),
        }
    }
}

/// Returns the name that a relation is compared by.
fn related_name(text: &str) -> &'static str {
    match text {
        "equiv" | "≡" => "equiv",
        "cong" => "cong",
        "sim" | "∼" => "sim",
        "simeq" => "simeq",
        "propto" | "∝" => "propto",
        "parallel" | "∥" => "parallel",
        "perp" | "⊥" => "perp",
        "supset" | "⊃" => "supset",
        "supseteq" | "⊇" => "supseteq",
        "ll" => "ll",
        "gg" => "gg",
        _ => "related",
    }
}
