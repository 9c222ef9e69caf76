//! The model directory of the run file: the policy's weights, and the processor of its prompts.

use std::path::Path;

use gradus_config::{Compute, RunConfig, StageKind};
use gradus_model::{ComputeType, Config as ModelConfig, Policy, parse_device};
use gradus_processor::{Options, Processor};

use crate::{Error, engine::Demand};

/// What says which model it is.
const CONFIG: &str = "config.json";

/// What holds the weights: a single file, or the index of several.
const WEIGHTS: [&str; 2] = ["model.safetensors", "model.safetensors.index.json"];

/// Checks what can be checked without reading weights: that the files are there, that the model is one that can be computed,
/// on a device that has a name and in the cache that it is given, and that the weights are its own, by the headers of their files.
/// Returns the processor.
pub fn check(config: &RunConfig) -> Result<Processor, Error> {
    let path = &config.model.path;
    if !path.join(CONFIG).is_file() {
        return Err(Error::NoModel { path: path.clone(), file: CONFIG });
    }
    if !WEIGHTS.iter().any(|file| path.join(file).is_file()) {
        return Err(Error::NoModel { path: path.clone(), file: WEIGHTS[0] });
    }
    let model = Policy::check(path).map_err(|source| Error::Model { path: path.clone(), source })?;
    parse_device(&config.actor.device).map_err(|source| Error::Device { source })?;
    check_cache(config, &model)?;
    load_processor(config)
}

/// Checks that the longest prompt of each stage, and of the evaluation, fits into the cache with one completion.
fn check_cache(config: &RunConfig, model: &ModelConfig) -> Result<(), Error> {
    let stages = config.stages.iter().filter_map(|stage| match &stage.kind {
        StageKind::Rl(rl) => {
            let lengths = (rl.sampling.max_prompt_tokens, rl.sampling.max_new_tokens);
            Some((format!("stage `{}`", stage.name), lengths))
        }
        StageKind::Sft(_) => None,
    });
    let evaluation = config
        .evaluation
        .iter()
        .map(|evaluation| ("the evaluation".to_owned(), (evaluation.max_prompt_tokens, evaluation.max_new_tokens)));
    let max_positions = model.text.max_position_embeddings as usize;
    for (place, (max_prompt_tokens, max_new_tokens)) in stages.chain(evaluation) {
        let max_new_tokens = max_new_tokens as usize;
        let num_prompt_tokens = (max_prompt_tokens as usize).min(max_positions.saturating_sub(max_new_tokens));
        let demand = Demand::of_one(model, compute(config), num_prompt_tokens, max_new_tokens);
        let (needed_bytes, cache_bytes) = (demand.cache_bytes(), config.actor.cache_bytes);
        if needed_bytes > cache_bytes {
            return Err(Error::CacheTooSmall { cache_bytes, place, num_prompt_tokens, max_new_tokens, needed_bytes });
        }
    }
    Ok(())
}

fn compute(config: &RunConfig) -> ComputeType {
    match config.model.compute {
        Compute::F32 => ComputeType::F32,
        Compute::Bf16 => ComputeType::Bf16,
    }
}

/// Loads the policy onto the actor's device.
pub fn load_policy(config: &RunConfig) -> Result<Policy, Error> {
    let device = parse_device(&config.actor.device).map_err(|source| Error::Device { source })?;
    let path: &Path = &config.model.path;
    Policy::load(path, device, compute(config)).map_err(|source| Error::Model { path: path.to_owned(), source })
}

/// Loads the processor with the run file's bounds.
fn load_processor(config: &RunConfig) -> Result<Processor, Error> {
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
