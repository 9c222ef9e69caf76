//! `gradus run`: a local cluster for a run file, followed to its end.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::{
    accuracy,
    launch::{Ending, launch},
    terminal::say,
};

/// What to run.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The run file.
    run_file: PathBuf,
    /// Replaces a key of the run file, such as `run.seed=7`; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    assignments: Vec<String>,
}

/// Runs it. A run whose directory is there already goes on from where it stands.
pub fn run(arguments: &Arguments) -> Result<()> {
    let config = gradus_config::load(&arguments.run_file, &arguments.assignments)?;
    let directory = config.run.directory.display();
    say(format!("run `{}` in `{directory}`, status at http://{}", config.run.name, config.coordinator.http));
    match launch(&config)? {
        Ending::Finished(report) => {
            for line in accuracy::table(&report) {
                say(line);
            }
            say(format!("checkpoints, evaluations, metrics and logs are in `{directory}`"));
        }
        Ending::Interrupted => say(format!("drained; the same command goes on from `{directory}`")),
    }
    Ok(())
}
