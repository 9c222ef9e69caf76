//! One worker process: a line of JSON in for each completion, a line of JSON out.

use std::{
    io,
    process::ExitStatus,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use gradus_runtime::{Task, spawn};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};
use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader, Interest, unix::AsyncFd},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use crate::batch::Failure;

/// The longest line that a worker may answer.
const MAX_ANSWER_BYTES: u64 = 64 << 10;

/// How much of what a worker writes to standard error is kept.
const KEPT_BYTES: usize = 2_048;

/// How long a worker that closed its output is waited for, to learn how it ended.
const END_WAIT: Duration = Duration::from_secs(1);

/// A running worker. Dropping it kills it and everything it started.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    errors: Arc<Mutex<Vec<u8>>>,
    _reading: Task<()>,
    num_answers: u64,
}

/// What a worker says about a completion.
#[derive(Debug, Deserialize)]
pub struct Answer {
    /// The number that the question came with.
    pub id: Option<u64>,
    /// The value.
    pub value: Option<f64>,
    /// Why there is none.
    pub error: Option<String>,
    /// Whether the worker should not be used again.
    #[serde(default)]
    pub replace: bool,
}

impl Worker {
    /// Starts a worker, a command with pipes on all sides, and waits until it has said that it is ready.
    pub async fn start(mut command: Command, patience: Duration) -> Result<Self, Failure> {
        let unusable = |error: io::Error| Failure::error(format!("failed to start a worker: {error}"));
        let mut child = command.spawn().map_err(unusable)?;
        let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(errors)) = (input, output, errors) else {
            return Err(Failure::error("failed to start a worker: it has no pipes"));
        };
        let kept = Arc::default();
        let reading = spawn("worker-stderr", keep_end(errors, Arc::clone(&kept)));
        let output = BufReader::new(output);
        let mut worker = Self { child, input, output, errors: kept, _reading: reading, num_answers: 0 };
        match timeout(patience, worker.read()).await {
            Ok(Ok(Answer { error: None, .. })) => Ok(worker),
            Ok(Ok(Answer { error: Some(error), .. })) => Err(Failure::error(format!("failed to load it: {error}"))),
            Ok(Err(failure)) => Err(failure),
            Err(_) => Err(Failure::timeout(format!("it was not loaded within {patience:?}"))),
        }
    }

    /// Tells whether the worker has answered before.
    pub const fn is_used(&self) -> bool {
        self.num_answers > 0
    }

    /// Asks about one completion. After a failure the worker is in no known state and must be dropped.
    pub async fn ask(&mut self, id: u64, line: &str, patience: Duration) -> Result<Answer, Failure> {
        let exchange = async {
            let written = self.input.write_all(line.as_bytes()).await;
            match written {
                Ok(()) => self.read().await,
                Err(_) => Err(self.ended().await),
            }
        };
        let answer = timeout(patience, exchange).await;
        let answer = answer.map_err(|_| Failure::timeout(format!("it took longer than {patience:?}")))??;
        if answer.id != Some(id) {
            return Err(Failure::error("the worker answered something that it was not asked"));
        }
        self.num_answers += 1;
        Ok(answer)
    }

    async fn read(&mut self) -> Result<Answer, Failure> {
        let mut line = Vec::new();
        let read = (&mut self.output).take(MAX_ANSWER_BYTES).read_until(b'\n', &mut line).await;
        if read.is_err() || !line.ends_with(b"\n") {
            return Err(self.ended().await);
        }
        serde_json::from_slice(&line)
            .map_err(|error| Failure::error(format!("the worker's answer is no answer: {error}")))
    }

    /// Says how a worker ended.
    async fn ended(&mut self) -> Failure {
        let status = match timeout(END_WAIT, self.end()).await {
            Ok(Ok(status)) => status.to_string(),
            _ => "without closing its process".to_owned(),
        };
        let errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&errors);
        let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("nothing on standard error");
        Failure::error(format!("the worker ended ({status}): {last}"))
    }

    /// Waits until the worker has ended by itself, and ends what it left behind.
    async fn end(&mut self) -> io::Result<ExitStatus> {
        if let Some(id) = self.id()
            && ended(id).await.is_ok()
        {
            // Until it is waited for, nobody else can have its number, nor a group of its number.
            self.kill_all();
        }
        self.child.wait().await
    }

    /// Kills the worker and what it started, as far as that is in its process group: all of it where there are no namespaces.
    fn kill_all(&self) {
        if let Some(group) = self.id() {
            // It may have ended by itself.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    /// Returns its process. One that was waited for has no number any more, so nobody else's is hit.
    fn id(&self) -> Option<Pid> {
        self.child.id().and_then(|id| Pid::from_raw(id.cast_signed()))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill_all();
    }
}

/// Waits until a process has ended, and leaves it to be waited for.
#[expect(deprecated, reason = "what replaces it is unsafe for descriptors that are not owned; this one is")]
async fn ended(id: Pid) -> io::Result<()> {
    let process = AsyncFd::with_interest(pidfd_open(id, PidfdFlags::NONBLOCK)?, Interest::READABLE)?;
    process.readable().await.map(drop)
}

/// Keeps the end of what is written, and goes on reading so that the writer is never held up.
async fn keep_end(mut errors: impl AsyncRead + Unpin, kept: Arc<Mutex<Vec<u8>>>) {
    let mut buffer = [0; 1_024];
    while let Ok(length @ 1..) = errors.read(&mut buffer).await {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(&buffer[..length]);
        let excess = kept.len().saturating_sub(KEPT_BYTES);
        kept.drain(..excess);
    }
}
