//! `gradus verify`: scores answers without a server, for comparing Gradus with other verifiers.
//!
//! In, one JSON object a line: `{"gold": "…", "prediction": "…"}` with optional `"mode"` (`response`, the default: the gold is bare and
//! the prediction is searched for its answer; `answer`: both are bare; `text`: both are searched), `"config"`, which changes the
//! profile of that line, and `"spec"`, a reward spec that is scored instead; its own gold, if it has one, counts. Other keys are
//! ignored.
//!
//! Out, one line each in order: `{"outcome": "equal|different|undecided", "score", "components": {…}, "extracted", "gold_read", "method",
//! "reason", "micros"}`; or `{"error": "…"}`, and the command fails at the end. With `--explain` it is told in words instead, for a
//! person, on standard output.

use std::{collections::BTreeMap, path::PathBuf, time::Instant};

use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, ValueEnum};
use gradus_types::RewardSpec;
use gradus_verify::{
    AnswerElement, Gold, Profile, Response, RewardPlan, Search, Targets, Verdict, Verification, explain,
    profile::Variables, verify,
};
use serde::{Deserialize, Serialize};

use crate::{
    line_files::{self, Line, Output},
    terminal,
};

/// The arguments of `gradus verify`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    /// Reference answers and predictions, one JSON object a line.
    #[arg(long, value_name = "F.jsonl", required_unless_present = "gold")]
    input: Option<PathBuf>,
    /// Where the outcomes are written, one JSON object a line.
    #[arg(long, value_name = "F.jsonl", required_unless_present = "explain")]
    output: Option<PathBuf>,
    /// How answers are found, read and compared, on lines without a spec.
    #[arg(long, value_enum, default_value_t = Name::Reward)]
    profile: Name,
    /// Tell how each answer was found, read and compared, on standard output.
    #[arg(long)]
    explain: bool,
    /// A reference answer, instead of an input.
    #[arg(long, requires_all = ["prediction", "explain"], conflicts_with = "input")]
    gold: Option<String>,
    /// The text that answers it.
    #[arg(long, requires = "gold")]
    prediction: Option<String>,
}

/// The name of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Name {
    /// As rewards are: lenient about form, and never about what is said.
    #[value(alias = "default")]
    Reward,
    /// As math-verify does: units, degrees and bases count for nothing.
    #[value(alias = "math_verify")]
    MathVerify,
    /// Both sides alike: units, bases, brackets and order count.
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

/// What a line changes of the profile.
#[derive(Debug, Default, Deserialize)]
struct Config {
    /// What an answer can be: `latex`, `expr`, `string`.
    targets: Option<Vec<String>>,
    /// The words that `string` looks for.
    strings: Option<Vec<String>>,
    /// The decimal places that count.
    precision: Option<u32>,
    /// Whether variables are known by their names.
    strict: Option<bool>,
    /// When boxes are looked for: 0 before everything else, 50 after an announced final answer.
    boxed_priority: Option<i32>,
    /// Whether the answer is in the first answer element.
    answer_tag: Option<bool>,
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
    let profile = arguments.profile.profile();
    if let (Some(gold), Some(prediction)) = (&arguments.gold, &arguments.prediction) {
        let gold = Gold::read(gold, Search::Whole, &profile);
        terminal::say(explain(&gold, &verify(&gold, prediction, Search::Text, &profile)));
        return Ok(());
    }
    let Some(input) = &arguments.input else { bail!("there is neither an input nor a gold answer") };
    let lines = line_files::read(input)?;
    if arguments.explain {
        return lines.iter().try_for_each(|line| explain_line(line, &profile));
    }
    let Some(output) = &arguments.output else { bail!("there is no output") };
    let mut output = Output::create(output)?;
    for line in &lines {
        output.write(line, &score(line, &profile))?;
    }
    output.finish()
}

fn score(line: &Line, profile: &Profile) -> Result<Verified> {
    let request = parse(line)?;
    let started = Instant::now();
    let mut verified = match &request.spec {
        Some(spec) => by_spec(&request, spec)?,
        None => by_answer(&request, profile),
    };
    verified.micros = started.elapsed().as_nanos() as f64 / 1_000.0;
    Ok(verified)
}

fn parse(line: &Line) -> Result<Request> {
    serde_json::from_str(&line.text).context("failed to parse the line")
}

fn explain_line(line: &Line, profile: &Profile) -> Result<()> {
    let request = parse(line)?;
    let (gold, verification) = compare(&request, profile);
    terminal::say(format!("line {}\n{}", line.number, explain(&gold, &verification)));
    Ok(())
}

/// Scores a prediction with the reward spec of its line.
fn by_spec(request: &Request, spec: &RewardSpec) -> Result<Verified> {
    let gold = spec.gold.clone().unwrap_or_else(|| request.gold.clone());
    let plan = RewardPlan::compile(&RewardSpec { gold: Some(gold), ..spec.clone() })?;
    let score = plan.score(&Response::of_text(&request.prediction));
    let decision =
        score.decision().cloned().ok_or_else(|| anyhow!("the spec has no component that compares an answer"))?;
    let components = score.components.iter().map(|component| (component.name.clone(), component.value)).collect();
    Ok(Verified {
        outcome: decision.verdict,
        score: score.total,
        components,
        extracted: decision.extracted,
        gold_read: decision.gold_reading,
        method: decision.method,
        reason: decision.reason,
        micros: 0.0,
    })
}

