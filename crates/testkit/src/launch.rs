//! A run under way: the launcher and its processes, followed by the status API and signalled by name.

use std::{
    cell::RefCell,
    fs,
    path::{Path, PathBuf},
    process::Child,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::{Ended, LocalRun, poll::poll, program};

/// An answer that takes longer is as good as none: the coordinator may have been killed meanwhile.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);

/// The processes of a run. Those that are left when the value is dropped are killed.
#[derive(Debug)]
pub struct Launch<'a> {
    run: &'a LocalRun,
    launcher: RefCell<Child>,
    log: PathBuf,
    agent: ureq::Agent,
}

impl<'a> Launch<'a> {
    pub(crate) fn start(run: &'a LocalRun, arguments: &[String]) -> Self {
        // What an earlier start has left behind would be taken for this one's.
        for stale in ["processes.txt", "http-address"] {
            let _ = fs::remove_file(run.run_directory().join(stale));
        }
        let log = run.path().join("launcher.output");
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let launcher = RefCell::new(program::start("gradus", run.path(), &arguments, &log));
        let agent = ureq::Agent::config_builder().timeout_global(Some(CALL_TIMEOUT)).build().into();
        Self { run, launcher, log, agent }
    }

    /// Asks how the run stands, if its coordinator answers.
    #[must_use]
    pub fn status(&self) -> Option<Value> {
        let mut response = self.agent.get(self.url("run")?).call().ok()?;
        response.body_mut().read_json().ok()
    }

    /// Tells the coordinator to `pause`, `resume` or `stop`.
    ///
    /// # Panics
    /// The coordinator does not do so in time.
    pub fn control(&self, action: &str) {
        let told = poll(|| self.agent.post(self.url(action)?).send_empty().ok());
        told.unwrap_or_else(|| self.fail(&format!("the coordinator does not {action}")));
    }

    /// Waits until the status fulfils a condition, and returns that status.
    ///
    /// # Panics
    /// The run ends first, or the condition is not fulfilled in time.
    pub fn wait_until(&self, what: &str, condition: impl Fn(&Value) -> bool) -> Value {
        let fulfilled = poll(|| {
            if let Some(ended) = program::ended(&mut self.launcher.borrow_mut(), &self.log) {
                self.fail(&format!("the run ended with {:?} before {what}", ended.code));
            }
            self.status().filter(&condition)
        });
        fulfilled.unwrap_or_else(|| self.fail(&format!("waited in vain until {what}; status {:?}", self.status())))
    }

    /// Waits until so many steps of the run are complete.
    pub fn wait_for_step(&self, step: u64) -> Value {
        self.wait_until(&format!("step {step} was complete"), |status| status["step"].as_u64() >= Some(step))
    }

    /// Waits until the run is over and its processes have left.
    ///
    /// # Panics
    /// It does not end in time.
    pub fn wait_for_end(&self) -> Ended {
        let ended = poll(|| program::ended(&mut self.launcher.borrow_mut(), &self.log));
        ended.unwrap_or_else(|| self.fail("the run does not end"))
    }

    /// Sends a signal to a process by its name, `coordinator`, `reward-server`, `actor-0` or `learner-1`, and returns its id.
    ///
    /// # Panics
    /// There is no such process for longer than a restart takes.
    pub fn signal(&self, name: &str, signal: Signal) -> u32 {
        let sent = poll(|| {
            let id = self.process_id(name)?;
            send(id, signal).then_some(id)
        });
        sent.unwrap_or_else(|| self.fail(&format!("there is no process `{name}`")))
    }

    /// Kills a process by its name as `kill -9` does, and waits until the launcher has started another one.
    ///
    /// # Panics
    /// The process is not there, or not restarted in time.
    pub fn kill_and_wait_for_restart(&self, name: &str) {
        let killed = self.signal(name, Signal::KILL);
        let restarted = poll(|| self.process_id(name).filter(|&id| id != killed));
        restarted.unwrap_or_else(|| self.fail(&format!("`{name}` is not started again")));
    }

    /// Asks the launcher to drain the run, as Ctrl-C does.
    pub fn terminate(&self) {
        send(self.launcher.borrow().id(), Signal::TERM);
    }

    /// Returns the names and ids of the run's processes, as the launcher notes them.
    #[must_use]
    pub fn processes(&self) -> Vec<(String, u32)> {
        let text = fs::read_to_string(self.run.run_directory().join("processes.txt")).unwrap_or_default();
        let process = |line: &str| {
            let (id, name) = line.split_once(' ')?;
            Some((name.to_owned(), id.parse().ok()?))
        };
        text.lines().filter_map(process).collect()
    }

    fn process_id(&self, name: &str) -> Option<u32> {
        self.processes().into_iter().find_map(|(found, id)| (found == name).then_some(id))
    }

    /// The port is the operating system's choice, at every start of the coordinator another one.
    fn url(&self, document: &str) -> Option<String> {
        let address = fs::read_to_string(self.run.run_directory().join("http-address")).ok()?;
        Some(format!("http://{address}/api/v1/{document}"))
    }

    fn fail(&self, what: &str) -> ! {
        let mut text = format!("{what}\n--- launcher:\n{}", program::read(&self.log));
        let logs = fs::read_dir(self.run.run_directory().join("logs")).into_iter().flatten().flatten();
        for log in logs.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "stderr")) {
            text += &format!("--- {}:\n{}", log.display(), program::read(&log));
        }
        panic!("{text}");
    }
}

impl Drop for Launch<'_> {
    fn drop(&mut self) {
        let mut launcher = self.launcher.borrow_mut();
        // It may have ended by itself, which is as good.
        let _ = launcher.kill();
        let _ = launcher.wait();
        for id in processes_in(self.run.path()) {
            send(id, Signal::KILL);
        }
        // The directory can be removed once nobody writes into it.
        let _ = poll(|| processes_in(self.run.path()).is_empty().then_some(()));
    }
}

/// Sends a signal, and tells whether there was a process to take it.
fn send(id: u32, signal: Signal) -> bool {
    Pid::from_raw(id.cast_signed()).is_some_and(|pid| kill_process(pid, signal).is_ok())
}

/// Lists the processes that work in a directory, whoever started them.
fn processes_in(directory: &Path) -> Vec<u32> {
    let Ok(directory) = directory.canonicalize() else { return Vec::new() };
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let works_there = |path: &Path| fs::read_link(path.join("cwd")).is_ok_and(|place| place == directory);
    let ids = entries.filter(|entry| works_there(&entry.path()));
    ids.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}
