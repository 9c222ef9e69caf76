//! Sets, lists, tuples, pairs and single values against one another, element by element.

use super::{All, Comparison, different, equal, is_empty, real, undecided, value_of};
use crate::{
    Verdict,
    equality::Ruling,
    expression::{Node, Operator},
    profile::{ListOrder, TupleOrder},
    structure::{Bracket, Side, Structure},
};

/// The most elements that are compared in order, or sorted by value.
const MAX_ELEMENTS: usize = 256;

/// The most elements that are matched each with each.
const MAX_MATCHED: usize = 64;

/// What an estimate may be off by, as a part of it or of 1: far more than one of 53 bits is.
const ESTIMATE_ERROR: f64 = 0.1;

/// How elements stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// One by itself.
    Single,
    /// In braces.
    Set,
    /// Without brackets.
    List,
    /// In brackets of a sequence.
    Tuple,
    /// Two in brackets that may be an interval's; whether each is open.
    Pair(bool, bool),
}

/// A side taken apart.
struct Elements<'a> {
    side: Side<'a>,
    form: Form,
    items: Vec<&'a Structure>,
}

// === impl Elements ===

impl<'a> Elements<'a> {
    fn of(side: Side<'a>) -> Self {
        let (form, items) = match side.structure {
            Structure::Pair(pair) => {
                (Form::Pair(pair.is_left_open, pair.is_right_open), vec![&pair.first, &pair.second])
            }
            Structure::Collection(bracket, items) => (
                match bracket {
                    Bracket::Set => Form::Set,
                    Bracket::List => Form::List,
                    Bracket::Tuple | Bracket::Square => Form::Tuple,
                },
                items.iter().collect(),
            ),
            Structure::Compound(_, items) => (Form::List, items.iter().collect()),
            single => (Form::Single, vec![single]),
        };
        Self { side, form, items }
    }

