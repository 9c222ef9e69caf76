//! The process that a service runs in, the same for every service: from the command line to the exit code.
//!
//! The principal type is [`Process`]: its run file is loaded and its logs are open. The `main` of every service makes one and
//! lets it open and run the service; a failure of either is logged before the process ends, with a code that [`Exit`] tells.
//! What a launcher has to know of services is here as well: those codes, and how long each service may take to drain
//! ([`grace`]).
//!
//! ```no_run
//! use std::{convert::Infallible, process::ExitCode};
//!
//! use gradus_config::RunConfig;
//! use gradus_process::{Error, Process, grace};
//! use gradus_runtime::Shutdown;
//! use gradus_telemetry::Identity;
//!
//! struct Service(RunConfig);
//!
//! impl Service {
//!     fn open(config: RunConfig) -> Result<Self, Error> {
//!         Ok(Self(config))
//!     }
//!
//!     async fn run(self, shutdown: Shutdown) -> Result<(), Error> {
//!         shutdown.triggered().await;
//!         Ok(())
//!     }
//! }
//!
//! # fn main() -> ExitCode {
//! let identity = |config: &RunConfig| Identity::of_service(&config.run, "example");
//! match Process::start(1, identity, |_| Ok::<_, Infallible>(())) {
//!     Ok(process) => process.run(grace::COORDINATOR, Service::open, Service::run),
//!     Err(code) => code,
//! }
//! # }
//! ```

pub mod grace;

mod exit;
mod incarnation;

use std::{io::Write, process::ExitCode, time::Duration};

use clap::Parser;
use tracing::{Level, enabled, error, warn};

use gradus_config::{Arguments, RunConfig};
use gradus_runtime::{Runtime, Shutdown};
use gradus_telemetry::{Guard, Identity};

pub use exit::{Exit, Exits, chain};
pub use incarnation::incarnation;

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
    // Before the runtime, which sends what is left of the traces when the logs are closed.
    logs: Guard,
    runtime: Runtime,
}

// === impl Error ===

impl Exits for Error {}

// === impl Process ===

impl Process {
    /// Reads the command line and starts the reactor, with so many worker threads, and the logs.
    ///
    /// # Errors
    /// The code to exit with, where there is nothing to run: the run file, what it names, or the place of the logs cannot be
    /// used, which standard error says; or `--check` has found that they can.
    pub fn start<E: std::error::Error + Send + Sync + 'static>(
        num_workers: usize,
        identity: impl FnOnce(&RunConfig) -> Identity,
        check: impl FnOnce(&RunConfig) -> Result<(), E>,
    ) -> Result<Self, ExitCode> {
        let arguments = Arguments::parse();
        let start = || {
            let config = arguments.load()?;
            if arguments.check {
                check(&config).map_err(|error| Error::Check(Box::new(error)))?;
                return Ok(None);
            }
            Self::of(&arguments, config, (num_workers, identity)).map(Some)
        };
        match start() {
            Ok(Some(process)) => Ok(process),
            Ok(None) => Err(Exit::Left.into()),
            Err(error) => {
                complain(&chain(&error));
                Err(error.exit().into())
            }
        }
    }

    /// Opens the service and runs it to its end, and returns the code to exit with. Once it is asked to leave, it has the grace
    /// period to drain. A failure is logged.
    pub fn run<S, T, E, F>(
        self,
        grace: Duration,
        open: impl FnOnce(RunConfig) -> Result<S, E>,
        run: impl FnOnce(S, Shutdown) -> F,
    ) -> ExitCode
    where
        E: Exits,
        F: Future<Output = Result<T, E>>,
    {
        let Self { config, logs, runtime } = self;
        let service = open(config);
        let outcome: Result<(), Ended> = runtime.run(grace, |shutdown| async move {
            let outcome = match service {
                Ok(service) => run(service, shutdown).await,
                Err(error) => Err(error),
            };
            let exit = outcome.map(drop).map_err(|error| Ended(report(&error)));
            // What is left of the traces is sent by the reactor, which ends with this future.
            drop(logs);
            exit
        });
        outcome.map_or_else(|Ended(exit)| exit, |()| Exit::Left).into()
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
        Ok(Self { config, logs, runtime })
    }
}

/// A failure that is logged already.
struct Ended(Exit);

impl From<gradus_runtime::Error> for Ended {
    fn from(error: gradus_runtime::Error) -> Self {
        Self(report(&Error::from(error)))
    }
}

/// Says on standard error what went wrong, where there are no logs. A closed one leaves the exit code.
fn complain(error: &str) {
    let _ = writeln!(std::io::stderr(), "error: {error}");
}

/// Logs a failure, for people and for machines, and returns how the process ends.
fn report<E: Exits>(error: &E) -> Exit {
    let (exit, error) = (error.exit(), chain(error));
    match exit {
        Exit::JoinAgain => warn!(%error, "leaving, to join again"),
        Exit::Left | Exit::Failed | Exit::Refused | Exit::CannotWrite => error!(%error, "the service has failed"),
    }
    // A filter of the logs must not have a process end in silence.
    if !enabled!(Level::ERROR) {
        complain(&error);
    }
    exit
}
