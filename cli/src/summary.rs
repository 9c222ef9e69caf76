//! What the stages of a run were like, a line a stage: how fast they went, what there was nothing to learn from, what PAD kept.

use crate::api::{RunReport, StageReport};

/// Describes every stage that has begun.
pub fn lines(report: &RunReport) -> Vec<String> {
    report.stages.iter().filter(|stage| stage.step > 0).map(line).collect()
}

fn line(stage: &StageReport) -> String {
    let mut parts = vec![format!("{} of {} steps", stage.step, stage.num_steps)];
    parts.extend(stage.seconds_per_step.map(|seconds| format!("{seconds:.2} s/step")));
    if let Some(batches) = stage.batches.filter(|batches| batches.num_groups > 0) {
        let share = 100.0 * batches.num_tied_groups as f64 / batches.num_groups as f64;
        parts.push(format!(
            "{share:.0} % of {} groups had zero variance (all completions earned the same: nothing to learn)",
            batches.num_groups
        ));
    }
    if let Some(pad) = stage.resampled.filter(|pad| pad.num_effective_samples > 0.0) {
        let share = 100.0 * pad.num_selected_samples / pad.num_effective_samples;
        parts.push(format!(
            "PAD kept {:.0} of {:.0} samples ({share:.0} %)",
            pad.num_selected_samples, pad.num_effective_samples
        ));
    }
    format!("{}: {}", stage.name, parts.join(" · "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{BatchReport, ResampledReport};

    #[test]
    fn a_line_holds_what_its_stage_has() {
        let imitate = StageReport {
            name: "imitate".to_owned(),
            num_steps: 24,
            step: 24,
            batches: None,
            seconds_per_step: Some(0.254),
            resampled: None,
        };
        assert_eq!(line(&imitate), "imitate: 24 of 24 steps · 0.25 s/step");
        let look = StageReport {
            name: "look".to_owned(),
            seconds_per_step: None,
            batches: Some(BatchReport { num_groups: 40, num_tied_groups: 10 }),
            resampled: Some(ResampledReport { num_effective_samples: 120.0, num_selected_samples: 90.0 }),
            ..imitate
        };
        assert!(line(&look).contains("25 % of 40 groups had zero variance"), "{}", line(&look));
        assert!(line(&look).ends_with("PAD kept 90 of 120 samples (75 %)"), "{}", line(&look));
    }
}