    /// Brings equations that give letters their values into the order of the letters: `y = 2, x = 1` is `(1, 2)`.
    fn sort_by_name(&mut self) {
        let side = self.side;
        let name = |item: &Structure| match item {
            Structure::Relation(relation) => match &relation.left {
                Structure::Value(id) => match side.expression.node(*id) {
                    Node::Symbol(name) if name.len() == 1 => Some(name),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        };
        if self.form == Form::List && self.items.iter().all(|item| name(item).is_some()) {
            self.items.sort_by_key(|item| name(item));
        }
    }

    fn is_assigned(&self) -> bool {
        self.items.len() > 1 && self.items.iter().all(|item| matches!(item, Structure::Relation(_)))
    }
}

// === impl Comparison ===

impl Comparison<'_> {
    /// Compares two sides that are sets, sequences, intervals or single values.
    pub fn collections(&mut self, gold: Side<'_>, prediction: Side<'_>) -> Ruling {
        if is_empty(gold.structure) && is_empty(prediction.structure) {
            return equal("set", "both are the empty set");
        }
        let (gold, prediction) = (Elements::of(gold), Elements::of(prediction));
        if gold.items.len().max(prediction.items.len()) > MAX_ELEMENTS {
            return undecided("set", "there are too many elements");
        }
        if gold.form == Form::Single && prediction.form == Form::Single {
            return different("class", "the answers are of different kinds");
        }
        match (gold.form, prediction.form) {
            (Form::Pair(..), Form::Pair(..)) => self.pairs(&gold, &prediction),
            (Form::Pair(..), _) | (_, Form::Pair(..)) if !self.is_sequence_pair(&gold, &prediction) => {
                different("interval", "one is an interval and the other is none")
            }
            _ if self.is_ordered(&gold, &prediction) => {
                let (mut gold, mut prediction) = (gold, prediction);
                if self.profile.tuple_order == TupleOrder::ByName && gold.form != prediction.form {
                    gold.sort_by_name();
                    prediction.sort_by_name();
                }
                self.in_order(&gold, &prediction)
            }
            _ => self.in_any_order(gold, prediction),
        }
    }

    /// Compares two pairs: as intervals, or as points where the first entry is not less than the second.
    fn pairs(&mut self, gold: &Elements<'_>, prediction: &Elements<'_>) -> Ruling {
        let is_point = |comparison: &mut Self| {
            !comparison.profile.brackets_are_kept && comparison.is_falling(gold) && comparison.is_falling(prediction)
        };
        if gold.form != prediction.form && !is_point(self) {
            return different("interval", "an end is open in one interval and closed in the other");
        }
        self.in_order(gold, prediction)
    }

    /// Tells whether the first entry of a pair is a number that is not less than the second.
    fn is_falling(&mut self, pair: &Elements<'_>) -> bool {
        let [Structure::Value(first), Structure::Value(second)] = pair.items[..] else { return true };
        let first = real(value_of(pair.side, *first), self).map(|estimate| estimate.real);
        let second = real(value_of(pair.side, *second), self).map(|estimate| estimate.real);
        first.zip(second).is_some_and(|(first, second)| first >= second)
    }

    /// Tells whether the pair among two sides may be a sequence of two elements as well as an interval.
    fn is_sequence_pair(&mut self, gold: &Elements<'_>, prediction: &Elements<'_>) -> bool {
        let is_gold_pair = matches!(gold.form, Form::Pair(..));
        let pair = if is_gold_pair { gold } else { prediction };
        // A list that is asked for may be written in square brackets.
        let is_list = !is_gold_pair && gold.form == Form::List && !self.profile.brackets_are_kept;
        let is_listed = is_list && pair.form == Form::Pair(false, false);
        pair.form == Form::Pair(true, true) || is_listed || self.is_falling(pair)
    }

    /// Tells whether the order of the elements counts.
    fn is_ordered(&self, gold: &Elements<'_>, prediction: &Elements<'_>) -> bool {
        let is_sequence = |form: Form| matches!(form, Form::Tuple | Form::Pair(..));
        match (gold.form, prediction.form) {
            (left, right) if is_sequence(left) && is_sequence(right) => true,
            (left, _) if is_sequence(left) => true,
            (_, right) if is_sequence(right) => {
                let is_named = gold.is_assigned() && self.profile.tuple_order == TupleOrder::ByName;
                is_named || self.profile.list_order == ListOrder::Kept
            }
            (Form::List, Form::List) => self.profile.list_order == ListOrder::Kept,
            _ => false,
        }
    }

    fn in_order(&mut self, gold: &Elements<'_>, prediction: &Elements<'_>) -> Ruling {
        if gold.items.len() != prediction.items.len() {
            return different("sequence", "there are not as many elements");
        }
        let is_mixed = (gold.form == Form::Set) != (prediction.form == Form::Set);
        if is_mixed && self.profile.brackets_are_kept {
            return different("class", "one is a set and the other a sequence");
        }
        let mut verdicts = All::new("sequence", "the elements are the same in their order");
        for (left, right) in gold.items.iter().zip(&prediction.items) {
            if verdicts.is_settled_by(self.compare(gold.side.with(left), prediction.side.with(right))) {
                break;
            }
        }
        verdicts.ruling()
    }

    fn in_any_order(&mut self, mut gold: Elements<'_>, mut prediction: Elements<'_>) -> Ruling {
        if gold.items.len() != prediction.items.len() {
            self.drop_repeated(&mut gold);
            self.drop_repeated(&mut prediction);
        }
        if gold.items.len() != prediction.items.len() {
            return different("set", "there are not as many elements");
        }
        let (left, right) = (self.estimates(&gold), self.estimates(&prediction));
        if gold.items.len() > MAX_MATCHED {
            return self.sorted(&gold, &prediction, (&left, &right));
        }
        let mut matching = Matching::new(gold.items.len());
        for index in 0..gold.items.len() {
            let mut seen = [false; MAX_MATCHED];
            let mut judge = |left_index: usize, right_index: usize| {
                if self.is_far(left[left_index], right[right_index]) {
                    return Verdict::Different;
                }
                let (left, right) = (gold.items[left_index], prediction.items[right_index]);
                self.compare(gold.side.with(left), prediction.side.with(right)).verdict
            };
            if !matching.place(index, &mut seen, &mut judge) {
                return if matching.has_undecided {
                    undecided("set", "an element could not be compared")
                } else {
                    different("set", "an element has no like")
                };
            }
        }
        equal("set", "every element has its like")
    }

    /// Compares numbers in the order of their size.
    fn sorted(
        &mut self,
        gold: &Elements<'_>,
        prediction: &Elements<'_>,
        estimates: (&[Option<f64>], &[Option<f64>]),
    ) -> Ruling {
        let order = |estimates: &[Option<f64>]| -> Option<Vec<usize>> {
            let mut keyed: Vec<(f64, usize)> =
                estimates.iter().enumerate().map(|(index, key)| key.map(|key| (key, index))).collect::<Option<_>>()?;
            keyed.sort_by(|left, right| left.0.total_cmp(&right.0));
            Some(keyed.into_iter().map(|(_, index)| index).collect())
        };
        let (Some(left), Some(right)) = (order(estimates.0), order(estimates.1)) else {
            return undecided("set", "there are too many elements that are no numbers");
        };
        let mut verdicts = All::new("set", "every element has its like");
        for (left, right) in left.into_iter().zip(right) {
            let (left, right) = (gold.items[left], prediction.items[right]);
            if verdicts.is_settled_by(self.compare(gold.side.with(left), prediction.side.with(right))) {
                break;
            }
        }
        verdicts.ruling()
    }

    /// Returns about what each element is, where it is a plain number.
    fn estimates(&mut self, elements: &Elements<'_>) -> Vec<Option<f64>> {
        let mut estimates = Vec::with_capacity(elements.items.len());
        for item in &elements.items {
            estimates.push(match item {
                Structure::Value(node) if !has_unit(elements.side, *node) => real(value_of(elements.side, *node), self)
                    .map(|estimate| estimate.real)
                    .filter(|real| real.is_finite()),
                _ => None,
            });
        }
        estimates
    }

    /// Tells whether two numbers are so far apart that no rule of the profile calls them equal, whatever their estimates are off by.
    fn is_far(&self, left: Option<f64>, right: Option<f64>) -> bool {
        let Some((left, right)) = left.zip(right) else { return false };
        let size = left.abs().max(right.abs());
        let rules = &self.profile.values;
        let places = i32::try_from(rules.num_decimals).unwrap_or(i32::MAX);
        let rounding = 10f64.powi(-places);
        let tolerance = self.profile.absolute_tolerance.unwrap_or(0.0) + rules.relative_tolerance.unwrap_or(0.0) * size;
        (left - right).abs() > rounding + tolerance + ESTIMATE_ERROR * (1.0 + size)
    }

    /// Leaves each element of a set out that has a like before it.
    fn drop_repeated(&mut self, elements: &mut Elements<'_>) {
        let is_set = matches!(elements.form, Form::Set | Form::List);
        if elements.items.len() > MAX_MATCHED || !is_set {
            return;
        }
        let mut kept: Vec<&Structure> = Vec::with_capacity(elements.items.len());
        for item in std::mem::take(&mut elements.items) {
            let side = elements.side;
            let is_repeated = kept.iter().any(|other| {
                let is_statement = matches!(item, Structure::Relation(_) | Structure::Compound(..));
                !is_statement && self.compare(side.with(other), side.with(item)).verdict == Verdict::Equal
            });
            if !is_repeated {
                kept.push(item);
            }
        }
        elements.items = kept;
    }
}

/// Tells whether a node is written with a sign or unit that the other side may leave out.
fn has_unit(side: Side<'_>, node: crate::expression::NodeId) -> bool {
    use Operator::{Degree, InBase, Negate, Percent, Quantity};
    match side.expression.node(node) {
        Node::Operation(Percent | Quantity | Degree | InBase, _) => true,
        Node::Operation(Negate, &[inner]) => has_unit(side, inner),
        _ => false,
    }
}

/// A matching of gold elements with predicted ones, grown by augmenting paths (Kuhn's algorithm); each pair is decided once.
struct Matching {
    size: usize,
    verdicts: Vec<Option<Verdict>>,
    partner: Vec<Option<usize>>,
    has_undecided: bool,
}

// === impl Matching ===

impl Matching {
    fn new(size: usize) -> Self {
        Self { size, verdicts: vec![None; size * size], partner: vec![None; size], has_undecided: false }
    }

    /// Finds a like for a gold element, and another for whoever had it before.
    fn place(
        &mut self,
        left: usize,
        seen: &mut [bool; MAX_MATCHED],
        judge: &mut impl FnMut(usize, usize) -> Verdict,
    ) -> bool {
        for right in 0..self.size {
            if seen[right] || self.verdict(left, right, judge) != Verdict::Equal {
                continue;
            }
            seen[right] = true;
            let is_free = match self.partner[right] {
                None => true,
                Some(other) => self.place(other, seen, judge),
            };
            if is_free {
                self.partner[right] = Some(left);
                return true;
            }
        }
        false
    }

    fn verdict(&mut self, left: usize, right: usize, judge: &mut impl FnMut(usize, usize) -> Verdict) -> Verdict {
        let place = left * self.size + right;
        let verdict = self.verdicts[place].unwrap_or_else(|| judge(left, right));
        self.verdicts[place] = Some(verdict);
        self.has_undecided |= verdict == Verdict::Undecided;
        verdict
    }
}
