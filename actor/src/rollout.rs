//! A lease on its way to a stored group: pictures, tokens, completions, texts, rewards.
//!
//! ```text
//! lease ──► pictures ──► prepare (CPU pool) ──► engine ──► decode (CPU pool) ──► Scorer ──► submit
//!   └───────────────── a failure on the way ──► lease returned, with its reason ◄──┘
//! ```
//!
//! | step | waits for | unblocked by |
//! |---|---|---|
//! | pictures | the coordinator | its answer, or the call's deadline |
//! | engine | room and its completions | the last token; abandoning |
//! | rewards | the reward server | its answer, or `actor.score_timeout_seconds` |
//! | submission | the coordinator | its acknowledgement, or the lease being dead for as long as it lived |

use std::{collections::HashMap, sync::Arc, time::Duration};

use gradus_model::MediaInput;
use gradus_process::chain;
use gradus_processor::{ChatInput, Prepared, Processor, SpecialTokens};
use gradus_rpc::{CallError, Code, MediaClient, Recovery, RetryPolicy};
use gradus_runtime::{CpuPool, Shutdown};
use gradus_telemetry::GroupTraces;
use gradus_types::{Admission, Completion, Group, GroupId, Lease, MediaHash, Sample, random};
use tokio::{sync::OwnedSemaphorePermit, time::Instant};
use tracing::{Instrument, debug, info_span, warn};

use crate::{
    coordinator::Coordinator,
    engine::{self, GroupRequest, Handle, SampledTokens},
    metrics::Metrics,
    scoring::Scorer,
};

/// How fast a submission is repeated; how often is bounded by the lease alone.
const SUBMIT_RETRY: RetryPolicy =
    RetryPolicy { first_delay: Duration::from_millis(100), max_delay: Duration::from_secs(5), max_attempts: u32::MAX };

/// Everything a lease needs on its way.
#[derive(Debug)]
pub struct Rollouts {
    /// Takes groups, and leases back.
    pub coordinator: Coordinator,
    /// Fetches encoded pictures.
    pub media: MediaClient,
    /// Turns prompts into tokens and tokens into text.
    pub processor: Arc<Processor>,
    /// Runs the processor.
    pub pool: CpuPool,
    /// Completes prompts.
    pub engine: Handle,
    /// Scores completions.
    pub scorer: Scorer,
    /// Counts what became of groups.
    pub metrics: Metrics,
    /// Names the trace of each group.
    pub traces: GroupTraces,
}

/// What makes an actor let go of leases before they are done.
#[derive(Clone, Debug)]
pub struct Abandonment {
    /// The policy that was being sampled was taken back.
    pub policy: Shutdown,
    /// The actor has no time left.
    pub actor: Shutdown,
}

