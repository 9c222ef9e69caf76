//! What a run has written: its last status, the scalars of its steps, its checkpoints.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use safetensors::SafeTensors;
use serde_json::Value;

/// The files of a run.
#[derive(Clone, Debug)]
pub struct Records {
    directory: PathBuf,
}

/// A checkpoint of a run.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// Its directory.
    pub path: PathBuf,
    /// What `state.json` says: the step, the stage, the digest.
    pub state: Value,
    /// The bytes of every tensor, by name.
    pub tensors: BTreeMap<String, Vec<u8>>,
}

impl Records {
    pub(crate) const fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Reads the status that the coordinator left at its end, `report.json`.
    ///
    /// # Panics
    /// There is none.
    #[must_use]
    pub fn report(&self) -> Value {
        read_json(&self.directory.join("report.json"))
    }

    /// Reads the scalars of the steps, `metrics.jsonl`, line by line: a step that was repeated has several.
    ///
    /// # Panics
    /// A line is no JSON.
    #[must_use]
    pub fn scalars(&self) -> Vec<Value> {
        let text = read(&self.directory.join("metrics.jsonl"));
        let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("`{line}`: {error}"));
        text.lines().map(parse).collect()
    }

    /// Reads every checkpoint, the oldest first.
    ///
    /// # Panics
    /// A checkpoint cannot be read.
    #[must_use]
    pub fn checkpoints(&self) -> Vec<Checkpoint> {
        let entries = fs::read_dir(self.directory.join("checkpoints")).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        paths.into_iter().map(Checkpoint::read).collect()
    }
}

impl Checkpoint {
    /// Returns the step.
    ///
    /// # Panics
    /// The state does not say.
    #[must_use]
    pub fn step(&self) -> u64 {
        self.state["step"].as_u64().expect("`state.json` has a step")
    }

    /// Returns the digest of the weights, in hexadecimal.
    ///
    /// # Panics
    /// The state does not say.
    #[must_use]
    pub fn digest(&self) -> &str {
        self.state["digest"].as_str().expect("`state.json` has a digest")
    }

    fn read(path: PathBuf) -> Self {
        let state = read_json(&path.join("state.json"));
        let file = path.join("model.safetensors");
        let bytes = fs::read(&file).unwrap_or_else(|error| panic!("failed to read `{}`: {error}", file.display()));
        let tensors = SafeTensors::deserialize(&bytes)
            .unwrap_or_else(|error| panic!("`{}` holds no tensors: {error}", file.display()));
        let tensors = tensors.iter().map(|(name, tensor)| (name.to_owned(), tensor.data().to_vec())).collect();
        Self { path, state, tensors }
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("failed to read `{}`: {error}", path.display()))
}

fn read_json(path: &Path) -> Value {
    serde_json::from_str(&read(path)).unwrap_or_else(|error| panic!("`{}` is no JSON: {error}", path.display()))
}
