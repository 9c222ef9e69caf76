//! The client's end: a connection that is made when it is first used, and again when it is lost.

use std::{pin::Pin, time::Duration};

use http::{Response, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpStream, UnixStream};
use tonic::{body::Body, transport};
use tower::{BoxError, service_fn};

use crate::{Deadline, Endpoint, Inject, Layered, Retry, RetryPolicy};

/// The window of a stream and of a connection, in bytes: weights and media should not wait for acknowledgements.
pub(crate) const STREAM_WINDOW_BYTES: u32 = 8 << 20;
pub(crate) const CONNECTION_WINDOW_BYTES: u32 = 32 << 20;

/// How often an idle connection is probed, and how long a probe may go unanswered, so that a peer that vanished is noticed.
pub(crate) const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(10);
pub(crate) const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(20);

/// The future of an answer.
pub(crate) type ResponseFuture = Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>>;

/// A client's connection with its layers. Cheap to clone; clones share the connection.
pub type Channel = Layered<Inject, Layered<Deadline, Layered<Retry, transport::Channel>>>;

/// How a client calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientConfig {
    /// The longest time to make a connection.
    pub connect_timeout: Duration,
    /// The deadline of calls that state none.
    pub deadline: Duration,
    /// How idempotent calls are repeated.
    pub retry: RetryPolicy,
    /// How often a silent connection is probed. Servers that are not ours may take probes amiss, and hang up.
    pub probe_interval: Option<Duration>,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            deadline: Duration::from_secs(30),
            retry: RetryPolicy::default(),
            probe_interval: Some(KEEP_ALIVE_INTERVAL),
        }
    }
}

/// Makes a channel to an endpoint, with the usual deadlines and retries. Nothing is dialled yet.
///
/// # Panics
///
/// Panics outside an async runtime.
#[must_use]
pub fn connect(endpoint: &Endpoint) -> Channel {
    connect_with(endpoint, &ClientConfig::default())
}

/// Makes a channel to an endpoint. Nothing is dialled yet.
///
/// # Panics
///
/// Panics outside an async runtime.
#[must_use]
pub fn connect_with(endpoint: &Endpoint, config: &ClientConfig) -> Channel {
    // The URI only fills the `:authority` of requests; the connector below knows where to dial.
    let mut transport = transport::Endpoint::from_static("http://gradus")
        .connect_timeout(config.connect_timeout)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
        .keep_alive_while_idle(true);
    if let Some(interval) = config.probe_interval {
        transport = transport.http2_keep_alive_interval(interval);
    }
    let channel = match endpoint.clone() {
        Endpoint::Tcp { host, port } => transport.connect_with_connector_lazy(service_fn(move |_: Uri| {
            let address = (host.clone(), port);
            async move {
                let stream = TcpStream::connect((address.0.as_str(), address.1)).await?;
                stream.set_nodelay(true)?;
                Ok::<_, std::io::Error>(TokioIo::new(stream))
            }
        })),
        Endpoint::Unix { path } => transport.connect_with_connector_lazy(service_fn(move |_: Uri| {
            let path = path.clone();
            async move { Ok::<_, std::io::Error>(TokioIo::new(UnixStream::connect(path).await?)) }
        })),
    };
    let repeated = Layered::new(Retry::new(config.retry.clone()), channel);
    Layered::new(Inject, Layered::new(Deadline::new(config.deadline), repeated))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Reads the status of an answer that has no message.
    pub(crate) fn code_of(response: &Response<Body>) -> tonic::Code {
        tonic::Status::from_header_map(response.headers()).map_or(tonic::Code::Ok, |status| status.code())
    }
}
