//! Plain HTTP beside gRPC: status, metrics and the APIs that other frameworks call.

use gradus_runtime::Shutdown;
use tracing::info;

use crate::{Endpoint, Error, listener};

/// Serves a router on a TCP endpoint until the shutdown, then lets requests in progress finish.
///
/// `bound` is told the address before the first request is served, with the port that the operating system chose for port 0.
pub async fn serve_http(
    endpoint: &Endpoint,
    router: axum::Router,
    shutdown: Shutdown,
    bound: impl FnOnce(&Endpoint),
) -> Result<(), Error> {
    let Endpoint::Tcp { host, port } = endpoint else {
        return Err(Error::Endpoint { text: endpoint.to_string(), reason: "HTTP is served on TCP ports alone" });
    };
    let (listener, endpoint) = listener::bind_tcp(host, *port).await?;
    info!(%endpoint, "serving HTTP");
    bound(&endpoint);
    axum::serve(listener, router)
        .with_graceful_shutdown(async move { shutdown.triggered().await })
        .await
        .map_err(|source| Error::ServeHttp { endpoint, source })
}
