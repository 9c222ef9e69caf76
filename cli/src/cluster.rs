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
//! its order. They hold one end of a pipe whose other end closes with the launcher, however it dies, and then drain by
//! themselves.

mod process;
mod restart;

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use gradus_config::RunConfig;

use self::{
    process::{Process, Program},
    restart::Judgement,
};
use crate::launch::Interrupts;

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
    interrupts: Arc<Interrupts>,
    /// How long a process that has left stays away while the coordinator is there.
    absence: Duration,
    is_over: bool,
}

/// How a drain ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// All processes have left.
    All,
    /// A second interrupt, or the end of their time, had the rest killed.
    Killed,
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
    /// Starts every process of a run, with its resolved run file at `run_file`. A second interrupt cuts a drain short.
    pub fn start(config: &RunConfig, run_file: &Path, interrupts: Arc<Interrupts>) -> Result<Self> {
        let logs = config.log_directory();
        std::fs::create_dir_all(&logs).with_context(|| format!("failed to make log directory `{}`", logs.display()))?;
        let sockets = config.run.directory.join("sockets");
        std::fs::create_dir_all(&sockets)
            .with_context(|| format!("failed to make socket directory `{}`", sockets.display()))?;
        let programs = programs(config, run_file);
        let absence = Duration::from_secs_f64(config.coordinator.heartbeat_timeout_seconds) + LINGER;
        let mut cluster = Self { processes: Vec::with_capacity(programs.len()), interrupts, absence, is_over: false };
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

    /// Asks every process to leave, in order, and waits for it. Once there was a second interrupt, or the time is over, those
    /// that are left are killed.
    pub fn drain(&mut self) -> Drained {
        let deadline = Instant::now() + GRACE;
        let mut drained = Drained::All;
        for process in &mut self.processes {
            process.terminate();
            while !process.has_left() {
                if Instant::now() >= deadline || self.interrupts.count() > 1 {
                    process.kill();
                    drained = Drained::Killed;
                    break;
                }
                std::thread::sleep(DRAIN_INTERVAL);
            }
        }
        drained
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
        let mut assignments = vec![format!("actor.name={name}")];
        assignments.extend(config.actor.http.as_ref().map(|http| format!("actor.http={}", nth_port(http, index))));
        program(name, "gradus-actor", assignments)
    });
    let learners = (0..config.learner.world_size).map(|rank| {
        let mut assignments = vec![format!("learner.rank={rank}")];
        assignments.extend(config.learner.http.as_ref().map(|http| format!("learner.http={}", nth_port(http, rank))));
        program(format!("learner-{rank}"), "gradus-learner", assignments)
    });
    let servers = [("reward-server", "gradus-reward-server"), (COORDINATOR, "gradus-coordinator")]
        .map(|(name, binary)| program(name.to_owned(), binary, Vec::new()));
    actors.chain(learners).chain(servers).collect()
}

/// Counts the port of `host:port` up, so that processes of one machine do not share it. Port 0 is another one each time anyway,
/// and what is no address is the service's to report.
fn nth_port(address: &str, index: u32) -> String {
    let counted = address.rsplit_once(':').and_then(|(host, port)| {
        let port: u16 = port.parse().ok().filter(|&port| port > 0)?;
        Some(format!("{host}:{}", port.checked_add(u16::try_from(index).ok()?)?))
    });
    counted.unwrap_or_else(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_process_has_a_port_of_its_own() {
        assert_eq!(nth_port("127.0.0.1:7610", 2), "127.0.0.1:7612");
        assert_eq!(nth_port("[::1]:7610", 0), "[::1]:7610");
        assert_eq!(nth_port("127.0.0.1:0", 3), "127.0.0.1:0");
        assert_eq!(nth_port("nonsense", 3), "nonsense");
    }
}
