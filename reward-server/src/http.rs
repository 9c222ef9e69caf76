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
mod query;
mod score;

use axum::{
    Json, Router,
    extract::{
        DefaultBodyLimit, FromRequest, Request,
        rejection::{BytesRejection, JsonRejection},
    },
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use gradus_config::RewardServer;
use gradus_rpc::{Code, ServiceError, stub::MAX_MESSAGE_BYTES};
use gradus_telemetry::Metrics;
use gradus_types::{RewardComponent, RewardSpec, UnscoredReason};
use serde::Serialize;

use crate::{ScoreError, Scorer};

/// What the routes share.
#[derive(Clone, Debug)]
struct Face {
    scorer: Scorer,
    components: Vec<RewardComponent>,
    unscored_value: f64,
}

/// A call that is answered with an error.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    error: String,
}

/// A JSON body; one that cannot be read is refused in the same form as everything else.
struct Body<T>(T);

/// Makes the routes of a scorer.
pub fn router(config: &RewardServer, scorer: Scorer, metrics: Metrics) -> Router {
    let page = || async move { ([(header::CONTENT_TYPE, Metrics::content_type())], metrics.encode()) };
    let components = config.reward.components.clone();
    Router::new()
        .route("/v1/score", post(score::score))
        .route("/v1/batch", post(batch::score))
        .route("/get_reward", post(get_reward::score))
        .layer(DefaultBodyLimit::max(MAX_MESSAGE_BYTES))
        .with_state(Face { scorer, components, unscored_value: config.unscored_value })
        .route("/healthz", get(|| async { "ok" }))
        .route("/metrics", get(page))
}

/// Writes a spec in one form, because plans are cached by its text.
fn spec_text(spec: &RewardSpec) -> String {
    serde_json::to_string(spec).expect("a reward spec holds text keys and JSON values alone")
}

const fn reason_name(reason: UnscoredReason) -> &'static str {
    match reason {
        UnscoredReason::Timeout => "timeout",
        UnscoredReason::Error => "error",
        UnscoredReason::Unavailable => "unavailable",
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
        Self { status, error: error.to_string() }
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

// === impl Body ===

impl<S: Send + Sync, T: serde::de::DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        // The type of the content is not asked for: `curl -d` sends another one.
        let bytes = axum::body::Bytes::from_request(request, state).await.map_err(|rejection: BytesRejection| {
            Refusal { status: rejection.status(), error: rejection.body_text() }
        })?;
        let Json(body) = Json::<T>::from_bytes(&bytes)
            .map_err(|rejection: JsonRejection| Refusal { status: rejection.status(), error: rejection.body_text() })?;
        Ok(Self(body))
    }
}
