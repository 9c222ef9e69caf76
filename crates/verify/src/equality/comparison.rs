//! The tiers that decide whether two terms are equal, each conclusive where it applies.

use dashu_ratio::RBig;

use super::evaluation::evaluate;
use super::lowering::Lowered;
use super::numbers::{Numbers, OfLength, Point, Variables};
use super::precision;
use super::residues::Field;
use super::rules::ValueRules;
use super::sampling::NUM_PRIMES;
use super::terms::{Head, TermId, Terms, Traits};
use super::{Ruling, decided, undecided};
use crate::Verdict;
use crate::arithmetic::complex::Complex;
use crate::arithmetic::modular::Residue;
use crate::fuel::{Fuel, OutOfFuel};

/// How many points must agree, how many are enough to say so, and how many are tried.
const NUM_POINTS: u64 = 4;
const MIN_POINTS: u64 = 2;
const MAX_POINTS: u64 = 12;

/// How many points must agree where some are whole numbers, which have fewer values to tell functions apart by.
const NUM_WHOLE_POINTS: u64 = 8;

/// How small the difference of two values must be for them to be equal, in bits after the point. Values beyond 2^180 are not known as
/// well as that: a term that is added to them could not be seen.
const SHARED_BITS: i64 = 60;

/// A comparison of two terms.
pub(super) struct Comparison<'c> {
    /// The arena of both.
    pub(super) terms: &'c Terms,
    /// The rules.
    pub(super) rules: &'c ValueRules,
    /// What may be spent.
    pub(super) fuel: &'c mut Fuel,
    /// The terms that are evaluated, operands first.
    pub(super) order: Vec<TermId>,
    /// The residues by the first prime at the first point, which unknown things take values from.
    pub(super) residues: Option<Vec<Option<Residue>>>,
}

/// What two values at a point, or two residues, say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Agreement {
    /// They agree.
    Same,
    /// They do not.
    Apart,
    /// One is real and the other is not.
    Unlike,
    /// One of them has no value, or none that is known well enough.
    Unknown,
}

/// Which points count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    /// Those where both values are real.
    Real,
    /// Those where both are real or neither is.
    Anywhere,
}

// === impl Comparison ===

impl<'c> Comparison<'c> {
    /// Prepares the comparison of some terms.
    pub(super) fn new(terms: &'c Terms, rules: &'c ValueRules, fuel: &'c mut Fuel, roots: &[TermId]) -> Self {
        Self { terms, rules, fuel, order: terms.within(roots), residues: None }
    }

    /// Decides whether two terms are equal.
    pub(super) fn decide(&mut self, gold: Lowered, prediction: Lowered) -> Result<Ruling, OutOfFuel> {
        let terms = self.terms;
        if gold.term == prediction.term {
            return Ok(decided(Verdict::Equal, "structure", "both are the same in order and notation"));
        }
        if let Some(ruling) = infinite(terms, gold.term, prediction.term) {
            return Ok(ruling);
        }
        let traits = terms.traits(gold.term) | terms.traits(prediction.term);
        if let (Some(left), Some(right)) = (terms.rational(gold.term), terms.rational(prediction.term)) {
            return Ok(precision::of_rationals((left, gold), (right, prediction), self.rules));
        }
        let is_constant = !traits.has(Traits::SYMBOL) && !traits.has(Traits::UNKNOWN);
        let is_rounded = gold.has_decimals || prediction.has_decimals || self.rules.relative_tolerance.is_some();
        if is_constant && is_rounded {
            return self.rounded(gold, prediction);
        }
        if !traits.has(Traits::DEPENDENT) {
            match self.residues_agree(gold.term, prediction.term)? {
                Agreement::Same => {
                    return Ok(decided(Verdict::Equal, "residues", "they are the same rational function"));
                }
                Agreement::Apart => {
                    return Ok(decided(Verdict::Different, "residues", "they are different rational functions"));
                }
                _ => {}
            }
        }
        self.sampled(gold.term, prediction.term, traits)
    }

