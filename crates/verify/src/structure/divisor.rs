//! Greatest common divisors and least common multiples of more than whole numbers, as computer algebra means them.
//!
//! Of rationals, `gcd(a/b, c/d) = gcd(a, c) / lcm(b, d)` and `lcm(a/b, c/d) = lcm(a, c) / gcd(b, d)`. Of terms in variables, with
//! whole coefficients, those of the coefficients times the least or greatest powers; with other coefficients, which have every
//! divisor, the powers alone. What is neither a number nor a product of powers counts as a variable.

use crate::expression::{Constant, Expression, Node, NodeId, Numeral, Operator, TooLarge};

/// The most factors of a term.
const MAX_FACTORS: usize = 32;

/// A coefficient times powers of factors that have no common divisor.
#[derive(Clone, Debug)]
struct Term {
    numerator: i128,
    denominator: i128,
    powers: Vec<Power>,
}

#[derive(Clone, Debug)]
struct Power {
    /// What the factor looks like, by which it is known.
    name: String,
    node: NodeId,
    exponent: u32,
}

/// Tells whether an expression has any divisor or multiple to work out.
pub fn has_any(expression: &Expression) -> bool {
    expression.ids().any(|id| is_divisor(expression, id))
}

fn is_divisor(expression: &Expression, id: NodeId) -> bool {
    matches!(expression.node(id), Node::Operation(Operator::Gcd | Operator::Lcm, _))
}

/// Rebuilds a node with every divisor and multiple below it worked out that can be. Of one that an equation gives a value, as
/// `\gcd(a, b) = 2` does, more is known than its terms say.
pub fn worked_out(expression: &mut Expression, id: NodeId) -> Result<NodeId, TooLarge> {
    let Node::Operation(operator, children) = expression.node(id) else { return Ok(id) };
    let children = children.to_vec();
    let mut rebuilt = Vec::with_capacity(children.len());
    for (index, child) in children.iter().enumerate() {
        let is_given = index == 0 && operator == Operator::Equal && is_divisor(expression, *child);
        rebuilt.push(if is_given { *child } else { worked_out(expression, *child)? });
    }
    if matches!(operator, Operator::Gcd | Operator::Lcm)
        && let Some(term) = combined(expression, operator, &rebuilt)
    {
        return term.node(expression);
    }
    if rebuilt == children { Ok(id) } else { expression.operation(operator, &rebuilt) }
}

fn combined(expression: &Expression, operator: Operator, operands: &[NodeId]) -> Option<Term> {
    let mut terms = operands.iter().map(|operand| Term::of(expression, *operand));
    let mut result = terms.next()??;
    for term in terms {
        result = if operator == Operator::Gcd { result.divisor(term?)? } else { result.multiple(term?)? };
    }
    Some(result)
}

// === impl Term ===

impl Term {
    fn of(expression: &Expression, id: NodeId) -> Option<Self> {
        let one = Self { numerator: 1, denominator: 1, powers: Vec::new() };
        match expression.node(id) {
            Node::Number(numeral) => {
                let (numerator, denominator) = fraction(numeral)?;
                Some(Self { numerator, denominator, ..one })
            }
            Node::Operation(Operator::Negate, &[inner]) => {
                let inner = Self::of(expression, inner)?;
                Some(Self { numerator: inner.numerator.checked_neg()?, ..inner })
            }
            Node::Operation(Operator::Add, terms) => {
                let sum = terms.iter().try_fold((0, 1), |sum, term| plus(sum, Self::of(expression, *term)?));
                Some(sum.map_or_else(
                    || Self::opaque(expression, id),
                    |(numerator, denominator)| Self { numerator, denominator, ..one },
                ))
            }
            Node::Operation(Operator::Multiply, factors) => {
                factors.iter().try_fold(one, |product, factor| product.times(Self::of(expression, *factor)?))
            }
            Node::Operation(Operator::Divide, &[above, below]) => {
                let below =
                    Self::of(expression, below).filter(|below| below.powers.is_empty() && below.numerator != 0)?;
                let inverse = Self { numerator: below.denominator, denominator: below.numerator, powers: Vec::new() };
                Self::of(expression, above)?.times(inverse)
            }
            Node::Operation(Operator::Power, &[base, exponent]) => {
                match (Self::of(expression, base)?, small(expression, exponent)) {
                    (base, Some(exponent)) => (0..exponent).try_fold(one, |product, _| product.times(base.clone())),
                    _ => Some(Self::opaque(expression, id)),
                }
            }
            Node::Operation(Operator::Root, &[radicand, _]) => {
                let square = small(expression, radicand)
                    .map(u32::isqrt)
                    .filter(|root| Some(root * root) == small(expression, radicand));
                Some(
                    square.map_or_else(
                        || Self::opaque(expression, id),
                        |root| Self { numerator: i128::from(root), ..one },
                    ),
                )
            }
            Node::Constant(Constant::Infinity) | Node::Text(_) => None,
            _ => Some(Self::opaque(expression, id)),
        }
    }

    fn opaque(expression: &Expression, node: NodeId) -> Self {
        let power = Power { name: expression.printed(node), node, exponent: 1 };
        Self { numerator: 1, denominator: 1, powers: vec![power] }
    }

