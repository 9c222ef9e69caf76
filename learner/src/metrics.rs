//! What a rank counts for its operators.

use std::time::Duration;

use gradus_types::Step;
use prometheus_client::metrics::{
    counter::Counter,
    gauge::Gauge,
    histogram::{Histogram, exponential_buckets},
};

/// A rank's metrics. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Metrics {
    step: Gauge,
    world_generation: Gauge,
    steps: Counter,
    step_duration: Histogram,
}

// === impl Metrics ===

impl Metrics {
    /// Registers a rank's metrics.
    #[must_use]
    pub fn new(registry: &gradus_telemetry::Metrics) -> Self {
        // 10 ms to 44 minutes: from a model for tests to one that fills its device.
        let durations = Histogram::new(exponential_buckets(0.01, 4.0, 10));
        Self {
            step: registry.register("step", "The last step that this rank has finished", Gauge::default()),
            world_generation: registry.register(
                "world_generation",
                "The generation of the world that this rank is in",
                Gauge::default(),
            ),
            steps: registry.register("steps", "Steps that this process has finished", Counter::default()),
            step_duration: registry.register(
                "step_duration_seconds",
                "Time of a step, from the coordinator's answer on",
                durations,
            ),
        }
    }

    /// Notes the world that the rank has joined.
    pub fn join(&self, generation: u64) {
        self.world_generation.set(i64::try_from(generation).unwrap_or(i64::MAX));
    }

    /// Notes a finished step.
    pub fn finish(&self, step: Step, duration: Duration) {
        self.step.set(i64::try_from(step.0).unwrap_or(i64::MAX));
        self.steps.inc();
        self.step_duration.observe(duration.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finished_steps_are_counted_and_timed() {
        let registry = gradus_telemetry::Metrics::new("learner");
        let metrics = Metrics::new(&registry);
        metrics.join(2);
        metrics.finish(Step(7), Duration::from_secs(3));
        metrics.finish(Step(8), Duration::from_secs(1));
        let page = registry.encode();
        for line in [
            "learner_step 8",
            "learner_world_generation 2",
            "learner_steps_total 2",
            "learner_step_duration_seconds_sum 4.0",
        ] {
            assert!(page.contains(line), "{line} is not in {page}");
        }
    }
}
