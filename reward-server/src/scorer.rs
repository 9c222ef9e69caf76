//! Scores groups: admission, plans, and the work on the pool.

mod call;

use std::{path::Path, sync::Arc, time::Duration};

use gradus_config::RewardServer;
use gradus_runtime::CpuPool;
use gradus_telemetry::Metrics;
use gradus_types::Reward;
use gradus_verify::{RewardPlan, Score};
use tokio::time::{Instant, timeout_at};

use crate::{
    Error, GroupToScore, ScoreError,
    admission::{Admission, Place},
    batch::{Batch, Failure, MeasureSample, Timeouts},
    custom::Customs,
    failure_log::FailureLog,
    metrics::{CustomMetrics, ScoreMetrics},
    plan_cache::PlanCache,
    reward::CompiledReward,
};

pub use call::{Call, Prompt};

/// Work on so many bytes is done at once: handing it over would take longer.
const SMALL_WORK_BYTES: usize = 16 << 10;

/// What settling a sample is worth in bytes of work.
const SETTLED_BYTES: usize = 128;

/// What is known of the samples of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Members {
    /// They are those of a prompt.
    All,
    /// Other groups may belong to the same prompt.
    Unknown,
}

/// Scores groups. Cheap to clone; clones share threads, plans and bounds.
#[derive(Clone, Debug)]
pub struct Scorer {
    pool: CpuPool,
    plans: Arc<PlanCache>,
    customs: Customs,
    admission: Admission,
    timeouts: Timeouts,
    metrics: ScoreMetrics,
    failures: Arc<FailureLog>,
    measure_sample: MeasureSample,
}

/// A group that has its place.
#[derive(Debug)]
pub struct PlacedGroup {
    group: GroupToScore,
    _place: Place,
}

impl Scorer {
    /// Starts the threads that score. The binary that runs is the reward server's own: it confines the workers of custom scorers.
    pub fn new(config: &RewardServer, metrics: &Metrics) -> Result<Self, Error> {
        Self::with_helper(config, metrics, &std::env::current_exe().map_err(Error::Binary)?)
    }

    /// Does what [`Scorer::new`] does, in a process that is not the reward server.
    pub fn with_helper(config: &RewardServer, metrics: &Metrics, helper: &Path) -> Result<Self, Error> {
        let timeouts = Timeouts {
            sample: Duration::from_secs_f64(config.sample_timeout_seconds),
            group: Duration::from_secs_f64(config.group_timeout_seconds),
        };
        let customs = Customs::new(config, helper, &CustomMetrics::new(metrics))?;
        Ok(Self {
            pool: CpuPool::new("score", config.threads as usize, config.max_queued_groups as usize)?,
            plans: Arc::new(PlanCache::new(config.plan_cache_bytes, customs.clone())),
            customs,
            admission: Admission::new(config),
            timeouts,
            metrics: ScoreMetrics::new(metrics),
            failures: Arc::default(),
            measure_sample: RewardPlan::measure,
        })
    }

    /// Returns the custom scorers, which rewards name.
    pub(crate) const fn customs(&self) -> &Customs {
        &self.customs
    }

    /// Returns what is measured, which those who refuse calls before they are groups count in as well.
    pub(crate) const fn metrics(&self) -> &ScoreMetrics {
        &self.metrics
    }

    /// Makes sure that every custom scorer can be used.
    pub async fn start(&self) -> Result<(), Error> {
        self.customs.start().await
    }

    /// Scores a group: a reward for each sample, in order. A sample that fails is unscored; only a group that cannot be scored at
    /// all is an error. A full server answers so at once.
    pub async fn score(&self, group: GroupToScore) -> Result<Vec<Reward>, ScoreError> {
        Ok(self.score_in_full(group).await?.into_iter().map(to_reward).collect())
    }

    /// Does what [`Scorer::score`] does, and says how each value came about.
    pub(crate) async fn score_in_full(&self, group: GroupToScore) -> Result<Vec<Result<Score, Failure>>, ScoreError> {
        let _place = self.admission.try_enter(group.num_bytes()).inspect_err(|_| self.metrics.refuse())?;
        self.score_admitted(group, Members::All).await
    }

