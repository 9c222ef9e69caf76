//! Compiled reward plans by the text of their spec, as many as fit.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use gradus_verify::RewardPlan;

use crate::ScoreError;

/// Keeps the plans that were used lately. They are held in two generations: when the young one is full it becomes the old one,
/// and the old one is dropped with what was not used since.
#[derive(Debug)]
pub struct PlanCache {
    capacity: usize,
    generations: Mutex<Generations>,
}

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<String, Arc<RewardPlan>>,
    old: HashMap<String, Arc<RewardPlan>>,
}

impl PlanCache {
    /// Makes a cache of at most so many plans (at least two).
    pub fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(2), generations: Mutex::default() }
    }

    /// Returns the plan of a spec, compiling it if it is not there.
    pub fn get(&self, spec: &str) -> Result<Arc<RewardPlan>, ScoreError> {
        if let Some(plan) = self.find(spec) {
            return Ok(plan);
        }
        let parsed = serde_json::from_str(spec).map_err(|error| ScoreError::SpecJson { reason: error.to_string() })?;
        let plan = Arc::new(RewardPlan::compile(&parsed)?);
        self.keep(spec.to_owned(), Arc::clone(&plan));
        Ok(plan)
    }

    fn find(&self, spec: &str) -> Option<Arc<RewardPlan>> {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = generations.young.get(spec) {
            return Some(Arc::clone(plan));
        }
        let (spec, plan) = generations.old.remove_entry(spec)?;
        drop(generations);
        self.keep(spec, Arc::clone(&plan));
        Some(plan)
    }

    fn keep(&self, spec: String, plan: Arc<RewardPlan>) {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if generations.young.len() >= self.capacity / 2 {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(spec, plan);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(gold: usize) -> String {
        format!(r#"{{"gold": "{gold}", "components": [{{"name": "a", "kind": "answer", "weight": 1}}]}}"#)
    }

    #[test]
    fn a_plan_that_is_used_again_stays_and_the_cache_stays_bounded() {
        let cache = PlanCache::new(8);
        let first = cache.get(&spec(0)).unwrap();
        for gold in 1..100 {
            cache.get(&spec(gold)).unwrap();
            assert!(Arc::ptr_eq(&first, &cache.get(&spec(0)).unwrap()), "the plan was compiled again at {gold}");
        }
        let generations = cache.generations.lock().unwrap();
        assert!(generations.young.len() + generations.old.len() <= 8);
    }

    #[test]
    fn what_is_no_spec_is_refused_and_not_kept() {
        let cache = PlanCache::new(8);
        assert!(matches!(cache.get("{"), Err(ScoreError::SpecJson { .. })));
        assert!(matches!(cache.get(r#"{"components": []}"#), Err(ScoreError::Spec(_))));
        assert!(cache.generations.lock().unwrap().young.is_empty());
    }
}
