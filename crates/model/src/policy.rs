//! A policy: a configuration, its named parameters, and what can be done with them.

use std::path::Path;

use tch::{Device, Tensor};

use crate::{ComputeType, Config, Error, GroupCache, PackedBatch, Prompt, ScoreOptions, Scores};

/// One named parameter of a policy.
#[derive(Debug)]
pub struct Parameter {
    /// Its canonical name, as in checkpoints of the first generation: `model.layers.0.…`, `visual.…`, `lm_head.weight`.
    pub name: String,
    /// The f32 master weight itself; changing it in place under `tch::no_grad` changes the policy.
    pub tensor: Tensor,
    /// Whether gradients are computed for it.
    pub trainable: bool,
}

/// What [`Policy::freeze`] froze.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreezeReport {
    /// Frozen parameters.
    pub num_frozen_tensors: usize,
    /// Elements of the frozen parameters.
    pub num_frozen_elements: usize,
}

/// A parameter as bytes, for weight synchronisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedBytes {
    /// Its canonical name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<i64>,
    /// Its elements, row-major f32, little-endian.
    pub bytes: Vec<u8>,
}

/// The number type a checkpoint is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredType {
    /// f32, exactly the master weights.
    F32,
    /// The type each tensor had in the checkpoint that was loaded; f32 for an initialized policy.
    Checkpoint,
}

/// A language model with or without vision, with f32 master weights on one device. Owned by the device's thread.
#[derive(Debug)]
pub struct Policy {
    config: Config,
    device: Device,
    compute: ComputeType,
}

impl Policy {
    /// Loads a Hugging Face checkpoint directory: `config.json` and (sharded) safetensors, of either naming generation.
    /// Fails with [`Error::Tensors`], which lists everything missing, extra and misshapen.
    pub fn load(_directory: &Path, _device: Device, _compute: ComputeType) -> Result<Self, Error> {
        todo!()
    }

    /// Builds a policy with random weights, distributed as transformers initializes them: a function of config and seed alone.
    pub fn initialize(_config: Config, _seed: i64, _device: Device, _compute: ComputeType) -> Result<Self, Error> {
        todo!()
    }

    /// Writes `config.json` and safetensors (sharded when large) in the naming of the loaded checkpoint. Tokenizer and
    /// processor files are the caller's to copy.
    pub fn save(&self, _directory: &Path, _stored: StoredType) -> Result<(), Error> {
        todo!()
    }

    /// Returns the model's configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Returns the device that holds the weights.
    pub fn device(&self) -> Device {
        self.device
    }

    /// Returns the number type of matrix products.
    pub fn compute(&self) -> ComputeType {
        self.compute
    }

    /// Returns every parameter in a fixed order that depends on the config alone. The tensors share storage with the policy.
    pub fn parameters(&self) -> Vec<Parameter> {
        todo!()
    }

    /// Freezes exactly the parameters under these name prefixes and makes all others trainable; an empty list unfreezes
    /// everything. A prefix ends at a dot of the name: `visual` is the whole vision tower, merger included.
    pub fn freeze(&mut self, _prefixes: &[String]) -> Result<FreezeReport, Error> {
        todo!()
    }

    /// Returns a digest of names, shapes and elements of the parameters under a prefix; all parameters for an empty prefix.
    pub fn parameter_digest(&self, _prefix: &str) -> Result<blake3::Hash, Error> {
        todo!()
    }

    /// Iterates over all parameters as bytes, in the order of [`Self::parameters`], copying one at a time off the device.
    pub fn named_bytes(&self) -> impl Iterator<Item = NamedBytes> + '_ {
        std::iter::empty()
    }

    /// Overwrites one parameter in place with f32 little-endian bytes; takes effect at the next prefill, decode or score.
    pub fn assign(&self, _name: &str, _bytes: &[u8]) -> Result<(), Error> {
        todo!()
    }

    /// Scores every suffix token of a batch. Differentiable in the trainable parameters; wrap it in `tch::no_grad` to score only.
    pub fn score(&self, _batch: &PackedBatch, _options: ScoreOptions) -> Result<Scores, Error> {
        todo!()
    }

    /// Computes a prompt once and opens a cache for its completions. Returns the logits `[V]` f32 of their first token.
    pub fn prefill(&self, _prompt: &Prompt, _num_completions: usize) -> Result<(GroupCache, Tensor), Error> {
        todo!()
    }

    /// Advances every live completion of every group by one token. Takes each group's cache with the token last drawn for each of
    /// its live completions, and returns the logits `[num_live of all groups, V]` f32 of the next, in the same order.
    pub fn decode(&self, _groups: &mut [(&mut GroupCache, &[u32])]) -> Result<Tensor, Error> {
        todo!()
    }
}
