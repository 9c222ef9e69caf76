//! A packed batch: groups of one prompt and several suffixes, laid out without padding and indexed once.

use tch::Device;

use crate::{Config, Error, Prompt};

/// One prompt and the completions to score after it.
#[derive(Debug, Clone)]
pub struct PackedGroup<'a> {
    /// The shared prefix.
    pub prompt: &'a Prompt,
    /// The token ids of each completion; none may be empty.
    pub suffixes: Vec<&'a [u32]>,
}

/// Groups ready to be scored: tokens, pixels, positions and index tensors on the device.
#[derive(Debug)]
pub struct PackedBatch {
    _config: (),
}

impl PackedBatch {
    /// Checks and lays out groups for a model on a device. Every prompt is checked before anything is computed.
    pub fn new(_groups: &[PackedGroup<'_>], _config: &Config, _device: Device) -> Result<Self, Error> {
        todo!()
    }

    /// Returns the number of tokens the decoder computes: every prompt once, and every suffix.
    pub fn num_tokens(&self) -> usize {
        todo!()
    }

    /// Returns the number of tokens that are scored, which is the number of suffix tokens.
    pub fn num_scored_tokens(&self) -> usize {
        todo!()
    }
}
