//! A reward spec, compiled once and used for many completions.
//!
//! ```text
//! measure(Response) ──► Measures ──┐   each completion alone: in parallel, under a deadline, with nothing shared
//! measure(Response) ──► Measures ──┼──► settle ──► Score each
//! measure(Response) ──► Measures ──┘   derived components, conditions, sums: a few operations for each completion
//! ```

mod weighted;

use std::{borrow::Cow, collections::HashSet, sync::Arc};

use gradus_types::{RewardComponent, RewardSpec};

use crate::{
    Error, Fault, Response, Score, ScoredComponent,
    component::{self, Outcome, Scorer, derived::Member},
};
use weighted::{Surroundings, Weighted};

/// The most components of a reward spec.
pub const MAX_COMPONENTS: usize = 64;

/// How the completions of a prompt are scored.
#[derive(Debug)]
pub struct RewardPlan {
    components: Vec<Arc<Weighted>>,
    /// As they were declared, to be compared with those of other specs.
    declared: Arc<[RewardComponent]>,
}

/// What one completion is worth by itself, before it is settled with its group.
#[derive(Clone, Debug, PartialEq)]
pub struct Measures {
    num_tokens: u32,
    num_characters: u32,
    /// In the order of the components; absent where others are needed.
    outcomes: Vec<Option<Outcome>>,
}

/// A completion was to be scored alone by a component that compares the completions of a group.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "component `{component}` compares the completions of a group and cannot score one alone; score the whole group"
)]
pub struct NeedsGroup {
    /// The component.
    pub component: String,
}

/// What a plan may share with another.
struct Shared<'a> {
    declared: Arc<[RewardComponent]>,
    components: Option<&'a [Arc<Weighted>]>,
}

// === impl RewardPlan ===

impl RewardPlan {
    /// Compiles a spec, or says everything that is wrong with it. Its reference answer may stand in an `<answer>` element ([`bare_gold`]).
    pub fn compile(spec: &RewardSpec) -> Result<Self, Error> {
        Self::compile_with(spec, &[])
    }

    /// Compiles a spec in which the values of some kinds come from elsewhere ([`RewardPlan::supply`]); their own parameters are left unread.
    pub fn compile_with(spec: &RewardSpec, external_kinds: &[&str]) -> Result<Self, Error> {
        let declared = Arc::from(spec.components.as_slice());
        Self::compile_sharing(spec, external_kinds, Shared { declared, components: None })
    }

    /// Compiles a spec for another record. Where it has the components of this plan, what does not depend on the record is shared.
    pub fn compile_for(&self, spec: &RewardSpec, external_kinds: &[&str]) -> Result<Self, Error> {
        if *self.declared != *spec.components {
            return Self::compile_with(spec, external_kinds);
        }
        let shared = Shared { declared: Arc::clone(&self.declared), components: Some(self.components.as_slice()) };
        Self::compile_sharing(spec, external_kinds, shared)
    }

    fn compile_sharing(spec: &RewardSpec, external_kinds: &[&str], shared: Shared<'_>) -> Result<Self, Error> {
        let number = spec.components.len();
        if number > MAX_COMPONENTS {
            return Err(Error { faults: vec![Fault::TooMany { number }] });
        }
        let mut faults = Vec::new();
        if number == 0 {
            faults.push(Fault::Empty);
        }
        let spec = &*with_bare_gold(spec);
        let mut names = HashSet::new();
        let mut components = Vec::new();
        for (place, declared) in spec.components.iter().enumerate() {
            if !names.insert(declared.name.as_str()) {
                faults.push(Fault::RepeatedName { name: declared.name.clone() });
            }
            let same = shared.components.and_then(|components| components.get(place));
            match same.filter(|_| component::is_of_no_record(&declared.kind)) {
                Some(component) => components.push(Arc::clone(component)),
                None => match Weighted::compile(Surroundings { spec, place, external_kinds }) {
                    Ok(component) => components.push(Arc::new(component)),
                    Err(more) => faults.extend(more),
                },
            }
        }
        if faults.is_empty() { Ok(Self { components, declared: shared.declared }) } else { Err(Error { faults }) }
    }

    /// Checks the components of a run file, before there is any record.
    pub fn check(components: &[RewardComponent]) -> Result<(), Error> {
        Self::check_with(components, &[])
    }

    /// Checks the components of a run file, some kinds of which come from elsewhere.
    pub fn check_with(components: &[RewardComponent], external_kinds: &[&str]) -> Result<(), Error> {
        let spec = RewardSpec { gold: Some("1".to_owned()), components: components.to_vec(), ..Default::default() };
        let Err(Error { mut faults }) = Self::compile_with(&spec, external_kinds) else { return Ok(()) };
        // Whether what a record says can be used is only known when there is one.
        faults.retain(|fault| !matches!(fault, Fault::Gold { .. } | Fault::Fact { .. }));
        if faults.is_empty() { Ok(()) } else { Err(Error { faults }) }
    }

    /// Returns the components as they were declared.
    #[must_use]
    pub fn declared(&self) -> &[RewardComponent] {
        &self.declared
    }

