//! A prefix shared by its suffixes against the same prompt repeated: equal scores and equal gradients.

use gradus_model::{ComputeType, PackedBatch, PackedGroup, Policy, ScoreOptions};
use tch::{Kind, Tensor};

use crate::fixture::{Case, assert_close, cases, load, score};

fn shared<'a>(case: &'a Case, prompt: &'a gradus_model::Prompt) -> Vec<PackedGroup<'a>> {
    vec![PackedGroup { prompt, suffixes: case.suffixes() }]
}

fn repeated<'a>(case: &'a Case, prompt: &'a gradus_model::Prompt) -> Vec<PackedGroup<'a>> {
    case.suffixes().into_iter().map(|suffix| PackedGroup { prompt, suffixes: vec![suffix] }).collect()
}

#[test]
fn a_shared_prefix_scores_like_repeated_prompts() {
    for checkpoint in ["multimodal_gqa2", "multimodal_mha_tied", "multimodal_gqa4_nested"] {
        let policy = load(checkpoint, ComputeType::F32);
        for case in cases(checkpoint) {
            let prompt = case.prompt();
            let one = score(&policy, &shared(&case, &prompt), case.options());
            let many = score(&policy, &repeated(&case, &prompt), case.options());
            assert_close(&one.logprobs, &many.logprobs, 1e-5, &case.name);
            assert_close(&one.entropy.unwrap(), &many.entropy.unwrap(), 1e-5, &case.name);
        }
    }
}

/// The gradients of a loss that weighs every token differently.
fn gradients(policy: &Policy, groups: &[PackedGroup<'_>], options: ScoreOptions) -> Vec<Tensor> {
    let batch = PackedBatch::new(groups, policy.config(), policy.device()).unwrap();
    let scores = policy.score(&batch, options).unwrap();
    let num_tokens = scores.logprobs.size()[0];
    let weights = Tensor::arange(num_tokens, (Kind::Float, policy.device())).sin();
    assert!(scores.entropy.is_some_and(|entropy| !entropy.requires_grad()), "the entropy is a measure");
    let loss = (scores.logprobs * weights).sum(Kind::Float);
    let parameters = policy.parameters();
    let tensors: Vec<&Tensor> = parameters.iter().map(|parameter| &parameter.tensor).collect();
    Tensor::run_backward(&[loss], &tensors, false, false)
}

#[test]
fn the_gradient_of_a_shared_prefix_is_that_of_repeated_prompts() {
    for checkpoint in ["multimodal_gqa2", "multimodal_mha_tied", "multimodal_gqa4_nested"] {
        let policy = load(checkpoint, ComputeType::F32);
        let case = &cases(checkpoint)[5];
        let prompt = case.prompt();
        let one = gradients(&policy, &shared(case, &prompt), case.options());
        let many = gradients(&policy, &repeated(case, &prompt), case.options());
        for ((parameter, one), many) in policy.parameters().iter().zip(&one).zip(&many) {
            let scale = many.abs().max().double_value(&[]).max(1.0);
            assert!(many.abs().max().double_value(&[]) > 0.0, "{} has no gradient", parameter.name);
            assert_close(one, many, 1e-4 * scale, &parameter.name);
        }
    }
}

#[test]
fn the_gradient_agrees_with_finite_differences() {
    let policy = load("multimodal_gqa2", ComputeType::F32);
    let case = &cases("multimodal_gqa2")[2];
    let prompt = case.prompt();
    let groups = shared(case, &prompt);
    let batch = PackedBatch::new(&groups, policy.config(), policy.device()).unwrap();
    let loss = || policy.score(&batch, case.options()).unwrap().logprobs.mean(Kind::Float);
    let names = ["visual.blocks.0.attn.qkv.weight", "model.layers.0.self_attn.k_proj.weight", "lm_head.weight"];
    for parameter in policy.parameters().iter().filter(|parameter| names.contains(&parameter.name.as_str())) {
        let gradient = Tensor::run_backward(&[loss()], &[&parameter.tensor], false, false).remove(0);
        let norm = gradient.norm().double_value(&[]);
        let step = &gradient * (0.01 / norm);
        let moved = |factor: f64| {
            tch::no_grad(|| {
                let _ = parameter.tensor.shallow_clone().g_add_(&(&step * factor));
                loss().double_value(&[])
            })
        };
        let slope = (moved(1.0) - moved(-2.0)) / (2.0 * 0.01);
        moved(1.0);
        assert!((slope / norm - 1.0).abs() < 2e-2, "{}: slope {slope}, gradient {norm}", parameter.name);
    }
}

#[test]
fn frozen_parameters_get_no_gradient_and_the_rest_do() {
    let mut policy = load("multimodal_gqa2", ComputeType::F32);
    let report = policy.freeze(&["visual".to_owned()]).unwrap();
    assert!(report.num_frozen_tensors > 0 && report.num_frozen_elements > 1000);
    let case = &cases("multimodal_gqa2")[2];
    let prompt = case.prompt();
    let batch = PackedBatch::new(&shared(case, &prompt), policy.config(), policy.device()).unwrap();
    policy.score(&batch, case.options()).unwrap().logprobs.sum(Kind::Float).backward();
    for parameter in policy.parameters() {
        assert_eq!(parameter.trainable, !parameter.name.starts_with("visual."), "{}", parameter.name);
        assert_eq!(parameter.tensor.grad().defined(), parameter.trainable, "{}", parameter.name);
    }
}

#[test]
fn bfloat16_gradients_reach_the_f32_masters() {
    let policy = load("multimodal_gqa2", ComputeType::Bf16);
    let case = &cases("multimodal_gqa2")[1];
    let prompt = case.prompt();
    let groups = shared(case, &prompt);
    let gradients = gradients(&policy, &groups, case.options());
    assert!(
        gradients.iter().all(|gradient| gradient.kind() == Kind::Float && gradient.abs().max().double_value(&[]) > 0.0)
    );
}
