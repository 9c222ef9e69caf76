//! Reads the structure of an expression.

use super::{Bracket, Connective, Pair, Relation, Structure, matrix, sign};
use crate::expression::{Constant, Expression, Node, NodeId, Operator, TooLarge};

/// Reads what a node is.
pub fn classify(expression: &mut Expression, id: NodeId) -> Result<Structure, TooLarge> {
    let (operator, children) = match expression.node(id) {
        Node::Constant(constant) if is_named_set(constant) => return Ok(Structure::Named(constant)),
        Node::Operation(operator, children) => (operator, children.to_vec()),
        _ => return Ok(Structure::Value(id)),
    };
    match operator {
        Operator::And => statements(expression, &children),
        Operator::Or => Ok(Structure::Compound(Connective::Or, all(expression, &children)?)),
        Operator::Implies => classify(expression, children[children.len() - 1]),
        Operator::OpenOpen | Operator::OpenClosed | Operator::ClosedOpen | Operator::ClosedClosed => {
            pair(expression, operator, &children)
        }
        Operator::Set => collection(expression, Bracket::Set, &children),
        Operator::Tuple => collection(expression, Bracket::Tuple, &children),
        Operator::Bracketed => collection(expression, Bracket::Square, &children),
        Operator::List => list(expression, &children),
        Operator::Rows => rows(expression, &children),
        Operator::Union | Operator::Intersection | Operator::Without | Operator::Complement => {
            Ok(Structure::SetOperation(operator, all(expression, &children)?))
        }
        Operator::SetBuilder => {
            let (element, condition) = (classify(expression, children[0])?, classify(expression, children[1])?);
            Ok(Structure::Builder(Box::new([element, condition])))
        }
        Operator::Ratio => Ok(Structure::Ratio(children)),
        _ if is_relation(operator) => relation(expression, operator, &children),
        _ => value(expression, id),
    }
}

/// Returns the relation that a structure is, alone or as the last of a chain.
#[must_use]
pub fn relation_of(structure: &Structure) -> Option<&Relation> {
    match structure {
        Structure::Relation(relation) => Some(relation),
        Structure::Compound(Connective::Chain, statements) => statements.last().and_then(relation_of),
        _ => None,
    }
}

const fn is_named_set(constant: Constant) -> bool {
    matches!(
        constant,
        Constant::EmptySet
            | Constant::Naturals
            | Constant::Integers
            | Constant::Rationals
            | Constant::Reals
            | Constant::Complexes
            | Constant::True
            | Constant::False
    )
}

const fn is_relation(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::Equal
            | Operator::NotEqual
            | Operator::Less
            | Operator::LessEqual
            | Operator::Greater
            | Operator::GreaterEqual
            | Operator::Approximate
            | Operator::Related
            | Operator::Congruent
            | Operator::In
            | Operator::NotIn
            | Operator::Subset
    )
}

fn all(expression: &mut Expression, ids: &[NodeId]) -> Result<Vec<Structure>, TooLarge> {
    ids.iter().map(|id| classify(expression, *id)).collect()
}

/// Reads a value: a matrix, both values of a `±`, or a single one.
fn value(expression: &mut Expression, id: NodeId) -> Result<Structure, TooLarge> {
    if let Some(matrix) = matrix::evaluate(expression, id)? {
        return Ok(Structure::Matrix(matrix));
    }
    if let Some(number) = matrix::scalar(expression, id)? {
        return Ok(Structure::Value(number));
    }
    match sign::values(expression, id)? {
        Some(values) => Ok(Structure::Collection(Bracket::List, all(expression, &values)?)),
        None => Ok(Structure::Value(id)),
    }
}

fn relation(expression: &mut Expression, operator: Operator, children: &[NodeId]) -> Result<Structure, TooLarge> {
    let (left, right) = (classify(expression, children[0])?, classify(expression, children[1])?);
    let modulus = children.get(2).copied();
    if operator != Operator::Approximate {
        return Ok(Structure::Relation(Box::new(Relation { operator, left, right, modulus })));
    }
    // An approximation is left out, but for a name that has no other value.
    let is_euler = |id| matches!(expression.node(id), Node::Constant(Constant::E));
    match left {
        Structure::Value(id) if is_name(expression, id) && !is_euler(id) => {
            Ok(Structure::Relation(Box::new(Relation { operator: Operator::Equal, left, right, modulus })))
        }
        left => Ok(left),
    }
}

/// Reads statements that all hold: a chain where each begins with the side that the one before ends with.
fn statements(expression: &mut Expression, children: &[NodeId]) -> Result<Structure, TooLarge> {
    let sides = |id: &NodeId| match expression.node(*id) {
        Node::Operation(operator, sides) if is_relation(operator) && sides.len() >= 2 => Some((sides[0], sides[1])),
        _ => None,
    };
    let is_link = |pair: &[NodeId]| match (sides(&pair[0]), sides(&pair[1])) {
        (Some((_, end)), Some((start, _))) => end == start,
        _ => false,
    };
    let is_chain = children.len() > 1 && children.windows(2).all(is_link);
    let mut read = Vec::with_capacity(children.len());
    for (index, child) in children.iter().enumerate() {
        // What a chain ends in approximately says nothing that was not said exactly before.
        let is_estimate = expression.operands(*child, Operator::Approximate).is_some();
        if is_chain && index > 0 && is_estimate {
            break;
        }
        match classify(expression, *child)? {
            // An approximation at the start of a chain leaves its left side, which the chain does not go on from.
            first @ Structure::Value(_) if is_chain && index == 0 => return Ok(first),
            statement => read.push(statement),
        }
    }
    if read.len() == 1 {
        return Ok(read.swap_remove(0));
    }
    Ok(Structure::Compound(if is_chain { Connective::Chain } else { Connective::And }, read))
}

