//! The learner process: one rank.

use std::{process::ExitCode, time::Duration};

use anyhow::Context;
use clap::Parser;
use tracing::{error, info, warn};

use gradus_config::Arguments;
use gradus_learner::{Ending, Error, Service};
use gradus_runtime::Runtime;
use gradus_telemetry::Identity;

/// The time the step in progress has to finish after a signal.
const GRACE: Duration = Duration::from_secs(30);
/// Threads that talk to the coordinator and serve weights.
const NUM_WORKERS: usize = 2;
/// The exit code that asks the launcher for a new process (`EX_TEMPFAIL` of sysexits).
const JOIN_AGAIN: u8 = 75;

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let config = arguments.load()?;
    if arguments.check {
        Service::open(config).context("the learner cannot start")?;
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = Runtime::new("learner", NUM_WORKERS)?;
    let identity = Identity::of_learner(&config.run, config.learner.rank);
    let _guard = runtime.within(|| gradus_telemetry::init(&config.telemetry, &config.run.directory, identity))?;
    let service = Service::open(config).context("the learner cannot start")?;
    Ok(exit_code(runtime.run(GRACE, |shutdown| service.run(shutdown))))
}

fn exit_code(outcome: Result<Ending, Error>) -> ExitCode {
    match outcome {
        Ok(ending) => {
            info!(?ending, "leaving");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let asks_for_restart = error.asks_for_restart();
            let error = format!("{:#}", anyhow::Error::from(error));
            if asks_for_restart {
                warn!(error, "leaving to join again");
                ExitCode::from(JOIN_AGAIN)
            } else {
                error!(error, "the learner has failed");
                ExitCode::FAILURE
            }
        }
    }
}
