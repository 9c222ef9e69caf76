//! One process of a cluster over its lives: started with its own log file, noticed when it ends, started again when due.

use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

use super::restart::Exit;

/// Bytes of a log's end that an error shows.
const TAIL_BYTES: u64 = 2_000;

/// What to start, and how.
#[derive(Clone, Debug)]
pub struct Program {
    /// The process's name: `actor-0`.
    pub name: String,
    /// The binary, beside the launcher's own.
    pub binary: &'static str,
    /// The resolved run file.
    pub run_file: PathBuf,
    /// What `--set` tells this process alone.
    pub assignments: Vec<String>,
    /// Whom it leaves with.
    pub tier: Tier,
    /// The time it has to drain.
    pub grace: Duration,
}

/// Which processes are asked to leave together: those that call others before those that are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// The actors, which finish the groups they are sampling.
    Actors,
    /// The learner ranks, which finish their step.
    Learners,
    /// The reward server and the coordinator.
    Servers,
}

#[derive(Debug)]
enum State {
    /// The child holds the launcher's end of the pipe that is its standard input.
    Running {
        child: Child,
        since: Instant,
    },
    Waiting {
        until: Instant,
    },
    Ended,
}

/// A program and its present life.
#[derive(Debug)]
pub struct Process {
    program: Program,
    log: PathBuf,
    /// The length of the log when the present life began, or the last one.
    log_start: u64,
    state: State,
    history: Vec<Exit>,
}

impl Process {
    /// Starts a program whose standard error is appended to a file in `logs`.
    pub fn start(program: Program, logs: &Path) -> Result<Self> {
        let log = logs.join(format!("{}.stderr", program.name));
        let (child, log_start) = spawn(&program, &log)?;
        let state = State::Running { child, since: Instant::now() };
        Ok(Self { program, log, log_start, state, history: Vec::new() })
    }

    /// Starts the program again if its wait is over, and tells whether it did.
    pub fn start_if_due(&mut self, now: Instant) -> Result<bool> {
        let is_due = matches!(self.state, State::Waiting { until } if until <= now);
        if is_due {
            let (child, log_start) = spawn(&self.program, &self.log)?;
            self.log_start = log_start;
            self.state = State::Running { child, since: now };
        }
        Ok(is_due)
    }

    /// Returns how the process ended, once after it has.
    pub fn take_exit(&mut self, now: Instant) -> Result<Option<Exit>> {
        let State::Running { child, since } = &mut self.state else { return Ok(None) };
        let status = child.try_wait().with_context(|| format!("failed to watch `{}`", self.program.name))?;
        let Some(status) = status else { return Ok(None) };
        let exit = Exit::new(status, now.saturating_duration_since(*since));
        self.history.push(exit);
        self.state = State::Ended;
        Ok(Some(exit))
    }

    /// Plans the next life.
    pub fn restart_at(&mut self, until: Instant) {
        self.state = State::Waiting { until };
    }

    /// Notes that another process has died, which explains why this one had to join again.
    pub fn explain_rejoins(&mut self) {
        self.history.iter_mut().for_each(|exit| exit.is_explained = true);
    }

    /// Returns how the lives so far ended.
    pub fn history(&self) -> &[Exit] {
        &self.history
    }

    /// Returns the process's name.
    pub fn name(&self) -> &str {
        &self.program.name
    }

    /// Returns whom the process leaves with.
    pub const fn tier(&self) -> Tier {
        self.program.tier
    }

    /// Returns the time the process has to drain.
    pub const fn grace(&self) -> Duration {
        self.program.grace
    }

    /// Returns the id of the running process.
    pub fn id(&self) -> Option<u32> {
        match &self.state {
            State::Running { child, .. } => Some(child.id()),
            State::Waiting { .. } | State::Ended => None,
        }
    }

    /// Tells whether the process has ended and will not be started again.
    pub const fn is_done(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    /// Returns the file that standard error goes to.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Returns the end of what the last life has logged.
    pub fn log_tail(&self) -> String {
        read_tail(&self.log, self.log_start).unwrap_or_else(|error| format!("(the log could not be read: {error})"))
    }

    /// Asks the process to leave and plans no further life.
    pub fn terminate(&mut self) {
        if let Some(pid) = self.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
            // It may have ended in this very moment, which is what is asked for.
            let _ = kill_process(pid, Signal::TERM);
        } else {
            self.state = State::Ended;
        }
    }

    /// Tells whether the process is gone.
    pub fn has_left(&mut self) -> bool {
        match &mut self.state {
            State::Running { child, .. } => !matches!(child.try_wait(), Ok(None)),
            State::Waiting { .. } | State::Ended => true,
        }
    }

    /// Ends the process at once.
    pub fn kill(&mut self) {
        if let State::Running { child, .. } = &mut self.state {
            // Both fail only where it has ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
        self.state = State::Ended;
    }
}

/// Starts a program, and returns it with the length that its log has at its start.
fn spawn(program: &Program, log: &Path) -> Result<(Child, u64)> {
    let own = std::env::current_exe().context("failed to find the launcher's own program file")?;
    let binary = own.with_file_name(program.binary);
    let errors = File::options()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("failed to open log file `{}`", log.display()))?;
    let log_start = errors.metadata().map_or(0, |metadata| metadata.len());
    let mut command = Command::new(&binary);
    command.arg("--config").arg(&program.run_file);
    for assignment in &program.assignments {
        command.arg("--set").arg(assignment);
    }
    command.arg("--leave-with-stdin").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(errors).process_group(0);
    // Errors are written for people, and the end of the log is shown to them: a stack would push the message out of it.
    command.env("RUST_LIB_BACKTRACE", "0");
    let child = command.spawn();
    let child = child.with_context(|| format!("failed to start `{}`; build all binaries first", binary.display()))?;
    Ok((child, log_start))
}

fn read_tail(path: &Path, start: u64) -> std::io::Result<String> {
    let length = fs::metadata(path)?.len();
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES).max(start)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}
