//! `gradus verify`: scores answers without a server, for comparing Gradus with other verifiers.
//!
//! In, one JSON object a line: `{"gold": "…", "prediction": "…"}` with optional `"mode"` (`response`, the default: the gold is bare and
//! the prediction is searched for its answer; `answer`: both are bare; `text`: both are searched), `"config"`, which changes the
//! profile of that line, and `"spec"`, a reward spec that is scored instead; its own gold, if it has one, counts. Other keys are
//! ignored.
//!
//! Out, one line each in order: `{"outcome": "equal|different|undecided", "score", "components": {…}, "extracted", "gold_read", "method",
//! "reason", "micros"}`; or `{"error": "…"}`, and the command fails at the end. What a spec that compares no answer leaves open is null.
//! With `--explain` it is told in words instead, for a person, on standard output. With `--benchmark` the lines are items of a
//! benchmark with responses to them.

mod benchmark;
mod judge;

use std::{collections::BTreeMap, path::PathBuf, time::Instant};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum, builder::PossibleValuesParser};
use gradus_types::RewardSpec;
use gradus_verify::{
    Decision, Gold, Profile, Response, RewardPlan, Score, Search, Verdict, Verification,
    benchmark::Benchmark,
    exchange::{Record, Rule},
    explain, verify,
};
use serde::{Deserialize, Serialize};

use self::judge::JudgeArguments;
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
    #[arg(long, value_name = "F.jsonl", required_unless_present_any = ["explain", "benchmark"])]
    output: Option<PathBuf>,
    /// How answers are found, read and compared, on lines without a spec.
    #[arg(long, value_enum, default_value_t = Name::Reward)]
    profile: Name,
    /// Tell how each answer was found, read and compared, on standard output.
    #[arg(long, conflicts_with = "output")]
    explain: bool,
    /// A reference answer, instead of an input.
    #[arg(long, requires_all = ["prediction", "explain"], conflicts_with = "input")]
    gold: Option<String>,
    /// The text that answers it.
    #[arg(long, requires = "gold")]
    prediction: Option<String>,
    /// Score responses to the items of a benchmark, and print the figures it is known for.
    #[arg(long, value_name = "NAME", requires = "input", conflicts_with_all = ["explain", "gold", "profile"], value_parser = benchmark_names())]
    benchmark: Option<String>,
    #[command(flatten)]
    judge: JudgeArguments,
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
    #[serde(flatten)]
    record: Record,
    spec: Option<RewardSpec>,
}

/// A line of the output.
#[derive(Debug, Serialize)]
struct Verified {
    outcome: Option<Verdict>,
    score: f64,
    components: BTreeMap<String, f64>,
    extracted: Option<String>,
    gold_read: Option<String>,
    method: Option<&'static str>,
    reason: Option<String>,
    micros: f64,
}

fn benchmark_names() -> PossibleValuesParser {
    PossibleValuesParser::new(Benchmark::all().iter().map(Benchmark::name))
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
    if let Some(name) = &arguments.benchmark {
        return benchmark::run(Benchmark::named(name)?, input, arguments.output.as_deref(), arguments.judge.judge());
    }
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
    let mut verified = match request.spec() {
        Some(spec) => Verified::of_score(request.score(spec)?),
        None => Verified::of_comparison(request.record.compare(profile)),
    };
    verified.micros = started.elapsed().as_nanos() as f64 / 1_000.0;
    Ok(verified)
}

fn parse(line: &Line) -> Result<Request> {
    serde_json::from_str(&line.text).context("failed to parse the line")
}

fn explain_line(line: &Line, profile: &Profile) -> Result<()> {
    let request = parse(line)?;
    let told = match request.spec() {
        Some(spec) => explain_score(&request.score(spec)?),
        None => {
            let (gold, verification) = request.record.compare(profile);
            explain(&gold, &verification)
        }
    };
    terminal::say(format!("line {}\n{told}", line.number));
    Ok(())
}

/// Tells what each component was worth, and how it compared an answer where it did.
fn explain_score(score: &Score) -> String {
    let mut text = format!("total {}", score.total);
    for component in &score.components {
        let counted = if component.is_counted { "" } else { ", not counted" };
        text += &format!("\n  {} {}{counted}", component.name, component.value);
        if let Some(Decision { extracted, method, reason, .. }) = &component.decision {
            let found = extracted.as_ref().map_or_else(|| "no answer".to_owned(), |answer| format!("`{answer}`"));
            text += &format!("\n    found {found}; decided by {method}: {reason}");
        }
    }
    text
}

// === impl Request ===

impl Request {
    /// Returns the spec that is scored instead of comparing: its own, or that of another system's rule.
    fn spec(&self) -> Option<RewardSpec> {
        self.spec.clone().or_else(|| self.record.config.rule.map(Rule::spec))
    }

    /// Scores the prediction by a spec; its gold counts, or else that of the line.
    fn score(&self, spec: RewardSpec) -> Result<Score> {
        let gold = spec.gold.clone().unwrap_or_else(|| self.record.gold.clone());
        let plan = RewardPlan::compile(&RewardSpec { gold: Some(gold), ..spec })?;
        Ok(plan.score_alone(&Response::of_text(&self.record.prediction))?)
    }
}

// === impl Verified ===

