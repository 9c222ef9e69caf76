//! What rank 0 reports of a step: scalars from the device, from the batch's headers, and where the time went.

use std::time::Duration;

use gradus_algorithms::{GroupStatistics, Plan, RolloutStatistics, learning_rate};
use gradus_config::Stage;
use gradus_types::{RolloutBatch, Scalar};

use crate::StepReport;

/// Where the time of a step went outside the device.
#[derive(Clone, Copy, Debug, Default)]
pub struct StepTimes {
    /// Fetching payloads and pictures.
    pub fetch: Duration,
    /// Planning, tokenizing and processing pictures.
    pub prepare: Duration,
    /// Packing and hashing the new weights.
    pub publish: Duration,
    /// Everything, from the coordinator's answer on.
    pub step: Duration,
}

/// Joins what the device reports with the step's times and learning rate.
#[must_use]
pub fn step_scalars(report: &StepReport, times: &StepTimes, (stage, stage_step): (&Stage, u64)) -> Vec<Scalar> {
    let seconds = times.step.as_secs_f64();
    let mut scalars = report.scalars.clone();
    scalars.extend([
        Scalar::new("optim/learning_rate", learning_rate(&stage.optimizer, stage_step, stage.steps)),
        Scalar::new("perf/tokens_per_second", if seconds > 0.0 { report.num_tokens / seconds } else { 0.0 }),
        Scalar::new("time/fetch", times.fetch.as_secs_f64()),
        Scalar::new("time/prepare", times.prepare.as_secs_f64()),
        Scalar::new("time/publish", times.publish.as_secs_f64()),
        Scalar::new("time/step", seconds),
    ]);
    scalars
}

/// Describes a batch of rollouts and what its plan keeps of it. Headers are the same on every rank.
#[must_use]
pub fn batch_scalars(batch: &RolloutBatch, plan: &Plan) -> Vec<Scalar> {
    let (rollouts, groups) = (RolloutStatistics::of(&batch.groups), GroupStatistics::of(&batch.groups));
    let mut scalars = vec![
        Scalar::new("reward/mean", rollouts.mean_reward),
        Scalar::new("rollout/num_samples", rollouts.num_samples as f64),
        Scalar::new("rollout/num_unscored", rollouts.num_unscored as f64),
        Scalar::new("rollout/completion_length", rollouts.mean_completion_length),
        Scalar::new("rollout/truncated_frac", rollouts.truncated_fraction),
        Scalar::new("rollout/staleness_mean", mean_staleness(batch)),
        Scalar::new("group/zero_variance_frac", groups.zero_variance_fraction),
        Scalar::new("group/all_correct", groups.all_correct_fraction),
        Scalar::new("group/all_wrong", groups.all_wrong_fraction),
    ];
    let components = rollouts.mean_components.iter();
    scalars.extend(components.map(|(name, &value)| Scalar::new(format!("reward/{}", scalar_name(name)), value)));
    if let Some(pad) = &plan.pad {
        scalars.extend([
            Scalar::new("pad/num_effective_samples", pad.num_effective_samples as f64),
            Scalar::new("pad/num_selected_samples", pad.num_selected_samples as f64),
            Scalar::new("pad/avg_selected_advantage", pad.avg_selected_advantage),
            Scalar::new("pad/avg_original_advantage", pad.avg_original_advantage),
            Scalar::new("pad/selected_positive_frac", pad.selected_positive_fraction),
            Scalar::new("pad/original_positive_frac", pad.original_positive_fraction),
        ]);
    }
    scalars
}

/// Returns how many versions the samples' oldest tokens lag behind the policy that is trained, on average.
fn mean_staleness(batch: &RolloutBatch) -> f64 {
    let current = batch.step.0.saturating_sub(1);
    let samples = || batch.groups.iter().flat_map(|group| &group.samples);
    let lag: u64 = samples().map(|sample| current.saturating_sub(sample.min_policy_version.0)).sum();
    lag as f64 / samples().count().max(1) as f64
}

/// Writes a component's name with the letters that scalar names have.
fn scalar_name(name: &str) -> String {
    let letter = |letter: char| match letter.to_ascii_lowercase() {
        letter if letter.is_ascii_lowercase() || letter.is_ascii_digit() || "_.-".contains(letter) => letter,
        _ => '_',
    };
    name.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Fixture, rollout_batch};

    #[test]
    fn a_component_of_any_name_has_a_scalar() {
        assert_eq!(scalar_name("Format tags/v2"), "format_tags_v2");
    }

    #[test]
    fn headers_tell_rewards_lengths_and_what_resampling_kept() {
        let fixture = Fixture::new(&[]);
        let mut batch = rollout_batch(3);
        batch.groups[0].samples[0].min_policy_version.0 = 0;
        let scalars = batch_scalars(&batch, &fixture.plan(&batch, 2));
        let value = |name: &str| scalars.iter().find(|scalar| scalar.name == name).map(|scalar| scalar.value);
        assert_eq!(value("rollout/num_samples"), Some(24.0));
        assert_eq!(value("rollout/staleness_mean"), Some(2.0 / 24.0));
        assert!(value("pad/num_selected_samples").is_some_and(|kept| kept > 0.0 && kept <= 15.0));
        assert!(value("reward/mean").is_some_and(|reward| reward > 0.0 && reward < 1.0));
    }
}
