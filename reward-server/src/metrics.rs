//! What the reward server measures for its operators.

use std::sync::{Arc, Mutex, PoisonError, atomic::AtomicU64};

use gradus_telemetry::Metrics;
use gradus_types::UnscoredReason;
use gradus_verify::Score;
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
};

use crate::batch::Failure;

/// The metrics of scoring.
#[derive(Clone, Debug)]
pub struct ScoreMetrics {
    samples: Family<SampleLabels, Counter>,
    undecided: Counter,
    panics: Counter,
    refused_groups: Counter,
    refused_calls: Counter,
    groups: Gauge,
    unscored_ratio: Gauge<f64, AtomicU64>,
    recent_ratio: Arc<Mutex<f64>>,
}

/// The alert's memory: about so many samples.
const RECENT_SAMPLES: f64 = 1_000.0;

/// The metrics of scorers that users brought.
#[derive(Clone, Debug)]
pub struct CustomMetrics {
    samples: Family<CustomLabels, Counter>,
    restarts: Family<ScorerLabels, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CustomLabels {
    scorer: String,
    outcome: SampleOutcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ScorerLabels {
    scorer: String,
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
        let panics = "Panics of the scoring of a sample or the work on a call, each a defect of the reward server";
        let refused_calls = "HTTP calls refused for overload before they were read";
        let unscored_ratio = "Share of about the last 1,000 samples that could not be scored";
        Self {
            samples: metrics.register("samples", samples, Family::default()),
            undecided: metrics.register("undecided_answers", undecided, Counter::default()),
            panics: metrics.register("panics", panics, Counter::default()),
            refused_groups: metrics.register("refused_groups", "Groups refused for overload", Counter::default()),
            refused_calls: metrics.register("refused_http_calls", refused_calls, Counter::default()),
            groups: metrics.register("groups_in_progress", "Groups waiting or being scored", Gauge::default()),
            unscored_ratio: metrics.register("unscored_ratio", unscored_ratio, Gauge::default()),
            recent_ratio: Arc::default(),
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

    /// Counts an HTTP call that was refused before it was read.
    pub fn refuse_call(&self) {
        self.refused_calls.inc();
    }

    /// Counts a panic.
    pub fn panicked(&self) {
        self.panics.inc();
    }

    /// Counts what became of samples, and the answers of each component that could not be decided.
    pub fn samples(&self, results: &[Result<Score, Failure>]) {
        for result in results {
            match result {
                Ok(score) => _ = self.undecided.inc_by(score.num_undecided() as u64),
                Err(failure) if failure.is_panic => self.panicked(),
                Err(_) => {}
            }
        }
        let mut recent = self.recent_ratio.lock().unwrap_or_else(PoisonError::into_inner);
        for outcome in [SampleOutcome::Scored, SampleOutcome::Timeout, SampleOutcome::Error] {
            let number = results.iter().filter(|result| SampleOutcome::of(result) == outcome).count();
            if number > 0 {
                self.samples.get_or_create(&SampleLabels { outcome }).inc_by(number as u64);
            }
            let target = if outcome == SampleOutcome::Scored { 0.0 } else { 1.0 };
            *recent = target + (*recent - target) * (-(number as f64) / RECENT_SAMPLES).exp();
        }
        self.unscored_ratio.set(*recent);
    }
}

impl CustomMetrics {
    /// Registers the metrics.
    pub fn new(metrics: &Metrics) -> Self {
        let samples = "Samples of a custom scorer by what became of them";
        Self {
            samples: metrics.register("scorer_samples", samples, Family::default()),
            restarts: metrics.register("scorer_restarts", "Workers that were replaced", Family::default()),
        }
    }

    /// Counts a sample of a scorer.
    pub fn count(&self, scorer: &str, failure: Option<&Failure>) {
        let outcome = match failure.map(|failure| failure.reason) {
            None => SampleOutcome::Scored,
            Some(UnscoredReason::Timeout) => SampleOutcome::Timeout,
            Some(_) => SampleOutcome::Error,
        };
        self.samples.get_or_create(&CustomLabels { scorer: scorer.to_owned(), outcome }).inc();
    }

    /// Counts a worker that was replaced.
    pub fn restarted(&self, scorer: &str) {
        self.restarts.get_or_create(&ScorerLabels { scorer: scorer.to_owned() }).inc();
    }
}

impl SampleOutcome {
    const fn of(result: &Result<Score, Failure>) -> Self {
        match result {
            Ok(_) => Self::Scored,
            Err(Failure { reason: UnscoredReason::Timeout, .. }) => Self::Timeout,
            Err(_) => Self::Error,
        }
    }
}

impl Drop for GroupInServer {
    fn drop(&mut self) {
        self.0.dec();
    }
}
