//! A Python function, in worker processes that can be killed.

use std::{
    hash::{BuildHasher, RandomState},
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use gradus_config::{CustomScorer, Signature};
use serde::Serialize;
use tokio::{process::Command, sync::Semaphore};

use super::{
    Question, timeout,
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

/// Users that a root server's workers run as: those that systemd gives to services for their lifetime.
const FIRST_USER: u32 = 61_184;
const NUM_USERS: u32 = 4_336;

/// A Python function with its workers.
#[derive(Debug)]
pub struct PythonScorer {
    name: String,
    helper: std::path::PathBuf,
    confinement: Confinement,
    first_user: u32,
    timeout: Duration,
    start_timeout: Duration,
    places: Semaphore,
    idle: Mutex<Vec<Worker>>,
    num_started: AtomicU64,
    ids: RandomState,
    num_asked: AtomicU64,
    metrics: CustomMetrics,
}

#[derive(Serialize)]
struct Line<'a> {
    id: u64,
    #[serde(flatten)]
    question: &'a Question<'a>,
}

impl PythonScorer {
    /// Prepares a function, whose file must be there.
    pub fn new(declared: &CustomScorer, index: usize, helper: &Path, metrics: &CustomMetrics) -> Result<Self, String> {
        let written = declared.function.as_deref().unwrap_or_default();
        let parts = written.rsplit_once(':').filter(|(file, name)| !file.is_empty() && !name.is_empty());
        let (file, name) = parts.ok_or_else(|| format!("`{written}` is no `FILE.py:NAME`"))?;
        if !Path::new(file).is_file() {
            return Err(format!("there is no file `{file}`"));
        }
        let signature = match declared.signature {
            Some(Signature::Trl) | None => "trl",
            Some(Signature::Verl) => "verl",
        };
        let interpreter = declared.interpreter.clone().unwrap_or_else(|| "python3".into());
        let seconds = declared.timeout_seconds.to_string();
        let parallel = declared.parallel.unwrap_or(1);
        let index = u32::try_from(index).unwrap_or_default();
        Ok(Self {
            name: declared.name.clone(),
            helper: helper.to_owned(),
            confinement: Confinement {
                program: interpreter,
                arguments: ["-c", WORKER, file, name, signature, &seconds].map(str::to_owned).to_vec(),
                max_memory_bytes: declared.max_memory_bytes.unwrap_or(DEFAULT_MEMORY_BYTES),
                max_processes: declared.max_processes.unwrap_or(DEFAULT_PROCESSES),
                max_file_bytes: MAX_FILE_BYTES,
                user: FIRST_USER,
            },
            first_user: (std::process::id() % 64) * 64 + index * parallel,
            timeout: timeout(declared),
            start_timeout: Duration::from_secs_f64(declared.start_timeout_seconds.unwrap_or(DEFAULT_START_SECONDS)),
            places: Semaphore::new(parallel as usize),
            idle: Mutex::default(),
            num_started: AtomicU64::new(0),
            ids: RandomState::new(),
            num_asked: AtomicU64::new(0),
            metrics: metrics.clone(),
        })
    }

    /// Starts a worker, so that a function that cannot be loaded is found before it is needed.
    pub async fn start(&self) -> Result<(), Failure> {
        let worker = self.launch().await?;
        self.put_back(worker);
        Ok(())
    }

    /// Scores a completion. A worker that fails after it has served others may have been damaged by them, so the completion gets a
    /// second chance in a new one, and what it does there is its own doing.
    pub async fn score(&self, question: &Question<'_>) -> Result<f64, Failure> {
        let _place = self.places.acquire().await.expect("the semaphore is never closed");
        let mut worker = match self.take_idle() {
            Some(worker) => worker,
            None => self.launch().await?,
        };
        let (id, line) = self.line(question)?;
        let mut answer = worker.ask(id, &line, self.timeout).await;
        if answer.is_err() && worker.is_used() {
            drop(worker);
            worker = self.launch().await?;
            answer = worker.ask(id, &line, self.timeout).await;
        }
        let Answer { value, error, replace, .. } = answer?;
        if !replace {
            self.put_back(worker);
        }
        match (value, error) {
            (Some(value), None) => Ok(value),
            (_, error) => Err(Failure::error(error.unwrap_or_else(|| "the value is not finite".to_owned()))),
        }
    }

    async fn launch(&self) -> Result<Worker, Failure> {
        let number = self.num_started.fetch_add(1, Ordering::Relaxed);
        if number > 0 {
            self.metrics.restarted(&self.name);
        }
        // Processes are counted by user, so every worker has one for itself.
        let slot = self.first_user.wrapping_add(u32::try_from(number % u64::from(NUM_USERS)).unwrap_or_default());
        let confinement = Confinement { user: FIRST_USER + slot % NUM_USERS, ..self.confinement.clone() };
        let command: Command = sandbox::command(&self.helper, &confinement);
        Worker::start(command, self.start_timeout).await
    }

    /// Writes the line of a completion. Its number cannot be guessed, so that no answer can be given in advance.
    fn line(&self, question: &Question<'_>) -> Result<(u64, String), Failure> {
        let id = self.ids.hash_one(self.num_asked.fetch_add(1, Ordering::Relaxed));
        let line = serde_json::to_string(&Line { id, question });
        let line = line.map_err(|error| Failure::error(format!("the completion cannot be written: {error}")))?;
        Ok((id, line + "\n"))
    }

    fn take_idle(&self) -> Option<Worker> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn put_back(&self, worker: Worker) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
    }
}
