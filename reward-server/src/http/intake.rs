//! What is read at a time: a call takes its place, and room for its body, before the body is read.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{StatusCode, header::CONTENT_LENGTH},
    middleware::Next,
    response::Response,
};
use futures_util::StreamExt;
use gradus_config::RewardServer;

use super::Refusal;
use crate::{
    admission::{Admission, Place, max_body_bytes},
    metrics::ScoreMetrics,
};

/// The places of calls and the room for their bodies. Cheap to clone; clones share them.
#[derive(Clone, Debug)]
pub struct Intake {
    admission: Admission,
    max_body_bytes: usize,
    metrics: ScoreMetrics,
    /// The longest time that a body may take to arrive.
    patience: Duration,
}

/// Reads the body of a call that finds a place, and holds the place until the call is answered.
pub async fn admit(State(intake): State<Intake>, request: Request, next: Next) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let declared = parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let declared: usize = declared.unwrap_or(0);
    if declared > intake.max_body_bytes {
        return Err(intake.too_large());
    }
    let mut place = intake.admission.try_enter(declared).inspect_err(|_| intake.metrics.refuse_call())?;
    let read = tokio::time::timeout(intake.patience, intake.read(body, declared, &mut place)).await;
    let late = |_| Refusal {
        status: StatusCode::REQUEST_TIMEOUT,
        error: format!("the body has not arrived within {:?}", intake.patience),
    };
    let body = read.map_err(late)??;
    Ok(next.run(Request::from_parts(parts, Body::from(body))).await)
}

// === impl Intake ===

impl Intake {
    /// Makes the places that a run file allows: as many calls and bytes again as may be scored.
    pub fn new(config: &RewardServer, metrics: ScoreMetrics) -> Self {
        Self {
            admission: Admission::of_calls(config),
            max_body_bytes: max_body_bytes(config),
            metrics,
            patience: Duration::from_secs_f64(config.group_timeout_seconds),
        }
    }

    async fn read(&self, body: Body, declared: usize, place: &mut Place) -> Result<Bytes, Refusal> {
        let mut chunks = body.into_data_stream();
        let mut read = Vec::with_capacity(declared);
        while let Some(chunk) = chunks.next().await {
            let broken = |error: axum::Error| Refusal {
                status: StatusCode::BAD_REQUEST,
                error: format!("the body could not be read: {error}"),
            };
            let chunk = chunk.map_err(broken)?;
            let num_bytes = read.len() + chunk.len();
            if num_bytes > self.max_body_bytes {
                return Err(self.too_large());
            }
            self.admission.try_grow(place, num_bytes).inspect_err(|_| self.metrics.refuse_call())?;
            read.extend_from_slice(&chunk);
        }
        Ok(read.into())
    }

    fn too_large(&self) -> Refusal {
        let error = format!("the body is larger than {} bytes; send several calls", self.max_body_bytes);
        Refusal { status: StatusCode::PAYLOAD_TOO_LARGE, error }
    }
}