fn pair(expression: &mut Expression, operator: Operator, children: &[NodeId]) -> Result<Structure, TooLarge> {
    let [first, second] = children else { return collection(expression, Bracket::Tuple, children) };
    let (first, second) = (classify(expression, *first)?, classify(expression, *second)?);
    let is_left_open = matches!(operator, Operator::OpenOpen | Operator::OpenClosed);
    let is_right_open = matches!(operator, Operator::OpenOpen | Operator::ClosedOpen);
    Ok(Structure::Pair(Box::new(Pair { first, second, is_left_open, is_right_open })))
}

fn collection(expression: &mut Expression, bracket: Bracket, children: &[NodeId]) -> Result<Structure, TooLarge> {
    let mut items = Vec::with_capacity(children.len());
    for child in children {
        if bracket != Bracket::List
            && let Some(rows) = expression.operands(*child, Operator::Rows)
        {
            // Rows in one pair of brackets are one sequence.
            let rows = rows.to_vec();
            for row in rows {
                match classify(expression, row)? {
                    Structure::Collection(Bracket::List, more) => items.extend(more),
                    item => items.push(item),
                }
            }
            continue;
        }
        match classify(expression, *child)? {
            // Both values of a `±`, and a list that a command such as a box encloses, are elements of their own.
            Structure::Collection(Bracket::List, more) => items.extend(more),
            item => items.push(item),
        }
    }
    Ok(match (bracket, items.len()) {
        (Bracket::Tuple | Bracket::List, 1) => items.swap_remove(0),
        _ => Structure::Collection(bracket, items),
    })
}

/// Reads elements without brackets. In `x = 1, 2` the name goes with all of them.
fn list(expression: &mut Expression, children: &[NodeId]) -> Result<Structure, TooLarge> {
    let read = collection(expression, Bracket::List, children)?;
    let Structure::Collection(Bracket::List, items) = read else { return Ok(read) };
    let mut items = if items.len() > 1 { items.into_iter().flat_map(one_by_one).collect() } else { items };
    let is_bare = |item: &Structure| !matches!(item, Structure::Relation(_) | Structure::Compound(..));
    let is_named = matches!(items.first(), Some(Structure::Relation(relation))
        if matches!(relation.operator, Operator::Equal | Operator::In) && is_symbolic(expression, &relation.left));
    if !is_named || !items.iter().skip(1).all(is_bare) || items.len() < 2 {
        return Ok(Structure::Collection(Bracket::List, items));
    }
    let Structure::Relation(mut relation) = items.remove(0) else {
        return Ok(Structure::Collection(Bracket::List, items));
    };
    let mut values = match std::mem::replace(&mut relation.right, Structure::Named(Constant::EmptySet)) {
        Structure::Collection(Bracket::List, values) => values,
        value => vec![value],
    };
    values.append(&mut items);
    relation.right = Structure::Collection(Bracket::List, values);
    Ok(Structure::Relation(relation))
}

/// Gives each value of `x = 1, 2` or `x = ±1` its own equation, where it stands among others.
fn one_by_one(statement: Structure) -> Vec<Structure> {
    let Structure::Relation(mut relation) = statement else { return vec![statement] };
    match std::mem::replace(&mut relation.right, Structure::Named(Constant::EmptySet)) {
        Structure::Collection(Bracket::List, values) => {
            let equation = |right| Structure::Relation(Box::new(Relation { right, ..(*relation).clone() }));
            values.into_iter().map(equation).collect()
        }
        right => vec![Structure::Relation(Box::new(Relation { right, ..*relation }))],
    }
}

/// Reads rows separated by semicolons: single elements form a list, longer rows a list of tuples.
fn rows(expression: &mut Expression, children: &[NodeId]) -> Result<Structure, TooLarge> {
    let mut rows = Vec::with_capacity(children.len());
    for row in children {
        rows.push(match classify(expression, *row)? {
            Structure::Collection(Bracket::List, items) => Structure::Collection(Bracket::Tuple, items),
            row => row,
        });
    }
    Ok(Structure::Collection(Bracket::List, rows))
}

/// Tells whether a structure is a name that stands for a value: `x`, `f(x)`, `AB`, `S : T`, `(p, q)`.
pub fn is_symbolic(expression: &Expression, structure: &Structure) -> bool {
    match structure {
        Structure::Value(id) => is_name(expression, *id),
        Structure::Ratio(ids) => ids.iter().all(|id| is_name(expression, *id)),
        Structure::Pair(pair) => is_symbolic(expression, &pair.first) && is_symbolic(expression, &pair.second),
        Structure::Collection(_, items) => !items.is_empty() && items.iter().all(|item| is_symbolic(expression, item)),
        _ => false,
    }
}

/// Tells whether a node is made of names only, or is a function applied, or the measure of something that has a name.
fn is_name(expression: &Expression, id: NodeId) -> bool {
    match expression.node(id) {
        Node::Symbol(_) | Node::Text(_) | Node::Constant(Constant::E | Constant::ImaginaryUnit) => true,
        Node::Operation(operator, children) => match operator {
            Operator::Apply | Operator::Prime | Operator::Accent | Operator::Derivative => true,
            Operator::Add | Operator::Multiply | Operator::Divide | Operator::Negate | Operator::Ratio => {
                children.iter().all(|child| is_name(expression, *child))
            }
            Operator::Abs | Operator::Norm | Operator::Quantity | Operator::Related => {
                children.iter().all(|child| is_name(expression, *child))
            }
            _ => false,
        },
        _ => false,
    }
}
