//! A run with a tiny random model, synthetic batches, and ranks on threads of one process.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
    thread,
    time::Duration,
};

use tempfile::TempDir;

use gradus_algorithms::{Plan, PlanConfig, plan};
use gradus_c10d::{Config as GroupConfig, ListenOn, Member, ProcessGroup, Store};
use gradus_config::{Algorithm, RunConfig, StageKind};
use gradus_model::{ComputeType, Config, MediaInput, NamedBytes, Policy, Prompt, StoredType};
use gradus_types::{
    Checkpoint, FinishReason, GroupHeader, GroupId, PolicyVersion, PromptId, RolloutBatch, SampleHeader, StageIndex,
    Step, random,
};

use crate::{
    Example, ExampleShare, Ranks, RolloutGroup, RolloutSample, RolloutShare, RolloutUpdate, StepPosition, Trainer,
};

/// Long enough for a loaded machine; no test that succeeds waits for it.
const PATIENCE: Duration = Duration::from_secs(60);
const SEED: u64 = 7;
const IMAGE_TOKEN: u32 = 553;

const MODEL: &str = r#"{
    "model_type": "qwen2_5_vl", "vocab_size": 600, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 512, "rms_norm_eps": 1e-6,
    "rope_theta": 1e4, "rope_scaling": {"type": "mrope", "mrope_section": [1, 1, 2]}, "tie_word_embeddings": true,
    "torch_dtype": "float32",
    "image_token_id": 553, "vision_start_token_id": 550, "vision_end_token_id": 551,
    "vision_config": {
        "depth": 2, "hidden_size": 32, "intermediate_size": 40, "num_heads": 2, "patch_size": 14, "in_chans": 3,
        "spatial_merge_size": 2, "window_size": 56, "out_hidden_size": 32, "fullatt_block_indexes": [1]
    }
}"#;

const RUN: &str = r#"
[run]
name = "test"
seed = 7
directory = "DIRECTORY/run"

[model]
path = "DIRECTORY/model"
compute = "f32"

[learner]
keep_checkpoints = 1
bucket_bytes = 8192

[data.questions]
kind = "files"
paths = ["DIRECTORY/model/config.json"]

[[stages]]
name = "imitate"
kind = "sft"
data = "questions"
steps = 10
batch_samples = 6
max_tokens = 64
microbatch_tokens = 40
optimizer.learning_rate = 1e-2

[[stages]]
name = "practise"
kind = "rl"
data = "questions"
steps = 10
batch_prompts = 6
microbatch_tokens = 64
freeze = ["visual"]
optimizer = { learning_rate = 1e-3, warmup_steps = 2, schedule = "cosine", weight_decay = 0.1 }
sampling = { num_completions = 4, temperature = 0.8, max_new_tokens = 8, max_prompt_tokens = 32 }
reward.components = [{ name = "accuracy", kind = "answer", weight = 1.0 }]
algorithm = { kl_coefficient = 0.05, clip_high = 0.28, updates_per_batch = 2, pad = { ratio = 0.6 } }
"#;

/// A run directory with a model, thrown away at the end.
pub(crate) struct Fixture {
    _directory: TempDir,
    pub config: RunConfig,
}

impl Fixture {
    /// Makes the model and reads the run file with these keys replaced.
    pub fn new(assignments: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let model = directory.path().join("model");
        fs::create_dir_all(&model).unwrap();
        let config = Config::from_json(MODEL).unwrap();
        let policy = Policy::initialize(config, SEED as i64, tch::Device::Cpu, ComputeType::F32).unwrap();
        policy.save(&model, StoredType::F32).unwrap();
        let companions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/processor/model");
        for name in ["generation_config.json", "preprocessor_config.json", "tokenizer.json", "tokenizer_config.json"] {
            fs::copy(companions.join(name), model.join(name)).unwrap();
        }
        let text = RUN.replace("DIRECTORY", &directory.path().display().to_string());
        let assignments: Vec<String> = assignments.iter().map(ToString::to_string).collect();
        let config = gradus_config::parse(&text, Path::new("test.toml"), &assignments).unwrap();
        Self { _directory: directory, config }
    }

    /// Runs `body` once a rank, all at the same time, and returns what they returned, by rank.
    pub fn run<T: Send>(&self, world_size: u32, body: impl Fn(&Fixture, Ranks) -> T + Sync) -> Vec<T> {
        let any_port: SocketAddr = (Ipv4Addr::LOCALHOST, 0).into();
        let host = Store::host(any_port, PATIENCE).unwrap();
        let (address, body, bucket_bytes) = (host.address(), &body, self.config.learner.bucket_bytes as usize);
        let join = |rank| {
            let store = Store::connect(address, PATIENCE).unwrap();
            let member = Member { rank, world_size };
            let listen_on = ListenOn::Hostname("127.0.0.1".to_owned());
            let group = ProcessGroup::join(&store, &GroupConfig { member, listen_on, timeout: PATIENCE }).unwrap();
            Ranks::new(group, store, PATIENCE, bucket_bytes)
        };
        thread::scope(|scope| {
            let ranks: Vec<_> = (0..world_size)
                .map(|rank| {
                    scope.spawn(move || {
                        tch::set_num_threads(1);
                        body(self, join(rank))
                    })
                })
                .collect();
            ranks.into_iter().map(|rank| rank.join().unwrap()).collect()
        })
    }

    /// Opens a trainer.
    pub fn trainer(&self, ranks: Ranks, start: Option<&Checkpoint>) -> Trainer {
        Trainer::open(self.config.clone(), ranks, start).unwrap()
    }

