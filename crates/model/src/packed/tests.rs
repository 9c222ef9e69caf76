//! Tests of how groups are laid out.

use tch::Device;

use super::{PackedBatch, PackedGroup};
use crate::{Config, Error, Prompt};

fn config() -> Config {
    let text = r#"{"model_type": "qwen2", "vocab_size": 50, "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
        "num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 64, "rms_norm_eps": 1e-6,
        "rope_theta": 1e4}"#;
    Config::from_json(text).unwrap()
}

fn prompt(token_ids: &[u32]) -> Prompt {
    Prompt { token_ids: token_ids.to_vec(), media: Vec::new() }
}

fn integers(tensor: &tch::Tensor) -> Vec<i64> {
    Vec::try_from(tensor).unwrap()
}

#[test]
fn prompts_come_once_and_last_tokens_are_not_computed() {
    let (first, second) = (prompt(&[1, 2, 3]), prompt(&[4]));
    let groups = [
        PackedGroup { prompt: &first, suffixes: vec![&[10, 11, 12], &[13], &[14, 15]] },
        PackedGroup { prompt: &second, suffixes: vec![&[16]] },
    ];
    let batch = PackedBatch::new(&groups, &config(), Device::Cpu).unwrap();
    assert_eq!(integers(&batch.token_ids), [1, 2, 3, 10, 11, 14, 4]);
    assert_eq!((batch.num_tokens(), batch.num_scored_tokens()), (7, 7));
    let time: Vec<f32> = Vec::try_from(batch.positions.select(1, 0)).unwrap();
    assert_eq!(time, [0.0, 1.0, 2.0, 3.0, 4.0, 3.0, 0.0]);
    assert_eq!(integers(&batch.head_tokens), [2, 3, 4, 5, 6]);
    assert_eq!(batch.heads, [0, 0, 0, 1, 2, 3, 4]);
    assert_eq!(batch.targets, [10, 13, 14, 11, 12, 15, 16]);
    assert_eq!(integers(&batch.restore), [0, 3, 4, 1, 2, 5, 6]);
    assert!(batch.groups[1].suffixes.is_none());
}

#[test]
fn only_ragged_suffixes_are_padded() {
    let prompt = prompt(&[1, 2]);
    let layout = |suffixes: Vec<&[u32]>| {
        let groups = [PackedGroup { prompt: &prompt, suffixes }];
        PackedBatch::new(&groups, &config(), Device::Cpu).unwrap().groups.remove(0).suffixes.unwrap()
    };
    assert!(layout(vec![&[3, 4, 5], &[6, 7, 8]]).padding.is_none());
    let ragged = layout(vec![&[3, 4, 5], &[6, 7]]);
    let padding = ragged.padding.unwrap();
    assert_eq!((integers(&padding.padded), integers(&padding.unpadded)), (vec![0, 1, 2, 2], vec![0, 1, 2]));
    assert_eq!(ragged.mask.size(), [4, 4]);
}

#[test]
fn groups_that_cannot_be_scored_are_refused() {
    let (good, empty, foreign) = (prompt(&[1]), prompt(&[]), prompt(&[50]));
    let new =
        |prompt, suffixes| PackedBatch::new(&[PackedGroup { prompt, suffixes }], &config(), Device::Cpu).unwrap_err();
    assert!(matches!(new(&good, vec![&[2], &[]]), Error::EmptySuffix { group: 0, suffix: 1 }));
    assert!(matches!(new(&good, vec![&[50]]), Error::TokenOutOfRange { token_id: 50, .. }));
    assert!(matches!(new(&good, vec![]), Error::Empty { .. }));
    assert!(matches!(new(&empty, vec![&[2]]), Error::Prompt(_)));
    assert!(matches!(new(&foreign, vec![&[2]]), Error::Prompt(_)));
}
