//! `gradus generate`: samples completions of given prompts with the actor's own engine.
//!
//! In, one JSON object a line with a prompt (see `prompt_line`). Out, one line each in order: `{"completions": [{"text",
//! "token_ids", "logprobs", "finish_reason"}], "num_prompt_tokens"}`; or `{"error": "…"}`, and the command fails at the end.
//! A completion's logprobs are those of the distribution it was drawn from. Completions depend on the line's number and the seed,
//! not on the other lines.

use std::{collections::VecDeque, path::PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use gradus_actor::engine::{self, GroupRequest, Handle, Limits, SampledTokens};
use gradus_processor::{ChatInput, Processor, SpecialTokens};
use gradus_runtime::{Runtime, Task, spawn};
use gradus_types::{FinishReason, PolicyVersion, SamplingParameters, random};
use serde::Serialize;

use crate::{
    checkpoint::{self, Checkpoint, model_prompt},
    line_files::{self, Line, Output},
    prompt_line::{PictureRule, PromptLine},
};

/// What the engine may hold: enough to keep a machine busy, little enough for a laptop.
const LIMITS: Limits = Limits { max_groups: 32, max_completions: 256, cache_bytes: 4 << 30 };

/// The arguments of `gradus generate`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    checkpoint: checkpoint::Arguments,
    /// Prompts, one JSON object a line.
    #[arg(long, value_name = "F.jsonl")]
    input: PathBuf,
    /// Where the completions are written, one JSON object a line.
    #[arg(long, value_name = "F.jsonl")]
    output: PathBuf,
    /// Completions for each prompt.
    #[arg(short = 'n', long, default_value_t = 1)]
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
    #[arg(long)]
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
    let lines = line_files::read(&arguments.input)?;
    let Checkpoint { processor, policy } = arguments.checkpoint.load()?;
    let config = engine::Config {
        limits: LIMITS,
        stop_token_ids: processor.eos_token_ids().to_vec(),
        num_threads: std::thread::available_parallelism().map_or(1, usize::from),
        policy_version: PolicyVersion(0),
    };
    let rule = arguments.checkpoint.picture_rule(&arguments.input, &processor);
    let reader = Reader { processor: &processor, rule, arguments };
    let mut output = Output::create(&arguments.output)?;
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
