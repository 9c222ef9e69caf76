//! What an engine is asked for, and what it answers.

use gradus_model::Prompt;
use gradus_types::{Completion, FinishReason, PolicyVersion, SamplingParameters};

use crate::engine::Error;

/// A prompt to complete several times. The completions are a function of the policy and of these fields alone.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupRequest {
    /// The question, tokenized and with its pictures.
    pub prompt: Prompt,
    /// How many completions, how long, and how they are drawn.
    pub sampling: SamplingParameters,
    /// The group's random seed.
    pub seed: u64,
}

/// A completion in tokens, before it is decoded to text.
#[derive(Clone, Debug, PartialEq)]
pub struct SampledTokens {
    /// The sampled tokens, the stop token included.
    pub token_ids: Vec<u32>,
    /// For each token its natural logprob under the distribution it was drawn from.
    pub logprobs: Vec<f32>,
    /// Why it ended.
    pub finish_reason: FinishReason,
    /// The oldest policy that drew one of the tokens.
    pub min_policy_version: PolicyVersion,
    /// The newest policy that drew one of the tokens.
    pub max_policy_version: PolicyVersion,
}

// === impl GroupRequest ===

impl GroupRequest {
    /// Checks what does not depend on the policy: that the sampling parameters make sense and the prompt is within their bound.
    pub fn check(&self) -> Result<(), Error> {
        let sampling = &self.sampling;
        let refuse = |key, value: String, expected| Err(Error::Sampling { key, value, expected });
        if sampling.num_completions == 0 {
            return refuse("num_completions", sampling.num_completions.to_string(), "at least 1");
        }
        if sampling.max_new_tokens == 0 {
            return refuse("max_new_tokens", sampling.max_new_tokens.to_string(), "at least 1");
        }
        if !(sampling.temperature >= 0.0 && sampling.temperature.is_finite()) {
            return refuse("temperature", sampling.temperature.to_string(), "a finite number of at least 0");
        }
        if !(sampling.top_p > 0.0 && sampling.top_p <= 1.0) {
            return refuse("top_p", sampling.top_p.to_string(), "above 0 and at most 1");
        }
        let (num_tokens, max_prompt_tokens) = (self.prompt.token_ids.len(), sampling.max_prompt_tokens as usize);
        if num_tokens > max_prompt_tokens {
            return Err(Error::PromptTooLong { num_tokens, max_prompt_tokens });
        }
        Ok(())
    }
}

// === impl SampledTokens ===

impl SampledTokens {
    /// Adds the text to make it a completion.
    #[must_use]
    pub fn into_completion(self, text: String) -> Completion {
        let Self { token_ids, logprobs, finish_reason, min_policy_version, max_policy_version } = self;
        Completion { token_ids, logprobs, text, finish_reason, min_policy_version, max_policy_version }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> GroupRequest {
        let sampling = SamplingParameters {
            num_completions: 2,
            temperature: 1.0,
            top_p: 1.0,
            top_k: 0,
            max_new_tokens: 4,
            max_prompt_tokens: 3,
        };
        GroupRequest { prompt: Prompt { token_ids: vec![1, 2, 3], media: Vec::new() }, sampling, seed: 1 }
    }

    fn refusal(change: impl FnOnce(&mut GroupRequest)) -> String {
        let mut request = request();
        change(&mut request);
        request.check().unwrap_err().to_string()
    }

    #[test]
    fn a_request_within_its_bounds_passes() {
        assert!(request().check().is_ok());
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_key_and_value() {
        assert!(refusal(|request| request.sampling.num_completions = 0).contains("`num_completions`"));
        assert!(refusal(|request| request.sampling.max_new_tokens = 0).contains("`max_new_tokens`"));
        assert!(refusal(|request| request.sampling.temperature = -0.5).contains("`-0.5`"));
        assert!(refusal(|request| request.sampling.temperature = f64::NAN).contains("`NaN`"));
        assert!(refusal(|request| request.sampling.top_p = 0.0).contains("`top_p`"));
        assert!(refusal(|request| request.prompt.token_ids.push(4)).contains("4 tokens"));
    }
}
