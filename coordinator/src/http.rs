//! The HTTP face of the coordinator: health, metrics, status and control.

use axum::{
    Json, Router,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use gradus_runtime::Shutdown;
use gradus_telemetry::{Metrics, ScalarLine};
use gradus_types::Step;
use serde::{Deserialize, Serialize};

use crate::{Coordinator, Failure, machine::Control, metrics::RunMetrics, report::RunReport};

/// The page at `/`.
const STATUS_PAGE: &str = include_str!("http/status.html");

/// What the routes share.
#[derive(Clone, Debug)]
struct Shared {
    coordinator: Coordinator,
    metrics: RunMetrics,
    shutdown: Shutdown,
}

#[derive(Debug, Deserialize)]
struct Since {
    #[serde(default)]
    since: u64,
}

/// The scalars of a step.
#[derive(Debug, Serialize)]
struct StepScalars {
    step: u64,
    time: f64,
    values: std::collections::BTreeMap<String, f64>,
}

/// Makes the routes of a coordinator.
pub fn router(coordinator: Coordinator, metrics: Metrics, shutdown: Shutdown) -> Router {
    let metrics = RunMetrics::new(metrics);
    Router::new()
        .route("/", get(|| async { Html(STATUS_PAGE) }))
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(prometheus))
        .route("/api/v1/run", get(run))
        .route("/api/v1/scalars", get(scalars))
        .route("/api/v1/pause", post(|state| control(state, Control::Pause)))
        .route("/api/v1/resume", post(|state| control(state, Control::Resume)))
        .route("/api/v1/stop", post(|state| control(state, Control::Stop)))
        .with_state(Shared { coordinator, metrics, shutdown })
}

async fn ready(State(shared): State<Shared>) -> Response {
    if shared.shutdown.is_triggered() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining").into_response();
    }
    match shared.coordinator.bookkeeper().look(|_| ()).await {
        Ok(()) => "ready".into_response(),
        Err(failure) => unavailable(&failure),
    }
}

async fn prometheus(State(shared): State<Shared>) -> Response {
    match shared.coordinator.report().await {
        Ok(report) => {
            ([(header::CONTENT_TYPE, Metrics::content_type())], shared.metrics.encode(&report)).into_response()
        }
        Err(failure) => unavailable(&failure),
    }
}

async fn run(State(shared): State<Shared>) -> Response {
    json(shared.coordinator.report().await)
}

async fn scalars(State(shared): State<Shared>, Query(query): Query<Since>) -> Json<Vec<StepScalars>> {
    let line = |line: ScalarLine| StepScalars { step: line.step.0, time: line.time_seconds, values: line.values };
    Json(shared.coordinator.history().since(Step(query.since)).into_iter().map(line).collect())
}

async fn control(State(shared): State<Shared>, control: Control) -> Response {
    match shared.coordinator.control(control).await {
        Ok(()) => json(shared.coordinator.report().await),
        Err(failure) => unavailable(&failure),
    }
}

fn json(report: Result<RunReport, Failure>) -> Response {
    match report {
        Ok(report) => Json(report).into_response(),
        Err(failure) => unavailable(&failure),
    }
}

fn unavailable(failure: &Failure) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, failure.to_string()).into_response()
}
