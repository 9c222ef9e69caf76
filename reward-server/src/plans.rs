//! Compiled reward plans, kept by the text of their spec: a group's samples share one, and so do repeated prompts.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use gradus_types::RewardSpec;
use gradus_verify::RewardPlan;
use lru::LruCache;

use crate::Error;

/// Plans that are kept; one takes about a kilobyte.
const MAX_PLANS: NonZeroUsize = NonZeroUsize::new(4_096).expect("not zero");

/// A bounded cache of compiled plans.
#[derive(Debug)]
pub(crate) struct Plans {
    kept: Mutex<LruCache<String, Arc<RewardPlan>>>,
}

impl Plans {
    /// Starts with none.
    pub(crate) fn new() -> Self {
        Self { kept: Mutex::new(LruCache::new(MAX_PLANS)) }
    }

    /// Returns the plan of a spec, compiled if it is new.
    pub(crate) fn plan(&self, spec: &str) -> Result<Arc<RewardPlan>, Error> {
        if let Some(plan) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(spec) {
            return Ok(Arc::clone(plan));
        }
        let parsed: RewardSpec =
            serde_json::from_str(spec).map_err(|source| Error::SpecSyntax { spec: spec.to_owned(), source })?;
        let plan = Arc::new(RewardPlan::compile(&parsed)?);
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).put(spec.to_owned(), Arc::clone(&plan));
        Ok(plan)
    }
}
