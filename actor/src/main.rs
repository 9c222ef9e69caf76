//! The actor process.

use std::process::ExitCode;

use gradus_actor::Service;
use gradus_config::RunConfig;
use gradus_process::{Process, grace};
use gradus_telemetry::Identity;

/// Threads that make and serve calls.
const NUM_WORKERS: usize = 1;

fn main() -> ExitCode {
    let identity = |config: &RunConfig| Identity::of_actor(&config.run, &config.actor.name);
    match Process::start(NUM_WORKERS, identity, Service::check) {
        Ok(process) => process.run(grace::ACTOR, Service::open, Service::run),
        Err(code) => code,
    }
}
