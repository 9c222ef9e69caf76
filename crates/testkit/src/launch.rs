//! A run under way: the launcher and its processes, followed by the status API and signalled by name.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::Value;

use crate::{
    Ended, LocalRun, Running,
    poll::poll,
    program::{read_text, send},
};

/// An answer that takes longer is as good as none: the coordinator may have been killed meanwhile.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);

/// A little more than the time in which a request to leave is taken for a repeat of the first one.
const REPEAT: Duration = Duration::from_millis(1_100);

/// The processes of a run. Those that are left when the value is dropped are killed.
#[derive(Debug)]
pub struct Launch<'a> {
    run: &'a LocalRun,
    launcher: Running,
    agent: ureq::Agent,
}

impl<'a> Launch<'a> {
    pub(crate) fn start(run: &'a LocalRun, arguments: &[&str]) -> Self {
        // What an earlier start has left behind would be taken for this one's; there may be nothing.
        for stale in ["processes.txt", "http-address"] {
            let _ = fs::remove_file(run.run_directory().join(stale));
        }
        let launcher = Running::start("gradus", run.path(), arguments);
        let agent = ureq::Agent::config_builder().timeout_global(Some(CALL_TIMEOUT)).build().into();
        Self { run, launcher, agent }
    }

    /// Asks how the run stands, if its coordinator answers.
    #[must_use]
    pub fn status(&self) -> Option<Value> {
        let mut response = self.agent.get(self.url("run")?).call().ok()?;
        response.body_mut().read_json().ok()
    }

    /// Reads the metrics of a process, `actor-0` or `learner-1`, from the address that it has written down.
    ///
    /// # Panics
    /// There is nobody for longer than a start takes.
    #[must_use]
    pub fn metrics(&self, name: &str) -> String {
        let page = poll(|| {
            let address = fs::read_to_string(self.run.run_directory().join(format!("{name}.http-address"))).ok()?;
            self.agent.get(format!("http://{address}/metrics")).call().ok()?.body_mut().read_to_string().ok()
        });
        page.unwrap_or_else(|| self.fail(&format!("`{name}` shows no metrics")))
    }

    /// Tells the coordinator to `pause`, `resume` or `stop`.
    ///
    /// # Panics
    /// The coordinator does not answer in time.
    pub fn control(&self, action: &str) {
        let told = poll(|| self.agent.post(self.url(action)?).send_empty().ok());
        told.unwrap_or_else(|| self.fail(&format!("the coordinator does not hear of `{action}`")));
    }

    /// Waits until the status fulfils a condition, and returns that status.
    ///
    /// # Panics
    /// The run ends first, or the condition is not fulfilled in time.
    pub fn wait_until(&self, what: &str, condition: impl Fn(&Value) -> bool) -> Value {
        let fulfilled = poll(|| {
            if let Some(ended) = self.launcher.ended() {
                self.fail(&format!("the run ended with {:?} before {what}", ended.code));
            }
            self.status().filter(&condition)
        });
        fulfilled.unwrap_or_else(|| self.fail(&format!("waited in vain until {what}; status {:?}", self.status())))
    }

    /// Waits until the run has once been through a step, even if a crash has taken it back since.
    ///
    /// # Panics
    /// The run ends first, or does not get there in time.
    pub fn wait_for_step(&self, step: u64) -> Value {
        let furthest = |status: &Value| status["counters"]["furthest_step"].as_u64();
        self.wait_until(&format!("step {step} was complete"), |status| furthest(status) >= Some(step))
    }

    /// Waits until the launcher has left, and every process before it.
    ///
    /// # Panics
    /// It does not end in time, or has left a process behind.
    pub fn wait_for_end(&self) -> Ended {
        let ended = poll(|| self.launcher.ended()).unwrap_or_else(|| self.fail("the run does not end"));
        let left_behind = processes_in(self.run.path());
        assert!(left_behind.is_empty(), "processes {left_behind:?} are left behind:\n{}", ended.output);
        ended
    }

