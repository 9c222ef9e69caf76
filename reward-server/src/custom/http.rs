//! A service of the user's, asked over HTTP.
//!
//! `POST` with `{"completion", "num_tokens", "truncated", "gold", "options", "facts"}` to its URL is answered with `{"score": number}`, or
//! with `{"error": "…"}` where there is none. A call that cannot be made, or is answered with 429 or a status from 500 on, is made
//! again.

use axum::{
    BoxError,
    body::{Body, Bytes},
    http::{Method, Request, StatusCode, Uri, header},
};
use gradus_config::CustomScorer;
use gradus_process::chain;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde::Deserialize;

use super::{
    Fault, Question,
    calls::{Calls, FailedCall},
};
use crate::batch::Failure;

/// The largest answer that is read.
const MAX_ANSWER_BYTES: usize = 64 << 10;

/// A service with the calls that may be made to it.
#[derive(Debug)]
pub struct HttpScorer {
    client: Client<HttpConnector, Full<Bytes>>,
    url: Uri,
    calls: Calls,
}

/// What a service answers.
#[derive(Debug, Deserialize)]
struct Answer {
    score: Option<f64>,
    error: Option<String>,
}

impl HttpScorer {
    /// Prepares the calls to a service.
    pub fn new(declared: &CustomScorer) -> Result<Self, Fault> {
        let written = declared.url.clone().unwrap_or_default();
        let url = match written.parse::<Uri>() {
            Err(source) => return Err(Fault::Url { written, source }),
            Ok(url) if url.scheme_str() != Some("http") || url.host().is_none() => {
                return Err(Fault::NotHttp { written });
            }
            Ok(url) => url,
        };
        Ok(Self { client: Client::builder(TokioExecutor::new()).build_http(), url, calls: Calls::new(declared) })
    }

    /// Scores a completion.
    pub async fn score(&self, question: &Question<'_>) -> Result<f64, Failure> {
        let write = || {
            let body = serde_json::to_vec(question).map(Bytes::from);
            body.map_err(|error| Failure::error(format!("the completion cannot be written: {error}")))
        };
        self.calls.make(write, |body| self.call(body)).await
    }

    async fn call(&self, body: Bytes) -> Result<f64, FailedCall> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(self.url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(body))
            .map_err(|error| FailedCall::lasting(format!("the call cannot be made: {error}")))?;
        let sent = self.client.request(request).await;
        let response =
            sent.map_err(|error| FailedCall::passing(format!("`{}` cannot be reached: {}", self.url, chain(&error))))?;
        let status = response.status();
        let body = Limited::new(Body::new(response.into_body()), MAX_ANSWER_BYTES).collect().await;
        let unreadable = |error: BoxError| {
            let detail = format!("the answer cannot be read: {error}");
            // A service that says too much says it again.
            if error.is::<LengthLimitError>() { FailedCall::lasting(detail) } else { FailedCall::passing(detail) }
        };
        let body = body.map_err(unreadable)?.to_bytes();
        if !status.is_success() {
            let start: String = String::from_utf8_lossy(&body).chars().take(200).collect();
            let detail = format!("the service answered {status}: {start}");
            let is_passing = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
            return Err(if is_passing { FailedCall::passing(detail) } else { FailedCall::lasting(detail) });
        }
        let answer: Answer = serde_json::from_slice(&body)
            .map_err(|error| FailedCall::lasting(format!("the answer is no `{{\"score\": number}}`: {error}")))?;
        let reason = answer.error.unwrap_or_else(|| "the answer has no score".to_owned());
        answer.score.ok_or_else(|| FailedCall::lasting(reason))
    }
}
