//! Sets of real numbers, laid out on the line.
//!
//! The end points of both sides, sorted, cut the line into points and the gaps between them. A set is then a row of marks, one for
//! each point and gap, and operations on sets are operations on marks: nothing is merged or simplified.

use super::{
    Comparison, different, equal,
    region::{Reader, Region, Unread},
    undecided,
};
use crate::{
    equality::Ruling,
    expression::{NodeId, Numeral, Operator},
    structure::Side,
};

/// How far two sets reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extents {
    /// They hold the same numbers, or both none.
    Same {
        /// Whether they hold none.
        is_nothing: bool,
    },
    /// Some number is in one of them only.
    Different,
    /// They are about different variables.
    Unrelated,
}

/// The points and gaps that the line is cut into.
struct Line {
    /// The rank of every end point.
    ranks: Vec<(NodeId, usize)>,
    /// About where each rank is, and one of its nodes.
    points: Vec<(f64, NodeId)>,
    /// A node in every gap, in order.
    gaps: Vec<NodeId>,
}

// === impl Comparison ===

impl Comparison<'_> {
    /// Compares two sets of real numbers, or nothing where one of them cannot be read as such.
    pub fn real_sets(&mut self, gold: Side<'_>, prediction: Side<'_>) -> Option<Ruling> {
        Some(match self.extents(gold, prediction)? {
            Extents::Same { .. } => equal("real set", "the sets hold the same numbers"),
            Extents::Different => different("real set", "some number is in one of the sets only"),
            Extents::Unrelated => undecided("real set", "the sets are about different variables"),
        })
    }

    /// Lays two sets of real numbers out, or nothing where one of them cannot be read as such.
    pub fn extents(&mut self, gold: Side<'_>, prediction: Side<'_>) -> Option<Extents> {
        self.laid_out(gold, prediction).ok()
    }

    fn laid_out(&mut self, gold: Side<'_>, prediction: Side<'_>) -> Result<Extents, Unread> {
        let symbol_case = self.profile.values.symbol_case;
        let mut reader = Reader::new(self.profile, self.fuel)?;
        let (mut gold_name, mut prediction_name) = (None, None);
        let gold = reader.read(gold, &mut gold_name)?;
        let prediction = reader.read(prediction, &mut prediction_name)?;
        if let (Some(gold), Some(prediction)) = (gold_name, prediction_name)
            && !symbol_case.is_same(&gold, &prediction)
        {
            return Ok(Extents::Unrelated);
        }
        let line = Line::of(&mut reader)?;
        let (gold, prediction) = (line.marks(&gold, &mut reader)?, line.marks(&prediction, &mut reader)?);
        let is_nothing = !gold.contains(&true);
        Ok(if gold == prediction { Extents::Same { is_nothing } } else { Extents::Different })
    }
}

// === impl Line ===

impl Line {
    /// Sorts the end points, and takes those that are equal for one.
    fn of(reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let mut sorted = Vec::with_capacity(reader.end_points.len());
        for node in reader.end_points.clone() {
            sorted.push((reader.estimate(node)?, node));
        }
        sorted.sort_by(|left, right| left.0.total_cmp(&right.0));
        let mut line = Self { ranks: Vec::new(), points: Vec::new(), gaps: Vec::new() };
        for (estimate, node) in sorted {
            let is_near = line.points.last().is_some_and(|(last, _)| estimate - last <= near(estimate));
            let is_known = match line.points.last() {
                Some((_, last)) if is_near => reader.is_same_point(*last, node)?,
                _ => false,
            };
            if !is_known {
                line.points.push((estimate, node));
            }
            line.ranks.push((node, line.points.len() - 1));
        }
        line.find_gaps(reader)?;
        Ok(line)
    }

    fn find_gaps(&mut self, reader: &mut Reader<'_>) -> Result<(), Unread> {
        let at = |index: usize| self.points.get(index).map(|(estimate, _)| *estimate);
        for index in 0..=self.points.len() {
            let inside = match (index.checked_sub(1).and_then(at), at(index)) {
                (None, None) => 0.0,
                (None, Some(first)) => first - 1.0 - first.abs() / 2.0,
                (Some(last), None) => last + 1.0 + last.abs() / 2.0,
                (Some(before), Some(after)) => before + (after - before) / 2.0,
            };
            let node = decimal(reader, inside)?;
            self.gaps.push(node);
        }
        Ok(())
    }

