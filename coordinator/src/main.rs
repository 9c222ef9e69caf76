//! The coordinator process.

use std::{process::ExitCode, time::Duration};

use anyhow::Context;

use gradus_config::RunConfig;
use gradus_coordinator::Service;
use gradus_process::Process;
use gradus_telemetry::Identity;

/// The time calls in progress have to finish after a signal.
const GRACE: Duration = Duration::from_secs(10);

/// Threads that serve calls.
const NUM_WORKERS: usize = 2;

fn main() -> anyhow::Result<ExitCode> {
    let identity = |config: &RunConfig| Identity::of_service(&config.run, "coordinator");
    let Some(process) = Process::start(NUM_WORKERS, identity, Service::check)? else { return Ok(ExitCode::SUCCESS) };
    let service = Service::open(process.config().clone())?;
    process.run(GRACE, |shutdown| async { service.run(shutdown).await.context("the coordinator has failed") })?;
    Ok(ExitCode::SUCCESS)
}
