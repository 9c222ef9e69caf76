//! A bounded pool of threads for work that would block the reactor.

use std::{
    any::Any,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tracing::Span;

use crate::{Error, panic_message::panic_message};

/// A pool of named threads with a bounded queue. Cheap to clone; the threads end with the last clone.
#[derive(Clone)]
pub struct CpuPool {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    max_queued: usize,
    threads: rayon::ThreadPool,
    places: Arc<Semaphore>,
}

// === impl CpuPool ===

impl CpuPool {
    /// Starts so many threads (at least one) with room for `max_queued` pieces of work besides those in progress.
    pub fn new(name: &str, num_threads: usize, max_queued: usize) -> Result<Self, Error> {
        let num_threads = num_threads.max(1);
        let thread_name = name.to_owned();
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(num_threads)
            .thread_name(move |index| format!("{thread_name}-{index}"))
            .build()
            .map_err(|error| Error::Start { name: name.to_owned(), source: Arc::new(std::io::Error::other(error)) })?;
        let places = Arc::new(Semaphore::new(num_threads + max_queued));
        Ok(Self { inner: Arc::new(Inner { name: name.to_owned(), max_queued, threads, places }) })
    }

    /// Runs a closure on the pool, waiting for a place in the queue first.
    ///
    /// A caller that goes away takes its work out of the queue; work that has begun is finished and its result dropped.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let place = Arc::clone(&self.inner.places).acquire_owned().await;
        self.start(place.expect("the semaphore is never closed"), work).await
    }

    /// Runs a closure on the pool, or answers [`Error::PoolFull`] at once where the queue has no place.
    pub async fn try_run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let Ok(place) = Arc::clone(&self.inner.places).try_acquire_owned() else {
            return Err(Error::PoolFull { pool: self.inner.name.clone(), max_queued: self.inner.max_queued });
        };
        self.start(place, work).await
    }

    /// Runs a closure at once, on the caller's own thread: for work so small that handing it over would take longer. A panic is an error here
    /// as well.
    pub fn run_here<T>(&self, work: impl FnOnce() -> T) -> Result<T, Error> {
        catch_unwind(AssertUnwindSafe(work)).map_err(|payload| self.panicked(payload.as_ref()))
    }

    /// Returns how many pieces of work are waiting or in progress.
    #[must_use]
    pub fn num_pending(&self) -> usize {
        self.inner.threads.current_num_threads() + self.inner.max_queued - self.inner.places.available_permits()
    }

    async fn start<T: Send + 'static>(
        &self,
        place: OwnedSemaphorePermit,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let (sender, receiver) = oneshot::channel();
        let span = Span::current();
        self.inner.threads.spawn(move || {
            if !sender.is_closed() {
                let result = span.in_scope(|| catch_unwind(AssertUnwindSafe(work)));
                drop(place);
                // A caller that went away meanwhile has no use for the result.
                let _ = sender.send(result);
            }
        });
        let result = receiver.await.expect("the pool sends a result to every caller that waits");
        result.map_err(|payload| self.panicked(payload.as_ref()))
    }

    fn panicked(&self, payload: &(dyn Any + Send)) -> Error {
        Error::WorkPanicked { pool: self.inner.name.clone(), message: panic_message(payload) }
    }
}

impl fmt::Debug for CpuPool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CpuPool").field("name", &self.inner.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn work_runs_on_a_thread_of_the_pool() {
        let pool = CpuPool::new("score", 1, 1).unwrap();
        let name = pool.run(|| std::thread::current().name().map(str::to_owned)).await.unwrap();
        assert_eq!(name.as_deref(), Some("score-0"));
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_the_pool_goes_on() {
        let pool = CpuPool::new("score", 1, 1).unwrap();
        let error = pool.run(|| panic!("bad sample")).await.unwrap_err();
        assert_eq!(error.to_string(), "work on pool `score` panicked: bad sample");
        assert_eq!(pool.run(|| 5).await.unwrap(), 5);
        let error = pool.run_here(|| panic!("bad sample")).unwrap_err();
        assert_eq!(error.to_string(), "work on pool `score` panicked: bad sample");
    }

    #[tokio::test]
    async fn a_full_pool_says_so_at_once() {
        let pool = CpuPool::new("score", 1, 0).unwrap();
        let (release, wait) = mpsc::channel::<()>();
        let (started, has_started) = oneshot::channel();
        let busy = crate::spawn("busy", {
            let pool = pool.clone();
            async move {
                pool.run(move || {
                    let _ = started.send(());
                    let _ = wait.recv();
                })
                .await
            }
        });
        has_started.await.unwrap();
        assert_eq!(pool.num_pending(), 1);
        assert!(matches!(pool.try_run(|| 5).await, Err(Error::PoolFull { max_queued: 0, .. })));
        release.send(()).unwrap();
        busy.await.unwrap().unwrap();
        assert_eq!(pool.try_run(|| 5).await.unwrap(), 5);
    }
}
