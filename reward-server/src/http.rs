//! The HTTP face of the reward server: `POST /v1/score`, health and metrics.

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use gradus_rpc::{Code, ServiceError, status};
use gradus_telemetry::Metrics;
use gradus_types::{FinishReason, Reward, RewardSpec};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{CompletionText, Error, ScoreRequest, Scorer};

/// `POST /v1/score`: the completions of one prompt and how they are scored.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    spec: RewardSpec,
    #[serde(default)]
    prefill: String,
    completions: Vec<Completion>,
}

/// A completion: its text, and what length rewards want to know.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Completion {
    text: String,
    #[serde(default)]
    num_tokens: u32,
    #[serde(default = "stop")]
    finish_reason: FinishReason,
}

const fn stop() -> FinishReason {
    FinishReason::Stop
}

/// The answer: a reward a completion, in order.
#[derive(Debug, Serialize)]
struct Answer {
    rewards: Vec<Reward>,
}

/// Makes the routes of a reward server.
pub(crate) fn router(scorer: Scorer, metrics: Metrics) -> Router {
    let encode = move || async move { ([(header::CONTENT_TYPE, Metrics::content_type())], metrics.encode()) };
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/metrics", get(encode))
        .route("/v1/score", post(score))
        .with_state(scorer)
}

async fn score(State(scorer): State<Scorer>, Json(request): Json<Request>) -> Response {
    match scorer.score(request.into()).await {
        Ok(rewards) => Json(Answer { rewards }).into_response(),
        Err(error) => refusal(&error),
    }
}

impl From<Request> for ScoreRequest {
    fn from(request: Request) -> Self {
        let completion = |completion: Completion| CompletionText {
            text: completion.text,
            num_tokens: completion.num_tokens,
            finish_reason: completion.finish_reason,
        };
        Self {
            spec: serde_json::to_string(&request.spec).expect("a reward spec that was JSON is JSON again"),
            prefill: request.prefill,
            completions: request.completions.into_iter().map(completion).collect(),
        }
    }
}

fn refusal(error: &Error) -> Response {
    let code = match error.code() {
        Code::InvalidArgument => StatusCode::UNPROCESSABLE_ENTITY,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (code, Json(json!({ "error": status(error).message() }))).into_response()
}
