//! `gradus generate`: samples completions of given prompts with the actor's own engine.
//!
//! In, one JSON object a line with a prompt (see `prompt_line`). Out, one line each in order: `{"completions": [{"text",
//! "token_ids", "logprobs", "finish_reason"}], "num_prompt_tokens"}`; or `{"error": "…"}`, and the command fails at the end.
//! A completion's logprobs are those of the distribution it was drawn from. Completions depend on the line's number and the seed,
//! not on the other lines.

use std::collections::VecDeque;

use anyhow::{Context, Result};
use clap::Args;
use gradus_actor::engine::{self, GroupRequest, Handle, Limits, SampledTokens};
use gradus_processor::{ChatInput, Processor, SpecialTokens};
use gradus_runtime::{Runtime, Task, spawn};
use gradus_types::{FinishReason, PolicyVersion, SamplingParameters, random};
use serde::Serialize;

use crate::{
    checkpoint::{Checkpoint, ModelArguments, model_prompt},
    line_files::{self, Line, LineFiles, Output},
    prompt_line::{PictureRule, PromptLine},
};

/// What the engine may hold: enough to keep a machine busy, little enough for a laptop.
const LIMITS: Limits = Limits { max_groups: 32, max_completions: 256, cache_bytes: 4 << 30 };

/// The arguments of `gradus generate`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    model: ModelArguments,
    #[command(flatten)]
    files: LineFiles,
    /// Completions for each prompt.
    #[arg(short = 'n', long = "n", value_name = "N", default_value_t = 1)]
    num_completions: u32,
    /// The longest completion, in tokens.
    #[arg(long, default_value_t = 512)]
    max_new_tokens: u32,
    /// Divides the logits; 0 takes the most likely token.
    #[arg(long, default_value_t = 1.0)]
    temperature: f64,
    /// Keeps the smallest set of tokens with at least this probability; 1 keeps all.
    #[arg(long, default_value_t = 1.0)]
    top_p: f64,
    /// Keeps the most likely tokens; 0 keeps all.
    #[arg(long, default_value_t = 0)]
    top_k: u32,
    /// Names the random stream: the same seed draws the same completions.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

/// A line of the output.
#[derive(Debug, Serialize)]
struct Answer {
    completions: Vec<Completion>,
    num_prompt_tokens: usize,
}

#[derive(Debug, Serialize)]
struct Completion {
    text: String,
    token_ids: Vec<u32>,
    logprobs: Vec<f32>,
    finish_reason: FinishReason,
}

/// A line in the engine, or one that did not get there.
type InWork = Result<(usize, Task<Result<Vec<SampledTokens>, engine::Error>>)>;

/// Completes every line of the input.
pub fn run(arguments: &Arguments) -> Result<()> {
    let lines = line_files::read(&arguments.files.input)?;
    let Checkpoint { processor, policy } = arguments.model.load()?;
    let config = engine::Config {
        limits: LIMITS,
        stop_token_ids: processor.eos_token_ids().to_vec(),
        num_threads: std::thread::available_parallelism().map_or(1, usize::from),
        policy_version: PolicyVersion(0),
    };
    let rule = arguments.model.picture_rule(&arguments.files.input, &processor);
    let reader = Reader { processor: &processor, rule, arguments };
    let mut output = Output::create(&arguments.files.output)?;
    let runtime = Runtime::new("generate", 1)?;
    runtime.block_on(async {
        let engine = engine::start(policy, config)?;
        // Lines are handed in ahead of those that are written, so that the engine always has a full batch.
        let mut in_work: VecDeque<(&Line, InWork)> = VecDeque::with_capacity(LIMITS.max_groups);
        for line in &lines {
            if in_work.len() == LIMITS.max_groups
                && let Some((line, work)) = in_work.pop_front()
            {
                output.write(line, &reader.answer(work).await)?;
            }
            in_work.push_back((line, reader.begin(line, &engine)));
        }
        for (line, work) in in_work {
            output.write(line, &reader.answer(work).await)?;
        }
        output.finish()
    })
}

