//! Prefill and decode against scoring, and against decoding each group alone.

use std::error::Error as _;

use gradus_model::{ComputeType, Error, GroupCache, PackedGroup, Policy, Prompt};
use tch::{Kind, Tensor};

use crate::fixture::{CHECKPOINTS, Case, assert_close, cases, flat, load, score};

fn logprob(logits: &Tensor, temperature: f64, token_id: u32) -> f32 {
    let distribution = (logits / temperature).log_softmax(-1, Kind::Float);
    distribution.double_value(&[i64::from(token_id)]) as f32
}

/// A group being replayed: its cache and, for each live completion, its tokens and the log-probabilities so far.
struct Replay {
    cache: GroupCache,
    temperature: f64,
    live: Vec<usize>,
    suffixes: Vec<Vec<u32>>,
    logprobs: Vec<Vec<f32>>,
}

impl Replay {
    fn start(policy: &Policy, case: &Case) -> Self {
        let (cache, logits) = policy.prefill(&case.prompt(), case.suffixes.len()).unwrap();
        let first = |suffix: &Vec<u32>| vec![logprob(&logits, case.temperature, suffix[0])];
        let logprobs = case.suffixes.iter().map(first).collect();
        let (live, suffixes) = ((0..case.suffixes.len()).collect(), case.suffixes.clone());
        let mut replay = Self { cache, temperature: case.temperature, live, suffixes, logprobs };
        replay.drop_finished();
        replay
    }

    fn drop_finished(&mut self) {
        let step = self.cache.num_decoded() + 1;
        let keep: Vec<bool> = self.live.iter().map(|&index| self.suffixes[index].len() > step).collect();
        self.live.retain(|&index| self.suffixes[index].len() > step);
        self.cache.retain(&keep);
    }

    fn tokens(&self) -> Vec<u32> {
        self.live.iter().map(|&index| self.suffixes[index][self.cache.num_decoded()]).collect()
    }

    /// Takes the rows of this group's live completions.
    fn take(&mut self, logits: &Tensor) {
        for (row, &index) in (0..).zip(&self.live) {
            let next = self.suffixes[index][self.cache.num_decoded()];
            self.logprobs[index].push(logprob(&logits.get(row), self.temperature, next));
        }
        self.drop_finished();
    }
}

fn run(policy: &Policy, replays: &mut [Replay]) {
    while replays.iter().any(|replay| !replay.live.is_empty()) {
        let mut running: Vec<&mut Replay> = replays.iter_mut().filter(|replay| !replay.live.is_empty()).collect();
        let tokens: Vec<Vec<u32>> = running.iter().map(|replay| replay.tokens()).collect();
        let mut items: Vec<(&mut GroupCache, &[u32])> =
            running.iter_mut().zip(&tokens).map(|(replay, tokens)| (&mut replay.cache, tokens.as_slice())).collect();
        let logits = policy.decode(&mut items).unwrap();
        let mut row = 0;
        for replay in running {
            let num_live = replay.live.len() as i64;
            replay.take(&logits.narrow(0, row, num_live));
            row += num_live;
        }
    }
}

#[test]
fn decoding_many_groups_at_once_gives_the_scored_logprobs() {
    for checkpoint in CHECKPOINTS {
        let policy = load(checkpoint, ComputeType::F32);
        let cases = cases(checkpoint);
        let mut replays: Vec<Replay> = cases.iter().map(|case| Replay::start(&policy, case)).collect();
        run(&policy, &mut replays);
        for (case, replay) in cases.iter().zip(&replays) {
            assert_close(&flat(&replay.logprobs), &flat(&case.logprobs), 1e-4, &format!("{checkpoint}, {}", case.name));
        }
    }
}

#[test]
fn bfloat16_decoding_stays_near_scoring() {
    let policy = load("multimodal_gqa2", ComputeType::Bf16);
    for case in cases("multimodal_gqa2") {
        let mut replay = [Replay::start(&policy, &case)];
        run(&policy, &mut replay);
        let (decoded, prompt) = (flat(&replay[0].logprobs), case.prompt());
        let group = PackedGroup { prompt: &prompt, suffixes: case.suffixes() };
        assert_close(&decoded, &score(&policy, &[group], case.options()).logprobs, 5e-2, &case.name);
    }
}

