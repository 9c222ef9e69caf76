//! The server's end: gRPC services behind their layers, with a health service, drained on shutdown.

use std::{convert::Infallible, io, sync::Arc};

use axum::response::IntoResponse;
use gradus_runtime::Shutdown;
use gradus_telemetry::Metrics;
use http::Request;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_stream::{Stream, wrappers::UnixListenerStream};
use tonic::{
    body::Body,
    server::NamedService,
    service::RoutesBuilder,
    transport::{
        self,
        server::{Connected, TcpIncoming},
    },
};
use tonic_health::{ServingStatus, server::HealthReporter};
use tower::{Service, layer::layer_fn};
use tracing::info;

use crate::{
    CallMetrics, Error, Extract, Layered, Listener, LoadShed, Measure,
    channel::{CONNECTION_WINDOW_BYTES, KEEP_ALIVE_INTERVAL, KEEP_ALIVE_TIMEOUT, STREAM_WINDOW_BYTES},
    listener::Socket,
};

/// gRPC services that share a socket.
#[derive(Debug)]
pub struct Server {
    routes: RoutesBuilder,
    names: Vec<&'static str>,
    metrics: CallMetrics,
    max_calls: usize,
}

// === impl Server ===

impl Server {
    /// Makes a server of nothing but health, whose calls are counted in the registry.
    #[must_use]
    pub fn new(metrics: &Metrics) -> Self {
        let metrics = CallMetrics::new(metrics);
        Self { routes: RoutesBuilder::default(), names: Vec::new(), metrics, max_calls: usize::MAX }
    }

    /// Adds a service, made by [`stub`](crate::stub).
    #[must_use]
    pub fn with<S>(mut self, service: S) -> Self
    where
        S: Service<Request<Body>, Error = Infallible> + NamedService + Clone + Send + Sync + 'static,
        S::Response: IntoResponse,
        S::Future: Send + 'static,
    {
        self.names.push(S::NAME);
        self.routes.add_service(service);
        self
    }

    /// Bounds the calls in progress; others are answered `RESOURCE_EXHAUSTED`.
    #[must_use]
    pub const fn max_calls(mut self, max_calls: usize) -> Self {
        self.max_calls = max_calls;
        self
    }

    /// Serves until the shutdown, then takes no new calls and returns when those in progress are done.
    pub async fn serve(self, listener: Listener, shutdown: Shutdown) -> Result<(), Error> {
        let endpoint = listener.endpoint().clone();
        info!(%endpoint, "serving gRPC");
        let served = match listener.socket {
            Socket::Tcp(listener) => {
                self.serve_on(TcpIncoming::from(listener).with_nodelay(Some(true)), shutdown).await
            }
            Socket::Unix(listener, _file) => self.serve_on(UnixListenerStream::new(listener), shutdown).await,
        };
        served.map_err(|source| Error::Serve { endpoint, source })
    }

    async fn serve_on<I, C>(mut self, incoming: I, shutdown: Shutdown) -> Result<(), transport::Error>
    where
        I: Stream<Item = io::Result<C>>,
        C: AsyncRead + AsyncWrite + Connected + Unpin + Send + 'static,
    {
        let (health, health_service) = tonic_health::server::health_reporter();
        self.routes.add_service(health_service);
        announce(&health, &self.names, ServingStatus::Serving).await;
        let Self { routes, names, metrics, max_calls } = self;
        let measured: Arc<[&'static str]> = Arc::from(names.as_slice());
        let layers = layer_fn(move |routes| {
            let service = Layered::new(Extract, Layered::new(LoadShed::new(max_calls), routes));
            Layered::new(Measure::new(metrics.clone(), Arc::clone(&measured)), service)
        });
        let drain = async move {
            shutdown.triggered().await;
            announce(&health, &names, ServingStatus::NotServing).await;
        };
        transport::Server::builder()
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .http2_keepalive_interval(Some(KEEP_ALIVE_INTERVAL))
            .http2_keepalive_timeout(Some(KEEP_ALIVE_TIMEOUT))
            .layer(layers)
            .add_routes(routes.routes())
            .serve_with_incoming_shutdown(incoming, drain)
            .await
    }
}

/// Tells health checks about the server as a whole and about each service.
async fn announce(health: &HealthReporter, services: &[&'static str], status: ServingStatus) {
    for service in services.iter().chain(&[""]) {
        health.set_service_status(service, status).await;
    }
}

#[cfg(test)]
mod tests;
