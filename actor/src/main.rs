//! The actor process.

use std::{process::ExitCode, time::Duration};

use anyhow::Context;

use gradus_actor::{DRAIN, Service};
use gradus_config::RunConfig;
use gradus_process::Process;
use gradus_telemetry::Identity;

/// The time the process has after a signal: to finish groups, and then to return the leases of those that are left.
const GRACE: Duration = DRAIN.saturating_add(Duration::from_secs(10));

/// Threads that make and serve calls.
const NUM_WORKERS: usize = 1;

fn main() -> anyhow::Result<ExitCode> {
    let identity = |config: &RunConfig| Identity::of_actor(&config.run, &config.actor.name);
    let Some(process) = Process::start(NUM_WORKERS, identity, Service::check)? else { return Ok(ExitCode::SUCCESS) };
    let service = Service::open(process.config().clone())?;
    process.run(GRACE, |shutdown| async { service.run(shutdown).await.context("the actor has failed") })?;
    Ok(ExitCode::SUCCESS)
}
