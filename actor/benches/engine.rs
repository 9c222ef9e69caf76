//! Tokens per second of the engine on one CPU thread, with a model of about 4 million parameters and random weights: 16
//! groups of 8 completions of 32 tokens, as the demonstration samples them.

use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gradus_actor::engine::{self, Config, GroupRequest, Handle, Limits};
use gradus_model::{ComputeType, Config as ModelConfig, Policy, Prompt};
use gradus_runtime::{Runtime, TaskSet};
use gradus_types::{PolicyVersion, SamplingParameters};
use tch::Device;

const NUM_GROUPS: u64 = 16;
const NUM_COMPLETIONS: u32 = 8;
const NUM_NEW_TOKENS: u32 = 32;
const NUM_PROMPT_TOKENS: u32 = 48;

fn policy() -> Policy {
    let json = r#"{
        "model_type": "qwen2", "vocab_size": 1024, "hidden_size": 256, "intermediate_size": 704, "num_hidden_layers": 5,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 1024, "rms_norm_eps": 1e-6,
        "rope_theta": 1e4, "tie_word_embeddings": true, "initializer_range": 0.02
    }"#;
    let config = ModelConfig::from_json(json).expect("the configuration above is complete");
    Policy::initialize(config, 1, Device::Cpu, ComputeType::F32).expect("a small policy fits")
}

fn request(seed: u64) -> GroupRequest {
    let prompt = Prompt { token_ids: (0..NUM_PROMPT_TOKENS).collect(), media: Vec::new() };
    let sampling = SamplingParameters {
        num_completions: NUM_COMPLETIONS,
        temperature: 1.0,
        top_p: 1.0,
        top_k: 0,
        max_new_tokens: NUM_NEW_TOKENS,
        max_prompt_tokens: NUM_PROMPT_TOKENS,
    };
    GroupRequest { prompt, sampling, seed }
}

async fn batch(engine: &Handle) -> Duration {
    let started = Instant::now();
    let mut groups = TaskSet::new("group");
    for seed in 0..NUM_GROUPS {
        let engine = engine.clone();
        groups.spawn(async move { engine.generate(request(seed)).await.expect("every group is completed") });
    }
    while groups.join_next().await.is_some() {}
    started.elapsed()
}

fn tokens_per_second(criterion: &mut Criterion) {
    let runtime = Runtime::new("bench", 1).expect("a runtime starts");
    let limits = Limits { max_groups: 32, max_completions: 128, cache_bytes: 1 << 30 };
    let config = Config { limits, stop_token_ids: Vec::new(), num_threads: 1, policy_version: PolicyVersion(0) };
    let engine = engine::start(policy(), config).expect("an engine starts");
    let mut group = criterion.benchmark_group("engine");
    let num_tokens = NUM_GROUPS * u64::from(NUM_COMPLETIONS) * u64::from(NUM_NEW_TOKENS);
    group.sample_size(10).throughput(Throughput::Elements(num_tokens));
    group.bench_function("16 groups of 8", |bencher| {
        bencher.iter_custom(|iterations| (0..iterations).map(|_| runtime.block_on(batch(&engine))).sum());
    });
}

criterion_group!(benches, tokens_per_second);
criterion_main!(benches);
