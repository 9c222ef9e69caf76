//! The learner process: one rank.

use std::process::ExitCode;

use gradus_config::RunConfig;
use gradus_learner::Service;
use gradus_process::{Process, grace};
use gradus_telemetry::Identity;

/// Threads that talk to the coordinator and serve weights.
const NUM_WORKERS: usize = 2;

fn main() -> ExitCode {
    let identity = |config: &RunConfig| Identity::of_learner(&config.run, config.learner.rank);
    let check = |config: &RunConfig| Service::open(config.clone()).map(drop);
    match Process::start(NUM_WORKERS, identity, check) {
        Ok(process) => process.run(grace::LEARNER, Service::open, Service::run),
        Err(code) => code,
    }
}
