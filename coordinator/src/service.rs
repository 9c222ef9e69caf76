//! The service: everything a coordinator process runs, from its start to its drain.
//!
//! | task | waits for | unblocked by |
//! |---|---|---|
//! | gRPC and HTTP | calls | callers; the shutdown |
//! | ticker | its interval | time |
//! | housekeeper | a change of the state | the bookkeeper |
//! | finisher | the end of the run | the last checkpoint and evaluation, then every member |

mod housekeeper;

use std::time::Duration;

use gradus_config::RunConfig;
use gradus_rpc::{Endpoint, HttpListener, Listener, Server, stub};
use gradus_runtime::{CpuPool, Error as RuntimeError, Shutdown, Task, spawn};
use gradus_telemetry::Metrics;
use tokio::time::Instant;
use tracing::info;

use crate::{
    Bookkeeper, Clock, Coordinator, Error, Failure, History, Parts,
    data::{self, Opened, Quarantine},
    grpc, http,
    machine::{Machine, Plan},
    prompts::Prompts,
    report::Status,
    settings,
    store::{Book, RunDirectory, replace},
};

/// How often deadlines and silent members are looked for.
const TICK: Duration = Duration::from_millis(200);

/// Threads that draw prompts and decode groups, and work that may wait for them.
const CPU_THREADS: usize = 2;
const CPU_QUEUE: usize = 256;

/// How long the service stays up at the least once the run is over, so that those who watch it see how it ended.
const LINGER: Duration = Duration::from_secs(2);

/// A coordinator process.
#[derive(Debug)]
pub struct Service {
    config: RunConfig,
    prompts: Prompts,
    quarantine: Quarantine,
    clock: Clock,
}

impl Service {
    /// Checks that the prompt sets of a run file can be used, and starts nothing.
    ///
    /// # Errors
    /// A prompt set cannot be opened.
    pub fn check(config: &RunConfig) -> Result<(), Error> {
        data::open(config).map(drop).map_err(Error::Data)
    }

    /// Opens the prompt sets of a run file.
    ///
    /// # Errors
    /// A prompt set cannot be opened.
    pub fn open(config: RunConfig) -> Result<Self, Error> {
        let Opened { prompts, quarantine } = data::open(&config).map_err(Error::Data)?;
        Ok(Self { config, prompts, quarantine, clock: Clock::system() })
    }

    /// Makes a service of prompt sets that are open.
    #[must_use]
    pub fn new(config: RunConfig, prompts: Prompts, clock: Clock) -> Self {
        Self { config, prompts, quarantine: Quarantine::default(), clock }
    }

    /// Serves until the run is over and its members know, or until the shutdown; then drains. Records that cannot be used are
    /// listed in `quarantine-SET-NEEDS.jsonl` of the run directory.
    ///
    /// # Errors
    /// The run directory cannot be used or belongs to another run, an endpoint cannot be served, the journal or an evaluation's file
    /// cannot be written, or a task of the service has panicked.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), Error> {
        let shutdown = shutdown.child();
        probe(&self.config).await?;
        let directory = RunDirectory::claim(&self.config)?;
        self.quarantine.write(directory.path()).map_err(Error::Data)?;
        let endpoint = endpoint("coordinator.endpoint", &self.config.coordinator_endpoint())?;
        let listener = Listener::bind(&endpoint).await.map_err(serve_error("coordinator.endpoint"))?;
        let coordinator = self.coordinator(directory, &shutdown)?;
        let (_until_the_end, housekeeper) = start_tasks(&coordinator, &shutdown);
        let served = serve(&coordinator, listener, &shutdown).await;
        // However the housekeeper ended, the rest of the end comes about.
        let kept = housekeeper.await.map_err(Error::from).flatten();
        let finished = finish(&coordinator).await;
        let stopped = coordinator.bookkeeper().stop().await;
        served.and(kept).and(finished).and(stopped.map_err(Error::from))
    }

    fn coordinator(self, directory: RunDirectory, shutdown: &Shutdown) -> Result<Coordinator, Error> {
        let Self { config, prompts, clock, .. } = self;
        let plan = Plan::of(&config);
        let settings = settings(&config, &plan, &prompts);
        let history = History::open(&config.run.directory).map_err(Error::Scalars)?;
        let book = Book::open(directory, plan, settings, clock.now())?;
        let holders = book.machine().holders().map(|holder| holder.actor.clone()).collect();
        let bookkeeper = Bookkeeper::start(book, clock.clone())?;
        let cpu = CpuPool::new("prompts", CPU_THREADS, CPU_QUEUE)?;
        let parts = Parts { config, bookkeeper, holders, prompts, history, cpu, clock };
        Ok(Coordinator::new(parts, shutdown.clone()))
    }
}

