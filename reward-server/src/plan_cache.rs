//! Compiled rewards by the text of their spec, as many as fit.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use gradus_types::{RewardComponent, RewardSpec};
use gradus_verify::RewardPlan;
use quick_cache::{
    DefaultHashBuilder, OptionsBuilder, Weighter,
    sync::{Cache, DefaultLifecycle},
};

use crate::{ScoreError, custom::Customs, reward::CompiledReward};

/// What a plan takes besides its text: a parsed reference answer, and its places in the maps.
const PLAN_BYTES: u64 = 2_048;

/// For how many plans there is room before the maps grow.
const MAX_RESERVED: usize = 1 << 16;

/// What a byte of a text takes: the key, and what was made of it.
const TEXT_FACTOR: u64 = 2;

/// What a byte of a text takes whose components no other plan has: a lexicon is an automaton with a state for each of its bytes.
const NEW_TEXT_FACTOR: u64 = 32;

/// Lists of components of which a plan is remembered, to share what does not depend on the record.
const MAX_LISTS: usize = 32;

/// Keeps the plans that are used again.
#[derive(Debug)]
pub struct PlanCache {
    customs: Customs,
    plans: Cache<String, Kept, BySize>,
    /// A plan of each list of components, the one used last at the end. Two threads that meet a new list at once may both bring it.
    lists: Mutex<VecDeque<Arc<RewardPlan>>>,
}

#[derive(Clone, Debug)]
struct Kept {
    reward: Arc<CompiledReward>,
    num_bytes: u64,
}

/// Weighs a plan by about the bytes it takes.
#[derive(Clone, Debug)]
struct BySize;

impl Weighter<String, Kept> for BySize {
    fn weight(&self, _: &String, kept: &Kept) -> u64 {
        kept.num_bytes
    }
}

// === impl PlanCache ===

impl PlanCache {
    /// Makes a cache of about so many bytes, for specs that may name these scorers.
    pub fn new(max_bytes: u64, customs: Customs) -> Self {
        let num_plans = usize::try_from(max_bytes / PLAN_BYTES).unwrap_or(usize::MAX).clamp(1, MAX_RESERVED);
        // One shard: a long reference answer may take much of the room.
        let options = OptionsBuilder::new()
            .shards(1)
            .estimated_items_capacity(num_plans)
            .weight_capacity(max_bytes)
            .build()
            .expect("both capacities are given");
        let plans = Cache::with_options(options, BySize, DefaultHashBuilder::default(), DefaultLifecycle::default());
        Self { customs, plans, lists: Mutex::default() }
    }

    /// Compiles the plan of a spec and keeps it. It takes its time.
    pub fn compile(&self, spec: String) -> Result<Arc<CompiledReward>, ScoreError> {
        let parsed: RewardSpec =
            serde_json::from_str(&spec).map_err(|error| ScoreError::SpecJson { reason: error.to_string() })?;
        let like = self.plan_of(&parsed.components);
        let reward = Arc::new(CompiledReward::compile(parsed, &self.customs, like.as_deref())?);
        if like.is_none() {
            self.remember(&reward.plan);
        }
        let factor = if like.is_some() { TEXT_FACTOR } else { NEW_TEXT_FACTOR };
        let num_bytes = factor * spec.len() as u64 + PLAN_BYTES;
        self.plans.insert(spec, Kept { reward: Arc::clone(&reward), num_bytes });
        Ok(reward)
    }

    /// Returns the plan of a spec, if it is kept. It takes no time to speak of.
    pub fn find(&self, spec: &str) -> Option<Arc<CompiledReward>> {
        self.plans.get(spec).map(|kept| kept.reward)
    }

    /// Finds the remembered plan of a list of components.
    fn plan_of(&self, components: &[RewardComponent]) -> Option<Arc<RewardPlan>> {
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        let place = lists.iter().position(|plan| plan.declared() == components)?;
        let plan = lists.remove(place)?;
        lists.push_back(Arc::clone(&plan));
        Some(plan)
    }

    /// Remembers the plan of a new list of components, in place of the one that was not used for longest.
    fn remember(&self, plan: &Arc<RewardPlan>) {
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        let forgotten = if lists.len() < MAX_LISTS { None } else { lists.pop_front() };
        lists.push_back(Arc::clone(plan));
        drop(lists);
        drop(forgotten);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(gold: &str) -> String {
        format!(r#"{{"gold": "{gold}", "components": [{{"name": "a", "kind": "answer", "weight": 1}}]}}"#)
    }

    #[test]
    fn a_plan_that_is_used_again_stays_and_the_cache_stays_bounded() {
        let cache = PlanCache::new(60 * PLAN_BYTES, Customs::default());
        let first = cache.compile(spec("0")).unwrap();
        for gold in 1..300 {
            cache.compile(spec(&gold.to_string())).unwrap();
            assert!(Arc::ptr_eq(&first, &cache.find(&spec("0")).unwrap()), "the plan was dropped at {gold}");
        }
        assert!((2..=60).contains(&cache.plans.len()));
    }

    #[test]
    fn a_reference_answer_too_long_for_the_cache_is_used_and_not_kept() {
        let cache = PlanCache::new(2 * PLAN_BYTES, Customs::default());
        cache.compile(spec(&"word ".repeat(800))).unwrap();
        assert_eq!(cache.plans.len(), 0);
    }

    #[test]
    fn a_lexicon_is_compiled_once_for_all_reference_answers() {
        let cache = PlanCache::new(1 << 20, Customs::default());
        let spec = |gold: u32, phrase: &str| {
            format!(
                r#"{{"gold": "{gold}", "components": [{{"name": "a", "kind": "answer", "weight": 1}},
                {{"name": "b", "kind": "lexicon", "phrases": {{"{phrase}": 1}}, "weight": 1}}]}}"#
            )
        };
        for gold in 0..100 {
            cache.compile(spec(gold, "wait")).unwrap();
        }
        assert_eq!(cache.lists.lock().unwrap().len(), 1);
        for number in 0..100 {
            cache.compile(spec(1, &format!("wait {number}"))).unwrap();
        }
        assert_eq!(cache.lists.lock().unwrap().len(), MAX_LISTS);
    }

    #[test]
    fn what_is_no_spec_is_refused_and_not_kept() {
        let cache = PlanCache::new(1 << 20, Customs::default());
        assert!(matches!(cache.compile("{".to_owned()), Err(ScoreError::SpecJson { .. })));
        assert!(matches!(cache.compile(r#"{"components": []}"#.to_owned()), Err(ScoreError::Spec(_))));
        assert_eq!(cache.plans.len(), 0);
    }
}
