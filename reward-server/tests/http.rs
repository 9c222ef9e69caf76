//! The reward server as its HTTP callers see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use gradus_config::RewardServer;
use gradus_reward_server::{Error, Scorer, router};
use gradus_telemetry::Metrics;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

const SPEC: &str = r#"{"gold": "B", "options": ["red", "blue"], "components": [
    {"name": "accuracy", "kind": "answer", "weight": 0.5},
    {"name": "format", "kind": "format", "template": "think_answer", "weight": 0.5}]}"#;

fn routes() -> Router {
    let metrics = Metrics::new("reward-server");
    let config = RewardServer::default();
    router(&config, Scorer::new(&config, &metrics).unwrap(), metrics)
}

async fn call(routes: Router, request: Request<Body>) -> (StatusCode, String) {
    let response = routes.oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn post(body: &str) -> Request<Body> {
    post_to("/v1/score", body)
}

fn post_to(path: &str, body: &str) -> Request<Body> {
    Request::post(path).header("content-type", "application/json").body(Body::from(body.to_owned())).unwrap()
}

#[tokio::test]
async fn the_http_face_scores_and_refuses_alike() {
    let body = format!(
        r#"{{"spec": {SPEC}, "prefill": "<think>", "completions": [
            "x</think><answer>B</answer>", {{"text": "B", "num_tokens": 9, "finish_reason": "length"}}]}}"#
    );
    let (status, answer) = call(routes(), post(&body)).await;
    assert_eq!(status, StatusCode::OK);
    let expected = r#"{"rewards":[{"total":1.0,"components":{"accuracy":1.0,"format":1.0}},{"total":0.0,"components":{"accuracy":0.0,"format":0.0}}]}"#;
    assert_eq!(answer, expected);
    let (status, answer) = call(routes(), post(r#"{"spec": {"components": []}, "completions": []}"#)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.contains("it has no components"), "{answer}");
}

#[tokio::test]
async fn a_batch_has_a_reference_answer_a_row_and_keeps_a_bad_row_to_itself() {
    let body = r#"{
        "completions": ["\\boxed{4}", [{"role": "assistant", "content": "<think>x</think><answer>B</answer>"}], "7", "\\boxed{4}"],
        "golds": ["4", "B", null, 4.0], "options": [[], ["red", "blue"], [], []]}"#;
    let (status, answer) = call(routes(), post_to("/v1/batch", body)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["rewards"], json!([1.0, 1.5, null, 1.0]));
    assert_eq!(answer["components"]["format"], json!([0.0, 1.0, null, 0.0]));
    assert_eq!(answer["unscored"][0]["index"], 2);
    assert_eq!(answer["unscored"][0]["reason"], "error");
    let (status, answer) = call(routes(), post_to("/v1/batch", r#"{"completions": ["a", "b"], "golds": ["1"]}"#)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.contains("`golds` has 1 elements and `completions` has 2"), "{answer}");
}

async fn answered(path: &str, body: &Value) -> Value {
    let (status, answer) = call(routes(), post_to(path, &body.to_string())).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    serde_json::from_str(&answer).unwrap()
}

#[tokio::test]
async fn a_row_that_cannot_be_read_costs_no_other_row_anything() {
    let no_content = json!([{"role": "assistant", "content": null, "tool_calls": []}]);
    let body = json!({
        "completions": ["\\boxed{4}", "\\boxed{4}", "\\boxed{4}", no_content, "\\boxed{4}"],
        "golds": ["4", ["4", "5"], true, "4", "4"], "prompts": ["p", "p", "p", "p", "p"]});
    let answer = answered("/v1/batch", &body).await;
    assert_eq!(answer["rewards"], json!([1.0, null, null, null, 1.0]));
    let indices: Vec<&Value> =
        answer["unscored"].as_array().unwrap().iter().map(|unscored| &unscored["index"]).collect();
    assert_eq!(indices, [1, 2, 3]);
    let body = json!({"query": ["<answer>4</answer>", "4", 4], "labels": ["4", false, "4"]});
    let answer = answered("/get_reward", &body).await;
    assert_eq!(answer["extra_logs"]["unscored"], json!([0.0, 1.0, 1.0]));
}

#[tokio::test]
async fn a_reference_answer_that_cannot_be_used_is_never_a_failed_call() {
    for gold in [json!(null), json!(""), json!("x".repeat(5_000))] {
        let answer = answered("/v1/batch", &json!({"completions": ["4"], "golds": [gold]})).await;
        assert_eq!((&answer["rewards"], &answer["unscored"][0]["reason"]), (&json!([null]), &json!("error")));
        let answer = answered("/get_reward", &json!({"query": ["4"], "labels": [gold]})).await;
        assert_eq!(answer["extra_logs"]["unscored"], json!([1.0]));
    }
    let component = json!({"name": "a", "kind": "anwser", "weight": 1});
    let body = json!({"completions": ["4", "4"], "golds": ["4", null], "components": [component]});
    let (status, answer) = call(routes(), post_to("/v1/batch", &body.to_string())).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.contains("did you mean `answer`?"), "{answer}");
}

#[tokio::test]
async fn a_reference_answer_is_taken_out_of_its_element() {
    let components = json!([{"name": "exact", "kind": "exact", "weight": 1},
        {"name": "label", "kind": "label", "weight": 1}, {"name": "answer", "kind": "answer", "weight": 1}]);
    let body = json!({"completions": ["<answer>happy</answer>", "<answer>sad</answer>"],
        "golds": ["<answer> happy </answer>", "<answer> happy </answer>"], "components": components});
    assert_eq!(answered("/v1/batch", &body).await["rewards"], json!([3.0, 0.0]));
}

#[tokio::test]
async fn a_sample_answer_of_the_prompt_earns_nothing() {
    let query = "Answer as in <answer> $2$ </answer>. What is 1+1?";
    let body = json!({"query": [query, query], "prompts": ["What is 1+1?", ""], "labels": ["2", "2"]});
    assert_eq!(answered("/get_reward", &body).await["extra_logs"]["unscored"], json!([1.0, 0.0]));
}

#[tokio::test]
async fn completions_are_compared_where_their_prompts_are_known() {
    let components = json!([{"name": "short", "kind": "relative_length", "weight": 1}]);
    let body = |prompts: Value| {
        json!({"completions": ["a", "a b c", "a b", "a b c d"], "golds": ["A", "A", "A", "A"], "prompts": prompts,
            "components": components})
    };
    let answer = answered("/v1/batch", &body(json!(["p", "p", "q", "q"]))).await;
    let rewards: Vec<f64> = serde_json::from_value(answer["rewards"].clone()).unwrap();
    assert!(rewards[0] > rewards[1] && rewards[2] > rewards[3], "{rewards:?}");
    assert_eq!((rewards[0], rewards[1]), (rewards[2], rewards[3]), "two groups");
    for absent in [Value::Null, json!(["", "", "[]", null])] {
        let (status, answer) = call(routes(), post_to("/v1/batch", &body(absent).to_string())).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.contains("component `short` compares the completions of a prompt: send `prompts`"), "{answer}");
    }
}

