//! Rollouts: leased prompts, sampled completions and the groups they form.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{GroupId, PolicyVersion, Prompt, PromptId, Reward};

/// How completions are drawn from the policy's distribution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SamplingParameters {
    /// Completions per prompt (the group size, G).
    pub num_completions: u32,
    /// Divides the logits; 0 takes the most likely token.
    pub temperature: f64,
    /// Keeps the smallest set of tokens with at least this probability; 1 keeps all.
    pub top_p: f64,
    /// Keeps the most likely tokens; 0 keeps all.
    pub top_k: u32,
    /// The longest completion, in tokens.
    pub max_new_tokens: u32,
    /// The longest prompt, in tokens, pictures included; a longer one is rejected.
    pub max_prompt_tokens: u32,
}

/// A prompt lent to an actor for a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lease {
    /// The group the completions will form.
    pub group_id: GroupId,
    /// The question.
    pub prompt: Prompt,
    /// How to sample.
    pub sampling: SamplingParameters,
    /// The group's random seed; sample i, token t are drawn with `random::uniform(seed, i, t)`.
    pub seed: u64,
    /// The oldest policy that may sample the group.
    pub min_policy_version: PolicyVersion,
    /// How often the group was leased before.
    pub attempt: u32,
    /// The time the actor has before the lease ends and the prompt is lent again.
    pub time_to_live: Duration,
}

/// Why a completion ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FinishReason {
    /// A stop token was sampled; it is the last of the completion's tokens.
    Stop,
    /// The length limit was reached.
    Length,
}

/// What the policy wrote. Token ids and logprobs are facts: they are never derived again from the text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Completion {
    /// The sampled tokens, the stop token included.
    pub token_ids: Vec<u32>,
    /// For each token its natural logprob under the distribution it was really drawn from.
    pub logprobs: Vec<f32>,
    /// The tokens' text without special tokens: a view for people and scorers.
    pub text: String,
    /// Why it ended.
    pub finish_reason: FinishReason,
    /// The oldest policy that drew one of the tokens.
    pub min_policy_version: PolicyVersion,
    /// The newest policy that drew one of the tokens.
    pub max_policy_version: PolicyVersion,
}

/// A completion and its reward.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// What the policy wrote.
    pub completion: Completion,
    /// What it earned.
    pub reward: Reward,
}

/// The completions of one prompt, scored: the unit of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Names the group.
    pub id: GroupId,
    /// The question, as it was leased.
    pub prompt: Prompt,
    /// The prompt's tokens as the policy saw them, media placeholders expanded.
    pub prompt_token_ids: Vec<u32>,
    /// The completions, by sample index.
    pub samples: Vec<Sample>,
    /// The actor that sampled them.
    pub actor: String,
}

impl Group {
    /// Summarises the group for planning, without its payload.
    #[must_use]
    pub fn header(&self) -> GroupHeader {
        GroupHeader {
            id: self.id,
            prompt_id: self.prompt.id,
            source: self.prompt.source.clone(),
            num_prompt_tokens: u32::try_from(self.prompt_token_ids.len()).unwrap_or(u32::MAX),
            samples: self.samples.iter().map(SampleHeader::of).collect(),
        }
    }
}

/// What planning needs to know of one sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SampleHeader {
    /// The completion's length.
    pub num_tokens: u32,
    /// The total reward, or nothing where it could not be computed.
    pub reward: Option<f64>,
    /// The components' values by name.
    pub components: Vec<(String, f64)>,
    /// Why the completion ended.
    pub finish_reason: FinishReason,
    /// The oldest policy that drew one of the tokens.
    pub min_policy_version: PolicyVersion,
    /// The newest policy that drew one of the tokens.
    pub max_policy_version: PolicyVersion,
}

impl SampleHeader {
    fn of(sample: &Sample) -> Self {
        let components = match &sample.reward {
            Reward::Scored { components, .. } => {
                components.iter().map(|component| (component.name.clone(), component.value)).collect()
            }
            Reward::Unscored { .. } => Vec::new(),
        };
        Self {
            num_tokens: u32::try_from(sample.completion.token_ids.len()).unwrap_or(u32::MAX),
            reward: sample.reward.total(),
            components,
            finish_reason: sample.completion.finish_reason,
            min_policy_version: sample.completion.min_policy_version,
            max_policy_version: sample.completion.max_policy_version,
        }
    }
}

/// What planning needs to know of one group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupHeader {
    /// Names the group.
    pub id: GroupId,
    /// Names its prompt.
    pub prompt_id: PromptId,
    /// The prompt's data source or task kind.
    pub source: String,
    /// The prompt's length, media placeholders included.
    pub num_prompt_tokens: u32,
    /// The samples, by index.
    pub samples: Vec<SampleHeader>,
}

/// What became of a submitted group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Admission {
    /// Stored for the first time.
    Accepted,
    /// Was stored before.
    Duplicate,
    /// Came after its lease had ended and its place was filled, or is too stale.
    Late,
}