    /// Compares residues by every prime at a point.
    pub(super) fn residues_agree(&mut self, gold: TermId, prediction: TermId) -> Result<Agreement, OutOfFuel> {
        for index in 0..NUM_PRIMES {
            let field = Field::new(&self.rules.sampling, index, 0);
            let residues = evaluate(&field, self.terms, &self.order, self.fuel)?;
            let (left, right) = (residues[gold.index()], residues[prediction.index()]);
            if index == 0 {
                self.residues = Some(residues);
            }
            match (left, right) {
                (Some(left), Some(right)) if left == right => {}
                (Some(_), Some(_)) => return Ok(Agreement::Apart),
                _ => return Ok(Agreement::Unknown),
            }
        }
        Ok(Agreement::Same)
    }

    /// Evaluates every term at a point, with numbers of so many words.
    pub(super) fn numbers<const N: usize>(&mut self, point: Point) -> Result<Vec<Option<Complex<N>>>, OutOfFuel> {
        let sampling = &self.rules.sampling;
        let residues = self.residues.as_deref().map(|residues| (&sampling.primes()[0], residues));
        evaluate(&OfLength(Numbers { sampling, point, residues }), self.terms, &self.order, self.fuel)
    }

    fn rounded(&mut self, gold: Lowered, prediction: Lowered) -> Result<Ruling, OutOfFuel> {
        let point = Point { index: 0, variables: Variables::Real };
        let values = self.numbers::<2>(point)?;
        if let (Some(left), Some(right)) = (values[gold.term.index()], values[prediction.term.index()])
            && let Some(ruling) = precision::of_numbers(left, right, self.rules)
        {
            return Ok(ruling);
        }
        let values = self.numbers::<4>(point)?;
        let (Some(left), Some(right)) = (values[gold.term.index()], values[prediction.term.index()]) else {
            return Ok(undecided("numbers", "a side is undefined or beyond what can be computed"));
        };
        match precision::of_numbers(left, right, self.rules) {
            Some(ruling) => Ok(ruling),
            None if compare(&left, &right) == Agreement::Same => {
                Ok(decided(Verdict::Equal, "numbers", "they agree to 256 bits"))
            }
            None => Ok(undecided("rounding", "a side is too close to where rounding changes")),
        }
    }

    /// Compares values at points, first where they are real: on the common real domain `ln(x^3/y)` is `3 ln x - ln y`, while the principal
    /// branches differ elsewhere. Expressions that mention the imaginary unit, or are nowhere real, are compared at every point.
    fn sampled(&mut self, gold: TermId, prediction: TermId, traits: Traits) -> Result<Ruling, OutOfFuel> {
        if traits.has(Traits::SYMBOL) && !traits.has_any(Traits::IMAGINARY | Traits::COMPLEX) {
            let ruling = self.sampled_where((gold, prediction), traits, Where::Real)?;
            if ruling.verdict != Verdict::Undecided {
                return Ok(ruling);
            }
        }
        self.sampled_where((gold, prediction), traits, Where::Anywhere)
    }

