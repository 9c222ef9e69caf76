//! The reward server process.

use std::process::ExitCode;

use gradus_config::RunConfig;
use gradus_process::{Process, grace};
use gradus_reward_server::{Service, sandbox};
use gradus_telemetry::Identity;

/// Threads that serve calls.
const NUM_WORKERS: usize = 1;

fn main() -> ExitCode {
    if let Some(code) = sandbox::run_if_confined() {
        return code;
    }
    let identity = |config: &RunConfig| Identity::of_service(&config.run, "reward-server");
    match Process::start(NUM_WORKERS, identity, Service::check) {
        Ok(process) => process.run(grace::REWARD_SERVER, |config| Service::open(&config), Service::run),
        Err(code) => code,
    }
}
