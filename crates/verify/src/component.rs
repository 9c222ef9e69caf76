//! The components of a reward, by kind.

pub mod answer;
mod combine;
pub mod derived;
mod format;
mod length;
mod length_shaping;
mod repetition;
mod style;

use std::fmt::Debug;

use gradus_types::{RewardComponent, RewardSpec, near_miss};

use crate::{Decision, Fault, Response, measure, parameters::Parameters};
use derived::Derived;

/// Gives a completion a value by one criterion. Formats and lengths take time linear in the response; all else looks at no more than
/// [`Response::searched`], since nobody can end a thread that takes long.
pub trait Component: Debug + Send + Sync {
    /// Scores a completion.
    fn score(&self, response: &Response) -> Outcome;
}

/// A value, and for answers how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The value.
    pub value: f64,
    /// How an answer was compared.
    pub decision: Option<Decision>,
}

/// What gives a component its value.
#[derive(Debug)]
pub enum Scorer {
    /// The completion alone.
    Alone(Box<dyn Component>),
    /// What other components found, over the whole group.
    Derived(Box<dyn Derived>),
    /// Somebody else, who supplies it.
    External,
}

/// A scorer, or nothing where the parameters were at fault.
type Made = Option<Box<dyn Component>>;

/// A derived scorer, or nothing where the parameters were at fault.
type MadeDerived = Option<Box<dyn Derived>>;

/// Makes the scorer of a kind from its parameters, and where it compares with what a record says, from that.
#[derive(Clone, Copy)]
enum Make {
    Alone(fn(&mut Parameters<'_>) -> Made),
    OfRecord(fn(&mut Parameters<'_>, &RewardSpec) -> Made),
    Derived(fn(&mut Parameters<'_>) -> MadeDerived),
}

/// Every kind there is.
const REGISTRY: &[(&str, Make)] = &[
    ("answer", Make::OfRecord(answer::make)),
    ("combine", Make::Derived(combine::make)),
    ("conciseness", Make::Alone(style::make_conciseness)),
    ("cosine_length", Make::Derived(length_shaping::make_cosine)),
    ("exact", Make::OfRecord(answer::make_exact)),
    ("format", Make::Alone(format::make)),
    ("image_revisit", Make::Alone(style::make_image_revisit)),
    ("kimi_length", Make::Derived(length_shaping::make_kimi)),
    ("length", Make::Alone(length::make)),
    ("length_budget", Make::Alone(length::make_budget)),
    ("lexicon", Make::Alone(style::make_lexicon)),
    ("overlong", Make::Alone(length::make_overlong)),
    ("relative_length", Make::Derived(length_shaping::make_relative)),
    ("repetition", Make::Alone(repetition::make)),
    ("self_criticism", Make::Alone(style::make_self_criticism)),
    ("step_words", Make::Alone(style::make_step_words)),
];

/// Makes the scorer of a declared component, or notes why not.
pub fn compile(declared: &RewardComponent, spec: &RewardSpec, parameters: &mut Parameters<'_>) -> Option<Scorer> {
    match REGISTRY.iter().find(|(kind, _)| *kind == declared.kind) {
        Some((_, Make::Alone(make))) => make(parameters).map(Scorer::Alone),
        Some((_, Make::OfRecord(make))) => make(parameters, spec).map(Scorer::Alone),
        Some((_, Make::Derived(make))) => make(parameters).map(Scorer::Derived),
        None => {
            if let Some(made) = measure::make(&declared.kind, parameters, spec) {
                return made.map(Scorer::Alone);
            }
            let kinds = REGISTRY.iter().map(|(kind, _)| *kind).chain(measure::kinds());
            parameters.abandon(Fault::Kind {
                component: declared.name.clone(),
                kind: declared.kind.clone(),
                suggestion: near_miss(&declared.kind, kinds).map(str::to_owned),
            });
            None
        }
    }
}

/// Tells whether the scorer of a kind is the same for every record.
pub fn is_of_no_record(kind: &str) -> bool {
    let found = REGISTRY.iter().find(|(name, _)| *name == kind);
    found.is_some_and(|(_, make)| matches!(make, Make::Alone(_) | Make::Derived(_)))
}

impl Outcome {
    /// Makes the outcome of a component that compares nothing.
    pub const fn of(value: f64) -> Self {
        Self { value, decision: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tags::Template;

    #[test]
    fn the_guide_names_every_kind_and_template() {
        let guide = include_str!("../../../docs/rewards.md");
        let kinds = REGISTRY.iter().map(|(kind, _)| *kind).chain(measure::kinds());
        let names = kinds.chain(Template::NAMES.map(|(name, _)| name));
        for name in names {
            assert!(guide.contains(&format!("`{name}`")), "`{name}` is missing");
        }
    }
}
