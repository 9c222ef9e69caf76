//! Values with a unit, a percent sign, a degree sign or a base.

use super::{Comparison, different, equal, scratch, undecided, value::whole};
use crate::{
    Verdict,
    equality::{self, Degrees, Ruling, Value},
    expression::{Constant, Expression, Node, NodeId, Operator, TooLarge},
    profile::{Bases, Percent, Units},
    unit::{self, Unit},
    words,
};

/// What a value carries besides its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Unit,
    Percent,
    Degree,
    Base,
}

/// Takes a value out of the outermost mark it carries.
fn marked(value: Value<'_>) -> Option<(Mark, Value<'_>)> {
    let Node::Operation(operator, children) = value.expression.node(value.node) else { return None };
    let mark = match operator {
        Operator::Quantity => Mark::Unit,
        Operator::Percent => Mark::Percent,
        Operator::Degree => Mark::Degree,
        Operator::InBase => Mark::Base,
        _ => return None,
    };
    Some((mark, Value { node: *children.first()?, ..value }))
}

/// Returns the negative of a value with a mark as a value with a mark: `-(50%)` as `(-50)%`.
fn sign_inside(value: Value<'_>) -> Option<(Expression, NodeId)> {
    let &[inner] = value.expression.operands(value.node, Operator::Negate)? else { return None };
    let Node::Operation(operator @ (Operator::Quantity | Operator::Percent | Operator::Degree), children) =
        value.expression.node(inner)
    else {
        return None;
    };
    let mut expression = Expression::default();
    let mut copied = Vec::with_capacity(children.len());
    for child in children {
        copied.push(scratch::copy(&mut expression, Value { node: *child, ..value }, &[]).ok()?);
    }
    let first = copied.first_mut()?;
    *first = expression.operation(Operator::Negate, &[*first]).ok()?;
    let node = expression.operation(operator, &copied).ok()?;
    Some((expression, node))
}

/// Returns the second operand of a node.
fn second(value: Value<'_>) -> Option<Value<'_>> {
    match value.expression.node(value.node) {
        Node::Operation(_, children) => Some(Value { node: *children.get(1)?, ..value }),
        _ => None,
    }
}

/// Returns the sum of quantities of one kind as one in the last of their units: `2 hours 30 minutes` as 150 minutes.
fn summed(value: Value<'_>) -> Option<(Expression, NodeId)> {
    let parts = value.expression.operands(value.node, Operator::Add)?;
    let mut measures = Vec::with_capacity(parts.len());
    for part in parts {
        let [number, unit] = *value.expression.operands(*part, Operator::Quantity)? else { return None };
        let (Some(Unit::Known { dimensions, numerator, denominator }), 1) = unit::read(value.expression, unit) else {
            return None;
        };
        measures.push((number, unit, dimensions, (numerator, denominator)));
    }
    let &(_, last_unit, last_dimensions, (last_above, last_below)) = measures.last()?;
    let mut expression = Expression::default();
    let mut terms = Vec::with_capacity(measures.len());
    for (number, _, dimensions, (above, below)) in measures {
        if dimensions != last_dimensions {
            return None;
        }
        let (above, below) = (above.checked_mul(last_below)?, below.checked_mul(last_above)?);
        let divisor = greatest_common_divisor(above, below);
        let above = expression.integer(u64::try_from(above / divisor).ok()?).ok()?;
        let below = expression.integer(u64::try_from(below / divisor).ok()?).ok()?;
        let factor = expression.operation(Operator::Divide, &[above, below]).ok()?;
        let number = scratch::copy(&mut expression, Value { node: number, ..value }, &[]).ok()?;
        terms.push(expression.operation(Operator::Multiply, &[number, factor]).ok()?);
    }
    let sum = expression.operation(Operator::Add, &terms).ok()?;
    let unit = scratch::copy(&mut expression, Value { node: last_unit, ..value }, &[]).ok()?;
    let node = expression.operation(Operator::Quantity, &[sum, unit]).ok()?;
    Some((expression, node))
}

/// A value without its unit: the value, the unit, and how many times it is taken.
type Measure<'a> = (Value<'a>, Option<Unit>, u64);

