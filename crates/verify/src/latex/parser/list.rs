//! Rows, and lists whose elements commas or words separate.

use super::{Parser, Result};
use crate::{
    expression::{Node, NodeId, Operator},
    latex::token::Kind,
};

/// What separates the elements of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Separators {
    has_comma: bool,
    has_and: bool,
    has_or: bool,
    /// A semicolon, which separates rows.
    pub(super) has_semicolon: bool,
}

// === impl Parser ===

impl Parser<'_> {
    /// Reads `a \over b` or `a \choose b`, or rows.
    pub(super) fn halves(&mut self) -> Result<NodeId> {
        let first = self.rows()?;
        match self.peek() {
            Kind::Halves(operator) => {
                self.position += 1;
                let second = self.rows()?;
                self.operation(operator, &[first, second])
            }
            _ => Ok(first),
        }
    }

    /// Reads lists that semicolons separate.
    fn rows(&mut self) -> Result<NodeId> {
        let base = self.scratch.len();
        loop {
            let row = self.list()?;
            self.scratch.push(row);
            let mut is_separated = false;
            while matches!(self.peek(), Kind::Semicolon | Kind::RowBreak) {
                self.position += 1;
                is_separated = true;
            }
            if !is_separated || self.is_at_end() {
                break;
            }
        }
        let elements = self.scratch.get(base..).unwrap_or_default();
        // Rows of one element each are elements that a semicolon separates.
        let has_rows = elements.iter().any(|row| self.operator(*row) == Some(Operator::List));
        self.operation_unless_single(if has_rows { Operator::Rows } else { Operator::List }, base)
    }

    /// Reads a list without brackets.
    pub(super) fn list(&mut self) -> Result<NodeId> {
        let base = self.scratch.len();
        let separators = self.elements()?;
        let operator = self.list_operator(separators, base);
        self.operation_unless_single(operator, base)
    }

    /// Reads the elements of a list onto the operands that wait.
    pub(super) fn elements(&mut self) -> Result<Separators> {
        let base = self.scratch.len();
        let mut separators = Separators::default();
        let mut assignment = None;
        loop {
            let from = self.position;
            let element = self.statement()?;
            let joins = assignment.is_some() && !self.is_relation(element);
            if !joins {
                self.finish_assignment(&mut assignment)?;
                if self.is_assignment(element) {
                    assignment = Some(self.scratch.len());
                }
            }
            self.scratch.push(element);
            if !self.separator(&mut separators) || self.is_at_end() {
                break;
            }
            debug_assert!(self.position > from, "every element takes a token");
        }
        self.finish_assignment(&mut assignment)?;
        debug_assert!(self.scratch.len() > base, "a list has an element");
        Ok(separators)
    }

    /// Reads what separates two elements, and returns whether there was anything.
    fn separator(&mut self, separators: &mut Separators) -> bool {
        let mut is_separated = self.peek() == Kind::Boxed;
        loop {
            match self.peek() {
                Kind::Comma => separators.has_comma = true,
                Kind::And => separators.has_and = true,
                Kind::Or => separators.has_or = true,
                _ => return is_separated,
            }
            is_separated = true;
            self.position += 1;
        }
    }

    fn is_at_end(&self) -> bool {
        matches!(self.peek(), Kind::Finish | Kind::Close(_) | Kind::End | Kind::RowBreak | Kind::Ampersand)
    }

    /// Makes `x = [1, 2]` of the operands `x = 1`, `2` that wait from a place on.
    fn finish_assignment(&mut self, assignment: &mut Option<usize>) -> Result<()> {
        let Some(at) = assignment.take().filter(|at| at + 1 < self.scratch.len()) else {
            return Ok(());
        };
        let sides = self.scratch.get(at).and_then(|node| self.expression.operands(*node, Operator::Equal));
        let Some(&[variable, value]) = sides else {
            return Ok(());
        };
        if let Some(slot) = self.scratch.get_mut(at) {
            *slot = value;
        }
        let values = self.operation_from(Operator::List, at)?;
        let equation = self.operation(Operator::Equal, &[variable, values])?;
        self.has_orphans = true;
        self.scratch.push(equation);
        Ok(())
    }

    fn is_assignment(&self, element: NodeId) -> bool {
        let Some([left, _]) = self.expression.operands(element, Operator::Equal) else {
            return false;
        };
        match self.expression.node(*left) {
            Node::Symbol(_) => true,
            Node::Operation(Operator::OpenOpen | Operator::Tuple, names) => {
                names.iter().all(|name| matches!(self.expression.node(*name), Node::Symbol(_)))
            }
            _ => false,
        }
    }

    pub(super) fn is_relation(&self, element: NodeId) -> bool {
        self.operator(element)
            .is_some_and(|operator| is_inequality(operator) || matches!(operator, Operator::Equal | Operator::Implies))
    }

    /// Returns what a list is: inequalities that a word joins are one condition, other elements stand side by side.
    pub(super) fn list_operator(&self, separators: Separators, base: usize) -> Operator {
        let elements = self.scratch.get(base..).unwrap_or_default();
        let are_relations = elements.iter().all(|element| self.is_relation(*element));
        let has_inequality = elements.iter().any(|element| self.operator(*element).is_some_and(is_inequality));
        match separators {
            Separators { has_or: true, has_and: false, .. } if are_relations && has_inequality => Operator::Or,
            Separators { has_and: true, has_or: false, .. } if are_relations && has_inequality => Operator::And,
            _ => Operator::List,
        }
    }
}

fn is_inequality(operator: Operator) -> bool {
    use Operator::{
        And, Approximate, Congruent, Greater, GreaterEqual, In, Less, LessEqual, NotEqual, NotIn, Or, Related, Subset,
    };
    matches!(
        operator,
        And | Approximate
            | Congruent
            | Greater
            | GreaterEqual
            | In
            | Less
            | LessEqual
            | NotEqual
            | NotIn
            | Or
            | Related
            | Subset
    )
}
