//! What can go wrong with tasks, pools and threads.

use std::{io, sync::Arc, time::Duration};

/// A task, a pool or a thread that did not do its work.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused a runtime, a thread or a signal handler.
    #[error("failed to start `{name}`")]
    Start {
        /// The runtime, pool or thread.
        name: String,
        /// What the operating system said.
        source: Arc<io::Error>,
    },
    /// Standard input is not the pipe that `--leave-with-stdin` takes it for.
    #[error("failed to watch standard input; `--leave-with-stdin` needs a pipe that its other end keeps open")]
    Stdin {
        /// What the operating system said.
        source: Arc<io::Error>,
    },
    /// The service did not finish within the grace period after a signal.
    #[error("failed to drain `{name}` within {grace:?}: it was ended with work in progress")]
    GraceExceeded {
        /// The runtime.
        name: String,
        /// The time the service had.
        grace: Duration,
    },
    /// A task panicked.
    #[error("task `{name}` panicked: {message}")]
    TaskPanicked {
        /// The task.
        name: String,
        /// What it panicked with.
        message: String,
    },
    /// A task was aborted before it was done.
    #[error("task `{name}` was aborted")]
    TaskAborted {
        /// The task.
        name: String,
    },
    /// Work on a CPU pool panicked.
    #[error("work on pool `{pool}` panicked: {message}")]
    WorkPanicked {
        /// The pool.
        pool: String,
        /// What it panicked with.
        message: String,
    },
    /// A CPU pool has as much work waiting as it may hold.
    #[error("pool `{pool}` is full: {max_queued} pieces of work are waiting")]
    PoolFull {
        /// The pool.
        pool: String,
        /// What it may hold.
        max_queued: usize,
    },
    /// A device thread panicked.
    #[error("device thread `{name}` panicked: {message}")]
    DevicePanicked {
        /// The thread.
        name: String,
        /// What it panicked with.
        message: String,
    },
    /// A device thread ended with an error of its own.
    #[error("device thread `{name}` failed")]
    DeviceFailed {
        /// The thread.
        name: String,
        /// What the thread ended with.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// A device thread has ended, so it takes no more messages.
    #[error("device thread `{name}` has ended")]
    DeviceEnded {
        /// The thread.
        name: String,
    },
    /// A device thread dropped a message without an answer.
    #[error("device thread `{name}` gave no answer to a message")]
    NoReply {
        /// The thread.
        name: String,
    },
}
