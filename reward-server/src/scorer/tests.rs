//! Samples that fail alone, and groups that are refused.

use std::sync::{
    OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use gradus_process::chain;
use gradus_types::UnscoredReason;
use gradus_verify::{Measures, Response};
use tokio::sync::Semaphore;

use super::*;
use crate::SampleText;

const SPEC: &str = r#"{"gold": "4", "components": [{"name": "accuracy", "kind": "answer", "weight": 1}]}"#;

fn scorer(config: &RewardServer) -> (Scorer, Metrics) {
    let metrics = Metrics::new("reward-server");
    (Scorer::new(config, &metrics).unwrap(), metrics)
}

fn group(texts: &[&str]) -> GroupToScore {
    let samples = texts.iter().map(|text| SampleText::new(*text)).collect();
    GroupToScore { spec: SPEC.to_owned(), prefill: String::new(), samples }
}

fn reason(reward: &Reward) -> Option<UnscoredReason> {
    match reward {
        Reward::Scored { .. } => None,
        Reward::Unscored { reason, .. } => Some(*reason),
    }
}

/// Holds up the samples that say `stall` until their test is over.
static TEST_IS_OVER: OnceLock<()> = OnceLock::new();

fn misbehave(plan: &RewardPlan, response: &Response) -> Measures {
    match response.text() {
        "panic" => panic!("a defect in a scorer"),
        "stall" => *TEST_IS_OVER.wait(),
        _ => {}
    }
    plan.measure(response)
}

#[tokio::test]
async fn a_panic_leaves_the_rest_of_the_group_as_it_is() {
    let (mut scorer, metrics) = scorer(&RewardServer { threads: 2, ..Default::default() });
    scorer.measure_sample = misbehave;
    let rewards = scorer.score(group(&[r"\boxed{4}", "panic", r"\boxed{5}"])).await.unwrap();
    assert_eq!(rewards[0].total(), Some(1.0));
    assert_eq!(reason(&rewards[1]), Some(UnscoredReason::Error));
    assert_eq!(rewards[2].total(), Some(0.0));
    let Reward::Unscored { detail, .. } = &rewards[1] else { panic!("the sample was scored") };
    assert!(detail.contains("a defect in a scorer"), "{detail}");
    let page = metrics.encode();
    for line in ["reward_server_samples_total{outcome=\"Error\"} 1", "reward_server_panics_total 1"] {
        assert!(page.contains(line), "{line} is not in {page}");
    }
    let ratio = page.lines().find_map(|line| line.strip_prefix("reward_server_unscored_ratio ")).unwrap();
    assert!(ratio.parse::<f64>().unwrap() > 0.0, "{ratio}");
}

#[tokio::test]
async fn a_total_that_is_not_finite_is_an_error() {
    let (scorer, _) = scorer(&RewardServer::default());
    let spec =
        r#"{"components": [{"name": "l", "kind": "length", "value_per_token": 1e9, "weight": 1e308}]}"#.to_owned();
    let rewards = scorer.score(GroupToScore { spec, ..group(&["a b c", ""]) }).await.unwrap();
    assert_eq!(reason(&rewards[0]), Some(UnscoredReason::Error));
    assert_eq!(rewards[1].total(), Some(0.0));
}

#[tokio::test]
async fn a_sample_that_overruns_is_a_timeout_and_never_a_zero() {
    // What ends at all ends far within a second, on however busy a machine.
    let config = RewardServer { threads: 2, sample_timeout_seconds: 1.0, ..Default::default() };
    let (mut scorer, _) = scorer(&config);
    scorer.measure_sample = misbehave;
    let rewards = scorer.score(group(&["stall", r"\boxed{4}"])).await.unwrap();
    assert_eq!(reason(&rewards[0]), Some(UnscoredReason::Timeout));
    assert_eq!(rewards[1].total(), Some(1.0));
    TEST_IS_OVER.set(()).unwrap();
}

/// Holds up the first sample of a group that its caller leaves, which tells that it has begun.
static LEFT: (Semaphore, OnceLock<()>) = (Semaphore::const_new(0), OnceLock::new());
static NUM_BEGUN: AtomicUsize = AtomicUsize::new(0);

#[tokio::test]
async fn a_caller_that_leaves_takes_along_what_was_not_begun() {
    let (mut scorer, _) = scorer(&RewardServer { threads: 1, ..Default::default() });
    scorer.measure_sample = |plan, response| {
        if NUM_BEGUN.fetch_add(1, Ordering::SeqCst) == 0 {
            LEFT.0.add_permits(1);
            LEFT.1.wait();
        }
        plan.measure(response)
    };
    let left = Box::pin(scorer.score(group(&[r"\boxed{4}"; 8])));
    tokio::select! {
        _ = left => panic!("a sample that is held up was scored"),
        begun = LEFT.0.acquire() => begun.unwrap().forget(),
    }
    LEFT.1.set(()).unwrap();
    // On the only thread this comes after the group that was left.
    assert_eq!(scorer.score(group(&[r"\boxed{4}"])).await.unwrap()[0].total(), Some(1.0));
    assert_eq!(NUM_BEGUN.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_panic_in_small_work_is_an_error_and_counted() {
    let (scorer, metrics) = scorer(&RewardServer::default());
    let error = scorer.work(1, || panic!("a defect in an answer")).await.map(|()| "done").unwrap_err();
    assert!(chain(&error).contains("a defect in an answer"), "{error:?}");
    assert!(metrics.encode().contains("reward_server_panics_total 1"));
}

#[tokio::test]
async fn a_group_too_many_is_refused() {
    let (scorer, metrics) = scorer(&RewardServer { max_queued_groups: 0, ..Default::default() });
    let refused = scorer.score(group(&["x"])).await.unwrap_err();
    assert!(matches!(refused, ScoreError::Overloaded { key: "max_queued_groups", limit: 0 }), "{refused}");
    assert!(metrics.encode().contains("reward_server_refused_groups_total 1"));
}

#[tokio::test]
async fn a_spec_that_cannot_be_compiled_refuses_the_group() {
    let (scorer, _) = scorer(&RewardServer::default());
    let spec = SPEC.replace("answer", "anwser");
    let error = scorer.score(GroupToScore { spec, ..group(&["x"]) }).await.unwrap_err();
    assert!(error.to_string().contains("did you mean `answer`?"), "{error}");
}

#[tokio::test]
async fn undecided_answers_are_counted() {
    let (scorer, metrics) = scorer(&RewardServer::default());
    let spec = SPEC.replace("\"4\"", r#""\\int_0^1 e^{x^3} dx""#);
    scorer.score(GroupToScore { spec, ..group(&[r"\boxed{2}"]) }).await.unwrap();
    assert!(metrics.encode().contains("reward_server_undecided_answers_total 1"));
}

#[tokio::test]
async fn every_component_with_an_undecided_answer_is_counted() {
    let (scorer, metrics) = scorer(&RewardServer::default());
    let component = |name: &str| format!(r#"{{"name": "{name}", "kind": "answer", "weight": 1}}"#);
    let spec = format!(
        r#"{{"gold": "\\\\int_0^1 e^{{x^3}} dx", "components": [
            {{"name": "exact", "kind": "exact", "weight": 1}}, {}, {}]}}"#,
        component("one"),
        component("two")
    );
    scorer.score(GroupToScore { spec, ..group(&[r"\boxed{2}"]) }).await.unwrap();
    assert!(metrics.encode().contains("reward_server_undecided_answers_total 2"));
}

/// Holds up the only thread until its test is over.
static RELEASED: OnceLock<()> = OnceLock::new();

#[tokio::test]
async fn a_group_that_waits_to_be_compiled_has_its_deadline_as_well() {
    let config = RewardServer { threads: 1, group_timeout_seconds: 0.5, ..Default::default() };
    let (mut scorer, _) = scorer(&config);
    scorer.measure_sample = |_, _| {
        RELEASED.wait();
        panic!("too late to be of use")
    };
    let held = scorer.score(group(&["x"])).await.unwrap();
    assert_eq!(reason(&held[0]), Some(UnscoredReason::Timeout));
    let spec = SPEC.replace('4', "5");
    let rewards = scorer.score(GroupToScore { spec, ..group(&["x", "y"]) }).await.unwrap();
    assert_eq!(rewards.iter().map(reason).collect::<Vec<_>>(), [Some(UnscoredReason::Timeout); 2]);
    RELEASED.set(()).unwrap();
}

#[tokio::test]
async fn the_prefill_counts_for_scoring() {
    let (scorer, _) = scorer(&RewardServer::default());
    let spec =
        r#"{"components": [{"name": "f", "kind": "format", "template": "think_answer", "weight": 1}]}"#.to_owned();
    let group = GroupToScore { spec, prefill: "<think>".to_owned(), ..group(&["so</think><answer>4</answer>"]) };
    assert_eq!(scorer.score(group).await.unwrap()[0].total(), Some(1.0));
}
