//! A small vision-language model with random weights in a directory of its own, for the tests of commands.

use std::{
    fs,
    path::{Path, PathBuf},
};

use gradus_model::{ComputeType, Config, Policy, StoredType};
use serde_json::{Value, json};
use tch::Device;
use tempfile::TempDir;

use super::{Compute, ModelArguments};

/// The vocabulary of the model; the tokenizer's is a little smaller.
pub const VOCABULARY_SIZE: u32 = 600;

/// A model directory, which also holds the files of the test.
pub struct Model {
    directory: TempDir,
}

fn golden(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/processor")).join(name)
}

/// Makes a model.
pub fn model() -> Model {
    let model = Model { directory: tempfile::tempdir().unwrap() };
    for entry in fs::read_dir(golden("model")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), model.path(&entry.file_name().to_string_lossy())).unwrap();
    }
    fs::copy(golden("templates/qwen2_5_vl.jinja"), model.path("chat_template.jinja")).unwrap();
    let mut config: Value = serde_json::from_slice(&fs::read(golden("model/config.json")).unwrap()).unwrap();
    let vision = json!({
        "depth": 1, "hidden_size": 32, "intermediate_size": 40, "num_heads": 2, "patch_size": 14, "in_chans": 3,
        "spatial_merge_size": 2, "temporal_patch_size": 2, "window_size": 56, "out_hidden_size": 32,
        "fullatt_block_indexes": [0], "initializer_range": 0.15
    });
    let text = json!({
        "vocab_size": VOCABULARY_SIZE, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 512, "rms_norm_eps": 1e-6,
        "rope_theta": 1e4, "rope_scaling": {"type": "mrope", "mrope_section": [1, 1, 2]}, "tie_word_embeddings": true,
        "initializer_range": 0.15, "vision_config": vision
    });
    config.as_object_mut().unwrap().extend(text.as_object().unwrap().clone());
    let config = Config::from_json(&config.to_string()).unwrap();
    let policy = Policy::initialize(config, 1, Device::Cpu, ComputeType::F32).unwrap();
    policy.save(model.directory.path(), StoredType::F32).unwrap();
    model
}

/// A line that asks about one of the golden pictures.
pub fn picture_line(name: &str) -> Value {
    let path = golden("images").join(name);
    json!({"messages": [{"role": "user", "content": "<image>What is it?"}], "images": [path]})
}

impl Model {
    pub fn arguments(&self) -> ModelArguments {
        ModelArguments {
            model: self.directory.path().to_owned(),
            device: "cpu".to_owned(),
            compute: Compute::F32,
            min_pixels: None,
            max_pixels: None,
            image_marker: "<image>".to_owned(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a file of one JSON value a line.
    pub fn write(&self, name: &str, lines: &[Value]) -> PathBuf {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    /// Reads a file of one JSON value a line.
    pub fn read(&self, name: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.path(name)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
