//! Shares of synthetic batches, with the processor of the golden tests.

use std::{fs, path::PathBuf};

use gradus_algorithms::PlanConfig;
use gradus_types::{
    FinishReason, PolicyVersion, Prompt as Question, PromptId, Reward, RewardSpec, Sample, StageIndex, Step,
};
use serde_json::json;

use super::*;
use crate::fixture::algorithm;

const PLACEHOLDER: u32 = 553;
const SFT: Sft = Sft { batch_samples: 8, max_tokens: 40, answer_weight: 4.0 };

fn golden(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/processor").join(path)
}

fn preparer(rank: usize, world_size: usize) -> Preparer {
    let model = json!({
        "model_type": "qwen2_5_vl", "vocab_size": 600, "hidden_size": 32, "intermediate_size": 48,
        "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 512,
        "rms_norm_eps": 1e-6, "rope_theta": 1e4, "rope_scaling": {"type": "mrope", "mrope_section": [1, 1, 2]},
        "tie_word_embeddings": true, "image_token_id": PLACEHOLDER,
        "vision_config": {
            "depth": 1, "hidden_size": 32, "intermediate_size": 40, "num_heads": 2, "patch_size": 14, "in_chans": 3,
            "spatial_merge_size": 2, "window_size": 112, "out_hidden_size": 32, "fullatt_block_indexes": [0]
        }
    });
    let processor = Processor::load(&golden("model")).unwrap();
    Preparer::new(processor, ModelConfig::from_json(&model.to_string()).unwrap(), rank, world_size)
}

fn picture() -> (MediaHash, Arc<[u8]>) {
    let mut files: Vec<PathBuf> = fs::read_dir(golden("images")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "png"));
    let smallest = files.into_iter().min_by_key(|path| (fs::metadata(path).unwrap().len(), path.clone())).unwrap();
    let bytes: Arc<[u8]> = fs::read(smallest).unwrap().into();
    (MediaHash::of(&bytes), bytes)
}

fn question(id: u64, content: Vec<ContentPart>, target: Option<&str>) -> Question {
    Question {
        id: PromptId(id),
        source: "synthetic".to_owned(),
        body: PromptBody::Raw(content),
        prefill: None,
        target: target.map(str::to_owned),
        reward: RewardSpec::default(),
        difficulty: None,
        chance: None,
    }
}

fn text(text: &str) -> ContentPart {
    ContentPart::Text { text: text.to_owned() }
}

fn group(draw: u64, prompt: Question, prompt_token_ids: Vec<u32>) -> Group {
    let sample = |index: u32| Sample {
        completion: Completion {
            token_ids: vec![5, 6, 7 + index],
            logprobs: vec![-1.0, -0.5, -0.25],
            text: String::new(),
            finish_reason: FinishReason::Stop,
            min_policy_version: PolicyVersion(0),
            max_policy_version: PolicyVersion(0),
        },
        reward: Reward::Scored { total: f64::from(index % 2), components: Vec::new() },
    };
    let samples = (0..4).map(sample).collect();
    let id = GroupId::train(StageIndex(1), draw);
    Group { id, prompt, prompt_token_ids, samples, actor: "actor-0".to_owned() }
}

fn planned(groups: &[Group], world_size: usize) -> (RolloutBatch, Plan) {
    let headers = groups.iter().map(Group::header).collect();
    let batch = RolloutBatch { step: Step(1), stage: StageIndex(1), stage_step: 1, groups: headers };
    let algorithm = algorithm();
    let config = PlanConfig { algorithm: &algorithm, num_stage_steps: 1, world_size, microbatch_tokens: 16 };
    let plan = gradus_algorithms::plan(&batch, 1, &config);
    (batch, plan)
}

fn sft_batch(samples: Vec<Question>) -> SftBatch {
    let samples = samples.into_iter().enumerate().map(|(draw, prompt)| SftSample { draw: draw as u64, prompt });
    SftBatch { step: Step(1), stage: StageIndex(0), stage_step: 1, samples: samples.collect() }
}

#[test]
fn an_example_is_split_where_its_loss_begins() {
    let preparer = preparer(0, 1);
    let batch = sft_batch(vec![question(1, vec![text("2 + 2 = ")], Some("four <answer>4</answer>"))]);
    let share = preparer.examples(&batch, &SFT, (100, &Pictures::new()));
    let example = &share.microbatches[0][0];
    let question = preparer.processor.encode("2 + 2 = ").unwrap();
    assert_eq!(example.prompt.token_ids[..question.len() - 1], question[..question.len() - 1]);
    assert_eq!(example.weights.len(), example.target_ids.len());
    assert!(example.weights[0] > 0.0 && example.weights.contains(&4.0) && example.weights.contains(&1.0));
}

