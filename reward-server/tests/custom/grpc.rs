//! Services that score over gRPC, fail, recover and hang.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use gradus_config::{CustomScorer, ScorerKind};
use gradus_proto::v1::{
    ScoreRequest, ScoreResponse,
    score_response::Outcome as Answer,
    scorer_server::{Scorer, ScorerServer},
};
use gradus_rpc::{Listener, Server as RpcServer};
use gradus_runtime::{Shutdown, spawn};
use gradus_telemetry::Metrics;
use tonic::{Request, Response, Status};

use crate::{Outcome, Server, custom};

/// Does what the completion says, and counts its calls.
#[derive(Clone, Default)]
struct Misbehaving(Arc<AtomicU32>);

#[tonic::async_trait]
impl Scorer for Misbehaving {
    async fn score(&self, request: Request<ScoreRequest>) -> Result<Response<ScoreResponse>, Status> {
        let call = self.0.fetch_add(1, Ordering::Relaxed);
        let request = request.into_inner();
        let outcome = match request.completion.as_str() {
            "hang" => std::future::pending().await,
            "flaky" if call == 0 => return Err(Status::unavailable("starting")),
            "down" => return Err(Status::unavailable("no luck")),
            "late" => return Err(Status::deadline_exceeded("the judge is slow")),
            "refuse" => return Err(Status::invalid_argument("not that")),
            "panic" => panic!("a defect of the service"),
            "nan" => Some(Answer::Score(f64::NAN)),
            "infinite" => Some(Answer::Score(f64::INFINITY)),
            "none" => Some(Answer::Error("it has no answer".to_owned())),
            "silent" => None,
            "flood" => Some(Answer::Error("x".repeat(1 << 20))),
            "record" => Some(Answer::Error(format!("{:?} {} {}", request.options, request.facts, request.num_tokens))),
            text => Some(Answer::Score(f64::from(u8::from(request.gold.as_deref() == Some(text))))),
        };
        Ok(Response::new(ScoreResponse { outcome }))
    }
}

/// Starts a service, and a server that asks it.
async fn start(declared: CustomScorer) -> (Server, Arc<AtomicU32>, impl Drop) {
    let service = Misbehaving::default();
    let calls = Arc::clone(&service.0);
    let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = Some(listener.endpoint().to_string());
    let serving = RpcServer::new(&Metrics::new("scorer")).with(ScorerServer::new(service));
    let serving = spawn("scorer", serving.serve(listener, Shutdown::new()));
    (Server::open(CustomScorer { address, ..declared }).unwrap(), calls, serving)
}

#[tokio::test]
async fn a_service_scores_and_its_failures_stay_with_their_samples() {
    let (server, _, _service) = start(CustomScorer { timeout_seconds: 1.0, ..custom(ScorerKind::Grpc) }).await;
    let texts = ["4", "hang", "late", "nan", "infinite", "none", "silent", "flood", "refuse", "5"];
    let outcomes = server.score(&texts).await;
    assert_eq!((&outcomes[0], &outcomes[9]), (&Outcome::Value(1.0), &Outcome::Value(0.0)));
    assert_eq!((&outcomes[1], &outcomes[2]), (&Outcome::Timeout, &Outcome::Timeout));
    for (index, reason) in [
        (3, "the value is NaN"),
        (4, "the value is inf"),
        (5, "it has no answer"),
        (6, "neither `score` nor `error`"),
        (7, "message length"),
        (8, "`invalid_argument`: not that"),
    ] {
        assert!(outcomes[index].is_error_about(reason), "{}: {:?}", texts[index], outcomes[index]);
    }
}

#[tokio::test]
async fn a_service_is_given_what_the_record_says() {
    let (server, _, _service) = start(custom(ScorerKind::Grpc)).await;
    let spec = r#"{"gold": "B", "options": ["red", "blue"], "facts": {"hue": 240},
        "components": [{"name": "own", "kind": "scorer", "scorer": "own", "weight": 1}]}"#;
    let outcome = Outcome::of(&server.score_by(spec, &["record"]).await[0]);
    assert!(outcome.is_error_about(r#"["red", "blue"] {"hue":240} 1"#), "{outcome:?}");
}

#[tokio::test]
async fn a_call_is_made_again_where_that_may_help() {
    let (server, calls, _service) = start(custom(ScorerKind::Grpc)).await;
    assert_eq!(server.score(&["flaky"]).await, [Outcome::Value(0.0)]);
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    assert!(server.score(&["refuse"]).await[0].is_error_about("not that"));
    assert_eq!(calls.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn repetitions_are_bounded_over_all_calls() {
    let (server, calls, _service) =
        start(CustomScorer { retry_budget: Some(0.0), timeout_seconds: 60.0, ..custom(ScorerKind::Grpc) }).await;
    let outcomes = server.score(&["down"; 50]).await;
    assert!(outcomes.iter().all(|outcome| outcome.is_error_about("`unavailable`: no luck")), "{outcomes:?}");
    assert_eq!(calls.load(Ordering::Relaxed), 60);
}

#[tokio::test]
async fn a_service_that_breaks_is_called_again_over_a_new_connection() {
    let (server, _, _service) = start(custom(ScorerKind::Grpc)).await;
    assert!(server.score(&["panic"]).await[0].is_error_about("scorer `own`: `127.0.0.1:"));
    assert_eq!(server.score(&["4"]).await, [Outcome::Value(1.0)]);
}

#[tokio::test]
async fn a_service_that_is_not_there_costs_its_samples_alone() {
    let address = Some("127.0.0.1:1".to_owned());
    let server = Server::open(CustomScorer { address, ..custom(ScorerKind::Grpc) }).unwrap();
    assert!(server.score(&["4"]).await[0].is_error_about("`127.0.0.1:1` failed as `unavailable`"));
}

#[test]
fn what_is_no_address_is_refused_at_load() {
    for address in ["scorer", "https://scorer.example:443", "127.0.0.1:port", ""] {
        let declared = CustomScorer { address: Some(address.to_owned()), ..custom(ScorerKind::Grpc) };
        assert!(Server::open(declared).is_err(), "{address}");
    }
}