/// Compares a prediction with the reference answer.
fn by_answer(request: &Request, profile: &Profile) -> Verified {
    let (gold, Verification { verdict, method, reason, extracted, .. }) = compare(request, profile);
    Verified {
        outcome: verdict,
        score: if verdict == Verdict::Equal { 1.0 } else { 0.0 },
        components: BTreeMap::new(),
        extracted,
        gold_read: gold.printed(),
        method,
        reason,
        micros: 0.0,
    }
}

fn compare(request: &Request, profile: &Profile) -> (Gold, Verification) {
    let profile = request.config.applied_to(profile.clone());
    let (gold, prediction) = match request.mode {
        Mode::Response => (Search::Whole, Search::Text),
        Mode::Answer => (Search::Whole, Search::Whole),
        Mode::Text => (Search::Text, Search::Text),
    };
    let gold = Gold::read(&request.gold, gold, &profile);
    let verification = verify(&gold, &request.prediction, prediction, &profile);
    (gold, verification)
}

// === impl Name ===

impl Name {
    fn profile(self) -> Profile {
        match self {
            Self::Reward => Profile::reward(),
            Self::MathVerify => Profile::math_verify(),
            Self::Strict => Profile::strict(),
        }
    }
}

// === impl Config ===

impl Config {
    fn applied_to(&self, mut profile: Profile) -> Profile {
        if let Some(targets) = &self.targets {
            let has = |name: &str| targets.iter().any(|target| target == name);
            let words = if has("string") { self.strings.clone().unwrap_or_default() } else { Vec::new() };
            profile.extraction.targets =
                Targets { latex: has("latex"), expression: has("expr"), letters: false, words };
        }
        if let Some(precision) = self.precision {
            profile.values.num_decimals = precision;
        }
        if self.strict == Some(false) {
            profile.variables = Variables::ByPosition;
        }
        if let Some(priority) = self.boxed_priority.and_then(|priority| u16::try_from(priority).ok()) {
            profile.extraction.boxed_priority = priority;
        }
        if self.answer_tag == Some(true) {
            profile.extraction.answer_element = AnswerElement::First;
        }
        profile
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(line: &str, name: Name) -> Verified {
        score(&Line { number: 1, text: line.to_owned() }, &name.profile()).unwrap()
    }

    #[test]
    fn each_mode_searches_what_it_says() {
        for (line, expected) in [
            (r#"{"gold": "4", "prediction": "so \\boxed{4} it is"}"#, Verdict::Equal),
            (r#"{"gold": "4", "prediction": "2 + 2\nis\n4"}"#, Verdict::Equal),
            (r#"{"gold": "4", "prediction": "so \\boxed{5} it is", "mode": "response"}"#, Verdict::Different),
            (r#"{"gold": "\\frac{1}{2}", "prediction": "0.5", "mode": "answer"}"#, Verdict::Equal),
            (r#"{"gold": "it is \\boxed{7}", "prediction": "The answer is 7.", "mode": "text"}"#, Verdict::Equal),
            (r#"{"gold": "x+1", "prediction": "1+x", "mode": "answer", "id": "ignored"}"#, Verdict::Equal),
            (
                r#"{"gold": "3.14159", "prediction": "3.14", "config": {"precision": 2, "strict": true}}"#,
                Verdict::Equal,
            ),
            (r#"{"gold": "4", "prediction": ""}"#, Verdict::Different),
            (r#"{"gold": "", "prediction": "4"}"#, Verdict::Undecided),
        ] {
            let verified = outcome(line, Name::Reward);
            assert_eq!(verified.outcome, expected, "{line}: {verified:?}");
        }
    }

    #[test]
    fn a_profile_says_what_units_mean() {
        let line = r#"{"gold": "5 cm", "prediction": "5 m", "mode": "answer"}"#;
        assert_eq!(outcome(line, Name::MathVerify).outcome, Verdict::Equal);
        assert_eq!(outcome(line, Name::Strict).outcome, Verdict::Different);
    }

    #[test]
    fn a_spec_is_scored_with_all_its_components() {
        let line = r#"{"gold": "B", "prediction": "<think>a</think><answer>B</answer>", "spec": {"components": [
            {"name": "accuracy", "kind": "answer", "weight": 0.75},
            {"name": "format", "kind": "format", "template": "think_answer", "weight": 0.25}]}}"#;
        let verified = outcome(line, Name::Reward);
        assert_eq!((verified.score, verified.components["format"]), (1.0, 1.0));
        assert_eq!((verified.extracted.as_deref(), verified.method), (Some("B"), "choice"));
    }

    #[test]
    fn a_line_that_is_no_request_is_an_error_of_its_own() {
        let line = Line { number: 3, text: r#"{"gold": 4}"#.to_owned() };
        assert!(score(&line, &Profile::reward()).unwrap_err().to_string().contains("failed to parse"));
    }
}
