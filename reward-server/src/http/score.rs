//! `POST /v1/score`: the completions of one prompt.
//!
//! In: `{"spec": {…}, "prefill": "…", "completions": ["text", {"text", "num_tokens", "finish_reason"}]}`, where `prefill`, `num_tokens`
//! (the words are counted) and `finish_reason` (`stop`) may be left out. Out: `{"rewards": [{"total", "components": {…}} or
//! {"unscored", "detail"}]}`, in order.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use gradus_types::{FinishReason, Reward, RewardSpec};
use serde::{Deserialize, Serialize};

use super::{Body, Face, Refusal, reason_name, spec_text};
use crate::{GroupToScore, SampleText};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    spec: RewardSpec,
    #[serde(default)]
    prefill: String,
    completions: Vec<Completion>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Completion {
    Text(String),
    Full { text: String, num_tokens: Option<u32>, finish_reason: Option<FinishReason> },
}

#[derive(Debug, Serialize)]
pub struct Response {
    rewards: Vec<ScoredSample>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ScoredSample {
    Scored { total: f64, components: BTreeMap<String, f64> },
    Unscored { unscored: &'static str, detail: String },
}

/// Scores the completions of one prompt.
pub async fn score(State(face): State<Face>, Body(request): Body<Request>) -> Result<Json<Response>, Refusal> {
    let rewards = face.scorer.score(request.into()).await?;
    Ok(Json(Response { rewards: rewards.into_iter().map(Into::into).collect() }))
}

impl From<Request> for GroupToScore {
    fn from(request: Request) -> Self {
        let samples = request.completions.into_iter().map(SampleText::from).collect();
        Self { spec: spec_text(&request.spec), prefill: request.prefill, samples }
    }
}

impl From<Completion> for SampleText {
    fn from(completion: Completion) -> Self {
        match completion {
            Completion::Text(text) => Self::new(text),
            Completion::Full { text, num_tokens, finish_reason } => {
                let counted = Self::new(text);
                Self {
                    num_tokens: num_tokens.unwrap_or(counted.num_tokens),
                    finish_reason: finish_reason.unwrap_or(counted.finish_reason),
                    text: counted.text,
                }
            }
        }
    }
}

impl From<Reward> for ScoredSample {
    fn from(reward: Reward) -> Self {
        match reward {
            Reward::Scored { total, components } => {
                let components = components.into_iter().map(|score| (score.name, score.value)).collect();
                Self::Scored { total, components }
            }
            Reward::Unscored { reason, detail } => Self::Unscored { unscored: reason_name(reason), detail },
        }
    }
}
