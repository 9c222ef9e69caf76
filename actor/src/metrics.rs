//! What an actor counts for its operators.

use std::sync::atomic::AtomicU64;

use gradus_types::{Admission, Reward, UnscoredReason};
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
};

use crate::engine::Statistics;

/// The actor's metrics. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Metrics {
    groups: Family<GroupLabels, Counter>,
    unscored_samples: Family<UnscoredLabels, Counter>,
    generated_tokens: Counter,
    prompt_tokens: Counter,
    decode_steps: Counter,
    weight_swaps: Counter,
    engine_busy_seconds: Counter<f64, AtomicU64>,
    waiting_groups: Gauge,
    live_completions: Gauge,
    cache_bytes: Gauge,
}

/// How a lease ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
enum Outcome {
    Accepted,
    Duplicate,
    Late,
    Refused,
    Returned,
    Quarantined,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct GroupLabels {
    outcome: Outcome,
}

/// Why a sample has no reward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
enum Unscored {
    Timeout,
    Error,
    Unavailable,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct UnscoredLabels {
    reason: Unscored,
}

// === impl Metrics ===

impl Metrics {
    /// Registers the actor's metrics.
    #[must_use]
    pub fn new(registry: &gradus_telemetry::Metrics) -> Self {
        let counter = |name, help| registry.register(name, help, Counter::default());
        let gauge = |name, help| registry.register(name, help, Gauge::default());
        Self {
            groups: registry.register("groups", "Leases by what became of them", Family::default()),
            unscored_samples: registry.register("unscored_samples", "Samples without a reward", Family::default()),
            generated_tokens: counter("generated_tokens", "Tokens drawn, over all completions"),
            prompt_tokens: counter("prompt_tokens", "Prompt tokens computed, each prompt counted once a group"),
            decode_steps: counter("decode_steps", "Steps of the engine, each a token for all live completions"),
            weight_swaps: counter("weight_swaps", "Policies that took the place of another"),
            engine_busy_seconds: registry.register(
                "engine_busy_seconds",
                "Time spent in prefills and decode steps",
                Counter::default(),
            ),
            waiting_groups: gauge("waiting_groups", "Groups that wait for room in the engine"),
            live_completions: gauge("live_completions", "Completions that the engine's next step advances"),
            cache_bytes: gauge("reserved_cache_bytes", "Bytes of keys and values reserved"),
        }
    }

    /// Takes over what the engine has counted.
    pub fn observe(&self, now: &Statistics) {
        let raise = |counter: &Counter, total: u64| {
            counter.inc_by(total.saturating_sub(counter.get()));
        };
        raise(&self.generated_tokens, now.num_generated_tokens);
        raise(&self.prompt_tokens, now.num_prompt_tokens);
        raise(&self.decode_steps, now.num_steps);
        raise(&self.weight_swaps, now.num_swaps);
        let busy_seconds = now.busy_micros as f64 * 1e-6;
        self.engine_busy_seconds.inc_by((busy_seconds - self.engine_busy_seconds.get()).max(0.0));
        let set = |gauge: &Gauge, value: u64| gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        set(&self.waiting_groups, now.num_waiting_groups);
        set(&self.live_completions, now.num_live_completions);
        set(&self.cache_bytes, now.reserved_cache_bytes);
    }

    /// Counts the samples of a group that have no reward.
    pub fn count_rewards(&self, rewards: &[Reward]) {
        for reward in rewards {
            let Reward::Unscored { reason, .. } = reward else { continue };
            let reason = match reason {
                UnscoredReason::Timeout => Unscored::Timeout,
                UnscoredReason::Error => Unscored::Error,
                UnscoredReason::Unavailable => Unscored::Unavailable,
            };
            self.unscored_samples.get_or_create(&UnscoredLabels { reason }).inc();
        }
    }

    /// Counts a group that the coordinator answered for.
    pub fn count_submitted(&self, admission: Admission) {
        self.count(match admission {
            Admission::Accepted => Outcome::Accepted,
            Admission::Duplicate => Outcome::Duplicate,
            Admission::Late => Outcome::Late,
        });
    }

    /// Counts a group that the coordinator would not have.
    pub fn count_refused(&self) {
        self.count(Outcome::Refused);
    }

    /// Counts a lease that was returned.
    pub fn count_returned(&self, quarantine: bool) {
        self.count(if quarantine { Outcome::Quarantined } else { Outcome::Returned });
    }

    fn count(&self, outcome: Outcome) {
        self.groups.get_or_create(&GroupLabels { outcome }).inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_engine_counts_is_taken_over_once() {
        let registry = gradus_telemetry::Metrics::new("actor");
        let metrics = Metrics::new(&registry);
        let statistics = Statistics { num_generated_tokens: 5, reserved_cache_bytes: 9, ..Statistics::default() };
        metrics.observe(&statistics);
        metrics.observe(&Statistics { num_generated_tokens: 8, ..statistics });
        let page = registry.encode();
        assert!(page.contains("\nactor_generated_tokens_total 8\n"), "{page}");
        assert!(page.contains("\nactor_reserved_cache_bytes 9\n"), "{page}");
    }

    #[test]
    fn a_sample_without_a_reward_is_counted_by_its_reason() {
        let registry = gradus_telemetry::Metrics::new("actor");
        let unscored = Reward::Unscored { reason: UnscoredReason::Timeout, detail: String::new() };
        Metrics::new(&registry).count_rewards(&[Reward::Scored { total: 1.0, components: Vec::new() }, unscored]);
        let page = registry.encode();
        assert!(page.contains("actor_unscored_samples_total{reason=\"Timeout\"} 1\n"), "{page}");
    }
}
