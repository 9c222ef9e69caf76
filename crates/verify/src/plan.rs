//! A reward spec, compiled once and used for many completions.

use std::collections::HashSet;

use gradus_types::{ComponentScore, RewardComponent, RewardSpec};

use crate::{
    Decision, Error, Fault, Response,
    component::{self, Component, Outcome},
};

/// How the completions of a prompt are scored.
#[derive(Debug)]
pub struct RewardPlan {
    components: Vec<Weighted>,
}

#[derive(Debug)]
struct Weighted {
    name: String,
    weight: f64,
    scorer: Box<dyn Component>,
}

/// What a completion earned.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The weighted sum of the components.
    pub total: f64,
    /// The components, in the order of the spec.
    pub components: Vec<ScoredComponent>,
}

/// What a completion earned by one component.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredComponent {
    /// The component's name.
    pub name: String,
    /// Its value, before weighting.
    pub value: f64,
    /// How an answer was compared, where the component compares one.
    pub decision: Option<Decision>,
}

// === impl RewardPlan ===

impl RewardPlan {
    /// Compiles a spec, or says everything that is wrong with it.
    pub fn compile(spec: &RewardSpec) -> Result<Self, Error> {
        let mut faults = Vec::new();
        if spec.components.is_empty() {
            faults.push(Fault::Empty);
        }
        let mut names = HashSet::new();
        let mut components = Vec::new();
        for declared in &spec.components {
            if !names.insert(declared.name.as_str()) {
                faults.push(Fault::RepeatedName { name: declared.name.clone() });
            }
            match Weighted::compile(declared, spec) {
                Ok(component) => components.push(component),
                Err(more) => faults.extend(more),
            }
        }
        if faults.is_empty() { Ok(Self { components }) } else { Err(Error { faults }) }
    }

    /// Checks the components of a run file, before there is any reference answer.
    pub fn check(components: &[RewardComponent]) -> Result<(), Error> {
        let spec = RewardSpec { gold: Some("1".to_owned()), components: components.to_vec(), ..Default::default() };
        let Err(Error { mut faults }) = Self::compile(&spec) else { return Ok(()) };
        // Whether a reference answer can be used is only known when there is one.
        faults.retain(|fault| !matches!(fault, Fault::Gold { .. }));
        if faults.is_empty() { Ok(()) } else { Err(Error { faults }) }
    }

    /// Scores a completion.
    #[must_use]
    pub fn score(&self, response: &Response) -> Score {
        let score = |component: &Weighted| {
            let Outcome { value, decision } = component.scorer.score(response);
            ScoredComponent { name: component.name.clone(), value, decision }
        };
        let components: Vec<ScoredComponent> = self.components.iter().map(score).collect();
        let weights = self.components.iter().map(|component| component.weight);
        let total = weights.zip(&components).map(|(weight, component)| weight * component.value).sum();
        Score { total, components }
    }
}

// === impl Weighted ===

impl Weighted {
    fn compile(declared: &RewardComponent, spec: &RewardSpec) -> Result<Self, Vec<Fault>> {
        let scorer = component::compile(declared, spec);
        let (name, weight) = (declared.name.clone(), declared.weight);
        if weight.is_finite() {
            return Ok(Self { name, weight, scorer: scorer? });
        }
        let fault = Fault::Weight { component: name, weight: weight.to_string() };
        Err(scorer.err().into_iter().flatten().chain([fault]).collect())
    }
}

// === impl Score ===

impl Score {
    /// Returns the values of the components alone, as a reward holds them.
    #[must_use]
    pub fn component_scores(&self) -> Vec<ComponentScore> {
        let score =
            |component: &ScoredComponent| ComponentScore { name: component.name.clone(), value: component.value };
        self.components.iter().map(score).collect()
    }

    /// Returns the decision of the first component that compares an answer.
    #[must_use]
    pub fn decision(&self) -> Option<&Decision> {
        self.components.iter().find_map(|component| component.decision.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(json: &str) -> Result<RewardPlan, Error> {
        RewardPlan::compile(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn the_total_is_the_weighted_sum_and_a_zero_weight_is_only_logged() {
        let plan = compile(
            r#"{"gold": "7", "components": [
                {"name": "accuracy", "kind": "answer", "weight": 0.75},
                {"name": "format", "kind": "format", "template": "think_answer", "weight": 0.25},
                {"name": "logged", "kind": "exact", "weight": 0}]}"#,
        )
        .unwrap();
        let score = plan.score(&Response::of_text("<answer>7</answer>"));
        assert_eq!(score.total, 0.75);
        let values: Vec<f64> = score.components.iter().map(|component| component.value).collect();
        assert_eq!(values, [1.0, 0.0, 1.0]);
    }

    #[test]
    fn every_fault_of_a_spec_is_reported_with_what_was_meant() {
        let error = compile(
            r#"{"components": [
                {"name": "a", "kind": "anwser", "weight": 1},
                {"name": "b", "kind": "format", "template": "think_anser", "weight": 1},
                {"name": "b", "kind": "format", "templat": "boxed", "weight": 1},
                {"name": "c", "kind": "answer", "weight": 1, "compare": 7}]}"#,
        )
        .unwrap_err();
        let text = error.to_string();
        for expected in [
            "component `a` has unknown kind `anwser`, did you mean `answer`?",
            "component `b` has `template = \"think_anser\"`; expected `think_answer`,",
            "did you mean `think_answer`?",
            "two components are named `b`",
            "component `b` needs parameter `template`: `think_answer`,",
            "component `b` has unknown parameter `templat`, did you mean `template`?",
            "component `c` has `compare = 7`; expected `auto`, `letter`, `number`, `text`",
            "component `c` compares with a reference answer, and the spec has no `gold`",
        ] {
            assert!(text.contains(expected), "`{expected}` is not in `{text}`");
        }
        assert_eq!(error.faults.len(), 7);
    }

    #[test]
    fn components_are_checked_without_a_reference_answer() {
        let letters = r#"{"components": [{"name": "a", "kind": "answer", "compare": "letter", "weight": 1}]}"#;
        let spec: RewardSpec = serde_json::from_str(letters).unwrap();
        assert_eq!(RewardPlan::check(&spec.components), Ok(()));
        let misspelt = RewardComponent { kind: "lenght".to_owned(), ..spec.components[0].clone() };
        assert!(RewardPlan::check(&[misspelt]).unwrap_err().to_string().contains("did you mean `length`?"));
    }

    #[test]
    fn a_spec_without_components_is_refused() {
        assert_eq!(compile(r#"{"components": []}"#).unwrap_err().faults, [Fault::Empty]);
    }
}
