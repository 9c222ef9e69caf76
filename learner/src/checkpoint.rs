//! Checkpoints: a Hugging Face model directory with the optimizer's moments and the place in the run beside the weights.
//!
//! ```text
//! checkpoints/step-00000040/
//!     config.json model.safetensors     the policy, f32, exactly the master weights
//!     tokenizer.json …                  copied from the base model
//!     optimizer.safetensors state.json  what resuming needs beyond the policy
//! ```
//!
//! A checkpoint is written into a directory beside its own, synced file by file, and renamed: it is there whole or not at all.

mod directory;

pub use directory::CheckpointDirectory;

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tch::Tensor;

use gradus_model::{Policy, StoredType, write_tensors};
use gradus_types::{StageIndex, Step};

use crate::{AdamW, Error};

const OPTIMIZER_FILE: &str = "optimizer.safetensors";
const STATE_FILE: &str = "state.json";

/// What belongs to a model directory but not to every model: weights in any format, and what the policy writes itself.
const WEIGHT_EXTENSIONS: [&str; 9] = ["safetensors", "bin", "pt", "pth", "ckpt", "gguf", "h5", "msgpack", "onnx"];
const WRITTEN_FILES: [&str; 4] =
    ["config.json", "model.safetensors.index.json", "pytorch_model.bin.index.json", STATE_FILE];

/// The place in the run that a checkpoint was taken at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointState {
    /// The step whose update is the last one applied.
    pub step: Step,
    /// The stage the step belongs to.
    pub stage: StageIndex,
    /// The step within its stage, from 1.
    pub stage_step: u64,
    /// Whether the stage ends with it.
    pub ends_stage: bool,
    /// The run's seed.
    pub seed: u64,
    /// Ranks that took part.
    pub world_size: u32,
    /// Updates the stage's optimizer has applied.
    pub num_updates: u64,
    /// The directory, relative to the run's, of the checkpoint whose weights the stage began with; the base model if absent.
    pub stage_start: Option<PathBuf>,
    /// The digest of the policy's weights, in hexadecimal digits.
    pub digest: String,
}

/// What a checkpoint saves.
#[derive(Clone, Copy, Debug)]
pub struct CheckpointContent<'a> {
    /// The place in the run.
    pub state: &'a CheckpointState,
    /// The weights.
    pub policy: &'a Policy,
    /// The moments.
    pub optimizer: &'a AdamW,
    /// The directory that tokenizer and processor files are copied from.
    pub model_directory: &'a Path,
}

// === impl CheckpointState ===

impl CheckpointState {
    /// Reads the state of a checkpoint.
    pub fn read(checkpoint: &Path) -> Result<Self, Error> {
        let path = checkpoint.join(STATE_FILE);
        let text = fs::read_to_string(&path)
            .map_err(|source| Error::ReadCheckpoint { path: path.clone(), source: Box::new(source) })?;
        serde_json::from_str(&text).map_err(|source| Error::ReadCheckpoint { path, source: Box::new(source) })
    }
}

/// Reads the optimizer's moments of a checkpoint.
pub fn read_moments(checkpoint: &Path) -> Result<Vec<(String, Tensor)>, Error> {
    let path = checkpoint.join(OPTIMIZER_FILE);
    Tensor::read_safetensors(&path).map_err(|source| Error::ReadCheckpoint { path, source: Box::new(source) })
}

/// Writes everything of a checkpoint into a directory, each file synced.
fn write_content(
    directory: &Path,
    content: &CheckpointContent<'_>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    fs::create_dir_all(directory)?;
    content.policy.save(directory, StoredType::F32)?;
    let moments = directory.join(OPTIMIZER_FILE);
    write_tensors(&moments, content.optimizer.state())?;
    let mut state = File::create(directory.join(STATE_FILE))?;
    state.write_all(serde_json::to_string_pretty(content.state)?.as_bytes())?;
    state.sync_all()?;
    copy_companions(content.model_directory, directory)?;
    File::open(directory)?.sync_all()?;
    Ok(())
}

/// Copies what makes a directory of weights a model: tokenizer, processor, chat template, licence.
fn copy_companions(model_directory: &Path, directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(model_directory)? {
        let path = entry?.path();
        if !is_companion(&path) {
            continue;
        }
        let Some(name) = path.file_name() else { continue };
        let copy = directory.join(name);
        fs::copy(&path, &copy)?;
        File::open(&copy)?.sync_all()?;
    }
    Ok(())
}

fn is_companion(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let extension = path.extension().map(|extension| extension.to_string_lossy().into_owned()).unwrap_or_default();
    let is_weights = WEIGHT_EXTENSIONS.contains(&extension.as_str());
    let is_written = WRITTEN_FILES.contains(&name.as_str()) || name.starts_with('.');
    path.is_file() && !is_weights && !is_written
}
