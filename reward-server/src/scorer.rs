//! Scores groups: admission, plans, and the work on the pool.

use std::{path::Path, sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use gradus_config::RewardServer;
use gradus_runtime::CpuPool;
use gradus_telemetry::Metrics;
use gradus_types::Reward;
use gradus_verify::{Measures, Response, RewardPlan, Score, Verdict};
use tokio::time::Instant;
use tracing::warn;

use crate::{
    Error, GroupToScore, SampleText, ScoreError,
    admission::Admission,
    batch::{Batch, Failure, MeasureSample, Timeouts},
    custom::Customs,
    metrics::{CustomMetrics, ScoreMetrics},
    plan_cache::PlanCache,
    reward::CompiledReward,
};

/// Groups of one call of many that are scored at a time.
const GROUPS_OF_A_CALL: usize = 32;

/// Scores groups. Cheap to clone; clones share threads, plans and bounds.
#[derive(Clone, Debug)]
pub struct Scorer {
    pool: CpuPool,
    plans: Arc<PlanCache>,
    customs: Customs,
    admission: Admission,
    timeouts: Timeouts,
    metrics: ScoreMetrics,
    measure_sample: MeasureSample,
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
            measure_sample: RewardPlan::measure,
        })
    }

    /// Makes sure that every custom scorer can be used.
    pub async fn start(&self) -> Result<(), Error> {
        self.customs.start().await
    }

    /// Scores a group: a reward for each sample, in order. A sample that fails is unscored; only a group that cannot be scored at
    /// all is an error. A full server answers so at once.
    pub async fn score(&self, group: GroupToScore) -> Result<Vec<Reward>, ScoreError> {
        let _place = self.admission.try_enter(group.num_bytes()).inspect_err(|_| self.metrics.refuse())?;
        self.score_admitted(group).await
    }

    /// Scores the groups of one call, which take one place: the rewards of all samples, in order. The samples of a group that cannot be
    /// scored at all are unscored, unless that goes for every group.
    pub async fn score_all(&self, groups: Vec<GroupToScore>) -> Result<Vec<Reward>, ScoreError> {
        let num_bytes = groups.iter().map(GroupToScore::num_bytes).sum();
        let _place = self.admission.try_enter(num_bytes).inspect_err(|_| self.metrics.refuse())?;
        let num_samples: Vec<usize> = groups.iter().map(|group| group.samples.len()).collect();
        let scored = stream::iter(groups).map(|group| self.score_admitted(group)).buffered(GROUPS_OF_A_CALL);
        let scored: Vec<Result<Vec<Reward>, ScoreError>> = scored.collect().await;
        if let Some(error) = scored.first().and_then(|first| first.as_ref().err())
            && scored.iter().all(Result::is_err)
        {
            return Err(error.clone());
        }
        let rewards = scored.into_iter().zip(num_samples).flat_map(|(result, num_samples)| {
            result.unwrap_or_else(|error| {
                let lost = vec![unscored(Failure::error(error.to_string())); num_samples];
                self.metrics.samples(&lost);
                lost
            })
        });
        Ok(rewards.collect())
    }

    /// Does what [`Scorer::score`] does once there is a place, for callers whose sender is slowed down meanwhile.
    pub async fn score_in_turn(&self, group: GroupToScore) -> Result<Vec<Reward>, ScoreError> {
        let _place = self.admission.enter(group.num_bytes()).await;
        self.score_admitted(group).await
    }

    async fn score_admitted(&self, group: GroupToScore) -> Result<Vec<Reward>, ScoreError> {
        let _in_server = self.metrics.enter();
        let deadline = Instant::now() + self.timeouts.group;
        let reward = self.compiled(&group.spec).await?;
        let (measured, values) = tokio::join!(self.measure(&reward, &group), reward.score_customs(&group, deadline));
        let results = reward.settle(measured, values);
        let rewards: Vec<Reward> = results.into_iter().map(|result| self.noted(result)).collect();
        self.metrics.samples(&rewards);
        report_failures(&rewards);
        Ok(rewards)
    }

    /// Finds the compiled reward of a spec, or compiles it on the pool: reading a reference answer is work as well.
    async fn compiled(&self, spec: &str) -> Result<Arc<CompiledReward>, ScoreError> {
        if let Some(reward) = self.plans.find(spec) {
            return Ok(reward);
        }
        let (plans, spec) = (Arc::clone(&self.plans), spec.to_owned());
        let compiled = self.pool.run(move || plans.compile(spec)).await;
        compiled.map_err(|error| {
            self.metrics.panicked();
            ScoreError::Compile { reason: error.to_string() }
        })?
    }

    /// Measures what is computed here.
    async fn measure(&self, reward: &CompiledReward, group: &GroupToScore) -> Vec<Result<Measures, Failure>> {
        let response =
            |sample: &SampleText| Response::new(&group.prefill, &sample.text, sample.num_tokens, sample.finish_reason);
        let responses = group.samples.iter().map(response).collect();
        Batch::new(Arc::clone(&reward.plan), self.measure_sample, responses).run(&self.pool, self.timeouts).await
    }

    /// Makes a result a reward, and counts what is to be known of it beyond its value.
    fn noted(&self, result: Result<Score, Failure>) -> Reward {
        match result {
            Ok(score) => {
                if score.decision().is_some_and(|decision| decision.verdict == Verdict::Undecided) {
                    self.metrics.undecided();
                }
                Reward::Scored { total: score.total, components: score.component_scores() }
            }
            Err(failure) => {
                if failure.is_panic {
                    self.metrics.panicked();
                }
                unscored(failure)
            }
        }
    }
}

fn unscored(failure: Failure) -> Reward {
    Reward::Unscored { reason: failure.reason, detail: failure.detail }
}

/// Says once for a group what happened to its unscored samples.
fn report_failures(rewards: &[Reward]) {
    let details = rewards.iter().filter_map(|reward| match reward {
        Reward::Scored { .. } => None,
        Reward::Unscored { detail, .. } => Some(detail),
    });
    let num_unscored = details.clone().count();
    if let Some(first) = details.into_iter().next() {
        warn!(num_unscored, num_samples = rewards.len(), %first, "samples could not be scored");
    }
}

#[cfg(test)]
mod tests;
