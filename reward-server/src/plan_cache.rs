//! Compiled rewards by the text of their spec, as many as fit.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use gradus_types::{RewardComponent, RewardSpec};
use gradus_verify::RewardPlan;

use crate::{ScoreError, custom::Customs, reward::CompiledReward};

/// What a plan takes besides its text: a parsed reference answer, and its places in the maps.
const PLAN_BYTES: usize = 2_048;

/// What a byte of a text takes: the key, and what was made of it.
const TEXT_FACTOR: usize = 2;

/// What a byte of a text takes whose components no other plan has: a lexicon is an automaton with a state for each of its bytes.
const NEW_TEXT_FACTOR: usize = 32;

/// A spec whose plan would not leave room for others is compiled whenever it is met.
const MAX_SHARE: usize = 8;

/// Lists of components of which a plan is remembered, to share what does not depend on the record.
const MAX_LISTS: usize = 32;

/// Keeps the plans that were used lately. They are held in two generations: when the young one is full it becomes the old one,
/// and the old one is dropped with what was not used since.
#[derive(Debug)]
pub struct PlanCache {
    max_bytes: usize,
    customs: Customs,
    generations: Mutex<Generations>,
    /// A plan of each list of components, the one used last at the end. Two threads that meet a new list at once may both bring it.
    lists: Mutex<VecDeque<Arc<RewardPlan>>>,
}

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<String, Kept>,
    young_bytes: usize,
    old: HashMap<String, Kept>,
}

#[derive(Clone, Debug)]
struct Kept {
    reward: Arc<CompiledReward>,
    num_bytes: usize,
}

impl PlanCache {
    /// Makes a cache of about so many bytes, for specs that may name these scorers.
    pub fn new(max_bytes: u64, customs: Customs) -> Self {
        let max_bytes = usize::try_from(max_bytes).unwrap_or(usize::MAX);
        Self { max_bytes, customs, generations: Mutex::default(), lists: Mutex::default() }
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
        let num_bytes = factor * spec.len() + PLAN_BYTES;
        self.keep(spec, Kept { reward: Arc::clone(&reward), num_bytes });
        Ok(reward)
    }

    /// Returns the plan of a spec, if it is kept. It takes no time to speak of: nothing is dropped.
    pub fn find(&self, spec: &str) -> Option<Arc<CompiledReward>> {
        let mut generations = self.generations();
        if let Some(kept) = generations.young.get(spec) {
            return Some(Arc::clone(&kept.reward));
        }
        let reward = Arc::clone(&generations.old.get(spec)?.reward);
        generations.rejuvenate(spec, self.max_bytes / 2);
        Some(reward)
    }

    fn keep(&self, spec: String, kept: Kept) {
        if kept.num_bytes > self.max_bytes / MAX_SHARE {
            return;
        }
        let mut generations = self.generations();
        let retired = generations.make_room(kept.num_bytes, self.max_bytes / 2);
        generations.insert(spec, kept);
        drop(generations);
        // Thousands of plans, perhaps: nobody waits for the lock meanwhile.
        drop(retired);
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

    fn generations(&self) -> MutexGuard<'_, Generations> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Generations ===

impl Generations {
    /// Makes the young generation the old one if so many bytes do not fit it any more, and returns what is no longer kept.
    fn make_room(&mut self, num_bytes: usize, max_bytes: usize) -> HashMap<String, Kept> {
        if self.young_bytes + num_bytes <= max_bytes {
            return HashMap::new();
        }
        // As large as the last one, so that it need not grow again.
        let empty = HashMap::with_capacity(self.young.len());
        self.young_bytes = 0;
        std::mem::replace(&mut self.old, std::mem::replace(&mut self.young, empty))
    }

    /// Brings a plan into the young generation while there is room.
    fn rejuvenate(&mut self, spec: &str, max_bytes: usize) {
        let fits = |kept: &Kept| self.young_bytes + kept.num_bytes <= max_bytes;
        if self.old.get(spec).is_some_and(fits)
            && let Some((spec, kept)) = self.old.remove_entry(spec)
        {
            self.insert(spec, kept);
        }
    }

    fn insert(&mut self, spec: String, kept: Kept) {
        let num_bytes = kept.num_bytes;
        if self.young.insert(spec, kept).is_none() {
            self.young_bytes += num_bytes;
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
        let cache = PlanCache::new(60 * PLAN_BYTES as u64, Customs::default());
        let first = cache.compile(spec("0")).unwrap();
        for gold in 1..300 {
            cache.compile(spec(&gold.to_string())).unwrap();
            assert!(Arc::ptr_eq(&first, &cache.find(&spec("0")).unwrap()), "the plan was dropped at {gold}");
        }
        assert!((2..=60).contains(&num_plans(&cache)));
    }

    #[test]
    fn a_long_reference_answer_is_used_and_not_kept() {
        let cache = PlanCache::new(20 * PLAN_BYTES as u64, Customs::default());
        cache.compile(spec(&"word ".repeat(200))).unwrap();
        assert_eq!(num_plans(&cache), 0);
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
        assert_eq!(num_plans(&cache), 0);
    }
}
