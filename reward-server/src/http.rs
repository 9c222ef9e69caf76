//! The HTTP face, for other frameworks.
//!
//! | route | for |
//! |---|---|
//! | `POST /v1/score` | completions of one prompt, with their reward spec |
//! | `POST /v1/batch` | completions with a reference answer each, as TRL and verl have them |
//! | `POST /get_reward` | the contract of LMM-R1 and OpenRLHF |
//! | `GET /healthz`, `GET /metrics` | probes and Prometheus |

mod batch;
mod get_reward;
mod intake;
mod query;
mod row;
mod score;

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::DefaultBodyLimit,
    http::{HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use gradus_config::RewardServer;
use gradus_process::chain;
use gradus_rpc::{Code, ServiceError, metrics_page};
use gradus_telemetry::Metrics;
use gradus_types::{RewardComponent, UnscoredReason};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::error::Category;

use crate::{ScoreError, Scorer};
use intake::Intake;

/// The bytes that the answer takes for one completion, about.
const ANSWER_BYTES: usize = 128;

/// What the routes share.
#[derive(Clone, Debug)]
struct Face {
    scorer: Scorer,
    components: Arc<[RewardComponent]>,
    unscored_value: f64,
}

/// A call that is answered with an error.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    error: String,
}

/// Makes the routes of a scorer.
pub fn router(config: &RewardServer, scorer: Scorer, metrics: Metrics) -> Router {
    let components = Arc::from(config.reward.components.as_slice());
    let intake = Intake::new(config, scorer.metrics().clone());
    Router::new()
        .route("/v1/score", post(score::score))
        .route("/v1/batch", post(batch::score))
        .route("/get_reward", post(get_reward::score))
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(intake, intake::admit))
        .with_state(Face { scorer, components, unscored_value: config.unscored_value })
        .route("/healthz", get(|| async { "ok" }))
        .route("/metrics", metrics_page(metrics))
}

const fn reason_name(reason: UnscoredReason) -> &'static str {
    match reason {
        UnscoredReason::Timeout => "timeout",
        UnscoredReason::Error => "error",
        UnscoredReason::Unavailable => "unavailable",
    }
}

// === impl Face ===

impl Face {
    /// Reads a body and makes of it what is to be scored, away from the reactor where that takes its time. The type of the content is not
    /// asked for: `curl -d` sends another one.
    async fn read<T: DeserializeOwned, U: Send + 'static>(
        &self,
        body: Bytes,
        convert: impl FnOnce(T) -> Result<U, Refusal> + Send + 'static,
    ) -> Result<U, Refusal> {
        self.scorer.work(body.len(), move || convert(serde_json::from_slice(&body)?)).await?
    }

    /// Makes the answer of a call about so many completions, and writes it.
    async fn write<T: Serialize>(
        &self,
        num_samples: usize,
        make: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Response, Refusal> {
        let write = move || Json(make()).into_response();
        Ok(self.scorer.work(num_samples * ANSWER_BYTES, write).await?)
    }
}

// === impl Refusal ===

impl Refusal {
    fn unusable(error: impl Into<String>) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, error: error.into() }
    }
}

impl From<ScoreError> for Refusal {
    fn from(error: ScoreError) -> Self {
        let status = match error.code() {
            Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
            Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self { status, error: chain(&error) }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Text {
            error: String,
        }
        let mut response = (self.status, Json(Text { error: self.error })).into_response();
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Self {
        let status = match error.classify() {
            Category::Data => StatusCode::UNPROCESSABLE_ENTITY,
            Category::Io | Category::Syntax | Category::Eof => StatusCode::BAD_REQUEST,
        };
        Self { status, error: format!("failed to read the body as JSON: {error}") }
    }
}
