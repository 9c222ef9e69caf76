//! `gradus check`: validates a run file without starting anything.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;
use gradus_config::{RunConfig, StageKind};

use crate::terminal::say;

/// What to check.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The run file.
    run_file: PathBuf,
    /// Replaces a key of the run file, such as `run.seed=7`; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    assignments: Vec<String>,
}

/// Loads the run file, checks that its model directory is there, and prints what the run would do.
pub fn run(arguments: &Arguments) -> Result<()> {
    let config = gradus_config::load(&arguments.run_file, &arguments.assignments)?;
    ensure!(
        config.model.path.join("config.json").is_file(),
        "`model.path`: there is no `config.json` in `{}`; give the directory of a Hugging Face checkpoint",
        config.model.path.display()
    );
    for line in describe(&config) {
        say(line);
    }
    Ok(())
}

/// Derives what the run file does not say outright, with the unit of every number.
fn describe(config: &RunConfig) -> Vec<String> {
    let mut lines = vec![format!(
        "run `{}`: {} stage(s), {} steps, seed {}, {} learner rank(s), {} actor(s)",
        config.run.name,
        config.stages.len(),
        config.total_steps(),
        config.run.seed,
        config.learner.world_size,
        config.actor.num_processes
    )];
    lines.extend(config.stages.iter().map(|stage| match &stage.kind {
        StageKind::Sft(sft) => format!(
            "  `{}`: supervised, {} steps x {} examples = {} examples",
            stage.name,
            stage.steps,
            sft.batch_samples,
            stage.steps * u64::from(sft.batch_samples)
        ),
        StageKind::Rl(rl) => {
            let completions = u64::from(rl.batch_prompts) * u64::from(rl.sampling.num_completions);
            format!(
                "  `{}`: reinforcement learning, {} steps x {} prompts x {} completions = {} completions; {completions} \
                 completions a step, {} optimizer update(s) a step",
                stage.name,
                stage.steps,
                rl.batch_prompts,
                rl.sampling.num_completions,
                stage.steps * completions,
                rl.algorithm.updates_per_batch
            )
        }
    }));
    lines
}
