//! The components of a reward, by kind.

mod answer;
mod format;
mod length;

use std::fmt::Debug;

use gradus_types::{RewardComponent, RewardSpec};

use crate::{Decision, Fault, Response, error::near_miss, parameters::Parameters};

/// Gives a completion a value by one criterion. Its time is linear in the response.
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

/// A scorer, or nothing where the parameters were at fault.
type Made = Option<Box<dyn Component>>;

/// Makes the scorer of a kind from its parameters.
type Make = fn(&mut Parameters<'_>, &RewardSpec) -> Made;

/// Every kind there is.
const REGISTRY: [(&str, Make); 5] = [
    ("answer", answer::make),
    ("exact", answer::make_exact),
    ("format", format::make),
    ("length", length::make),
    ("overlong", length::make_overlong),
];

/// Makes the scorer of a declared component.
pub fn compile(declared: &RewardComponent, spec: &RewardSpec) -> Result<Box<dyn Component>, Vec<Fault>> {
    let Some((_, make)) = REGISTRY.iter().find(|(kind, _)| *kind == declared.kind) else {
        return Err(vec![Fault::Kind {
            component: declared.name.clone(),
            kind: declared.kind.clone(),
            suggestion: near_miss(&declared.kind, REGISTRY.map(|(kind, _)| kind)),
        }]);
    };
    let mut parameters = Parameters::new(declared);
    let made = make(&mut parameters, spec);
    let faults = parameters.finish();
    match made {
        Some(scorer) if faults.is_empty() => Ok(scorer),
        _ => Err(faults),
    }
}

impl Outcome {
    /// Makes the outcome of a component that compares nothing.
    pub const fn of(value: f64) -> Self {
        Self { value, decision: None }
    }
}
