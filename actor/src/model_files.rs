//! The model directory of the run file: the policy's weights, and the processor of its prompts.

use std::path::Path;

use gradus_config::{Compute, RunConfig};
use gradus_model::{ComputeType, Policy, parse_device};
use gradus_processor::{Options, Processor};

use crate::Error;

/// What says which model it is.
const CONFIG: &str = "config.json";

/// What holds the weights: a single file, or the index of several.
const WEIGHTS: [&str; 2] = ["model.safetensors", "model.safetensors.index.json"];

/// Checks what can be checked without reading weights: that the files are there, that the model is one that can be computed,
/// on a device that has a name, and that the weights are its own, by the headers of their files.
pub fn check(config: &RunConfig) -> Result<(), Error> {
    let path = &config.model.path;
    if !path.join(CONFIG).is_file() {
        return Err(Error::NoModel { path: path.clone(), file: CONFIG });
    }
    if !WEIGHTS.iter().any(|file| path.join(file).is_file()) {
        return Err(Error::NoModel { path: path.clone(), file: WEIGHTS[0] });
    }
    Policy::check(path).map_err(|source| Error::Model { path: path.clone(), source })?;
    load_processor(config)?;
    parse_device(&config.actor.device).map_err(|source| Error::Device { source })?;
    Ok(())
}

/// Loads the policy onto the actor's device.
pub fn load_policy(config: &RunConfig) -> Result<Policy, Error> {
    let device = parse_device(&config.actor.device).map_err(|source| Error::Device { source })?;
    let compute = match config.model.compute {
        Compute::F32 => ComputeType::F32,
        Compute::Bf16 => ComputeType::Bf16,
    };
    let path: &Path = &config.model.path;
    Policy::load(path, device, compute).map_err(|source| Error::Model { path: path.to_owned(), source })
}

/// Loads the processor with the run file's bounds.
pub fn load_processor(config: &RunConfig) -> Result<Processor, Error> {
    let model = &config.model;
    let options = Options {
        cache_bytes: usize::try_from(config.actor.media_cache_bytes).unwrap_or(usize::MAX),
        min_pixels: model.min_pixels.map(u64::from),
        max_pixels: model.max_pixels.map(u64::from),
        chat_template: model.chat_template.clone(),
        ..Options::default()
    };
    Processor::load_with(&model.path, &options).map_err(|source| Error::Processor { path: model.path.clone(), source })
}
