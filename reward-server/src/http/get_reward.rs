//! `POST /get_reward`: the contract of LMM-R1 and OpenRLHF.
//!
//! In: `query` (whole texts, prompt and response), `prompts` and `labels`. Out, a number a sample: `rewards`, `scores`, `acc_rewards` and
//! `format_rewards` where the reward has components of those names, and under `extra_logs` every component and `unscored`, which is 1 where the others hold
//! `reward_server.unscored_value`: the contract knows numbers alone.

use std::{collections::BTreeMap, iter, sync::Arc};

use axum::{body::Bytes, extract::State, response::Response as HttpResponse};
use gradus_types::Reward;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Face, Refusal,
    batch::group,
    query::{is_empty, response_of},
    row::{self, Column, Row, check_lengths},
};
use crate::scorer::Call;

/// The component that `acc_rewards` holds.
const ACCURACY: &str = "accuracy";
/// The component that `format_rewards` holds.
const FORMAT: &str = "format";

/// What clients send besides, such as OpenRLHF's own arguments, is theirs and is not read.
#[derive(Debug, Deserialize)]
struct Request {
    #[serde(alias = "queries")]
    query: Column,
    prompts: Option<Column>,
    labels: Column,
}

#[derive(Debug, Serialize)]
struct Response {
    rewards: Vec<f64>,
    scores: Vec<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acc_rewards: Option<Vec<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format_rewards: Option<Vec<f64>>,
    extra_logs: BTreeMap<String, Vec<f64>>,
}

/// Scores a batch by `reward_server.reward`.
pub async fn score(State(face): State<Face>, body: Bytes) -> Result<HttpResponse, Refusal> {
    let components = Arc::clone(&face.components);
    let read = move |request: Request| Ok(group(Call::new(&components, String::new()), request.rows()?));
    let call = face.read(body, read).await?;
    let rewards = face.scorer.score_all(call).await?;
    let written = face.clone();
    face.write(rewards.len(), move || Response::of(&rewards, &written)).await
}

// === impl Request ===

impl Request {
    fn rows(self) -> Result<Vec<Result<Row, String>>, Refusal> {
        let lengths =
            [("labels", Some(self.labels.0.len())), ("prompts", self.prompts.as_ref().map(|prompts| prompts.0.len()))];
        check_lengths(("query", self.query.0.len()), &lengths)?;
        let prompts = self.prompts.map_or(Vec::new(), |prompts| prompts.0);
        let prompts = prompts.into_iter().map(Some).chain(iter::repeat_with(|| None));
        let row = |((query, prompt), label): ((Value, Option<Value>), Value)| {
            let prompt = prompt.filter(|prompt| !is_empty(prompt));
            let query = query.as_str().ok_or("the query is no text")?;
            let response = response_of(query, prompt.as_ref())?.to_owned();
            Ok(Row { sample: row::sample(response, None)?, prompt, gold: row::gold(label)?, options: Vec::new() })
        };
        Ok(self.query.0.into_iter().zip(prompts).zip(self.labels.0).map(row).collect())
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
        let (acc_rewards, format_rewards) = (extra_logs.get(ACCURACY).cloned(), extra_logs.get(FORMAT).cloned());
        let unscored = rewards.iter().map(|reward| f64::from(u8::from(reward.total().is_none())));
        extra_logs.insert("unscored".to_owned(), unscored.collect());
        Self { rewards: totals.clone(), scores: totals, acc_rewards, format_rewards, extra_logs }
    }
}
