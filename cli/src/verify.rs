//! `gradus verify`: scores answers without a server, for comparing Gradus with other verifiers.
//!
//! In, one JSON object a line: `{"gold": "…", "prediction": "…"}` with optional `"mode"` (`response`, the default: the gold is bare and
//! the prediction is searched for its answer; `answer`: both are bare; `text`: both are searched), `"config"` (of which `precision`, the
//! decimals that count, is read) and `"spec"`, a reward spec that is scored instead; its own gold, if it has one, counts. Other keys
//! are ignored.
//!
//! Out, one line each in order: `{"outcome": "equal|different|undecided", "score", "components": {…}, "extracted", "gold_read", "method",
//! "reason", "micros"}`; or `{"error": "…"}`, and the command fails at the end.

use std::{collections::BTreeMap, path::PathBuf, time::Instant};

use anyhow::{Context, Result, anyhow};
use clap::{Args, ValueEnum};
use gradus_types::RewardSpec;
use gradus_verify::{
    AnswerRule, AnswerSettings, Decision, Extraction, Fallback, Response, RewardPlan, Score, Source, Tolerance, Units,
    Verdict,
};
use serde::{Deserialize, Serialize};

use crate::line_files::{self, Line, Output};

/// The arguments of `gradus verify`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    /// Reference answers and predictions, one JSON object a line.
    #[arg(long, value_name = "F.jsonl")]
    input: PathBuf,
    /// Where the outcomes are written, one JSON object a line.
    #[arg(long, value_name = "F.jsonl")]
    output: PathBuf,
    /// What units mean, on lines without a spec.
    #[arg(long, value_enum, default_value_t = Profile::Reward)]
    profile: Profile,
}

/// How strictly answers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Profile {
    /// As rewards are: one side may leave a unit or a percent sign out.
    Reward,
    /// As math-verify does: units count for nothing.
    MathVerify,
    /// Units and percent signs must be there and be the same.
    Strict,
}

/// A line of the input.
#[derive(Debug, Deserialize)]
struct Request {
    gold: String,
    prediction: String,
    #[serde(default)]
    mode: Mode,
    #[serde(default)]
    config: Config,
    spec: Option<RewardSpec>,
}

/// Which sides are searched for their answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    #[default]
    Response,
    Answer,
    Text,
}

#[derive(Debug, Default, Deserialize)]
struct Config {
    precision: Option<i32>,
}

/// A line of the output.
#[derive(Debug, Serialize)]
struct Verified {
    outcome: Verdict,
    score: f64,
    components: BTreeMap<String, f64>,
    extracted: Option<String>,
    gold_read: String,
    method: &'static str,
    reason: String,
    micros: f64,
}

/// Scores every line of the input.
pub fn run(arguments: &Arguments) -> Result<()> {
    let lines = line_files::read(&arguments.input)?;
    let mut output = Output::create(&arguments.output)?;
    for line in &lines {
        output.write(line, &verify(line, arguments.profile))?;
    }
    output.finish()
}

fn verify(line: &Line, profile: Profile) -> Result<Verified> {
    let request: Request = serde_json::from_str(&line.text).context("failed to parse the line")?;
    let started = Instant::now();
    let mut verified = match &request.spec {
        Some(spec) => by_spec(&request, spec)?,
        None => by_answer(&request, profile),
    };
    verified.micros = started.elapsed().as_nanos() as f64 / 1_000.0;
    Ok(verified)
}

/// Scores a prediction with the reward spec of its line.
fn by_spec(request: &Request, spec: &RewardSpec) -> Result<Verified> {
    let gold = spec.gold.clone().unwrap_or_else(|| request.gold.clone());
    let plan = RewardPlan::compile(&RewardSpec { gold: Some(gold), ..spec.clone() })?;
    let score = plan.score(&Response::of_text(&request.prediction));
    let decision =
        score.decision().cloned().ok_or_else(|| anyhow!("the spec has no component that compares an answer"))?;
    Ok(Verified::new(decision, &score))
}

/// Compares a prediction with the reference answer.
fn by_answer(request: &Request, profile: Profile) -> Verified {
    let searched = |text: &str| search(Source::Auto).find(text).unwrap_or_default().to_owned();
    let bare = |text: &str| search(Source::Whole).find(text).unwrap_or_default().to_owned();
    let (gold, answer) = match request.mode {
        Mode::Response => (bare(&request.gold), searched(&request.prediction)),
        Mode::Answer => (bare(&request.gold), bare(&request.prediction)),
        Mode::Text => (searched(&request.gold), searched(&request.prediction)),
    };
    let decision = match AnswerRule::new(&gold, &[], settings(request, profile)) {
        Ok(_) if answer.is_empty() => nothing(Verdict::Different, &gold, "the prediction holds no answer"),
        Ok(rule) => rule.decide(&answer),
        Err(reason) => nothing(Verdict::Undecided, &gold, &format!("the gold cannot be used: {reason}")),
    };
    let total = if decision.verdict == Verdict::Equal { 1.0 } else { 0.0 };
    Verified::new(decision, &Score { total, components: Vec::new() })
}

