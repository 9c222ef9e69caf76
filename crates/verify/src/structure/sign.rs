//! Both values of `a ± b`.

use crate::expression::{Expression, MAX_NODES, Node, NodeId, Operator, TooLarge};

/// The most signs that vary independently of one another; more of them vary together.
const MAX_FREE_SIGNS: u32 = 3;

/// Returns the values of an expression that holds `±`, or nothing where it holds none.
///
/// Each `±` is free, so that `±1 ± √2` has four values; from more than three on, and where one is `∓`, the upper signs go together, and
/// so do the lower ones.
pub fn values(expression: &mut Expression, root: NodeId) -> Result<Option<Vec<NodeId>>, TooLarge> {
    let (num_signs, is_tied) = count(expression, root);
    let choices: Vec<u32> = match num_signs {
        0 => return Ok(None),
        1..=MAX_FREE_SIGNS if !is_tied => (0..1 << num_signs).collect(),
        _ => vec![0, u32::MAX],
    };
    let mut found = Vec::new();
    for choice in choices {
        let mut signs = choice;
        found.push(chosen(expression, root, &mut signs)?);
    }
    Ok(Some(found))
}

/// Counts the signs below a node, and tells whether one of them is `∓`.
fn count(expression: &Expression, root: NodeId) -> (u32, bool) {
    let (mut num_signs, mut is_tied) = (0, false);
    let mut pending = vec![root];
    // A node that is shared is met again; the bound keeps that from growing.
    for _ in 0..MAX_NODES {
        let Some(id) = pending.pop() else { break };
        if let Node::Operation(operator, children) = expression.node(id) {
            num_signs += u32::from(is_sign(operator));
            is_tied |= operator == Operator::MinusPlus;
            pending.extend_from_slice(children);
        }
    }
    (num_signs, is_tied)
}

const fn is_sign(operator: Operator) -> bool {
    matches!(operator, Operator::PlusMinus | Operator::MinusPlus)
}

/// Rebuilds a node with the upper sign where the next bit of the signs is clear, and the lower one where it is set.
fn chosen(expression: &mut Expression, id: NodeId, signs: &mut u32) -> Result<NodeId, TooLarge> {
    let Node::Operation(operator, children) = expression.node(id) else { return Ok(id) };
    let children = children.to_vec();
    let is_minus = is_sign(operator) && {
        let is_lower = *signs & 1 == 1;
        *signs = (*signs >> 1) | (*signs & (1 << 31));
        is_lower != (operator == Operator::MinusPlus)
    };
    let mut is_changed = is_sign(operator);
    let mut rebuilt = Vec::with_capacity(children.len());
    for child in children {
        let new = chosen(expression, child, signs)?;
        is_changed |= new != child;
        rebuilt.push(new);
    }
    if !is_changed {
        return Ok(id);
    }
    if !is_sign(operator) {
        return expression.operation(operator, &rebuilt);
    }
    let Some(last) = rebuilt.pop() else { return Ok(id) };
    let signed = if is_minus { expression.operation(Operator::Negate, &[last])? } else { last };
    match rebuilt.pop() {
        Some(first) => expression.operation(Operator::Add, &[first, signed]),
        None => Ok(signed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sign_gives_two_values_and_two_give_four() {
        let mut expression = Expression::default();
        let one = expression.integer(1).unwrap();
        let two = expression.integer(2).unwrap();
        let sign = expression.operation(Operator::PlusMinus, &[one, two]).unwrap();
        let half = expression.operation(Operator::Divide, &[sign, two]).unwrap();
        let found = values(&mut expression, half).unwrap().unwrap();
        assert_eq!(found.len(), 2);
        assert!(matches!(expression.node(found[1]), Node::Operation(Operator::Divide, [sum, _]) if {
            matches!(expression.node(*sum), Node::Operation(Operator::Add, [first, _]) if *first == one)
        }));
        let unary = expression.operation(Operator::PlusMinus, &[sign]).unwrap();
        assert_eq!(values(&mut expression, unary).unwrap().unwrap().len(), 4);
        assert_eq!(values(&mut expression, one).unwrap(), None);
    }
}