    fn rank(&self, node: NodeId) -> Result<usize, Unread> {
        self.ranks.iter().find(|(known, _)| *known == node).map(|(_, rank)| *rank).ok_or(Unread)
    }

    /// Marks the gaps, at even places, and the points, at odd ones, that a region holds.
    fn marks(&self, region: &Region, reader: &mut Reader<'_>) -> Result<Vec<bool>, Unread> {
        let num_places = 2 * self.points.len() + 1;
        match region {
            Region::Everything => Ok(vec![true; num_places]),
            Region::Nothing => Ok(vec![false; num_places]),
            Region::Point(node) => {
                let point = 2 * self.rank(*node)? + 1;
                Ok((0..num_places).map(|place| place == point).collect())
            }
            Region::Interval { from, to, is_left_open, is_right_open } => {
                let from = from.map(|node| self.rank(node)).transpose()?.map(|rank| 2 * rank + 1);
                let to = to.map(|node| self.rank(node)).transpose()?.map(|rank| 2 * rank + 1);
                if let (Some(from), Some(to)) = (from, to)
                    && from > to
                {
                    return Err(Unread);
                }
                let first = from.map_or(0, |place| place + usize::from(*is_left_open));
                let end = to.map_or(num_places, |place| place + usize::from(!is_right_open));
                Ok((0..num_places).map(|place| (first..end).contains(&place)).collect())
            }
            Region::Condition(operator, difference) => {
                (0..num_places).map(|place| self.holds(*operator, *difference, place, reader)).collect()
            }
            Region::Combined(operator, regions) => {
                let regions = regions.iter().map(|region| self.marks(region, reader)).collect::<Result<_, _>>()?;
                Ok(combined(*operator, regions, num_places))
            }
            Region::Listed(regions) => {
                let regions: Vec<_> =
                    regions.iter().map(|region| self.marks(region, reader)).collect::<Result<_, _>>()?;
                let common = combined(Operator::Intersection, regions.clone(), num_places);
                let is_empty = !common.contains(&true);
                Ok(if is_empty { combined(Operator::Union, regions, num_places) } else { common })
            }
        }
    }

    fn holds(
        &self,
        operator: Operator,
        difference: NodeId,
        place: usize,
        reader: &mut Reader<'_>,
    ) -> Result<bool, Unread> {
        let node = if place.is_multiple_of(2) { self.gaps[place / 2] } else { self.points[place / 2].1 };
        let Some(sign) = reader.sign_at(difference, node)? else { return Ok(false) };
        match operator {
            Operator::Less => Ok(sign.is_lt()),
            Operator::LessEqual => Ok(sign.is_le()),
            Operator::Greater => Ok(sign.is_gt()),
            Operator::GreaterEqual => Ok(sign.is_ge()),
            Operator::Equal => Ok(sign.is_eq()),
            Operator::NotEqual => Ok(sign.is_ne()),
            _ => Err(Unread),
        }
    }
}

/// Returns how near numbers are that may be the same: more than estimates and decimal places can be apart.
fn near(estimate: f64) -> f64 {
    1e-3 + 1e-6 * estimate.abs()
}

fn combined(operator: Operator, regions: Vec<Vec<bool>>, num_places: usize) -> Vec<bool> {
    let holds = |place: usize| match operator {
        Operator::Intersection => regions.iter().all(|marks| marks[place]),
        Operator::Complement => regions.iter().all(|marks| !marks[place]),
        Operator::Without => {
            regions.iter().enumerate().all(|(index, marks)| if index == 0 { marks[place] } else { !marks[place] })
        }
        _ => regions.iter().any(|marks| marks[place]),
    };
    (0..num_places).map(holds).collect()
}

/// Adds the decimal of a float; a negative one is its negative.
fn decimal(reader: &mut Reader<'_>, number: f64) -> Result<NodeId, Unread> {
    let written = format!("{:.12}", number.abs());
    let (whole, decimals) = written.split_once('.').ok_or(Unread)?;
    let numeral = Numeral {
        digits: format!("{whole}{decimals}"),
        num_decimals: decimals.len() as u32,
        has_point: true,
        exponent: 0,
    };
    let node = reader.expression.number(numeral)?;
    if number < 0.0 { Ok(reader.expression.operation(Operator::Negate, &[node])?) } else { Ok(node) }
}
