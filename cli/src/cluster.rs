//! A run's processes on this machine: started, watched, restarted when they die, and drained at the end.
//!
//! ```text
//!           SIGTERM, tier by tier: actors, then learners, then reward server and coordinator
//!   Cluster ──────────────────────────────────────────────────────────────────────────────────► processes
//!      ▲ poll(): every exit is judged by `restart::judge`: left, start again after a while, or give up
//! ```
//!
//! Every tier has the time that its services take to drain at the most, and a moment more.
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
use gradus_process::grace;

use self::{
    process::{Process, Program, Tier},
    restart::{Exit, Judgement},
};
use crate::launch::Interrupts;

/// How long a process may outlive its grace, at whose end it ends itself, before it is killed.
const MARGIN: Duration = Duration::from_secs(2);
/// The order in which processes are asked to leave.
const TIERS: [Tier; 3] = [Tier::Actors, Tier::Learners, Tier::Servers];
/// The process whose leaving ends the run.
const COORDINATOR: &str = "coordinator";
/// How long the coordinator may take to leave after the last of its members, beside the time it waits for those that are lost.
const LINGER: Duration = Duration::from_secs(5);
/// How often a drain looks whether a process has left.
const DRAIN_INTERVAL: Duration = Duration::from_millis(20);

/// The processes of a local run.
#[derive(Debug)]
pub struct Cluster {
    processes: Vec<Process>,
    interrupts: Arc<Interrupts>,
    /// How long a process that has left stays away while the coordinator is there.
    absence: Duration,
    /// Once the coordinator has left: when those that have not are killed.
    deadline: Option<Instant>,
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
    Restarted {
        /// Its name.
        name: String,
        /// Whether it had left without an error, though the run goes on.
        had_left: bool,
    },
    /// A process had not left long after the coordinator, and was killed.
    Killed {
        /// Its name.
        name: String,
    },
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
        let mut cluster = Self { processes: Vec::with_capacity(programs.len()), interrupts, absence, deadline: None };
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
                let had_left = process.history().last().is_some_and(Exit::is_clean);
                events.push(Event::Restarted { name: process.name().to_owned(), had_left });
            }
        }
        let exits = self.take_exits(now)?;
        if self.deadline.is_none() {
            for (index, exit) in exits {
                events.extend(self.judge(index, exit, now)?);
            }
        }
        events.extend(self.end(now));
        Ok(events)
    }

    /// Notes which processes have ended, and what that explains.
    fn take_exits(&mut self, now: Instant) -> Result<Vec<(usize, Exit)>> {
        let mut exits = Vec::new();
        for (index, process) in self.processes.iter_mut().enumerate() {
            exits.extend(process.take_exit(now)?.map(|exit| (index, exit)));
        }
        if exits.iter().any(|(_, exit)| !exit.asks_to_join_again()) {
            self.processes.iter_mut().for_each(Process::explain_rejoins);
        }
        Ok(exits)
    }

    /// Plans the next life of a process that has ended.
    fn judge(&mut self, index: usize, exit: Exit, now: Instant) -> Result<Option<Event>> {
        let process = &mut self.processes[index];
        match restart::judge(process.history()) {
            Judgement::Left if process.name() == COORDINATOR => Ok(None),
            Judgement::Left => {
                process.restart_at(now + self.absence);
                Ok(None)
            }
            Judgement::RestartAfter(delay) => {
                process.restart_at(now + delay);
                Ok(Some(Event::Restarting { name: process.name().to_owned(), ending: exit.to_string() }))
            }
            Judgement::GiveUp => bail!(
                "`{}` {exit} and cannot be kept running; the end of its log `{}`:\n{}",
                process.name(),
                process.log().display(),
                process.log_tail()
            ),
        }
    }

    /// Once the coordinator has left, asks those that are there to leave, and kills them when they take too long.
    fn end(&mut self, now: Instant) -> Vec<Event> {
        let mut events = Vec::new();
        let has_coordinator_left = |process: &Process| process.name() == COORDINATOR && process.is_done();
        if self.deadline.is_none() && self.processes.iter().any(has_coordinator_left) {
            let longest = self.processes.iter().map(Process::grace).max().unwrap_or_default();
            self.deadline = Some(now + longest + MARGIN);
            self.processes.iter_mut().filter(|process| !process.is_done()).for_each(Process::terminate);
        }
        if self.deadline.is_some_and(|deadline| now >= deadline) {
            for process in self.processes.iter_mut().filter(|process| !process.is_done()) {
                process.kill();
                events.push(Event::Killed { name: process.name().to_owned() });
            }
        }
        if self.processes.iter().all(Process::is_done) {
            events.push(Event::Finished);
        }
        events
    }

    /// Names the processes and their ids, for `kill` and for people.
    pub fn process_ids(&self) -> Vec<(String, u32)> {
        self.processes.iter().filter_map(|process| Some((process.name().to_owned(), process.id()?))).collect()
    }

    /// Asks every process to leave, tier by tier, and waits for it. Once there was a second interrupt, or the time of a tier is
    /// over, those that are left of it are killed.
    pub fn drain(&mut self) -> Drained {
        // All are drained, whatever became of the ones before.
        TIERS
            .map(|tier| self.drain_tier(tier))
            .into_iter()
            .find(|&drained| drained == Drained::Killed)
            .unwrap_or(Drained::All)
    }

    fn drain_tier(&mut self, tier: Tier) -> Drained {
        let started = Instant::now();
        let mut members: Vec<&mut Process> =
            self.processes.iter_mut().filter(|process| process.tier() == tier).collect();
        members.iter_mut().for_each(|process| process.terminate());
        let mut drained = Drained::All;
        loop {
            members.retain_mut(|process| !process.has_left());
            for process in &mut members {
                if started.elapsed() >= process.grace() + MARGIN || self.interrupts.count() > 1 {
                    process.kill();
                    drained = Drained::Killed;
                }
            }
            if members.iter_mut().all(|process| process.has_left()) {
                return drained;
            }
            std::thread::sleep(DRAIN_INTERVAL);
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.drain();
    }
}

