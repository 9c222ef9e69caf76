//! The reward server as a process runs it.

use std::path::Path;

use gradus_config::{RewardSection, RewardServer, RunConfig, StageKind};
use gradus_rpc::{Endpoint, Listener, Server, serve_http, stub};
use gradus_runtime::Shutdown;
use gradus_telemetry::Metrics;
use tracing::info;

use crate::{
    Error, Scorer,
    admission::{max_calls, max_message_bytes},
    custom::Customs,
    grpc::Grpc,
    http,
    metrics::CustomMetrics,
    reward::CompiledReward,
};

/// The reward server, ready to run.
#[derive(Debug)]
pub struct Service {
    endpoint: Endpoint,
    http: Option<Endpoint>,
    config: RewardServer,
    scorer: Scorer,
    metrics: Metrics,
}

impl Service {
    /// Checks what the reward server needs of a run file: its addresses, its scorers, and every reward.
    pub fn check(config: &RunConfig) -> Result<(), Error> {
        addresses(config)?;
        let metrics = CustomMetrics::new(&Metrics::new("reward-server"));
        check_rewards(config, &Customs::new(&config.reward_server, Path::new(""), &metrics)?)
    }

    /// Prepares the server that a run file describes.
    pub fn open(config: &RunConfig) -> Result<Self, Error> {
        let (endpoint, http) = addresses(config)?;
        let metrics = Metrics::new("reward-server");
        let scorer = Scorer::new(&config.reward_server, &metrics)?;
        check_rewards(config, scorer.customs())?;
        Ok(Self { endpoint, http, config: config.reward_server.clone(), scorer, metrics })
    }

    /// Serves until the shutdown, and then until the calls in progress are done.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), Error> {
        self.scorer.start().await?;
        let listener = Listener::bind(&self.endpoint).await?;
        let service =
            stub::reward_server(Grpc::new(self.scorer.clone(), self.config.max_stream_groups, shutdown.clone()));
        let service = service.max_decoding_message_size(max_message_bytes(&self.config));
        // A call over the bound is refused before its message is read; a stream counts until it ends.
        let server = Server::new(&self.metrics).with(service).max_calls(max_calls(&self.config) as usize);
        let grpc = server.serve(listener, shutdown.clone());
        match self.http {
            None => grpc.await?,
            Some(endpoint) => {
                let router = http::router(&self.config, self.scorer, self.metrics);
                let http = serve_http(&endpoint, router, shutdown, |_| {});
                tokio::try_join!(grpc, http)?;
            }
        }
        info!("drained");
        Ok(())
    }
}

/// Checks every reward of a run file, as far as that can be done without a record.
fn check_rewards(config: &RunConfig, customs: &Customs) -> Result<(), Error> {
    let check_reward = |place: &str, reward: &RewardSection| {
        CompiledReward::check(&reward.components, customs)
            .map_err(|source| Error::Reward { place: place.to_owned(), source })
    };
    check_reward("`reward_server.reward`", &config.reward_server.reward)?;
    for stage in &config.stages {
        if let StageKind::Rl(rl) = &stage.kind {
            check_reward(&format!("stage `{}`", stage.name), &rl.reward)?;
        }
    }
    match &config.evaluation {
        Some(evaluation) => check_reward("the evaluation", &evaluation.reward),
        None => Ok(()),
    }
}

/// Reads the addresses of the gRPC and HTTP faces.
fn addresses(config: &RunConfig) -> Result<(Endpoint, Option<Endpoint>), Error> {
    let http = config.reward_server.http.as_deref().map(str::parse).transpose()?;
    Ok((config.reward_server_endpoint().parse()?, http))
}
