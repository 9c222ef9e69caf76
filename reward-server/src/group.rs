//! What is asked of the server: the completions of one prompt, and how they are scored.

use gradus_proto::{ConvertError, v1};
use gradus_types::FinishReason;

/// The completions of one prompt, and how they are scored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupToScore {
    /// The reward spec as JSON.
    pub spec: String,
    /// Text that the assistant's turn started with and that counts for scoring.
    pub prefill: String,
    /// The completions.
    pub samples: Vec<SampleText>,
}

/// A completion as the reward server sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleText {
    /// The text.
    pub text: String,
    /// Its length in tokens.
    pub num_tokens: u32,
    /// Why it ended.
    pub finish_reason: FinishReason,
}

/// What a completion takes besides its text: itself, what is measured of it, and its reward.
const SAMPLE_BYTES: usize = 512;

// === impl GroupToScore ===

impl GroupToScore {
    /// Returns about the bytes that the group holds in memory.
    #[must_use]
    pub fn num_bytes(&self) -> usize {
        let samples = self.samples.iter().map(|sample| SAMPLE_BYTES + sample.text.len() + self.prefill.len());
        self.spec.len() + samples.sum::<usize>()
    }
}

impl TryFrom<v1::ScoreGroupRequest> for GroupToScore {
    type Error = ConvertError;

    fn try_from(wire: v1::ScoreGroupRequest) -> Result<Self, ConvertError> {
        let read = |completion: v1::CompletionText| -> Result<SampleText, ConvertError> {
            let finish_reason = completion.finish_reason().try_into()?;
            Ok(SampleText { text: completion.text, num_tokens: completion.num_tokens, finish_reason })
        };
        let samples = wire.completions.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { spec: wire.reward_spec, prefill: wire.prefill, samples })
    }
}

// === impl SampleText ===

impl SampleText {
    /// Makes a sample of text alone, that ended of itself; its words count as tokens.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let num_tokens = u32::try_from(text.split_whitespace().count()).unwrap_or(u32::MAX);
        Self { text, num_tokens, finish_reason: FinishReason::Stop }
    }
}
