//! `gradus new-model`: a small model with random weights and a tokenizer of its own, to train from nothing.

mod files;
mod vocabulary;

use std::{fs, path::PathBuf, sync::Arc};

use anyhow::{Context, Result, ensure};
use clap::Args;
use gradus_config::RunConfig;
use gradus_dataset::{MediaStore, Needs, OpenOptions, PromptSet};
use gradus_model::{ComputeType, Config, Policy, StoredType};
use gradus_types::{ContentPart, Prompt, PromptBody};
use tch::Device;

use crate::terminal::say;

/// What to make, and from what.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The architecture: a Hugging Face `config.json`. Its `vocab_size` and special token ids are set to the tokenizer's.
    #[arg(long, value_name = "CONFIG.json")]
    config: PathBuf,
    /// The run file whose prompt sets the tokenizer is trained on.
    #[arg(long, value_name = "RUN.toml")]
    texts: PathBuf,
    /// Prompts of each set.
    #[arg(long, default_value_t = 4_000)]
    num_prompts: u64,
    /// The largest vocabulary.
    #[arg(long, default_value_t = 1_024)]
    vocabulary: usize,
    /// The seed of the random weights.
    #[arg(long)]
    seed: i64,
    /// The model directory to write; it must not be there yet.
    #[arg(long, value_name = "DIR")]
    output: PathBuf,
}

/// Makes the model directory.
pub fn run(arguments: &Arguments) -> Result<()> {
    let output = &arguments.output;
    ensure!(
        !output.join("config.json").exists(),
        "`{}` holds a model already; remove it or name another",
        output.display()
    );
    let run = gradus_config::load(&arguments.texts, &[])?;
    let texts = texts(&run, arguments.num_prompts)?;
    let tokenizer = vocabulary::train(&texts, arguments.vocabulary)?;
    let architecture = fs::read_to_string(&arguments.config)
        .with_context(|| format!("failed to read `{}`", arguments.config.display()))?;
    let architecture = files::with_tokenizer(&architecture, &tokenizer)
        .with_context(|| format!("failed to adapt `{}`", arguments.config.display()))?;
    fs::create_dir_all(output).with_context(|| format!("failed to make model directory `{}`", output.display()))?;
    let config = Config::from_json(&architecture)?;
    let policy = Policy::initialize(config, arguments.seed, Device::Cpu, ComputeType::F32)?;
    policy.save(output, StoredType::F32)?;
    files::write(output, &tokenizer)?;
    let num_elements: usize = policy.parameters().iter().map(|parameter| parameter.tensor.numel()).sum();
    say(format!(
        "`{}`: {num_elements} random parameters, {} tokens learned from {} texts",
        output.display(),
        tokenizer.get_vocab_size(true),
        texts.len()
    ));
    Ok(())
}

/// Collects the questions and targets of every prompt set.
fn texts(run: &RunConfig, num_prompts: u64) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    for (name, data) in &run.data {
        let media = Arc::new(MediaStore::default());
        let options = OpenOptions { name: name.clone(), seed: run.run.seed, needs: Needs::Either, media };
        let set = PromptSet::open(data, &options)?;
        let available = set.num_items().unwrap_or(u64::MAX).min(num_prompts);
        for draw in 0..available {
            texts.push(text(&set.draw(draw)?));
        }
    }
    Ok(texts)
}

fn text(prompt: &Prompt) -> String {
    let content: Vec<&ContentPart> = match &prompt.body {
        PromptBody::Chat(messages) => messages.iter().flat_map(|message| &message.content).collect(),
        PromptBody::Raw(content) => content.iter().collect(),
    };
    let parts = content.into_iter().filter_map(|part| match part {
        ContentPart::Text { text } => Some(text.as_str()),
        ContentPart::Image { .. } => None,
    });
    parts.chain(prompt.target.as_deref()).collect::<Vec<_>>().join("\n")
}