/// Turns lines into requests and tokens into answers.
struct Reader<'a> {
    processor: &'a Processor,
    rule: PictureRule,
    arguments: &'a Arguments,
}

impl Reader<'_> {
    fn begin(&self, line: &Line, engine: &Handle) -> InWork {
        let prompt: PromptLine = serde_json::from_str(&line.text).context("failed to parse the line")?;
        let (body, pictures) = prompt.resolve(&self.rule)?;
        let input = ChatInput { body: &body, prefill: None, max_prompt_tokens: None };
        let prompt = model_prompt(self.processor.prepare(&input, &pictures)?);
        let num_prompt_tokens = prompt.token_ids.len();
        let seed = random::bits(self.arguments.seed, line.number as u64, 0);
        let request = GroupRequest { prompt, sampling: self.arguments.sampling(), seed };
        let engine = engine.clone();
        Ok((num_prompt_tokens, spawn("generate", async move { engine.generate(request).await })))
    }

    async fn answer(&self, work: InWork) -> Result<Answer> {
        let (num_prompt_tokens, task) = work?;
        let sampled = task.await?.context("failed to complete the prompt")?;
        let completion = |tokens: SampledTokens| {
            let SampledTokens { token_ids, logprobs, finish_reason, .. } = tokens;
            let text = self.processor.decode(&token_ids, SpecialTokens::Skip)?;
            Ok(Completion { text, token_ids, logprobs, finish_reason })
        };
        let completions = sampled.into_iter().map(completion).collect::<Result<_>>()?;
        Ok(Answer { completions, num_prompt_tokens })
    }
}

impl Arguments {
    fn sampling(&self) -> SamplingParameters {
        SamplingParameters {
            num_completions: self.num_completions,
            temperature: self.temperature,
            top_p: self.top_p,
            top_k: self.top_k,
            max_new_tokens: self.max_new_tokens,
            max_prompt_tokens: u32::MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::{checkpoint::fixture, logprobs};

    /// Completes lines with a small random model and returns the lines of the output.
    fn generate(model: &fixture::Model, lines: &[Value], seed: u64) -> Vec<Value> {
        let arguments = Arguments {
            model: model.arguments(),
            files: LineFiles { input: model.write("prompts.jsonl", lines), output: model.path("completions.jsonl") },
            num_completions: 3,
            max_new_tokens: 6,
            temperature: 1.0,
            top_p: 1.0,
            top_k: 0,
            seed,
        };
        run(&arguments).unwrap();
        model.read("completions.jsonl")
    }

    #[test]
    fn completions_have_the_logprobs_that_scoring_them_gives() {
        let model = fixture::model();
        let prompts = [fixture::picture_line("rgb.png"), serde_json::json!({"prompt": "x = 4"})];
        for (prompt, line) in prompts.iter().zip(generate(&model, &prompts, 1)) {
            let completions = line["completions"].as_array().unwrap();
            assert_eq!(completions.len(), 3);
            for completion in completions {
                let mut request = prompt.clone();
                request["completion_ids"] = completion["token_ids"].clone();
                let scored = logprobs::tests::score(&model, &[request]).unwrap().remove(0);
                assert_eq!(scored["num_prompt_tokens"], line["num_prompt_tokens"]);
                let pairs =
                    scored["logprobs"].as_array().unwrap().iter().zip(completion["logprobs"].as_array().unwrap());
                for (scored, sampled) in pairs {
                    assert!((scored.as_f64().unwrap() - sampled.as_f64().unwrap()).abs() < 1e-4);
                }
            }
        }
    }

    #[test]
    fn the_seed_alone_decides_what_is_drawn() {
        let model = fixture::model();
        let lines: Vec<Value> = ["a", "b", "a"].map(|prompt| serde_json::json!({ "prompt": prompt })).to_vec();
        let first = generate(&model, &lines, 7);
        assert_eq!(first, generate(&model, &lines, 7));
        assert_ne!(first, generate(&model, &lines, 8));
        // The same prompt on another line is another draw.
        assert_ne!(first[0], first[2]);
    }
}
