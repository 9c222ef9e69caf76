//! Tests of freezing, digests and byte-wise reading and writing of weights.

use tch::{Kind, Tensor};

use super::{Parameters, is_under};
use crate::inventory::{Entry, Initial};

fn parameters() -> Parameters {
    let names =
        ["visual.blocks.0.norm1.weight", "visual.merger.ln_q.weight", "model.norm.weight", "model.norms.weight"];
    let entries: Vec<Entry> = names
        .iter()
        .map(|name| Entry { name: (*name).to_owned(), shape: vec![2, 3], initial: Initial::Ones })
        .collect();
    let tensors = (0..4).map(|value| Tensor::full([2, 3], i64::from(value), (Kind::Float, tch::Device::Cpu))).collect();
    Parameters::new(entries, tensors)
}

#[test]
fn a_prefix_ends_at_a_dot() {
    assert!(is_under("model.norm.weight", "model.norm"));
    assert!(is_under("model.norm.weight", "model.norm."));
    assert!(is_under("model.norm.weight", ""));
    assert!(!is_under("model.norms.weight", "model.norm"));
}

#[test]
fn freezing_the_tower_freezes_its_merger_and_nothing_else() {
    let mut parameters = parameters();
    let report = parameters.freeze(&["visual".to_owned()]).unwrap();
    assert_eq!((report.num_frozen_tensors, report.num_frozen_elements), (2, 12));
    let trainable: Vec<bool> = parameters.list().iter().map(|parameter| parameter.trainable).collect();
    assert_eq!(trainable, [false, false, true, true]);
}

#[test]
fn freezing_nothing_unfreezes_everything() {
    let mut parameters = parameters();
    parameters.freeze(&["visual".to_owned()]).unwrap();
    let report = parameters.freeze(&[]).unwrap();
    assert_eq!(report.num_frozen_tensors, 0);
    assert!(parameters.list().iter().all(|parameter| parameter.trainable));
}

#[test]
fn unmatched_prefixes_are_all_named_and_nothing_is_frozen() {
    let mut parameters = parameters();
    let prefixes = ["visual", "vision", "model.nor"].map(str::to_owned);
    let message = parameters.freeze(&prefixes).unwrap_err().to_string();
    assert!(message.contains("`vision`, `model.nor`"), "{message}");
    assert!(parameters.list().iter().all(|parameter| parameter.trainable));
}

#[test]
fn a_digest_changes_only_with_its_own_weights() {
    let parameters = parameters();
    let (visual, text) = (parameters.digest("visual").unwrap(), parameters.digest("model").unwrap());
    let bytes: Vec<u8> = [9f32; 6].iter().flat_map(|value| value.to_le_bytes()).collect();
    parameters.assign("model.norm.weight", &bytes).unwrap();
    assert_eq!(parameters.digest("visual").unwrap(), visual);
    assert_ne!(parameters.digest("model").unwrap(), text);
    assert!(parameters.digest("audio").is_err());
}

#[test]
fn assigned_bytes_are_read_back_and_bump_the_version() {
    let parameters = parameters();
    let before = parameters.version();
    let bytes: Vec<u8> = (0..6).flat_map(|value| (value as f32).to_le_bytes()).collect();
    parameters.assign("visual.merger.ln_q.weight", &bytes).unwrap();
    let read = parameters.named_bytes().nth(1).unwrap();
    assert_eq!((read.name.as_str(), read.shape, read.bytes), ("visual.merger.ln_q.weight", vec![2, 3], bytes));
    assert!(parameters.version() > before);
    assert!(parameters.get("visual.merger.ln_q.weight").requires_grad());
}

#[test]
fn bytes_of_the_wrong_length_are_refused_with_both_sizes() {
    let message = parameters().assign("model.norm.weight", &[0; 20]).unwrap_err().to_string();
    assert!(message.contains("20 bytes") && message.contains("24"), "{message}");
}
