//! The registry of a service's operational metrics, in Prometheus' text form.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use prometheus_client::{
    encoding::text,
    registry::{Metric, Registry},
};

use crate::process::Process;

/// The content type of [`Metrics::encode`].
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A registry whose metrics are named `<service>_<noun>_<unit>`, with those of the process beside them. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    service: &'static str,
    registry: Arc<Mutex<Registry>>,
}

// === impl Metrics ===

impl Metrics {
    /// Makes the registry of a service (`-` becomes `_`) and registers what every process measures.
    #[must_use]
    pub fn new(service: &'static str) -> Self {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Process));
        Self { service, registry: Arc::new(Mutex::new(registry)) }
    }

    /// Registers a metric and returns it, so that it can be declared and kept in one expression.
    ///
    /// Names are `noun_unit`; the registry adds the service before them and, to counters, `_total` after them. Metrics are
    /// cheap to clone and share their value.
    pub fn register<M: Metric + Clone>(&self, name: &str, help: &str, metric: M) -> M {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        let service = self.service.replace('-', "_");
        registry.sub_registry_with_prefix(service).register(name, help, metric.clone());
        metric
    }

    /// Writes all metrics in the OpenMetrics text form that Prometheus reads.
    #[must_use]
    pub fn encode(&self) -> String {
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        let mut page = String::new();
        text::encode(&mut page, &registry).expect("writing to a string cannot fail");
        page
    }

    /// Returns the content type that goes with [`encode`](Self::encode).
    #[must_use]
    pub const fn content_type() -> &'static str {
        CONTENT_TYPE
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Metrics").field("service", &self.service).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::metrics::{counter::Counter, gauge::Gauge};

    use super::*;

    #[test]
    fn metrics_are_named_after_their_service() {
        let metrics = Metrics::new("reward-server");
        let groups: Counter = metrics.register("scored_groups", "Groups that were scored", Counter::default());
        let queued: Gauge = metrics.register("queued_groups", "Groups that wait", Gauge::default());
        groups.inc_by(3);
        queued.set(2);
        let page = metrics.encode();
        assert!(page.contains("\nreward_server_scored_groups_total 3\n"), "{page}");
        assert!(page.contains("\nreward_server_queued_groups 2\n"), "{page}");
    }

    #[test]
    fn the_process_measures_itself() {
        let page = Metrics::new("actor").encode();
        let line = page.lines().find(|line| line.starts_with("process_resident_memory_bytes ")).unwrap();
        let bytes: f64 = line.split(' ').nth(1).unwrap().parse().unwrap();
        assert!(bytes > 100_000.0, "{line}");
    }
}
