//! Saving and loading: the same bytes and scores, either number type, and errors that list everything.

use std::{collections::HashMap, fs};

use gradus_model::{ComputeType, Config, Error, NamedBytes, PackedGroup, Policy, StoredType};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use tch::Device;

use crate::fixture::{CHECKPOINTS, assert_close, cases, directory, flat, load, score};

fn bytes(policy: &Policy) -> Vec<NamedBytes> {
    policy.named_bytes().collect()
}

#[test]
fn a_saved_checkpoint_loads_with_the_same_weights_and_config() {
    for checkpoint in CHECKPOINTS {
        let policy = load(checkpoint, ComputeType::F32);
        let copy = tempfile::tempdir().unwrap();
        policy.save(copy.path(), StoredType::F32).unwrap();
        let loaded = Policy::load(copy.path(), Device::Cpu, ComputeType::F32).unwrap();
        assert_eq!(bytes(&policy), bytes(&loaded), "{checkpoint}");
        assert_eq!(policy.config().text, loaded.config().text);
        assert_eq!(policy.parameter_digest("").unwrap(), loaded.parameter_digest("").unwrap());
    }
}

#[test]
fn a_checkpoint_is_written_in_its_own_names_and_number_type() {
    for (checkpoint, file, dtype) in
        [("text_mha_bfloat16", "model.safetensors", Dtype::BF16), ("multimodal_gqa2", "model.safetensors", Dtype::F32)]
    {
        let copy = tempfile::tempdir().unwrap();
        load(checkpoint, ComputeType::F32).save(copy.path(), StoredType::Checkpoint).unwrap();
        let (original, saved) = (directory(checkpoint).join(file), copy.path().join(file));
        let (original, saved) = (fs::read(original).unwrap(), fs::read(saved).unwrap());
        let (original, saved) =
            (SafeTensors::deserialize(&original).unwrap(), SafeTensors::deserialize(&saved).unwrap());
        assert_eq!(original.len(), saved.len());
        for (name, view) in original.tensors() {
            let found = saved.tensor(&name).unwrap();
            assert_eq!((found.dtype(), found.data()), (dtype, view.data()), "{checkpoint} {name}");
        }
        let read = |path: &std::path::Path| -> serde_json::Value {
            serde_json::from_str(&fs::read_to_string(path.join("config.json")).unwrap()).unwrap()
        };
        assert_eq!(read(&directory(checkpoint)), read(copy.path()), "{checkpoint}");
    }
}

#[test]
fn nested_names_are_kept() {
    let copy = tempfile::tempdir().unwrap();
    load("multimodal_gqa4_nested", ComputeType::F32).save(copy.path(), StoredType::F32).unwrap();
    let saved = fs::read(copy.path().join("model.safetensors")).unwrap();
    let saved = SafeTensors::deserialize(&saved).unwrap();
    assert!(saved.names().iter().any(|name| name.starts_with("model.visual.")));
    assert!(saved.names().iter().any(|name| name.starts_with("model.language_model.layers.0.")));
}

#[test]
fn an_initialized_policy_saves_loads_and_scores() {
    let config = fs::read_to_string(directory("multimodal_gqa2").join("config.json")).unwrap();
    let initialize =
        |seed| Policy::initialize(Config::from_json(&config).unwrap(), seed, Device::Cpu, ComputeType::F32).unwrap();
    let policy = initialize(1);
    assert_eq!(bytes(&policy), bytes(&initialize(1)));
    assert_ne!(bytes(&policy), bytes(&initialize(2)));
    let copy = tempfile::tempdir().unwrap();
    policy.save(copy.path(), StoredType::Checkpoint).unwrap();
    let loaded = Policy::load(copy.path(), Device::Cpu, ComputeType::F32).unwrap();
    let case = &cases("multimodal_gqa2")[2];
    let prompt = case.prompt();
    let group = [PackedGroup { prompt: &prompt, suffixes: case.suffixes() }];
    let (before, after) = (score(&policy, &group, case.options()), score(&loaded, &group, case.options()));
    assert_eq!(before.logprobs, after.logprobs);
}

