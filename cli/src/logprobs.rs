//! `gradus logprobs`: scores given completions token by token, for comparing Gradus with other implementations.
//!
//! In, one JSON object a line: a prompt (see `prompt_line`) with `"completion": "…"` or `"completion_ids": […]`, or
//! `"input_ids": […]` alone, of which every token after the first is scored; with `"images"` for placeholders among them, every
//! token after the last placeholder. A completion is tokenized by itself and nothing is added to it. A prompt that ends with an
//! assistant message is continued inside that message.
//!
//! Out, one line each in order: `{"input_ids": […], "num_prompt_tokens", "logprobs": […], "entropy": […]}` in f32 nats, with a
//! number for each token from `num_prompt_tokens` on; or `{"error": "…"}`, and the command fails at the end.

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use gradus_model::{PackedBatch, PackedGroup, Prompt, ScoreOptions};
use gradus_processor::{ChatInput, Prepared};
use serde::{Deserialize, Serialize};

use crate::{
    checkpoint::{Checkpoint, ModelArguments, model_prompt},
    line_files::{self, Line, LineFiles, Output},
    prompt_line::{PictureRule, PromptLine},
};

/// The arguments of `gradus logprobs`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    model: ModelArguments,
    #[command(flatten)]
    files: LineFiles,
    /// Divides the logits before they are turned into probabilities.
    #[arg(long, default_value_t = 1.0)]
    temperature: f64,
}

/// A line of the input.
#[derive(Debug, Deserialize)]
struct Request {
    #[serde(flatten)]
    prompt: PromptLine,
    completion: Option<String>,
    completion_ids: Option<Vec<u32>>,
    input_ids: Option<Vec<u32>>,
}

/// A line of the output.
#[derive(Debug, Serialize)]
struct Scored {
    input_ids: Vec<u32>,
    num_prompt_tokens: usize,
    logprobs: Vec<f32>,
    entropy: Vec<f32>,
}

/// Scores every line of the input.
pub fn run(arguments: &Arguments) -> Result<()> {
    let lines = line_files::read(&arguments.files.input)?;
    let checkpoint = arguments.model.load()?;
    let rule = arguments.model.picture_rule(&arguments.files.input, &checkpoint.processor);
    let options = ScoreOptions { temperature: arguments.temperature, with_entropy: true, ..ScoreOptions::default() };
    let mut output = Output::create(&arguments.files.output)?;
    for line in &lines {
        let scored = read(line, &checkpoint, &rule).and_then(|(prompt, completion)| {
            tch::no_grad(|| score(&checkpoint, &prompt, &completion, options)).context("failed to score the line")
        });
        output.write(line, &scored)?;
    }
    output.finish()
}

/// Reads a line into what is given and what is scored.
fn read(line: &Line, checkpoint: &Checkpoint, rule: &PictureRule) -> Result<(Prompt, Vec<u32>)> {
    let request: Request = serde_json::from_str(&line.text).context("failed to parse the line")?;
    let processor = &checkpoint.processor;
    if let Some(input_ids) = request.input_ids {
        ensure!(!request.prompt.is_present(), "the line has `input_ids` and a prompt; give one of them");
        let (hashes, pictures) = request.prompt.read_images(rule)?;
        let media = processor.prepare_media(&hashes, &pictures)?;
        let last_placeholder = input_ids.iter().rposition(|id| Some(*id) == processor.image_token_id());
        let num_given = last_placeholder.map_or(1, |position| position + 1);
        ensure!(input_ids.len() > num_given, "`input_ids` has {} tokens, none of them to score", input_ids.len());
        let (given, scored) = input_ids.split_at(num_given);
        return Ok((model_prompt(Prepared { token_ids: given.to_vec(), media }), scored.to_vec()));
    }
    let (body, pictures) = request.prompt.resolve(rule)?;
    let input = ChatInput { body: &body, prefill: None, max_prompt_tokens: None };
    let prompt = model_prompt(processor.prepare(&input, &pictures)?);
    let completion = match (request.completion, request.completion_ids) {
        (Some(text), None) => processor.encode(&text)?,
        (None, Some(ids)) => ids,
        _ => bail!("the line needs either `completion` or `completion_ids`"),
    };
    ensure!(!completion.is_empty(), "the completion has no tokens to score");
    Ok((prompt, completion))
}

