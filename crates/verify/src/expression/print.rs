//! Prints an expression as LaTeX that is also easy to read: `x^{2} + 1/2`.
//!
//! What is printed is read again as the same expression, but for names and texts that hold signs of LaTeX, functions whose
//! application only their context told, and what is cut off.

mod form;

use std::fmt;

use super::{Expression, Node, NodeId, Operator};
use form::{Form, above, constant_name, form, other_level, whole_two, written};

/// The longest text of an expression, in bytes; the rest is cut off.
pub const MAX_PRINTED_BYTES: usize = 2_000;

/// How tightly what is printed holds together, from the loosest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Rows,
    List,
    Statement,
    Relation,
    Ratio,
    Without,
    Union,
    Intersection,
    Sum,
    Product,
    Factor,
    Power,
    Atom,
}

impl fmt::Display for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.root().map_or_else(String::new, |root| self.printed(root)))
    }
}

// === impl Expression ===

impl Expression {
    /// Prints the part of an expression below a node.
    #[must_use]
    pub fn printed(&self, id: NodeId) -> String {
        let mut printer = Printer { expression: self, text: String::new() };
        printer.at_level(id, Level::Rows);
        if printer.is_full() {
            let end = (0..=MAX_PRINTED_BYTES).rev().find(|end| printer.text.is_char_boundary(*end));
            printer.text.truncate(end.unwrap_or(0));
            printer.text.push('…');
        }
        printer.text
    }
}

struct Printer<'e> {
    expression: &'e Expression,
    text: String,
}

// === impl Printer ===

impl<'e> Printer<'e> {
    fn is_full(&self) -> bool {
        self.text.len() > MAX_PRINTED_BYTES
    }

    fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Prints a node, in brackets if it holds together less tightly than it has to.
    fn at_level(&mut self, id: NodeId, level: Level) {
        if self.is_full() {
            return;
        }
        let needs_brackets = self.level(id) < level;
        self.put(if needs_brackets { "(" } else { "" });
        self.bare(id);
        self.put(if needs_brackets { ")" } else { "" });
    }

    fn level(&self, id: NodeId) -> Level {
        match self.expression.node(id) {
            Node::Operation(operator, operands) => match form(operator) {
                Form::Infix(level, _) => level,
                Form::Function(_) | Form::Fenced(..) => Level::Atom,
                Form::Postfix(_) => Level::Power,
                Form::Other => other_level(operator, operands.len()),
            },
            _ => Level::Atom,
        }
    }

    fn bare(&mut self, id: NodeId) {
        match self.expression.node(id) {
            Node::Number(numeral) => self.put(&written(numeral)),
            Node::Symbol(name) => self.name(name),
            Node::Text("$") => self.put("\\$"),
            Node::Text(text) => {
                self.put("\\text{");
                self.put(text);
                self.put("}");
            }
            Node::Constant(constant) => self.put(constant_name(constant)),
            Node::Operation(operator, operands) => match form(operator) {
                Form::Infix(level, sign) => self.infix(operands, level, sign),
                Form::Function(name) => {
                    self.put(name);
                    self.enclosed("(", operands, ")");
                }
                Form::Fenced(open, close) => self.enclosed(open, operands, close),
                Form::Postfix(sign) => {
                    self.all_at(operands, Level::Atom, "");
                    self.put(sign);
                }
                Form::Other => self.other(operator, operands),
            },
        }
    }

    /// Prints operands with a sign between them: the first may be of the operator's own level where that reads from the left.
    fn infix(&mut self, operands: &[NodeId], level: Level, sign: &str) {
        for (index, operand) in operands.iter().enumerate() {
            if index > 0 {
                self.put(sign);
            }
            self.at_level(*operand, above(level));
        }
    }

    fn all_at(&mut self, operands: &[NodeId], level: Level, sign: &str) {
        for (index, operand) in operands.iter().enumerate() {
            if index > 0 {
                self.put(sign);
            }
            self.at_level(*operand, level);
        }
    }

    fn enclosed(&mut self, open: &str, operands: &[NodeId], close: &str) {
        self.put(open);
        self.all_at(operands, Level::Statement, ", ");
        self.put(close);
    }

    fn group(&mut self, before: &str, id: NodeId) {
        self.put(before);
        self.put("{");
        self.at_level(id, Level::Statement);
        self.put("}");
    }

    fn free_sign(&mut self, sign: &str, operands: &[NodeId]) {
        if let [left, right] = operands {
            self.at_level(*left, Level::Product);
            self.put(" ");
            self.put(sign);
            self.at_level(*right, Level::Product);
        } else {
            self.put(sign);
            self.all_at(operands, Level::Power, "");
        }
    }

