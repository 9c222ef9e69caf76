//! Builds the expression of a list of tokens.
//!
//! One function a level, from the loosest to the tightest:
//!
//! ```text
//! rows        a, b; c, d               list.rs
//! list        a, b and c               list.rs
//! statement   p \Rightarrow q          relation.rs
//! relation    a = b < c \in S          relation.rs
//! ratio       a : b                    relation.rs
//! set         A \cup B \setminus C     relation.rs
//! sum         a + b - c \pm d          arithmetic.rs
//! product     a \cdot b / c \bmod d    arithmetic.rs, with the unit after it (unit.rs)
//! signed      -a b c                   arithmetic.rs
//! power       a^b, a!, a', a\%, a°     power.rs
//! atom        everything else          atom.rs, and function, bracket, matrix, calculus, number, symbol
//! ```

mod arithmetic;
mod atom;
mod bracket;
mod calculus;
mod function;
mod list;
mod matrix;
mod number;
mod power;
mod relation;
mod symbol;
mod unit;

use super::{
    Notation, ParseError,
    token::{Fence, Kind, Token},
};
use crate::expression::{Constant, Expression, MAX_DEPTH, Node, NodeId, Numeral, Operator, TooLarge};

/// The deepest nesting of brackets, arguments and exponents.
const MAX_NESTING: usize = MAX_DEPTH;

/// The most of an unexpected token that an error shows, in characters.
const MAX_SHOWN_CHARS: usize = 20;

/// Builds the expression of a source's tokens.
pub fn parse(tokens: &[Token], source: &str, notation: &Notation) -> Result<Expression> {
    if tokens.is_empty() {
        return Err(ParseError::Empty);
    }
    let mut parser = Parser {
        source,
        tokens,
        position: 0,
        notation,
        expression: Expression::default(),
        scratch: Vec::new(),
        nesting: 0,
        around: Surroundings::default(),
        integral: None,
        last_group: (0, 0),
        is_i_bound: false,
        has_orphans: false,
        relation_start: 0,
    };
    let root = parser.answer()?;
    let has_orphans = parser.has_orphans;
    let mut expression = parser.expression;
    if expression.root() != Some(root) || has_orphans {
        expression.set_root(root);
    }
    Ok(expression)
}

type Result<T> = std::result::Result<T, ParseError>;

struct Parser<'s> {
    source: &'s str,
    tokens: &'s [Token],
    position: usize,
    notation: &'s Notation,
    expression: Expression,
    /// The operands that are read and wait for their operator, of every level.
    scratch: Vec<NodeId>,
    nesting: usize,
    around: Surroundings,
    integral: Option<Integral>,
    /// Where the last group in plain braces begins and ends.
    last_group: (usize, usize),
    /// Whether `i` is the index of a sum.
    is_i_bound: bool,
    /// Whether nodes were made that nothing needs.
    has_orphans: bool,
    /// Where the relation that is read begins.
    relation_start: usize,
}

/// What the brackets around make of a bar or a colon.
#[derive(Clone, Copy, Default)]
struct Surroundings {
    /// So many bars are open, which the next one closes.
    num_bars: u32,
    /// A bar or a colon ends the element of a set-builder.
    is_builder: bool,
    /// A square bracket closes that opens elsewhere: `]a, b[`.
    is_reversed: bool,
}

/// The integral whose differential is due.
#[derive(Clone, Copy)]
struct Integral {
    /// The variable, where the differential was met within the integrand.
    variable: Option<NodeId>,
}

// === impl Parser ===

impl<'s> Parser<'s> {
    /// Reads the whole answer.
    fn answer(&mut self) -> Result<NodeId> {
        if matches!(self.peek(), Kind::Relation(Operator::Equal | Operator::Approximate)) {
            self.position += 1;
        }
        let root = self.halves()?;
        while matches!(self.peek(), Kind::Close(_) | Kind::Point | Kind::End) {
            self.position += 1;
        }
        match self.peek() {
            Kind::Finish => Ok(root),
            _ => Err(self.unexpected("the end of the answer")),
        }
    }

