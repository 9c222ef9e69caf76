//! The command's contract. The losses themselves are tested against other frameworks' numbers in `gradus-algorithms`.

use serde_json::{Value, json};

use super::{evaluate::Outcome, *};

fn outcome(input: Value) -> Outcome {
    evaluate(&serde_json::from_value(input).unwrap()).unwrap()
}

fn failure(input: Value) -> String {
    match serde_json::from_value::<Input>(input) {
        Ok(input) => evaluate(&input).unwrap_err().to_string(),
        Err(error) => error.to_string(),
    }
}

fn sample(logprobs: &[f64], mask: Value) -> Value {
    json!({"logprobs": logprobs, "old_logprobs": logprobs, "ref_logprobs": null, "values": null, "mask": mask})
}

#[test]
fn an_on_policy_token_mean_has_minus_the_advantages_over_the_token_count_as_gradient() {
    let outcome = outcome(json!({
        "config": {"advantage": "dr_grpo"},
        "groups": [{"rewards": [1, 0], "samples": [sample(&[-1.0, -2.0], json!([1, 1])), sample(&[-1.0, -1.0], json!([1, 0]))]}],
    }));
    assert_eq!(outcome.advantages, [[0.5, 0.5], [-0.5, 0.0]]);
    assert_eq!(outcome.grad_logprobs, [[-0.5 / 3.0, -0.5 / 3.0], [0.5 / 3.0, 0.0]]);
    assert!((outcome.loss - -0.5 / 3.0).abs() < 1e-12);
}

#[test]
fn a_mask_may_be_of_booleans_and_masked_tokens_may_hold_anything() {
    let with = |mask: Value, padding: f64| {
        outcome(json!({
            "config": {},
            "groups": [{"rewards": [1, 0], "samples": [sample(&[-1.0, padding], mask), sample(&[-2.0], json!([true]))]}],
        }))
    };
    assert_eq!(with(json!([true, false]), 0.0), with(json!([1.0, 0.0]), -99.0));
}

#[test]
fn an_unscored_sample_has_no_part_in_the_loss() {
    let outcome = outcome(json!({
        "config": {},
        "groups": [{"rewards": [1, null, 0], "samples": [sample(&[-1.0], json!([1])), sample(&[-9.0], json!([1])), sample(&[-2.0], json!([1]))]}],
    }));
    assert_eq!((outcome.advantages[1][0], outcome.grad_logprobs[1][0]), (0.0, 0.0));
    assert_eq!(outcome.metrics["rollout/num_unscored"], 1.0);
    assert_eq!(outcome.metrics["reward/mean"], 0.5);
}

#[test]
fn the_components_sum_to_the_loss() {
    let sample = json!({"logprobs": [-1.0, -2.0], "old_logprobs": [-1.1, -1.9], "ref_logprobs": [-0.9, -2.4]});
    let outcome = outcome(
        json!({"config": {"kl_coefficient": 0.04}, "groups": [{"rewards": [1, 0], "samples": [sample, sample]}]}),
    );
    assert!((outcome.loss_components.values().sum::<f64>() - outcome.loss).abs() < 1e-15);
    assert!((outcome.loss_components["kl"] - 0.04 * outcome.metrics["loss/kl"]).abs() < 1e-15);
}

#[test]
fn resampling_leaves_unselected_samples_without_gradient() {
    let samples = [-1.0, -2.0, -3.0, -4.0].map(|logprob| sample(&[logprob], json!([1])));
    let outcome = outcome(json!({
        "config": {"pad": {"ratio": 0.5}},
        "groups": [{"rewards": [1, 0, 0, 0.5], "samples": samples}],
        "seed": 3,
    }));
    assert_eq!(outcome.grad_logprobs.iter().filter(|gradient| gradient[0] != 0.0).count(), 2);
    assert_eq!(outcome.metrics["pad/num_selected_samples"], 2.0);
}

#[test]
fn values_are_measured_against_the_rewards() {
    let sample = |value: f64| json!({"logprobs": [-1.0], "values": [value]});
    let input = |values: [f64; 2]| {
        outcome(json!({"config": {}, "groups": [{"rewards": [1, 0], "samples": values.map(sample)}]}))
    };
    assert_eq!(input([1.0, 0.0]).metrics["value/explained_variance"], 1.0);
    assert_eq!(input([0.5, 0.5]).metrics["value/explained_variance"], 0.0);
}

#[test]
fn streams_that_do_not_fit_together_are_named() {
    let group =
        |sample: Value| json!({"config": {"kl_coefficient": 0.1}, "groups": [{"rewards": [1], "samples": [sample]}]});
    let message = failure(group(json!({"logprobs": [-1.0, -1.0], "old_logprobs": [-1.0]})));
    assert_eq!(message, "sample `0` of group `0` has 1 `old_logprobs` for 2 `logprobs`");
    let message = failure(group(json!({"logprobs": [-1.0]})));
    assert!(message.contains("no `ref_logprobs`"), "{message}");
    let message = failure(json!({"config": {}, "groups": [{"rewards": [1, 2], "samples": []}]}));
    assert_eq!(message, "group `0` has 2 rewards for 0 samples");
    assert!(failure(json!({"config": {"clip_hihg": 1}, "groups": []})).contains("clip_hihg"));
}

#[test]
fn an_empty_batch_has_a_loss_of_zero() {
    assert_eq!(outcome(json!({"config": {}, "groups": []})).loss, 0.0);
}
