//! A notation for expressions in tests: infix operators and calls, such as `2*x^2 - sqrt(3)/sin(pi/4)`.

use crate::expression::{Constant, Expression, NodeId, Numeral, Operator};

/// Reads a test's expression; panics where it is malformed.
pub(super) fn read(source: &str) -> Expression {
    let mut reader = Reader { rest: source.trim(), expression: Expression::default() };
    reader.sum();
    assert!(reader.rest.is_empty(), "`{}` is left of `{source}`", reader.rest);
    reader.expression
}

const FUNCTIONS: [(&str, Operator); 51] = [
    ("mixed", Operator::Mixed),
    ("percent", Operator::Percent),
    ("degree", Operator::Degree),
    ("base", Operator::InBase),
    ("repeating", Operator::Repeating),
    ("root", Operator::Root),
    ("log", Operator::Log),
    ("ln", Operator::Ln),
    ("exp", Operator::Exp),
    ("sin", Operator::Sin),
    ("cos", Operator::Cos),
    ("tan", Operator::Tan),
    ("cot", Operator::Cot),
    ("sec", Operator::Sec),
    ("csc", Operator::Csc),
    ("arcsin", Operator::Arcsin),
    ("arccos", Operator::Arccos),
    ("arctan", Operator::Arctan),
    ("arccot", Operator::Arccot),
    ("sinh", Operator::Sinh),
    ("cosh", Operator::Cosh),
    ("tanh", Operator::Tanh),
    ("arsinh", Operator::Arsinh),
    ("arcosh", Operator::Arcosh),
    ("artanh", Operator::Artanh),
    ("abs", Operator::Abs),
    ("floor", Operator::Floor),
    ("ceil", Operator::Ceiling),
    ("fact", Operator::Factorial),
    ("fact2", Operator::DoubleFactorial),
    ("falling", Operator::FallingFactorial),
    ("binom", Operator::Binomial),
    ("mod", Operator::Modulo),
    ("gcd", Operator::Gcd),
    ("lcm", Operator::Lcm),
    ("max", Operator::Max),
    ("min", Operator::Min),
    ("conj", Operator::Conjugate),
    ("re", Operator::RealPart),
    ("im", Operator::ImaginaryPart),
    ("arg", Operator::Argument),
    ("sign", Operator::Sign),
    ("diff", Operator::Derivative),
    ("int", Operator::Integral),
    ("lim", Operator::Limit),
    ("sum", Operator::Sum),
    ("prod", Operator::Product),
    ("at", Operator::Evaluate),
    ("apply", Operator::Apply),
    ("quantity", Operator::Quantity),
    ("union", Operator::Union),
];

struct Reader<'r> {
    rest: &'r str,
    expression: Expression,
}

// === impl Reader ===

impl Reader<'_> {
    fn take(&mut self, token: char) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn make(&mut self, operator: Operator, operands: &[NodeId]) -> NodeId {
        self.expression.operation(operator, operands).unwrap()
    }

    fn sum(&mut self) -> NodeId {
        let mut left = self.product();
        loop {
            if self.take('+') {
                let right = self.product();
                left = self.make(Operator::Add, &[left, right]);
            } else if self.take('-') {
                let right = self.product();
                let negative = self.make(Operator::Negate, &[right]);
                left = self.make(Operator::Add, &[left, negative]);
            } else {
                return left;
            }
        }
    }

    fn product(&mut self) -> NodeId {
        let mut left = self.signed();
        loop {
            if self.take('*') {
                let right = self.signed();
                left = self.make(Operator::Multiply, &[left, right]);
            } else if self.take('/') {
                let right = self.signed();
                left = self.make(Operator::Divide, &[left, right]);
            } else {
                return left;
            }
        }
    }

    fn signed(&mut self) -> NodeId {
        if self.take('-') {
            let of = self.signed();
            return self.make(Operator::Negate, &[of]);
        }
        let base = self.atom();
        if self.take('^') {
            let exponent = self.signed();
            return self.make(Operator::Power, &[base, exponent]);
        }
        base
    }

    fn atom(&mut self) -> NodeId {
        if self.take('(') {
            let inner = self.sum();
            assert!(self.take(')'), "a bracket is not closed before `{}`", self.rest);
            return inner;
        }
        let end =
            self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        let word = word.to_owned();
        self.rest = rest;
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            return self.expression.number(numeral(&word)).unwrap();
        }
        if self.take('(') { self.call(&word) } else { self.name(&word) }
    }

    fn call(&mut self, name: &str) -> NodeId {
        let mut operands = vec![self.sum()];
        while self.take(',') {
            operands.push(self.sum());
        }
        assert!(self.take(')'), "the call of `{name}` is not closed");
        if name == "sqrt" {
            operands.push(self.expression.integer(2).unwrap());
            return self.make(Operator::Root, &operands);
        }
        let (_, operator) = FUNCTIONS.iter().find(|(known, _)| *known == name).unwrap();
        self.make(*operator, &operands)
    }

    fn name(&mut self, name: &str) -> NodeId {
        let constant = match name {
            "pi" => Constant::Pi,
            "e" => Constant::E,
            "i" => Constant::ImaginaryUnit,
            "inf" => Constant::Infinity,
            _ => return self.expression.symbol(name).unwrap(),
        };
        self.expression.constant(constant).unwrap()
    }
}

fn numeral(word: &str) -> Numeral {
    let (mantissa, exponent) = word.split_once('e').unwrap_or((word, "0"));
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    Numeral {
        digits: format!("{whole}{decimals}"),
        num_decimals: decimals.len() as u32,
        has_point: mantissa.contains('.'),
        exponent: exponent.parse().unwrap(),
    }
}
