//! The process that a service runs in, the same for every service: from the command line to the drain.
//!
//! The principal type is [`Process`]: its run file is loaded and its logs are open. The `main` of every service makes one, makes
//! its service of the run file, and lets the process run it.
//!
//! ```no_run
//! use std::{convert::Infallible, process::ExitCode, time::Duration};
//!
//! use gradus_process::{Error, Process};
//! use gradus_telemetry::Identity;
//!
//! # fn main() -> Result<ExitCode, Error> {
//! let identity = |config: &gradus_config::RunConfig| Identity::of_service(&config.run, "example");
//! let Some(process) = Process::start(1, identity, |_| Ok::<_, Infallible>(()))? else { return Ok(ExitCode::SUCCESS) };
//! process.run(Duration::from_secs(10), |shutdown| async move {
//!     shutdown.triggered().await;
//!     Ok::<_, Error>(ExitCode::SUCCESS)
//! })
//! # }
//! ```

use std::time::Duration;

use clap::Parser;

use gradus_config::{Arguments, RunConfig};
use gradus_runtime::{Runtime, Shutdown};
use gradus_telemetry::{Guard, Identity};

/// What keeps a process from starting its service.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The run file cannot be used.
    #[error(transparent)]
    RunFile(#[from] gradus_config::Error),
    /// The service cannot use what the run file names.
    #[error(transparent)]
    Check(Box<dyn std::error::Error + Send + Sync>),
    /// Logs or traces cannot be written.
    #[error(transparent)]
    Telemetry(#[from] gradus_telemetry::Error),
    /// The reactor cannot be started, or the service did not drain in time.
    #[error(transparent)]
    Runtime(#[from] gradus_runtime::Error),
}

/// A process whose run file is loaded and whose logs are open.
#[derive(Debug)]
pub struct Process {
    config: RunConfig,
    runtime: Runtime,
    logs: Guard,
}

// === impl Process ===

impl Process {
    /// Reads the command line and starts the reactor, with so many worker threads, and the logs.
    ///
    /// With `--check` it has what the run file names checked instead, and returns nothing.
    ///
    /// # Errors
    /// The run file, what it names, or the place of the logs cannot be used.
    pub fn start<E: std::error::Error + Send + Sync + 'static>(
        num_workers: usize,
        identity: impl FnOnce(&RunConfig) -> Identity,
        check: impl FnOnce(&RunConfig) -> Result<(), E>,
    ) -> Result<Option<Self>, Error> {
        let arguments = Arguments::parse();
        let config = arguments.load()?;
        if arguments.check {
            check(&config).map_err(|error| Error::Check(Box::new(error)))?;
            return Ok(None);
        }
        Self::of(&arguments, config, (num_workers, identity)).map(Some)
    }

    /// Returns the run file.
    #[must_use]
    pub const fn config(&self) -> &RunConfig {
        &self.config
    }

    /// Runs the service to its end. Once it is asked to leave, it has the grace period to drain.
    ///
    /// # Errors
    /// The service fails, or does not drain in time.
    pub fn run<T, E, F>(self, grace: Duration, service: impl FnOnce(Shutdown) -> F) -> Result<T, E>
    where
        E: From<gradus_runtime::Error>,
        F: Future<Output = Result<T, E>>,
    {
        let Self { runtime, logs, .. } = self;
        runtime.run(grace, |shutdown| {
            let work = service(shutdown);
            async move {
                let outcome = work.await;
                // What is left of the traces is sent by the reactor, which ends with this future.
                drop(logs);
                outcome
            }
        })
    }

    fn of(
        arguments: &Arguments,
        config: RunConfig,
        (num_workers, identity): (usize, impl FnOnce(&RunConfig) -> Identity),
    ) -> Result<Self, Error> {
        let identity = identity(&config);
        let mut runtime = Runtime::new(identity.service, num_workers)?;
        if arguments.leave_with_stdin {
            runtime = runtime.leave_with_stdin()?;
        }
        let logs = runtime.within(|| gradus_telemetry::init(&config.telemetry, &config.run.directory, identity))?;
        Ok(Self { config, runtime, logs })
    }
}