fn measure<'a>(value: Value<'a>, mark: Option<(Mark, Value<'a>)>) -> Measure<'a> {
    match (mark, second(value)) {
        (Some((Mark::Unit, inner)), Some(unit)) => {
            let (unit, scale) = unit::read(value.expression, unit.node);
            (inner, unit, scale)
        }
        _ => (value, None, 1),
    }
}

// === impl Comparison ===

impl Comparison<'_> {
    /// Compares two values that may carry marks.
    pub fn quantities(&mut self, gold: Value<'_>, prediction: Value<'_>) -> Ruling {
        if let Some((expression, node)) = sign_inside(gold) {
            return self.quantities(Value { expression: &expression, node }, prediction);
        }
        if let Some((expression, node)) = sign_inside(prediction) {
            return self.quantities(gold, Value { expression: &expression, node });
        }
        if self.profile.units != Units::Ignored {
            if let Some((expression, node)) = summed(gold) {
                return self.quantities(Value { expression: &expression, node }, prediction);
            }
            if let Some((expression, node)) = summed(prediction) {
                return self.quantities(gold, Value { expression: &expression, node });
            }
        }
        match (marked(gold), marked(prediction)) {
            (None, None) => self.plain(gold, prediction),
            (Some((Mark::Degree, _)), Some((Mark::Unit, number))) if self.is_in_radians(prediction) => {
                self.in_radians(gold, number)
            }
            (Some((Mark::Unit, number)), Some((Mark::Degree, _))) if self.is_in_radians(gold) => {
                self.in_radians(number, prediction)
            }
            (left, right) if is(left, Mark::Unit) || is(right, Mark::Unit) => {
                self.with_units(measure(gold, left), measure(prediction, right))
            }
            (left, right) if is(left, Mark::Base) || is(right, Mark::Base) => {
                self.in_bases((gold, left), (prediction, right))
            }
            (left, right) if is(left, Mark::Percent) || is(right, Mark::Percent) => {
                self.percentages((gold, left), (prediction, right))
            }
            _ => self.angles(gold, prediction),
        }
    }

    /// Compares values by what their units say about one another.
    fn with_units(
        &mut self,
        (gold, gold_unit, gold_scale): Measure<'_>,
        (prediction, unit, scale): Measure<'_>,
    ) -> Ruling {
        let scales = (u128::from(gold_scale), u128::from(scale));
        let is_worded_name = |value: Value<'_>, unit: &Option<Unit>| {
            matches!(unit, Some(Unit::Thing(_))) && matches!(value.expression.node(value.node), Node::Symbol(_))
        };
        // `a red ball` is no `a`.
        if gold_unit != unit && (is_worded_name(gold, &gold_unit) || is_worded_name(prediction, &unit)) {
            return different("unit", "one is a name and the other is words");
        }
        if self.profile.units == Units::Ignored {
            return self.scaled(gold, prediction, Some(scales));
        }
        let is_required = self.profile.units == Units::Required;
        match (gold_unit, unit) {
            (None, None) => self.scaled(gold, prediction, Some(scales)),
            (Some(Unit::Any) | None, _) | (_, Some(Unit::Any) | None) if !is_required => {
                self.scaled(gold, prediction, Some(scales))
            }
            (None, _) | (_, None) => different("unit", "one has a unit and the other has none"),
            (
                Some(Unit::Known { dimensions, numerator, denominator }),
                Some(Unit::Known { dimensions: others, numerator: above, denominator: below }),
            ) => {
                if dimensions != others {
                    return different("unit", "the units measure different things");
                }
                let product = |first: u128, second: u128, third: u128| first.checked_mul(second)?.checked_mul(third);
                let factor = product(numerator, below, scales.0).zip(product(denominator, above, scales.1));
                self.scaled(gold, prediction, factor)
            }
            (Some(left), Some(right)) if left.is_same_thing(&right) => self.scaled(gold, prediction, Some(scales)),
            _ => {
                let ruling = self.scaled(gold, prediction, Some(scales));
                if ruling.verdict == Verdict::Equal && !is_required {
                    undecided("unit", "the numbers are the same, but not what is counted")
                } else {
                    different("unit", "the numbers or what is counted differ")
                }
            }
        }
    }

    /// Compares a value times a factor with another.
    fn scaled(&mut self, gold: Value<'_>, prediction: Value<'_>, factor: Option<(u128, u128)>) -> Ruling {
        let Some((above, below)) = factor else { return undecided("unit", "the units differ by too large a factor") };
        if above == below {
            return self.quantities(gold, prediction);
        }
        let divisor = greatest_common_divisor(above, below);
        let (Ok(above), Ok(below)) = (u64::try_from(above / divisor), u64::try_from(below / divisor)) else {
            return undecided("unit", "the units differ by too large a factor");
        };
        let multiplied = |expression: &mut Expression| -> Result<_, TooLarge> {
            let (above, below) = (expression.integer(above)?, expression.integer(below)?);
            let factor = expression.operation(Operator::Divide, &[above, below])?;
            let value = scratch::copy(expression, gold, &[])?;
            expression.operation(Operator::Multiply, &[value, factor])
        };
        let mut expression = Expression::default();
        match multiplied(&mut expression) {
            Ok(node) => self.plain(Value { expression: &expression, node }, prediction),
            Err(TooLarge::Nodes | TooLarge::Depth) => undecided("unit", "the values are too large"),
        }
    }

    /// Compares percentages with one another, or with what may leave the sign out.
    fn percentages(
        &mut self,
        gold: (Value<'_>, Option<(Mark, Value<'_>)>),
        prediction: (Value<'_>, Option<(Mark, Value<'_>)>),
    ) -> Ruling {
        let by_value = self.plain(gold.0, prediction.0);
        if by_value.verdict == Verdict::Equal {
            return by_value;
        }
        let inner = |side: (_, Option<(Mark, _)>)| match side.1 {
            Some((Mark::Percent, inner)) => inner,
            _ => side.0,
        };
        let (left, right) = (inner(gold), inner(prediction));
        let is_both = is(gold.1, Mark::Percent) && is(prediction.1, Mark::Percent);
        let may_leave_out = match self.profile.percent {
            Percent::Hundredths => false,
            Percent::WholeNumbers => is_whole(left) && is_whole(right),
            Percent::Optional => true,
        };
        if is_both || may_leave_out { self.plain(left, right) } else { by_value }
    }

    /// Compares angles: where degree signs are ignored, an angle in degrees is also the same angle in radians.
    fn angles(&mut self, gold: Value<'_>, prediction: Value<'_>) -> Ruling {
        let ruling = self.plain(gold, prediction);
        let has_pi = |value: Value<'_>| {
            value.expression.ids().any(|id| matches!(value.expression.node(id), Node::Constant(Constant::Pi)))
        };
        let is_converted = self.profile.angles_are_converted && (has_pi(gold) != has_pi(prediction));
        if ruling.verdict == Verdict::Equal || !is_converted {
            return ruling;
        }
        let in_radians = self.in_radians(gold, prediction);
        if in_radians.verdict == Verdict::Equal { in_radians } else { ruling }
    }

    /// Tells whether a value with a unit is in radians, and units count.
    fn is_in_radians(&self, value: Value<'_>) -> bool {
        let is_radian = |unit: Value<'_>| matches!(unit.expression.node(unit.node), Node::Text("rad"));
        self.profile.units != Units::Ignored && second(value).is_some_and(is_radian)
    }

    /// Compares values with degrees converted to radians.
    fn in_radians(&mut self, gold: Value<'_>, prediction: Value<'_>) -> Ruling {
        let rules = equality::ValueRules { degrees: Degrees::Radians, ..self.profile.values.clone() };
        equality::equal(gold, prediction, &rules, self.fuel)
    }

    /// Compares numerals in bases other than ten.
    fn in_bases(
        &mut self,
        gold: (Value<'_>, Option<(Mark, Value<'_>)>),
        prediction: (Value<'_>, Option<(Mark, Value<'_>)>),
    ) -> Ruling {
        let split = |side: (_, Option<(Mark, _)>)| match side.1 {
            Some((Mark::Base, digits)) => (digits, second(side.0)),
            _ => (side.0, None),
        };
        let ((left, left_base), (right, right_base)) = (split(gold), split(prediction));
        if self.profile.bases == Bases::Ignored {
            return self.plain(left, right);
        }
        let is_one_left_out = left_base.is_none() || right_base.is_none();
        let is_same_base = match (left_base, right_base) {
            (Some(left), Some(right)) => self.is_equal(left, right),
            _ => self.profile.bases == Bases::Optional && is_one_left_out,
        };
        if is_same_base {
            let ruling = self.plain(left, right);
            if ruling.verdict == Verdict::Equal || !is_one_left_out {
                return ruling;
            }
        }
        let verdict = match (left_base.map(|base| in_ten(left, base)), right_base.map(|base| in_ten(right, base))) {
            (Some(Some(left)), Some(Some(right))) if left == right => Verdict::Equal,
            (Some(Some(_)), Some(Some(_))) => Verdict::Different,
            (Some(Some(number)), None) => self.with_integer(number, right).verdict,
            (None, Some(Some(number))) => self.with_integer(number, left).verdict,
            _ => return different("base", "a side is no numeral in its base"),
        };
        match verdict {
            Verdict::Equal => equal("base", "both are the same number in base ten"),
            Verdict::Different => different("base", "they are different numbers in base ten"),
            Verdict::Undecided => undecided("base", "the numbers could not be compared"),
        }
    }
}

/// Tells whether a side carries a mark.
fn is(mark: Option<(Mark, Value<'_>)>, wanted: Mark) -> bool {
    mark.is_some_and(|(mark, _)| mark == wanted)
}

fn is_whole(value: Value<'_>) -> bool {
    match value.expression.node(value.node) {
        Node::Operation(Operator::Negate, &[inner]) => is_whole(Value { node: inner, ..value }),
        _ => whole(value).is_some(),
    }
}

/// Returns the number that digits are in a base.
fn in_ten(digits: Value<'_>, base: Value<'_>) -> Option<u128> {
    let base = match base.expression.node(base.node) {
        Node::Text(word) => words::number(word)?,
        _ => whole(base)?,
    };
    let base = u32::try_from(base).ok().filter(|base| (2..=36).contains(base))?;
    match digits.expression.node(digits.node) {
        Node::Number(numeral) if numeral.num_decimals == 0 && numeral.exponent == 0 => {
            u128::from_str_radix(&numeral.digits, base).ok()
        }
        Node::Text(text) | Node::Symbol(text) => u128::from_str_radix(text, base).ok(),
        _ => None,
    }
}

const fn greatest_common_divisor(mut left: u128, mut right: u128) -> u128 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    if left == 0 { 1 } else { left }
}
