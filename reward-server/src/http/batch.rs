//! `POST /v1/batch`: completions of many prompts, each with its reference answer, in columns as TRL and verl hold them.
//!
//! In: `completions` (texts, or conversations whose last turn counts), `golds`, and as far as they are needed `prompts`, `options`,
//! `num_tokens`, `prefill` and `components`. Out: `{"rewards": [number or null], "components": {"NAME": [number or null]}, "unscored": [{"index",
//! "reason", "detail"}]}`, in order.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use gradus_types::{FinishReason, Reward, RewardComponent, RewardSpec};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Body, Face, Refusal, reason_name, spec_text};
use crate::{GroupToScore, SampleText};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    #[serde(alias = "responses", alias = "solution_strs")]
    completions: Vec<Completion>,
    #[serde(alias = "solution", alias = "answer", alias = "ground_truths", alias = "labels")]
    golds: Vec<Gold>,
    prompts: Option<Vec<Value>>,
    options: Option<Vec<Vec<String>>>,
    num_tokens: Option<Vec<u32>>,
    #[serde(default)]
    prefill: String,
    components: Option<Vec<RewardComponent>>,
}

/// A completion: a text, or the turns of a conversation.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Completion {
    Text(String),
    Turns(Vec<Turn>),
}

#[derive(Debug, Deserialize)]
struct Turn {
    content: Content,
}

/// What a turn says: a text, or parts of which some are texts.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Debug, Deserialize)]
struct Part {
    text: Option<String>,
}

/// A reference answer. Data sets hold numbers as numbers too.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Gold {
    /// A text.
    Text(String),
    /// A number, as it is written.
    Number(serde_json::Number),
    /// No reference answer.
    Absent(()),
}

#[derive(Debug, Serialize)]
pub struct Response {
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

/// A completion with what it is scored by.
#[derive(Clone, Debug)]
pub struct Row {
    /// The prompt, which only tells neighbours apart.
    pub prompt: Option<Value>,
    /// The completion.
    pub sample: SampleText,
    /// The reference answer.
    pub gold: Option<String>,
    /// The texts of the options.
    pub options: Vec<String>,
}

/// Scores a batch.
pub async fn score(State(face): State<Face>, Body(request): Body<Request>) -> Result<Json<Response>, Refusal> {
    let components = request.components.clone().unwrap_or_else(|| face.components.clone());
    let prefill = request.prefill.clone();
    let rewards = score_rows(&face, &components, &prefill, request.rows()?).await?;
    Ok(Json(Response::of(rewards, &components)))
}

/// Scores rows by the same components. Neighbours with the same prompt and reference answer are one group, so that rewards which compare
/// the completions of a prompt have them together.
pub async fn score_rows(
    face: &Face,
    components: &[RewardComponent],
    prefill: &str,
    rows: Vec<Row>,
) -> Result<Vec<Reward>, Refusal> {
    let mut groups: Vec<GroupToScore> = Vec::new();
    let mut last_prompt = None;
    for row in rows {
        let spec = RewardSpec {
            gold: row.gold,
            options: row.options,
            components: components.to_vec(),
            ..RewardSpec::default()
        };
        let spec = spec_text(&spec);
        let is_neighbour = last_prompt == row.prompt;
        last_prompt = row.prompt;
        match groups.last_mut().filter(|group| is_neighbour && group.spec == spec) {
            Some(group) => group.samples.push(row.sample),
            None => groups.push(GroupToScore { spec, prefill: prefill.to_owned(), samples: vec![row.sample] }),
        }
    }
    Ok(face.scorer.score_all(groups).await?)
}

// === impl Request ===

impl Request {
    /// Puts the columns together, or says which one has another length.
    fn rows(self) -> Result<Vec<Row>, Refusal> {
        let num_rows = self.completions.len();
        let lengths = [
            ("golds", Some(self.golds.len())),
            ("prompts", self.prompts.as_ref().map(Vec::len)),
            ("options", self.options.as_ref().map(Vec::len)),
            ("num_tokens", self.num_tokens.as_ref().map(Vec::len)),
        ];
        for (column, length) in lengths {
            if let Some(length) = length.filter(|length| *length != num_rows) {
                let text = format!("`{column}` has {length} elements and `completions` has {num_rows}");
                return Err(Refusal::unusable(text));
            }
        }
        let mut prompts = self.prompts.map(Vec::into_iter);
        let mut options = self.options.map(Vec::into_iter);
        let mut num_tokens = self.num_tokens.map(Vec::into_iter);
        let row = |(completion, gold): (Completion, Gold)| {
            let counted = SampleText::new(completion.into_text());
            let num_tokens = num_tokens.as_mut().and_then(Iterator::next).unwrap_or(counted.num_tokens);
            let sample = SampleText { num_tokens, finish_reason: FinishReason::Stop, text: counted.text };
            let options = options.as_mut().and_then(Iterator::next).unwrap_or_default();
            let prompt = prompts.as_mut().and_then(Iterator::next);
            Row { prompt, sample, gold: gold.into_text(), options }
        };
        Ok(self.completions.into_iter().zip(self.golds).map(row).collect())
    }
}

impl Completion {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Turns(turns) => match turns.into_iter().next_back().map(|turn| turn.content) {
                Some(Content::Text(text)) => text,
                Some(Content::Parts(parts)) => parts.into_iter().filter_map(|part| part.text).collect(),
                None => String::new(),
            },
        }
    }
}

impl Gold {
    /// Returns the reference answer as text.
    pub fn into_text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(number) => Some(number.to_string()),
            Self::Absent(()) => None,
        }
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