    /// Sends a signal to a process by its name, `coordinator`, `reward-server`, `actor-0` or `learner-1`, and returns its id.
    ///
    /// # Panics
    /// There is no such process for longer than a restart takes.
    pub fn signal(&self, name: &str, signal: Signal) -> u32 {
        let sent = poll(|| self.process_id(name).filter(|&id| send(id, signal)));
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
        self.launcher.terminate();
    }

    /// Waits until the launcher has written something.
    ///
    /// # Panics
    /// It does not in time.
    pub fn wait_for_output(&self, text: &str) {
        let written = poll(|| self.launcher.output().contains(text).then_some(()));
        written.unwrap_or_else(|| self.fail(&format!("the launcher does not say `{text}`")));
    }

    /// Asks the launcher a second time, as an impatient person does. What comes right after the first request is taken for the same
    /// one, so this waits for as long.
    pub fn terminate_again(&self) {
        let due = Instant::now() + REPEAT;
        let _ = poll(|| (Instant::now() >= due).then_some(()));
        self.launcher.terminate();
    }

    /// Kills every process of the run at once, the launcher first, as a power cut does.
    ///
    /// # Panics
    /// One does not die.
    pub fn kill_everything(&self) {
        self.launcher.kill();
        processes_in(self.run.path()).iter().for_each(|&id| _ = send(id, Signal::KILL));
        let _ = self.launcher.wait_for_end();
        self.wait_for_all_to_leave();
    }

    /// Kills the launcher as `kill -9` does; nobody tells its processes.
    pub fn kill_launcher(&self) {
        self.launcher.kill();
        let _ = self.launcher.wait_for_end();
    }

    /// Waits until no process of the run is left.
    ///
    /// # Panics
    /// One does not leave in time.
    pub fn wait_for_all_to_leave(&self) {
        let all_left = poll(|| processes_in(self.run.path()).is_empty().then_some(()));
        all_left.unwrap_or_else(|| self.fail("processes are left behind"));
    }

    /// Returns what the launcher has written so far.
    #[must_use]
    pub fn output(&self) -> String {
        self.launcher.output()
    }

    /// Reads the id that the launcher has noted for a process.
    fn process_id(&self, name: &str) -> Option<u32> {
        let text = fs::read_to_string(self.run.run_directory().join("processes.txt")).ok()?;
        let mut processes = text.lines().filter_map(|line| line.split_once(' '));
        processes.find_map(|(id, found)| (found == name).then(|| id.parse().ok())?)
    }

    /// The port is the operating system's choice, at every start of the coordinator another one.
    fn url(&self, document: &str) -> Option<String> {
        let address = fs::read_to_string(self.run.run_directory().join("http-address")).ok()?;
        Some(format!("http://{address}/api/v1/{document}"))
    }

    fn fail(&self, what: &str) -> ! {
        let mut text = format!("{what}\n--- launcher:\n{}", self.launcher.output());
        let logs = fs::read_dir(self.run.run_directory().join("logs")).into_iter().flatten().flatten();
        for log in logs.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "stderr")) {
            text += &format!("--- {}:\n{}", log.display(), read_text(&log));
        }
        panic!("{text}");
    }
}

impl Drop for Launch<'_> {
    fn drop(&mut self) {
        // The launcher is among them, and restarts nobody once it is gone.
        let kill_all = || {
            let left = processes_in(self.run.path());
            left.iter().for_each(|&id| _ = send(id, Signal::KILL));
            left.is_empty().then_some(())
        };
        // The directory can be removed once nobody writes into it.
        let _ = poll(kill_all);
    }
}

/// Lists the processes that work in a directory, whoever started them.
fn processes_in(directory: &Path) -> Vec<u32> {
    let Ok(directory) = directory.canonicalize() else { return Vec::new() };
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let works_there = |path: &Path| fs::read_link(path.join("cwd")).is_ok_and(|place| place == directory);
    let ids = entries.filter(|entry| works_there(&entry.path()));
    ids.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}
