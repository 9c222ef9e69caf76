//! Answers that are not mathematics: each kind reads an answer and says how far it is the reference answer.
//!
//! ```text
//! Response ──Reading──► answer ──Measure──► Grade { value, reason } ──► Outcome
//! ```

mod average_precision;
mod coordinates;
mod detection;
mod json;
mod label;
mod location;
mod number;
mod option;
mod reading;
mod rectangle;
mod similarity;
mod sokoban;
pub mod word;
mod yes_no;

use std::fmt::Debug;

use gradus_types::RewardSpec;

use crate::{
    Decision, Fault, Response, Verdict,
    component::{Component, Outcome, derived::FULL},
    parameters::Parameters,
};
use reading::Reading;

/// Says how far an answer is the reference answer it was made with. Its time is bounded by the answer's length.
pub trait Measure: Debug + Send + Sync {
    /// Grades an answer without white space around it.
    fn grade(&self, answer: &str) -> Grade;
}

/// How far an answer is the reference answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Grade {
    /// From 0 to 1, unless its kind says otherwise.
    pub value: f64,
    /// What was compared.
    pub reason: String,
    /// Whether it was compared; what was not is worth nothing, and counted apart.
    pub is_decided: bool,
}

/// A measure, or nothing where the parameters or the record were at fault.
type Made = Option<Box<dyn Measure>>;

/// Makes the measure of a kind.
type Make = fn(&mut Parameters<'_>, &RewardSpec) -> Made;

/// Every kind of answer that is measured.
const REGISTRY: &[(&str, Make)] = &[
    ("actions", sokoban::make),
    ("box", rectangle::make),
    ("count", number::make_count),
    ("detection", detection::make),
    ("edit_similarity", similarity::make_edit_similarity),
    ("json", json::make),
    ("label", label::make),
    ("labels", label::make_set),
    ("number", number::make),
    ("option", option::make),
    ("overlap", similarity::make_overlap),
    ("point", location::make),
    ("word_accuracy", similarity::make_word_accuracy),
    ("yes_no", yes_no::make),
];

/// A component that finds an answer and measures it.
#[derive(Debug)]
struct Measured {
    method: &'static str,
    reading: Reading,
    gold: String,
    measure: Box<dyn Measure>,
}

/// Returns the kinds of answers that are measured.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    REGISTRY.iter().map(|(kind, _)| *kind)
}

/// Makes the component of a kind of answer, where there is one of that name.
pub fn make(kind: &str, parameters: &mut Parameters<'_>, spec: &RewardSpec) -> Option<Option<Box<dyn Component>>> {
    let (method, make) = REGISTRY.iter().find(|(name, _)| *name == kind)?;
    let reading = Reading::read(parameters);
    let gold = spec.gold.clone().unwrap_or_default();
    let measure = make(parameters, spec);
    Some(measure.map(|measure| Box::new(Measured { method, reading, gold, measure }) as Box<dyn Component>))
}

/// Notes that a reference answer cannot be met.
fn refuse_gold<T>(parameters: &mut Parameters<'_>, gold: &str, reason: &'static str) -> Option<T> {
    let gold = gold.chars().take(80).collect();
    parameters.fault(Fault::Gold { component: parameters.component(), gold, reason });
    None
}

/// Reads several reference answers: those of the fact `golds`, or else the one there is.
fn golds(parameters: &mut Parameters<'_>, spec: &RewardSpec) -> Option<Vec<String>> {
    let Some(listed) = spec.facts.get("golds") else { return parameters.gold(spec).map(|gold| vec![gold]) };
    let listed: Option<Vec<String>> =
        serde_json::from_value(listed.clone()).ok().filter(|golds: &Vec<_>| !golds.is_empty());
    if listed.is_none() {
        let component = parameters.component();
        parameters.fault(Fault::Fact { component, fact: "golds", expected: "a list of one text or more" });
    }
    listed
}

// === impl Grade ===

impl Grade {
    /// Makes a grade.
    fn new(value: f64, reason: impl Into<String>) -> Self {
        Self { value, reason: reason.into(), is_decided: true }
    }

    /// Makes the grade of what is more than is compared.
    fn undecided(reason: impl Into<String>) -> Self {
        Self { is_decided: false, ..Self::new(0.0, reason) }
    }

    /// Makes the grade of what is right or wrong.
    fn of(is_right: bool, reason: impl Into<String>) -> Self {
        Self::new(if is_right { FULL } else { 0.0 }, reason)
    }
}

impl Component for Measured {
    fn score(&self, response: &Response) -> Outcome {
        let answer = self.reading.find(response.text());
        let grade = match answer {
            Some(answer) => self.measure.grade(answer),
            None => Grade::new(0.0, "the response holds no answer"),
        };
        let decision = Decision {
            verdict: match grade.value {
                _ if !grade.is_decided => Verdict::Undecided,
                value if value >= FULL => Verdict::Equal,
                _ => Verdict::Different,
            },
            extracted: answer.map(str::to_owned),
            gold_reading: self.gold.clone(),
            method: self.method,
            reason: grade.reason,
            spans: Vec::new(),
            num_tried: usize::from(answer.is_some()),
            fuel: 0,
        };
        Outcome { value: grade.value, decision: Some(decision) }
    }
}

#[cfg(test)]
mod tests;
