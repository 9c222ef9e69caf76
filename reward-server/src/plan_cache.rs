//! Compiled rewards by the text of their spec, as many as fit.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use gradus_runtime::BoundedCache;
use gradus_types::{RewardComponent, RewardSpec};
use gradus_verify::RewardPlan;

use crate::{ScoreError, custom::Customs, reward::CompiledReward};

/// What a plan takes besides its text: a parsed reference answer, and its places in the maps.
const PLAN_BYTES: u64 = 2_048;

/// For how many plans there is room before the maps grow.
const MAX_RESERVED: usize = 1 << 16;

/// What a byte of a text takes: the key, and what was made of it.
const TEXT_FACTOR: u64 = 2;

/// What a byte of a text takes whose components no other plan has: a lexicon is an automaton with a state for each of its bytes.
const NEW_TEXT_FACTOR: u64 = 32;

/// A plan that takes more than this part of the room is not kept: it would drop many others.
const MIN_PLANS: u64 = 8;

/// Lists of components of which a plan is remembered, to share what does not depend on the record.
const MAX_LISTS: usize = 32;

/// Keeps the plans that are used again.
#[derive(Debug)]
pub struct PlanCache {
    customs: Customs,
    plans: BoundedCache<String, Kept>,
    /// A plan of each list of components, the one used last at the end. Two threads that meet a new list at once may both bring it.
    lists: Mutex<VecDeque<Remembered>>,
    max_plan_bytes: u64,
}

#[derive(Clone, Debug)]
struct Kept {
    reward: Arc<CompiledReward>,
    num_bytes: u64,
}

#[derive(Debug)]
struct Remembered {
    plan: Arc<RewardPlan>,
    num_bytes: u64,
}

// === impl PlanCache ===

impl PlanCache {
    /// Makes a cache of about so many bytes, for specs that may name these scorers.
    pub fn new(max_bytes: u64, customs: Customs) -> Self {
        let num_plans = usize::try_from(max_bytes / PLAN_BYTES).unwrap_or(usize::MAX).clamp(1, MAX_RESERVED);
        let plans = BoundedCache::new(max_bytes, num_plans, |_, kept: &Kept| kept.num_bytes);
        Self { customs, plans, lists: Mutex::default(), max_plan_bytes: max_bytes / MIN_PLANS }
    }

    /// Compiles the plan of a spec and keeps it. It takes its time.
    pub fn compile(&self, spec: String) -> Result<Arc<CompiledReward>, ScoreError> {
        let parsed: RewardSpec =
            serde_json::from_str(&spec).map_err(|error| ScoreError::SpecJson { source: Arc::new(error) })?;
        let like = self.plan_of(&parsed.components);
        let reward = Arc::new(CompiledReward::compile(parsed, &self.customs, like.as_deref())?);
        let factor = if like.is_some() { TEXT_FACTOR } else { NEW_TEXT_FACTOR };
        let num_bytes = factor * spec.len() as u64 + PLAN_BYTES;
        if num_bytes <= self.max_plan_bytes {
            if like.is_none() {
                self.remember(Remembered { plan: Arc::clone(&reward.plan), num_bytes });
            }
            self.plans.insert(spec, Kept { reward: Arc::clone(&reward), num_bytes });
        }
        Ok(reward)
    }

    /// Returns the plan of a spec, if it is kept. It takes no time to speak of.
    pub fn find(&self, spec: &str) -> Option<Arc<CompiledReward>> {
        self.plans.get(spec).map(|kept| kept.reward)
    }

    /// Finds the remembered plan of a list of components.
    fn plan_of(&self, components: &[RewardComponent]) -> Option<Arc<RewardPlan>> {
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        let place = lists.iter().position(|list| list.plan.declared() == components)?;
        let list = lists.remove(place)?;
        let plan = Arc::clone(&list.plan);
        lists.push_back(list);
        Some(plan)
    }

    /// Remembers the plan of a new list of components, in place of those that were not used for longest where there are many, or large ones.
    fn remember(&self, list: Remembered) {
        let mut forgotten = Vec::new();
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        lists.push_back(list);
        let num_bytes = |lists: &VecDeque<Remembered>| lists.iter().map(|list| list.num_bytes).sum::<u64>();
        while lists.len() > MAX_LISTS || num_bytes(&lists) > MIN_PLANS * self.max_plan_bytes {
            forgotten.extend(lists.pop_front());
        }
        drop(lists);
        // A large one takes its time to free, which nobody waits for here.
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
    fn a_spec_that_would_take_an_eighth_of_the_cache_is_used_and_not_kept() {
        let cache = PlanCache::new(32 * PLAN_BYTES, Customs::default());
        cache.compile(spec("4")).unwrap();
        // With the list of its components known, a byte of its text counts twice.
        for (num_words, num_kept) in [(300, 2), (800, 2)] {
            cache.compile(spec(&"word ".repeat(num_words))).unwrap();
            assert_eq!(cache.plans.len(), num_kept, "{num_words} words");
        }
    }

    #[test]
    fn large_lists_of_components_are_remembered_up_to_the_size_of_the_cache() {
        let cache = PlanCache::new(1 << 20, Customs::default());
        let spec = |number: usize, num_phrases: usize| {
            let phrases = (0..num_phrases).map(|index| format!(r#""{number} {index} {}": 1"#, "x".repeat(150)));
            let phrases = phrases.collect::<Vec<_>>().join(",");
            format!(r#"{{"components": [{{"name": "b", "kind": "lexicon", "phrases": {{{phrases}}}, "weight": 1}}]}}"#)
        };
        for number in 0..MAX_LISTS {
            cache.compile(spec(number, 20)).unwrap();
            cache.compile(spec(number, 30)).unwrap();
        }
        let lists = cache.lists.lock().unwrap();
        assert!((2..MAX_LISTS).contains(&lists.len()), "{} lists", lists.len());
        assert!(lists.iter().map(|list| list.num_bytes).sum::<u64>() <= 1 << 20);
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