    fn other(&mut self, operator: Operator, operands: &[NodeId]) {
        match (operator, operands) {
            (Operator::Add, _) => self.sum(operands),
            (Operator::Negate, [operand]) => {
                self.put("-");
                self.at_level(*operand, Level::Power);
            }
            (Operator::PlusMinus, _) => self.free_sign("\\pm ", operands),
            (Operator::MinusPlus, _) => self.free_sign("\\mp ", operands),
            (Operator::Mixed, [whole, fraction]) => self.mixed(*whole, *fraction),
            (Operator::Power, [base, exponent]) => {
                self.at_level(*base, Level::Atom);
                self.exponent(*exponent);
            }
            (Operator::Root, [radicand, index]) => self.root(*radicand, *index),
            (Operator::Quantity, [value, unit]) => {
                self.at_level(*value, Level::Product);
                self.put(" ");
                self.at_level(*unit, Level::Product);
            }
            (Operator::InBase, [digits, base]) => {
                self.at_level(*digits, Level::Atom);
                self.group("_", *base);
            }
            (Operator::Repeating, [numeral, period]) => {
                self.bare(*numeral);
                self.group("\\overline", *period);
            }
            (Operator::Apply, [function, arguments @ ..]) => {
                self.at_level(*function, Level::Power);
                self.enclosed("(", arguments, ")");
            }
            (Operator::Prime, [function, count]) => self.primes(*function, *count),
            (Operator::Log, [argument]) => {
                self.put("\\log");
                self.enclosed("(", &[*argument], ")");
            }
            (Operator::Log, [argument, base]) => {
                self.group("\\log_", *base);
                self.enclosed("(", &[*argument], ")");
            }
            (Operator::Binomial, [n, k]) => {
                self.group("\\binom", *n);
                self.group("", *k);
            }
            (Operator::FallingFactorial, [n, k]) => {
                self.enclosed("(", &[*n], ")");
                self.group("_", *k);
            }
            _ => self.statement(operator, operands),
        }
    }

    fn statement(&mut self, operator: Operator, operands: &[NodeId]) {
        match (operator, operands) {
            (Operator::Equal, [left, right]) => self.equation(*left, *right),
            (Operator::And, _) => self.conjunction(operands),
            (Operator::Related, [left, right, name]) => {
                self.at_level(*left, Level::Ratio);
                if let Node::Text(name) = self.expression.node(*name) {
                    self.put(" \\");
                    self.put(name);
                    self.put(" ");
                }
                self.at_level(*right, Level::Ratio);
            }
            (Operator::Congruent, [left, right, modulus]) => {
                self.infix(&[*left, *right], Level::Relation, " \\equiv ");
                self.group(" \\pmod", *modulus);
            }
            (Operator::SetBuilder, [element, condition]) => {
                self.put("\\{");
                self.at_level(*element, Level::Statement);
                self.put(" \\mid ");
                self.at_level(*condition, Level::List);
                self.put("\\}");
            }
            _ => self.rare(operator, operands),
        }
    }

    fn rare(&mut self, operator: Operator, operands: &[NodeId]) {
        match (operator, operands) {
            (Operator::Matrix, rows) => self.matrix("pmatrix", rows),
            (Operator::Cases, rows) => self.matrix("cases", rows),
            (Operator::Derivative, [body, variable, order]) => self.derivative(*body, *variable, *order),
            (Operator::Integral, [body, variable, bounds @ ..]) => {
                self.bounds("\\int", None, bounds);
                self.at_level(*body, Level::Sum);
                self.put("\\,d");
                self.bare(*variable);
            }
            (Operator::Limit, [body, variable, point, side @ ..]) => self.limit(*body, [*variable, *point], side),
            (Operator::Evaluate, [body, variable, bounds @ ..]) => {
                self.at_level(*body, Level::Atom);
                self.bounds("\\bigr|", Some(*variable), bounds);
            }
            (Operator::Sum | Operator::Product | Operator::UnionOver | Operator::IntersectionOver, _) => {
                self.over_index(operator, operands);
            }
            _ => self.all_at(operands, Level::Atom, " "),
        }
    }

    fn sum(&mut self, terms: &[NodeId]) {
        for (index, term) in terms.iter().enumerate() {
            match self.expression.operands(*term, Operator::Negate) {
                Some([negated]) if index > 0 => {
                    self.put(" - ");
                    self.at_level(*negated, Level::Product);
                }
                _ => {
                    self.put(if index > 0 { " + " } else { "" });
                    self.at_level(*term, Level::Product);
                }
            }
        }
    }

    fn mixed(&mut self, whole: NodeId, fraction: NodeId) {
        self.at_level(whole, Level::Atom);
        match self.expression.operands(fraction, Operator::Divide) {
            Some([numerator, denominator]) => {
                self.group("\\frac", *numerator);
                self.group("", *denominator);
            }
            _ => self.at_level(fraction, Level::Atom),
        }
    }

    fn exponent(&mut self, exponent: NodeId) {
        match self.expression.node(exponent) {
            Node::Text(sign @ ("+" | "-" | "*")) => {
                self.put("^{");
                self.put(sign);
                self.put("}");
            }
            _ => self.group("^", exponent),
        }
    }