    /// Plans a batch as every rank of a world does.
    pub fn plan(&self, batch: &RolloutBatch, world_size: u32) -> Plan {
        let stage = &self.config.stages[batch.stage.0 as usize];
        let StageKind::Rl(rl) = &stage.kind else { panic!("a reinforcement-learning stage") };
        let config = PlanConfig {
            algorithm: &rl.algorithm,
            num_stage_steps: stage.steps,
            world_size: world_size as usize,
            microbatch_tokens: u64::from(stage.microbatch_tokens),
        };
        plan(batch, self.config.run.seed, &config)
    }

    /// Prepares a rank's share of a synthetic batch of the second stage.
    pub fn rollouts(&self, batch: &RolloutBatch, (rank, world_size): (u32, u32)) -> RolloutShare {
        let plan = self.plan(batch, world_size);
        let updates = plan.updates.iter().map(|update| RolloutUpdate {
            counts: update.counts,
            microbatches: update.ranks[rank as usize]
                .iter()
                .map(|microbatch| microbatch.groups.iter().map(|share| group(batch, share)).collect())
                .collect(),
        });
        let position = StepPosition { step: batch.step, stage: batch.stage, stage_step: batch.stage_step };
        RolloutShare { position, updates: updates.collect(), num_rejected_groups: 0 }
    }
}

/// GRPO with the defaults of the run file.
pub(crate) fn algorithm() -> Algorithm {
    let fixture = Fixture::new(&["stages.practise.algorithm={}"]);
    match &fixture.config.stages[1].kind {
        StageKind::Rl(rl) => rl.algorithm.clone(),
        StageKind::Sft(_) => panic!("a reinforcement-learning stage"),
    }
}

/// Makes the headers of a batch of the second stage; a function of the step.
pub(crate) fn rollout_batch(step: u64) -> RolloutBatch {
    let groups = (0..6).map(|draw| {
        let id = GroupId::train(StageIndex(1), step * 6 + draw);
        let samples = (0..4).map(|sample| SampleHeader {
            num_tokens: 1 + random::below(7, id.0, sample, 0) as u32,
            reward: Some(random::below(3, id.0, sample, 1) as f64 / 2.0),
            components: Vec::new(),
            finish_reason: FinishReason::Stop,
            min_policy_version: PolicyVersion(step - 1),
            max_policy_version: PolicyVersion(step - 1),
        });
        GroupHeader {
            id,
            prompt_id: PromptId(draw),
            source: "synthetic".to_owned(),
            num_prompt_tokens: prompt(id.0).token_ids.len() as u32,
            samples: samples.collect(),
        }
    });
    RolloutBatch { step: Step(step), stage: StageIndex(1), stage_step: step, groups: groups.collect() }
}

/// Makes a rank's share of a supervised batch of the first stage; a function of the step.
pub(crate) fn examples(step: u64, (rank, world_size): (u32, u32)) -> ExampleShare {
    let example = |draw: u64| {
        let target_ids = tokens(draw + 100, 3 + draw % 4);
        let weights = (0..target_ids.len()).map(|token| if token % 3 == 1 { 0.5 } else { 2.0 }).collect();
        Example { prompt: prompt(draw), target_ids, weights }
    };
    let own = (0..6).filter(|draw| draw % u64::from(world_size) == u64::from(rank));
    let microbatches = own.map(|draw| vec![example(step % 3 * 6 + draw)]).collect();
    let position = StepPosition { step: Step(step), stage: StageIndex(0), stage_step: step };
    ExampleShare { position, microbatches, num_rejected_examples: 0 }
}

/// Returns the elements of all parameters.
pub(crate) fn weights(trainer: &Trainer) -> Vec<(String, Vec<f32>)> {
    let elements =
        |bytes: &[u8]| bytes.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect();
    trainer.policy().named_bytes().map(|NamedBytes { name, bytes, .. }| (name, elements(&bytes))).collect()
}

fn group(batch: &RolloutBatch, share: &gradus_algorithms::GroupShare) -> RolloutGroup {
    let id = batch.groups[share.group].id.0;
    let sample = |planned: &gradus_algorithms::SampleShare| {
        let seed = id * 10 + planned.sample as u64;
        let behaviour = |token: u32| -3.0 - 2.0 * random::uniform(seed, 1, u64::from(token));
        RolloutSample {
            token_ids: tokens(seed, u64::from(planned.num_tokens)),
            behaviour_logprobs: (0..planned.num_tokens).map(behaviour).collect(),
            advantage: planned.advantage,
        }
    };
    RolloutGroup { prompt: Arc::new(prompt(id)), samples: share.samples.iter().map(sample).collect() }
}

/// Makes a prompt of 3 to 7 tokens; every other one has a picture of two merged patches.
fn prompt(seed: u64) -> Prompt {
    let mut token_ids = tokens(seed, 3 + seed % 5);
    if seed.is_multiple_of(2) {
        return Prompt { token_ids, media: Vec::new() };
    }
    token_ids.splice(1..1, [IMAGE_TOKEN; 2]);
    let grid = [1, 2, 4];
    let pixel_values = (0..8 * 3 * 2 * 14 * 14).map(|pixel| random::uniform(seed, 2, pixel) as f32 - 0.5).collect();
    Prompt { token_ids, media: vec![Arc::new(MediaInput { pixel_values, grid })] }
}

fn tokens(seed: u64, count: u64) -> Vec<u32> {
    (0..count).map(|token| random::below(50, seed, 0, token) as u32).collect()
}
