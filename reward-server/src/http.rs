//! The HTTP face, for other frameworks: `POST /v1/score`, `GET /healthz`, `GET /metrics`.
//!
//! In: `{"spec": {…}, "prefill": "…", "completions": ["text", {"text", "num_tokens", "finish_reason"}]}`, where `prefill`, `num_tokens`
//! (the words are counted) and `finish_reason` (`stop`) may be left out. Out: `{"rewards": [{"total", "components": {…}} or
//! {"unscored", "detail"}]}`, in order.

use std::collections::BTreeMap;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use gradus_rpc::{Code, ServiceError, stub::MAX_MESSAGE_BYTES};
use gradus_telemetry::Metrics;
use gradus_types::{FinishReason, Reward, RewardSpec, UnscoredReason};
use serde::{Deserialize, Serialize};

use crate::{GroupToScore, SampleText, ScoreError, Scorer};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScoreRequest {
    spec: RewardSpec,
    #[serde(default)]
    prefill: String,
    completions: Vec<Completion>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Completion {
    Text(String),
    Full { text: String, num_tokens: Option<u32>, finish_reason: Option<FinishReason> },
}

#[derive(Debug, Serialize)]
struct ScoreResponse {
    rewards: Vec<ScoredSample>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ScoredSample {
    Scored { total: f64, components: BTreeMap<String, f64> },
    Unscored { unscored: &'static str, detail: String },
}

#[derive(Debug, Serialize)]
struct Refusal {
    error: String,
}

/// Makes the routes of a scorer.
pub fn router(scorer: Scorer, metrics: Metrics) -> Router {
    let page = || async move { ([(header::CONTENT_TYPE, Metrics::content_type())], metrics.encode()) };
    Router::new()
        .route("/v1/score", post(score))
        .layer(DefaultBodyLimit::max(MAX_MESSAGE_BYTES))
        .with_state(scorer)
        .route("/healthz", get(|| async { "ok" }))
        .route("/metrics", get(page))
}

async fn score(State(scorer): State<Scorer>, Json(request): Json<ScoreRequest>) -> Response {
    match scorer.score(request.into()).await {
        Ok(rewards) => Json(ScoreResponse { rewards: rewards.into_iter().map(Into::into).collect() }).into_response(),
        Err(error) => refuse(&error),
    }
}

fn refuse(error: &ScoreError) -> Response {
    let status = match error.code() {
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    (status, Json(Refusal { error: error.to_string() })).into_response()
}

impl From<ScoreRequest> for GroupToScore {
    fn from(request: ScoreRequest) -> Self {
        // The plans are cached by the spec's text, so it is written again in one form.
        let spec = serde_json::to_string(&request.spec).expect("a reward spec holds text keys and JSON values alone");
        let samples = request.completions.into_iter().map(SampleText::from).collect();
        Self { spec, prefill: request.prefill, samples }
    }
}

impl From<Completion> for SampleText {
    fn from(completion: Completion) -> Self {
        match completion {
            Completion::Text(text) => Self::new(text),
            Completion::Full { text, num_tokens, finish_reason } => {
                let counted = Self::new(text);
                Self {
                    num_tokens: num_tokens.unwrap_or(counted.num_tokens),
                    finish_reason: finish_reason.unwrap_or(counted.finish_reason),
                    text: counted.text,
                }
            }
        }
    }
}

impl From<Reward> for ScoredSample {
    fn from(reward: Reward) -> Self {
        match reward {
            Reward::Scored { total, components } => {
                let components = components.into_iter().map(|score| (score.name, score.value)).collect();
                Self::Scored { total, components }
            }
            Reward::Unscored { reason, detail } => {
                let unscored = match reason {
                    UnscoredReason::Timeout => "timeout",
                    UnscoredReason::Error => "error",
                    UnscoredReason::Unavailable => "unavailable",
                };
                Self::Unscored { unscored, detail }
            }
        }
    }
}
