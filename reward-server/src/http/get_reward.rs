//! `POST /get_reward`: the contract of LMM-R1 and OpenRLHF.
//!
//! In: `query` (whole texts, prompt and response), `prompts` and `labels`. Out, a number a sample: `rewards`, `scores`, `acc_rewards` and
//! `format_rewards`, and under `extra_logs` every component and `unscored`, which is 1 where the others hold
//! `reward_server.unscored_value`: the contract knows numbers alone.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use gradus_types::Reward;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Body, Face, Refusal,
    batch::{Gold, Row, score_rows},
    query::response_of,
};
use crate::SampleText;

/// The component that `acc_rewards` holds.
const ACCURACY: &str = "accuracy";
/// The component that `format_rewards` holds.
const FORMAT: &str = "format";

/// What clients send besides, such as OpenRLHF's own arguments, is theirs and is not read.
#[derive(Debug, Deserialize)]
pub struct Request {
    #[serde(alias = "queries")]
    query: Vec<String>,
    prompts: Option<Vec<Value>>,
    labels: Vec<Gold>,
}

#[derive(Debug, Serialize)]
pub struct Response {
    rewards: Vec<f64>,
    scores: Vec<f64>,
    acc_rewards: Vec<f64>,
    format_rewards: Vec<f64>,
    extra_logs: BTreeMap<String, Vec<f64>>,
}

/// Scores a batch by `reward_server.reward`.
pub async fn score(State(face): State<Face>, Body(request): Body<Request>) -> Result<Json<Response>, Refusal> {
    let rewards = score_rows(&face, &face.components, "", request.rows()?).await?;
    Ok(Json(Response::of(&rewards, &face)))
}

// === impl Request ===

impl Request {
    fn rows(self) -> Result<Vec<Row>, Refusal> {
        let num_rows = self.query.len();
        let lengths = [("labels", Some(self.labels.len())), ("prompts", self.prompts.as_ref().map(Vec::len))];
        for (field, length) in lengths {
            if let Some(length) = length.filter(|length| *length != num_rows) {
                return Err(Refusal::unusable(format!("`{field}` has {length} elements and `query` has {num_rows}")));
            }
        }
        let prompts = self.prompts.unwrap_or_default().into_iter().map(Some).chain(std::iter::repeat(None));
        let row = |((query, prompt), label): ((String, Option<Value>), Gold)| Row {
            sample: SampleText::new(response_of(&query, prompt.as_ref())),
            prompt,
            gold: label.into_text(),
            options: Vec::new(),
        };
        Ok(self.query.into_iter().zip(prompts).zip(self.labels).map(row).collect())
    }
}

// === impl Response ===

impl Response {
    fn of(rewards: &[Reward], face: &Face) -> Self {
        let value = |value: Option<f64>| value.unwrap_or(face.unscored_value);
        let column = |name: &str| rewards.iter().map(|reward| value(reward.component(name))).collect::<Vec<f64>>();
        let totals: Vec<f64> = rewards.iter().map(|reward| value(reward.total())).collect();
        let mut extra_logs: BTreeMap<String, Vec<f64>> =
            face.components.iter().map(|component| (component.name.clone(), column(&component.name))).collect();
        let unscored = rewards.iter().map(|reward| f64::from(u8::from(reward.total().is_none())));
        extra_logs.insert("unscored".to_owned(), unscored.collect());
        Self {
            rewards: totals.clone(),
            scores: totals,
            acc_rewards: column(ACCURACY),
            format_rewards: column(FORMAT),
            extra_logs,
        }
    }
}