/// Serves gRPC and HTTP until the shutdown, which the failure of either, or of the bookkeeper, brings about.
async fn serve(coordinator: &Coordinator, listener: Listener, shutdown: &Shutdown) -> Result<(), Error> {
    let metrics = Metrics::new("coordinator");
    let server = Server::new(&metrics).with(stub::coordinator_server(grpc::Service::new(coordinator.clone())));
    let grpc = async {
        let served = server.serve(listener, shutdown.clone()).await;
        shutdown.trigger();
        served.map_err(serve_error("coordinator.endpoint"))
    };
    let http = async {
        let served = serve_status(coordinator, metrics, shutdown).await;
        shutdown.trigger();
        served
    };
    let bookkeeper = async {
        let ended = shutdown.unless_triggered(coordinator.bookkeeper().ended()).await;
        shutdown.trigger();
        ended.unwrap_or(Ok(())).map_err(Error::from)
    };
    let (grpc, http, bookkeeper) = tokio::join!(grpc, http, bookkeeper);
    bookkeeper.and(http).and(grpc)
}

async fn serve_status(coordinator: &Coordinator, metrics: Metrics, shutdown: &Shutdown) -> Result<(), Error> {
    let config = coordinator.config();
    let endpoint = endpoint("coordinator.http", &config.coordinator.http)?;
    let router = http::router(coordinator.clone(), metrics, shutdown.clone());
    let failed = || serve_error("coordinator.http");
    let listener = HttpListener::bind(&endpoint).await.map_err(failed())?;
    listener.write_address(&config.run.directory.join("http-address"));
    listener.serve(router, shutdown.clone()).await.map_err(failed())
}

fn start_tasks(coordinator: &Coordinator, shutdown: &Shutdown) -> ([Task<()>; 2], Task<Result<(), Error>>) {
    let (ticking, keeping, finishing) = (coordinator.clone(), coordinator.clone(), coordinator.clone());
    let (end, ending) = (shutdown.clone(), shutdown.clone());
    let tick = async move {
        let mut interval = tokio::time::interval(TICK);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while ticking.tick().await.is_ok() {
            interval.tick().await;
        }
    };
    let keep_house = async move {
        let ending = EndOnDrop(ending);
        housekeeper::keep_house(&keeping, &ending.0).await
    };
    let finish = async move {
        if wait_for_end(&finishing).await.is_ok() {
            end.trigger();
        }
    };
    ([spawn("ticker", tick), spawn("finisher", finish)], spawn("housekeeper", keep_house))
}

/// Ends the service with the task that holds it, which a failure and a panic end before the shutdown.
struct EndOnDrop(Shutdown);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.trigger();
    }
}

/// Waits until the run is over and every member knows it, or has had the time to.
async fn wait_for_end(coordinator: &Coordinator) -> Result<(), Failure> {
    let mut changes = coordinator.bookkeeper().changes();
    while !coordinator.bookkeeper().look(Machine::is_finished).await? {
        let ended = RuntimeError::TaskAborted { name: "bookkeeper".to_owned() };
        changes.changed().await.map_err(|_| Failure::Ending(ended))?;
    }
    info!("the run is over");
    let config = coordinator.config();
    let num_expected = (config.learner.world_size + config.actor.num_processes) as usize;
    let patience = Duration::from_secs_f64(config.coordinator.heartbeat_timeout_seconds);
    let (end, deadline) = (Instant::now(), Instant::now() + patience);
    loop {
        let members = coordinator.members();
        let is_known = members.all_know_the_end() && members.list().len() >= num_expected;
        if (is_known && end.elapsed() >= LINGER) || Instant::now() >= deadline {
            return Ok(());
        }
        tokio::time::sleep(TICK).await;
    }
}

/// Leaves the last status of a run that has come to its end behind, for those who come later.
async fn finish(coordinator: &Coordinator) -> Result<(), Error> {
    let report = coordinator.report().await?;
    if report.status != Status::Finished || report.step < report.num_steps {
        return Ok(());
    }
    let path = coordinator.config().run.directory.join("report.json");
    let write = |source| Error::Json { action: "write", path: path.clone(), source };
    let text = serde_json::to_vec_pretty(&report).map_err(write)?;
    replace(&path, &path.with_extension("new"), &text)
}

/// Looks whether the HTTP port is free, so that a port in use is reported before anything is written.
async fn probe(config: &RunConfig) -> Result<(), Error> {
    let endpoint = endpoint("coordinator.http", &config.coordinator.http)?;
    Listener::bind(&endpoint).await.map(drop).map_err(serve_error("coordinator.http"))
}

fn endpoint(key: &'static str, text: &str) -> Result<Endpoint, Error> {
    text.parse().map_err(serve_error(key))
}

fn serve_error(key: &'static str) -> impl FnOnce(gradus_rpc::Error) -> Error {
    move |source| Error::Serve { key, source }
}

#[cfg(test)]
mod tests;
