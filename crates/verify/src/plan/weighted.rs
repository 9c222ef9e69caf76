//! A component with its place in the sum: its weight, the bounds of its value, and what it requires of others.

use gradus_types::{RewardComponent, RewardSpec, near_miss};

use crate::{
    Fault,
    component::{
        self, Outcome, Scorer,
        derived::{FULL, Member},
    },
    parameters::Parameters,
    plan::Measures,
};

/// The keys every component may have besides those of its kind:
/// `min` and `max` bound its value; `requires` names components without which it does not count, each of which must reach `requires_at_least` (1).
#[derive(Debug)]
pub struct Weighted {
    pub name: String,
    pub weight: f64,
    pub scorer: Scorer,
    bounds: (f64, f64),
    requires: Vec<usize>,
    requires_at_least: f64,
    /// The places of the components that a derived one reads.
    sources: Vec<usize>,
}

/// The components of a spec while one of them is compiled.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    pub spec: &'a RewardSpec,
    pub place: usize,
    pub external_kinds: &'a [&'a str],
}

// === impl Weighted ===

impl Weighted {
    /// Compiles the component at a place, or says everything that is wrong with it.
    pub fn compile(surroundings: Surroundings<'_>) -> Result<Self, Vec<Fault>> {
        let declared = surroundings.declared();
        let (name, weight) = (declared.name.clone(), declared.weight);
        let mut parameters = Parameters::new(declared);
        let requires = parameters.texts("requires");
        let requires = surroundings.places(&mut parameters, "requires", &requires);
        let requires_at_least = parameters.number("requires_at_least", (-1e9, 1e9), FULL);
        let bounds = bounds(&mut parameters);
        let scorer = if surroundings.external_kinds.contains(&declared.kind.as_str()) {
            parameters.leave_the_rest();
            Some(Scorer::External)
        } else {
            component::compile(declared, surroundings.spec, &mut parameters)
        };
        let sources = match &scorer {
            Some(Scorer::Derived(derived)) => surroundings.places(&mut parameters, "of", derived.of()),
            _ => Vec::new(),
        };
        if !weight.is_finite() {
            parameters.fault(Fault::Weight { component: name.clone(), weight: weight.to_string() });
        }
        let faults = parameters.finish();
        match scorer {
            Some(scorer) if faults.is_empty() => {
                Ok(Self { name, weight, scorer, bounds, requires, requires_at_least, sources })
            }
            _ => Err(faults),
        }
    }

    /// Brings an outcome within the bounds. What is not a number stays so.
    pub fn bounded(&self, outcome: Outcome) -> Outcome {
        let (low, high) = self.bounds;
        Outcome { value: outcome.value.clamp(low, high), ..outcome }
    }

    /// Returns what a derived component needs to know of a completion.
    pub fn member(&self, measures: &Measures) -> Member {
        Member {
            num_tokens: measures.num_tokens,
            num_characters: measures.num_characters,
            values: self.sources.iter().map(|place| measures.value(*place)).collect(),
        }
    }

    /// Tells whether all that the component requires holds.
    pub fn is_counted(&self, measures: &Measures) -> bool {
        self.requires.iter().all(|place| measures.value(*place) >= self.requires_at_least)
    }
}

fn bounds(parameters: &mut Parameters<'_>) -> (f64, f64) {
    let low = parameters.optional_number("min", (-1e9, 1e9)).unwrap_or(f64::NEG_INFINITY);
    // A lowest value above the highest would leave no value at all.
    let high = parameters.optional_number("max", (low.max(-1e9), 1e9)).unwrap_or(f64::INFINITY);
    (low, high.max(low))
}

// === impl Surroundings ===

impl<'a> Surroundings<'a> {
    fn declared(self) -> &'a RewardComponent {
        &self.spec.components[self.place]
    }

    /// Finds named components: a requirement may stand anywhere else, a source stands before.
    fn places(self, parameters: &mut Parameters<'_>, parameter: &'static str, names: &[String]) -> Vec<usize> {
        let components = &self.spec.components;
        let (candidates, of) = match parameter {
            "of" => (components.get(..self.place).unwrap_or_default(), "earlier component"),
            _ => (components.as_slice(), "other component"),
        };
        let mut places = Vec::new();
        for name in names {
            match candidates.iter().position(|component| component.name == *name) {
                Some(place) if place != self.place => places.push(place),
                _ => {
                    let (component, name) = (self.declared().name.clone(), name.clone());
                    let others = candidates.iter().map(|other| other.name.as_str()).filter(|other| *other != component);
                    let suggestion = near_miss(&name, others).map(str::to_owned);
                    parameters.fault(Fault::Reference { component, parameter, name, of, suggestion });
                }
            }
        }
        places
    }
}
