//! A service of the user's, asked over HTTP.
//!
//! `POST` with `{"completion", "num_tokens", "truncated", "gold", "options", "facts"}` to its URL is answered with `{"score": number}`, or
//! with `{"error": "…"}` where there is none. A call that cannot be made, or is answered with 429 or a status from 500 on, is made
//! again, as far as the deadline and the budget of all calls allow it.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{Method, Request, StatusCode, Uri, header},
};
use gradus_config::CustomScorer;
use gradus_rpc::{Code, Recovery, RetryPolicy};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::{Question, timeout};
use crate::batch::Failure;

/// The largest answer that is read.
const MAX_ANSWER_BYTES: usize = 64 << 10;

const DEFAULT_PARALLEL: u32 = 16;
const DEFAULT_ATTEMPTS: u32 = 3;
const DEFAULT_BUDGET: f64 = 0.2;

/// Repetitions that a service which has been fine may need at once.
const SAVED_REPETITIONS: f64 = 10.0;

/// A service with the calls that may be made to it.
#[derive(Debug)]
pub struct HttpScorer {
    client: Client<HttpConnector, Full<Bytes>>,
    url: Uri,
    timeout: Duration,
    retry: RetryPolicy,
    budget: RetryBudget,
    places: Semaphore,
}

/// Repetitions that may still be made: every call earns a share of one.
#[derive(Debug)]
struct RetryBudget {
    earned_per_call: f64,
    saved: Mutex<f64>,
}

/// What a service answers.
#[derive(Debug, Deserialize)]
struct Answer {
    score: Option<f64>,
    error: Option<String>,
}

/// A call that failed, and whether another one may not.
struct FailedCall {
    detail: String,
    is_retryable: bool,
}

// === impl HttpScorer ===

impl HttpScorer {
    /// Prepares the calls to a service.
    pub fn new(declared: &CustomScorer) -> Result<Self, String> {
        let written = declared.url.as_deref().unwrap_or_default();
        let url: Uri = written.parse().map_err(|error| format!("`{written}` is no URL: {error}"))?;
        if url.scheme_str() != Some("http") || url.host().is_none() {
            return Err(format!("`{written}` is no URL of the form `http://HOST:PORT/PATH`"));
        }
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            url,
            timeout: timeout(declared),
            retry: RetryPolicy {
                max_attempts: declared.max_attempts.unwrap_or(DEFAULT_ATTEMPTS),
                ..RetryPolicy::default()
            },
            budget: RetryBudget::new(declared.retry_budget.unwrap_or(DEFAULT_BUDGET)),
            places: Semaphore::new(declared.parallel.unwrap_or(DEFAULT_PARALLEL) as usize),
        })
    }

    /// Scores a completion.
    pub async fn score(&self, question: &Question<'_>) -> Result<f64, Failure> {
        let _place = self.places.acquire().await.expect("the semaphore is never closed");
        let body = serde_json::to_vec(question);
        let body = body.map_err(|error| Failure::error(format!("the completion cannot be written: {error}")))?;
        let answered = tokio::time::timeout(self.timeout, self.call_until_answered(body.into())).await;
        answered.unwrap_or_else(|_| Err(Failure::timeout(format!("no answer within {:?}", self.timeout))))
    }

    async fn call_until_answered(&self, body: Bytes) -> Result<f64, Failure> {
        self.budget.earn();
        let mut attempt = 1;
        loop {
            let failed = match self.call(body.clone()).await {
                Ok(value) => return Ok(value),
                Err(failed) => failed,
            };
            let code = if failed.is_retryable { Code::Unavailable } else { Code::Internal };
            match self.retry.decide(code, attempt, 1.0) {
                Recovery::RetryAfter(delay) if self.budget.spend() => tokio::time::sleep(delay).await,
                _ => return Err(Failure::error(failed.detail)),
            }
            attempt += 1;
        }
    }

    async fn call(&self, body: Bytes) -> Result<f64, FailedCall> {
        let retryable = |detail: String| FailedCall { detail, is_retryable: true };
        let request = Request::builder()
            .method(Method::POST)
            .uri(self.url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(body))
            .map_err(|error| FailedCall::lasting(format!("the call cannot be made: {error}")))?;
        let sent = self.client.request(request).await;
        let response = sent.map_err(|error| retryable(format!("`{}` cannot be reached: {error}", self.url)))?;
        let status = response.status();
        let body = Limited::new(Body::new(response.into_body()), MAX_ANSWER_BYTES).collect().await;
        let body = body.map_err(|error| retryable(format!("the answer cannot be read: {error}")))?.to_bytes();
        if !status.is_success() {
            let start: String = String::from_utf8_lossy(&body).chars().take(200).collect();
            let is_retryable = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
            return Err(FailedCall { detail: format!("the service answered {status}: {start}"), is_retryable });
        }
        let answer: Answer = serde_json::from_slice(&body)
            .map_err(|error| FailedCall::lasting(format!("the answer is no `{{\"score\": number}}`: {error}")))?;
        let reason = answer.error.unwrap_or_else(|| "the answer has no score".to_owned());
        answer.score.ok_or_else(|| FailedCall::lasting(reason))
    }
}

// === impl FailedCall ===

impl FailedCall {
    const fn lasting(detail: String) -> Self {
        Self { detail, is_retryable: false }
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
