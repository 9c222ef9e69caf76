//! The service: both faces of a scorer, until the shutdown.

use gradus_config::RunConfig;
use gradus_rpc::{Endpoint, Listener, Server, serve_http, stub};
use gradus_runtime::Shutdown;
use gradus_telemetry::Metrics;
use tracing::info;

use crate::{Error, Scorer, grpc, http, metrics::ScoreMetrics};

/// A reward server process.
#[derive(Debug)]
pub struct Service {
    endpoint: Endpoint,
    http: Option<String>,
    scorer: Scorer,
    metrics: Metrics,
}

impl Service {
    /// Prepares a server as the run file describes it.
    ///
    /// # Errors
    /// An endpoint is malformed, or the scoring threads cannot be started.
    pub fn new(config: &RunConfig) -> Result<Self, Error> {
        let metrics = Metrics::new("reward_server");
        let scorer = Scorer::new(&config.reward_server, ScoreMetrics::new(&metrics))?;
        let endpoint = config.reward_server_endpoint().parse()?;
        Ok(Self { endpoint, http: config.reward_server.http.clone(), scorer, metrics })
    }

    /// Serves until the shutdown; calls in progress are answered.
    ///
    /// # Errors
    /// An endpoint cannot be bound or served.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), Error> {
        let listener = Listener::bind(&self.endpoint).await?;
        info!(endpoint = %self.endpoint, http = self.http, "the reward server is ready");
        let service = stub::reward_server(grpc::Service::new(self.scorer.clone()));
        let grpc = Server::new(&self.metrics).with(service).serve(listener, shutdown.clone());
        match &self.http {
            Some(address) => {
                let router = http::router(self.scorer.clone(), self.metrics.clone());
                let endpoint = address.parse()?;
                tokio::try_join!(grpc, serve_http(&endpoint, router, shutdown, |_| {}))?;
            }
            None => grpc.await?,
        }
        Ok(())
    }
}
