//! Recovery as a value: from how a call failed, and how often, to a delay or to giving up.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    time::Duration,
};

use gradus_types::random;

use crate::{CallError, Code};

/// How often and how fast a call is repeated. The delay doubles from attempt to attempt, and each is shortened at random
/// by up to a half, so that clients that failed together do not come back together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The delay after the first attempt.
    pub first_delay: Duration,
    /// The longest delay.
    pub max_delay: Duration,
    /// How often a call is made at most, the first time included.
    pub max_attempts: u32,
}

/// What to do about a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Make it again after the delay.
    RetryAfter(Duration),
    /// Report it.
    GiveUp,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { first_delay: Duration::from_millis(50), max_delay: Duration::from_secs(2), max_attempts: 8 }
    }
}

impl RetryPolicy {
    /// Returns the policy of calls that must be made once.
    #[must_use]
    pub const fn never() -> Self {
        Self { first_delay: Duration::ZERO, max_delay: Duration::ZERO, max_attempts: 1 }
    }

    /// Decides about the `attempt`-th failure (from 1), given a random number in [0, 1).
    #[must_use]
    pub fn decide(&self, code: Code, attempt: u32, random: f64) -> Recovery {
        if !code.is_retryable() || attempt >= self.max_attempts {
            return Recovery::GiveUp;
        }
        let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
        let delay = self.first_delay.saturating_mul(doubled).min(self.max_delay);
        Recovery::RetryAfter(delay.mul_f64(0.5 + 0.5 * random.clamp(0.0, 1.0)))
    }
}

/// The random numbers of one call's delays.
#[derive(Clone, Copy, Debug)]
pub struct Jitter(u64);

impl Default for Jitter {
    fn default() -> Self {
        Self::new()
    }
}

impl Jitter {
    /// Seeds the delays of a call differently in every process and call, which is what they are for.
    #[must_use]
    pub fn new() -> Self {
        Self(RandomState::new().build_hasher().finish())
    }

    /// Returns the random number for an attempt.
    #[must_use]
    pub const fn draw(self, attempt: u32) -> f64 {
        random::uniform(self.0, 0, attempt as u64)
    }
}

/// Makes an operation until it succeeds or the policy gives up: for operations of more than one message, which the
/// [`Retry`](crate::Retry) layer cannot repeat.
pub async fn retry<T, E, F>(policy: &RetryPolicy, mut operation: impl FnMut() -> F) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
    E: AsRef<CallError>,
{
    let jitter = Jitter::new();
    let mut attempt = 1;
    loop {
        let error = match operation().await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        match policy.decide(error.as_ref().code, attempt, jitter.draw(attempt)) {
            Recovery::RetryAfter(delay) => tokio::time::sleep(delay).await,
            Recovery::GiveUp => return Err(error),
        }
        attempt += 1;
    }
}

impl AsRef<Self> for CallError {
    fn as_ref(&self) -> &Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> RetryPolicy {
        RetryPolicy { first_delay: Duration::from_secs(1), max_delay: Duration::from_secs(4), max_attempts: 5 }
    }

    #[test]
    fn delays_double_up_to_the_longest_and_then_end() {
        let delays: Vec<Recovery> = (1..=5).map(|attempt| policy().decide(Code::Unavailable, attempt, 1.0)).collect();
        let after = |seconds| Recovery::RetryAfter(Duration::from_secs(seconds));
        assert_eq!(delays, [after(1), after(2), after(4), after(4), Recovery::GiveUp]);
    }

    #[test]
    fn jitter_shortens_a_delay_by_up_to_a_half() {
        let shortest = policy().decide(Code::ResourceExhausted, 1, 0.0);
        assert_eq!(shortest, Recovery::RetryAfter(Duration::from_millis(500)));
    }

    #[test]
    fn what_a_retry_cannot_help_is_given_up_at_once() {
        for code in [Code::InvalidArgument, Code::NotFound, Code::Aborted, Code::Internal, Code::DeadlineExceeded] {
            assert_eq!(policy().decide(code, 1, 0.5), Recovery::GiveUp);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_operation_is_made_again_until_it_succeeds() {
        let mut num_calls = 0;
        let result: Result<u32, CallError> = retry(&policy(), || {
            num_calls += 1;
            let outcome = if num_calls < 3 { Err(CallError::new(Code::Unavailable, "gone")) } else { Ok(num_calls) };
            async { outcome }
        })
        .await;
        assert_eq!(result, Ok(3));
    }
}
