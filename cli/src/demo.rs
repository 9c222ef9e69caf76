//! `gradus demo`: the whole ring on this machine with the tiny model, and what it learned.

mod picture;
mod side_by_side;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use gradus_config::{RunConfig, parse};

use crate::{
    accuracy,
    api::{self, RunReport},
    launch::{Ending, launch},
    summary,
    terminal::say,
};

/// The demonstration's run file.
const RUN_FILE: &str = include_str!("../../recipes/demo.toml");
/// The demonstration's directory, where `--set` names no other.
const DIRECTORY: &str = "runs/demo";
/// The stage whose effect on pictures the closing line states.
const PICTURE_STAGE: &str = "multimodal-rl";
/// Digits that tell the directories of runs with other keys apart.
const DIGEST_DIGITS: usize = 8;

/// What to change.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Replaces a key of the demonstration's run file, such as `run.seed=7`; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    assignments: Vec<String>,
}

/// Runs the demonstration, or goes on with one that was interrupted.
pub fn run(arguments: &Arguments) -> Result<()> {
    let config = load(&arguments.assignments)?;
    let directory = &config.run.directory;
    let going_on = directory.join("run.toml").exists();
    say("Gradus: a small vision-language model learns to look, in three stages.");
    say(format!(
        "{} in `{}`: a coordinator, a reward server, {} actors and {} learner ranks; status at http://{}",
        if going_on { "going on" } else { "starting" },
        directory.display(),
        config.actor.num_processes,
        config.learner.world_size,
        config.coordinator.http
    ));
    match launch(&config)? {
        Ending::Finished(report) => tell(&config, &report),
        Ending::Interrupted => {
            say(format!("drained; `gradus demo` goes on from `{}`", directory.display()));
            Ok(())
        }
    }
}

/// Loads the run file with the keys replaced; a run with other keys, or after a finished one, gets a directory of its own.
fn load(assignments: &[String]) -> Result<RunConfig> {
    let mut config = parse(RUN_FILE, Path::new("recipes/demo.toml"), assignments)?;
    if config.run.directory == Path::new(DIRECTORY) {
        config.run.directory = free_directory(assignments);
    }
    Ok(config)
}

/// Returns the first directory whose run is not finished.
fn free_directory(assignments: &[String]) -> PathBuf {
    let base = match assignments {
        [] => DIRECTORY.to_owned(),
        _ => {
            let digest = blake3::hash(assignments.join("\n").as_bytes()).to_hex();
            format!("{DIRECTORY}-{}", &digest[..DIGEST_DIGITS])
        }
    };
    let numbered = (2..).map(|number| format!("{base}-{number}"));
    let mut candidates = std::iter::once(base.clone()).chain(numbered).map(PathBuf::from);
    candidates.find(|path| !path.join("report.json").exists()).expect("numbers do not end")
}

/// Prints accuracy, what each stage was like, pictures before and after, and where everything lies.
fn tell(config: &RunConfig, report: &RunReport) -> Result<()> {
    say("");
    for line in accuracy::table(report) {
        say(line);
    }
    say("");
    for line in summary::lines(report) {
        say(line);
    }
    say("");
    side_by_side::show(config, report).context("failed to show pictures before and after")?;
    if let Some(line) = gain(report) {
        say(line);
    }
    let accounts = match (&report.ledger.imbalance, report.ledger.balances) {
        (None, true) => "every prompt is accounted for".to_owned(),
        (imbalance, _) => format!("the ledger does not balance: {}", imbalance.as_deref().unwrap_or("unknown")),
    };
    say(format!("{accounts}; learner worlds: {}", report.world.generation));
    let directory = config.run.directory.display();
    say(format!("checkpoints (Hugging Face layout), evaluations, metrics.jsonl and logs: `{directory}`"));
    Ok(())
}

/// States what the picture stage did to the accuracy on pictures.
fn gain(report: &RunReport) -> Option<String> {
    let stage = report.stages.iter().position(|stage| stage.name == PICTURE_STAGE)?;
    let before = report.evaluations.iter().find(|one| one.starts_stage == Some(stage))?;
    let after = report.evaluations.iter().find(|one| one.ends_stage == Some(stage))?;
    let of = |evaluation: &api::EvaluationReport| {
        evaluation.sets.iter().find(|set| set.name.starts_with("pictures")).map(|set| set.overall)
    };
    let (before, after) = (of(before)?, of(after)?);
    Some(format!(
        "{PICTURE_STAGE} moved accuracy on held-out pictures from {} to {}: {:+.1} points",
        accuracy::cell(&before),
        accuracy::cell(&after),
        100.0 * (after.accuracy - before.accuracy)
    ))
}
