//! What can go wrong with a request, a swap or the engine itself.

use std::sync::Arc;

use gradus_types::PolicyVersion;

/// A failure of the engine.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// A sampling parameter that makes no sense.
    #[error("sampling parameter `{key}` is `{value}`; it must be {expected}")]
    Sampling {
        /// The parameter.
        key: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A prompt longer than the stage allows.
    #[error("the prompt has {num_tokens} tokens, pictures included, and `max_prompt_tokens` is {max_prompt_tokens}")]
    PromptTooLong {
        /// Its length.
        num_tokens: usize,
        /// The bound.
        max_prompt_tokens: usize,
    },
    /// A prompt and completion longer than the model can place.
    #[error(
        "the prompt's {num_tokens} tokens and up to {max_new_tokens} new ones exceed the model's {max_positions} positions"
    )]
    TooManyPositions {
        /// The prompt's length.
        num_tokens: usize,
        /// The longest completion.
        max_new_tokens: usize,
        /// What the model can place.
        max_positions: usize,
    },
    /// A prompt whose keys and values do not fit into the cache, even with a single completion.
    #[error(
        "one completion of the prompt needs {needed_bytes} bytes of cache and `actor.cache_bytes` is {cache_bytes}; raise it, or lower `max_prompt_tokens` or `max_new_tokens`"
    )]
    CacheTooSmall {
        /// Bytes for the prompt and one completion.
        needed_bytes: u64,
        /// The bound.
        cache_bytes: u64,
    },
    /// A limit under which nothing can be completed.
    #[error("`{key}` is 0; the engine needs at least 1")]
    Limit {
        /// The key of the run file.
        key: &'static str,
    },
    /// A prompt the model cannot compute.
    #[error("the model cannot compute the prompt")]
    Prompt {
        /// Why.
        source: Arc<gradus_model::Error>,
    },
    /// The policy gave logits that are no distribution.
    #[error("policy version {policy_version} gave logits that are not finite")]
    NotFinite {
        /// The policy.
        policy_version: PolicyVersion,
    },
    /// The engine takes no more requests because its service is leaving.
    #[error("the engine is draining and takes no more groups")]
    Draining,
    /// New weights that are not those of this policy; nothing was changed.
    #[error("failed to swap to policy version {version}: {}", problems.join("; "))]
    Weights {
        /// The version that was offered.
        version: PolicyVersion,
        /// Every difference, naming the tensor.
        problems: Vec<String>,
    },
    /// The model failed at its work, which ends the engine.
    #[error("the model failed to {attempt}")]
    Model {
        /// What was attempted.
        attempt: &'static str,
        /// Why.
        source: Arc<gradus_model::Error>,
    },
    /// libtorch failed to draw tokens, which ends the engine.
    #[error("libtorch failed to draw tokens: {message}")]
    Draw {
        /// What libtorch said.
        message: String,
    },
    /// The engine has ended.
    #[error("the engine has ended")]
    Ended {
        /// How its thread ended.
        #[from]
        source: gradus_runtime::Error,
    },
}

// === impl Error ===

impl Error {
    /// Tells whether the prompt itself is at fault, so that no actor can complete it.
    #[must_use]
    pub const fn is_prompt_fault(&self) -> bool {
        match self {
            Self::PromptTooLong { .. } | Self::TooManyPositions { .. } | Self::Prompt { .. } => true,
            Self::CacheTooSmall { .. }
            | Self::Limit { .. }
            | Self::Sampling { .. }
            | Self::NotFinite { .. }
            | Self::Draining
            | Self::Weights { .. }
            | Self::Model { .. }
            | Self::Draw { .. }
            | Self::Ended { .. } => false,
        }
    }

    /// Tells whether the engine's limits are at fault: the prompt is as good as any, and no other one of its kind fits either.
    #[must_use]
    pub const fn is_limits_fault(&self) -> bool {
        matches!(self, Self::CacheTooSmall { .. } | Self::Limit { .. })
    }

    /// Tells whether the engine cannot go on after this failure.
    #[must_use]
    pub const fn is_fatal(&self) -> bool {
        matches!(self, Self::Model { .. } | Self::Draw { .. } | Self::Ended { .. })
    }
}
