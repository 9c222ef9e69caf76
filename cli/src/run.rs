//! `gradus run`: a local cluster for a run file, followed to its end.

use anyhow::Result;
use clap::Args;

use crate::{
    accuracy,
    launch::{Ending, launch},
    run_file::RunFile,
    summary,
    terminal::say,
};

/// What to run.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    run_file: RunFile,
}

/// Runs it. A run whose directory is there already goes on from where it stands.
pub fn run(arguments: &Arguments) -> Result<()> {
    let config = arguments.run_file.load()?;
    let directory = config.run.directory.display();
    say(format!("run `{}` in `{directory}`, status at http://{}", config.run.name, config.coordinator.http));
    match launch(&config)? {
        Ending::Finished(report) => {
            for line in accuracy::table(&report) {
                say(line);
            }
            for line in summary::lines(&report) {
                say(line);
            }
            say(format!("checkpoints, evaluations, metrics and logs are in `{directory}`"));
        }
        Ending::Interrupted => say(format!("drained; the same command goes on from `{directory}`")),
    }
    Ok(())
}
