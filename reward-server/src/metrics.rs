//! The reward server's operational metrics.

use gradus_telemetry::Metrics;
use gradus_types::{Reward, UnscoredReason};
use prometheus_client::metrics::counter::Counter;

/// What is counted. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ScoreMetrics {
    scored: Counter,
    errors: Counter,
    timeouts: Counter,
    overloads: Counter,
}

impl ScoreMetrics {
    /// Registers the metrics.
    #[must_use]
    pub fn new(metrics: &Metrics) -> Self {
        let counter = |name, help| metrics.register(name, help, Counter::default());
        Self {
            scored: counter("samples_scored", "Samples that were scored"),
            errors: counter("samples_failed", "Samples whose scoring failed: they are masked, never zero"),
            timeouts: counter("samples_timed_out", "Samples that were not scored in time: they are masked, never zero"),
            overloads: counter("groups_refused", "Groups refused because too many were in progress"),
        }
    }

    pub(crate) fn count_sample(&self, reward: &Reward) {
        match reward {
            Reward::Scored { .. } => self.scored.inc(),
            Reward::Unscored { reason: UnscoredReason::Timeout, .. } => self.timeouts.inc(),
            Reward::Unscored { .. } => self.errors.inc(),
        };
    }

    pub(crate) fn count_overload(&self) {
        self.overloads.inc();
    }
}
