//! The owner of a device: one named thread, driven by messages.
//!
//! ```text
//! callers ── send / call ──► bounded queue ──► Inbox ──► body (owns model, tensors, caches)
//!    ▲                                                     │
//!    └───────────────── Reply ◄────────────────────────────┘
//! ```
//!
//! | who | waits for | unblocked by |
//! |---|---|---|
//! | `send` | a place in the queue | the body taking a message, or ending |
//! | `call` | a place, then the reply | the body answering, dropping the message, failing or panicking |
//! | `Inbox::receive` | a message | a caller, `stop`, or the last handle being dropped |

use std::{
    error::Error as StdError,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use tokio::sync::{mpsc, oneshot, watch};

use crate::{Error, panic_message::panic_message};

/// A handle of a running device thread. Cheap to clone; the thread is told to end when the last clone is dropped.
pub struct DeviceThread<M> {
    name: Arc<str>,
    messages: mpsc::Sender<Envelope<M>>,
    ending: watch::Receiver<Ending>,
}

/// The messages of a device thread, on its side.
pub struct Inbox<M> {
    messages: mpsc::Receiver<Envelope<M>>,
    is_stopped: bool,
}

/// The place for the answer to a message. Dropping it tells the caller that there will be none.
#[derive(Debug)]
pub struct Reply<T> {
    sender: Option<oneshot::Sender<Result<T, Dropped>>>,
}

enum Envelope<M> {
    Message(M),
    Stop,
}

/// How a device thread ended, if it did.
#[derive(Clone, Debug)]
enum Ending {
    Running,
    Ended(Result<(), Error>),
}

/// A reply that was dropped while its thread was panicking, which its caller should hear of.
#[derive(Debug)]
struct Dropped;

// === impl DeviceThread ===

impl<M: Send + 'static> DeviceThread<M> {
    /// Starts a thread whose queue holds `capacity` messages.
    ///
    /// The body makes what it owns on its own thread, takes messages from its inbox until there are none, and returns.
    /// Its error, or its panic, reaches every caller.
    pub fn start<E>(
        name: &str,
        capacity: usize,
        body: impl FnOnce(Inbox<M>) -> Result<(), E> + Send + 'static,
    ) -> Result<Self, Error>
    where
        E: StdError + Send + Sync + 'static,
    {
        let (messages, receiver) = mpsc::channel(capacity.max(1));
        let (ended, ending) = watch::channel(Ending::Running);
        let name: Arc<str> = Arc::from(name);
        let thread_name = Arc::clone(&name);
        let run = move || {
            let inbox = Inbox { messages: receiver, is_stopped: false };
            let result = match catch_unwind(AssertUnwindSafe(|| body(inbox))) {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(Error::DeviceFailed { name: thread_name.to_string(), source: Arc::new(error) }),
                Err(payload) => Err(Error::DevicePanicked {
                    name: thread_name.to_string(),
                    message: panic_message(payload.as_ref()),
                }),
            };
            // Nobody is left to tell when all handles are gone.
            let _ = ended.send(Ending::Ended(result));
        };
        let spawned = thread::Builder::new().name(name.to_string()).spawn(run);
        spawned.map_err(|source| Error::Start { name: name.to_string(), source: Arc::new(source) })?;
        Ok(Self { name, messages, ending })
    }

    /// Puts a message into the queue, waiting for a place.
    pub async fn send(&self, message: M) -> Result<(), Error> {
        match self.messages.send(Envelope::Message(message)).await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.failure().await),
        }
    }

    /// Sends a message that holds a [`Reply`] and waits for the answer.
    pub async fn call<T: Send>(&self, message: impl FnOnce(Reply<T>) -> M) -> Result<T, Error> {
        let (sender, receiver) = oneshot::channel();
        self.send(message(Reply { sender: Some(sender) })).await?;
        match receiver.await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(Dropped)) => Err(self.failure().await),
            Err(_) if self.messages.is_closed() => Err(self.failure().await),
            Err(_) => Err(Error::NoReply { name: self.name.to_string() }),
        }
    }

    /// Lets the thread finish what is in its queue and waits for its end.
    pub async fn stop(&self) -> Result<(), Error> {
        // A closed queue means that the thread is ending already.
        let _ = self.messages.send(Envelope::Stop).await;
        self.ended().await
    }

    /// Waits for the thread's end, without asking for it.
    pub async fn ended(&self) -> Result<(), Error> {
        let mut ending = self.ending.clone();
        let last = ending.wait_for(|ending| matches!(ending, Ending::Ended(_))).await;
        match last.as_deref() {
            Ok(Ending::Ended(result)) => result.clone(),
            Ok(Ending::Running) | Err(_) => Err(Error::DeviceEnded { name: self.name.to_string() }),
        }
    }

    /// Says why the thread takes no messages any more.
    async fn failure(&self) -> Error {
        self.ended().await.err().unwrap_or_else(|| Error::DeviceEnded { name: self.name.to_string() })
    }
}

impl<M> Clone for DeviceThread<M> {
    fn clone(&self) -> Self {
        Self { name: Arc::clone(&self.name), messages: self.messages.clone(), ending: self.ending.clone() }
    }
}

impl<M> fmt::Debug for DeviceThread<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("DeviceThread").field("name", &self.name).finish_non_exhaustive()
    }
}

// === impl Inbox ===

impl<M> Inbox<M> {
    /// Waits for a message; returns nothing once the thread should end. Blocks the thread.
    pub fn receive(&mut self) -> Option<M> {
        if self.is_stopped {
            return None;
        }
        match self.messages.blocking_recv() {
            Some(Envelope::Message(message)) => Some(message),
            Some(Envelope::Stop) | None => self.stop(),
        }
    }

    /// Takes a message if one is there, for bodies that have other work to do between messages.
    pub fn poll(&mut self) -> Option<M> {
        if self.is_stopped {
            return None;
        }
        match self.messages.try_recv() {
            Ok(Envelope::Message(message)) => Some(message),
            Ok(Envelope::Stop) | Err(mpsc::error::TryRecvError::Disconnected) => self.stop(),
            Err(mpsc::error::TryRecvError::Empty) => None,
        }
    }

    /// Tells whether the thread should end: no message will come any more.
    #[must_use]
    pub const fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    fn stop(&mut self) -> Option<M> {
        self.is_stopped = true;
        self.messages.close();
        None
    }
}

impl<M> fmt::Debug for Inbox<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Inbox").field("is_stopped", &self.is_stopped).finish_non_exhaustive()
    }
}

// === impl Reply ===

impl<T> Reply<T> {
    /// Answers the caller. One that went away meanwhile misses nothing.
    pub fn send(mut self, answer: T) {
        if let Some(sender) = self.sender.take() {
            let _ = sender.send(Ok(answer));
        }
    }

    /// Tells whether the caller went away, so that the work need not be done.
    #[must_use]
    pub fn is_abandoned(&self) -> bool {
        self.sender.as_ref().is_none_or(oneshot::Sender::is_closed)
    }
}

impl<T> Drop for Reply<T> {
    fn drop(&mut self) {
        if let Some(sender) = self.sender.take()
            && thread::panicking()
        {
            let _ = sender.send(Err(Dropped));
        }
    }
}

#[cfg(test)]
mod tests;