    // --- tokens ---

    fn peek(&self) -> Kind {
        self.peek_at(0)
    }

    fn peek_at(&self, offset: usize) -> Kind {
        self.tokens.get(self.position + offset).map_or(Kind::Finish, |token| token.kind)
    }

    fn token_at(&self, offset: usize) -> Option<Token> {
        self.tokens.get(self.position + offset).copied()
    }

    fn text_at(&self, offset: usize) -> &'s str {
        self.token_at(offset).map_or("", |token| token.text(self.source))
    }

    fn kind_before(&self) -> Kind {
        self.position.checked_sub(1).and_then(|index| self.tokens.get(index)).map_or(Kind::Finish, |token| token.kind)
    }

    fn eat(&mut self, kind: Kind) -> bool {
        let is_there = self.peek() == kind;
        self.position += usize::from(is_there);
        is_there
    }

    fn unexpected(&self, expected: &'static str) -> ParseError {
        let (position, met) = match self.token_at(0) {
            Some(token) => (token.place().start, token.text(self.source)),
            None => (self.source.len(), "the end"),
        };
        ParseError::Unexpected { position, met: met.chars().take(MAX_SHOWN_CHARS).collect(), expected }
    }

    /// Reads something within something, as deep as the bounds allow.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.nesting >= MAX_NESTING {
            return Err(TooLarge::Depth.into());
        }
        self.nesting += 1;
        let result = read(self);
        self.nesting -= 1;
        result
    }

    // --- nodes ---

    fn operation(&mut self, operator: Operator, operands: &[NodeId]) -> Result<NodeId> {
        Ok(self.expression.operation(operator, operands)?)
    }

    /// Makes an operator of the operands that wait from a place on.
    fn operation_from(&mut self, operator: Operator, base: usize) -> Result<NodeId> {
        let operands = self.scratch.get(base..).unwrap_or_default();
        let node = self.expression.operation(operator, operands)?;
        self.scratch.truncate(base);
        Ok(node)
    }

    /// Makes an operator of the operands that wait from a place on, unless there is only one.
    fn operation_unless_single(&mut self, operator: Operator, base: usize) -> Result<NodeId> {
        match self.scratch.get(base..) {
            Some([single]) => {
                let single = *single;
                self.scratch.truncate(base);
                Ok(single)
            }
            _ => self.operation_from(operator, base),
        }
    }

    fn integer(&mut self, value: u64) -> Result<NodeId> {
        Ok(self.expression.integer(value)?)
    }

    fn constant(&mut self, constant: Constant) -> Result<NodeId> {
        Ok(self.expression.constant(constant)?)
    }

    fn named(&mut self, name: &str) -> Result<NodeId> {
        Ok(self.expression.symbol(name)?)
    }

    fn worded(&mut self, text: &str) -> Result<NodeId> {
        Ok(self.expression.text(text)?)
    }

    /// Returns the numeral of a node that is a whole number.
    fn whole(&self, node: NodeId) -> Option<&Numeral> {
        match self.expression.node(node) {
            Node::Number(numeral) if !numeral.has_point && numeral.exponent == 0 => Some(numeral),
            _ => None,
        }
    }

    fn operator(&self, node: NodeId) -> Option<Operator> {
        match self.expression.node(node) {
            Node::Operation(operator, _) => Some(operator),
            _ => None,
        }
    }

    /// Returns whether what was read since a position is one group in plain braces.
    fn is_group_since(&self, start: usize) -> bool {
        self.last_group == (start, self.position)
    }

    /// Skips to after the bracket that closes the one at an offset, and returns its offset.
    fn closing_offset(&self, open: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for (offset, token) in self.tokens.get(self.position + open..)?.iter().enumerate() {
            match token.kind {
                Kind::Open(_) => depth += 1,
                Kind::Close(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return Some(open + offset);
            }
        }
        None
    }

    fn is_group(&self) -> bool {
        self.peek() == Kind::Open(Fence::Group)
    }
}