    /// Waits for a place for a group, whose sender is slowed down meanwhile.
    pub(crate) async fn place(&self, group: GroupToScore) -> PlacedGroup {
        PlacedGroup { _place: self.admission.enter(group.num_bytes()).await, group }
    }

    /// Does what [`Scorer::score`] does for a group that has its place.
    pub(crate) async fn score_placed(&self, placed: PlacedGroup) -> Result<Vec<Reward>, ScoreError> {
        let PlacedGroup { group, _place } = placed;
        Ok(self.score_admitted(group, Members::All).await?.into_iter().map(to_reward).collect())
    }

    /// Does work that takes its time by the bytes it is about: at once where they are few, else on the pool.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        num_bytes: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ScoreError> {
        self.work_apart(num_bytes, work).await.map_err(|source| {
            self.metrics.panicked();
            ScoreError::Work { source }
        })
    }

    async fn work_apart<T: Send + 'static>(
        &self,
        num_bytes: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, gradus_runtime::Error> {
        match num_bytes <= SMALL_WORK_BYTES {
            true => self.pool.run_here(work),
            false => self.pool.run(work).await,
        }
    }

    async fn score_admitted(
        &self,
        group: GroupToScore,
        members: Members,
    ) -> Result<Vec<Result<Score, Failure>>, ScoreError> {
        let _in_server = self.metrics.enter();
        let deadline = Instant::now() + self.timeouts.group;
        let results = match timeout_at(deadline, self.compiled(&group.spec)).await {
            Ok(reward) => self.score_by(reward?, (group, members), deadline).await?,
            Err(_) => vec![Err(Failure::overdue(self.timeouts.group)); group.samples.len()],
        };
        self.note(&results);
        Ok(results)
    }

    async fn score_by(
        &self,
        reward: Arc<CompiledReward>,
        (group, members): (GroupToScore, Members),
        deadline: Instant,
    ) -> Result<Vec<Result<Score, Failure>>, ScoreError> {
        if let (Members::Unknown, Some(component)) = (members, reward.plan.group_relative()) {
            return Err(ScoreError::NoPrompts { component: component.to_owned() });
        }
        let group = Arc::new(group);
        let batch = Batch::new(Arc::clone(&reward.plan), self.measure_sample, Arc::clone(&group));
        let (measured, values) =
            tokio::join!(batch.run(&self.pool, self.timeouts, deadline), reward.score_customs(&group, deadline));
        let num_samples = measured.len();
        let settled = self.work_apart(num_samples * SETTLED_BYTES, move || reward.settle(measured, values)).await;
        Ok(settled.unwrap_or_else(|error| vec![Err(Failure::panicked(&error.to_string())); num_samples]))
    }

    /// Finds the compiled reward of a spec, or compiles it on the pool: reading a reference answer is work as well.
    async fn compiled(&self, spec: &str) -> Result<Arc<CompiledReward>, ScoreError> {
        if let Some(reward) = self.plans.find(spec) {
            return Ok(reward);
        }
        let (plans, spec) = (Arc::clone(&self.plans), spec.to_owned());
        let compiled = self.pool.run(move || plans.compile(spec)).await;
        compiled.map_err(|source| {
            self.metrics.panicked();
            ScoreError::Compile { source }
        })?
    }

    /// Counts what is to be known of results beyond their values, and says what failed.
    fn note(&self, results: &[Result<Score, Failure>]) {
        self.metrics.samples(results);
        self.failures.note(results.iter().filter_map(|result| result.as_ref().err()));
    }
}

fn to_reward(result: Result<Score, Failure>) -> Reward {
    match result {
        Ok(score) => Reward::Scored { total: score.total, components: score.component_scores() },
        Err(Failure { reason, detail, .. }) => Reward::Unscored { reason, detail },
    }
}

#[cfg(test)]
mod tests;