    fn times(mut self, other: Self) -> Option<Self> {
        self.numerator = self.numerator.checked_mul(other.numerator)?;
        self.denominator = self.denominator.checked_mul(other.denominator)?;
        let divisor = greatest_common_divisor(self.numerator, self.denominator)?.max(1) * self.denominator.signum();
        self.numerator /= divisor;
        self.denominator /= divisor;
        for power in other.powers {
            match self.powers.iter_mut().find(|own| own.name == power.name) {
                Some(own) => own.exponent = own.exponent.checked_add(power.exponent)?,
                None => self.powers.push(power),
            }
        }
        (self.powers.len() <= MAX_FACTORS).then_some(self)
    }

    fn divisor(self, other: Self) -> Option<Self> {
        let (numerator, denominator) = if self.is_number() && other.is_number() || self.is_whole() && other.is_whole() {
            let numerator = greatest_common_divisor(self.numerator, other.numerator)?;
            (numerator, least_common_multiple(self.denominator, other.denominator)?)
        } else {
            (1, 1)
        };
        let shared = self.powers.into_iter().filter_map(|power| {
            let like = other.powers.iter().find(|like| like.name == power.name)?;
            Some(Power { exponent: power.exponent.min(like.exponent), ..power })
        });
        Some(Self { numerator, denominator, powers: shared.collect() })
    }

    fn multiple(mut self, other: Self) -> Option<Self> {
        let is_number = self.is_number() && other.is_number();
        let (numerator, denominator) = if is_number || self.is_whole() && other.is_whole() {
            let numerator = least_common_multiple(self.numerator, other.numerator)?;
            (numerator, greatest_common_divisor(self.denominator, other.denominator)?)
        } else {
            (1, 1)
        };
        let is_negative =
            !is_number && (self.numerator < 0) != (other.numerator < 0) && self.is_whole() && other.is_whole();
        for power in other.powers {
            match self.powers.iter_mut().find(|own| own.name == power.name) {
                Some(own) => own.exponent = own.exponent.max(power.exponent),
                None => self.powers.push(power),
            }
        }
        Some(Self { numerator: if is_negative { -numerator } else { numerator }, denominator, powers: self.powers })
    }

    fn is_number(&self) -> bool {
        self.powers.is_empty()
    }

    const fn is_whole(&self) -> bool {
        self.denominator == 1
    }

    /// Adds the term to an expression.
    fn node(self, expression: &mut Expression) -> Result<NodeId, TooLarge> {
        let mut factors = vec![whole(expression, self.numerator)?];
        if self.denominator != 1 {
            let below = whole(expression, self.denominator)?;
            factors = vec![expression.operation(Operator::Divide, &[factors[0], below])?];
        }
        for power in self.powers {
            let exponent = expression.integer(u64::from(power.exponent))?;
            factors.push(match power.exponent {
                1 => power.node,
                _ => expression.operation(Operator::Power, &[power.node, exponent])?,
            });
        }
        match factors[..] {
            [single] => Ok(single),
            _ => expression.operation(Operator::Multiply, &factors),
        }
    }
}

fn whole(expression: &mut Expression, number: i128) -> Result<NodeId, TooLarge> {
    let digits = number.unsigned_abs().to_string();
    let node = expression.number(Numeral { digits, num_decimals: 0, has_point: false, exponent: 0 })?;
    if number < 0 { expression.operation(Operator::Negate, &[node]) } else { Ok(node) }
}

/// Adds a number to a fraction; nothing where a term is no number.
fn plus((numerator, denominator): (i128, i128), term: Term) -> Option<(i128, i128)> {
    let above = numerator.checked_mul(term.denominator)?.checked_add(term.numerator.checked_mul(denominator)?)?;
    let below = denominator.checked_mul(term.denominator)?;
    let divisor = greatest_common_divisor(above, below)?;
    term.is_number().then_some((above / divisor, below / divisor))
}

/// Returns a small whole number.
fn small(expression: &Expression, id: NodeId) -> Option<u32> {
    match expression.node(id) {
        Node::Number(numeral) if numeral.num_decimals == 0 && numeral.exponent == 0 => {
            numeral.digits.parse().ok().filter(|number| *number <= 10_000)
        }
        _ => None,
    }
}

/// Returns a numeral as a fraction in lowest terms.
fn fraction(numeral: &Numeral) -> Option<(i128, i128)> {
    let digits: i128 = numeral.digits.parse().ok()?;
    let scale = numeral.exponent.checked_sub(i64::from(numeral.num_decimals))?;
    let power = 10_i128.checked_pow(u32::try_from(scale.unsigned_abs()).ok()?)?;
    if scale >= 0 {
        return Some((digits.checked_mul(power)?, 1));
    }
    let divisor = greatest_common_divisor(digits, power)?;
    Some((digits / divisor, power / divisor))
}

fn greatest_common_divisor(left: i128, right: i128) -> Option<i128> {
    let (mut left, mut right) = (left.unsigned_abs(), right.unsigned_abs());
    while right != 0 {
        (left, right) = (right, left % right);
    }
    i128::try_from(left).ok()
}

fn least_common_multiple(left: i128, right: i128) -> Option<i128> {
    match greatest_common_divisor(left, right)? {
        0 => Some(0),
        divisor => (left / divisor).checked_mul(right)?.checked_abs(),
    }
}