#[test]
fn a_cache_grows_past_its_first_block() {
    let policy = load("text_gqa2_tied", ComputeType::F32);
    let prompt = Prompt { token_ids: vec![5, 6, 7], media: Vec::new() };
    let suffix: Vec<u32> = (0..80).map(|index| 1 + index * 37 % 89).collect();
    let (mut cache, logits) = policy.prefill(&prompt, 2).unwrap();
    let before = cache.bytes();
    let mut logprobs = vec![logprob(&logits, 1.0, suffix[0])];
    for pair in suffix.windows(2) {
        let logits = policy.decode(&mut [(&mut cache, &[pair[0], pair[0]])]).unwrap();
        logprobs.push(logprob(&logits.get(1), 1.0, pair[1]));
    }
    assert!(cache.bytes() > before);
    assert_eq!((cache.num_decoded(), cache.num_live(), cache.num_prompt_tokens()), (79, 2, 3));
    let group = PackedGroup { prompt: &prompt, suffixes: vec![&suffix] };
    let scores = score(&policy, &[group], Default::default());
    assert_close(&Tensor::from_slice(&logprobs), &scores.logprobs, 1e-4, "80 tokens");
}

#[test]
fn assigned_weights_are_used_from_the_next_step() {
    let policy = load("text_gqa2_tied", ComputeType::F32);
    let prompt = Prompt { token_ids: vec![5, 6, 7], media: Vec::new() };
    let (_, before) = policy.prefill(&prompt, 1).unwrap();
    let norm = policy.named_bytes().find(|parameter| parameter.name == "model.layers.1.self_attn.v_proj.bias").unwrap();
    let doubled: Vec<u8> = norm
        .bytes
        .chunks(4)
        .flat_map(|bytes| (2.0 * f32::from_le_bytes(bytes.try_into().unwrap())).to_le_bytes())
        .collect();
    policy.assign(&norm.name, &doubled).unwrap();
    let (_, after) = policy.prefill(&prompt, 1).unwrap();
    assert!(!before.allclose(&after, 1e-3, 1e-3, false));
    policy.assign(&norm.name, &norm.bytes).unwrap();
    let (_, restored) = policy.prefill(&prompt, 1).unwrap();
    assert_eq!(before, restored);
}

#[test]
fn a_group_without_live_completions_adds_no_rows() {
    let policy = load("text_gqa2_tied", ComputeType::F32);
    let prompt = Prompt { token_ids: vec![5, 6, 7], media: Vec::new() };
    let (mut finished, _) = policy.prefill(&prompt, 2).unwrap();
    let (mut running, _) = policy.prefill(&prompt, 2).unwrap();
    finished.retain(&[false, false]);
    let together = policy.decode(&mut [(&mut finished, &[]), (&mut running, &[8, 9])]).unwrap();
    assert_eq!(together.size()[0], 2);
    let (mut alone, _) = policy.prefill(&prompt, 2).unwrap();
    assert_eq!(together, policy.decode(&mut [(&mut alone, &[8, 9])]).unwrap());
    assert!(matches!(policy.decode(&mut [(&mut finished, &[])]), Err(Error::Empty { .. })));
}

#[test]
fn policies_and_caches_can_move_to_a_device_thread() {
    fn assert_send<T: Send>() {}
    assert_send::<Policy>();
    assert_send::<GroupCache>();
    assert_send::<gradus_model::PackedBatch>();
}

#[test]
fn wrong_token_counts_and_prompts_are_refused_before_any_forward() {
    let policy = load("multimodal_gqa2", ComputeType::F32);
    let case = &cases("multimodal_gqa2")[1];
    let mut prompt = case.prompt();
    let (mut cache, _) = policy.prefill(&prompt, 2).unwrap();
    let error = policy.decode(&mut [(&mut cache, &[1])]).unwrap_err();
    assert!(matches!(error, Error::DecodeTokens { group: 0, num_live: 2, num_tokens: 1 }));
    assert_eq!(cache.num_decoded(), 0);
    prompt.token_ids.push(90);
    let message = policy.prefill(&prompt, 2).unwrap_err().source().unwrap().to_string();
    assert!(message.contains("9 image placeholder tokens") && message.contains("8 embeddings"), "{message}");
}
