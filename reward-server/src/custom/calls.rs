//! Calls to a service of the user's: how long they may take, how often they are made again, and how many are made at a time.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use gradus_config::CustomScorer;
use gradus_rpc::{Code, Jitter, Recovery, RetryPolicy};
use tokio::sync::Semaphore;

use super::timeout;
use crate::batch::Failure;

const DEFAULT_PARALLEL: u32 = 16;
const DEFAULT_ATTEMPTS: u32 = 3;
const DEFAULT_BUDGET: f64 = 0.2;

/// Repetitions that a service which has been fine may need at once.
const SAVED_REPETITIONS: f64 = 10.0;

/// The calls that may be made to a service.
#[derive(Debug)]
pub struct Calls {
    timeout: Duration,
    retry: RetryPolicy,
    budget: RetryBudget,
    places: Semaphore,
}

/// A call that failed.
#[derive(Debug)]
pub struct FailedCall {
    /// How it failed, which says whether another one may not.
    pub code: Code,
    /// What exactly happened.
    pub detail: String,
}

/// Repetitions that may still be made: every call earns a share of one.
#[derive(Debug)]
struct RetryBudget {
    earned_per_call: f64,
    saved: Mutex<f64>,
}

// === impl Calls ===

impl Calls {
    /// Prepares the calls to a declared service.
    pub fn new(declared: &CustomScorer) -> Self {
        Self {
            timeout: timeout(declared),
            retry: RetryPolicy {
                max_attempts: declared.max_attempts.unwrap_or(DEFAULT_ATTEMPTS),
                ..RetryPolicy::default()
            },
            budget: RetryBudget::new(declared.retry_budget.unwrap_or(DEFAULT_BUDGET)),
            places: Semaphore::new(declared.parallel.unwrap_or(DEFAULT_PARALLEL) as usize),
        }
    }

    /// Writes a request and makes its call when its turn comes, and again as far as the deadline and the budget of all calls allow it.
    pub async fn make<R: Clone, F>(
        &self,
        write: impl FnOnce() -> Result<R, Failure>,
        call: impl Fn(R) -> F,
    ) -> Result<f64, Failure>
    where
        F: Future<Output = Result<f64, FailedCall>>,
    {
        let _place = self.places.acquire().await.expect("the semaphore is never closed");
        let request = write()?;
        let answered = tokio::time::timeout(self.timeout, self.repeat(|| call(request.clone()))).await;
        answered.unwrap_or_else(|_| Err(Failure::timeout(format!("no answer within {:?}", self.timeout))))
    }

    async fn repeat<F>(&self, call: impl Fn() -> F) -> Result<f64, Failure>
    where
        F: Future<Output = Result<f64, FailedCall>>,
    {
        self.budget.earn();
        let jitter = Jitter::new();
        let mut attempt = 1;
        loop {
            let failed = match call().await {
                Ok(value) => return Ok(value),
                Err(failed) => failed,
            };
            match self.retry.decide(failed.code, attempt, jitter.draw(attempt)) {
                Recovery::RetryAfter(delay) if self.budget.spend() => tokio::time::sleep(delay).await,
                _ => return Err(failed.into()),
            }
            attempt += 1;
        }
    }
}

// === impl FailedCall ===

impl FailedCall {
    /// Makes the failure of a call that may succeed a little later.
    pub const fn passing(detail: String) -> Self {
        Self { code: Code::Unavailable, detail }
    }

    /// Makes the failure of a call that would fail again.
    pub const fn lasting(detail: String) -> Self {
        Self { code: Code::Internal, detail }
    }
}

impl From<FailedCall> for Failure {
    fn from(failed: FailedCall) -> Self {
        // Nobody gives up a call but for want of time, and which end notices it first is chance.
        match failed.code {
            Code::DeadlineExceeded | Code::Cancelled => Self::timeout(failed.detail),
            _ => Self::error(failed.detail),
        }
    }
}

// === impl RetryBudget ===

impl RetryBudget {
    const fn new(earned_per_call: f64) -> Self {
        Self { earned_per_call, saved: Mutex::new(SAVED_REPETITIONS) }
    }

    fn earn(&self) {
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        *saved = (*saved + self.earned_per_call).min(SAVED_REPETITIONS);
    }

    fn spend(&self) -> bool {
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        let may = *saved >= 1.0;
        if may {
            *saved -= 1.0;
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_end_when_a_service_keeps_failing_and_come_back_with_calls() {
        let budget = RetryBudget::new(0.5);
        assert_eq!((0..100).filter(|_| budget.spend()).count(), 10);
        budget.earn();
        assert!(!budget.spend());
        budget.earn();
        assert!(budget.spend());
    }
}
