//! Matrices, cases, and lines of an environment.

use super::{Parser, Result};
use crate::{
    expression::{NodeId, Operator},
    latex::token::{Environment, Kind},
};

// === impl Parser ===

impl Parser<'_> {
    /// Reads the rows of an environment up to its end.
    pub(super) fn matrix_rows(&mut self, environment: Environment) -> Result<NodeId> {
        let base = self.scratch.len();
        let mut is_column = true;
        loop {
            if self.eat(Kind::RowBreak) {
                continue;
            }
            if matches!(self.peek(), Kind::End | Kind::Finish) {
                break;
            }
            let row_base = self.scratch.len();
            self.row()?;
            is_column &= self.scratch.len() == row_base + 1;
            let row = match environment {
                Environment::Lines => self.operation_unless_single(Operator::List, row_base)?,
                _ => self.operation_from(Operator::Row, row_base)?,
            };
            self.scratch.push(row);
            if !matches!(self.peek(), Kind::RowBreak | Kind::End | Kind::Finish) {
                return Err(self.unexpected("the end of the row"));
            }
        }
        self.eat(Kind::End);
        match environment {
            Environment::Lines => self.operation_unless_single(Operator::List, base),
            Environment::Cases => {
                let cases = self.operation_from(Operator::Cases, base)?;
                if is_column { self.as_system(cases) } else { Ok(cases) }
            }
            _ => self.operation_from(Operator::Matrix, base),
        }
    }

    /// Reads the cells of a row onto the operands that wait.
    fn row(&mut self) -> Result<()> {
        loop {
            let is_empty = matches!(self.peek(), Kind::Ampersand | Kind::RowBreak | Kind::End | Kind::Finish);
            let cell = if is_empty { self.worded("")? } else { self.cell()? };
            self.scratch.push(cell);
            if !self.eat(Kind::Ampersand) {
                return Ok(());
            }
        }
    }

    /// Reads a cell; of a condition, the words before it say nothing.
    fn cell(&mut self) -> Result<NodeId> {
        if self.peek() == Kind::Text && matches!(self.text_at(0), "if" | "for" | "when" | "where") {
            self.position += 1;
        }
        self.list()
    }

    /// Makes a list of equations of a matrix or of cases with one column.
    pub(super) fn as_system(&mut self, rows: NodeId) -> Result<NodeId> {
        let Some(operands) = self
            .expression
            .operands(rows, Operator::Cases)
            .or_else(|| self.expression.operands(rows, Operator::Matrix))
        else {
            return Ok(rows);
        };
        let cells: Option<Vec<NodeId>> = operands
            .iter()
            .map(|row| match self.expression.operands(*row, Operator::Row) {
                Some([cell]) => Some(*cell),
                _ => None,
            })
            .collect();
        match cells {
            Some(cells) => {
                self.has_orphans = true;
                self.operation(Operator::List, &cells)
            }
            None => Ok(rows),
        }
    }
}