/// Why a lease does not become a group.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("failed to fetch picture `{hash}` from the coordinator")]
    Picture { hash: MediaHash, source: CallError },
    #[error("failed to prepare the prompt")]
    Prepare(#[source] gradus_processor::Error),
    #[error("failed to decode a completion")]
    Decode(#[source] gradus_processor::Error),
    #[error("failed to complete the prompt")]
    Engine(#[from] engine::Error),
    #[error(transparent)]
    Runtime(#[from] gradus_runtime::Error),
    #[error("the policy it was sampled from was taken back")]
    PolicyTakenBack,
    #[error("the actor is leaving")]
    Leaving,
    #[error("the lease ended {0:?} ago")]
    Dead(Duration),
}

// === impl Rollouts ===

impl Rollouts {
    /// Brings a lease to its end, whichever it is. The permit is given up when the completions are there.
    ///
    /// # Errors
    /// The engine's limits leave no room for the prompt, nor for others like it.
    pub async fn complete(
        self: Arc<Self>,
        lease: Lease,
        abandonment: Abandonment,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Result<(), engine::Error> {
        let span = info_span!("group", group_id = %lease.group_id, attempt = lease.attempt);
        let span = self.traces.join(span, lease.group_id);
        let work = async {
            let (group_id, grace) = (lease.group_id, lease.time_to_live);
            let bounded = tokio::time::timeout(2 * grace, self.group(lease, &abandonment.policy, permit));
            let outcome = match abandonment.actor.unless_triggered(bounded).await {
                None => Err(Failure::Leaving),
                Some(Err(_)) => Err(Failure::Dead(grace)),
                Some(Ok(outcome)) => outcome,
            };
            let Err(failure) = outcome else { return Ok(()) };
            self.give_back(group_id, &failure).await;
            match failure {
                Failure::Engine(error) if error.is_limits_fault() => Err(error),
                _ => Ok(()),
            }
        };
        work.instrument(span).await
    }

    async fn group(
        &self,
        lease: Lease,
        policy: &Shutdown,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Result<(), Failure> {
        let started = Instant::now();
        let sampled = policy.unless_triggered(self.sample(&lease)).await.ok_or(Failure::PolicyTakenBack)?;
        drop(permit);
        let (prompt_token_ids, completions) = sampled?;
        let sampling = started.elapsed();
        let rewards = self.scorer.score(lease.group_id, &lease.prompt, &completions).await;
        self.metrics.count_rewards(&rewards);
        debug!(
            num_tokens = completions.iter().map(|completion| completion.token_ids.len()).sum::<usize>(),
            sampling_seconds = sampling.as_secs_f64(),
            scoring_seconds = (started.elapsed() - sampling).as_secs_f64(),
            "group sampled and scored"
        );
        let samples = completions.into_iter().zip(rewards).map(|(completion, reward)| Sample { completion, reward });
        let group = Group {
            id: lease.group_id,
            prompt: lease.prompt,
            prompt_token_ids,
            samples: samples.collect(),
            actor: self.coordinator.actor().to_owned(),
        };
        self.submit(group).await;
        Ok(())
    }

    /// Samples the completions of a lease. Returns them with the prompt's tokens.
    async fn sample(&self, lease: &Lease) -> Result<(Vec<u32>, Vec<Completion>), Failure> {
        let prepared = self.prepare(lease).await?;
        let prompt_token_ids = prepared.token_ids.clone();
        let request =
            GroupRequest { prompt: model_prompt(prepared), sampling: lease.sampling.clone(), seed: lease.seed };
        let sampled = self.engine.generate(request).await?;
        Ok((prompt_token_ids, self.decode(sampled).await?))
    }

    async fn prepare(&self, lease: &Lease) -> Result<Prepared, Failure> {
        let mut encoded = HashMap::new();
        for hash in lease.prompt.body.images() {
            let picture = self.media.get(hash).await.map_err(|source| Failure::Picture { hash, source })?;
            encoded.insert(hash, picture);
        }
        let (processor, prompt) = (Arc::clone(&self.processor), lease.prompt.clone());
        let max_prompt_tokens = Some(lease.sampling.max_prompt_tokens as usize);
        let prepare = move || processor.prepare(&ChatInput { max_prompt_tokens, ..ChatInput::of(&prompt) }, &encoded);
        self.pool.run(prepare).await?.map_err(Failure::Prepare)
    }

    async fn decode(&self, sampled: Vec<SampledTokens>) -> Result<Vec<Completion>, Failure> {
        let processor = Arc::clone(&self.processor);
        let decode = move || {
            let decode = |tokens: SampledTokens| {
                let text = processor.decode(&tokens.token_ids, SpecialTokens::Skip)?;
                Ok(tokens.into_completion(text))
            };
            sampled.into_iter().map(decode).collect::<Result<_, _>>()
        };
        self.pool.run(decode).await?.map_err(Failure::Decode)
    }

    /// Hands a group in until the coordinator has it, or will not have it.
    async fn submit(&self, group: Group) {
        let group_id = group.id;
        let mut attempt = 1;
        loop {
            let error = match self.coordinator.submit(group.clone()).await {
                Ok(admission) => return self.submitted(admission),
                Err(error) => error,
            };
            match resubmission(&error, group_id, attempt) {
                Recovery::RetryAfter(delay) => {
                    debug!(attempt, %error, ?delay, "submission failed, will retry");
                    tokio::time::sleep(delay).await;
                }
                Recovery::GiveUp => {
                    warn!(%error, "the coordinator refused the group");
                    return self.metrics.count_refused();
                }
            }
            attempt += 1;
        }
    }

    fn submitted(&self, admission: Admission) {
        debug!(?admission, "group submitted");
        self.metrics.count_submitted(admission);
    }

    /// Gives a lease back. Where that fails, too, the lease ends by itself.
    async fn give_back(&self, group_id: GroupId, failure: &Failure) {
        let (quarantine, reason) = (failure.is_prompts_fault(), chain(failure));
        self.metrics.count_returned(quarantine);
        if quarantine {
            warn!(reason, "prompt cannot be used, its lease is returned");
        } else {
            debug!(reason, "lease is returned");
        }
        if let Err(error) = self.coordinator.give_back(group_id, quarantine, reason).await {
            debug!(%error, "lease could not be returned and will run out");
        }
    }
}

// === impl Failure ===

impl Failure {
    /// Tells whether no actor could complete this prompt.
    fn is_prompts_fault(&self) -> bool {
        match self {
            Self::Picture { source, .. } => matches!(source.code, Code::NotFound | Code::DataLoss),
            // Work on the pool only panics over what it was given.
            Self::Prepare(_) | Self::Runtime(gradus_runtime::Error::WorkPanicked { .. }) => true,
            Self::Engine(error) => error.is_prompt_fault(),
            Self::Decode(_) | Self::Runtime(_) | Self::PolicyTakenBack | Self::Leaving | Self::Dead(_) => false,
        }
    }
}

/// Decides about a submission that failed. One without an answer is repeated, since it may be handed in twice.
fn resubmission(error: &CallError, group_id: GroupId, attempt: u32) -> Recovery {
    let code = if error.code == Code::DeadlineExceeded { Code::Unavailable } else { error.code };
    SUBMIT_RETRY.decide(code, attempt, random::uniform(group_id.0, 1, u64::from(attempt)))
}

/// Hands a prepared prompt to the model.
fn model_prompt(prepared: Prepared) -> gradus_model::Prompt {
    let media = prepared
        .media
        .iter()
        .map(|patches| Arc::new(MediaInput { pixel_values: patches.values.clone(), grid: patches.grid }));
    gradus_model::Prompt { media: media.collect(), token_ids: prepared.token_ids }
}
