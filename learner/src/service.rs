//! A learner rank from start to end.
//!
//! ```text
//! open: processor, model config ─► join the world ─► device: ranks meet, policy loads ─► work … ─► leave
//!                                       └────────────── heartbeat ──────────────┘
//! ```
//!
//! | who | waits for | unblocked by |
//! |---|---|---|
//! | the work loop | the coordinator, the device | work, the shutdown between steps, or the heartbeat's verdict |
//! | the device | collectives | the other ranks, their timeout, or `AbortHandle::abort` |
//! | leaving | the device thread's end | the abort, or the patience below |

use std::{fs::File, sync::Arc, time::Duration};

use tokio::sync::watch;
use tracing::info;

use gradus_config::RunConfig;
use gradus_model::{Config as ModelConfig, Policy};
use gradus_processor::{Options, Processor};
use gradus_rpc::{Endpoint, HttpListener, Listener, Server, metrics_router};
use gradus_runtime::{CpuPool, Shutdown};
use gradus_types::{Rank, Step};
use gradus_weight_sync::Publisher;

use crate::{
    Ending, Error, Preparer, Worker,
    client::{Client, Progress},
    device::Device,
    heartbeat::{Phase, beat},
    metrics::Metrics,
    world,
};

/// Versions that rank 0 keeps for actors: the newest, and the one that slow actors may still be fetching.
const NUM_KEPT_VERSIONS: usize = 2;
/// How long leaving waits for the device thread.
const LEAVING_PATIENCE: Duration = Duration::from_secs(10);
/// Batches that may wait to be prepared; there is one at a time.
const MAX_QUEUED: usize = 2;

/// A learner rank, ready to join its world.
#[derive(Debug)]
pub struct Service {
    config: Arc<RunConfig>,
    preparer: Arc<Preparer>,
    coordinator: Endpoint,
    weights: Endpoint,
    http: Option<Endpoint>,
}

// === impl Service ===

impl Service {
    /// Loads what a rank needs of the model's directory, so that a wrong one is the first thing to be reported.
    pub fn open(config: RunConfig) -> Result<Self, Error> {
        gradus_model::parse_device(&config.learner.device)?;
        let model = load_model_config(&config)?;
        let options = Options {
            min_pixels: config.model.min_pixels.map(u64::from),
            max_pixels: config.model.max_pixels.map(u64::from),
            chat_template: config.model.chat_template.clone(),
            ..Options::default()
        };
        let processor = Processor::load_with(&config.model.path, &options)?;
        let (rank, world_size) = (config.learner.rank as usize, config.learner.world_size as usize);
        Ok(Self {
            preparer: Arc::new(Preparer::new(processor, model, rank, world_size)),
            coordinator: config.coordinator_endpoint().parse()?,
            weights: config.weights_endpoint().parse()?,
            http: config.learner.http.as_deref().map(str::parse).transpose()?,
            config: Arc::new(config),
        })
    }

    /// Joins the world and works until the run is over, the shutdown is asked for, or the world changes.
    pub async fn run(self, shutdown: Shutdown) -> Result<Ending, Error> {
        let client = Client::new(&self.coordinator);
        let rank = Rank(self.config.learner.rank);
        let device = Device::start(self.config.learner.threads)?;
        let health = Listener::bind(&self.health_endpoint()).await?;
        let weights = match rank {
            Rank(0) => Some(WeightsService::bind(&self.weights).await?),
            Rank(_) => None,
        };
        let http = match &self.http {
            Some(endpoint) => Some(self.bind_page(endpoint).await?),
            None => None,
        };
        let registry = gradus_telemetry::Metrics::new("learner");
        let publisher = weights.as_ref().map(|weights| weights.publisher.clone());
        let (phase, phases) = watch::channel(Phase { generation: 0, name: "joining" });
        let timeout_seconds = self.config.coordinator.heartbeat_timeout_seconds;
        let parts =
            Parts { client: client.clone(), device: device.clone(), publisher, metrics: Metrics::new(&registry) };
        let work = self.work(parts, phase, &shutdown);
        // No arm has to be resumed: whichever ends first ends the process.
        let ending = tokio::select! {
            ending = work => ending,
            ending = beat(&client, rank, timeout_seconds, phases) => ending,
            failure = serve_health(health) => Err(failure),
            failure = serve(weights, &registry) => Err(failure),
            failure = serve_page(http, &registry) => Err(failure),
        };
        device.leave(LEAVING_PATIENCE).await;
        match ending {
            // The other ranks are leaving as well, and the first to go takes the step in progress with it.
            Err(error) if shutdown.is_triggered() && error.asks_for_restart() => {
                info!(%error, "the world ended while this rank was leaving");
                Ok(Ending::Drained)
            }
            Ok(ending) => {
                info!(?ending, "leaving");
                Ok(ending)
            }
            failed => failed,
        }
    }

