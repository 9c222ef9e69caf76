//! A Python function, in worker processes that can be killed.

use std::{
    hash::{BuildHasher, RandomState},
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use gradus_config::{CustomScorer, Signature};
use serde::Serialize;
use tokio::{process::Command, sync::Semaphore};

use super::{
    Fault, Question, Surroundings, timeout,
    users::{User, Users},
    worker::{Answer, Worker},
};
use crate::{
    batch::Failure,
    metrics::CustomMetrics,
    sandbox::{self, Confinement},
};

/// What the workers run.
const WORKER: &str = include_str!("worker.py");

const DEFAULT_MEMORY_BYTES: u64 = 4 << 30;
const DEFAULT_PROCESSES: u32 = 32;
const DEFAULT_START_SECONDS: f64 = 60.0;
const MAX_FILE_BYTES: u64 = 64 << 20;

/// A Python function with its workers.
#[derive(Debug)]
pub struct PythonScorer {
    name: String,
    helper: std::path::PathBuf,
    confinement: Confinement,
    users: Users,
    timeout: Duration,
    start_timeout: Duration,
    places: Semaphore,
    idle: Mutex<Vec<Running>>,
    num_lost: Arc<AtomicU64>,
    ids: RandomState,
    num_asked: AtomicU64,
    metrics: CustomMetrics,
}

/// A worker that can be asked. Dropping it, instead of putting it back, loses it.
#[derive(Debug)]
struct Running {
    worker: Worker,
    num_lost: Arc<AtomicU64>,
    /// Given back after the worker has been killed.
    _user: User,
}

#[derive(Serialize)]
struct Line<'a> {
    id: u64,
    #[serde(flatten)]
    question: &'a Question<'a>,
}

impl PythonScorer {
    /// Prepares a function, whose file must be there.
    pub(super) fn new(declared: &CustomScorer, surroundings: Surroundings<'_>) -> Result<Self, Fault> {
        let written = declared.function.as_deref().unwrap_or_default();
        let parts = written.rsplit_once(':').filter(|(file, name)| !file.is_empty() && !name.is_empty());
        let (file, name) = parts.ok_or_else(|| Fault::Function { written: written.to_owned() })?;
        if !Path::new(file).is_file() {
            return Err(Fault::NoFile { file: file.to_owned() });
        }
        let signature = match declared.signature {
            Some(Signature::Trl) | None => "trl",
            Some(Signature::Verl) => "verl",
        };
        let interpreter = declared.interpreter.clone().unwrap_or_else(|| "python3".into());
        let seconds = declared.timeout_seconds.to_string();
        Ok(Self {
            name: declared.name.clone(),
            helper: surroundings.helper.to_owned(),
            confinement: Confinement {
                program: interpreter,
                arguments: ["-c", WORKER, file, name, signature, &seconds].map(str::to_owned).to_vec(),
                max_memory_bytes: declared.max_memory_bytes.unwrap_or(DEFAULT_MEMORY_BYTES),
                max_processes: declared.max_processes.unwrap_or(DEFAULT_PROCESSES),
                max_file_bytes: MAX_FILE_BYTES,
                user: 0,
            },
            users: surroundings.users.clone(),
            timeout: timeout(declared),
            start_timeout: Duration::from_secs_f64(declared.start_timeout_seconds.unwrap_or(DEFAULT_START_SECONDS)),
            places: Semaphore::new(num_workers(declared) as usize),
            idle: Mutex::default(),
            num_lost: Arc::default(),
            ids: RandomState::new(),
            num_asked: AtomicU64::new(0),
            metrics: surroundings.metrics.clone(),
        })
    }

    /// Starts a worker, so that a function that cannot be loaded is found before it is needed.
    pub async fn start(&self) -> Result<(), Failure> {
        let running = self.launch().await?;
        self.put_back(running);
        Ok(())
    }

    /// Scores a completion. A worker that fails after it has served others may have been damaged by them, so the completion gets a
    /// second chance in a new one, and what it does there is its own doing.
    pub async fn score(&self, question: &Question<'_>) -> Result<f64, Failure> {
        let _place = self.places.acquire().await.expect("the semaphore is never closed");
        let mut running = match self.take_idle() {
            Some(running) => running,
            None => self.launch().await?,
        };
        let (id, line) = self.line(question)?;
        let mut answer = running.worker.ask(id, &line, self.timeout).await;
        if answer.is_err() && running.worker.is_used() {
            drop(running);
            running = self.launch().await?;
            answer = running.worker.ask(id, &line, self.timeout).await;
        }
        let Answer { value, error, replace, .. } = answer?;
        if !replace {
            self.put_back(running);
        }
        match (value, error) {
            (Some(value), None) => Ok(value),
            (_, error) => Err(Failure::error(error.unwrap_or_else(|| "the value is not finite".to_owned()))),
        }
    }

    /// Starts a worker: a further one, or one in place of a lost one.
    async fn launch(&self) -> Result<Running, Failure> {
        let user = self.users.take().ok_or_else(|| Failure::error("there are more workers than users for them"))?;
        let confinement = Confinement { user: user.id(), ..self.confinement.clone() };
        let command: Command = sandbox::command(&self.helper, &confinement);
        let worker = Worker::start(command, self.start_timeout).await?;
        let replaced = self.num_lost.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |lost| lost.checked_sub(1));
        if replaced.is_ok() {
            self.metrics.restarted(&self.name);
        }
        Ok(Running { worker, num_lost: Arc::clone(&self.num_lost), _user: user })
    }

    /// Writes the line of a completion. Its number cannot be guessed, so that no answer can be given in advance.
    fn line(&self, question: &Question<'_>) -> Result<(u64, String), Failure> {
        let id = self.ids.hash_one(self.num_asked.fetch_add(1, Ordering::Relaxed));
        let line = serde_json::to_string(&Line { id, question });
        let line = line.map_err(|error| Failure::error(format!("the completion cannot be written: {error}")))?;
        Ok((id, line + "\n"))
    }

    fn take_idle(&self) -> Option<Running> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn put_back(&self, running: Running) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(running);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.num_lost.fetch_add(1, Ordering::Relaxed);
    }
}

/// Returns the most workers that a function has at a time.
pub(super) fn num_workers(declared: &CustomScorer) -> u32 {
    declared.parallel.unwrap_or(1)
}