/// Lists a run's programs.
fn programs(config: &RunConfig, run_file: &Path) -> Vec<Program> {
    let program = |name: String, binary: &'static str, (tier, grace): (Tier, Duration)| Program {
        name,
        binary,
        run_file: run_file.to_owned(),
        assignments: Vec::new(),
        tier,
        grace,
    };
    let actors = (0..config.actor.num_processes).map(|index| {
        let name = format!("actor-{index}");
        let mut assignments = vec![format!("actor.name={name}")];
        assignments.extend(config.actor.http.as_ref().map(|http| format!("actor.http={}", nth_port(http, index))));
        Program { assignments, ..program(name, "gradus-actor", (Tier::Actors, grace::ACTOR)) }
    });
    let learners = (0..config.learner.world_size).map(|rank| {
        let mut assignments = vec![format!("learner.rank={rank}")];
        assignments.extend(config.learner.http.as_ref().map(|http| format!("learner.http={}", nth_port(http, rank))));
        let name = format!("learner-{rank}");
        Program { assignments, ..program(name, "gradus-learner", (Tier::Learners, grace::LEARNER)) }
    });
    let servers = [
        ("reward-server", "gradus-reward-server", grace::REWARD_SERVER),
        (COORDINATOR, "gradus-coordinator", grace::COORDINATOR),
    ]
    .map(|(name, binary, grace)| program(name.to_owned(), binary, (Tier::Servers, grace)));
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
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    /// Starts a shell script as a process of a tier; what a launcher says on the command line means nothing to it.
    fn scripted(directory: &Path, (name, tier): (&str, Tier), script: &str) -> Process {
        let binary = directory.join(name);
        fs::write(&binary, format!("#!/bin/sh\ncd {}\n{script}", directory.display())).unwrap();
        fs::set_permissions(&binary, fs::Permissions::from_mode(0o755)).unwrap();
        let binary: &'static str = binary.to_str().unwrap().to_owned().leak();
        let (run_file, grace) = (directory.join("run.toml"), Duration::from_secs(60));
        let program = Program { name: name.to_owned(), binary, run_file, assignments: Vec::new(), tier, grace };
        Process::start(program, directory).unwrap()
    }

    /// A script that says when it listens to SIGTERM, and what it does then.
    fn at_sigterm(name: &str, action: &str) -> String {
        format!("trap '{action}; exit 0' TERM\ntouch {name}.ready\nwhile :; do sleep 0.01; done\n")
    }

    #[test]
    fn processes_of_a_tier_are_asked_to_leave_together_and_a_tier_after_the_other() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        // Each actor leaves once the other one has been asked to; the learner says whether both had left.
        let wait_for = |own: &str, other: &str| {
            format!("touch {own}; until [ -e {other} ]; do sleep 0.01; done; touch {own}.left")
        };
        let processes = vec![
            scripted(path, ("a", Tier::Actors), &at_sigterm("a", &wait_for("told-a", "told-b"))),
            scripted(path, ("b", Tier::Actors), &at_sigterm("b", &wait_for("told-b", "told-a"))),
            scripted(
                path,
                ("c", Tier::Learners),
                &at_sigterm("c", "[ -e told-a.left ] && [ -e told-b.left ] && touch last"),
            ),
        ];
        while !["a", "b", "c"].iter().all(|name| path.join(format!("{name}.ready")).exists()) {
            std::thread::yield_now();
        }
        let interrupts = Arc::new(Interrupts::none());
        let mut cluster = Cluster { processes, interrupts, absence: Duration::ZERO, deadline: None };
        assert_eq!(cluster.drain(), Drained::All);
        assert!(path.join("last").exists());
    }

    #[test]
    fn who_does_not_leave_after_the_coordinator_is_killed_when_its_time_is_over() {
        let directory = tempfile::tempdir().unwrap();
        let stubborn = "trap '' TERM\ntouch stubborn.ready\nwhile :; do sleep 0.01; done\n";
        let processes = vec![
            scripted(directory.path(), ("stubborn", Tier::Actors), stubborn),
            scripted(
                directory.path(),
                (COORDINATOR, Tier::Servers),
                "until [ -e stubborn.ready ]; do sleep 0.01; done\n",
            ),
        ];
        let interrupts = Arc::new(Interrupts::none());
        let mut cluster = Cluster { processes, interrupts, absence: Duration::ZERO, deadline: None };
        let now = Instant::now();
        while cluster.deadline.is_none() {
            assert_eq!(cluster.poll(now).unwrap(), []);
        }
        assert_eq!(cluster.poll(now + Duration::from_secs(61)).unwrap(), []);
        let killed = Event::Killed { name: "stubborn".to_owned() };
        assert_eq!(cluster.poll(now + Duration::from_secs(62)).unwrap(), [killed, Event::Finished]);
    }

    #[test]
    fn each_process_has_a_port_of_its_own() {
        assert_eq!(nth_port("127.0.0.1:7610", 2), "127.0.0.1:7612");
        assert_eq!(nth_port("[::1]:7610", 0), "[::1]:7610");
        assert_eq!(nth_port("127.0.0.1:0", 3), "127.0.0.1:0");
        assert_eq!(nth_port("nonsense", 3), "nonsense");
    }
}
