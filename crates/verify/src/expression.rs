//! A mathematical expression as it was written: a flat arena of nodes, nothing evaluated and nothing simplified.
//!
//! A node is a leaf (a numeral, a name, a constant, words) or an [`Operator`] over child nodes. Children come before their parents,
//! so a pass over `0..len` meets every operand before its use and no traversal needs recursion. A node may have several parents:
//! `a < b < c` is `And[Less[a, b], Less[b, c]]` with one `b`.
//!
//! The arena is bounded ([`MAX_NODES`], [`MAX_DEPTH`]); a builder that meets a bound fails, and the answer stays unread.

mod operator;
mod print;

use std::ops::Range;

pub use operator::{Constant, Operator};
pub use print::MAX_PRINTED_BYTES;

/// The most nodes of an expression.
pub const MAX_NODES: usize = 4_000;

/// The deepest nesting of an expression, in operators.
pub const MAX_DEPTH: usize = 128;

/// So many names are searched before one is kept again, so that adding a name takes bounded time.
const MAX_SHARED_NAMES: usize = 32;

/// A node of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Node<'e> {
    /// A numeral.
    Number(&'e Numeral),
    /// A variable or function name with its subscript, such as `x`, `alpha`, `x_1` or `f`.
    Symbol(&'e str),
    /// Words, such as the content of `\text{no solution}`.
    Text(&'e str),
    /// A number or set that has a name.
    Constant(Constant),
    /// An operator over child nodes.
    Operation(Operator, &'e [NodeId]),
}

/// A numeral as it was written: `digits` with the decimal point `num_decimals` from the right, times ten to the `exponent`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Numeral {
    /// The digits, without separators, sign or point; at least one.
    pub digits: String,
    /// How many of the digits stand after the decimal point.
    pub num_decimals: u32,
    /// Whether a decimal point was written, which `1.` has without decimals.
    pub has_point: bool,
    /// The power of ten of scientific notation; 0 where there is none.
    pub exponent: i64,
}

/// An expression.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expression {
    cells: Vec<Cell>,
    children: Vec<NodeId>,
    numerals: Vec<Numeral>,
    names: Vec<Box<str>>,
}

/// A node and the depth below it.
#[derive(Clone, Debug, PartialEq)]
struct Cell {
    content: Content,
    depth: u32,
}

#[derive(Clone, Debug, PartialEq)]
enum Content {
    Number(u32),
    Symbol(u32),
    Text(u32),
    Constant(Constant),
    Operation(Operator, Range<u32>),
}

/// An expression has more nodes or is nested deeper than the bounds allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooLarge {
    /// [`MAX_NODES`] was reached.
    #[error("the expression has more than {MAX_NODES} parts")]
    Nodes,
    /// [`MAX_DEPTH`] was reached.
    #[error("the expression is nested deeper than {MAX_DEPTH}")]
    Depth,
}

// === impl NodeId ===

impl NodeId {
    /// Returns the position of the node in its arena.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

// === impl Expression ===

impl Expression {
    /// Returns the number of nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Returns whether there is no node yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Returns the last node that was added, which is the root of a finished expression.
    #[must_use]
    pub fn root(&self) -> Option<NodeId> {
        let last = self.cells.len().checked_sub(1)?;
        u32::try_from(last).ok().map(NodeId)
    }

    /// Returns what a node is.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Node<'_> {
        match &self.cells[id.index()].content {
            Content::Number(index) => Node::Number(&self.numerals[*index as usize]),
            Content::Symbol(index) => Node::Symbol(&self.names[*index as usize]),
            Content::Text(index) => Node::Text(&self.names[*index as usize]),
            Content::Constant(constant) => Node::Constant(*constant),
            Content::Operation(operator, range) => {
                Node::Operation(*operator, &self.children[range.start as usize..range.end as usize])
            }
        }
    }

    /// Returns the children of a node if it is this operator.
    #[must_use]
    pub fn operands(&self, id: NodeId, wanted: Operator) -> Option<&[NodeId]> {
        match self.node(id) {
            Node::Operation(operator, children) if operator == wanted => Some(children),
            _ => None,
        }
    }

    /// Returns the id of the node at a position of the arena, if there is one.
    #[must_use]
    pub fn id(&self, index: usize) -> Option<NodeId> {
        (index < self.cells.len()).then_some(NodeId(index as u32))
    }

