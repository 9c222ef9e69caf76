//! `gradus data`: lists the task generators, and writes samples of any prompt set for people to look at.

mod gallery;
mod source;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use gradus_dataset::{Filter, MediaStore, Needs, OpenOptions, Pictures, PromptSet};
use gradus_tasks::{Difficulty, Modality, Spec, TaskKind};
use gradus_types::Prompt;

use self::source::SourceArguments;
use crate::terminal::say;

/// What to do with prompt sets.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists the task generators with the accuracy of guessing at their easiest level.
    List,
    /// Writes prompts as `samples.jsonl` with their pictures, and `index.html` to look at them.
    Sample(SampleArguments),
}

/// What to sample and where to.
#[derive(Debug, Args)]
struct SampleArguments {
    #[command(flatten)]
    source: SourceArguments,
    /// The directory to write; it must not exist or be empty.
    #[arg(long, value_name = "DIRECTORY")]
    output: PathBuf,
    /// How many prompts to write.
    #[arg(long, default_value_t = 100)]
    count: usize,
    /// The seed of the generators.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Writes only prompts with at most this many characters.
    #[arg(long)]
    max_characters: Option<usize>,
    /// Writes only prompts with pictures.
    #[arg(long, conflicts_with = "without_pictures")]
    with_pictures: bool,
    /// Writes only prompts without pictures.
    #[arg(long)]
    without_pictures: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<()> {
    match &arguments.command {
        Command::List => {
            list();
            Ok(())
        }
        Command::Sample(arguments) => sample(arguments),
    }
}

fn list() {
    say(format!("{:<16} {:<8} {:>8} {:>8}", "task", "modality", "letter", "free"));
    for kind in TaskKind::ALL {
        let modality = match kind.modality() {
            Modality::Text => "text",
            Modality::Picture => "picture",
        };
        let lettered = Spec::new(kind, Difficulty::EASIEST);
        let free = Spec { answer_style: gradus_tasks::AnswerStyle::Free, ..lettered };
        let percent = |spec: Spec| format!("{:.0} %", 100.0 * spec.chance_accuracy());
        say(format!("{kind:<16} {modality:<8} {:>8} {:>8}", percent(lettered), percent(free)));
    }
    say("chance accuracy at the easiest level, with lettered options and with free answers");
}

fn sample(arguments: &SampleArguments) -> Result<()> {
    let (name, data) = arguments.source.data()?;
    let media = Arc::new(MediaStore::default());
    let options = OpenOptions { name, seed: arguments.seed, needs: Needs::Either, media: Arc::clone(&media) };
    let set = PromptSet::open(&data, &options)?;
    let prompts = set.first(arguments.count, &arguments.filter())?;
    ensure!(!prompts.is_empty(), "nothing to write: data set `{}` has no prompt that the filter keeps", options.name);

    prepare_directory(&arguments.output)?;
    gallery::write(&arguments.output, &prompts, &media)?;
    say(format!("{} prompts in `{}`", prompts.len(), arguments.output.join("samples.jsonl").display()));
    say(format!("look at them in `{}`", arguments.output.join("index.html").display()));
    if let Some(chance) = mean_chance(&prompts) {
        say(format!("guessing is right {:.1} % of the time", 100.0 * chance));
    }
    let report = set.report();
    if !report.quarantined.is_empty() {
        let path = arguments.output.join("quarantine.jsonl");
        report.write_quarantine(&path)?;
        let (num_bad, num_rows) = (report.quarantined.len(), report.num_rows);
        say(format!("{num_bad} of {num_rows} records cannot be used: `{}` says why", path.display()));
    }
    Ok(())
}

/// Averages the chance accuracy, where every prompt has one.
fn mean_chance(prompts: &[Prompt]) -> Option<f64> {
    let chances: Option<Vec<f64>> = prompts.iter().map(|prompt| prompt.chance).collect();
    chances.map(|chances| chances.iter().sum::<f64>() / chances.len() as f64)
}

/// Makes the directory, and refuses to mix samples with what is there already.
fn prepare_directory(directory: &std::path::Path) -> Result<()> {
    let context = || format!("failed to prepare `{}`", directory.display());
    std::fs::create_dir_all(directory.join("images")).with_context(context)?;
    let num_entries = std::fs::read_dir(directory).with_context(context)?.count();
    let num_images = std::fs::read_dir(directory.join("images")).with_context(context)?.count();
    ensure!(
        num_entries == 1 && num_images == 0,
        "failed to write samples to `{}`: it is not empty; give a new directory",
        directory.display()
    );
    Ok(())
}

impl SampleArguments {
    fn filter(&self) -> Filter {
        let pictures = match (self.with_pictures, self.without_pictures) {
            (true, _) => Pictures::Required,
            (_, true) => Pictures::Refused,
            (false, false) => Pictures::Any,
        };
        Filter { difficulty: None, max_characters: self.max_characters, pictures }
    }
}
