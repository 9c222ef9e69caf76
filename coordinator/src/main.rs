//! The coordinator process.

use std::process::ExitCode;

use gradus_config::RunConfig;
use gradus_coordinator::Service;
use gradus_process::{Process, grace};
use gradus_telemetry::Identity;

/// Threads that serve calls.
const NUM_WORKERS: usize = 2;

fn main() -> ExitCode {
    let identity = |config: &RunConfig| Identity::of_service(&config.run, "coordinator");
    match Process::start(NUM_WORKERS, identity, Service::check) {
        Ok(process) => process.run(grace::COORDINATOR, Service::open, Service::run),
        Err(code) => code,
    }
}
