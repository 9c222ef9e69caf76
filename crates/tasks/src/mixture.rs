//! Several tasks drawn from one endless sequence by weight.

use gradus_types::random;

use crate::{Error, Item, Spec, Split};

/// A weighted mixture of tasks; item `i` is a pure function of the mixture and `i`.
#[derive(Debug, Clone, PartialEq)]
pub struct Mixture {
    parts: Vec<(Spec, f64)>,
    seed: u64,
    split: Split,
}

/// Separates the streams that choose tasks, one a split, from those that generate items.
const CHOICE_STREAM: u64 = 0x6D69_7874_7572_6500;

impl Mixture {
    /// Checks the tasks and their weights, which need not add up to one.
    pub fn new(parts: Vec<(Spec, f64)>, seed: u64, split: Split) -> Result<Self, Error> {
        for (spec, weight) in &parts {
            spec.validate()?;
            if !weight.is_finite() || *weight < 0.0 {
                return Err(Error::Weight { weight: *weight, kind: spec.kind.name() });
            }
        }
        let parts: Vec<(Spec, f64)> = parts.into_iter().filter(|(_, weight)| *weight > 0.0).collect();
        if parts.is_empty() {
            return Err(Error::EmptyMixture);
        }
        Ok(Self { parts, seed, split })
    }

    /// Returns the tasks with a weight above zero, and their weights.
    pub fn parts(&self) -> &[(Spec, f64)] {
        &self.parts
    }

    /// Generates item `index`.
    pub fn item(&self, index: u64) -> Item {
        self.spec(index).generate(self.seed, self.split, index)
    }

    /// Returns the task that item `index` is generated from.
    pub fn spec(&self, index: u64) -> Spec {
        let total: f64 = self.parts.iter().map(|(_, weight)| weight).sum();
        let mut remaining = random::uniform(self.seed, CHOICE_STREAM + self.split as u64, index) * total;
        for (spec, weight) in &self.parts {
            if remaining < *weight {
                return *spec;
            }
            remaining -= weight;
        }
        self.parts[self.parts.len() - 1].0
    }

    /// Returns the expected accuracy of guessing, averaged over the tasks by weight.
    pub fn chance_accuracy(&self) -> f64 {
        let total: f64 = self.parts.iter().map(|(_, weight)| weight).sum();
        self.parts.iter().map(|(spec, weight)| spec.chance_accuracy() * weight / total).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Difficulty, TaskKind};

    fn spec(kind: TaskKind) -> Spec {
        Spec::new(kind, Difficulty::EASIEST)
    }

    #[test]
    fn tasks_appear_in_proportion_to_their_weights() {
        let parts = vec![(spec(TaskKind::Colour), 3.0), (spec(TaskKind::Arithmetic), 1.0)];
        let mixture = Mixture::new(parts, 5, Split::Train).unwrap();
        let colours = (0..4000).filter(|index| mixture.spec(*index).kind == TaskKind::Colour).count();
        assert!((2900..3100).contains(&colours), "{colours}");
    }

    #[test]
    fn a_mixture_without_weight_is_refused() {
        let nothing = Mixture::new(vec![(spec(TaskKind::Colour), 0.0)], 5, Split::Train);
        assert_eq!(nothing, Err(Error::EmptyMixture));
        let negative = Mixture::new(vec![(spec(TaskKind::Colour), -1.0)], 5, Split::Train);
        assert_eq!(negative, Err(Error::Weight { weight: -1.0, kind: "colour" }));
    }

    #[test]
    fn chance_is_the_weighted_average_of_the_tasks() {
        let size = spec(TaskKind::Size);
        let mixture = Mixture::new(vec![(spec(TaskKind::Colour), 1.0), (size, 1.0)], 5, Split::Train).unwrap();
        assert!((mixture.chance_accuracy() - (0.25 + size.chance_accuracy()) / 2.0).abs() < 1e-12);
    }

    #[test]
    fn an_item_depends_on_its_index_alone() {
        let mixture =
            Mixture::new(vec![(spec(TaskKind::Relation), 1.0), (spec(TaskKind::Comparison), 1.0)], 5, Split::Train)
                .unwrap();
        let backwards: Vec<Item> = (0..20).rev().map(|index| mixture.item(index)).collect();
        assert!(backwards.iter().rev().enumerate().all(|(index, item)| *item == mixture.item(index as u64)));
    }
}
