//! Services that score, fail, recover and hang.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::post};
use gradus_config::{CustomScorer, ScorerKind};
use gradus_rpc::serve_http;
use gradus_runtime::{Shutdown, spawn};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::{Outcome, Server, custom};

type Calls = Arc<AtomicU32>;

/// Does what the completion says.
async fn misbehave(State(calls): State<Calls>, Json(sample): Json<Value>) -> axum::response::Response {
    let call = calls.fetch_add(1, Ordering::Relaxed);
    match sample["completion"].as_str().unwrap() {
        "hang" => std::future::pending().await,
        "flaky" if call == 0 => (StatusCode::SERVICE_UNAVAILABLE, "starting").into_response(),
        "broken" => (StatusCode::INTERNAL_SERVER_ERROR, "no luck").into_response(),
        "refuse" => (StatusCode::BAD_REQUEST, "not that").into_response(),
        "none" => Json(json!({"error": "it has no answer"})).into_response(),
        "garbage" => "7".into_response(),
        "talk" => "7".repeat(1 << 17).into_response(),
        text => Json(json!({"score": f64::from(u8::from(sample["gold"] == text))})).into_response(),
    }
}

/// Starts a service, and a server that asks it.
async fn start(mut declared: CustomScorer) -> (Server, Calls, impl Drop) {
    let calls = Calls::default();
    let router = Router::new().route("/", post(misbehave)).with_state(Arc::clone(&calls));
    let (tell, told) = oneshot::channel();
    let service = spawn("service", async move {
        let endpoint = "127.0.0.1:0".parse().unwrap();
        serve_http(&endpoint, router, Shutdown::new(), |bound| tell.send(bound.to_string()).unwrap()).await
    });
    declared.url = Some(format!("http://{}/", told.await.unwrap()));
    (Server::open(declared).unwrap(), calls, service)
}

#[tokio::test]
async fn a_service_scores_and_its_failures_stay_with_their_samples() {
    let declared = CustomScorer { timeout_seconds: 1.0, ..custom(ScorerKind::Http) };
    let (server, _, _service) = start(declared).await;
    let outcomes = server.score(&["4", "hang", "none", "garbage", "refuse", "5"]).await;
    assert_eq!(outcomes[0], Outcome::Value(1.0));
    assert_eq!(outcomes[1], Outcome::Timeout);
    assert!(outcomes[2].is_error_about("it has no answer"), "{outcomes:?}");
    assert!(outcomes[3].is_error_about("the answer is no"), "{outcomes:?}");
    assert!(outcomes[4].is_error_about("400 Bad Request: not that"), "{outcomes:?}");
    assert_eq!(outcomes[5], Outcome::Value(0.0));
}

#[tokio::test]
async fn a_call_is_made_again_where_that_may_help() {
    let (server, calls, _service) = start(custom(ScorerKind::Http)).await;
    assert_eq!(server.score(&["flaky"]).await, [Outcome::Value(0.0)]);
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    assert!(server.score(&["refuse"]).await[0].is_error_about("400"));
    assert_eq!(calls.load(Ordering::Relaxed), 3);
    assert!(server.score(&["talk"]).await[0].is_error_about("the answer cannot be read"));
    assert_eq!(calls.load(Ordering::Relaxed), 4);
}

#[tokio::test]
async fn repetitions_are_bounded_over_all_calls() {
    let declared = CustomScorer { retry_budget: Some(0.0), ..custom(ScorerKind::Http) };
    let (server, calls, _service) = start(declared).await;
    let outcomes = server.score(&["broken"; 50]).await;
    assert!(outcomes.iter().all(|outcome| outcome.is_error_about("500")), "{outcomes:?}");
    assert_eq!(calls.load(Ordering::Relaxed), 60);
}

#[test]
fn what_is_no_url_is_refused_at_load() {
    for url in ["127.0.0.1:9000", "https://scorer.example/", "not a url"] {
        let declared = CustomScorer { url: Some(url.to_owned()), ..custom(ScorerKind::Http) };
        assert!(Server::open(declared).is_err(), "{url}");
    }
}
