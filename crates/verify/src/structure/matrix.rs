//! Arithmetic of matrices, entry by entry: sums, products, powers and transposes become one matrix whose entries are new nodes.

use super::Matrix;
use crate::expression::{Expression, Node, NodeId, Operator, TooLarge};

/// The most rows and columns that arithmetic takes.
const MAX_SIDE: usize = 8;

/// The most rows of a determinant or an inverse.
const MAX_DETERMINANT: usize = 5;

/// The greatest power that is multiplied out.
const MAX_POWER: u32 = 8;

/// Returns the matrix that a node is, or nothing where it is none.
pub fn evaluate(expression: &mut Expression, id: NodeId) -> Result<Option<Matrix>, TooLarge> {
    let Node::Operation(operator, children) = expression.node(id) else { return Ok(None) };
    let children = children.to_vec();
    match operator {
        Operator::Matrix => Ok(written(expression, &children)),
        Operator::Add => sum(expression, &children),
        Operator::Negate => match evaluate(expression, children[0])? {
            Some(matrix) => {
                map(expression, &matrix, |expression, entry| expression.operation(Operator::Negate, &[entry]))
            }
            None => Ok(None),
        },
        Operator::Multiply => product(expression, &children),
        Operator::Divide => match evaluate(expression, children[0])? {
            Some(matrix) => map(expression, &matrix, |expression, entry| {
                expression.operation(Operator::Divide, &[entry, children[1]])
            }),
            None => Ok(None),
        },
        Operator::Power => power(expression, children[0], children[1]),
        Operator::Transpose => Ok(evaluate(expression, children[0])?.map(|matrix| transpose(&matrix))),
        _ => Ok(None),
    }
}

/// Returns the number that a determinant or a trace is, or nothing where a node is neither.
pub fn scalar(expression: &mut Expression, id: NodeId) -> Result<Option<NodeId>, TooLarge> {
    let Node::Operation(operator, &[operand]) = expression.node(id) else { return Ok(None) };
    if !matches!(operator, Operator::Determinant | Operator::Abs | Operator::Trace) {
        return Ok(None);
    }
    let Some(matrix) = evaluate(expression, operand)? else { return Ok(None) };
    let side = matrix.num_columns;
    if side == 0 || matrix.num_rows() != side {
        return Ok(None);
    }
    if operator == Operator::Trace {
        let diagonal: Vec<NodeId> = (0..side).map(|row| matrix.entries[row * side + row]).collect();
        return total(expression, &diagonal).map(Some);
    }
    if side > MAX_DETERMINANT { Ok(None) } else { determinant(expression, &matrix.entries, side).map(Some) }
}

/// Returns the entries of a matrix that is written out.
fn written(expression: &Expression, rows: &[NodeId]) -> Option<Matrix> {
    let mut entries = Vec::new();
    let mut num_columns = None;
    for row in rows {
        let row = expression.operands(*row, Operator::Row)?;
        // A last row without entries is what a trailing row break leaves.
        if row.is_empty() {
            continue;
        }
        if num_columns.is_some_and(|num_columns| num_columns != row.len()) {
            return None;
        }
        num_columns = Some(row.len());
        entries.extend_from_slice(row);
    }
    num_columns.map(|num_columns| Matrix { num_columns, entries })
}

fn sum(expression: &mut Expression, terms: &[NodeId]) -> Result<Option<Matrix>, TooLarge> {
    let mut matrices = Vec::with_capacity(terms.len());
    for term in terms {
        match evaluate(expression, *term)? {
            Some(matrix) => matrices.push(matrix),
            None => return Ok(None),
        }
    }
    let Some(first) = matrices.first() else { return Ok(None) };
    let (num_columns, num_entries) = (first.num_columns, first.entries.len());
    if matrices.iter().any(|matrix| matrix.num_columns != num_columns || matrix.entries.len() != num_entries) {
        return Ok(None);
    }
    let mut entries = Vec::with_capacity(num_entries);
    for index in 0..num_entries {
        let terms: Vec<NodeId> = matrices.iter().map(|matrix| matrix.entries[index]).collect();
        entries.push(total(expression, &terms)?);
    }
    Ok(Some(Matrix { num_columns, entries }))
}

/// Multiplies the matrices among the factors in their order, and every entry with the factors that are numbers.
fn product(expression: &mut Expression, factors: &[NodeId]) -> Result<Option<Matrix>, TooLarge> {
    let mut matrix: Option<Matrix> = None;
    let mut numbers = Vec::new();
    for factor in factors {
        let Some(next) = evaluate(expression, *factor)? else {
            numbers.push(*factor);
            continue;
        };
        matrix = match matrix {
            None => Some(next),
            Some(left) => match multiplied(expression, &left, &next)? {
                Some(product) => Some(product),
                None => return Ok(None),
            },
        };
    }
    match matrix {
        Some(matrix) if !numbers.is_empty() => map(expression, &matrix, |expression, entry| {
            let factors: Vec<NodeId> = numbers.iter().copied().chain([entry]).collect();
            expression.operation(Operator::Multiply, &factors)
        }),
        matrix => Ok(matrix),
    }
}

