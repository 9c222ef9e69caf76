//! The async runtime of a process: it runs one service until it ends, or until a signal and the grace period after it.

use std::{
    io,
    os::fd::{AsFd, OwnedFd},
    process,
    sync::Arc,
    time::Duration,
};

use tokio::time::Instant;
use tracing::{info, warn};

use crate::{
    Error, Shutdown, Task,
    departure::{Leash, Requests},
    spawn,
};

/// The exit code of a process that a second signal ended at once: 128 and the number of SIGINT, as shells report it.
const INTERRUPTED: i32 = 130;

/// A request that follows the first one so soon is the same one: `timeout`, for example, signals its child and then the group
/// that the child is in.
pub const REPEAT: Duration = Duration::from_secs(1);

/// A multi-threaded async runtime.
#[derive(Debug)]
pub struct Runtime {
    name: String,
    inner: tokio::runtime::Runtime,
    leash: Option<Leash>,
}

// === impl Runtime ===

impl Runtime {
    /// Starts a runtime with so many worker threads (at least one), named after the process.
    pub fn new(name: &str, num_workers: usize) -> Result<Self, Error> {
        let inner = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(num_workers.max(1))
            .thread_name(format!("{name}-reactor"))
            .enable_all()
            .build()
            .map_err(|source| Error::Start { name: name.to_owned(), source: Arc::new(source) })?;
        Ok(Self { name: name.to_owned(), inner, leash: None })
    }

    /// Takes the end of standard input for a request to leave, as from a launcher that has died.
    ///
    /// # Errors
    /// Standard input is not a pipe.
    pub fn leave_with_stdin(self) -> Result<Self, Error> {
        let failed = |source| Error::Stdin { source: Arc::new(source) };
        let stdin: OwnedFd = io::stdin().as_fd().try_clone_to_owned().map_err(failed)?;
        let leash = self.within(|| Leash::new(stdin)).map_err(failed)?;
        Ok(Self { leash: Some(leash), ..self })
    }

    /// Runs a closure with the runtime at hand, for what wants to start background work when it is made.
    pub fn within<T>(&self, start: impl FnOnce() -> T) -> T {
        let _entered = self.inner.enter();
        start()
    }

    /// Runs a future to its end, without signal handling: for commands and tests.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.inner.block_on(future)
    }

    /// Runs a service to its end.
    ///
    /// The first SIGTERM or SIGINT, or the end of a standard input that is [watched](Self::leave_with_stdin), triggers the
    /// service's [`Shutdown`]; the service then has the grace period to drain, after which it is dropped and
    /// [`Error::GraceExceeded`] is returned. A second signal, a second or more after the first, ends the process at once.
    pub fn run<T, E, F>(self, grace: Duration, service: impl FnOnce(Shutdown) -> F) -> Result<T, E>
    where
        E: From<Error>,
        F: Future<Output = Result<T, E>>,
    {
        let Self { name, inner, leash } = self;
        let result = inner.block_on(async {
            let shutdown = Shutdown::new();
            let _requests = listen(Requests::listen(&name, leash)?, &shutdown);
            drain(&name, grace, &shutdown, service(shutdown.clone())).await
        });
        // Work that is stuck in a blocking call must not keep the process alive.
        inner.shutdown_timeout(Duration::from_millis(100));
        result
    }
}

/// Starts the task that turns requests to leave into the shutdown.
fn listen(mut requests: Requests, shutdown: &Shutdown) -> Task<()> {
    let shutdown = shutdown.clone();
    spawn("signals", async move {
        let first = requests.first().await;
        info!(signal = first, "shutting down; a second signal ends the process at once");
        shutdown.trigger();
        let repeats = Instant::now() + REPEAT;
        let mut second = requests.second().await;
        while Instant::now() < repeats {
            second = requests.second().await;
        }
        warn!(signal = second, "ended by a second signal with work in progress");
        process::exit(INTERRUPTED);
    })
}

/// Waits for the service, and once the shutdown is asked for, no longer than the grace period.
async fn drain<T, E: From<Error>>(
    name: &str,
    grace: Duration,
    shutdown: &Shutdown,
    service: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let too_late = async {
        shutdown.triggered().await;
        tokio::time::sleep(grace).await;
    };
    // The service is dropped with its work only when its time is over, which is the point.
    tokio::select! {
        biased;
        result = service => result,
        () = too_late => Err(Error::GraceExceeded { name: name.to_owned(), grace }.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(10);

    #[test]
    fn a_service_that_ends_gives_its_result() {
        let runtime = Runtime::new("test", 1).unwrap();
        let result = runtime.run(GRACE, |_shutdown| async { Ok::<_, Error>(7) });
        assert_eq!(result.unwrap(), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_that_does_not_drain_is_ended_after_the_grace_period() {
        let shutdown = Shutdown::new();
        shutdown.trigger();
        let started = tokio::time::Instant::now();
        let result = drain("stuck", GRACE, &shutdown, std::future::pending::<Result<(), Error>>()).await;
        assert!(matches!(result, Err(Error::GraceExceeded { .. })));
        assert_eq!(started.elapsed(), GRACE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_that_drains_in_time_gives_its_result() {
        let shutdown = Shutdown::new();
        shutdown.trigger();
        let service = async {
            tokio::time::sleep(GRACE / 2).await;
            Ok::<_, Error>("drained")
        };
        assert_eq!(drain("slow", GRACE, &shutdown, service).await.unwrap(), "drained");
    }

    #[test]
    fn a_termination_signal_triggers_the_shutdown() {
        let runtime = Runtime::new("test", 1).unwrap();
        let result = runtime.run(GRACE, |shutdown| async move {
            let own = process::id().to_string();
            let sent = process::Command::new("kill").args(["-TERM", &own]).status();
            assert!(sent.is_ok_and(|status| status.success()));
            shutdown.triggered().await;
            Ok::<_, Error>(())
        });
        assert!(result.is_ok());
    }
}
