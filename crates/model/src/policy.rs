//! A policy: a configuration, its named parameters, and what can be done with them.

use std::{
    cell::{Ref, RefCell},
    path::Path,
};

use tch::{Device, Tensor, no_grad};

use crate::{
    ComputeType, Config, Error, GroupCache, PackedBatch, Prompt, ScoreOptions, Scores,
    checkpoint::{self, Origin},
    initialize, inventory,
    network::Network,
    parameters::Parameters,
    rollout::Rollout,
    rotary::TextRotary,
    score,
};

/// One named parameter of a policy.
#[derive(Debug)]
pub struct Parameter {
    /// Its canonical name, the one transformers writes: `model.layers.0.…`, `visual.…`, `lm_head.weight`.
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
    parameters: Parameters,
    origin: Origin,
    rotary: TextRotary,
    rollout_network: RefCell<Option<RolloutNetwork>>,
}

/// The network decode steps share, valid for one version of the parameters.
#[derive(Debug)]
struct RolloutNetwork {
    version: i64,
    network: Network,
}

impl Policy {
    /// Loads a Hugging Face checkpoint directory: `config.json` and (sharded) safetensors, of either naming generation.
    /// Fails with [`Error::Tensors`], which lists everything missing, extra and misshapen.
    pub fn load(directory: &Path, device: Device, compute: ComputeType) -> Result<Self, Error> {
        let (config, parameters, origin) = checkpoint::load(directory, device)?;
        Ok(Self::new(config, parameters, origin, (device, compute)))
    }

    /// Checks that [`load`](Self::load) would find the tensors it needs: reads configuration and headers, not one weight.
    /// Returns the configuration.
    pub fn check(directory: &Path) -> Result<Config, Error> {
        checkpoint::check(directory)
    }

    /// Builds a policy with random weights, distributed as transformers initializes them: a function of config and seed alone.
    pub fn initialize(config: Config, seed: i64, device: Device, compute: ComputeType) -> Result<Self, Error> {
        let parameters = initialize::parameters(inventory::entries(&config), seed, device);
        Ok(Self::new(config, parameters, Origin::default(), (device, compute)))
    }

    /// Writes `config.json` and safetensors (sharded when large) in the naming of the loaded checkpoint, and syncs them. Tokenizer
    /// and processor files are the caller's to copy.
    pub fn save(&self, directory: &Path, stored: StoredType) -> Result<(), Error> {
        checkpoint::save(directory, &self.config, &self.parameters, &self.origin, stored)
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
        self.parameters.list()
    }

    /// Freezes exactly the parameters under these name prefixes and makes all others trainable; an empty list unfreezes
    /// everything. A prefix ends at a dot of the name: `visual` is the whole vision tower, merger included.
    pub fn freeze(&mut self, prefixes: &[String]) -> Result<FreezeReport, Error> {
        self.parameters.freeze(prefixes)
    }

    /// Returns a digest of names, shapes and elements of the parameters under a prefix; all parameters for an empty prefix.
    pub fn parameter_digest(&self, prefix: &str) -> Result<blake3::Hash, Error> {
        self.parameters.digest(prefix)
    }

    /// Iterates over all parameters as bytes, in the order of [`Self::parameters`], copying one at a time off the device.
    pub fn named_bytes(&self) -> impl Iterator<Item = NamedBytes> + '_ {
        self.parameters.named_bytes()
    }

    /// Overwrites one parameter in place with f32 little-endian bytes; takes effect at the next prefill, decode or score.
    pub fn assign(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.parameters.assign(name, bytes)
    }

    /// Scores every suffix token of a batch. Differentiable in the trainable parameters; wrap it in `tch::no_grad` to score only.
    pub fn score(&self, batch: &PackedBatch, options: ScoreOptions) -> Result<Scores, Error> {
        let network = Network::new(&self.parameters, &self.config, self.compute, self.device);
        score::score(&network, &self.rotary, batch, options)
    }

    /// Computes a prompt once and opens a cache for its completions. Returns the logits `[V]` f32 of their first token.
    pub fn prefill(&self, prompt: &Prompt, num_completions: usize) -> Result<(GroupCache, Tensor), Error> {
        prompt.check(&self.config)?;
        if num_completions == 0 {
            return Err(Error::Empty { what: "the group to prefill" });
        }
        Ok(no_grad(|| {
            let network = self.rollout_network();
            self.rollout(&network).prefill(prompt, num_completions)
        }))
    }

    /// Advances every live completion of every group by one token. Takes each group's cache with the token last drawn for each of
    /// its live completions, and returns the logits `[num_live of all groups, V]` f32 of the next, in the same order. Groups may be
    /// at different tokens; one without live completions adds no rows.
    pub fn decode(&self, groups: &mut [(&mut GroupCache, &[u32])]) -> Result<Tensor, Error> {
        self.check_decode(groups)?;
        Ok(no_grad(|| {
            let network = self.rollout_network();
            self.rollout(&network).decode(groups)
        }))
    }

    fn new(config: Config, parameters: Parameters, origin: Origin, (device, compute): (Device, ComputeType)) -> Self {
        let rotary = TextRotary::new(&config.text, device);
        Self { config, device, compute, parameters, origin, rotary, rollout_network: RefCell::new(None) }
    }

    fn check_decode(&self, groups: &[(&mut GroupCache, &[u32])]) -> Result<(), Error> {
        let vocab_size = self.config.text.vocab_size;
        for (group, (cache, tokens)) in groups.iter().enumerate() {
            let (num_live, num_tokens) = (cache.num_live(), tokens.len());
            if num_live != num_tokens {
                return Err(Error::DecodeTokens { group, num_live, num_tokens });
            }
            if let Some(&token_id) = tokens.iter().find(|&&token_id| i64::from(token_id) >= vocab_size) {
                return Err(Error::TokenOutOfRange { token_id, vocab_size });
            }
        }
        match groups.iter().map(|(_, tokens)| tokens.len()).sum() {
            0usize => Err(Error::Empty { what: "the decode step" }),
            _ => Ok(()),
        }
    }

    fn rollout<'a>(&'a self, network: &'a Network) -> Rollout<'a> {
        Rollout { network, rotary: &self.rotary, config: &self.config, device: self.device }
    }

    /// Returns the network with weights cast and fused, built again when any parameter has changed.
    fn rollout_network(&self) -> Ref<'_, Network> {
        let version = self.parameters.version();
        let is_current = self.rollout_network.borrow().as_ref().is_some_and(|built| built.version == version);
        if !is_current {
            let network = Network::new(&self.parameters, &self.config, self.compute, self.device);
            *self.rollout_network.borrow_mut() = Some(RolloutNetwork { version, network });
        }
        Ref::map(self.rollout_network.borrow(), |built| &built.as_ref().expect("it was built above").network)
    }
}
