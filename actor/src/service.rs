//! The service: everything an actor process runs, from its start to its drain.
//!
//! | task | waits for | unblocked by |
//! |---|---|---|
//! | intake and its groups | leases, completions, rewards | see [`crate::intake`] and [`crate::rollout`] |
//! | heartbeat | its interval | time |
//! | health, metrics | calls | callers; the end of the service |
//! | engine | requests | intake; the last handle being dropped |
//!
//! A shutdown stops intake. What waits in the engine is returned, what is being sampled has [`DRAIN`] to be stored, and what is
//! left then is returned, too.

use std::{sync::Arc, time::Duration};

use gradus_config::{RunConfig, StageKind};
use gradus_model::Policy;
use gradus_process::grace;
use gradus_processor::Processor;
use gradus_rpc::{ClientConfig, Endpoint, HttpListener, Listener, Server, metrics_router};
use gradus_runtime::{CpuPool, Shutdown, Task, spawn};
use gradus_telemetry::GroupTraces;
use gradus_weight_sync::{Subscriber, SubscriberConfig};
use tokio::sync::watch;
use tracing::{debug, error, info, warn};

use crate::{
    Error,
    coordinator::Coordinator,
    engine::{self, Handle, Limits},
    follower::{Follower, Held},
    intake::{Bounds, Intake, Phase},
    metrics::Metrics,
    model_files,
    rollout::Rollouts,
    scoring::Scorer,
};

/// The time groups in flight have to be stored after a shutdown, before their leases are returned in what is left of the grace.
const DRAIN: Duration = Duration::from_secs(15);
const _: () = assert!(DRAIN.as_secs() + 10 <= grace::ACTOR.as_secs(), "returning leases takes a while, too");

/// Heartbeats in the time after which a silent member counts as gone.
const BEATS_PER_TIMEOUT: f64 = 4.0;

/// Bytes of encoded pictures that are kept, until their patches are in the processor's cache.
const PICTURE_BYTES: u64 = 64 << 20;

/// Threads that prepare prompts and verify weights.
const CPU_THREADS: usize = 1;

/// An actor process.
#[derive(Debug)]
pub struct Service {
    config: RunConfig,
    processor: Processor,
    policy: Policy,
    held: Held,
}

// === impl Service ===

impl Service {
    /// Checks what a run file names, without loading weights or writing anything.
    ///
    /// # Errors
    /// The model directory or its tokenizer cannot be used, the device has no known name, or the cache is too small for the prompts
    /// that the run file allows.
    pub fn check(config: &RunConfig) -> Result<(), Error> {
        model_files::check(config).map(drop)
    }

    /// Loads the model of a run file.
    ///
    /// # Errors
    /// Those of [`Service::check`], or the weights cannot be loaded.
    pub fn open(config: RunConfig) -> Result<Self, Error> {
        let processor = model_files::check(&config)?;
        let policy = model_files::load_policy(&config)?;
        let held = Held::initial(&policy).map_err(|source| Error::Digest { source })?;
        Ok(Self { config, processor, policy, held })
    }

    /// Samples groups until the run is over or the shutdown; then drains.
    ///
    /// # Errors
    /// An endpoint cannot be used, or the engine fails.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), Error> {
        let (stop, leave) = (shutdown.child(), Shutdown::new());
        let registry = gradus_telemetry::Metrics::new("actor");
        let metrics = Metrics::new(&registry);
        let health = health(&self.config, &registry, &leave).await?;
        let page = metrics_page(&self.config, &registry, &leave).await?;
        let coordinator = self.coordinator()?;
        let max_silence = self.config.coordinator.heartbeat_timeout_seconds;
        let (engine, intake) = self.assemble(&coordinator, &metrics, &leave)?;
        let beat = Heartbeat { coordinator, engine: engine.clone(), metrics, phase: intake.phase() };
        let beat = spawn("heartbeat", beat.run(max_silence, stop.clone()));
        info!("ready to sample");
        let drained = spawn("drain", drain(engine.clone(), stop.clone(), leave.clone()));
        let outcome = intake.run(&stop).await;
        drop((beat, drained));
        leave.trigger();
        let ended = engine.stop().await;
        health.await??;
        if let Some(page) = page {
            page.await??;
        }
        outcome?;
        ended?;
        info!("left");
        Ok(())
    }

    fn coordinator(&self) -> Result<Coordinator, Error> {
        let endpoint = endpoint("coordinator.endpoint", &self.config.coordinator_endpoint())?;
        Ok(Coordinator::connect(&endpoint, &self.config.actor.name))
    }

    /// Starts the engine and puts the parts around it together.
    fn assemble(
        self,
        coordinator: &Coordinator,
        metrics: &Metrics,
        leave: &Shutdown,
    ) -> Result<(Handle, Intake), Error> {
        let Self { config, processor, policy, held } = self;
        let actor = &config.actor;
        let reward_server = endpoint("reward_server.endpoint", &config.reward_server_endpoint())?;
        let pool = CpuPool::new("prepare", CPU_THREADS, actor.max_groups as usize)?;
        let engine = engine::start(policy, engine_config(&config, &processor))?;
        let subscriber = SubscriberConfig { client: ClientConfig::default(), stall_timeout: Duration::ZERO };
        let follower = Follower::new(engine.clone(), Subscriber::new(pool.clone(), subscriber), held);
        let rollouts = Rollouts {
            coordinator: coordinator.clone(),
            media: coordinator.media(PICTURE_BYTES),
            processor: Arc::new(processor),
            pool,
            engine: engine.clone(),
            scorer: Scorer::connect(&reward_server, Duration::from_secs_f64(actor.score_timeout_seconds)),
            metrics: metrics.clone(),
            traces: GroupTraces::of(&config.run),
        };
        let bounds = Bounds {
            max_groups: actor.max_groups as usize,
            max_completions: actor.max_completions as usize,
            group_size: largest_group(&config),
        };
        Ok((engine, Intake::new(Arc::new(rollouts), follower, bounds, leave.clone())))
    }
}

