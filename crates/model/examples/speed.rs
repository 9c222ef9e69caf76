//! Times scoring (forward and backward) and decoding of a 4-million-parameter policy on 16 groups of 8 completions over 84×84 images:
//! `cargo run -p gradus-model --example speed [f32|bf16]`. Writes milliseconds to standard output.

use std::{
    io::Write,
    sync::Arc,
    time::{Duration, Instant},
};

use gradus_model::{
    ComputeType, Config, Error, GroupCache, MediaInput, PackedBatch, PackedGroup, Policy, Prompt, ScoreOptions,
};
use tch::{Device, Kind, no_grad};

const CONFIG: &str = r#"{
    "model_type": "qwen2_5_vl", "vocab_size": 1536, "hidden_size": 224, "intermediate_size": 608, "num_hidden_layers": 6,
    "num_attention_heads": 7, "num_key_value_heads": 7, "max_position_embeddings": 2048, "rms_norm_eps": 1e-6,
    "rope_theta": 1e4, "rope_scaling": {"type": "mrope", "mrope_section": [4, 6, 6]}, "tie_word_embeddings": true,
    "image_token_id": 1500,
    "vision_config": {
        "depth": 4, "hidden_size": 128, "intermediate_size": 256, "num_heads": 4, "patch_size": 14, "spatial_merge_size": 2,
        "window_size": 112, "out_hidden_size": 224, "fullatt_block_indexes": [3]
    }
}"#;
const NUM_GROUPS: usize = 16;
const NUM_COMPLETIONS: usize = 8;
const NUM_NEW_TOKENS: usize = 60;
const NUM_REPEATS: usize = 5;

fn main() -> Result<(), Error> {
    let compute =
        if std::env::args().any(|argument| argument == "bf16") { ComputeType::Bf16 } else { ComputeType::F32 };
    let policy = Policy::initialize(Config::from_json(CONFIG)?, 1, Device::Cpu, compute)?;
    let num_parameters: usize = policy.parameters().iter().map(|parameter| parameter.tensor.numel()).sum();
    report("parameters, millions", num_parameters as f64 / 1e6);
    let prompts: Vec<Prompt> = (0..NUM_GROUPS).map(prompt).collect();
    let warm_up = policy.prefill(&prompts[0], 1)?;
    let start = Instant::now();
    let mut caches = prompts
        .iter()
        .map(|prompt| Ok(policy.prefill(prompt, NUM_COMPLETIONS)?.0))
        .collect::<Result<Vec<_>, Error>>()?;
    drop(warm_up);
    report("prefill of a prompt, ms", milliseconds(start.elapsed()) / NUM_GROUPS as f64);
    time_decode(&policy, &mut caches)?;
    time_scoring(&policy, &prompts)
}

/// 9 image embeddings among 40 text tokens.
fn prompt(index: usize) -> Prompt {
    let media = Arc::new(MediaInput { pixel_values: vec![index as f32 * 0.1; 36 * 1176], grid: [1, 6, 6] });
    let text = (0..40).map(|token| (token * 7 + index as u32) % 1400);
    Prompt { token_ids: std::iter::repeat_n(1500, 9).chain(text).collect(), media: vec![media] }
}

fn time_decode(policy: &Policy, caches: &mut [GroupCache]) -> Result<(), Error> {
    let tokens = [3u32; NUM_COMPLETIONS];
    let mut fastest = Duration::MAX;
    let mut total = Duration::ZERO;
    for _ in 0..NUM_NEW_TOKENS {
        let start = Instant::now();
        let mut items: Vec<(&mut GroupCache, &[u32])> =
            caches.iter_mut().map(|cache| (cache, tokens.as_slice())).collect();
        let logits = policy.decode(&mut items)?;
        assert_eq!(logits.size()[0], (NUM_GROUPS * NUM_COMPLETIONS) as i64);
        total += start.elapsed();
        fastest = fastest.min(start.elapsed());
    }
    report("decode step of 128 completions, mean ms", milliseconds(total) / NUM_NEW_TOKENS as f64);
    report("decode step of 128 completions, fastest ms", milliseconds(fastest));
    Ok(())
}

fn time_scoring(policy: &Policy, prompts: &[Prompt]) -> Result<(), Error> {
    let suffixes: Vec<Vec<u32>> = (0..NUM_COMPLETIONS).map(|index| vec![5 + index as u32; 40 + 3 * index]).collect();
    let group = |prompt| PackedGroup { prompt, suffixes: suffixes.iter().map(Vec::as_slice).collect() };
    let groups: Vec<PackedGroup<'_>> = prompts.iter().map(group).collect();
    let batch = PackedBatch::new(&groups, policy.config(), policy.device())?;
    report("computed tokens of a training step", batch.num_tokens() as f64);
    let (mut forward, mut backward, mut alone) = (Duration::MAX, Duration::MAX, Duration::MAX);
    for _ in 0..NUM_REPEATS {
        let start = Instant::now();
        let scores = policy.score(&batch, ScoreOptions::default())?;
        forward = forward.min(start.elapsed());
        let start = Instant::now();
        scores.logprobs.mean(Kind::Float).backward();
        backward = backward.min(start.elapsed());
        let start = Instant::now();
        no_grad(|| policy.score(&batch, ScoreOptions::default()))?;
        alone = alone.min(start.elapsed());
    }
    report("forward of a training step, fastest ms", milliseconds(forward));
    report("backward of a training step, fastest ms", milliseconds(backward));
    report("scoring without gradients, fastest ms", milliseconds(alone));
    Ok(())
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn report(what: &str, value: f64) {
    writeln!(std::io::stdout(), "{what}: {value:.2}").expect("standard output is open");
}
