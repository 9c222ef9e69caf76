//! A small vision-language policy with random weights, prompts for it, and requests.

use std::sync::Arc;

use gradus_actor::engine::{self, Config, GroupRequest, Handle, Limits};
use gradus_model::{ComputeType, Config as ModelConfig, MediaInput, Policy, Prompt};
use gradus_types::{PolicyVersion, SamplingParameters, random};
use tch::Device;

/// The placeholder of an image embedding.
pub const IMAGE: u32 = 60;

/// Tokens that end a completion: enough of them that completions end at different lengths.
pub const STOPS: [u32; 3] = [1, 2, 3];

pub const LIMITS: Limits = Limits { max_groups: 8, max_completions: 64, cache_bytes: 64 << 20 };

pub fn model_config() -> ModelConfig {
    let json = r#"{
        "model_type": "qwen2_5_vl", "vocab_size": 64, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 512, "rms_norm_eps": 1e-6,
        "rope_theta": 1e4, "rope_scaling": {"type": "mrope", "mrope_section": [1, 1, 2]}, "tie_word_embeddings": true,
        "initializer_range": 0.15, "image_token_id": 60,
        "vision_config": {
            "depth": 2, "hidden_size": 32, "intermediate_size": 40, "num_heads": 2, "patch_size": 4, "in_chans": 3,
            "spatial_merge_size": 2, "window_size": 16, "out_hidden_size": 32, "fullatt_block_indexes": [1],
            "initializer_range": 0.15
        }
    }"#;
    ModelConfig::from_json(json).expect("the configuration above is complete")
}

pub fn policy(seed: i64) -> Policy {
    Policy::initialize(model_config(), seed, Device::Cpu, ComputeType::F32).expect("a small policy fits")
}

pub fn start(limits: Limits) -> Handle {
    let config = Config { limits, stop_token_ids: STOPS.to_vec(), num_threads: 1, policy_version: PolicyVersion(0) };
    engine::start(policy(1), config).expect("an engine starts")
}

pub fn text_prompt(length: usize) -> Prompt {
    let token_ids = (0..length as u64).map(|index| 4 + random::below(50, 3, length as u64, index) as u32).collect();
    Prompt { token_ids, media: Vec::new() }
}

/// A prompt with one picture of 4 × 4 patches, which give 4 embeddings.
pub fn picture_prompt() -> Prompt {
    let num_values = 16 * 2 * 3 * 4 * 4;
    let pixel_values = (0..num_values).map(|index| random::uniform(9, 0, index) as f32 - 0.5).collect();
    let media = vec![Arc::new(MediaInput { pixel_values, grid: [1, 4, 4] })];
    Prompt { token_ids: vec![7, 8, IMAGE, IMAGE, IMAGE, IMAGE, 9], media }
}

pub fn sampling(num_completions: u32) -> SamplingParameters {
    SamplingParameters {
        num_completions,
        temperature: 1.0,
        top_p: 1.0,
        top_k: 0,
        max_new_tokens: 24,
        max_prompt_tokens: 64,
    }
}

pub fn request(prompt: Prompt, seed: u64) -> GroupRequest {
    GroupRequest { prompt, sampling: sampling(6), seed }
}

/// Requests of different prompts, lengths, temperatures and truncations.
pub fn assorted_requests() -> Vec<GroupRequest> {
    let mut requests: Vec<GroupRequest> =
        (0..5).map(|index| request(text_prompt(3 + 4 * index), index as u64)).collect();
    requests.push(request(picture_prompt(), 5));
    requests[1].sampling.temperature = 0.6;
    requests[2].sampling.top_k = 5;
    requests[3].sampling.top_p = 0.8;
    requests[4].sampling.num_completions = 1;
    requests[4].sampling.max_new_tokens = 40;
    requests
}
