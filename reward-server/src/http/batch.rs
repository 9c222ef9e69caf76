//! `POST /v1/batch`: completions of many prompts, each with its reference answer, in columns as TRL and verl hold them.
//!
//! In: `completions` (texts, or conversations whose last turn counts), `golds`, and as far as they are needed `prompts`, `options`,
//! `num_tokens`, `prefill` and `components`. Out: `{"rewards": [number or null], "components": {"NAME": [number or null]}, "unscored": [{"index",
//! "reason", "detail"}]}`, in order.

use std::{collections::BTreeMap, sync::Arc};

use axum::{body::Bytes, extract::State, response::Response as HttpResponse};
use gradus_types::{Reward, RewardComponent};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Face, Refusal,
    query::is_empty,
    reason_name,
    row::{self, Column, Row, check_lengths},
};
use crate::scorer::{Call, Prompt};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    #[serde(alias = "responses", alias = "solution_strs")]
    completions: Column,
    #[serde(alias = "solution", alias = "answer", alias = "ground_truths", alias = "labels")]
    golds: Column,
    prompts: Option<Column>,
    options: Option<Column>,
    num_tokens: Option<Column>,
    #[serde(default)]
    prefill: String,
    components: Option<Vec<RewardComponent>>,
}

#[derive(Debug, Serialize)]
struct Response {
    rewards: Vec<Option<f64>>,
    components: BTreeMap<String, Vec<Option<f64>>>,
    unscored: Vec<Unscored>,
}

#[derive(Debug, Serialize)]
struct Unscored {
    index: usize,
    reason: &'static str,
    detail: String,
}

/// Scores a batch.
pub async fn score(State(face): State<Face>, body: Bytes) -> Result<HttpResponse, Refusal> {
    let default = Arc::clone(&face.components);
    let read = move |mut request: Request| {
        let components = request.components.take().map_or(default, Arc::from);
        let call = Call::new(&components, std::mem::take(&mut request.prefill));
        Ok((group(call, request.rows()?), components))
    };
    let (call, components) = face.read(body, read).await?;
    let rewards = face.scorer.score_all(call).await?;
    face.write(rewards.len(), move || Response::of(rewards, &components)).await
}

/// Puts rows into the groups of a call. Neighbours with the same prompt and reference answer are one group, so that rewards which compare the
/// completions of a prompt have them together; a row whose prompt is not known is a group of its own.
pub fn group(mut call: Call, rows: Vec<Result<Row, String>>) -> Call {
    let mut last_prompt = None;
    for row in rows {
        match row {
            Err(reason) => call.leave_out(reason),
            Ok(Row { prompt, sample, gold, options }) => {
                let place = match &prompt {
                    None => Prompt::Unknown,
                    Some(_) if last_prompt == prompt => Prompt::Same,
                    Some(_) => Prompt::Other,
                };
                call.push(sample, (gold, options), place);
                last_prompt = prompt.or(last_prompt);
            }
        }
    }
    call
}

// === impl Request ===

impl Request {
    /// Puts the columns together, or says which one has another length.
    fn rows(self) -> Result<Vec<Result<Row, String>>, Refusal> {
        let length = |column: &Option<Column>| column.as_ref().map(|column| column.0.len());
        let others = [
            ("golds", Some(self.golds.0.len())),
            ("prompts", length(&self.prompts)),
            ("options", length(&self.options)),
            ("num_tokens", length(&self.num_tokens)),
        ];
        check_lengths(("completions", self.completions.0.len()), &others)?;
        let mut prompts = self.prompts.map(|column| column.0.into_iter());
        let mut options = self.options.map(|column| column.0.into_iter());
        let mut num_tokens = self.num_tokens.map(|column| column.0.into_iter());
        let row = |(completion, gold): (Value, Value)| {
            let prompt = prompts.as_mut().and_then(Iterator::next).filter(|prompt| !is_empty(prompt));
            let options = options.as_mut().and_then(Iterator::next);
            let num_tokens = num_tokens.as_mut().and_then(Iterator::next);
            Ok(Row {
                prompt,
                sample: row::sample(row::completion(completion)?, num_tokens)?,
                gold: row::gold(gold)?,
                options: options.map_or(Ok(Vec::new()), row::options)?,
            })
        };
        Ok(self.completions.0.into_iter().zip(self.golds.0).map(row).collect())
    }
}

// === impl Response ===

impl Response {
    fn of(rewards: Vec<Reward>, components: &[RewardComponent]) -> Self {
        let column = |name: &str| rewards.iter().map(|reward| reward.component(name)).collect();
        let components = components.iter().map(|component| (component.name.clone(), column(&component.name))).collect();
        let totals = rewards.iter().map(Reward::total).collect();
        let unscored = rewards.into_iter().enumerate().filter_map(|(index, reward)| match reward {
            Reward::Scored { .. } => None,
            Reward::Unscored { reason, detail } => Some(Unscored { index, reason: reason_name(reason), detail }),
        });
        Self { rewards: totals, components, unscored: unscored.collect() }
    }
}
