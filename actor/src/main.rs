//! The actor process.

use std::{process::ExitCode, time::Duration};

use anyhow::Context;
use clap::Parser;
use gradus_actor::{DRAIN, Service};
use gradus_config::Arguments;
use gradus_runtime::Runtime;
use gradus_telemetry::Identity;

/// The time the process has after a signal: to finish groups, and then to return the leases of those that are left.
const GRACE: Duration = DRAIN.saturating_add(Duration::from_secs(10));

/// Threads that make and serve calls.
const NUM_WORKERS: usize = 1;

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let config = arguments.load()?;
    Service::check(&config)?;
    if arguments.check {
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = Runtime::new("actor", NUM_WORKERS)?;
    let identity = Identity::of_actor(&config.run, &config.actor.name);
    let _guard = runtime.within(|| gradus_telemetry::init(&config.telemetry, &config.run.directory, identity))?;
    let service = Service::open(config)?;
    runtime.run(GRACE, |shutdown| async { service.run(shutdown).await.context("the actor has failed") })?;
    Ok(ExitCode::SUCCESS)
}
