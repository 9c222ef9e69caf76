//! What can go wrong with logs, traces and scalars.

use std::{io, path::PathBuf};

/// Telemetry that could not be set up or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The log filter is not in the form of `RUST_LOG`.
    #[error("failed to read `telemetry.log = \"{filter}\"`: write it as `info` or `info,gradus_actor=debug`")]
    Filter {
        /// The filter as given.
        filter: String,
        /// What the parser said.
        source: tracing_subscriber::filter::ParseError,
    },
    /// A directory or file cannot be written.
    #[error("failed to open `{path}` for writing")]
    Open {
        /// The directory or file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The process has a subscriber already.
    #[error("failed to set up logs: this process has done so before")]
    Twice,
    /// Traces cannot be sent to the OTLP endpoint.
    #[error("failed to set up traces to `telemetry.otlp_endpoint = \"{endpoint}\"`")]
    Traces {
        /// The endpoint as given.
        endpoint: String,
        /// What the exporter said.
        source: opentelemetry_otlp::ExporterBuildError,
    },
    /// Traces were asked for outside an async runtime, which sends them.
    #[error("failed to set up traces: call `init` within the runtime")]
    NoRuntime,
    /// A scalar's name is not `area/name[/stat]`.
    #[error("failed to record scalar `{name}`: its name must be `area/name[/stat]` of `a-z`, `0-9`, `_`, `.` and `-`")]
    ScalarName {
        /// The name as given.
        name: String,
    },
    /// Scalars cannot be written or read.
    #[error("failed to {action} scalars in `{path}`")]
    Scalars {
        /// What was attempted: `read` or `append`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}
