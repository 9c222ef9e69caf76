//! Sets of real numbers as they are written: intervals, points, conditions on one variable, and operations on them.
//!
//! Reading copies both sides into one expression and gathers the end points: the written ones, and the points at which a condition
//! may change, which are the zeros and poles of the difference of its sides. More points than needed do no harm; where not all of
//! them can be found, the set is not read.

use crate::{
    Verdict,
    comparison::scratch,
    equality::{self, Value},
    expression::{Constant, Expression, Node, NodeId, Operator, TooLarge},
    fuel::Fuel,
    profile::Profile,
    structure::{Bracket, Connective, Pair, Relation, Side, Structure},
};

/// The name of the variable of every condition.
const VARIABLE: &str = "x";

/// The whole number from which on conditions are sampled, unlikely to be a pole.
const FIRST_SAMPLE: u64 = 101;

/// The most absolute values within one another or side by side.
const MAX_ABSOLUTE_VALUES: u32 = 4;

/// The most end points of both sides together.
const MAX_END_POINTS: usize = 512;

/// A set of real numbers. The nodes are of the reader's expression.
#[derive(Clone, Debug)]
pub enum Region {
    /// The real line.
    Everything,
    /// The empty set.
    Nothing,
    /// An interval; an end that is not there is infinite.
    Interval { from: Option<NodeId>, to: Option<NodeId>, is_left_open: bool, is_right_open: bool },
    /// A single number.
    Point(NodeId),
    /// Where the difference of two sides is above, below or equal to zero.
    Condition(Operator, NodeId),
    /// Regions united, intersected or taken away.
    Combined(Operator, Vec<Self>),
    /// Conditions side by side: all of them where that leaves anything, else any of them.
    Listed(Vec<Self>),
}

/// Reads regions into one expression.
pub struct Reader<'c> {
    /// The expression.
    pub expression: Expression,
    /// The points at which a region may begin or end.
    pub end_points: Vec<NodeId>,
    variable: NodeId,
    /// Whether roots that are not real matter, as they do for equations.
    wants_every_root: bool,
    profile: &'c Profile,
    fuel: &'c mut Fuel,
}

/// Why a region is not read.
#[derive(Clone, Copy, Debug)]
pub struct Unread;

impl From<TooLarge> for Unread {
    fn from(_: TooLarge) -> Self {
        Self
    }
}

// === impl Reader ===

impl<'c> Reader<'c> {
    /// Begins with an empty expression.
    pub fn new(profile: &'c Profile, fuel: &'c mut Fuel) -> Result<Self, Unread> {
        let mut expression = Expression::default();
        let variable = expression.symbol(VARIABLE)?;
        Ok(Self { expression, end_points: Vec::new(), variable, wants_every_root: false, profile, fuel })
    }

    /// Reads a structure, with the name of the variable that its conditions are about.
    pub fn read(&mut self, side: Side<'_>, name: &mut Option<String>) -> Result<Region, Unread> {
        match side.structure {
            Structure::Named(Constant::Reals) => Ok(Region::Everything),
            Structure::Named(Constant::EmptySet) => Ok(Region::Nothing),
            Structure::Value(node) => Ok(Region::Point(self.end_point(side, *node)?)),
            Structure::Pair(pair) => self.interval(side, pair),
            Structure::Collection(Bracket::Set | Bracket::List, items) => {
                let is_condition = |item: &Structure| {
                    matches!(item, Structure::Relation(relation)
                    if !matches!(relation.operator, Operator::Equal | Operator::In))
                };
                let regions = self.all(side, items, name)?;
                let is_listed = !items.is_empty() && items.iter().all(is_condition);
                Ok(if is_listed { Region::Listed(regions) } else { Region::Combined(Operator::Union, regions) })
            }
            Structure::SetOperation(operator, operands) => {
                Ok(Region::Combined(*operator, self.all(side, operands, name)?))
            }
            Structure::Builder(parts) => self.read(side.with(&parts[1]), name),
            Structure::Compound(Connective::Or, statements) => {
                Ok(Region::Combined(Operator::Union, self.all(side, statements, name)?))
            }
            Structure::Compound(_, statements) => {
                Ok(Region::Combined(Operator::Intersection, self.all(side, statements, name)?))
            }
            Structure::Relation(relation) => self.relation(side, relation, name),
            _ => Err(Unread),
        }
    }

