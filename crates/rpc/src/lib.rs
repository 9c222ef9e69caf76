//! gRPC servers and clients of Gradus, and the layers every call passes through.
//!
//! ```text
//! client: stub → Propagate → Deadline → Retry ──► wire ──► Measure → Propagate → LoadShed → service
//! ```
//!
//! A service binds a [`Listener`], adds its stubs to a [`Server`] and serves until the shutdown; a client gets a [`Channel`]
//! from [`connect`], which dials when it is first used and again whenever the connection is lost. [`stub`] makes the typed ends.
//! Errors cross the wire as one of a few [`Code`]s, which also say whether a retry is sane.
//!
//! ```
//! use gradus_rpc::{Endpoint, connect, idempotent, stub};
//! use gradus_proto::v1::HeartbeatRequest;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let endpoint: Endpoint = "unix:runs/demo/sockets/coordinator.sock".parse()?;
//! let mut coordinator = stub::coordinator(connect(&endpoint));
//! let beat = idempotent(HeartbeatRequest { member: "actor-0".to_owned(), ..Default::default() });
//! // coordinator.heartbeat(beat).await
//! # let _ = (&mut coordinator, beat);
//! # Ok::<(), gradus_rpc::Error>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod channel;
mod code;
mod collect;
mod deadline;
mod endpoint;
mod error;
mod http_server;
mod layer;
mod listener;
mod load_shed;
mod measure;
mod media;
mod propagate;
mod recovery;
mod retry;
mod server;
pub mod stub;

pub use channel::{Channel, ClientConfig, connect, connect_with};
pub use code::{CallError, Code, ServiceError, status};
pub use collect::collect;
pub use deadline::Deadline;
pub use endpoint::Endpoint;
pub use error::Error;
pub use http_server::{HttpListener, metrics_page, metrics_router, serve_http};
pub use layer::{Around, Calls, Layered};
pub use listener::Listener;
pub use load_shed::LoadShed;
pub use measure::{CallMetrics, Measure};
pub use media::MediaClient;
pub use propagate::{Extract, Inject};
pub use recovery::{Jitter, Recovery, RetryPolicy, retry};
pub use retry::{Idempotent, Retry, idempotent};
pub use server::Server;