fn score(checkpoint: &Checkpoint, prompt: &Prompt, completion: &[u32], options: ScoreOptions) -> Result<Scored> {
    let policy = &checkpoint.policy;
    let groups = [PackedGroup { prompt, suffixes: vec![completion] }];
    let batch = PackedBatch::new(&groups, policy.config(), policy.device())?;
    let scores = policy.score(&batch, options)?;
    let entropy = scores.entropy.context("the model gave no entropy")?;
    Ok(Scored {
        input_ids: [&prompt.token_ids, completion].concat(),
        num_prompt_tokens: prompt.token_ids.len(),
        logprobs: Vec::try_from(&scores.logprobs)?,
        entropy: Vec::try_from(&entropy)?,
    })
}

#[cfg(test)]
pub mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::checkpoint::fixture;

    /// Scores lines with a small random model and returns the lines of the output, if all were good.
    pub fn score(model: &fixture::Model, lines: &[Value]) -> Result<Vec<Value>> {
        let arguments = Arguments {
            model: model.arguments(),
            files: LineFiles {
                input: model.write("completions-to-score.jsonl", lines),
                output: model.path("scores.jsonl"),
            },
            temperature: 1.0,
        };
        run(&arguments)?;
        Ok(model.read("scores.jsonl"))
    }

    fn numbers(value: &Value) -> Vec<f64> {
        value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
    }

    #[test]
    fn every_scored_token_has_a_logprob_and_an_entropy() {
        let model = fixture::model();
        let mut line = fixture::picture_line("rgb.png");
        line["completion"] = "A red circle.<|im_end|>".into();
        let scored = score(&model, &[line]).unwrap().remove(0);
        let num_scored = numbers(&scored["input_ids"]).len() - scored["num_prompt_tokens"].as_u64().unwrap() as usize;
        let (logprobs, entropy) = (numbers(&scored["logprobs"]), numbers(&scored["entropy"]));
        assert!(num_scored > 3 && logprobs.len() == num_scored && entropy.len() == num_scored);
        let uniform = (fixture::VOCABULARY_SIZE as f64).ln();
        assert!(logprobs.iter().all(|logprob| *logprob < 0.0) && entropy.iter().all(|e| *e > 0.0 && *e <= uniform));
    }

    #[test]
    fn raw_ids_have_every_token_after_the_first_scored() {
        let model = fixture::model();
        let by_parts = score(&model, &[json!({"prompt": "x = 4", "completion": " and 5"})]).unwrap().remove(0);
        let raw = score(&model, &[json!({"input_ids": by_parts["input_ids"]})]).unwrap().remove(0);
        assert_eq!(raw["num_prompt_tokens"], 1);
        let (raw, by_parts) = (numbers(&raw["logprobs"]), numbers(&by_parts["logprobs"]));
        for (raw, part) in raw.iter().rev().zip(by_parts.iter().rev()) {
            assert!((raw - part).abs() < 1e-5);
        }
    }

    #[test]
    fn a_bad_line_keeps_its_place_and_fails_the_command() {
        let model = fixture::model();
        let good = json!({"prompt": "x", "completion": "y"});
        let error = score(&model, &[json!({"prompt": "x"}), good]).unwrap_err().to_string();
        assert!(error.contains("1 of 2 lines failed") && error.contains("line 1: the line needs"), "{error}");
        let lines = model.read("scores.jsonl");
        assert!(lines[0]["error"].is_string() && lines[1]["logprobs"].is_array());
    }

    #[test]
    fn a_missing_model_says_what_to_give() {
        let model = fixture::model();
        std::fs::remove_file(model.path("config.json")).unwrap();
        let error = score(&model, &[]).unwrap_err().to_string();
        assert!(error.contains("`--model`") && error.contains("config.json"), "{error}");
    }
}
