//! What ends an actor, or keeps it from starting.

use std::path::PathBuf;

use gradus_process::Exits;
use gradus_rpc::CallError;

use crate::{engine, follower};

/// A failure of the service.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no model where the run file says.
    #[error("`model.path`: there is no `{file}` in `{}`; give the directory of a Hugging Face checkpoint", path.display())]
    NoModel {
        /// The directory.
        path: PathBuf,
        /// What it lacks.
        file: &'static str,
    },
    /// The model's configuration or weights cannot be used.
    #[error("failed to load the model in `{}`", path.display())]
    Model {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: gradus_model::Error,
    },
    /// The model's tokenizer, template or image settings cannot be used.
    #[error("failed to load the processor of the model in `{}`", path.display())]
    Processor {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: gradus_processor::Error,
    },
    /// The cache is too small for what the run file asks for.
    #[error(
        "`actor.cache_bytes` = {cache_bytes} does not hold a single completion of {place}: a prompt of {num_prompt_tokens} tokens and {max_new_tokens} new ones need {needed_bytes}; raise it, or lower `max_prompt_tokens` or `max_new_tokens`"
    )]
    CacheTooSmall {
        /// The bound.
        cache_bytes: u64,
        /// The stage, or the evaluation.
        place: String,
        /// The longest prompt that the model can place beside the completion.
        num_prompt_tokens: usize,
        /// The longest completion.
        max_new_tokens: usize,
        /// What the two need.
        needed_bytes: u64,
    },
    /// A prompt that the engine has no room for, whatever else it does.
    #[error("the engine's limits leave no room for a prompt")]
    Limits(#[source] engine::Error),
    /// The device is unknown.
    #[error("`actor.device`")]
    Device {
        /// What it was.
        source: gradus_model::Error,
    },
    /// The model's weights cannot be published, so nothing can be compared with them.
    #[error("failed to compute the digest of the model's weights")]
    Digest {
        /// Why.
        source: gradus_weight_sync::Error,
    },
    /// An endpoint of the run file is none, or cannot be served.
    #[error("`{key}`")]
    Endpoint {
        /// The key of the run file.
        key: &'static str,
        /// Why.
        source: gradus_rpc::Error,
    },
    /// The engine has failed.
    #[error("the engine has failed")]
    Engine(#[from] engine::Error),
    /// Two live actors go by one name, and this one came first.
    #[error("`actor.name` = `{name}`")]
    NameTaken {
        /// The name.
        name: String,
        /// What the coordinator says.
        source: CallError,
    },
    /// The announced policy can never be sampled here.
    #[error("failed to follow the announced policy")]
    Follow(#[from] follower::Error),
    /// A thread or task could not be started, or was lost.
    #[error(transparent)]
    Runtime(#[from] gradus_runtime::Error),
}

impl Exits for Error {}
