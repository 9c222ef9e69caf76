//! Brackets: groups, intervals, tuples, sets, absolute values and their kin.

use super::{Parser, Result, Surroundings, list::Separators};
use crate::{
    expression::{Constant, NodeId, Operator},
    latex::token::{Fence, Kind},
};

// === impl Parser ===

impl Parser<'_> {
    /// Reads a bracket of any kind.
    pub(super) fn bracket(&mut self) -> Result<NodeId> {
        let kind = self.peek();
        match kind {
            Kind::Open(Fence::Group) => self.group(),
            Kind::Open(fence @ (Fence::Round | Fence::Square | Fence::Angle)) => self.interval_or_tuple(fence),
            Kind::Open(Fence::Brace) => self.set(),
            Kind::Open(Fence::Floor) => self.enclosed(Operator::Floor, Kind::Close(Fence::Floor)),
            Kind::Open(Fence::Ceiling) => self.enclosed(Operator::Ceiling, Kind::Close(Fence::Ceiling)),
            Kind::Open(Fence::Bar) => self.enclosed(Operator::Abs, Kind::Close(Fence::Bar)),
            Kind::Open(Fence::DoubleBar) => self.enclosed(Operator::Norm, Kind::Close(Fence::DoubleBar)),
            Kind::Bar => self.enclosed(Operator::Abs, Kind::Bar),
            _ => self.enclosed(Operator::Norm, Kind::DoubleBar),
        }
    }

    /// Reads something within brackets, where the bars and colons around mean nothing.
    pub(super) fn within<T>(&mut self, inner: Surroundings, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let outer = std::mem::replace(&mut self.around, inner);
        let result = read(self);
        self.around = outer;
        result
    }

    /// Reads `{…}`, which groups; elements with commas between them are a set.
    fn group(&mut self) -> Result<NodeId> {
        let start = self.position;
        self.position += 1;
        let inner = self.within(Surroundings::default(), |parser| {
            let base = parser.scratch.len();
            let from = parser.position;
            let separators = parser.elements()?;
            if parser.scratch.len() == base + 1 {
                return parser.group_of_one(base, from);
            }
            parser.sets_of_groups(base, from)?;
            let are_relations = parser.scratch.iter().skip(base).all(|element| parser.is_relation(*element));
            let operator = if are_relations { parser.list_operator(separators, base) } else { Operator::Set };
            parser.operation_from(operator, base)
        })?;
        self.close_group()?;
        self.last_group = (start, self.position);
        Ok(inner)
    }

    /// Reads the rest of a group with one element so far: a set-builder, two halves, or nothing more.
    fn group_of_one(&mut self, base: usize, from: usize) -> Result<NodeId> {
        let element = self.operation_unless_single(Operator::List, base)?;
        match self.peek() {
            Kind::Mid => {
                self.position += 1;
                let condition = self.list()?;
                self.operation(Operator::SetBuilder, &[element, condition])
            }
            Kind::Halves(operator) => {
                self.position += 1;
                let second = self.list()?;
                self.operation(operator, &[element, second])
            }
            Kind::Semicolon => {
                self.scratch.push(element);
                while self.eat(Kind::Semicolon) {
                    let next = self.list()?;
                    self.scratch.push(next);
                }
                self.operation_from(Operator::Set, base)
            }
            _ if self.skip_differential()? => Ok(element),
            _ => {
                debug_assert!(self.position > from, "an element takes a token");
                Ok(element)
            }
        }
    }

    /// Makes sets of the elements that are groups themselves: `{{1}, {2}}`.
    fn sets_of_groups(&mut self, base: usize, from: usize) -> Result<()> {
        let mut offset = from;
        for index in base..self.scratch.len() {
            let is_group = self.tokens.get(offset).is_some_and(|token| token.kind == Kind::Open(Fence::Group));
            let mut depth = 0_usize;
            while let Some(token) = self.tokens.get(offset).filter(|token| depth > 0 || token.kind != Kind::Comma) {
                match token.kind {
                    Kind::Open(_) => depth += 1,
                    Kind::Close(_) if depth == 0 => break,
                    Kind::Close(_) => depth -= 1,
                    _ => {}
                }
                offset += 1;
            }
            offset += 1;
            if let Some(element) = self.scratch.get(index).copied().filter(|_| is_group) {
                let set = self.as_set(element)?;
                if let Some(slot) = self.scratch.get_mut(index) {
                    *slot = set;
                }
            }
        }
        Ok(())
    }

    /// Reads the end of a group; one that ends with the answer was left open.
    fn close_group(&mut self) -> Result<()> {
        match self.peek() {
            Kind::Close(Fence::Group | Fence::Brace) => {
                self.position += 1;
                Ok(())
            }
            Kind::Finish => Ok(()),
            _ => Err(self.unexpected("`}`")),
        }
    }

    /// Reads the elements in a bracket onto the operands that wait, and returns what separates them and what closes them.
    pub(super) fn bracket_elements(&mut self, fence: Fence) -> Result<(Separators, Fence)> {
        self.position += 1;
        if let Kind::Close(close) = self.peek() {
            self.position += 1;
            return Ok((Separators::default(), close));
        }
        let separators = self.within(Surroundings::default(), |parser| {
            let mut separators = parser.elements()?;
            while parser.peek() == Kind::Semicolon {
                parser.position += 1;
                separators.has_semicolon = true;
                parser.elements()?;
            }
            Ok(separators)
        })?;
        let close = match (fence, self.peek()) {
            (Fence::Round | Fence::Square, Kind::Close(close @ (Fence::Round | Fence::Square))) => {
                self.position += 1;
                close
            }
            (Fence::Round | Fence::Square, Kind::Open(Fence::Square)) if self.is_turned_away() => {
                self.position += 1;
                Fence::Round
            }
            (_, Kind::Close(close)) if close == fence => {
                self.position += 1;
                close
            }
            // `(1, 2}` and `(1, 2` were left open.
            (_, Kind::Finish | Kind::Close(_) | Kind::End) => fence,
            _ => return Err(self.unexpected("a closing bracket")),
        };
        Ok((separators, close))
    }

    /// Reads `(a, b]` and its like.
    fn interval_or_tuple(&mut self, open: Fence) -> Result<NodeId> {
        let base = self.scratch.len();
        let (separators, close) = self.bracket_elements(open)?;
        let count = self.scratch.len() - base;
        let operator = match (count, open, close) {
            (1, Fence::Round | Fence::Square, _) => return self.operation_unless_single(Operator::List, base),
            (2, _, _) if self.list_operator(separators, base) != Operator::List => self.list_operator(separators, base),
            (2, Fence::Round, Fence::Round) => Operator::OpenOpen,
            (2, Fence::Round, Fence::Square) => Operator::OpenClosed,
            (2, Fence::Square, Fence::Round) => Operator::ClosedOpen,
            (2, Fence::Square, Fence::Square) => Operator::ClosedClosed,
            (_, Fence::Round, _) => Operator::Tuple,
            _ => Operator::Bracketed,
        };
        self.operation_from(operator, base)
    }

    /// Reads `]a, b[`, whose brackets are turned away.
    pub(super) fn reversed_interval(&mut self) -> Result<NodeId> {
        self.position += 1;
        let inner = Surroundings { is_reversed: true, ..Surroundings::default() };
        let (from, to) = self.within(inner, |parser| {
            let from = parser.statement()?;
            if !matches!(parser.peek(), Kind::Comma | Kind::Semicolon) {
                return Err(parser.unexpected("the other end of the interval"));
            }
            parser.position += 1;
            Ok((from, parser.statement()?))
        })?;
        let operator = match self.peek() {
            Kind::Open(Fence::Square) | Kind::Close(Fence::Round) => Operator::OpenOpen,
            Kind::Close(Fence::Square) => Operator::OpenClosed,
            _ => return Err(self.unexpected("the end of the interval")),
        };
        self.position += 1;
        self.operation(operator, &[from, to])
    }

    /// Reads `\{…\}`: a set by its elements, or by a condition.
    fn set(&mut self) -> Result<NodeId> {
        self.position += 1;
        if matches!(self.peek(), Kind::Close(Fence::Brace | Fence::Group)) {
            self.position += 1;
            return self.constant(Constant::EmptySet);
        }
        let base = self.scratch.len();
        let inner = Surroundings { is_builder: true, ..Surroundings::default() };
        self.within(inner, |parser| {
            let from = parser.position;
            parser.elements()?;
            parser.sets_of_groups(base, from)?;
            while parser.peek() == Kind::Semicolon {
                parser.position += 1;
                parser.elements()?;
            }
            Ok(())
        })?;
        let operator = match self.peek() {
            Kind::Bar | Kind::Mid | Kind::Colon => {
                self.position += 1;
                let element = self.operation_unless_single(Operator::List, base)?;
                self.scratch.push(element);
                let condition = self.within(Surroundings::default(), Self::list)?;
                self.scratch.push(condition);
                Operator::SetBuilder
            }
            _ => Operator::Set,
        };
        let is_closed = matches!(self.peek(), Kind::Close(Fence::Brace | Fence::Group));
        self.position += usize::from(is_closed);
        match self.scratch.get(base..) {
            // `\left\{ \begin{array}…\end{array} \right.` is a system of equations.
            Some([single])
                if !is_closed
                    && matches!(self.operator(*single), Some(Operator::Matrix | Operator::List | Operator::Cases)) =>
            {
                let single = *single;
                self.scratch.truncate(base);
                self.as_system(single)
            }
            _ if !is_closed && self.peek() != Kind::Finish => Err(self.unexpected("`\\}`")),
            _ => self.operation_from(operator, base),
        }
    }

    /// Reads one value between two signs.
    fn enclosed(&mut self, operator: Operator, close: Kind) -> Result<NodeId> {
        self.position += 1;
        let num_bars = u32::from(matches!(close, Kind::Bar | Kind::DoubleBar)) + self.around.num_bars;
        let inner = Surroundings { num_bars, ..Surroundings::default() };
        let value = self.within(inner, Self::list)?;
        match (close, self.peek()) {
            (_, next) if next == close => self.position += 1,
            // A bar may be closed by whichever bar is there.
            (Kind::Close(Fence::Bar), Kind::Bar) | (Kind::Bar, Kind::Close(Fence::Bar)) => self.position += 1,
            (_, Kind::Finish) => {}
            _ => return Err(self.unexpected("the closing sign")),
        }
        self.operation(operator, &[value])
    }
}