    /// Compares values at points: one for constants, and four that both sides are defined and alike at for others.
    fn sampled_where(&mut self, pair: (TermId, TermId), traits: Traits, wanted_at: Where) -> Result<Ruling, OutOfFuel> {
        let (gold, prediction) = pair;
        let is_constant = !traits.has(Traits::SYMBOL) && !traits.has(Traits::UNKNOWN);
        if traits.has(Traits::UNKNOWN) && self.residues.is_none() {
            self.residues_agree(gold, prediction)?;
        }
        let wanted = if is_constant {
            1
        } else if traits.has_any(Traits::WHOLE | Traits::JUMP) {
            NUM_WHOLE_POINTS
        } else {
            NUM_POINTS
        };
        let (mut num_same, mut num_unlike) = (0, 0);
        for index in 0..if is_constant { 1 } else { MAX_POINTS } {
            let point = Point::of(index, traits);
            if num_same == 0 {
                let values = self.numbers::<2>(point)?;
                match at(&values, pair, wanted_at) {
                    Agreement::Apart => return Ok(apart()),
                    Agreement::Unlike if is_constant => return Ok(apart()),
                    Agreement::Unlike => {
                        num_unlike += 1;
                        continue;
                    }
                    _ if index == 0 && self.residues_agree(gold, prediction)? == Agreement::Same => {
                        return Ok(decided(
                            Verdict::Equal,
                            "residues",
                            "they are the same rational function of their parts",
                        ));
                    }
                    _ => {}
                }
            }
            let values = self.numbers::<4>(point)?;
            match at(&values, pair, wanted_at) {
                Agreement::Apart => return Ok(apart()),
                Agreement::Unlike if is_constant => return Ok(apart()),
                Agreement::Unlike => num_unlike += 1,
                Agreement::Same => num_same += 1,
                Agreement::Unknown => {}
            }
            if num_same == wanted {
                break;
            }
        }
        Ok(if num_same >= MIN_POINTS.min(wanted) {
            decided(Verdict::Equal, "numbers", "they agree to 256 bits wherever they were compared")
        } else if num_same == 0 && num_unlike > 0 && wanted_at == Where::Anywhere {
            decided(Verdict::Different, "numbers", "one is real where the other is not")
        } else {
            undecided("numbers", "a side is undefined or beyond what can be computed")
        })
    }
}

/// Compares two terms by their values.
fn at<const N: usize>(values: &[Option<Complex<N>>], pair: (TermId, TermId), wanted_at: Where) -> Agreement {
    match (&values[pair.0.index()], &values[pair.1.index()]) {
        (Some(left), Some(right))
            if wanted_at == Where::Real && !(left.imaginary.may_be_zero() && right.imaginary.may_be_zero()) =>
        {
            Agreement::Unknown
        }
        (Some(left), Some(right)) => compare(left, right),
        _ => Agreement::Unknown,
    }
}

/// Compares two values. They are the same if they may be, and cannot be far apart.
pub(super) fn compare<const N: usize>(left: &Complex<N>, right: &Complex<N>) -> Agreement {
    if left.imaginary.may_be_zero() != right.imaginary.may_be_zero() {
        return Agreement::Unlike;
    }
    if !left.overlaps(right) {
        return Agreement::Apart;
    }
    let difference = left.subtract(*right);
    let distance = difference.real.magnitude().add(difference.imaginary.magnitude()).exponent();
    if distance < -SHARED_BITS { Agreement::Same } else { Agreement::Unknown }
}

fn apart() -> Ruling {
    decided(Verdict::Different, "numbers", "their values differ at a point")
}

/// Compares infinities with each other and with anything else.
fn infinite(terms: &Terms, gold: TermId, prediction: TermId) -> Option<Ruling> {
    match (sign_of_infinity(terms, gold), sign_of_infinity(terms, prediction)) {
        (None, None) => None,
        (left, right) if left == right => {
            Some(decided(Verdict::Equal, "infinity", "both are infinite with the same sign"))
        }
        _ => {
            Some(decided(Verdict::Different, "infinity", "one is infinite and the other is not, or has the other sign"))
        }
    }
}

/// Returns whether an infinity is the positive one; nothing for other terms.
pub(super) fn sign_of_infinity(terms: &Terms, id: TermId) -> Option<bool> {
    match (terms.head(id), terms.operands(id)) {
        (Head::Infinity, _) => Some(true),
        (Head::Multiply, &[first, second]) => {
            let factor = match (terms.head(first), terms.head(second)) {
                (Head::Infinity, _) => terms.rational(second)?,
                (_, Head::Infinity) => terms.rational(first)?,
                _ => return None,
            };
            Some(*factor > RBig::ZERO)
        }
        _ => None,
    }
}
