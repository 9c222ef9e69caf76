//! The launcher's claim on a run directory: one launcher at a time, and none while processes of an earlier one are at work.
//!
//! | lock | held by | let go |
//! |---|---|---|
//! | `launcher.lock` | the launcher | when it ends, however it does |
//! | `processes.lock` | the launcher, and every process that it starts, which inherits the open file | when the last of them ends |
//!
//! The operating system lets go of the locks of a process that dies, so a file that is left behind is no obstacle.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{Read, Write},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use rustix::io::{FdFlags, fcntl_setfd};

use super::Interrupts;
use crate::terminal::say;

/// Longer than any service takes to drain once its launcher is gone.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often the wait for an earlier launcher's processes looks again.
const INTERVAL: Duration = Duration::from_millis(100);

/// A run directory that no other launcher works in as long as the value lives.
#[derive(Debug)]
pub struct Claim {
    _launcher: File,
    _processes: File,
}

impl Claim {
    /// Claims a run directory, and makes it if there is none. Waits for processes that an earlier launcher has left behind:
    /// they drain by themselves. Returns nothing if the wait is interrupted.
    pub fn take(directory: &Path, interrupts: &Interrupts) -> Result<Option<Self>> {
        fs::create_dir_all(directory)
            .with_context(|| format!("failed to make run directory `{}`", directory.display()))?;
        let mut launcher = Lock::open(directory.join("launcher.lock"))?;
        if !launcher.try_take()? {
            let how = launcher.content().map_or_else(String::new, |id| format!(", or `kill {id}`"));
            bail!(
                "another launcher is at work in run directory `{}`; end it first (Ctrl-C in its terminal{how}), or set another \
                 `run.directory`",
                directory.display()
            );
        }
        launcher.write(&std::process::id().to_string())?;
        let processes = Lock::open(directory.join("processes.lock"))?;
        if !wait_for(&processes, directory, interrupts)? {
            return Ok(None);
        }
        // Every process that is started from now on holds the lock as well.
        fcntl_setfd(&processes.file, FdFlags::empty())
            .with_context(|| format!("failed to share `{}` with processes", processes.path.display()))?;
        Ok(Some(Self { _launcher: launcher.file, _processes: processes.file }))
    }
}

/// Takes the lock once nobody else has it, and tells whether it did.
fn wait_for(processes: &Lock, directory: &Path, interrupts: &Interrupts) -> Result<bool> {
    let deadline = Instant::now() + PATIENCE;
    let mut is_first_look = true;
    while !processes.try_take()? {
        if std::mem::take(&mut is_first_look) {
            say("waiting for processes of an earlier launcher to leave");
        }
        if Instant::now() >= deadline {
            let ids = fs::read_to_string(directory.join("processes.txt")).unwrap_or_default();
            let ids: Vec<&str> = ids.lines().filter_map(|line| line.split(' ').next()).collect();
            bail!(
                "processes of an earlier launcher do not leave run directory `{}`; end them with `kill -9 {}`",
                directory.display(),
                ids.join(" ")
            );
        }
        if interrupts.count() > 0 {
            return Ok(false);
        }
        thread::sleep(INTERVAL);
    }
    Ok(true)
}

/// A file that is there to be locked.
struct Lock {
    path: PathBuf,
    file: File,
}

impl Lock {
    fn open(path: PathBuf) -> Result<Self> {
        let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path);
        Ok(Self { file: file.with_context(|| format!("failed to open `{}`", path.display()))?, path })
    }

    fn try_take(&self) -> Result<bool> {
        match self.file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("failed to lock `{}`", self.path.display()))
            }
        }
    }

    /// Reads what its holder has written, if it has come to it.
    fn content(&mut self) -> Option<String> {
        let mut content = String::new();
        self.file.read_to_string(&mut content).is_ok_and(|length| length > 0).then_some(content)
    }

    fn write(&mut self, content: &str) -> Result<()> {
        let written = self.file.set_len(0).and_then(|()| self.file.write_all(content.as_bytes()));
        written.with_context(|| format!("failed to write `{}`", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    // One test, because a process that a test starts inherits what others of this process share.
    #[test]
    fn a_directory_is_claimed_by_one_launcher_and_held_by_what_it_started() {
        let directory = tempfile::tempdir().unwrap();
        let interrupts = Interrupts::none();
        fs::write(directory.path().join("launcher.lock"), "4711 left by one that was killed").unwrap();
        let claim = Claim::take(directory.path(), &interrupts).unwrap().unwrap();
        let error = Claim::take(directory.path(), &interrupts).unwrap_err().to_string();
        assert!(error.contains(&format!("`kill {}`", std::process::id())), "{error}");

        let mut left_behind = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        drop(claim);
        let processes = Lock::open(directory.path().join("processes.lock")).unwrap();
        assert!(!processes.try_take().unwrap());
        left_behind.kill().unwrap();
        left_behind.wait().unwrap();
        drop(processes);
        assert!(Claim::take(directory.path(), &interrupts).unwrap().is_some());
    }
}