fn multiplied(expression: &mut Expression, left: &Matrix, right: &Matrix) -> Result<Option<Matrix>, TooLarge> {
    let (inner, num_columns) = (left.num_columns, right.num_columns);
    if inner != right.num_rows() || inner.max(num_columns).max(left.num_rows()) > MAX_SIDE {
        return Ok(None);
    }
    let mut entries = Vec::with_capacity(left.num_rows() * num_columns);
    for row in 0..left.num_rows() {
        for column in 0..num_columns {
            let mut terms = Vec::with_capacity(inner);
            for index in 0..inner {
                let factors = [left.entries[row * inner + index], right.entries[index * num_columns + column]];
                terms.push(expression.operation(Operator::Multiply, &factors)?);
            }
            entries.push(total(expression, &terms)?);
        }
    }
    Ok(Some(Matrix { num_columns, entries }))
}

fn power(expression: &mut Expression, base: NodeId, exponent: NodeId) -> Result<Option<Matrix>, TooLarge> {
    let Some(matrix) = evaluate(expression, base)? else { return Ok(None) };
    if let Some([negated]) = expression.operands(exponent, Operator::Negate) {
        let is_inverse = whole(expression, *negated) == Some(1);
        return if is_inverse { inverse(expression, &matrix) } else { Ok(None) };
    }
    let Some(exponent @ 1..=MAX_POWER) = whole(expression, exponent) else { return Ok(None) };
    let mut result = matrix.clone();
    for _ in 1..exponent {
        match multiplied(expression, &result, &matrix)? {
            Some(product) => result = product,
            None => return Ok(None),
        }
    }
    Ok(Some(result))
}

fn whole(expression: &Expression, id: NodeId) -> Option<u32> {
    match expression.node(id) {
        Node::Number(numeral) if !numeral.has_point && numeral.exponent == 0 => numeral.digits.parse().ok(),
        _ => None,
    }
}

/// Inverts a matrix by its cofactors.
fn inverse(expression: &mut Expression, matrix: &Matrix) -> Result<Option<Matrix>, TooLarge> {
    let side = matrix.num_columns;
    if matrix.num_rows() != side || !(2..=MAX_DETERMINANT).contains(&side) {
        return Ok(None);
    }
    let divisor = determinant(expression, &matrix.entries, side)?;
    let mut entries = Vec::with_capacity(side * side);
    for row in 0..side {
        for column in 0..side {
            // The transpose of the cofactors: row and column change places.
            let minor = minor(&matrix.entries, side, column, row);
            let mut cofactor = determinant(expression, &minor, side - 1)?;
            if (row + column) % 2 == 1 {
                cofactor = expression.operation(Operator::Negate, &[cofactor])?;
            }
            entries.push(expression.operation(Operator::Divide, &[cofactor, divisor])?);
        }
    }
    Ok(Some(Matrix { num_columns: side, entries }))
}

/// Expands a determinant along its first row.
fn determinant(expression: &mut Expression, entries: &[NodeId], side: usize) -> Result<NodeId, TooLarge> {
    if side == 1 {
        return Ok(entries[0]);
    }
    let mut terms = Vec::with_capacity(side);
    for column in 0..side {
        let cofactor = determinant(expression, &minor(entries, side, 0, column), side - 1)?;
        let term = expression.operation(Operator::Multiply, &[entries[column], cofactor])?;
        terms.push(if column % 2 == 1 { expression.operation(Operator::Negate, &[term])? } else { term });
    }
    total(expression, &terms)
}

fn minor(entries: &[NodeId], side: usize, row: usize, column: usize) -> Vec<NodeId> {
    let kept = |index: &usize| index / side != row && index % side != column;
    (0..entries.len()).filter(kept).map(|index| entries[index]).collect()
}

fn transpose(matrix: &Matrix) -> Matrix {
    let (num_rows, num_columns) = (matrix.num_rows(), matrix.num_columns);
    let indices = (0..num_columns).flat_map(|column| (0..num_rows).map(move |row| row * num_columns + column));
    Matrix { num_columns: num_rows, entries: indices.map(|index| matrix.entries[index]).collect() }
}

fn total(expression: &mut Expression, terms: &[NodeId]) -> Result<NodeId, TooLarge> {
    match terms {
        [term] => Ok(*term),
        _ => expression.operation(Operator::Add, terms),
    }
}

fn map(
    expression: &mut Expression,
    matrix: &Matrix,
    change: impl Fn(&mut Expression, NodeId) -> Result<NodeId, TooLarge>,
) -> Result<Option<Matrix>, TooLarge> {
    let mut entries = Vec::with_capacity(matrix.entries.len());
    for entry in &matrix.entries {
        entries.push(change(expression, *entry)?);
    }
    Ok(Some(Matrix { num_columns: matrix.num_columns, entries }))
}