    fn all(&mut self, side: Side<'_>, items: &[Structure], name: &mut Option<String>) -> Result<Vec<Region>, Unread> {
        items.iter().map(|item| self.read(side.with(item), name)).collect()
    }

    fn interval(&mut self, side: Side<'_>, pair: &Pair) -> Result<Region, Unread> {
        let (Structure::Value(first), Structure::Value(second)) = (&pair.first, &pair.second) else {
            return Err(Unread);
        };
        let from = if is_infinite(side.expression, *first) { None } else { Some(self.end_point(side, *first)?) };
        let to = if is_infinite(side.expression, *second) { None } else { Some(self.end_point(side, *second)?) };
        Ok(Region::Interval { from, to, is_left_open: pair.is_left_open, is_right_open: pair.is_right_open })
    }

    fn end_point(&mut self, side: Side<'_>, node: NodeId) -> Result<NodeId, Unread> {
        let value = Value { expression: side.expression, node };
        if !equality::variables(value).is_empty() {
            return Err(Unread);
        }
        let copied = scratch::copy(&mut self.expression, value, &[])?;
        self.add_end_point(copied)?;
        Ok(copied)
    }

    fn add_end_point(&mut self, node: NodeId) -> Result<(), Unread> {
        if self.end_points.len() >= MAX_END_POINTS {
            return Err(Unread);
        }
        self.end_points.push(node);
        Ok(())
    }

    fn relation(&mut self, side: Side<'_>, relation: &Relation, name: &mut Option<String>) -> Result<Region, Unread> {
        let (left, right) = match (&relation.left, &relation.right) {
            (Structure::Value(left), Structure::Value(right)) => (*left, *right),
            (Structure::Value(left), right) => {
                self.take_name(side, *left, name)?;
                let region = self.read(side.with(right), name)?;
                return match relation.operator {
                    Operator::Equal | Operator::In => Ok(region),
                    Operator::NotIn => Ok(Region::Combined(Operator::Complement, vec![region])),
                    _ => Err(Unread),
                };
            }
            _ => return Err(Unread),
        };
        let value = |node| Value { expression: side.expression, node };
        let left = scratch::copy(&mut self.expression, value(left), &[])?;
        let right = scratch::copy(&mut self.expression, value(right), &[])?;
        let difference = scratch::difference(&mut self.expression, left, right)?;
        let found = match equality::variables(Value { expression: &self.expression, node: difference })[..] {
            [name] => name.to_owned(),
            _ => return Err(Unread),
        };
        let variable = self.variable;
        let difference = scratch::substitute(&mut self.expression, difference, &found, variable)?;
        if name.as_ref().is_some_and(|name| *name != found) {
            return Err(Unread);
        }
        *name = Some(found);
        self.wants_every_root = relation.operator == Operator::Equal;
        self.find_changes(difference, 0)?;
        Ok(Region::Condition(relation.operator, difference))
    }

    /// Takes the name before a membership for the variable.
    fn take_name(&mut self, side: Side<'_>, node: NodeId, name: &mut Option<String>) -> Result<(), Unread> {
        let copied = scratch::copy(&mut self.expression, Value { expression: side.expression, node }, &[])?;
        let Node::Symbol(found) = self.expression.node(copied) else { return Err(Unread) };
        if name.as_ref().is_some_and(|name| name != found) {
            return Err(Unread);
        }
        *name = Some(found.to_owned());
        Ok(())
    }

