//! The learner process: one rank.

use std::{process::ExitCode, time::Duration};

use anyhow::Context;
use tracing::{error, info, warn};

use gradus_config::RunConfig;
use gradus_learner::{Ending, Error, Service};
use gradus_process::Process;
use gradus_telemetry::Identity;

/// The time the step in progress has to finish after a signal.
const GRACE: Duration = Duration::from_secs(30);
/// Threads that talk to the coordinator and serve weights.
const NUM_WORKERS: usize = 2;
/// The exit code that asks the launcher for a new process (`EX_TEMPFAIL` of sysexits).
const JOIN_AGAIN: u8 = 75;
/// The exit code that tells the launcher that another start would come to the same (`EX_IOERR` of sysexits).
const CANNOT_WRITE: u8 = 74;

fn main() -> anyhow::Result<ExitCode> {
    let identity = |config: &RunConfig| Identity::of_learner(&config.run, config.learner.rank);
    let check = |config: &RunConfig| Service::open(config.clone()).map(drop);
    let Some(process) = Process::start(NUM_WORKERS, identity, check)? else { return Ok(ExitCode::SUCCESS) };
    let service = Service::open(process.config().clone()).context("the learner cannot start")?;
    Ok(exit_code(process.run(GRACE, |shutdown| service.run(shutdown))))
}

fn exit_code(outcome: Result<Ending, Error>) -> ExitCode {
    match outcome {
        Ok(ending) => {
            info!(?ending, "leaving");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let asks_for_restart = error.asks_for_restart();
            let code = if matches!(error, Error::WriteCheckpoint { .. }) {
                ExitCode::from(CANNOT_WRITE)
            } else {
                ExitCode::FAILURE
            };
            let error = format!("{:#}", anyhow::Error::from(error));
            if asks_for_restart {
                warn!(error, "leaving to join again");
                ExitCode::from(JOIN_AGAIN)
            } else {
                error!(error, "the learner has failed");
                code
            }
        }
    }
}
