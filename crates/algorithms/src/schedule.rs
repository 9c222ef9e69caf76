//! Schedules over the steps of a stage: the learning rate and the temperature of prioritized resampling.

use gradus_config::{Optimizer, Pad, Schedule};

/// Returns the learning rate of a stage's step, counted from 1.
///
/// It rises along a line and reaches its peak at step `warmup_steps`, so the first step already learns; a decaying schedule
/// reaches its end at the stage's last step.
#[must_use]
pub fn learning_rate(optimizer: &Optimizer, stage_step: u64, num_stage_steps: u64) -> f64 {
    if stage_step < optimizer.warmup_steps {
        return optimizer.learning_rate * stage_step as f64 / optimizer.warmup_steps as f64;
    }
    let elapsed = (stage_step - optimizer.warmup_steps) as f64;
    let remaining = num_stage_steps.saturating_sub(optimizer.warmup_steps).max(1) as f64;
    let progress = (elapsed / remaining).min(1.0);
    let share = match optimizer.schedule {
        Schedule::Constant => return optimizer.learning_rate,
        Schedule::Cosine => 0.5 * (1.0 + (std::f64::consts::PI * progress).cos()),
        Schedule::Linear => 1.0 - progress,
    };
    let end = optimizer.final_learning_rate_ratio;
    optimizer.learning_rate * (end + (1.0 - end) * share)
}

/// Returns the softmax temperature of a stage's step, counted from 1: linear from the first step to the last.
#[must_use]
pub fn pad_temperature(pad: &Pad, stage_step: u64, num_stage_steps: u64) -> f64 {
    let progress = stage_step.saturating_sub(1) as f64 / num_stage_steps.saturating_sub(1).max(1) as f64;
    pad.temperature_start + (pad.temperature_end - pad.temperature_start) * progress.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn optimizer(schedule: Schedule) -> Optimizer {
        Optimizer {
            learning_rate: 1.0,
            schedule,
            warmup_steps: 4,
            final_learning_rate_ratio: 0.1,
            betas: [0.9, 0.999],
            epsilon: 1e-8,
            weight_decay: 0.0,
            max_gradient_norm: 1.0,
        }
    }

    fn check(schedule: Schedule, expected: &[(u64, f64)]) {
        for &(step, expected) in expected {
            let found = learning_rate(&optimizer(schedule), step, 24);
            assert!((found - expected).abs() < 1e-12, "{schedule:?} at step {step}: {found} is not {expected}");
        }
    }

    #[test]
    fn a_constant_learning_rate_warms_up_and_stays() {
        check(Schedule::Constant, &[(1, 0.25), (3, 0.75), (4, 1.0), (24, 1.0), (99, 1.0)]);
    }

    #[test]
    fn a_cosine_ends_at_the_final_ratio() {
        check(Schedule::Cosine, &[(2, 0.5), (4, 1.0), (14, 0.55), (24, 0.1), (99, 0.1)]);
    }

    #[test]
    fn a_line_ends_at_the_final_ratio() {
        check(Schedule::Linear, &[(4, 1.0), (9, 0.775), (24, 0.1)]);
    }

    #[test]
    fn the_first_step_has_the_peak_without_a_warm_up() {
        let optimizer = Optimizer { warmup_steps: 0, ..optimizer(Schedule::Constant) };
        assert_eq!(learning_rate(&optimizer, 1, 10), 1.0);
    }

    #[test]
    fn a_stage_of_one_step_has_a_learning_rate_and_a_temperature() {
        assert!(learning_rate(&optimizer(Schedule::Cosine), 1, 1).is_finite());
        assert_eq!(pad_temperature(&crate::fixture::pad(), 1, 1), 1.0);
    }

    #[test]
    fn the_temperature_falls_along_a_line() {
        let pad = crate::fixture::pad();
        assert_eq!(pad_temperature(&pad, 1, 101), 1.0);
        assert!((pad_temperature(&pad, 51, 101) - 0.65).abs() < 1e-12);
        assert!((pad_temperature(&pad, 101, 101) - 0.3).abs() < 1e-12);
    }
}
