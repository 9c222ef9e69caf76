//! Scoring a group: admission, one piece of work a sample, and a deadline for each.

use std::{sync::Arc, time::Duration};

use gradus_config::RewardServer;
use gradus_runtime::{CpuPool, Error as RuntimeError, TaskSet};
use gradus_types::{FinishReason, Reward, UnscoredReason};
use gradus_verify::{Response, RewardPlan};
use tokio::sync::Semaphore;
use tracing::warn;

use crate::{Error, metrics::ScoreMetrics, plans::Plans};

/// Samples that may wait for a thread; groups are bounded before that.
const MAX_QUEUED_SAMPLES: usize = 1 << 20;

/// A group to be scored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoreRequest {
    /// The reward spec as JSON.
    pub spec: String,
    /// Text that the assistant's turn started with; it counts as part of every completion.
    pub prefill: String,
    /// The completions.
    pub completions: Vec<CompletionText>,
}

/// One completion to be scored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletionText {
    /// What the policy wrote.
    pub text: String,
    /// How many tokens that were.
    pub num_tokens: u32,
    /// Why it ended.
    pub finish_reason: FinishReason,
}

/// Scores groups on a pool of threads. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Scorer {
    pool: CpuPool,
    plans: Arc<Plans>,
    permits: Arc<Semaphore>,
    max_queued_groups: usize,
    sample_timeout: Duration,
    metrics: ScoreMetrics,
}

impl Scorer {
    /// Starts the pool that the configuration asks for.
    ///
    /// # Errors
    /// The threads cannot be started.
    pub fn new(config: &RewardServer, metrics: ScoreMetrics) -> Result<Self, Error> {
        let max_queued_groups = config.max_queued_groups as usize;
        Ok(Self {
            pool: CpuPool::new("score", config.threads as usize, MAX_QUEUED_SAMPLES)?,
            plans: Arc::new(Plans::new()),
            permits: Arc::new(Semaphore::new(max_queued_groups)),
            max_queued_groups,
            sample_timeout: Duration::from_secs_f64(config.sample_timeout_seconds),
            metrics,
        })
    }

    /// Scores the completions of a group; there is one reward each, in order. A bad completion never fails its group.
    ///
    /// # Errors
    /// The spec is unusable, or the server has too much to do.
    pub async fn score(&self, request: ScoreRequest) -> Result<Vec<Reward>, Error> {
        let Ok(_permit) = self.permits.try_acquire() else {
            self.metrics.count_overload();
            return Err(Error::Overloaded { max_queued_groups: self.max_queued_groups });
        };
        let plan = self.plans.plan(&request.spec)?;
        let prefill: Arc<str> = request.prefill.into();
        let num_samples = request.completions.len();
        let mut samples = TaskSet::new("score-sample");
        for (index, completion) in request.completions.into_iter().enumerate() {
            let (scorer, plan, prefill) = (self.clone(), Arc::clone(&plan), Arc::clone(&prefill));
            samples.spawn(async move { (index, scorer.score_sample(plan, prefill, completion).await) });
        }
        let mut rewards = vec![None; num_samples];
        while let Some(scored) = samples.join_next().await {
            let (index, reward) = scored?;
            self.metrics.count_sample(&reward);
            rewards[index] = Some(reward);
        }
        Ok(rewards.into_iter().map(|reward| reward.expect("every sample's task has answered")).collect())
    }

    async fn score_sample(&self, plan: Arc<RewardPlan>, prefill: Arc<str>, completion: CompletionText) -> Reward {
        let work = self.pool.run(move || {
            let CompletionText { text, num_tokens, finish_reason } = completion;
            plan.score(&Response::new(&prefill, &text, num_tokens, finish_reason))
        });
        match tokio::time::timeout(self.sample_timeout, work).await {
            Ok(Ok(score)) => Reward::Scored { total: score.total, components: score.component_scores() },
            Ok(Err(error)) => unscored(UnscoredReason::Error, &error),
            Err(_elapsed) => {
                let detail = format!("not scored within {:?}", self.sample_timeout);
                warn!(%detail, "sample could not be scored, it will be masked");
                Reward::Unscored { reason: UnscoredReason::Timeout, detail }
            }
        }
    }
}

fn unscored(reason: UnscoredReason, error: &RuntimeError) -> Reward {
    warn!(%error, "sample could not be scored, it will be masked");
    Reward::Unscored { reason, detail: error.to_string() }
}
