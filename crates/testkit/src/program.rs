//! The programs: where they are, and one of them at work.

use std::{
    cell::RefCell,
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::poll::poll;

/// Programs started so far, which tells their outputs apart.
static NUM_STARTED: AtomicU32 = AtomicU32::new(0);

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// What it wrote, standard output and standard error together.
    pub output: String,
}

/// A program at work. It is killed with the value.
#[derive(Debug)]
pub struct Running {
    command_line: String,
    child: RefCell<Child>,
    log: PathBuf,
}

/// Runs a program, such as `gradus-coordinator`, in a directory to its end.
///
/// # Panics
/// The program is not built, or does not end in time.
#[must_use]
pub fn run_program(name: &str, directory: &Path, arguments: &[&str]) -> Ended {
    Running::start(name, directory, arguments).wait_for_end()
}

impl Running {
    /// Starts a program in a directory; its output goes to a file there.
    ///
    /// # Panics
    /// The program is not built.
    #[must_use]
    pub fn start(name: &str, directory: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(path(name));
        command.args(arguments);
        Self::spawn(command, directory, format!("{name} {}", arguments.join(" ")))
    }

    /// Starts a program of which, as of what it starts, no file may grow beyond so many bytes: writing more fails, as on a full
    /// disk.
    ///
    /// # Panics
    /// The program is not built, or the system has no `prlimit`.
    #[must_use]
    pub fn start_limited(name: &str, directory: &Path, arguments: &[&str], max_file_bytes: u64) -> Self {
        let mut command = Command::new("sh");
        // The signal that tells of the limit would end the program before the failure does.
        command.args(["-c", r#"trap "" XFSZ; limit=$1; shift; exec prlimit --fsize=$limit "$@""#, "sh"]);
        command.arg(max_file_bytes.to_string()).arg(path(name)).args(arguments);
        Self::spawn(command, directory, format!("{name} {}", arguments.join(" ")))
    }

    fn spawn(mut command: Command, directory: &Path, command_line: String) -> Self {
        let number = NUM_STARTED.fetch_add(1, Ordering::Relaxed);
        let name = command_line.split(' ').next().unwrap_or_default();
        let log = directory.join(format!("{name}-{number}.output"));
        let open = || {
            let output = File::create(&log)?;
            Ok::<_, std::io::Error>((output.try_clone()?, output))
        };
        let (output, errors) = open().unwrap_or_else(|error| panic!("failed to create `{}`: {error}", log.display()));
        let child = command
            .current_dir(directory)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .unwrap_or_else(|error| panic!("failed to start `{command_line}`: {error}"));
        Self { command_line, child: RefCell::new(child), log }
    }

    /// Asks the program to leave, as `kill` does.
    pub fn terminate(&self) {
        send(self.child.borrow().id(), Signal::TERM);
    }

    /// Ends the program as `kill -9` does.
    pub fn kill(&self) {
        send(self.child.borrow().id(), Signal::KILL);
    }

    /// Waits until the program has made a file: its socket, say, which it has once it listens to signals.
    ///
    /// # Panics
    /// The program ends first, or the file is not there in time.
    pub fn wait_for_file(&self, path: &Path) {
        let is_there = || {
            if let Some(ended) = self.ended() {
                panic!("`{}` ended with {:?}:\n{}", self.command_line, ended.code, ended.output);
            }
            path.exists().then_some(())
        };
        poll(is_there).unwrap_or_else(|| panic!("`{}` does not make `{}`", self.command_line, path.display()));
    }

    /// Waits until the program has ended.
    ///
    /// # Panics
    /// It does not end in time.
    #[must_use]
    pub fn wait_for_end(&self) -> Ended {
        let ended = poll(|| self.ended());
        ended.unwrap_or_else(|| panic!("`{}` does not end; its output:\n{}", self.command_line, self.output()))
    }

    /// Returns how the program ended, once it has.
    ///
    /// # Panics
    /// The operating system does not tell.
    #[must_use]
    pub fn ended(&self) -> Option<Ended> {
        let status = self.child.borrow_mut().try_wait().expect("a child can be waited for")?;
        Some(Ended { code: status.code(), output: self.output() })
    }

    /// Reads what the program has written so far.
    #[must_use]
    pub fn output(&self) -> String {
        read_text(&self.log)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let child = self.child.get_mut();
        // It may have ended by itself, which is as good.
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// Sends a signal, and tells whether there was a process to take it.
pub(crate) fn send(id: u32, signal: Signal) -> bool {
    Pid::from_raw(id.cast_signed()).is_some_and(|pid| kill_process(pid, signal).is_ok())
}

/// Reads a log, which may not be there yet and may hold anything.
pub(crate) fn read_text(path: &Path) -> String {
    fs::read(path).map_or_else(|_| String::new(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Finds a program beside the test executable, which lies in `deps` of the directory that programs are built into.
fn path(name: &str) -> PathBuf {
    let own = env::current_exe().expect("the test knows its own executable");
    let directories = own.ancestors().skip(1).take(2);
    let found = directories.map(|directory| directory.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("`{name}` is not built beside `{}`: run `cargo build --bins` first", own.display()))
}
