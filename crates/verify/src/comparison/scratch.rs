//! An expression that is made of parts of both sides, for the questions that neither side alone answers.

use crate::{
    equality::Value,
    expression::{Expression, Node, NodeId, Numeral, Operator, TooLarge},
};

/// Copies a node and all below it, with the symbols replaced that are named.
pub fn copy(into: &mut Expression, from: Value<'_>, replaced: &[(&str, NodeId)]) -> Result<NodeId, TooLarge> {
    match from.expression.node(from.node) {
        Node::Number(numeral) => into.number(numeral.clone()),
        Node::Symbol(name) => match replaced.iter().find(|(symbol, _)| *symbol == name) {
            Some((_, replacement)) => Ok(*replacement),
            None => into.symbol(name),
        },
        Node::Text(text) => into.text(text),
        Node::Constant(constant) => into.constant(constant),
        // A function that is not known stands for its value, which is all that is known of it.
        Node::Operation(Operator::Apply, children) => into.symbol(applied_name(from.expression, children)),
        Node::Operation(operator, children) => {
            let mut copied = Vec::with_capacity(children.len());
            for child in children {
                copied.push(copy(into, Value { node: *child, ..from }, replaced)?);
            }
            into.operation(operator, &copied)
        }
    }
}

/// Rebuilds a node of an expression with a symbol replaced; what does not hold the symbol is not copied.
pub fn substitute(
    expression: &mut Expression,
    node: NodeId,
    symbol: &str,
    replacement: NodeId,
) -> Result<NodeId, TooLarge> {
    match expression.node(node) {
        Node::Symbol(name) if name == symbol => Ok(replacement),
        Node::Operation(operator, children) => {
            let children = children.to_vec();
            let mut rebuilt = Vec::with_capacity(children.len());
            for child in &children {
                rebuilt.push(substitute(expression, *child, symbol, replacement)?);
            }
            if rebuilt == children { Ok(node) } else { expression.operation(operator, &rebuilt) }
        }
        _ => Ok(node),
    }
}

/// Returns the name under which an applied function stands for its value.
fn applied_name(expression: &Expression, children: &[NodeId]) -> String {
    let mut name = String::new();
    let mut pending: Vec<NodeId> = children.iter().rev().copied().collect();
    while let Some(id) = pending.pop() {
        match expression.node(id) {
            Node::Symbol(part) | Node::Text(part) => name.push_str(part),
            Node::Number(numeral) => name.push_str(&written(numeral)),
            Node::Constant(constant) => name.push_str(&format!("{constant:?}")),
            Node::Operation(operator, children) => {
                name.push_str(&format!("{operator:?}"));
                pending.extend(children.iter().rev());
            }
        }
        name.push('(');
    }
    name
}

/// Returns the significant digits of a numeral and the power of ten they are taken times.
fn written(numeral: &Numeral) -> String {
    let digits = numeral.digits.trim_end_matches('0');
    let num_zeros = (numeral.digits.len() - digits.len()) as i64;
    let exponent = numeral.exponent.saturating_add(num_zeros - i64::from(numeral.num_decimals));
    format!("{}e{exponent}", digits.trim_start_matches('0'))
}

/// Adds the difference of two nodes.
pub fn difference(expression: &mut Expression, left: NodeId, right: NodeId) -> Result<NodeId, TooLarge> {
    let negated = expression.operation(Operator::Negate, &[right])?;
    expression.operation(Operator::Add, &[left, negated])
}