fn engine_config(config: &RunConfig, processor: &Processor) -> engine::Config {
    let actor = &config.actor;
    let limits = Limits {
        max_groups: actor.max_groups as usize,
        max_completions: actor.max_completions as usize,
        cache_bytes: actor.cache_bytes,
    };
    engine::Config {
        limits,
        stop_token_ids: processor.eos_token_ids().to_vec(),
        num_threads: actor.threads as usize,
        policy_version: gradus_types::PolicyVersion(0),
    }
}

/// Returns the completions of the largest group that a run file asks for.
fn largest_group(config: &RunConfig) -> usize {
    let trained = config.stages.iter().filter_map(|stage| match &stage.kind {
        StageKind::Rl(rl) => Some(rl.sampling.num_completions),
        StageKind::Sft(_) => None,
    });
    let evaluated = config.evaluation.as_ref().map(|evaluation| evaluation.num_completions);
    trained.chain(evaluated).max().unwrap_or(1) as usize
}

/// Once the shutdown is asked for, lets what is being sampled finish, for a while. An engine that has failed finishes nothing.
async fn drain(engine: Handle, stop: Shutdown, leave: Shutdown) {
    if stop.unless_triggered(engine.ended()).await.is_some() {
        error!("the engine has ended, all leases are returned");
        stop.trigger();
        return leave.trigger();
    }
    if let Err(error) = engine.drain().await {
        warn!(%error, "the engine cannot be drained");
    }
    tokio::time::sleep(DRAIN).await;
    warn!(drain_seconds = DRAIN.as_secs(), "groups are still in flight, their leases are returned");
    leave.trigger();
}

/// Serves health on a socket of the run directory that is named after the actor.
async fn health(
    config: &RunConfig,
    registry: &gradus_telemetry::Metrics,
    leave: &Shutdown,
) -> Result<Task<Result<(), Error>>, Error> {
    let path = config.run.directory.join("sockets").join(format!("{}.sock", config.actor.name));
    let failed = |source| Error::Endpoint { key: "actor.name", source };
    let listener = Listener::bind(&Endpoint::Unix { path }).await.map_err(failed)?;
    let (server, leave) = (Server::new(registry), leave.clone());
    Ok(spawn("health", async move { server.serve(listener, leave).await.map_err(failed) }))
}

/// Serves the metrics over HTTP where the run file asks for it.
async fn metrics_page(
    config: &RunConfig,
    registry: &gradus_telemetry::Metrics,
    leave: &Shutdown,
) -> Result<Option<Task<Result<(), Error>>>, Error> {
    const KEY: &str = "actor.http";
    let Some(address) = &config.actor.http else { return Ok(None) };
    let failed = |source| Error::Endpoint { key: KEY, source };
    let listener = HttpListener::bind(&endpoint(KEY, address)?).await.map_err(failed)?;
    listener.write_address(&config.run.directory.join(format!("{}.http-address", config.actor.name)));
    let (router, leave) = (metrics_router(registry.clone()), leave.clone());
    Ok(Some(spawn("metrics", async move { listener.serve(router, leave).await.map_err(failed) })))
}

fn endpoint(key: &'static str, text: &str) -> Result<Endpoint, Error> {
    text.parse().map_err(|source| Error::Endpoint { key, source })
}

/// Says that the actor lives, and hears when the run is over.
struct Heartbeat {
    coordinator: Coordinator,
    engine: Handle,
    metrics: Metrics,
    phase: watch::Receiver<Phase>,
}

impl Heartbeat {
    async fn run(self, max_silence_seconds: f64, stop: Shutdown) {
        let mut interval = tokio::time::interval(Duration::from_secs_f64(max_silence_seconds / BEATS_PER_TIMEOUT));
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            interval.tick().await;
            let statistics = self.engine.statistics();
            self.metrics.observe(&statistics);
            let phase = match *self.phase.borrow() {
                Phase::Sampling if statistics.num_live_completions == 0 => "waiting",
                Phase::Sampling => "sampling",
                Phase::Swapping => "swapping",
                Phase::Draining => "draining",
            };
            match self.coordinator.beat(phase).await {
                Ok(true) => stop.trigger(),
                Ok(false) => {}
                Err(error) => debug!(%error, "the coordinator did not hear this actor"),
            }
        }
    }
}