    fn value(&self, node: NodeId) -> Value<'_> {
        Value { expression: &self.expression, node }
    }

    fn is_same(&mut self, left: NodeId, right: NodeId) -> Verdict {
        let expression = &self.expression;
        let (left, right) = (Value { expression, node: left }, Value { expression, node: right });
        equality::equal(left, right, &self.profile.values, self.fuel).verdict
    }

    fn at(&mut self, node: NodeId, point: NodeId) -> Result<NodeId, Unread> {
        Ok(scratch::substitute(&mut self.expression, node, VARIABLE, point)?)
    }

    /// Adds the end points at which an expression in the variable may change its sign.
    fn find_changes(&mut self, node: NodeId, num_absolute_values: u32) -> Result<(), Unread> {
        if equality::variables(self.value(node)).is_empty() {
            return Ok(());
        }
        let (operator, children) = match self.expression.node(node) {
            Node::Operation(operator, children) => (operator, children.to_vec()),
            _ => return self.solve(node),
        };
        match operator {
            Operator::Multiply | Operator::Divide | Operator::Negate | Operator::Abs => {
                children.iter().try_for_each(|child| self.find_changes(*child, num_absolute_values))
            }
            Operator::Power if equality::variables(self.value(children[1])).is_empty() => {
                self.find_changes(children[0], num_absolute_values)
            }
            _ => match self.find(node, Operator::Abs) {
                Some(_) if num_absolute_values >= MAX_ABSOLUTE_VALUES => Err(Unread),
                Some(absolute) => self.split(node, absolute, num_absolute_values + 1),
                None => self.solve(node),
            },
        }
    }

    /// Finds a node with this operator over the variable.
    fn find(&self, node: NodeId, wanted: Operator) -> Option<NodeId> {
        let mut pending = vec![node];
        while let Some(id) = pending.pop() {
            if let Node::Operation(operator, children) = self.expression.node(id) {
                if operator == wanted && !equality::variables(self.value(id)).is_empty() {
                    return Some(id);
                }
                pending.extend_from_slice(children);
            }
        }
        None
    }

    /// Solves an expression with an absolute value for both signs of what is in the bars.
    fn split(&mut self, node: NodeId, absolute: NodeId, num_absolute_values: u32) -> Result<(), Unread> {
        let Some(&[inner]) = self.expression.operands(absolute, Operator::Abs) else { return Err(Unread) };
        let negated = self.expression.operation(Operator::Negate, &[inner])?;
        self.find_changes(inner, num_absolute_values)?;
        for replacement in [inner, negated] {
            let variant = self.replaced(node, absolute, replacement)?;
            self.find_changes(variant, num_absolute_values)?;
        }
        Ok(())
    }

    fn replaced(&mut self, node: NodeId, old: NodeId, new: NodeId) -> Result<NodeId, Unread> {
        if node == old {
            return Ok(new);
        }
        let Node::Operation(operator, children) = self.expression.node(node) else { return Ok(node) };
        let mut children = children.to_vec();
        for child in &mut children {
            *child = self.replaced(*child, old, new)?;
        }
        Ok(self.expression.operation(operator, &children)?)
    }

    /// Adds the zeros of an expression that is at most quadratic when multiplied by its denominators, and their zeros.
    fn solve(&mut self, node: NodeId) -> Result<(), Unread> {
        let mut cleared = node;
        if let Node::Operation(Operator::Add, terms) = self.expression.node(node) {
            let terms = terms.to_vec();
            for term in terms {
                let term = self.expression.operands(term, Operator::Negate).map_or(term, |operands| operands[0]);
                let Some(&[_, denominator]) = self.expression.operands(term, Operator::Divide) else { continue };
                if !equality::variables(self.value(denominator)).is_empty() {
                    self.find_changes(denominator, MAX_ABSOLUTE_VALUES)?;
                    cleared = self.expression.operation(Operator::Multiply, &[cleared, denominator])?;
                }
            }
        }
        self.solve_polynomial(cleared)
    }

    /// Adds the zeros of `c0 + c1 u + c2 u (u - 1)` where `u` is the variable less the first sample, if that is what a node is.
    fn solve_polynomial(&mut self, node: NodeId) -> Result<(), Unread> {
        let mut samples = [node; 3];
        for (offset, sample) in samples.iter_mut().enumerate() {
            let point = self.expression.integer(FIRST_SAMPLE + offset as u64)?;
            *sample = self.at(node, point)?;
        }
        let start = self.expression.integer(FIRST_SAMPLE)?;
        let shifted = scratch::difference(&mut self.expression, self.variable, start)?;
        let first = scratch::difference(&mut self.expression, samples[1], samples[0])?;
        let next = scratch::difference(&mut self.expression, samples[2], samples[1])?;
        let second = scratch::difference(&mut self.expression, next, first)?;
        let zero = self.expression.integer(0)?;
        let rise = self.expression.operation(Operator::Multiply, &[first, shifted])?;
        let line = self.expression.operation(Operator::Add, &[samples[0], rise])?;
        if self.is_same(node, line) == Verdict::Equal {
            if self.is_same(first, zero) == Verdict::Equal {
                return Ok(());
            }
            let quotient = self.expression.operation(Operator::Divide, &[samples[0], first])?;
            let root = scratch::difference(&mut self.expression, start, quotient)?;
            return self.add_end_point(root);
        }
        let two = self.expression.integer(2)?;
        let half = self.expression.operation(Operator::Divide, &[second, two])?;
        let one = self.expression.integer(1)?;
        let before = scratch::difference(&mut self.expression, shifted, one)?;
        let curve = self.expression.operation(Operator::Multiply, &[half, shifted, before])?;
        let parabola = self.expression.operation(Operator::Add, &[line, curve])?;
        if self.is_same(node, parabola) != Verdict::Equal {
            return Err(Unread);
        }
        let linear = scratch::difference(&mut self.expression, first, half)?;
        self.add_quadratic_roots(start, [half, linear, samples[0]])
    }

    /// Adds `start + u` for the roots `u` of `a u² + b u + c`, if they are real.
    fn add_quadratic_roots(&mut self, start: NodeId, [a, b, c]: [NodeId; 3]) -> Result<(), Unread> {
        let (two, four) = (self.expression.integer(2)?, self.expression.integer(4)?);
        let square = self.expression.operation(Operator::Power, &[b, two])?;
        let product = self.expression.operation(Operator::Multiply, &[four, a, c])?;
        let discriminant = scratch::difference(&mut self.expression, square, product)?;
        let zero = self.expression.integer(0)?;
        let estimate = equality::estimate(
            Value { expression: &self.expression, node: discriminant },
            &self.profile.values,
            self.fuel,
        );
        let is_zero = self.is_same(discriminant, zero) == Verdict::Equal;
        if !is_zero && estimate.ok_or(Unread)?.real < 0.0 {
            return if self.wants_every_root { Err(Unread) } else { Ok(()) };
        }
        let root = self.expression.operation(Operator::Root, &[discriminant, two])?;
        let divisor = self.expression.operation(Operator::Multiply, &[two, a])?;
        for is_negative in [true, false] {
            let signed = if is_negative { self.expression.operation(Operator::Negate, &[root])? } else { root };
            let numerator = scratch::difference(&mut self.expression, signed, b)?;
            let quotient = self.expression.operation(Operator::Divide, &[numerator, divisor])?;
            let sum = self.expression.operation(Operator::Add, &[start, quotient])?;
            self.add_end_point(sum)?;
        }
        Ok(())
    }

    /// Returns the value of a condition's difference at a point, or nothing where it has none.
    pub fn sign_at(&mut self, difference: NodeId, point: NodeId) -> Result<Option<std::cmp::Ordering>, Unread> {
        let at_point = self.at(difference, point)?;
        let value = Value { expression: &self.expression, node: at_point };
        let Some(estimate) = equality::estimate(value, &self.profile.values, self.fuel) else { return Ok(None) };
        if estimate.imaginary.abs() > estimate.error {
            return Ok(None);
        }
        if estimate.real.abs() > estimate.error {
            return Ok(estimate.real.partial_cmp(&0.0));
        }
        let zero = self.expression.integer(0)?;
        match self.is_same(at_point, zero) {
            Verdict::Equal => Ok(Some(std::cmp::Ordering::Equal)),
            _ => Err(Unread),
        }
    }

    /// Returns about what an end point is.
    pub fn estimate(&mut self, node: NodeId) -> Result<f64, Unread> {
        let value = Value { expression: &self.expression, node };
        let estimate = equality::estimate(value, &self.profile.values, self.fuel).ok_or(Unread)?;
        let is_real = estimate.imaginary.abs() <= estimate.error && estimate.real.is_finite();
        if is_real { Ok(estimate.real) } else { Err(Unread) }
    }

    /// Tells whether two end points are the same.
    pub fn is_same_point(&mut self, left: NodeId, right: NodeId) -> Result<bool, Unread> {
        match self.is_same(left, right) {
            Verdict::Equal => Ok(true),
            Verdict::Different => Ok(false),
            Verdict::Undecided => Err(Unread),
        }
    }
}

/// Tells whether a node is infinity, with any sign.
pub fn is_infinite(expression: &Expression, node: NodeId) -> bool {
    match expression.node(node) {
        Node::Constant(Constant::Infinity) => true,
        Node::Operation(Operator::Negate | Operator::Add, &[inner]) => is_infinite(expression, inner),
        _ => false,
    }
}