    /// Returns the socket of the run directory that health is served on. It is named after the rank.
    fn health_endpoint(&self) -> Endpoint {
        let name = format!("learner-{}.sock", self.config.learner.rank);
        Endpoint::Unix { path: self.config.run.directory.join("sockets").join(name) }
    }

    /// Listens where the metrics are asked for, and writes down where that is.
    async fn bind_page(&self, endpoint: &Endpoint) -> Result<HttpListener, Error> {
        let listener = HttpListener::bind(endpoint).await?;
        let name = format!("learner-{}.http-address", self.config.learner.rank);
        listener.write_address(&self.config.run.directory.join(name));
        Ok(listener)
    }

    async fn work(
        self,
        Parts { client, device, publisher, metrics }: Parts,
        phase: watch::Sender<Phase>,
        shutdown: &Shutdown,
    ) -> Result<Ending, Error> {
        let Self { config, preparer, .. } = self;
        let pool = CpuPool::new("prepare", config.learner.threads as usize, MAX_QUEUED)?;
        let joining = world::join(&client, &config.learner, &pool);
        let Some(world) = shutdown.unless_triggered(joining).await else { return Ok(Ending::Drained) };
        let world = world?;
        let start = world.checkpoint.as_ref().map_or(Step(0), |checkpoint| checkpoint.step);
        let (rank, generation) = (Rank(config.learner.rank), world.generation);
        let progress = Progress { rank, generation, completed_step: start, checkpointed_step: start };
        metrics.join(generation);
        phase.send_replace(Phase { generation, name: "loading" });
        device.open(RunConfig::clone(&config), world).await?;
        let mut worker = Worker { config, client, device, preparer, pool, publisher, progress, phase, metrics };
        worker.run(shutdown).await
    }
}

/// What the work of a rank needs of its process.
struct Parts {
    client: Client,
    device: Device,
    publisher: Option<Publisher>,
    metrics: Metrics,
}

/// Rank 0's weights service, listening but not yet serving.
struct WeightsService {
    listener: Listener,
    publisher: Publisher,
}

impl WeightsService {
    async fn bind(endpoint: &Endpoint) -> Result<Self, Error> {
        let listener = Listener::bind(endpoint).await?;
        let publisher = Publisher::new(listener.endpoint().to_string(), NUM_KEPT_VERSIONS);
        Ok(Self { listener, publisher })
    }
}

/// Serves health until the process leaves. Its calls are counted nowhere: the weights' server has the metrics of calls.
async fn serve_health(listener: Listener) -> Error {
    let uncounted = gradus_telemetry::Metrics::new("health");
    match Server::new(&uncounted).serve(listener, Shutdown::new()).await {
        Ok(()) => std::future::pending().await,
        Err(error) => error.into(),
    }
}

/// Serves weights, where this rank does, until the process leaves.
async fn serve(weights: Option<WeightsService>, registry: &gradus_telemetry::Metrics) -> Error {
    let Some(WeightsService { listener, publisher }) = weights else { return std::future::pending().await };
    let server = Server::new(registry).with(publisher.service());
    match server.serve(listener, Shutdown::new()).await {
        Ok(()) => std::future::pending().await,
        Err(error) => error.into(),
    }
}

/// Serves the metrics over HTTP, where the run file asks for it, until the process leaves.
async fn serve_page(http: Option<HttpListener>, registry: &gradus_telemetry::Metrics) -> Error {
    let Some(listener) = http else { return std::future::pending().await };
    match listener.serve(metrics_router(registry.clone()), Shutdown::new()).await {
        Ok(()) => std::future::pending().await,
        Err(error) => error.into(),
    }
}

fn load_model_config(config: &RunConfig) -> Result<ModelConfig, Error> {
    let path = config.model.path.join("config.json");
    File::open(&path).map_err(|source| Error::ModelDirectory { path, source })?;
    Ok(Policy::check(&config.model.path)?)
}

#[cfg(test)]
mod tests;