    /// Returns the first component that compares the completions of a group, if there is one.
    #[must_use]
    pub fn group_relative(&self) -> Option<&str> {
        let is_relative = |component: &&Arc<Weighted>| match &component.scorer {
            Scorer::Derived(derived) => derived.is_group_relative(),
            Scorer::Alone(_) | Scorer::External => false,
        };
        self.components.iter().find(is_relative).map(|component| component.name.as_str())
    }

    /// Scores a group of completions, in order.
    #[must_use]
    pub fn score_group(&self, responses: &[Response]) -> Vec<Score> {
        self.settle(responses.iter().map(|response| self.measure(response)).collect())
    }

    /// Scores a completion alone, where no component compares it with others.
    pub fn score_alone(&self, response: &Response) -> Result<Score, NeedsGroup> {
        match self.group_relative() {
            None => Ok(self.score(response)),
            Some(component) => Err(NeedsGroup { component: component.to_owned() }),
        }
    }

    /// Scores a completion as a group of one: group-relative components have nobody to compare it with, and the value they give to equals.
    #[must_use]
    pub fn score(&self, response: &Response) -> Score {
        let mut alone = [self.measure(response)];
        self.derive(&mut alone);
        let [measures] = alone;
        self.total(measures)
    }

    /// Measures a completion by itself.
    #[must_use]
    pub fn measure(&self, response: &Response) -> Measures {
        let outcome = |component: &Arc<Weighted>| match &component.scorer {
            Scorer::Alone(scorer) => Some(component.bounded(scorer.score(response))),
            Scorer::Derived(_) | Scorer::External => None,
        };
        Measures {
            num_tokens: response.num_tokens(),
            num_characters: u32::try_from(response.text().chars().count()).unwrap_or(u32::MAX),
            outcomes: self.components.iter().map(outcome).collect(),
        }
    }

    /// Supplies a completion with the value of a component whose kind is external; tells whether there is one of that name.
    pub fn supply(&self, measures: &mut Measures, name: &str, value: f64) -> bool {
        for (component, outcome) in self.components.iter().zip(&mut measures.outcomes) {
            if component.name == name && matches!(component.scorer, Scorer::External) {
                *outcome = Some(component.bounded(Outcome::of(value)));
                return true;
            }
        }
        false
    }

    /// Scores the measured completions of a group, in order. A component that nobody supplied leaves its total not a number.
    #[must_use]
    pub fn settle(&self, mut group: Vec<Measures>) -> Vec<Score> {
        self.derive(&mut group);
        group.into_iter().map(|measures| self.total(measures)).collect()
    }

    /// Values the derived components, each after those that it reads.
    fn derive(&self, group: &mut [Measures]) {
        for (place, component) in self.components.iter().enumerate() {
            let Scorer::Derived(derived) = &component.scorer else { continue };
            let members: Vec<Member> = group.iter().map(|measures| component.member(measures)).collect();
            for (measures, value) in group.iter_mut().zip(derived.values(&members)) {
                if let Some(outcome) = measures.outcomes.get_mut(place) {
                    *outcome = Some(component.bounded(Outcome::of(value)));
                }
            }
        }
    }

    /// Adds up what one completion earned.
    fn total(&self, measures: Measures) -> Score {
        let is_counted: Vec<bool> = self.components.iter().map(|component| component.is_counted(&measures)).collect();
        let outcomes = measures.outcomes.into_iter().zip(is_counted);
        let scored = |(component, (outcome, is_counted)): (&Arc<Weighted>, (Option<Outcome>, bool))| {
            let Outcome { value, decision } = outcome.unwrap_or(Outcome::of(f64::NAN));
            ScoredComponent { name: component.name.clone(), value, is_counted, decision }
        };
        let components: Vec<ScoredComponent> = self.components.iter().zip(outcomes).map(scored).collect();
        // What is only logged cannot spoil the total, not even where it is not a number.
        let counts =
            |(component, scored): &(&Arc<Weighted>, &ScoredComponent)| scored.is_counted && component.weight != 0.0;
        let counted = self.components.iter().zip(&components).filter(counts);
        let total = counted.map(|(component, scored)| component.weight * scored.value).sum();
        Score { total, components }
    }
}

/// Takes a reference answer out of the `<answer>` element that it fills, as some data sets store it.
#[must_use]
pub fn bare_gold(gold: &str) -> &str {
    let inner = gold.trim().strip_prefix("<answer>").and_then(|rest| rest.strip_suffix("</answer>"));
    inner.map(str::trim).filter(|inner| !inner.contains("<answer>")).unwrap_or(gold)
}

fn with_bare_gold(spec: &RewardSpec) -> Cow<'_, RewardSpec> {
    match &spec.gold {
        Some(gold) if bare_gold(gold) != gold => {
            Cow::Owned(RewardSpec { gold: Some(bare_gold(gold).to_owned()), ..spec.clone() })
        }
        _ => Cow::Borrowed(spec),
    }
}

// === impl Measures ===

impl Measures {
    /// Returns the value of the component at a place, which is not a number while it is absent.
    fn value(&self, place: usize) -> f64 {
        self.outcomes.get(place).and_then(Option::as_ref).map_or(f64::NAN, |outcome| outcome.value)
    }
}

#[cfg(test)]
mod published;
#[cfg(test)]
mod tests;
