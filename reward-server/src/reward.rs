//! A reward spec, compiled: what `gradus-verify` computes, and the scorers that users brought.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use futures_util::future::join_all;
use gradus_runtime::panic_message;
use gradus_types::{RewardComponent, RewardSpec};
use gradus_verify::{Measures, RewardPlan, Score, bare_gold};
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    GroupToScore, ScoreError,
    batch::Failure,
    custom::{Custom, Customs, Question, Reference},
};

/// The kind of components that name a scorer of the run file.
const SCORER: &str = "scorer";

/// What every component may have, which `gradus-verify` reads.
const SHARED_KEYS: [&str; 4] = ["min", "max", "requires", "requires_at_least"];

/// How the completions of a prompt are scored.
#[derive(Debug)]
pub struct CompiledReward {
    /// What is computed here, and how everything is put together.
    pub plan: Arc<RewardPlan>,
    customs: Vec<CustomComponent>,
    reference: Reference,
}

/// A component that a custom scorer computes.
#[derive(Debug)]
struct CustomComponent {
    name: String,
    scorer: Arc<Custom>,
}

impl CompiledReward {
    /// Compiles a spec, or says what is wrong with it. What does not depend on the record is shared with a plan of the same components.
    pub fn compile(spec: RewardSpec, customs: &Customs, like: Option<&RewardPlan>) -> Result<Self, ScoreError> {
        let customs = CustomComponent::find_all(&spec.components, customs)?;
        let plan = match like {
            Some(plan) => plan.compile_for(&spec, &[SCORER]),
            None => RewardPlan::compile_with(&spec, &[SCORER]),
        };
        let plan = Arc::new(plan?);
        let reference = match customs.is_empty() {
            true => Reference::default(),
            false => Reference {
                gold: spec.gold.map(|gold| bare_gold(&gold).to_owned()),
                options: spec.options,
                facts: spec.facts,
            },
        };
        Ok(Self { plan, customs, reference })
    }

    /// Checks the components of a run file, before there is any reference answer.
    pub fn check(components: &[RewardComponent], customs: &Customs) -> Result<(), ScoreError> {
        CustomComponent::find_all(components, customs)?;
        Ok(RewardPlan::check_with(components, &[SCORER])?)
    }

    /// Asks the custom scorers about every completion: for each of them, the values in the order of the components.
    pub async fn score_customs(&self, group: &GroupToScore, deadline: Instant) -> Vec<Vec<Result<f64, Failure>>> {
        if self.customs.is_empty() {
            return vec![Vec::new(); group.samples.len()];
        }
        let values = group.samples.iter().map(async |sample| {
            let question = Question { prefill: &group.prefill, sample, reference: &self.reference };
            join_all(self.customs.iter().map(|custom| custom.scorer.score(&question, deadline))).await
        });
        join_all(values).await
    }

    /// Puts together what the completions of a group earned. One with a component that failed is unscored, and left out of what compares
    /// the others.
    pub fn settle(
        &self,
        measured: Vec<Result<Measures, Failure>>,
        values: Vec<Vec<Result<f64, Failure>>>,
    ) -> Vec<Result<Score, Failure>> {
        let supply = |measures, values| {
            let supplied = catch_unwind(AssertUnwindSafe(|| self.supply(measures, values)));
            supplied.map_err(|payload| Failure::panicked(&panic_message(payload.as_ref())))?
        };
        let supplied = measured.into_iter().zip(values).map(|(measures, values)| supply(measures?, values));
        let mut failures = Vec::new();
        let mut complete = Vec::new();
        for result in supplied {
            failures.push(result.map(|measures| complete.push(measures)).err());
        }
        let scores = catch_unwind(AssertUnwindSafe(|| self.plan.settle(complete)));
        let mut scores =
            scores.map(Vec::into_iter).map_err(|payload| Failure::panicked(&panic_message(payload.as_ref())));
        let score = |failure: Option<Failure>| match (failure, &mut scores) {
            (Some(failure), _) => Err(failure),
            (None, Err(failure)) => Err(failure.clone()),
            (None, Ok(scores)) => scores.next().ok_or_else(|| Failure::error("it has no score")).and_then(finite),
        };
        failures.into_iter().map(score).collect()
    }

    fn supply(&self, mut measures: Measures, values: Vec<Result<f64, Failure>>) -> Result<Measures, Failure> {
        for (custom, value) in self.customs.iter().zip(values) {
            self.plan.supply(&mut measures, &custom.name, value?);
        }
        Ok(measures)
    }
}

fn finite(score: Score) -> Result<Score, Failure> {
    if score.total.is_finite() { Ok(score) } else { Err(Failure::error(format!("the total is {}", score.total))) }
}

impl CustomComponent {
    fn find_all(components: &[RewardComponent], customs: &Customs) -> Result<Vec<Self>, ScoreError> {
        let named = components.iter().filter(|component| component.kind == SCORER);
        named.map(|component| Self::find(component, customs)).collect()
    }

    fn find(component: &RewardComponent, customs: &Customs) -> Result<Self, ScoreError> {
        let fault = |reason: String| ScoreError::Scorer { component: component.name.clone(), reason };
        let known = |key: &&String| *key == SCORER || SHARED_KEYS.contains(&key.as_str());
        if let Some(unknown) = component.parameters.keys().find(|key| !known(key)) {
            return Err(fault(format!("has unknown parameter `{unknown}`; kind `scorer` has `scorer` alone")));
        }
        let Some(Value::String(name)) = component.parameters.get(SCORER) else {
            return Err(fault("needs parameter `scorer`: the name of one of `[[reward_server.scorers]]`".to_owned()));
        };
        let scorer = customs.find(name).ok_or_else(|| fault(customs.unknown(name)))?;
        Ok(Self { name: component.name.clone(), scorer })
    }
}
