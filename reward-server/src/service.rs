//! The reward server as a process runs it.

use gradus_config::{RunConfig, StageKind};
use gradus_rpc::{Endpoint, Listener, Server, serve_http, stub};
use gradus_runtime::Shutdown;
use gradus_telemetry::Metrics;
use gradus_verify::RewardPlan;
use tracing::info;

use crate::{Error, Scorer, grpc::Grpc, http};

/// The reward server, ready to run.
#[derive(Debug)]
pub struct Service {
    endpoint: Endpoint,
    http: Option<Endpoint>,
    scorer: Scorer,
    metrics: Metrics,
}

impl Service {
    /// Checks what the reward server needs of a run file: its addresses, and every reward.
    pub fn check(config: &RunConfig) -> Result<(), Error> {
        addresses(config)?;
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

    /// Prepares the server that a run file describes.
    pub fn open(config: &RunConfig) -> Result<Self, Error> {
        Self::check(config)?;
        let (endpoint, http) = addresses(config)?;
        let metrics = Metrics::new("reward-server");
        let scorer = Scorer::new(&config.reward_server, &metrics)?;
        Ok(Self { endpoint, http, scorer, metrics })
    }

    /// Serves until the shutdown, and then until the calls in progress are done.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), Error> {
        let listener = Listener::bind(&self.endpoint).await?;
        let service = stub::reward_server(Grpc::new(self.scorer.clone()));
        let grpc = Server::new(&self.metrics).with(service).serve(listener, shutdown.clone());
        match self.http {
            None => grpc.await?,
            Some(endpoint) => {
                let router = http::router(self.scorer, self.metrics);
                let http = serve_http(&endpoint, router, shutdown, |_| {});
                tokio::try_join!(grpc, http)?;
            }
        }
        info!("drained");
        Ok(())
    }
}

/// Reads the addresses of the gRPC and HTTP faces.
fn addresses(config: &RunConfig) -> Result<(Endpoint, Option<Endpoint>), Error> {
    let http = config.reward_server.http.as_deref().map(str::parse).transpose()?;
    Ok((config.reward_server_endpoint().parse()?, http))
}

fn check_reward(place: &str, reward: &gradus_config::RewardSection) -> Result<(), Error> {
    RewardPlan::check(&reward.components).map_err(|source| Error::Reward { place: place.to_owned(), source })
}
