//! Leases, completions, groups and their headers.

use std::time::Duration;

use gradus_types::{
    Completion, FinishReason, Group, GroupHeader, GroupId, Lease, PolicyVersion, PromptId, Sample, SampleHeader,
    SamplingParameters,
};

use super::{ConvertError, all, encoded, known, required, unspecified};
use crate::v1;

impl From<SamplingParameters> for v1::SamplingParameters {
    fn from(sampling: SamplingParameters) -> Self {
        Self {
            num_completions: sampling.num_completions,
            temperature: sampling.temperature,
            top_p: sampling.top_p,
            top_k: sampling.top_k,
            max_new_tokens: sampling.max_new_tokens,
            max_prompt_tokens: sampling.max_prompt_tokens,
        }
    }
}

impl From<v1::SamplingParameters> for SamplingParameters {
    fn from(wire: v1::SamplingParameters) -> Self {
        Self {
            num_completions: wire.num_completions,
            temperature: wire.temperature,
            top_p: wire.top_p,
            top_k: wire.top_k,
            max_new_tokens: wire.max_new_tokens,
            max_prompt_tokens: wire.max_prompt_tokens,
        }
    }
}

impl From<Lease> for v1::Lease {
    fn from(lease: Lease) -> Self {
        Self {
            group_id: lease.group_id.0,
            prompt: Some(lease.prompt.into()),
            sampling: Some(lease.sampling.into()),
            seed: lease.seed,
            min_policy_version: lease.min_policy_version.0,
            attempt: lease.attempt,
            time_to_live_millis: u64::try_from(lease.time_to_live.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

impl TryFrom<v1::Lease> for Lease {
    type Error = ConvertError;

    fn try_from(wire: v1::Lease) -> Result<Self, ConvertError> {
        Ok(Self {
            group_id: GroupId(wire.group_id),
            prompt: required(wire.prompt, "Lease", "prompt")?.try_into()?,
            sampling: required(wire.sampling, "Lease", "sampling")?.into(),
            seed: wire.seed,
            min_policy_version: PolicyVersion(wire.min_policy_version),
            attempt: wire.attempt,
            time_to_live: Duration::from_millis(wire.time_to_live_millis),
        })
    }
}

impl From<FinishReason> for v1::FinishReason {
    fn from(reason: FinishReason) -> Self {
        match reason {
            FinishReason::Stop => Self::Stop,
            FinishReason::Length => Self::Length,
        }
    }
}

impl TryFrom<v1::FinishReason> for FinishReason {
    type Error = ConvertError;

    fn try_from(wire: v1::FinishReason) -> Result<Self, ConvertError> {
        match wire {
            v1::FinishReason::Stop => Ok(Self::Stop),
            v1::FinishReason::Length => Ok(Self::Length),
            v1::FinishReason::Unspecified => Err(unspecified("Completion", "finish_reason")),
        }
    }
}

/// Reads the finish reason that `message` holds by number.
fn finish_reason(number: i32, message: &'static str) -> Result<FinishReason, ConvertError> {
    known::<v1::FinishReason>(number, message, "finish_reason")?
        .try_into()
        .map_err(|error| ConvertError { message, ..error })
}

impl From<Completion> for v1::Completion {
    fn from(completion: Completion) -> Self {
        Self {
            token_ids: completion.token_ids,
            logprobs: completion.logprobs,
            text: completion.text,
            finish_reason: v1::FinishReason::from(completion.finish_reason).into(),
            min_policy_version: completion.min_policy_version.0,
            max_policy_version: completion.max_policy_version.0,
        }
    }
}

impl TryFrom<v1::Completion> for Completion {
    type Error = ConvertError;

    fn try_from(wire: v1::Completion) -> Result<Self, ConvertError> {
        if wire.token_ids.len() != wire.logprobs.len() {
            let reason = format!("{} logprobs for {} tokens", wire.logprobs.len(), wire.token_ids.len());
            return Err(ConvertError::new("Completion", "logprobs", reason));
        }
        if wire.min_policy_version > wire.max_policy_version {
            let reason = format!("`{}` exceeds `max_policy_version`", wire.min_policy_version);
            return Err(ConvertError::new("Completion", "min_policy_version", reason));
        }
        Ok(Self {
            finish_reason: finish_reason(wire.finish_reason, "Completion")?,
            token_ids: wire.token_ids,
            logprobs: wire.logprobs,
            text: wire.text,
            min_policy_version: PolicyVersion(wire.min_policy_version),
            max_policy_version: PolicyVersion(wire.max_policy_version),
        })
    }
}

impl From<Sample> for v1::Sample {
    fn from(sample: Sample) -> Self {
        Self { completion: Some(sample.completion.into()), reward: Some(sample.reward.into()) }
    }
}

impl TryFrom<v1::Sample> for Sample {
    type Error = ConvertError;

    fn try_from(wire: v1::Sample) -> Result<Self, ConvertError> {
        Ok(Self {
            completion: required(wire.completion, "Sample", "completion")?.try_into()?,
            reward: required(wire.reward, "Sample", "reward")?.try_into()?,
        })
    }
}

impl From<Group> for v1::Group {
    fn from(group: Group) -> Self {
        Self {
            id: group.id.0,
            prompt: Some(group.prompt.into()),
            prompt_token_ids: group.prompt_token_ids,
            samples: encoded(group.samples),
            actor: group.actor,
        }
    }
}

impl TryFrom<v1::Group> for Group {
    type Error = ConvertError;

    fn try_from(wire: v1::Group) -> Result<Self, ConvertError> {
        Ok(Self {
            id: GroupId(wire.id),
            prompt: required(wire.prompt, "Group", "prompt")?.try_into()?,
            prompt_token_ids: wire.prompt_token_ids,
            samples: all(wire.samples)?,
            actor: wire.actor,
        })
    }
}

impl From<SampleHeader> for v1::SampleHeader {
    fn from(header: SampleHeader) -> Self {
        let components =
            header.components.into_iter().map(|(name, value)| v1::ComponentScore { name, value }).collect();
        Self {
            num_tokens: header.num_tokens,
            reward: header.reward,
            components,
            finish_reason: v1::FinishReason::from(header.finish_reason).into(),
            min_policy_version: header.min_policy_version.0,
            max_policy_version: header.max_policy_version.0,
        }
    }
}

impl TryFrom<v1::SampleHeader> for SampleHeader {
    type Error = ConvertError;

    fn try_from(wire: v1::SampleHeader) -> Result<Self, ConvertError> {
        Ok(Self {
            num_tokens: wire.num_tokens,
            reward: wire.reward,
            components: wire.components.into_iter().map(|score| (score.name, score.value)).collect(),
            finish_reason: finish_reason(wire.finish_reason, "SampleHeader")?,
            min_policy_version: PolicyVersion(wire.min_policy_version),
            max_policy_version: PolicyVersion(wire.max_policy_version),
        })
    }
}

impl From<GroupHeader> for v1::GroupHeader {
    fn from(header: GroupHeader) -> Self {
        Self {
            id: header.id.0,
            prompt_id: header.prompt_id.0,
            source: header.source,
            num_prompt_tokens: header.num_prompt_tokens,
            samples: encoded(header.samples),
        }
    }
}

impl TryFrom<v1::GroupHeader> for GroupHeader {
    type Error = ConvertError;

    fn try_from(wire: v1::GroupHeader) -> Result<Self, ConvertError> {
        Ok(Self {
            id: GroupId(wire.id),
            prompt_id: PromptId(wire.prompt_id),
            source: wire.source,
            num_prompt_tokens: wire.num_prompt_tokens,
            samples: all(wire.samples)?,
        })
    }
}
