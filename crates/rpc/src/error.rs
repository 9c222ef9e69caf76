//! What can go wrong before a call is made: addresses, sockets and servers.

use std::{io, path::PathBuf};

use crate::Endpoint;

/// A server or an address that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A text is no endpoint.
    #[error("failed to read endpoint `{text}`: {reason}; write `host:port`, `http://host:port` or `unix:PATH`")]
    Endpoint {
        /// The text as given.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Another process listens there.
    #[error(
        "failed to listen on `{endpoint}`: it is in use by another process; end that one or choose another endpoint"
    )]
    InUse {
        /// The endpoint.
        endpoint: Endpoint,
    },
    /// There is a file that is no socket where the socket should be.
    #[error(
        "failed to listen on `unix:{path}`: the file exists and is not a socket; remove it or choose another endpoint"
    )]
    NotASocket {
        /// The file.
        path: PathBuf,
    },
    /// The socket's path is longer than the operating system allows.
    #[error(
        "failed to listen on `unix:{path}`: the path has {length} bytes and sockets allow {limit}; \
         choose a shorter run directory or another endpoint"
    )]
    PathTooLong {
        /// The path.
        path: PathBuf,
        /// Its length in bytes.
        length: usize,
        /// The longest path allowed, in bytes.
        limit: usize,
    },
    /// The operating system refused to listen.
    #[error("failed to listen on `{endpoint}`")]
    Listen {
        /// The endpoint.
        endpoint: Endpoint,
        /// What the operating system said.
        source: io::Error,
    },
    /// A running gRPC server failed.
    #[error("failed to serve on `{endpoint}`")]
    Serve {
        /// The endpoint.
        endpoint: Endpoint,
        /// What the transport said.
        source: tonic::transport::Error,
    },
    /// A running HTTP server failed.
    #[error("failed to serve HTTP on `{endpoint}`")]
    ServeHttp {
        /// The endpoint.
        endpoint: Endpoint,
        /// What the operating system said.
        source: io::Error,
    },
}
