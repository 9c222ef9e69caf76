//! What the coordinator measures for its operators, read from the run's status whenever it is asked for.

use gradus_telemetry::Metrics;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{family::Family, gauge::Gauge},
};
use std::sync::atomic::AtomicU64;

use crate::report::{AccountReport, RunReport};

/// A gauge of floating-point values.
type Value = Gauge<f64, AtomicU64>;

/// The metrics of a coordinator.
#[derive(Clone, Debug)]
pub struct RunMetrics {
    registry: Metrics,
    step: Gauge,
    stage: Gauge,
    policy_version: Gauge,
    generation: Gauge,
    members: Gauge,
    evaluations: Gauge,
    repeated_steps: Gauge,
    diverged_steps: Gauge,
    openings: Gauge,
    seconds_per_step: Value,
    zero_variance_ratio: Value,
    groups: Family<GroupLabels, Gauge>,
    accuracy: Family<SetLabels, Value>,
    scalars: Family<ScalarLabels, Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct GroupLabels {
    purpose: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SetLabels {
    set: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ScalarLabels {
    name: String,
}

impl RunMetrics {
    /// Registers the metrics.
    #[must_use]
    pub fn new(registry: Metrics) -> Self {
        let gauge = |name: &str, help: &str| registry.register(name, help, Gauge::<i64>::default());
        let value = |name: &str, help: &str| registry.register(name, help, Value::default());
        Self {
            step: gauge("step", "Steps that are complete"),
            stage: gauge("stage", "The position of the stage under way"),
            policy_version: gauge("policy_version", "The policy version that actors sample from"),
            generation: gauge("world_generation", "The learner generation; every one after the first was a restart"),
            members: gauge("members", "Processes that were heard within the heartbeat timeout"),
            evaluations: gauge("evaluations", "Evaluations that are complete"),
            repeated_steps: gauge("repeated_steps", "Steps that were repeated after a learner's crash"),
            diverged_steps: gauge("diverged_steps", "Repeated steps that made other weights than the first time"),
            openings: gauge("openings", "Starts of the coordinator"),
            seconds_per_step: value("step_seconds", "Time of a step, over the last ones"),
            zero_variance_ratio: value("zero_variance_ratio", "Share of the last batch's groups with nothing to learn"),
            groups: registry.register("groups", "Groups by purpose and outcome", Family::default()),
            accuracy: registry.register("accuracy_ratio", "Accuracy of the last evaluation", Family::default()),
            scalars: registry.register("training_scalar", "Training scalars of the last step", Family::default()),
            registry,
        }
    }

    /// Writes all metrics as the run's status says.
    #[must_use]
    pub fn encode(&self, report: &RunReport) -> String {
        self.step.set(signed(report.step));
        self.stage.set(i64::from(report.stage));
        self.policy_version.set(report.policy_version.map_or(-1, signed));
        self.generation.set(signed(report.world.generation));
        self.members.set(report.members.iter().filter(|member| !member.is_gone).count() as i64);
        self.evaluations.set(report.evaluations.len() as i64);
        self.repeated_steps.set(signed(report.counters.repeated_steps));
        self.diverged_steps.set(signed(report.counters.diverged_steps));
        self.openings.set(signed(report.counters.openings));
        self.seconds_per_step.set(report.seconds_per_step.unwrap_or(f64::NAN));
        self.zero_variance_ratio.set(report.zero_variance_share.unwrap_or(f64::NAN));
        self.set_groups("train", &report.ledger.training);
        self.set_groups("evaluate", &report.ledger.evaluation);
        for set in report.evaluations.last().into_iter().flat_map(|evaluation| &evaluation.sets) {
            self.accuracy.get_or_create(&SetLabels { set: set.name.clone() }).set(set.overall.accuracy);
        }
        for (name, value) in &report.scalars {
            self.scalars.get_or_create(&ScalarLabels { name: name.clone() }).set(*value);
        }
        self.registry.encode()
    }

    fn set_groups(&self, purpose: &'static str, account: &AccountReport) {
        let AccountReport { ledger, live } = account;
        for (outcome, count) in [
            ("lent", ledger.lent),
            ("consumed", ledger.consumed),
            ("stale", ledger.stale),
            ("unscored", ledger.unscored),
            ("expired", ledger.expired),
            ("returned", ledger.returned),
            ("quarantined", ledger.quarantined),
            ("duplicate", ledger.duplicates),
            ("in_flight", live.in_flight),
            ("waiting", live.waiting),
        ] {
            self.groups.get_or_create(&GroupLabels { purpose, outcome }).set(signed(count));
        }
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
