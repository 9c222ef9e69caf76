//! The bookkeeper: the one thread that owns the run's book. Requests that wait are carried out together and made safe
//! with one wait for the disk, and only then answered.
//!
//! | who | waits for | unblocked by |
//! |---|---|---|
//! | a caller | its answer | the disk, once for all requests of a round |
//! | a long poll | a change of the state, or its time | the round that changed it |

use std::fmt;

use gradus_runtime::{DeviceThread, Error as RuntimeError, Inbox, Reply};
use gradus_types::Admission;
use tokio::sync::watch;

use crate::{
    Clock, Error, Failure,
    machine::{Command, Effect, Machine, Submit, Timestamp},
    store::{Book, PayloadReader},
};

/// Requests that wait for the thread before callers wait for a place.
const MAX_QUEUED: usize = 1_024;

/// Requests that share one wait for the disk.
const MAX_ROUND: usize = 256;

/// The face of the bookkeeper. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Bookkeeper {
    thread: DeviceThread<Box<dyn Job>>,
    changes: watch::Receiver<u64>,
    payloads: PayloadReader,
}

/// A request and the place for its answer.
trait Job: Send {
    fn carry_out(&mut self, book: &mut Book, now: Timestamp) -> Result<(), Error>;
    fn answer(self: Box<Self>);
}

struct Request<F, T> {
    work: Option<F>,
    outcome: Option<T>,
    reply: Reply<T>,
}

impl<F, T> Job for Request<F, T>
where
    F: FnOnce(&mut Book, Timestamp) -> Result<T, Error> + Send,
    T: Send,
{
    fn carry_out(&mut self, book: &mut Book, now: Timestamp) -> Result<(), Error> {
        if let Some(work) = self.work.take() {
            self.outcome = Some(work(book, now)?);
        }
        Ok(())
    }

    fn answer(self: Box<Self>) {
        if let Some(outcome) = self.outcome {
            self.reply.send(outcome);
        }
    }
}

impl fmt::Debug for dyn Job {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Job")
    }
}

impl Bookkeeper {
    /// Starts the thread that owns the book.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn start(book: Book, clock: Clock) -> Result<Self, RuntimeError> {
        let payloads = book.payloads();
        let (changed, changes) = watch::channel(book.state().revision);
        let body = move |inbox| serve(book, &clock, inbox, &changed);
        let thread = DeviceThread::start("bookkeeper", MAX_QUEUED, body)?;
        Ok(Self { thread, changes, payloads })
    }

    /// Carries out a command, and answers once its change is safe.
    ///
    /// # Errors
    /// The command is refused, or the coordinator is ending.
    pub async fn run<C: Command + Clone>(&self, command: C) -> Result<C::Reply, Failure> {
        let outcome = self.ask(move |book, now| book.carry_out(command, now)).await?;
        Ok(outcome?)
    }

    /// Carries out a command and looks at the machine right after it.
    ///
    /// # Errors
    /// The command is refused, or the coordinator is ending.
    pub async fn run_and_look<C: Command + Clone, T: Send + 'static>(
        &self,
        command: C,
        view: impl FnOnce(&Machine, C::Reply) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let outcome = self
            .ask(move |book, now| Ok(book.carry_out(command, now)?.map(|reply| view(book.machine(), reply))))
            .await?;
        Ok(outcome?)
    }

    /// Stores a group with its payload, and answers once it is safe.
    ///
    /// # Errors
    /// The group is refused, or the coordinator is ending.
    pub async fn submit(&self, submit: Submit, payload: Vec<u8>) -> Result<Admission, Failure> {
        let outcome = self.ask(move |book, now| book.submit(submit, &payload, now)).await?;
        Ok(outcome?)
    }

    /// Looks at the machine.
    ///
    /// # Errors
    /// The coordinator is ending.
    pub async fn look<T: Send + 'static>(
        &self,
        view: impl FnOnce(&Machine) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        Ok(self.ask(move |book, _| Ok(view(book.machine()))).await?)
    }

    /// Takes what must happen outside the machine, in order.
    ///
    /// # Errors
    /// The coordinator is ending.
    pub async fn take_effects(&self) -> Result<Vec<Effect>, Failure> {
        Ok(self.ask(|book, _| Ok(book.take_effects())).await?)
    }

    /// Deletes the payloads of an evaluation whose report is written.
    ///
    /// # Errors
    /// The coordinator is ending.
    pub async fn forget_evaluation(&self, number: u64) -> Result<(), Failure> {
        Ok(self.ask(move |book, _| book.forget_evaluation(number)).await?)
    }

    /// Returns a watch of the state's revision: it changes after every round that changed the state.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    /// Returns a reader of the groups' payloads.
    #[must_use]
    pub fn payloads(&self) -> &PayloadReader {
        &self.payloads
    }

    /// Carries out what is queued and ends the thread.
    ///
    /// # Errors
    /// The thread has failed.
    pub async fn stop(&self) -> Result<(), RuntimeError> {
        self.thread.stop().await
    }

    /// Waits for the end of the thread.
    ///
    /// # Errors
    /// The thread has failed.
    pub async fn ended(&self) -> Result<(), RuntimeError> {
        self.thread.ended().await
    }

    async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Book, Timestamp) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, RuntimeError> {
        let message = |reply| -> Box<dyn Job> { Box::new(Request { work: Some(work), outcome: None, reply }) };
        self.thread.call(message).await
    }
}

/// Serves rounds of requests. An error ends the thread, for what is in memory may be ahead of what is on disk.
fn serve(
    mut book: Book,
    clock: &Clock,
    mut inbox: Inbox<Box<dyn Job>>,
    changed: &watch::Sender<u64>,
) -> Result<(), Error> {
    while let Some(first) = inbox.receive() {
        let mut round = vec![first];
        while round.len() < MAX_ROUND
            && let Some(job) = inbox.poll()
        {
            round.push(job);
        }
        let now = clock.now();
        for job in &mut round {
            job.carry_out(&mut book, now)?;
        }
        book.sync()?;
        round.into_iter().for_each(Job::answer);
        let revision = book.state().revision;
        changed.send_if_modified(|known| std::mem::replace(known, revision) != revision);
    }
    Ok(())
}