    fn root(&mut self, radicand: NodeId, index: NodeId) {
        let is_square = matches!(self.expression.node(index), Node::Number(numeral) if *numeral == whole_two());
        self.put("\\sqrt");
        if !is_square {
            self.enclosed("[", &[index], "]");
        }
        self.group("", radicand);
    }

    fn primes(&mut self, function: NodeId, count: NodeId) {
        self.at_level(function, Level::Atom);
        if let Node::Number(count) = self.expression.node(count) {
            self.put(&"'".repeat(count.digits.parse().unwrap_or(0).min(9)));
        }
    }

    /// Prints an equation; a list of values is its right side without brackets.
    fn equation(&mut self, left: NodeId, right: NodeId) {
        self.at_level(left, Level::Ratio);
        self.put(" = ");
        match self.expression.operands(right, Operator::List) {
            Some(values) => self.all_at(values, Level::Statement, ", "),
            None => self.at_level(right, Level::Ratio),
        }
    }

    /// Prints relations between neighbours as a chain.
    fn conjunction(&mut self, relations: &[NodeId]) {
        let sides = |id: &NodeId| match self.expression.node(*id) {
            Node::Operation(operator, &[left, right]) => Some((operator, left, right)),
            _ => None,
        };
        let parts: Vec<_> = relations.iter().filter_map(sides).collect();
        let is_chain = parts.len() == relations.len() && parts.windows(2).all(|pair| pair[0].2 == pair[1].1);
        if !is_chain {
            return self.all_at(relations, Level::Statement, " \\land ");
        }
        for (index, (operator, left, right)) in parts.into_iter().enumerate() {
            if index == 0 {
                self.at_level(left, Level::Ratio);
            }
            self.put(match form(operator) {
                Form::Infix(_, sign) => sign,
                _ => " = ",
            });
            self.at_level(right, Level::Ratio);
        }
    }

    fn matrix(&mut self, environment: &str, rows: &[NodeId]) {
        self.put(&format!("\\begin{{{environment}}}"));
        for (index, row) in rows.iter().enumerate() {
            self.put(if index > 0 { " \\\\ " } else { "" });
            match self.expression.operands(*row, Operator::Row) {
                Some(cells) => self.all_at(cells, Level::List, " & "),
                None => self.at_level(*row, Level::List),
            }
        }
        self.put(&format!("\\end{{{environment}}}"));
    }

    fn derivative(&mut self, body: NodeId, variable: NodeId, order: NodeId) {
        let is_first = matches!(self.expression.node(order), Node::Number(order) if order.digits == "1");
        self.put("\\frac{d");
        if !is_first {
            self.exponent(order);
        }
        self.put("}{d");
        self.bare(variable);
        if !is_first {
            self.exponent(order);
        }
        self.put("}");
        self.enclosed("(", &[body], ")");
    }

    fn limit(&mut self, body: NodeId, [variable, point]: [NodeId; 2], side: &[NodeId]) {
        self.put("\\lim_{");
        self.bare(variable);
        self.put(" \\to ");
        self.at_level(point, if side.is_empty() { Level::Sum } else { Level::Atom });
        side.iter().for_each(|side| self.exponent(*side));
        self.put("} ");
        self.at_level(body, Level::Factor);
    }

    fn over_index(&mut self, operator: Operator, operands: &[NodeId]) {
        let name = match operator {
            Operator::Sum => "\\sum",
            Operator::Product => "\\prod",
            Operator::UnionOver => "\\bigcup",
            _ => "\\bigcap",
        };
        let Some((body, index)) = operands.split_first() else {
            return;
        };
        match index {
            [variable, from, to] => self.bounds(name, Some(*variable), &[*from, *to]),
            [condition] => self.group(&format!("{name}_"), *condition),
            _ => self.put(name),
        }
        self.put(" ");
        self.at_level(*body, Level::Factor);
    }

    /// Prints a lower and an upper bound.
    fn bounds(&mut self, name: &str, variable: Option<NodeId>, bounds: &[NodeId]) {
        self.put(name);
        if let [from, to] = bounds {
            self.put("_{");
            if let Some(variable) = variable {
                self.bare(variable);
                self.put(" = ");
            }
            self.at_level(*from, Level::Sum);
            self.group("}^", *to);
        }
        self.put(" ");
    }

    /// Prints a name: a letter as it is, a Greek one as its command, and others as an operator's name.
    fn name(&mut self, name: &str) {
        let (base, index) = name.split_once('_').map_or((name, None), |(base, index)| (base, Some(index)));
        if base.chars().nth(1).is_none() {
            self.put(base);
        } else if crate::latex::is_symbol_command(base) {
            self.put("\\");
            self.put(base);
            self.put(if index.is_none() { " " } else { "" });
        } else {
            self.put(&format!("\\operatorname{{{base}}}"));
        }
        if let Some(index) = index {
            self.put(&format!("_{{{index}}}"));
        }
    }
}
