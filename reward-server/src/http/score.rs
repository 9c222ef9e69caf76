//! `POST /v1/score`: the completions of one prompt.
//!
//! In: `{"spec": {…}, "prefill": "…", "completions": ["text", {"text", "num_tokens", "finish_reason"}], "decisions": false}`, where all but the
//! first and the texts may be left out (the words are counted, and the reason is `stop`). Out: `{"rewards": [{"total", "components": {…}} or
//! {"unscored", "detail"}]}`, in order; with `decisions`, also how each component that compares answers came to its value.

use std::collections::BTreeMap;

use axum::{body::Bytes, extract::State, response::Response as HttpResponse};
use gradus_types::{FinishReason, RewardSpec};
use gradus_verify::{Decision, Score};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;

use super::{Face, Refusal, reason_name, row::Column};
use crate::{GroupToScore, SampleText, batch::Failure};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    spec: RewardSpec,
    #[serde(default)]
    prefill: String,
    completions: Column<Completion>,
    #[serde(default)]
    decisions: bool,
}

#[derive(Debug)]
struct Completion(SampleText);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FullCompletion {
    text: String,
    num_tokens: Option<u32>,
    finish_reason: Option<FinishReason>,
}

#[derive(Debug, Serialize)]
struct Response {
    rewards: Vec<ScoredSample>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ScoredSample {
    Scored {
        total: f64,
        components: BTreeMap<String, f64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        decisions: Option<BTreeMap<String, Decision>>,
    },
    Unscored {
        unscored: &'static str,
        detail: String,
    },
}

/// Scores the completions of one prompt.
pub async fn score(State(face): State<Face>, body: Bytes) -> Result<HttpResponse, Refusal> {
    let read = |request: Request| Ok((request.decisions, GroupToScore::from(request)));
    let (with_decisions, group) = face.read(body, read).await?;
    let results = face.scorer.score_in_full(group).await?;
    let num_samples = results.len();
    let sample = move |result| ScoredSample::of(result, with_decisions);
    face.write(num_samples, move || Response { rewards: results.into_iter().map(sample).collect() }).await
}

impl From<Request> for GroupToScore {
    fn from(request: Request) -> Self {
        // In one form, because compiled rewards are kept by the text of their spec.
        let spec = serde_json::to_string(&request.spec).expect("a reward spec holds text keys and JSON values alone");
        let samples = request.completions.0.into_iter().map(|completion| completion.0).collect();
        Self { spec, prefill: request.prefill, samples }
    }
}

impl<'de> Deserialize<'de> for Completion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = match Value::deserialize(deserializer)? {
            Value::String(text) => return Ok(Self(SampleText::new(text))),
            value => value,
        };
        let full: FullCompletion = serde_json::from_value(value).map_err(D::Error::custom)?;
        let counted = SampleText::new(full.text);
        Ok(Self(SampleText {
            num_tokens: full.num_tokens.unwrap_or(counted.num_tokens),
            finish_reason: full.finish_reason.unwrap_or(counted.finish_reason),
            text: counted.text,
        }))
    }
}

impl ScoredSample {
    fn of(result: Result<Score, Failure>, with_decisions: bool) -> Self {
        let Score { total, components } = match result {
            Ok(score) => score,
            Err(Failure { reason, detail, .. }) => return Self::Unscored { unscored: reason_name(reason), detail },
        };
        let mut values = BTreeMap::new();
        let mut decisions = BTreeMap::new();
        for component in components {
            if let Some(decision) = component.decision {
                decisions.insert(component.name.clone(), decision);
            }
            values.insert(component.name, component.value);
        }
        Self::Scored { total, components: values, decisions: with_decisions.then_some(decisions) }
    }
}