#[test]
fn ranks_share_the_examples_without_overlap_and_pack_them() {
    let questions =
        |count| (0..count).map(|id| question(id, vec![text(&"word ".repeat(id as usize % 5))], Some("yes")));
    let batch = sft_batch(questions(11).collect());
    let mut num_examples = 0;
    let mut ids = Vec::new();
    for rank in 0..3 {
        let preparer = preparer(rank, 3);
        ids.extend(preparer.samples_of(&batch).map(|sample| sample.draw));
        let share = preparer.examples(&batch, &SFT, (24, &Pictures::new()));
        for microbatch in &share.microbatches {
            let num_tokens: u64 = microbatch.iter().map(Example::num_tokens).sum();
            assert!(num_tokens <= 24 || microbatch.len() == 1);
            num_examples += microbatch.len() as u64;
        }
        num_examples += share.num_rejected_examples;
    }
    ids.sort_unstable();
    assert_eq!(ids, (0..11).collect::<Vec<_>>());
    assert_eq!(num_examples, 11);
}

#[test]
fn an_example_that_cannot_be_used_is_counted_and_the_others_go_on() {
    let missing = ContentPart::Image { hash: MediaHash::of(b"nowhere") };
    let batch = sft_batch(vec![
        question(1, vec![text("a")], Some("yes")),
        question(2, vec![text(&"long ".repeat(100))], Some("yes")),
        question(3, vec![missing, text("b")], Some("yes")),
        question(4, vec![text("c")], None),
    ]);
    let share = preparer(0, 1).examples(&batch, &SFT, (100, &Pictures::new()));
    assert_eq!((share.microbatches.len(), share.microbatches[0].len()), (1, 1));
    assert_eq!(share.num_rejected_examples, 3);
}

#[test]
fn the_tokens_the_actor_read_are_joined_with_their_pictures() {
    let (hash, bytes) = picture();
    let preparer = preparer(0, 1);
    let prompt = question(1, vec![ContentPart::Image { hash }, text("what?")], None);
    let pictures = Pictures::from([(hash, bytes)]);
    let read = preparer.processor.prepare(&ChatInput::of(&prompt), &pictures).unwrap().token_ids;
    let groups = [group(0, prompt.clone(), read.clone())];
    let (batch, plan) = planned(&groups, 1);
    assert_eq!(preparer.groups_of(&plan, &batch), [groups[0].id]);
    let share = preparer.rollouts(&plan, &batch, (&groups, &pictures)).unwrap();
    let first = &share.updates[0].microbatches[0][0];
    assert_eq!((&first.prompt.token_ids, first.prompt.media.len()), (&read, 1));
    assert_eq!(first.samples[0].behaviour_logprobs[1], -0.5);
    // The group is too large for one pass; its prompt is prepared once all the same.
    let all: Vec<_> = share.updates[0].microbatches.iter().flatten().collect();
    assert!(all.len() > 1 && all.iter().all(|group| Arc::ptr_eq(&group.prompt, &first.prompt)));
}

#[test]
fn a_group_whose_picture_is_missing_is_counted_and_the_others_go_on() {
    let missing = ContentPart::Image { hash: MediaHash::of(b"nowhere") };
    let groups = [
        group(0, question(1, vec![missing], None), vec![PLACEHOLDER; 4]),
        group(1, question(2, vec![text("a")], None), vec![1, 2]),
    ];
    let (batch, plan) = planned(&groups, 1);
    let share = preparer(0, 1).rollouts(&plan, &batch, (&groups, &Pictures::new())).unwrap();
    assert_eq!(share.num_rejected_groups, 1);
    assert_eq!(share.updates[0].counts.num_sequences, 8);
    let trained: usize = share.updates[0].microbatches.iter().flatten().map(|group| group.samples.len()).sum();
    assert_eq!(trained, 4);
}

#[test]
fn a_payload_that_does_not_fit_its_header_is_an_error() {
    let groups = [group(0, question(1, vec![text("a")], None), vec![1, 2])];
    let (batch, plan) = planned(&groups, 1);
    let mut shorter = groups.clone();
    shorter[0].samples[1].completion.logprobs.pop();
    let error = preparer(0, 1).rollouts(&plan, &batch, (&shorter, &Pictures::new())).unwrap_err();
    assert!(error.to_string().contains("sample `1` has 3 tokens with 2 logprobs"), "{error}");
    let error = preparer(0, 1).rollouts(&plan, &batch, (&[], &Pictures::new())).unwrap_err();
    assert!(error.to_string().contains("`train-1-0`"), "{error}");
}