#[tokio::test]
async fn a_prompt_that_is_not_known_costs_its_own_completion() {
    let components = json!([{"name": "short", "kind": "relative_length", "weight": 1}]);
    let body = json!({"completions": ["a", "a b c", "a b"], "golds": ["A", "A", "A"], "prompts": ["p", null, "p"],
        "components": components});
    let answer = answered("/v1/batch", &body).await;
    let rewards: Vec<Option<f64>> = serde_json::from_value(answer["rewards"].clone()).unwrap();
    assert!(rewards[0] > rewards[2] && rewards[2].is_some(), "those of `p` are compared: {rewards:?}");
    assert_eq!((&answer["unscored"][0]["index"], rewards[1]), (&json!(1), None));
    let detail = answer["unscored"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("send `prompts`"), "{detail}");
}

#[tokio::test]
async fn a_group_of_too_many_completions_is_refused_however_short_they_are() {
    let body = format!(r#"{{"spec": {SPEC}, "completions": [{}""]}}"#, r#""","#.repeat(1 << 17));
    let (status, answer) = call(routes(), post(&body)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.contains("more than 131072 rows"), "{answer}");
}

#[tokio::test]
async fn a_completion_with_a_misspelt_field_is_refused_by_its_name() {
    let body = format!(r#"{{"spec": {SPEC}, "completions": [{{"text": "B", "num_token": 9}}]}}"#);
    let (status, answer) = call(routes(), post(&body)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.contains("unknown field `num_token`"), "{answer}");
}

#[tokio::test]
async fn verdicts_are_told_where_they_are_asked_for() {
    let body = format!(r#"{{"spec": {SPEC}, "completions": ["\\boxed{{B}}", "no"], "decisions": true}}"#);
    let answer = answered("/v1/score", &serde_json::from_str(&body).unwrap()).await;
    let decision = &answer["rewards"][0]["decisions"]["accuracy"];
    assert_eq!((&decision["verdict"], &decision["extracted"]), (&json!("equal"), &json!("B")));
    assert!(decision["method"].is_string() && decision["reason"].is_string(), "{decision}");
    assert_eq!(answer["rewards"][0]["decisions"].as_object().unwrap().len(), 1, "a format compares nothing");
    assert_eq!(answer["rewards"][1]["decisions"]["accuracy"]["verdict"], "different");
}

#[tokio::test]
async fn a_body_is_refused_before_it_is_read() {
    let metrics = Metrics::new("reward-server");
    let config = RewardServer { max_queued_bytes: 4_096, ..Default::default() };
    let routes = router(&config, Scorer::new(&config, &metrics).unwrap(), metrics.clone());
    let large = json!({"completions": ["x".repeat(5_000)], "golds": ["4"]}).to_string();
    let declared = Request::post("/v1/batch").header("content-length", large.len()).body(Body::empty()).unwrap();
    for request in [declared, post_to("/v1/batch", &large)] {
        let (status, answer) = call(routes.clone(), request).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{answer}");
        assert!(answer.contains("larger than 4096 bytes"), "{answer}");
    }
    // One that is still arriving has the bytes that it said it needs.
    let arriving = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, Error>>());
    let arriving = Request::post("/v1/batch").header("content-length", 3_000).body(arriving).unwrap();
    let mut slow = Box::pin(routes.clone().oneshot(arriving));
    assert!(futures_util::poll!(&mut slow).is_pending());
    let (status, answer) = call(routes.clone(), post_to("/v1/score", &"x".repeat(2_000))).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{answer}");
    assert!(metrics.encode().contains("reward_server_refused_http_calls_total 1"));
    drop(slow);
    assert_eq!(call(routes, post_to("/v1/score", &"x".repeat(2_000))).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn get_reward_follows_the_contract_of_lmm_r1() {
    let body = r#"{
        "query": ["<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n<think>x</think><answer>4</answer><|im_end|>",
                  "<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n\\boxed{5}<|im_end|>", "?"],
        "prompts": ["[]", "[]", "[]"], "labels": ["4", "4", null]}"#;
    let (status, answer) = call(routes(), post_to("/get_reward", body)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let expected = json!({
        "rewards": [1.5, 0.0, 0.0], "scores": [1.5, 0.0, 0.0],
        "acc_rewards": [1.0, 0.0, 0.0], "format_rewards": [1.0, 0.0, 0.0],
        "extra_logs": {"accuracy": [1.0, 0.0, 0.0], "format": [1.0, 0.0, 0.0], "unscored": [0.0, 0.0, 1.0]}});
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn get_reward_pretends_no_values_of_components_that_the_reward_has_not() {
    let metrics = Metrics::new("reward-server");
    let mut config = RewardServer::default();
    config.reward.components.retain(|component| component.name == "accuracy");
    let routes = router(&config, Scorer::new(&config, &metrics).unwrap(), metrics);
    let (_, answer) =
        call(routes, post_to("/get_reward", r#"{"query": ["<answer>4</answer>"], "labels": ["4"]}"#)).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!((&answer["acc_rewards"], answer.get("format_rewards")), (&json!([1.0]), None));
}

#[tokio::test]
async fn an_overloaded_http_face_says_when_to_come_back() {
    let metrics = Metrics::new("reward-server");
    let config = RewardServer { max_queued_groups: 0, ..Default::default() };
    let routes = router(&config, Scorer::new(&config, &metrics).unwrap(), metrics);
    let request = post_to("/get_reward", r#"{"query": ["4"], "labels": ["4"]}"#);
    let response = routes.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(response.headers()["retry-after"], "1");
}

#[tokio::test]
async fn health_and_metrics_are_served() {
    let get = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    assert_eq!(call(routes(), get("/healthz")).await, (StatusCode::OK, "ok".to_owned()));
    let (status, page) = call(routes(), get("/metrics")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("reward_server_groups_in_progress 0"), "{page}");
}
