//! The reward server process.

use std::{process::ExitCode, time::Duration};

use anyhow::Context;

use gradus_config::RunConfig;
use gradus_process::Process;
use gradus_reward_server::{Service, sandbox};
use gradus_telemetry::Identity;

/// The time calls in progress have to finish after a signal.
const GRACE: Duration = Duration::from_secs(10);

/// Threads that serve calls.
const NUM_WORKERS: usize = 1;

fn main() -> anyhow::Result<ExitCode> {
    if let Some(code) = sandbox::run_if_confined() {
        return Ok(code);
    }
    let identity = |config: &RunConfig| Identity::of_service(&config.run, "reward-server");
    let Some(process) = Process::start(NUM_WORKERS, identity, Service::check)? else { return Ok(ExitCode::SUCCESS) };
    let service = Service::open(process.config())?;
    process.run(GRACE, |shutdown| async { service.run(shutdown).await.context("the reward server has failed") })?;
    Ok(ExitCode::SUCCESS)
}
