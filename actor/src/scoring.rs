//! Scoring: a group's completions and their reward spec go to the reward server, and rewards come back.
//!
//! A reward that cannot be had in time is [`Reward::Unscored`] with its reason, never a zero: the learner masks the sample.

use std::time::Duration;

use gradus_proto::v1::{self, CompletionText, ScoreGroupRequest, reward_service_client::RewardServiceClient};
use gradus_rpc::{CallError, Channel, Code, Endpoint, Recovery, RetryPolicy, connect, stub};
use gradus_types::{Completion, GroupId, Prompt, Reward, UnscoredReason, random};
use tokio::time::Instant;
use tracing::{debug, warn};

/// How fast a refused call is repeated; how often is bounded by the timeout alone.
const RETRY: RetryPolicy =
    RetryPolicy { first_delay: Duration::from_millis(50), max_delay: Duration::from_secs(2), max_attempts: u32::MAX };

/// A client of the reward server. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Scorer {
    client: RewardServiceClient<Channel>,
    timeout: Duration,
}

// === impl Scorer ===

impl Scorer {
    /// Makes a client whose groups are scored within `timeout`, retries included, or not at all.
    #[must_use]
    pub fn connect(endpoint: &Endpoint, timeout: Duration) -> Self {
        Self { client: stub::reward(connect(endpoint)), timeout }
    }

    /// Scores the completions of one prompt. There is one reward each, in order, whatever happens.
    pub async fn score(&self, group_id: GroupId, prompt: &Prompt, completions: &[Completion]) -> Vec<Reward> {
        let message = request(group_id, prompt, completions);
        let call = |timeout| {
            let (mut client, mut request) = (self.client.clone(), tonic::Request::new(message.clone()));
            request.set_timeout(timeout);
            async move { rewards(client.score_group(request).await?.into_inner()) }
        };
        let outcome = until_deadline(self.timeout, group_id, call).await.and_then(|rewards| {
            let (found, expected) = (rewards.len(), completions.len());
            let wrong = || CallError::new(Code::Internal, format!("{found} rewards for {expected} completions"));
            if found == expected { Ok(rewards) } else { Err(wrong()) }
        });
        outcome.unwrap_or_else(|error| {
            warn!(%group_id, %error, "group could not be scored, its samples are masked");
            let unscored = Reward::Unscored { reason: reason(error.code), detail: error.to_string() };
            vec![unscored; completions.len()]
        })
    }
}

fn request(group_id: GroupId, prompt: &Prompt, completions: &[Completion]) -> ScoreGroupRequest {
    let text = |completion: &Completion| CompletionText {
        text: completion.text.clone(),
        num_tokens: u32::try_from(completion.token_ids.len()).unwrap_or(u32::MAX),
        finish_reason: v1::FinishReason::from(completion.finish_reason).into(),
    };
    ScoreGroupRequest {
        group_id: group_id.0,
        reward_spec: serde_json::to_string(&prompt.reward)
            .expect("a reward spec holds text keys and JSON values alone"),
        prefill: prompt.prefill.clone().unwrap_or_default(),
        completions: completions.iter().map(text).collect(),
    }
}

fn rewards(response: v1::ScoreGroupResponse) -> Result<Vec<Reward>, CallError> {
    Ok(response.rewards.into_iter().map(Reward::try_from).collect::<Result<_, _>>()?)
}

/// Says what kept a group from being scored.
const fn reason(code: Code) -> UnscoredReason {
    match code {
        Code::Unavailable | Code::ResourceExhausted => UnscoredReason::Unavailable,
        Code::DeadlineExceeded => UnscoredReason::Timeout,
        _ => UnscoredReason::Error,
    }
}

/// Makes a call, with the time it has, until it succeeds, fails for good, or the time is over; then returns the last failure.
async fn until_deadline<T, F>(
    timeout: Duration,
    group_id: GroupId,
    mut call: impl FnMut(Duration) -> F,
) -> Result<T, CallError>
where
    F: Future<Output = Result<T, CallError>>,
{
    let deadline = Instant::now() + timeout;
    let mut attempt = 1;
    loop {
        let error = match call(deadline.saturating_duration_since(Instant::now())).await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let delay = match RETRY.decide(error.code, attempt, random::uniform(group_id.0, 0, u64::from(attempt))) {
            Recovery::RetryAfter(delay) if Instant::now() + delay < deadline => delay,
            Recovery::RetryAfter(_) | Recovery::GiveUp => return Err(error),
        };
        debug!(%group_id, attempt, %error, ?delay, "score failed, will retry");
        tokio::time::sleep(delay).await;
        attempt += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP: GroupId = GroupId(7);
    const TIMEOUT: Duration = Duration::from_secs(10);

    fn failure(code: Code) -> CallError {
        CallError::new(code, "scripted")
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_is_away_is_asked_again_until_it_is_back() {
        let mut num_calls = 0;
        let result = until_deadline(TIMEOUT, GROUP, |_| {
            num_calls += 1;
            let result = match num_calls {
                1 => Err(failure(Code::Unavailable)),
                2 => Err(failure(Code::ResourceExhausted)),
                _ => Ok(num_calls),
            };
            async move { result }
        })
        .await;
        assert_eq!(result, Ok(3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_stays_away_is_given_up_within_the_timeout() {
        let started = Instant::now();
        let call = |_| async { Err::<(), _>(failure(Code::Unavailable)) };
        let error = until_deadline(TIMEOUT, GROUP, call).await.unwrap_err();
        assert_eq!(reason(error.code), UnscoredReason::Unavailable);
        assert!(started.elapsed() <= TIMEOUT && started.elapsed() > TIMEOUT / 2);
    }

    #[tokio::test(start_paused = true)]
    async fn each_attempt_has_the_time_that_is_left() {
        let mut times = Vec::new();
        let _ = until_deadline(TIMEOUT, GROUP, |time| {
            times.push(time);
            async {
                tokio::time::sleep(TIMEOUT / 3).await;
                Err::<(), _>(failure(Code::Unavailable))
            }
        })
        .await;
        assert_eq!(times[0], TIMEOUT);
        assert!(times.windows(2).all(|pair| pair[1] < pair[0]), "{times:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_retry_cannot_help_is_not_repeated() {
        for (code, expected) in [
            (Code::DeadlineExceeded, UnscoredReason::Timeout),
            (Code::InvalidArgument, UnscoredReason::Error),
            (Code::Internal, UnscoredReason::Error),
        ] {
            let started = Instant::now();
            let error = until_deadline(TIMEOUT, GROUP, |_| async { Err::<(), _>(failure(code)) }).await.unwrap_err();
            assert_eq!((reason(error.code), started.elapsed()), (expected, Duration::ZERO));
        }
    }
}