    /// Returns every node id from the first to the last: operands before the operators that use them.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        (0..u32::try_from(self.cells.len()).unwrap_or(u32::MAX)).map(NodeId)
    }

    /// Adds a numeral.
    pub fn number(&mut self, numeral: Numeral) -> Result<NodeId, TooLarge> {
        let index = self.numerals.len() as u32;
        self.numerals.push(numeral);
        self.add(Content::Number(index), 0)
    }

    /// Adds a whole number.
    pub fn integer(&mut self, value: u64) -> Result<NodeId, TooLarge> {
        self.number(Numeral { digits: value.to_string(), num_decimals: 0, has_point: false, exponent: 0 })
    }

    /// Adds a name.
    pub fn symbol(&mut self, name: impl Into<Box<str>>) -> Result<NodeId, TooLarge> {
        let index = self.intern(name.into());
        self.add(Content::Symbol(index), 0)
    }

    /// Adds words.
    pub fn text(&mut self, text: impl Into<Box<str>>) -> Result<NodeId, TooLarge> {
        let index = self.intern(text.into());
        self.add(Content::Text(index), 0)
    }

    /// Adds a named number or set.
    pub fn constant(&mut self, constant: Constant) -> Result<NodeId, TooLarge> {
        self.add(Content::Constant(constant), 0)
    }

    /// Adds an operator over nodes that are there.
    pub fn operation(&mut self, operator: Operator, operands: &[NodeId]) -> Result<NodeId, TooLarge> {
        debug_assert!(operands.iter().all(|id| id.index() < self.cells.len()), "operands come before their operator");
        let depth = operands.iter().map(|id| self.cells[id.index()].depth + 1).max().unwrap_or(0);
        let from = self.children.len() as u32;
        self.children.extend_from_slice(operands);
        self.add(Content::Operation(operator, from..self.children.len() as u32), depth)
    }

    /// Makes a node the root, by leaving out every node that it does not need.
    pub fn set_root(&mut self, root: NodeId) {
        let mut is_needed = vec![false; root.index() + 1];
        is_needed[root.index()] = true;
        for id in (0..=root.0).rev().map(NodeId).filter(|id| id.index() < self.cells.len()) {
            if let (true, Node::Operation(_, operands)) = (is_needed[id.index()], self.node(id)) {
                operands.iter().for_each(|operand| is_needed[operand.index()] = true);
            }
        }
        let mut moved = vec![NodeId(0); is_needed.len()];
        let (mut cells, mut children) = (Vec::with_capacity(is_needed.len()), Vec::new());
        for index in (0..is_needed.len()).filter(|index| is_needed[*index]) {
            moved[index] = NodeId(cells.len() as u32);
            let mut cell = self.cells[index].clone();
            if let Content::Operation(_, range) = &mut cell.content {
                let from = children.len() as u32;
                let operands = &self.children[range.start as usize..range.end as usize];
                children.extend(operands.iter().map(|operand| moved[operand.index()]));
                *range = from..children.len() as u32;
            }
            cells.push(cell);
        }
        self.cells = cells;
        self.children = children;
    }

    fn intern(&mut self, name: Box<str>) -> u32 {
        let known = self.names.iter().take(MAX_SHARED_NAMES).position(|known| *known == name);
        let index = known.unwrap_or_else(|| {
            self.names.push(name);
            self.names.len() - 1
        });
        index as u32
    }

    fn add(&mut self, content: Content, depth: u32) -> Result<NodeId, TooLarge> {
        if depth as usize > MAX_DEPTH {
            return Err(TooLarge::Depth);
        }
        if self.cells.len() >= MAX_NODES {
            return Err(TooLarge::Nodes);
        }
        self.cells.push(Cell { content, depth });
        Ok(NodeId(self.cells.len() as u32 - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operands_come_before_their_operator_and_are_found_again() {
        let mut expression = Expression::default();
        let two = expression.integer(2).unwrap();
        let x = expression.symbol("x").unwrap();
        let power = expression.operation(Operator::Power, &[x, two]).unwrap();
        assert_eq!(expression.root(), Some(power));
        assert_eq!(expression.node(power), Node::Operation(Operator::Power, &[x, two]));
        assert_eq!(expression.node(x), Node::Symbol("x"));
        assert_eq!(expression.operands(power, Operator::Add), None);
    }

    #[test]
    fn an_expression_that_is_too_deep_or_too_large_is_refused() {
        let mut expression = Expression::default();
        let mut node = expression.integer(1).unwrap();
        for _ in 0..MAX_DEPTH {
            node = expression.operation(Operator::Negate, &[node]).unwrap();
        }
        assert_eq!(expression.operation(Operator::Negate, &[node]), Err(TooLarge::Depth));
        while expression.len() < MAX_NODES {
            expression.integer(1).unwrap();
        }
        assert_eq!(expression.symbol("x"), Err(TooLarge::Nodes));
    }
}
