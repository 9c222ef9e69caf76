//! Scores groups: admission, plans, and a piece of work on the pool for each sample.

use std::{sync::Arc, time::Duration};

use gradus_config::RewardServer;
use gradus_proto::{ConvertError, v1};
use gradus_runtime::{CpuPool, Error as RuntimeError, TaskSet};
use gradus_telemetry::Metrics;
use gradus_types::{FinishReason, Reward, UnscoredReason};
use gradus_verify::{Response, RewardPlan, Score, Verdict};
use tokio::sync::{Semaphore, oneshot};
use tracing::warn;

use crate::{ScoreError, metrics::ScoreMetrics, plan_cache::PlanCache};

/// Plans that are kept: prompts come back in later epochs, and evaluations.
const MAX_PLANS: usize = 16_384;

/// Samples that may wait in the pool, over all groups; others wait before it.
const MAX_QUEUED_SAMPLES: usize = 1_024;

/// The completions of one prompt, and how they are scored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupToScore {
    /// The reward spec as JSON.
    pub spec: String,
    /// Text that the assistant's turn started with and that counts for scoring.
    pub prefill: String,
    /// The completions.
    pub samples: Vec<SampleText>,
}

/// A completion as the reward server sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleText {
    /// The text.
    pub text: String,
    /// Its length in tokens.
    pub num_tokens: u32,
    /// Why it ended.
    pub finish_reason: FinishReason,
}

/// Scores groups. Cheap to clone; clones share threads, plans and bounds.
#[derive(Clone, Debug)]
pub struct Scorer {
    pool: CpuPool,
    plans: Arc<PlanCache>,
    places: Arc<Semaphore>,
    max_queued_groups: u32,
    sample_timeout: Duration,
    metrics: ScoreMetrics,
    score_sample: ScoreSample,
}

/// What is done for a sample on the pool.
type ScoreSample = fn(&RewardPlan, &Response) -> Score;

// === impl SampleText ===

impl SampleText {
    /// Makes a sample of text alone, that ended of itself; its words count as tokens.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let num_tokens = u32::try_from(text.split_whitespace().count()).unwrap_or(u32::MAX);
        Self { text, num_tokens, finish_reason: FinishReason::Stop }
    }
}

// === impl GroupToScore ===

impl TryFrom<v1::ScoreGroupRequest> for GroupToScore {
    type Error = ConvertError;

    fn try_from(wire: v1::ScoreGroupRequest) -> Result<Self, ConvertError> {
        let read = |completion: v1::CompletionText| -> Result<SampleText, ConvertError> {
            let finish_reason = completion.finish_reason().try_into()?;
            Ok(SampleText { text: completion.text, num_tokens: completion.num_tokens, finish_reason })
        };
        let samples = wire.completions.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { spec: wire.reward_spec, prefill: wire.prefill, samples })
    }
}

// === impl Scorer ===

impl Scorer {
    /// Starts the threads that score.
    pub fn new(config: &RewardServer, metrics: &Metrics) -> Result<Self, RuntimeError> {
        Ok(Self {
            pool: CpuPool::new("score", config.threads as usize, MAX_QUEUED_SAMPLES)?,
            plans: Arc::new(PlanCache::new(MAX_PLANS)),
            places: Arc::new(Semaphore::new(config.max_queued_groups as usize)),
            max_queued_groups: config.max_queued_groups,
            sample_timeout: Duration::from_secs_f64(config.sample_timeout_seconds),
            metrics: ScoreMetrics::new(metrics),
            score_sample: RewardPlan::score,
        })
    }

    /// Scores a group: a reward for each sample, in order. A sample that fails is unscored; only a group that cannot be scored at
    /// all is an error.
    pub async fn score(&self, group: GroupToScore) -> Result<Vec<Reward>, ScoreError> {
        let Ok(_place) = self.places.try_acquire() else {
            self.metrics.refuse();
            return Err(ScoreError::Overloaded { max_queued_groups: self.max_queued_groups });
        };
        let _in_server = self.metrics.enter();
        let plan = self.plans.get(&group.spec)?;
        let mut rewards: Vec<Option<Reward>> = vec![None; group.samples.len()];
        let mut tasks = TaskSet::new("score-sample");
        for (index, sample) in group.samples.into_iter().enumerate() {
            let response = Response::new(&group.prefill, &sample.text, sample.num_tokens, sample.finish_reason);
            let (scorer, plan) = (self.clone(), Arc::clone(&plan));
            tasks.spawn(async move { (index, scorer.score_one(plan, response).await) });
        }
        while let Some(done) = tasks.join_next().await {
            if let Ok((index, reward)) = done {
                rewards[index] = Some(reward);
            }
        }
        let rewards = rewards.into_iter().map(|reward| reward.unwrap_or_else(|| failed("its task ended early")));
        Ok(rewards.inspect(|reward| self.metrics.sample(reward)).collect())
    }

    /// Scores a sample. Its time begins when its work does, not while it waits for a thread.
    async fn score_one(&self, plan: Arc<RewardPlan>, response: Response) -> Reward {
        let (begin, begun) = oneshot::channel();
        let score_sample = self.score_sample;
        let mut work = std::pin::pin!(self.pool.run(move || {
            // Nobody waits for the beginning any more when the caller is gone.
            let _ = begin.send(());
            score_sample(&plan, &response)
        }));
        // Both arms are cancel-safe: the work is polled again below.
        let result = tokio::select! {
            biased;
            result = &mut work => Ok(result),
            _ = begun => tokio::time::timeout(self.sample_timeout, work).await,
        };
        match result {
            Ok(Ok(score)) => self.scored(&score),
            Ok(Err(error)) => {
                warn!(%error, "a sample could not be scored");
                failed(&error.to_string())
            }
            Err(_) => {
                let detail = format!("scoring took longer than {:?}", self.sample_timeout);
                Reward::Unscored { reason: UnscoredReason::Timeout, detail }
            }
        }
    }

    fn scored(&self, score: &Score) -> Reward {
        if score.decision().is_some_and(|decision| decision.verdict == Verdict::Undecided) {
            self.metrics.undecided();
        }
        if score.total.is_finite() {
            return Reward::Scored { total: score.total, components: score.component_scores() };
        }
        failed(&format!("the total is {}", score.total))
    }
}

fn failed(detail: &str) -> Reward {
    Reward::Unscored { reason: UnscoredReason::Error, detail: detail.to_owned() }
}

#[cfg(test)]
mod tests;