/// Rewrites the weights of a copied checkpoint.
fn damaged(change: impl FnOnce(&mut HashMap<String, (Dtype, Vec<usize>, Vec<u8>)>)) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let source = directory("text_gqa2_tied");
    fs::copy(source.join("config.json"), copy.path().join("config.json")).unwrap();
    let file = fs::read(source.join("model.safetensors")).unwrap();
    let mut tensors: HashMap<_, _> = SafeTensors::deserialize(&file)
        .unwrap()
        .tensors()
        .into_iter()
        .map(|(name, view)| (name, (view.dtype(), view.shape().to_vec(), view.data().to_vec())))
        .collect();
    change(&mut tensors);
    let views = tensors
        .iter()
        .map(|(name, (dtype, shape, data))| (name.clone(), TensorView::new(*dtype, shape.clone(), data).unwrap()));
    safetensors::serialize_to_file(views, None, &copy.path().join("model.safetensors")).unwrap();
    copy
}

#[test]
fn a_damaged_checkpoint_lists_everything_wrong_with_it() {
    let copy = damaged(|tensors| {
        tensors.remove("model.norm.weight");
        tensors.remove("model.layers.1.mlp.up_proj.weight");
        tensors.insert("model.layers.7.surplus".to_owned(), (Dtype::F32, vec![1], vec![0; 4]));
        tensors.insert("model.layers.0.self_attn.q_proj.bias".to_owned(), (Dtype::F32, vec![2], vec![0; 8]));
        tensors.insert("model.layers.0.self_attn.k_proj.bias".to_owned(), (Dtype::I64, vec![16], vec![0; 128]));
    });
    let error = Policy::load(copy.path(), Device::Cpu, ComputeType::F32).unwrap_err();
    let message = error.to_string();
    assert_eq!(Policy::check(copy.path()).unwrap_err().to_string(), message, "headers are enough to tell");
    let Error::Tensors { missing, extra, misshapen, .. } = error else { panic!("{message}") };
    assert_eq!(missing, ["model.layers.1.mlp.up_proj.weight", "model.norm.weight"]);
    assert_eq!(extra, ["model.layers.7.surplus"]);
    let names: Vec<&str> = misshapen.iter().map(|tensor| tensor.name.as_str()).collect();
    assert_eq!(names, ["model.layers.0.self_attn.q_proj.bias", "model.layers.0.self_attn.k_proj.bias"]);
    for part in ["model.norm.weight", "model.layers.7.surplus", "[2] F32", "[32]", "I64"] {
        assert!(message.contains(part), "{part} not in {message}");
    }
}

#[test]
fn the_stored_head_of_a_tied_model_is_ignored() {
    let copy = damaged(|tensors| {
        let embedding = tensors["model.embed_tokens.weight"].clone();
        tensors.insert("lm_head.weight".to_owned(), embedding);
    });
    let policy = Policy::load(copy.path(), Device::Cpu, ComputeType::F32).unwrap();
    let case = &cases("text_gqa2_tied")[0];
    let prompt = case.prompt();
    let scores = score(&policy, &[PackedGroup { prompt: &prompt, suffixes: case.suffixes() }], case.options());
    assert_close(&scores.logprobs, &flat(&case.logprobs), 1e-4, "tied");
}

#[test]
fn a_truncated_file_and_a_missing_one_are_named() {
    let copy = damaged(|_| {});
    let path = copy.path().join("model.safetensors");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 10]).unwrap();
    let load = || Policy::load(copy.path(), Device::Cpu, ComputeType::F32).unwrap_err();
    assert!(matches!(load(), Error::Safetensors { .. }));
    fs::remove_file(&path).unwrap();
    assert!(load().to_string().contains("model.safetensors"));
}
