//! Groups through the scorer and over the wire.

use gradus_config::RewardServer;
use gradus_proto::v1;
use gradus_rpc::{Endpoint, Listener, Server, connect, stub};
use gradus_runtime::{Shutdown, spawn};
use gradus_telemetry::Metrics;
use gradus_types::{FinishReason, Reward};

use crate::{CompletionText, Error, ScoreRequest, Scorer, grpc, metrics::ScoreMetrics};

const SPEC: &str = r#"{
    "gold": "7",
    "components": [
        {"name": "accuracy", "kind": "answer", "weight": 0.9},
        {"name": "format", "kind": "format", "weight": 0.1, "template": "think_answer"}
    ]
}"#;

fn scorer(config: &RewardServer) -> Scorer {
    Scorer::new(config, ScoreMetrics::new(&Metrics::new("reward_server"))).unwrap()
}

fn request(spec: &str, prefill: &str, texts: &[&str]) -> ScoreRequest {
    let completion =
        |text: &&str| CompletionText { text: (*text).to_owned(), num_tokens: 8, finish_reason: FinishReason::Stop };
    ScoreRequest {
        spec: spec.to_owned(),
        prefill: prefill.to_owned(),
        completions: texts.iter().map(completion).collect(),
    }
}

fn totals(rewards: &[Reward]) -> Vec<Option<f64>> {
    rewards.iter().map(|reward| reward.total().map(|total| (total * 100.0).round() / 100.0)).collect()
}

#[tokio::test]
async fn rewards_come_in_the_order_of_the_completions() {
    let texts =
        ["<think>3 + 4.</think><answer>7</answer>", "<think>.</think><answer>8</answer>", "<answer>7.0</answer>"];
    let rewards = scorer(&RewardServer::default()).score(request(SPEC, "", &texts)).await.unwrap();
    assert_eq!(totals(&rewards), [Some(1.0), Some(0.1), Some(0.9)]);
    assert_eq!(rewards[0].component("format"), Some(1.0));
}

#[tokio::test]
async fn a_prefill_counts_as_part_of_the_completion() {
    let request = request(SPEC, "<think>", &["3 + 4.</think><answer>7</answer>"]);
    let rewards = scorer(&RewardServer::default()).score(request).await.unwrap();
    assert_eq!(totals(&rewards), [Some(1.0)]);
}

#[tokio::test]
async fn an_unknown_component_is_refused_by_name() {
    let spec = SPEC.replace("\"kind\": \"answer\"", "\"kind\": \"anser\"");
    let error = scorer(&RewardServer::default()).score(request(&spec, "", &["x"])).await.unwrap_err();
    assert!(matches!(&error, Error::Spec(cause) if cause.to_string().contains("anser")), "{error:?}");
}

#[tokio::test]
async fn a_group_beyond_the_bound_is_refused_as_overload() {
    let config = RewardServer { max_queued_groups: 0, ..RewardServer::default() };
    let error = scorer(&config).score(request(SPEC, "", &["x"])).await.unwrap_err();
    assert!(matches!(error, Error::Overloaded { max_queued_groups: 0 }));
}

#[tokio::test]
async fn a_group_is_scored_over_a_unix_socket() {
    let directory = tempfile::tempdir().unwrap();
    let endpoint: Endpoint = format!("unix:{}", directory.path().join("reward.sock").display()).parse().unwrap();
    let listener = Listener::bind(&endpoint).await.unwrap();
    let shutdown = Shutdown::new();
    let service = stub::reward_server(grpc::Service::new(scorer(&RewardServer::default())));
    let server = Server::new(&Metrics::new("reward_server")).with(service);
    let serving = spawn("serve", server.serve(listener, shutdown.clone()));
    let completion = |text: &str| v1::CompletionText {
        text: text.to_owned(),
        num_tokens: 3,
        finish_reason: v1::FinishReason::Stop.into(),
    };
    let request = v1::ScoreGroupRequest {
        group_id: 1,
        reward_spec: SPEC.to_owned(),
        prefill: String::new(),
        completions: vec![completion("<answer>7</answer>"), completion("seven")],
    };
    let response = stub::reward(connect(&endpoint)).score_group(request).await.unwrap().into_inner();
    let rewards: Vec<Reward> = response.rewards.into_iter().map(|reward| reward.try_into().unwrap()).collect();
    assert_eq!(totals(&rewards)[0], Some(0.9));
    shutdown.trigger();
    serving.await.unwrap().unwrap();
}
