//! Compiled rewards by the text of their spec, as many as fit.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{ScoreError, custom::Customs, reward::CompiledReward};

/// What a plan takes besides its text: components, their parameters and a parsed reference answer.
const PLAN_BYTES: usize = 2_048;

/// A spec whose plan would not leave room for others is compiled whenever it is met.
const MAX_SHARE: usize = 8;

/// Keeps the plans that were used lately. They are held in two generations: when the young one is full it becomes the old one,
/// and the old one is dropped with what was not used since.
#[derive(Debug)]
pub struct PlanCache {
    max_bytes: usize,
    customs: Customs,
    generations: Mutex<Generations>,
}

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<String, Arc<CompiledReward>>,
    young_bytes: usize,
    old: HashMap<String, Arc<CompiledReward>>,
}

impl PlanCache {
    /// Makes a cache of about so many bytes, for specs that may name these scorers.
    pub fn new(max_bytes: u64, customs: Customs) -> Self {
        let max_bytes = usize::try_from(max_bytes).unwrap_or(usize::MAX);
        Self { max_bytes, customs, generations: Mutex::default() }
    }

    /// Compiles the plan of a spec and keeps it.
    pub fn compile(&self, spec: String) -> Result<Arc<CompiledReward>, ScoreError> {
        let parsed = serde_json::from_str(&spec).map_err(|error| ScoreError::SpecJson { reason: error.to_string() })?;
        let plan = Arc::new(CompiledReward::compile(&parsed, &self.customs)?);
        self.keep(spec, Arc::clone(&plan));
        Ok(plan)
    }

    /// Returns the plan of a spec, if it is kept.
    pub fn find(&self, spec: &str) -> Option<Arc<CompiledReward>> {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = generations.young.get(spec) {
            return Some(Arc::clone(plan));
        }
        let (spec, plan) = generations.old.remove_entry(spec)?;
        drop(generations);
        self.keep(spec, Arc::clone(&plan));
        Some(plan)
    }

    fn keep(&self, spec: String, plan: Arc<CompiledReward>) {
        // The text counts twice: as the key, and as what was made of it.
        let num_bytes = 2 * spec.len() + PLAN_BYTES;
        if num_bytes > self.max_bytes / MAX_SHARE {
            return;
        }
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if generations.young_bytes + num_bytes > self.max_bytes / 2 {
            generations.old = std::mem::take(&mut generations.young);
            generations.young_bytes = 0;
        }
        if generations.young.insert(spec, plan).is_none() {
            generations.young_bytes += num_bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(gold: &str) -> String {
        format!(r#"{{"gold": "{gold}", "components": [{{"name": "a", "kind": "answer", "weight": 1}}]}}"#)
    }

    fn num_plans(cache: &PlanCache) -> usize {
        let generations = cache.generations.lock().unwrap();
        generations.young.len() + generations.old.len()
    }

    #[test]
    fn a_plan_that_is_used_again_stays_and_the_cache_stays_bounded() {
        let cache = PlanCache::new(20 * PLAN_BYTES as u64, Customs::default());
        let first = cache.compile(spec("0")).unwrap();
        for gold in 1..100 {
            cache.compile(spec(&gold.to_string())).unwrap();
            assert!(Arc::ptr_eq(&first, &cache.find(&spec("0")).unwrap()), "the plan was dropped at {gold}");
        }
        assert!((2..=20).contains(&num_plans(&cache)));
    }

    #[test]
    fn a_long_reference_answer_is_used_and_not_kept() {
        let cache = PlanCache::new(10 * PLAN_BYTES as u64, Customs::default());
        cache.compile(spec(&"word ".repeat(200))).unwrap();
        assert_eq!(num_plans(&cache), 0);
    }

    #[test]
    fn what_is_no_spec_is_refused_and_not_kept() {
        let cache = PlanCache::new(1 << 20, Customs::default());
        assert!(matches!(cache.compile("{".to_owned()), Err(ScoreError::SpecJson { .. })));
        assert!(matches!(cache.compile(r#"{"components": []}"#.to_owned()), Err(ScoreError::Spec(_))));
        assert_eq!(num_plans(&cache), 0);
    }
}
