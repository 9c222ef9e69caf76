//! Log-probabilities and entropies of suffix tokens, computed in f32 and in chunks of tokens.

use tch::Tensor;

/// How to score a batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoreOptions {
    /// Divides the logits; the temperature the tokens were sampled at.
    pub temperature: f64,
    /// Whether to compute the entropy of each predicted distribution.
    pub with_entropy: bool,
    /// Positions whose logits are computed at a time.
    pub chunk_tokens: usize,
}

impl Default for ScoreOptions {
    fn default() -> Self {
        Self { temperature: 1.0, with_entropy: false, chunk_tokens: 2048 }
    }
}

/// The scores of a batch's N suffix tokens, in the order group, suffix, token.
#[derive(Debug)]
pub struct Scores {
    /// `[N]` f32, nats; differentiable unless computed under `tch::no_grad`.
    pub logprobs: Tensor,
    /// `[N]` f32, nats; present when asked for, and differentiable likewise.
    pub entropy: Option<Tensor>,
}
