//! The reward server as its gRPC callers see it, over a Unix socket.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use futures_util::StreamExt;
use gradus_config::RunConfig;
use gradus_proto::v1::{
    CompletionText, FinishReason, ScoreGroupRequest, ScoreGroupsResponse, reward::Outcome, score_groups_response,
};
use gradus_reward_server::{Error, Service};
use gradus_rpc::{CallError, ClientConfig, Code, RetryPolicy, connect_with, idempotent, stub};
use gradus_runtime::{Shutdown, Task, spawn};

const SPEC: &str = r#"{"gold": "B", "options": ["red", "blue"], "components": [
    {"name": "accuracy", "kind": "answer", "weight": 0.5},
    {"name": "format", "kind": "format", "template": "think_answer", "weight": 0.5}]}"#;

/// Reads the demonstration's run file, with the run in a directory of the test's own.
fn config(directory: &Path, assignments: &[&str]) -> RunConfig {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../recipes/demo.toml");
    let mut assignments: Vec<String> = assignments.iter().map(|text| (*text).to_owned()).collect();
    assignments.push(format!("run.directory={}", directory.display()));
    gradus_config::load(&path, &assignments).unwrap()
}

fn start(config: &RunConfig, shutdown: &Shutdown) -> Task<Result<(), Error>> {
    spawn("reward-server", Service::open(config).unwrap().run(shutdown.clone()))
}

fn request(spec: &str, texts: &[&str]) -> ScoreGroupRequest {
    let completion = |text: &&str| CompletionText {
        text: (*text).to_owned(),
        num_tokens: 3,
        finish_reason: FinishReason::Stop.into(),
    };
    let completions = texts.iter().map(completion).collect();
    ScoreGroupRequest { group_id: 7, reward_spec: spec.to_owned(), prefill: String::new(), completions }
}

#[tokio::test]
async fn groups_are_scored_over_a_socket_until_the_shutdown() {
    let directory = tempfile::tempdir().unwrap();
    let config = config(directory.path(), &[]);
    let shutdown = Shutdown::new();
    let server = start(&config, &shutdown);
    let endpoint = config.reward_server_endpoint().parse().unwrap();
    let mut client = stub::reward(connect_with(&endpoint, &ClientConfig::default()));
    let texts = ["<think>x</think><answer>(B) blue</answer>", "blue", "<think>x</think><answer>red</answer>"];
    let response = client.score_group(idempotent(request(SPEC, &texts))).await.unwrap().into_inner();
    let totals: Vec<f64> = response
        .rewards
        .into_iter()
        .map(|reward| match reward.outcome {
            Some(Outcome::Scored(scored)) => scored.total,
            outcome => panic!("not scored: {outcome:?}"),
        })
        .collect();
    assert_eq!(totals, [1.0, 0.0, 0.5]);
    shutdown.trigger();
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn what_cannot_be_scored_is_an_invalid_argument_that_says_why() {
    let directory = tempfile::tempdir().unwrap();
    let config = config(directory.path(), &[]);
    let shutdown = Shutdown::new();
    let _server = start(&config, &shutdown);
    let endpoint = config.reward_server_endpoint().parse().unwrap();
    let mut client = stub::reward(connect_with(&endpoint, &ClientConfig::default()));
    let misspelt = SPEC.replace("think_answer", "think_anser");
    let unspecified = ScoreGroupRequest { completions: vec![CompletionText::default()], ..request(SPEC, &[]) };
    for (request, expected) in [
        (request("{", &["x"]), "failed to read the reward spec"),
        (request(&misspelt, &["x"]), "did you mean `think_answer`?"),
        (unspecified, "`finish_reason`"),
    ] {
        let error = CallError::from(client.score_group(idempotent(request)).await.unwrap_err());
        assert_eq!(error.code, Code::InvalidArgument);
        assert!(error.message.contains(expected), "{error}");
    }
}

#[tokio::test]
async fn an_overloaded_server_says_so_and_a_retry_is_sane() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = config(directory.path(), &[]);
    config.reward_server.max_queued_groups = 0;
    let shutdown = Shutdown::new();
    let _server = start(&config, &shutdown);
    let endpoint = config.reward_server_endpoint().parse().unwrap();
    let patient = ClientConfig { retry: RetryPolicy { max_attempts: 3, ..Default::default() }, ..Default::default() };
    let mut client = stub::reward(connect_with(&endpoint, &patient));
    let error = CallError::from(client.score_group(idempotent(request(SPEC, &["x"]))).await.unwrap_err());
    assert_eq!(error.code, Code::ResourceExhausted);
    assert!(error.is_retryable());
}

