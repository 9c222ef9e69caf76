//! The reward server process.

use std::{process::ExitCode, time::Duration};

use anyhow::Context;
use clap::Parser;
use gradus_config::Arguments;
use gradus_reward_server::{Service, sandbox};
use gradus_runtime::Runtime;
use gradus_telemetry::Identity;

/// The time calls in progress have to finish after a signal.
const GRACE: Duration = Duration::from_secs(10);

/// Threads that serve calls.
const NUM_WORKERS: usize = 1;

fn main() -> anyhow::Result<ExitCode> {
    if let Some(code) = sandbox::run_if_confined() {
        return Ok(code);
    }
    let arguments = Arguments::parse();
    let config = arguments.load()?;
    if arguments.check {
        Service::check(&config)?;
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = Runtime::new("reward-server", NUM_WORKERS)?;
    let identity = Identity::of_service(&config.run, "reward-server");
    let _guard = runtime.within(|| gradus_telemetry::init(&config.telemetry, &config.run.directory, identity))?;
    let service = Service::open(&config)?;
    runtime.run(GRACE, |shutdown| async { service.run(shutdown).await.context("the reward server has failed") })?;
    Ok(ExitCode::SUCCESS)
}
