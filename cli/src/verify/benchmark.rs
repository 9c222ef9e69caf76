//! `gradus verify --benchmark NAME`: scores responses to the items of a benchmark, and prints the figures it is known for.
//!
//! In, one JSON object a line: an item (`id`, `answers`, and what its benchmark looks at besides) with its `response`, or several
//! `responses`; responses to one item may also stand on lines of their own with the item repeated. An unknown key is an error. Out,
//! where an output is given, a line for each of the input, in order: `{"id", "scores": [{"score", "is_known", "extracted",
//! "reason"}]}`. The figures are printed.

use std::{fmt::Write, path::Path};

use anyhow::{Context, Result, bail};
use gradus_verify::benchmark::{Benchmark, Item, ItemScore, Judge, Rate, Report, Scored};
use serde::Serialize;
use serde_json::{Map, Value};

use super::judge::Watched;
use crate::{
    line_files::{self, Line, Output},
    terminal,
};

/// An item with the responses to it.
#[derive(Debug)]
struct Answered {
    item: Item,
    responses: Vec<String>,
}

/// What the responses to an item scored.
#[derive(Debug, Serialize)]
struct Judged<'a> {
    id: &'a str,
    scores: Vec<ItemScore>,
}

/// Scores every line of an input, writes the scores where they are asked for, and prints the figures. A judge that has answered
/// nothing is a failure then.
pub fn run(benchmark: &Benchmark, input: &Path, output: Option<&Path>, judge: Option<Box<dyn Judge>>) -> Result<()> {
    let lines = line_files::read(input)?;
    // Figures of a part of the items would be taken for those of all, so that one bad line is too many.
    let read = |line| parse(line).with_context(|| format!("line {} of `{}` is no item", line.number, input.display()));
    let answered = lines.iter().map(read).collect::<Result<Vec<Answered>>>()?;
    if answered.is_empty() {
        bail!("there is no item in `{}`", input.display());
    }
    let judge = Watched::new(judge);
    let mut output = output.map(Output::create).transpose()?;
    let mut judged = Vec::new();
    for (line, Answered { item, responses }) in lines.iter().zip(&answered) {
        let scores = responses.iter().map(|response| benchmark.score(item, response, &judge)).collect();
        let one = Judged { id: &item.id, scores };
        if let Some(output) = &mut output {
            output.write(line, &Ok(&one))?;
        }
        judged.push(one);
    }
    let pairs = answered.iter().zip(&judged);
    let scored =
        pairs.flat_map(|(answered, one)| one.scores.iter().map(|score| Scored { item: &answered.item, score }));
    let report = benchmark.report(&scored.collect::<Vec<_>>());
    terminal::say(printed(benchmark, &report));
    output.map_or(Ok(()), Output::finish)?;
    judge.finish()
}

/// Reads an item and the responses to it.
fn parse(line: &Line) -> Result<Answered> {
    let mut fields: Map<String, Value> = serde_json::from_str(&line.text).context("failed to parse the line")?;
    let mut responses = Vec::new();
    match (fields.remove("response"), fields.remove("responses")) {
        (Some(Value::String(response)), None) => responses.push(response),
        (None, Some(several)) => {
            responses = serde_json::from_value(several).context("`responses` is no list of texts")?;
        }
        _ => bail!("there is neither a text `response` nor a list `responses`, or both"),
    }
    if responses.is_empty() {
        bail!("there is no response");
    }
    let item = serde_json::from_value(Value::Object(fields)).context("failed to read the item")?;
    Ok(Answered { item, responses })
}

/// Lays a report out for people: the figures, then the groups.
fn printed(benchmark: &Benchmark, report: &Report) -> String {
    let mut text = format!("{} ({})\n", benchmark.name(), benchmark.source());
    for metric in &report.metrics {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{:<32} {:.4}", metric.name, metric.value);
    }
    let _ = write!(text, "{}", row("overall", &report.overall));
    for (field, rates) in &report.groups {
        for (value, rate) in rates {
            let _ = write!(text, "\n{}", row(&format!("{field}/{value}"), rate));
        }
    }
    text
}

fn row(name: &str, rate: &Rate) -> String {
    let Rate { mean, low, high, num_items, num_responses, num_unknown } = rate;
    format!(
        "{name:<32} {mean:.4} ({low:.4} to {high:.4}), {num_items} items, {num_responses} responses, {num_unknown} unknown"
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn line(text: &str) -> Line {
        Line { number: 1, text: text.to_owned() }
    }

    #[test]
    fn responses_are_scored_line_by_line_and_summed_up() {
        let directory = tempfile::tempdir().unwrap();
        let (input, output) = (directory.path().join("in.jsonl"), directory.path().join("out.jsonl"));
        let lines = [
            r#"{"id": "1", "answers": ["40"], "groups": {"split": "human"}, "response": "<answer>41</answer>"}"#,
            r#"{"id": "2", "answers": ["red"], "groups": {"split": "augmented"}, "responses": ["Red", "blue"]}"#,
        ];
        fs::write(&input, lines.join("\n")).unwrap();
        let chart = Benchmark::named("chartqa").unwrap();
        run(chart, &input, Some(&output), None).unwrap();
        let written = fs::read_to_string(&output).unwrap();
        let scores: Vec<Value> = written.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((&scores[0]["scores"][0]["score"], &scores[1]["scores"][1]["score"]), (&1.0.into(), &0.0.into()));
        assert_eq!(scores[1]["id"], "2");
    }

    #[test]
    fn the_figures_are_printed_with_their_interval_and_their_groups() {
        let chart = Benchmark::named("chartqa").unwrap();
        let Answered { item, .. } =
            parse(&line(r#"{"id": "1", "answers": ["40"], "groups": {"split": "human"}, "response": "40"}"#)).unwrap();
        let score = ItemScore::of(true, "40", "");
        let text = printed(chart, &chart.report(&[Scored { item: &item, score: &score }]));
        for expected in
            ["chartqa (arXiv:2203.10244)", "mean_over_splits", "overall", "split/human", "1 items, 1 responses"]
        {
            assert!(text.contains(expected), "`{expected}` is not in {text}");
        }
    }

    #[test]
    fn a_line_that_is_no_item_with_a_response_is_refused() {
        for (text, expected) in [
            (r#"{"id": "1", "answers": ["40"]}"#, "neither a text `response`"),
            (r#"{"id": "1", "answers": ["40"], "responses": []}"#, "there is no response"),
            (r#"{"id": "1", "answers": ["40"], "response": "4", "anwser_type": "float"}"#, "anwser_type"),
            (r#"{"id": "1", "response": "4"}"#, "answers"),
        ] {
            let error = format!("{:#}", parse(&line(text)).unwrap_err());
            assert!(error.contains(expected), "{error}");
        }
    }
}
