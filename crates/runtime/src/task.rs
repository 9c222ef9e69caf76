//! Named tasks that end with their owner.

use std::{
    borrow::Cow,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::task::{JoinError, JoinHandle, JoinSet};
use tracing::{Instrument, info_span};

use crate::{Error, panic_message::panic_message};

/// Starts a future on the reactor, in a span of its own name within the caller's.
///
/// # Panics
///
/// Panics outside a [`Runtime`](crate::Runtime).
pub fn spawn<F>(name: impl Into<Cow<'static, str>>, future: F) -> Task<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let name = name.into();
    let span = info_span!("task", task = %name);
    #[expect(clippy::disallowed_methods, reason = "this is the one place that spawns")]
    let handle = tokio::spawn(future.instrument(span));
    Task { name, handle }
}

/// A running task, which is a future of its result. Dropping it aborts the task.
#[derive(Debug)]
#[must_use = "dropping a task aborts it"]
pub struct Task<T> {
    name: Cow<'static, str>,
    handle: JoinHandle<T>,
}

/// A set of running tasks of one kind. Dropping it aborts them all.
#[derive(Debug)]
pub struct TaskSet<T> {
    name: &'static str,
    tasks: JoinSet<T>,
}

// === impl Task ===

impl<T> Task<T> {
    /// Returns the name the task was started with.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Tells whether the task has ended, for whatever reason.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.handle.is_finished()
    }
}

impl<T> Future for Task<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.handle).poll(context).map_err(|error| failure(&self.name, error))
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.handle.abort();
    }
}

// === impl TaskSet ===

impl<T: Send + 'static> TaskSet<T> {
    /// Makes an empty set whose tasks share a name.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self { name, tasks: JoinSet::new() }
    }

    /// Starts a future as a member of the set.
    pub fn spawn(&mut self, future: impl Future<Output = T> + Send + 'static) {
        let span = info_span!("task", task = self.name);
        self.tasks.spawn(future.instrument(span));
    }

    /// Waits for the next member to end; returns nothing when none is left. Cancel-safe.
    pub async fn join_next(&mut self) -> Option<Result<T, Error>> {
        let joined = self.tasks.join_next().await?;
        Some(joined.map_err(|error| failure(self.name, error)))
    }

    /// Returns how many members have not been joined.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Tells whether every member was joined.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }
}

fn failure(name: &str, error: JoinError) -> Error {
    match error.try_into_panic() {
        Ok(payload) => Error::TaskPanicked { name: name.to_owned(), message: panic_message(payload.as_ref()) },
        Err(_) => Error::TaskAborted { name: name.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn a_task_gives_its_result() {
        assert_eq!(spawn("sum", async { 1 + 1 }).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_panic_is_an_error_that_names_the_task() {
        let error = spawn("broken", async { panic!("no luck") }).await.unwrap_err();
        assert_eq!(error.to_string(), "task `broken` panicked: no luck");
    }

    #[tokio::test]
    async fn dropping_a_task_drops_its_future() {
        let (sender, receiver) = oneshot::channel::<()>();
        let task = spawn("endless", async move {
            let _sender = sender;
            std::future::pending::<()>().await;
        });
        drop(task);
        assert!(receiver.await.is_err());
    }

    #[tokio::test]
    async fn a_set_gives_every_result_and_then_nothing() {
        let mut tasks = TaskSet::new("number");
        for i in 0..3 {
            tasks.spawn(async move { i });
        }
        let mut numbers = Vec::new();
        while let Some(number) = tasks.join_next().await {
            numbers.push(number.unwrap());
        }
        numbers.sort_unstable();
        assert_eq!(numbers, [0, 1, 2]);
        assert!(tasks.is_empty());
    }
}