impl Verified {
    fn of_score(score: Score) -> Self {
        let components = score.components.iter().map(|component| (component.name.clone(), component.value)).collect();
        let decision = score.decision().cloned();
        Self {
            outcome: decision.as_ref().map(|decision| decision.verdict),
            score: score.total,
            components,
            extracted: decision.as_ref().and_then(|decision| decision.extracted.clone()),
            gold_read: decision.as_ref().map(|decision| decision.gold_reading.clone()),
            method: decision.as_ref().map(|decision| decision.method),
            reason: decision.map(|decision| decision.reason),
            micros: 0.0,
        }
    }

    fn of_comparison((gold, verification): (Gold, Verification)) -> Self {
        let Verification { verdict, method, reason, extracted, .. } = verification;
        Self {
            outcome: Some(verdict),
            score: if verdict == Verdict::Equal { 1.0 } else { 0.0 },
            components: BTreeMap::new(),
            extracted,
            gold_read: Some(gold.printed()),
            method: Some(method),
            reason: Some(reason),
            micros: 0.0,
        }
    }
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
            assert_eq!(verified.outcome, Some(expected), "{line}: {verified:?}");
        }
    }

    #[test]
    fn a_profile_says_what_units_mean() {
        let line = r#"{"gold": "5 cm", "prediction": "5 m", "mode": "answer"}"#;
        assert_eq!(outcome(line, Name::MathVerify).outcome, Some(Verdict::Equal));
        assert_eq!(outcome(line, Name::Strict).outcome, Some(Verdict::Different));
    }

    #[test]
    fn a_spec_is_scored_with_all_its_components() {
        let line = r#"{"gold": "B", "prediction": "<think>a</think><answer>B</answer>", "spec": {"components": [
            {"name": "accuracy", "kind": "answer", "weight": 0.75},
            {"name": "format", "kind": "format", "template": "think_answer", "weight": 0.25}]}}"#;
        let verified = outcome(line, Name::Reward);
        assert_eq!((verified.score, verified.components["format"]), (1.0, 1.0));
        assert_eq!((verified.extracted.as_deref(), verified.method), (Some("B"), Some("choice")));
    }

    #[test]
    fn a_spec_without_an_answer_has_a_score_and_no_outcome() {
        let line = r#"{"gold": "B", "prediction": "<think>a</think><answer>B</answer>", "spec": {"components": [
            {"name": "format", "kind": "format", "template": "think_answer", "weight": 0.5}]}}"#;
        let verified = outcome(line, Name::Reward);
        assert_eq!((verified.score, verified.outcome, verified.method), (0.5, None, None));
    }

    #[test]
    fn a_rule_of_another_system_decides_where_a_line_names_it() {
        let line = |prediction: &str| {
            format!(r#"{{"gold": "Hello123", "prediction": "{prediction}", "config": {{"rule": "alphanumeric"}}}}"#)
        };
        assert_eq!(outcome(&line("<answer>Hello-123!</answer>"), Name::Reward).outcome, Some(Verdict::Equal));
        assert_eq!(outcome(&line("<answer>Hello-124!</answer>"), Name::Reward).outcome, Some(Verdict::Different));
    }

    #[test]
    fn a_spec_is_explained_by_its_components() {
        let line = r#"{"gold": "B", "prediction": "<answer>B</answer>", "spec": {"components": [
            {"name": "accuracy", "kind": "answer", "weight": 1},
            {"name": "format", "kind": "format", "template": "think_answer", "weight": 1}]}}"#;
        let request = parse(&Line { number: 1, text: line.to_owned() }).unwrap();
        let told = explain_score(&request.score(request.spec().unwrap()).unwrap());
        for expected in ["total 1", "accuracy 1", "found `B`; decided by choice", "format 0"] {
            assert!(told.contains(expected), "`{expected}` is not in {told}");
        }
    }

    #[test]
    fn a_line_that_cannot_be_scored_is_an_error_of_its_own() {
        let relative = r#"{"gold": "4", "prediction": "4", "spec": {"components": [
            {"name": "short", "kind": "relative_length", "weight": 1}]}}"#;
        for (text, expected) in [
            (r#"{"gold": 4}"#, "failed to parse"),
            (r#"{"gold": "4", "prediction": "4", "config": {"targets": ["letters"]}}"#, "unknown variant `letters`"),
            (relative, "compares the completions of a group"),
        ] {
            let line = Line { number: 3, text: text.to_owned() };
            let error = format!("{:#}", score(&line, &Profile::reward()).unwrap_err());
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_judge_belongs_to_a_benchmark_and_a_benchmark_to_an_input() {
        #[derive(Debug, clap::Parser)]
        struct Command {
            #[command(flatten)]
            arguments: Arguments,
        }
        let parse = |arguments: &str| {
            <Command as clap::Parser>::try_parse_from(arguments.split(' ')).map(|command| command.arguments)
        };
        let scored = parse("verify --benchmark pope --input in.jsonl --judge http://x --judge-model m").unwrap();
        assert_eq!(scored.benchmark.as_deref(), Some("pope"));
        for (arguments, expected) in [
            ("verify --benchmark pope", "--input"),
            ("verify --benchmark popes --input in.jsonl", "'pope'"),
            ("verify --input in.jsonl --output out.jsonl --judge http://x --judge-model m", "--benchmark"),
            ("verify --benchmark pope --input in.jsonl --judge http://x", "--judge-model"),
            ("verify --input in.jsonl", "--output"),
            ("verify --benchmark pope --input in.jsonl --profile strict", "--profile"),
            ("verify --explain --input in.jsonl --output out.jsonl", "--output"),
        ] {
            let error = parse(arguments).unwrap_err().to_string();
            assert!(error.contains(expected), "`{expected}` is not in {error}");
        }
    }
}