#[tokio::test]
async fn a_message_that_is_too_large_is_refused_before_all_of_it_is_held() {
    let directory = tempfile::tempdir().unwrap();
    let config = config(directory.path(), &["reward_server.max_message_bytes=4096"]);
    let shutdown = Shutdown::new();
    let _server = start(&config, &shutdown);
    let endpoint = config.reward_server_endpoint().parse().unwrap();
    let mut client = stub::reward(connect_with(&endpoint, &ClientConfig::default()));
    let large = "x".repeat(5_000);
    let error = CallError::from(client.score_group(idempotent(request(SPEC, &[&large]))).await.unwrap_err());
    assert_eq!(error.code, Code::InvalidArgument);
    assert!(error.message.contains("4096"), "{error}");
}

#[tokio::test]
async fn a_stream_answers_every_group_by_its_id_and_outlives_a_group_that_cannot_be_scored() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = config(directory.path(), &[]);
    // Fewer places than groups: a stream waits where a single call is refused.
    config.reward_server.max_queued_groups = 2;
    config.reward_server.max_stream_groups = 4;
    let shutdown = Shutdown::new();
    let _server = start(&config, &shutdown);
    let endpoint = config.reward_server_endpoint().parse().unwrap();
    let mut client = stub::reward(connect_with(&endpoint, &ClientConfig::default()));
    let group = |group_id| {
        let spec = if group_id == 13 { "{" } else { SPEC };
        ScoreGroupRequest { group_id, ..request(spec, &["<think>x</think><answer>blue</answer>"; 3]) }
    };
    let requests = futures_util::stream::iter((0..100).map(group));
    let answers = client.score_groups(requests).await.unwrap().into_inner();
    let answers: Vec<ScoreGroupsResponse> = answers.map(Result::unwrap).collect().await;
    let mut ids: Vec<u64> = answers.iter().map(|answer| answer.group_id).collect();
    ids.sort_unstable();
    assert_eq!(ids, (0..100).collect::<Vec<_>>());
    for answer in answers {
        match answer.outcome.unwrap() {
            score_groups_response::Outcome::Scored(scored) => assert_eq!(scored.rewards.len(), 3),
            score_groups_response::Outcome::Refused(refused) => {
                assert_eq!((answer.group_id, refused.code), (13, 3));
                assert!(refused.message.contains("failed to read the reward spec"), "{}", refused.message);
            }
        }
    }
}

#[test]
fn a_misspelt_reward_of_the_run_file_is_found_before_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = config(directory.path(), &[]);
    let Some(evaluation) = &mut config.evaluation else { panic!("the demonstration has an evaluation") };
    evaluation.reward.components[0].kind = "anwser".to_owned();
    let error = Service::check(&config).unwrap_err();
    assert_eq!(error.to_string(), "the reward of the evaluation cannot be computed");
}

#[test]
fn an_unknown_scorer_of_the_run_file_is_found_before_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = config(directory.path(), &[]);
    let scorer = r#"{"name": "gsm8k", "kind": "http", "url": "http://127.0.0.1:9/"}"#;
    config.reward_server.scorers.push(serde_json::from_str(scorer).unwrap());
    let component = r#"{"name": "own", "kind": "scorer", "scorer": "gsm8", "weight": 1}"#;
    let Some(evaluation) = &mut config.evaluation else { panic!("the demonstration has an evaluation") };
    evaluation.reward.components.push(serde_json::from_str(component).unwrap());
    let error = Service::check(&config).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(cause, "component `own` names unknown scorer `gsm8`, did you mean `gsm8k`?");
}
