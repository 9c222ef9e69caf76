//! The coordinator process.

use std::{process::ExitCode, time::Duration};

use anyhow::Context;
use clap::Parser;
use gradus_config::Arguments;
use gradus_coordinator::Service;
use gradus_runtime::Runtime;
use gradus_telemetry::Identity;

/// The time calls in progress have to finish after a signal.
const GRACE: Duration = Duration::from_secs(10);

/// Threads that serve calls.
const NUM_WORKERS: usize = 2;

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let config = arguments.load()?;
    if arguments.check {
        Service::check(&config)?;
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = Runtime::new("coordinator", NUM_WORKERS)?;
    let identity = Identity::of_service(&config.run, "coordinator");
    let _guard = runtime.within(|| gradus_telemetry::init(&config.telemetry, &config.run.directory, identity))?;
    let service = Service::open(config)?;
    runtime.run(GRACE, |shutdown| async { service.run(shutdown).await.context("the coordinator has failed") })?;
    Ok(ExitCode::SUCCESS)
}