const fn search(source: Source) -> Extraction {
    Extraction { source, fallback: Fallback::LastLine }
}

fn settings(request: &Request, profile: Profile) -> AnswerSettings {
    let units = match profile {
        Profile::Reward => Units::Optional,
        Profile::MathVerify => Units::Ignored,
        Profile::Strict => Units::Required,
    };
    // A number that is rounded to so many decimals is off by at most half of the last.
    let absolute = request.config.precision.map_or(0.0, |decimals| 0.5 * 10_f64.powi(-decimals));
    AnswerSettings { units, tolerance: Tolerance { relative: 0.0, absolute }, ..AnswerSettings::default() }
}

fn nothing(verdict: Verdict, gold: &str, reason: &str) -> Decision {
    let (gold_reading, reason) = (gold.to_owned(), reason.to_owned());
    Decision { verdict, extracted: None, gold_reading, method: "extraction", reason }
}

impl Verified {
    fn new(decision: Decision, score: &Score) -> Self {
        let components = score.components.iter().map(|component| (component.name.clone(), component.value)).collect();
        Self {
            outcome: decision.verdict,
            score: score.total,
            components,
            extracted: decision.extracted,
            gold_read: decision.gold_reading,
            method: decision.method,
            reason: decision.reason,
            micros: 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(line: &str, profile: Profile) -> Verified {
        verify(&Line { number: 1, text: line.to_owned() }, profile).unwrap()
    }

    #[test]
    fn each_mode_searches_what_it_says() {
        for (line, expected) in [
            (r#"{"gold": "4", "prediction": "so \\boxed{4} it is"}"#, Verdict::Equal),
            (r#"{"gold": "4", "prediction": "2 + 2\nis\n4"}"#, Verdict::Equal),
            (r#"{"gold": "4", "prediction": "so \\boxed{5} it is", "mode": "response"}"#, Verdict::Different),
            (r#"{"gold": "\\frac{1}{2}", "prediction": "0.5", "mode": "answer"}"#, Verdict::Equal),
            (r#"{"gold": "it is \\boxed{7}", "prediction": "The answer is 7.", "mode": "text"}"#, Verdict::Equal),
            (r#"{"gold": "x+1", "prediction": "1+x", "mode": "answer", "id": "ignored"}"#, Verdict::Undecided),
            (
                r#"{"gold": "3.14159", "prediction": "3.14", "config": {"precision": 2, "strict": true}}"#,
                Verdict::Equal,
            ),
            (r#"{"gold": "4", "prediction": ""}"#, Verdict::Different),
            (r#"{"gold": "", "prediction": "4"}"#, Verdict::Undecided),
        ] {
            let verified = outcome(line, Profile::Reward);
            assert_eq!(verified.outcome, expected, "{line}: {verified:?}");
        }
    }

    #[test]
    fn a_profile_says_what_units_mean() {
        let line = r#"{"gold": "5 cm", "prediction": "5 m", "mode": "answer"}"#;
        assert_eq!(outcome(line, Profile::MathVerify).outcome, Verdict::Equal);
        assert_eq!(outcome(line, Profile::Strict).outcome, Verdict::Undecided);
    }

    #[test]
    fn a_spec_is_scored_with_all_its_components() {
        let line = r#"{"gold": "B", "prediction": "<think>a</think><answer>B</answer>", "spec": {"components": [
            {"name": "accuracy", "kind": "answer", "weight": 0.75},
            {"name": "format", "kind": "format", "template": "think_answer", "weight": 0.25}]}}"#;
        let verified = outcome(line, Profile::Reward);
        assert_eq!((verified.score, verified.components["format"]), (1.0, 1.0));
        assert_eq!((verified.extracted.as_deref(), verified.method), (Some("B"), "letter"));
    }

    #[test]
    fn a_line_that_is_no_request_is_an_error_of_its_own() {
        let line = Line { number: 3, text: r#"{"gold": 4}"#.to_owned() };
        assert!(verify(&line, Profile::Reward).unwrap_err().to_string().contains("failed to parse"));
    }
}
