//! A run's processes on this machine: started, watched, restarted when they die, and drained at the end.
//!
//! ```text
//!           SIGTERM, in order: actors, learners, reward server, coordinator
//!   Cluster ───────────────────────────────────────────────────────────────► processes
//!      ▲ poll(): every exit is judged by `restart::judge`: left, start again after a while, or give up
//! ```
//!
//! The run is over, or stands still, when the coordinator has left: it is the last one to, but for the reward server, which
//! nobody tells. A process that leaves without an error long before was sent away by someone else, and is started again.
//!
//! Processes lead process groups of their own, so that Ctrl-C on the terminal reaches the launcher alone and the drain keeps
//! its order.

mod process;
mod restart;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use gradus_config::RunConfig;

use self::{
    process::{Process, Program},
    restart::Judgement,
};

/// How long a drain may take before processes are killed.
const GRACE: Duration = Duration::from_secs(20);
/// The process whose leaving ends the run.
const COORDINATOR: &str = "coordinator";
/// How long the coordinator may take to leave after the last of its members, beside the time it waits for those that are lost.
const LINGER: Duration = Duration::from_secs(5);
/// How often a drain looks whether a process has left.
const DRAIN_INTERVAL: Duration = Duration::from_millis(20);

/// The processes of a local run, in the order they are drained.
#[derive(Debug)]
pub struct Cluster {
    processes: Vec<Process>,
    /// How long a process that has left stays away while the coordinator is there.
    absence: Duration,
    is_over: bool,
}

/// What [`Cluster::poll`] saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A process died and will be started again.
    Restarting {
        /// Its name.
        name: String,
        /// How it ended.
        ending: String,
    },
    /// A process was started again.
    Restarted,
    /// All processes have left.
    Finished,
}

impl Cluster {
    /// Starts every process of a run, with its resolved run file at `run_file`.
    pub fn start(config: &RunConfig, run_file: &Path) -> Result<Self> {
        let logs = config.log_directory();
        std::fs::create_dir_all(&logs).with_context(|| format!("failed to make log directory `{}`", logs.display()))?;
        let sockets = config.run.directory.join("sockets");
        std::fs::create_dir_all(&sockets)
            .with_context(|| format!("failed to make socket directory `{}`", sockets.display()))?;
        let programs = programs(config, run_file);
        let absence = Duration::from_secs_f64(config.coordinator.heartbeat_timeout_seconds) + LINGER;
        let mut cluster = Self { processes: Vec::with_capacity(programs.len()), absence, is_over: false };
        for program in programs {
            // A failed start drains what runs already: `Cluster` is dropped here.
            cluster.processes.push(Process::start(program, &logs)?);
        }
        Ok(cluster)
    }

    /// Looks at every process once. Fails when one of them cannot be kept running, with the last lines of its log.
    pub fn poll(&mut self, now: Instant) -> Result<Vec<Event>> {
        let mut events = Vec::new();
        for process in &mut self.processes {
            if process.start_if_due(now)? {
                events.push(Event::Restarted);
            }
            let Some(exit) = process.take_exit(now)?.filter(|_| !self.is_over) else { continue };
            match restart::judge(process.history()) {
                Judgement::Left if process.name() == COORDINATOR => {}
                Judgement::Left => process.restart_at(now + self.absence),
                Judgement::RestartAfter(delay) => {
                    process.restart_at(now + delay);
                    events.push(Event::Restarting { name: process.name().to_owned(), ending: exit.to_string() });
                }
                Judgement::GiveUp => bail!(
                    "`{}` {exit} and cannot be kept running; the end of its log `{}`:\n{}",
                    process.name(),
                    process.log().display(),
                    process.log_tail()
                ),
            }
        }
        if !self.is_over && self.processes.iter().any(|process| process.name() == COORDINATOR && process.is_done()) {
            self.is_over = true;
            self.processes.iter_mut().filter(|process| !process.is_done()).for_each(Process::terminate);
        }
        if self.processes.iter().all(Process::is_done) {
            events.push(Event::Finished);
        }
        Ok(events)
    }

    /// Names the processes and their ids, for `kill` and for people.
    pub fn process_ids(&self) -> Vec<(String, u32)> {
        self.processes.iter().filter_map(|process| Some((process.name().to_owned(), process.id()?))).collect()
    }

    /// Asks every process to leave, in order, and waits for it; one that does not leave in time is killed.
    pub fn drain(&mut self) {
        let deadline = Instant::now() + GRACE;
        for process in &mut self.processes {
            process.terminate();
            while !process.has_left() {
                if Instant::now() >= deadline {
                    process.kill();
                    break;
                }
                std::thread::sleep(DRAIN_INTERVAL);
            }
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.drain();
    }
}

/// Lists a run's programs in the order they are drained: those that call others first.
fn programs(config: &RunConfig, run_file: &Path) -> Vec<Program> {
    let program = |name: String, binary: &'static str, assignments: Vec<String>| Program {
        name,
        binary,
        run_file: run_file.to_owned(),
        assignments,
    };
    let actors = (0..config.actor.num_processes).map(|index| {
        let name = format!("actor-{index}");
        let assignments = vec![format!("actor.name={name}")];
        program(name, "gradus-actor", assignments)
    });
    let learners = (0..config.learner.world_size)
        .map(|rank| program(format!("learner-{rank}"), "gradus-learner", vec![format!("learner.rank={rank}")]));
    let servers = [("reward-server", "gradus-reward-server"), (COORDINATOR, "gradus-coordinator")]
        .map(|(name, binary)| program(name.to_owned(), binary, Vec::new()));
    actors.chain(learners).chain(servers).collect()
}
