//! Plain HTTP beside gRPC: status, metrics and the APIs that other frameworks call.

use std::{fs, path::Path};

use axum::{
    Router,
    http::header::CONTENT_TYPE,
    routing::{MethodRouter, get},
};
use gradus_runtime::Shutdown;
use gradus_telemetry::Metrics;
use tokio::net::TcpListener;
use tracing::{info, warn};

use crate::{Endpoint, Error, listener};

/// A TCP port that HTTP will be served on.
#[derive(Debug)]
pub struct HttpListener {
    listener: TcpListener,
    endpoint: Endpoint,
}

/// Serves a router on a TCP endpoint until the shutdown, then lets requests in progress finish.
///
/// `bound` is told the address before the first request is served, with the port that the operating system chose for port 0.
///
/// # Errors
/// The endpoint cannot be served.
pub async fn serve_http(
    endpoint: &Endpoint,
    router: Router,
    shutdown: Shutdown,
    bound: impl FnOnce(&Endpoint),
) -> Result<(), Error> {
    let listener = HttpListener::bind(endpoint).await?;
    bound(&listener.endpoint);
    listener.serve(router, shutdown).await
}

/// Makes the routes of a process that has nothing to show but its metrics: `/metrics` and `/healthz`.
pub fn metrics_router(metrics: Metrics) -> Router {
    Router::new().route("/healthz", get(|| async { "ok" })).route("/metrics", metrics_page(metrics))
}

/// Makes the page that Prometheus reads.
pub fn metrics_page<S: Clone + Send + Sync + 'static>(metrics: Metrics) -> MethodRouter<S> {
    get(|| async move { ([(CONTENT_TYPE, Metrics::content_type())], metrics.encode()) })
}

// === impl HttpListener ===

impl HttpListener {
    /// Listens on a TCP endpoint, so that a port in use is reported before anything else is done.
    ///
    /// # Errors
    /// The endpoint is no TCP port, or cannot be listened on.
    pub async fn bind(endpoint: &Endpoint) -> Result<Self, Error> {
        let Endpoint::Tcp { host, port } = endpoint else {
            return Err(Error::Endpoint { text: endpoint.to_string(), reason: "HTTP is served on TCP ports alone" });
        };
        let (listener, endpoint) = listener::bind_tcp(host, *port).await?;
        info!(%endpoint, "serving HTTP");
        Ok(Self { listener, endpoint })
    }

    /// Writes the address into a file, for those who look for it: port 0 has become the port that the operating system chose. A
    /// file that cannot be written is no reason not to serve.
    pub fn write_address(&self, path: &Path) {
        // Whoever waits for the file finds the whole address in it.
        let aside = path.with_extension("new");
        let written = fs::write(&aside, self.endpoint.to_string()).and_then(|()| fs::rename(&aside, path));
        if let Err(error) = written {
            warn!(%error, path = %path.display(), "failed to note an HTTP address");
        }
    }

    /// Serves a router until the shutdown, then lets requests in progress finish.
    ///
    /// # Errors
    /// The port cannot be served.
    pub async fn serve(self, router: Router, shutdown: Shutdown) -> Result<(), Error> {
        let Self { listener, endpoint } = self;
        axum::serve(listener, router)
            .with_graceful_shutdown(async move { shutdown.triggered().await })
            .await
            .map_err(|source| Error::ServeHttp { endpoint, source })
    }
}
