//! Which nodes of an arena a value is made of, found without a look at the others.

use std::collections::HashSet;

use super::Value;
use crate::expression::{Node, NodeId, Operator};

/// The nodes that a value is made of.
///
/// Operands stand close before their operators, so that the stretch of the arena from the first of them to the value is hardly longer than
/// the value itself: what is in the same arena besides costs nothing.
pub(super) struct Scope<'e> {
    value: Value<'e>,
    /// Whether a node belongs to the value, by how far before its last node it stands.
    is_within: Vec<bool>,
}

// === impl Scope ===

impl<'e> Scope<'e> {
    /// Finds the nodes of a value.
    pub(super) fn of(value: Value<'e>) -> Self {
        let mut scope = Self { value, is_within: vec![true] };
        let mut distance = 0;
        while let Some(is_within) = scope.is_within.get(distance) {
            let id = value.expression.id(value.node.index() - distance).filter(|_| *is_within);
            if let Some(Node::Operation(_, operands)) = id.map(|id| value.expression.node(id)) {
                for operand in operands {
                    let distance = scope.distance(*operand);
                    if distance >= scope.is_within.len() {
                        scope.is_within.resize(distance + 1, false);
                    }
                    scope.is_within[distance] = true;
                }
            }
            distance += 1;
        }
        scope
    }

    /// Returns the length of the stretch of the arena that the nodes are in.
    pub(super) fn len(&self) -> usize {
        self.is_within.len()
    }

    /// Returns the place of a node in the stretch, counted from its end.
    pub(super) fn distance(&self, id: NodeId) -> usize {
        self.value.node.index() - id.index()
    }

    /// Returns the nodes, operands before the operators that use them.
    pub(super) fn ids(&self) -> impl DoubleEndedIterator<Item = NodeId> {
        let distances = (0..self.is_within.len()).rev().filter(|distance| self.is_within[*distance]);
        distances.filter_map(|distance| self.value.expression.id(self.value.node.index() - distance))
    }
}

/// Returns the names of the free variables of a value, each once, in the order of their first use in the arena.
#[must_use]
pub fn variables(value: Value<'_>) -> Vec<&str> {
    let expression = value.expression;
    let (mut names, mut bound) = (Vec::new(), HashSet::new());
    let mut known = HashSet::new();
    for id in Scope::of(value).ids() {
        match expression.node(id) {
            Node::Symbol(name) if known.insert(name) => names.push(name),
            Node::Operation(
                Operator::Sum | Operator::Product | Operator::Integral | Operator::Limit | Operator::Evaluate,
                [_, name, ..],
            )
            | Node::Operation(Operator::Apply | Operator::Prime, [name, ..]) => {
                if let Node::Symbol(name) = expression.node(*name) {
                    bound.insert(name);
                }
            }
            _ => {}
        }
    }
    names.retain(|name| !bound.contains(name));
    names
}
