//! What the reward server measures for its operators.

use gradus_telemetry::Metrics;
use gradus_types::{Reward, UnscoredReason};
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
};

/// The metrics of scoring.
#[derive(Clone, Debug)]
pub struct ScoreMetrics {
    samples: Family<SampleLabels, Counter>,
    undecided: Counter,
    refused_groups: Counter,
    groups: Gauge,
}

/// What became of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
enum SampleOutcome {
    Scored,
    Timeout,
    Error,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SampleLabels {
    outcome: SampleOutcome,
}

/// A group that counts as in the server until it is dropped.
#[derive(Debug)]
pub struct GroupInServer(Gauge);

impl ScoreMetrics {
    /// Registers the metrics.
    pub fn new(metrics: &Metrics) -> Self {
        let samples = "Samples by what became of them";
        let undecided = "Answers that could neither be found equal nor different";
        Self {
            samples: metrics.register("samples", samples, Family::default()),
            undecided: metrics.register("undecided_answers", undecided, Counter::default()),
            refused_groups: metrics.register("refused_groups", "Groups refused for overload", Counter::default()),
            groups: metrics.register("groups_in_progress", "Groups waiting or being scored", Gauge::default()),
        }
    }

    /// Counts a group in.
    pub fn enter(&self) -> GroupInServer {
        self.groups.inc();
        GroupInServer(self.groups.clone())
    }

    /// Counts a refused group.
    pub fn refuse(&self) {
        self.refused_groups.inc();
    }

    /// Counts an answer that could not be decided.
    pub fn undecided(&self) {
        self.undecided.inc();
    }

    /// Counts what became of a sample.
    pub fn sample(&self, reward: &Reward) {
        let outcome = match reward {
            Reward::Scored { .. } => SampleOutcome::Scored,
            Reward::Unscored { reason: UnscoredReason::Timeout, .. } => SampleOutcome::Timeout,
            Reward::Unscored { .. } => SampleOutcome::Error,
        };
        self.samples.get_or_create(&SampleLabels { outcome }).inc();
    }
}

impl Drop for GroupInServer {
    fn drop(&mut self) {
        self.0.dec();
    }
}
