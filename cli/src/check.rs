//! `gradus check`: validates a run file without starting anything.

use anyhow::Result;
use clap::Args;
use gradus_config::{RunConfig, StageKind};

use crate::{
    run_file::{self, RunFile},
    terminal::say,
};

/// What to check.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    run_file: RunFile,
}

/// Loads the run file, checks that its model directory is there, and prints what the run would do.
pub fn run(arguments: &Arguments) -> Result<()> {
    let config = arguments.run_file.load()?;
    run_file::check_model_directory(&config)?;
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
