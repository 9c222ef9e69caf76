//! Scores against transformers: f32 within 1e-4, bfloat16 within 3e-2.

use gradus_model::{ComputeType, Config, PackedGroup, Policy};
use tch::Device;

use crate::fixture::{CHECKPOINTS, assert_close, cases, directory, flat, load, score};

const TOLERANCE: f64 = 1e-4;

fn check(checkpoint: &str) {
    let policy = load(checkpoint, ComputeType::F32);
    for case in cases(checkpoint) {
        let prompt = case.prompt();
        let group = PackedGroup { prompt: &prompt, suffixes: case.suffixes() };
        let scores = score(&policy, &[group], case.options());
        let what = format!("{checkpoint}, {}", case.name);
        assert_close(&scores.logprobs, &flat(&case.logprobs), TOLERANCE, &what);
        assert_close(&scores.entropy.unwrap(), &flat(&case.entropies), TOLERANCE, &what);
    }
}

#[test]
fn grouped_query_attention_and_an_untied_head_equal_transformers() {
    check("multimodal_gqa2");
}

#[test]
fn multi_head_attention_and_a_tied_head_equal_transformers() {
    check("multimodal_mha_tied");
}

#[test]
fn a_single_key_head_nested_names_and_shards_equal_transformers() {
    check("multimodal_gqa4_nested");
}

#[test]
fn a_checkpoint_in_the_layout_of_transformers_5_equals_it() {
    check("multimodal_layout5");
}

#[test]
fn text_only_models_equal_transformers() {
    check("text_gqa2_tied");
    check("text_mha_bfloat16");
}

/// transformers' own bfloat16 differs from its f32 by up to 0.05 on these cases.
#[test]
fn bfloat16_stays_near_transformers() {
    for checkpoint in CHECKPOINTS {
        let policy = load(checkpoint, ComputeType::Bf16);
        for case in cases(checkpoint) {
            let prompt = case.prompt();
            let group = PackedGroup { prompt: &prompt, suffixes: case.suffixes() };
            let scores = score(&policy, &[group], case.options());
            let what = format!("{checkpoint}, {}", case.name);
            // A temperature divides the error of the logits as it divides them.
            assert_close(&scores.logprobs, &flat(&case.logprobs), 3e-2 / case.temperature.min(1.0), &what);
        }
    }
}

#[test]
fn bfloat16_is_within_3e_2_of_f32_at_the_usual_initial_weights() {
    let text = std::fs::read_to_string(directory("multimodal_gqa2").join("config.json")).unwrap();
    let initialize = |compute| Policy::initialize(Config::from_json(&text).unwrap(), 3, Device::Cpu, compute).unwrap();
    let (exact, policy) = (initialize(ComputeType::F32), initialize(ComputeType::Bf16));
    for case in cases("multimodal_gqa2") {
        let prompt = case.prompt();
        let group = [PackedGroup { prompt: &prompt, suffixes: case.suffixes() }];
        let (expected, scores) = (score(&exact, &group, case.options()), score(&policy, &group, case.options()));
        assert_close(&scores.logprobs, &expected.logprobs, 3e-2, &case.name);
    }
}

#[test]
fn a_batch_of_all_cases_equals_each_alone() {
    for checkpoint in ["multimodal_gqa2", "text_gqa2_tied"] {
        let policy = load(checkpoint, ComputeType::F32);
        let cases = cases(checkpoint);
        let prompts: Vec<_> = cases.iter().map(|case| case.prompt()).collect();
        let groups: Vec<PackedGroup<'_>> = cases
            .iter()
            .zip(&prompts)
            .map(|(case, prompt)| PackedGroup { prompt, suffixes: case.suffixes() })
            .collect();
        let mut options = cases[0].options();
        options.chunk_tokens = 1000;
        let together = score(&policy, &groups, options);
        let alone: Vec<_> = groups.iter().map(|group| score(&policy, std::slice::from_ref(group), options)).collect();
        let logprobs: Vec<_> = alone.iter().map(|scores| &scores.logprobs).collect();
        assert_close(&together.logprobs, &tch::Tensor::cat(&logprobs, 0), 1e-5, checkpoint);
    }
}

#[test]
fn raw_token_ids_are_scored_after_a_prompt_of_one() {
    let policy = load("text_gqa2_tied", ComputeType::F32);
    let case = &cases("text_gqa2_tied")[0];
    let token_ids: Vec<u32> = case.prompt.iter().chain(&case.suffixes[0]).copied().collect();
    let prompt = gradus_model::Prompt { token_ids: token_ids[..1].to_vec(), media: Vec::new() };
    let group = PackedGroup { prompt: &prompt, suffixes: vec![&token_ids[1..]] };
    let scores = score(&policy, &[group], case.options());
    let num_scored = case.suffixes[0].len() as i64;
    let tail = scores.logprobs.narrow(0, scores.logprobs.size()[0] - num_scored, num_scored);
    assert_close(&tail, &flat(&case.logprobs[..1]), TOLERANCE, "raw token ids");
}
