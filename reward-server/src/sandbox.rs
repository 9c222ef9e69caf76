//! Confines a program that is not trusted, without `unsafe` and without a privileged helper.
//!
//! ```text
//! server ── gradus-reward-server (guard) ── gradus-reward-server (cell) ── program
//!             own namespaces                  limits, user, system calls
//! ```
//!
//! The server starts its own binary in two further roles. The *guard* enters namespaces of its own for processes, network and
//! inter-process communication where the system permits it. The *cell* is the first process in them: it sets the limits, gives up its
//! user where that is root, denies system calls and starts the program. When the guard dies, the cell is killed, and with the first
//! process of a namespace the kernel kills all others, whatever they have forked. Where there are no namespaces, sockets are denied all
//! the same, and nothing may leave the process group that is killed.

mod cell;
mod guard;
mod system_calls;
mod user;

use std::{
    path::{Path, PathBuf},
    process::{ExitCode, Stdio},
};

use serde::{Deserialize, Serialize};
use tokio::process::Command;

/// The first argument of a guard.
const GUARD: &str = "sandbox-guard";
/// The first argument of a cell.
const CELL: &str = "sandbox-cell";

/// The exit code of a guard or a cell that could not confine anything.
const FAILED: u8 = 125;

/// Environment variables that a confined program keeps: what finds programs, modules and languages. Secrets are not among them.
const KEPT_VARIABLES: [&str; 8] =
    ["PATH", "HOME", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV", "PYENV_ROOT", "LD_LIBRARY_PATH"];

/// A program and its bounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The address space of each of its processes, in bytes.
    pub max_memory_bytes: u64,
    /// Its processes and threads, together.
    pub max_processes: u32,
    /// The largest file it may write, in bytes.
    pub max_file_bytes: u64,
    /// The user and group it runs as where the server is root. Limits of processes count by user, so each program has its own.
    pub user: u32,
}

/// Makes the command that runs a program confined. `helper` is the binary of the reward server.
pub fn command(helper: &Path, confinement: &Confinement) -> Command {
    let settings = serde_json::to_string(confinement).expect("paths of a run file are text");
    let mut command = Command::new(helper);
    command.arg(GUARD).arg(settings).env_clear();
    command.envs(KEPT_VARIABLES.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    // Numerical libraries start a thread a core otherwise, in every worker.
    command.env("OMP_NUM_THREADS", "1").env("OPENBLAS_NUM_THREADS", "1");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.process_group(0).kill_on_drop(true);
    command
}

/// Does the work of a guard or a cell where this process was started as one. A binary calls it before anything else.
#[must_use]
pub fn run_if_confined() -> Option<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let role = arguments.next().filter(|role| role == GUARD || role == CELL)?;
    let settings = arguments.next().unwrap_or_default();
    let run = if role == GUARD { guard::run } else { cell::run };
    Some(run(&settings).unwrap_or_else(|error| {
        report(&error);
        ExitCode::from(FAILED)
    }))
}

/// Tells the server, which reads this process's standard error, why nothing was started.
fn report(error: &anyhow::Error) {
    use std::io::Write;
    // Nobody is left to be told when even this cannot be written.
    let _ = writeln!(std::io::stderr(), "failed to confine the program: {error:#}");
}

/// Reads the code that a process ended with; a signal is told as shells do.
fn exit_code(status: std::process::ExitStatus) -> ExitCode {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX))
}
