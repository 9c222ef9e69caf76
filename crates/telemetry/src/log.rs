//! Set-up of logs and traces of a process, once, at its start.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    sync::Mutex,
};

use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::{
    EnvFilter, Layer, fmt, fmt::format::JsonFields, layer::SubscriberExt, registry::LookupSpan, util::SubscriberInitExt,
};

use crate::{
    Error,
    format::{Compact, JsonLines},
    trace,
};

/// Which process of which run is speaking. Every log line and trace says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The run's name.
    pub run: String,
    /// The service, such as `coordinator`.
    pub service: &'static str,
    /// The process among those of its service, such as `actor-0`; the service itself where there is one alone.
    pub instance: String,
    /// The rank, of a learner.
    pub rank: Option<u32>,
}

/// Keeps traces flowing; dropping it sends what is left.
#[derive(Debug)]
#[must_use = "dropping the guard ends the traces"]
pub struct Guard {
    traces: Option<SdkTracerProvider>,
    log_file: PathBuf,
}

/// Sends logs to standard error and to a file of this process in the run directory, and traces to the OTLP endpoint if there
/// is one. Where traces are wanted, call it within the runtime (`Runtime::within`), which sends them.
pub fn init(config: &gradus_config::Telemetry, run_directory: &Path, identity: Identity) -> Result<Guard, Error> {
    let filter =
        EnvFilter::try_new(&config.log).map_err(|source| Error::Filter { filter: config.log.clone(), source })?;
    let directory = config.log_directory.clone().unwrap_or_else(|| run_directory.join("logs"));
    let log_file = directory.join(format!("{}.jsonl", identity.instance));
    let file = open(&directory, &log_file)?;
    let traces = match &config.otlp_endpoint {
        Some(endpoint) => Some(trace::provider(endpoint, &identity)?),
        None => None,
    };
    tracing_subscriber::registry()
        .with(filter)
        .with(traces.as_ref().map(trace::layer))
        .with(to_terminal(&identity))
        .with(to_file(file, identity))
        .try_init()
        .map_err(|_| Error::Twice)?;
    Ok(Guard { traces, log_file })
}

fn open(directory: &Path, log_file: &Path) -> Result<File, Error> {
    fs::create_dir_all(directory).map_err(|source| Error::Open { path: directory.to_owned(), source })?;
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(log_file)
        .map_err(|source| Error::Open { path: log_file.to_owned(), source })
}

fn to_terminal<S: tracing::Subscriber + for<'a> LookupSpan<'a>>(identity: &Identity) -> impl Layer<S> + use<S> {
    fmt::layer().with_ansi(io::stderr().is_terminal()).event_format(Compact::new(identity)).with_writer(io::stderr)
}

fn to_file<S: tracing::Subscriber + for<'a> LookupSpan<'a>>(file: File, identity: Identity) -> impl Layer<S> {
    fmt::layer()
        .with_ansi(false)
        .fmt_fields(JsonFields::new())
        .event_format(JsonLines::new(&identity))
        .with_writer(Mutex::new(file))
}

// === impl Identity ===

impl Identity {
    /// Names the single process of a service.
    #[must_use]
    pub fn of_service(run: &gradus_config::Run, service: &'static str) -> Self {
        Self { run: run.name.clone(), service, instance: service.to_owned(), rank: None }
    }

    /// Names an actor, such as `actor-0`.
    #[must_use]
    pub fn of_actor(run: &gradus_config::Run, name: &str) -> Self {
        Self { run: run.name.clone(), service: "actor", instance: name.to_owned(), rank: None }
    }

    /// Names a learner rank.
    #[must_use]
    pub fn of_learner(run: &gradus_config::Run, rank: u32) -> Self {
        Self { run: run.name.clone(), service: "learner", instance: format!("learner-{rank}"), rank: Some(rank) }
    }
}

// === impl Guard ===

impl Guard {
    /// Returns the file that this process logs to.
    #[must_use]
    pub fn log_file(&self) -> &Path {
        &self.log_file
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(traces) = self.traces.take()
            && let Err(error) = traces.shutdown()
        {
            tracing::warn!(%error, "some traces were not sent");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_filter_is_refused_with_its_text() {
        let config = gradus_config::Telemetry { log: "gradus=loudest".to_owned(), ..Default::default() };
        let directory = tempfile::tempdir().unwrap();
        let identity = Identity { run: "r".into(), service: "actor", instance: "actor-0".into(), rank: None };
        let error = init(&config, directory.path(), identity).unwrap_err();
        assert!(error.to_string().contains("`telemetry.log = \"gradus=loudest\"`"), "{error}");
    }

    #[test]
    fn traces_without_a_runtime_are_refused() {
        let endpoint = Some("http://127.0.0.1:4317".to_owned());
        let config = gradus_config::Telemetry { otlp_endpoint: endpoint, ..Default::default() };
        let directory = tempfile::tempdir().unwrap();
        let identity = Identity { run: "r".into(), service: "actor", instance: "actor-0".into(), rank: None };
        let error = init(&config, directory.path(), identity).unwrap_err();
        assert!(matches!(error, Error::NoRuntime));
    }
}
