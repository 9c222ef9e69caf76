//! The inner process of a confined program: it gives up what the program must not have, and starts it.

use std::{
    fs,
    os::unix::process::CommandExt,
    process::{Command, ExitCode},
};

use anyhow::Context;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};

use super::{
    Confinement, exit_code, system_calls,
    user::{end_with_parent, give_up_root},
};

/// Files that a program may have open.
const MAX_OPEN_FILES: u64 = 256;

/// What a guard tells its cell.
#[derive(Debug, Serialize, Deserialize)]
pub struct Settings {
    /// The program and its bounds.
    pub confinement: Confinement,
    /// Whether the cell is the first process of a namespace.
    pub has_namespaces: bool,
}

/// Confines this process and starts the program.
pub fn run(settings: &str) -> anyhow::Result<ExitCode> {
    let Settings { confinement, has_namespaces } =
        serde_json::from_str(settings).context("failed to read the confinement")?;
    // Where memory runs out all the same, by many processes together, these are what the system ends first. It may not be permitted, and
    // is only one more precaution.
    let _ = fs::write("/proc/self/oom_score_adj", "1000");
    end_with_parent()?;
    give_up_root(confinement.user)?;
    limit(&confinement)?;
    system_calls::deny(has_namespaces).context("failed to deny system calls")?;
    let mut command = Command::new(&confinement.program);
    command.args(&confinement.arguments);
    let program = confinement.program.display();
    if has_namespaces {
        // The first process of a namespace stays behind: its end is the end of all others.
        let status = command.status().with_context(|| format!("failed to start `{program}`"))?;
        return Ok(exit_code(status));
    }
    Err(command.exec()).with_context(|| format!("failed to start `{program}`"))
}

fn limit(confinement: &Confinement) -> anyhow::Result<()> {
    for (resource, limit) in [
        (Resource::As, confinement.max_memory_bytes),
        (Resource::Nproc, u64::from(confinement.max_processes)),
        (Resource::Fsize, confinement.max_file_bytes),
        (Resource::Nofile, MAX_OPEN_FILES),
        (Resource::Core, 0),
    ] {
        // A limit that is lower already stays: it cannot be raised.
        let present = getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let limit = Some(limit.min(present));
        setrlimit(resource, Rlimit { current: limit, maximum: limit })
            .with_context(|| format!("failed to limit {resource:?}"))?;
    }
    Ok(())
}
