//! How fast a run goes, and how long the rest of it will take: steps by the last ones, evaluations by those that are complete.

use gradus_telemetry::ScalarLine;
use gradus_types::{PolicyVersion, Step};

use crate::machine::{Machine, Timestamp};

/// What a run has taken so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Pace {
    /// Seconds of a step, over the last ones.
    pub seconds_per_step: Option<f64>,
    /// Seconds of an evaluation: the middle one of those that were timed.
    pub seconds_per_evaluation: Option<f64>,
}

/// What is left to do, up to some step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Remainder {
    /// Steps.
    pub num_steps: u64,
    /// Evaluations; of one under way, the share that is left.
    pub num_evaluations: f64,
}

/// A complete evaluation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Evaluated {
    /// The policy that was measured.
    pub version: PolicyVersion,
    /// When it was complete.
    pub finished_at: Timestamp,
    /// When the step that made the policy was complete; not known of the policy before the first step.
    pub began_at_seconds: Option<f64>,
}

// === impl Pace ===

impl Pace {
    /// Measures the lines of the last steps, and the evaluations.
    pub fn of(lines: &[ScalarLine], evaluations: &[Evaluated]) -> Self {
        Self {
            seconds_per_step: seconds_per_step(lines, evaluations),
            seconds_per_evaluation: seconds_per_evaluation(evaluations),
        }
    }

    /// Says how long the remainder takes at this pace. Evaluations count once one was timed.
    pub fn seconds_for(&self, left: &Remainder) -> Option<f64> {
        let evaluating = self.seconds_per_evaluation.unwrap_or(0.0) * left.num_evaluations;
        Some(self.seconds_per_step? * left.num_steps as f64 + evaluating)
    }
}

// === impl Remainder ===

impl Remainder {
    /// Counts what is left until `last` is complete and measured.
    pub fn until(machine: &Machine, last: Step) -> Self {
        let completed = machine.state().world.completed_step;
        let (plan, state) = (machine.plan(), machine.state());
        let is_due = |&version: &u64| plan.evaluation_due(PolicyVersion(version));
        let to_come = (completed.0 + 1..=last.0).filter(is_due).count() as f64;
        let under_way = state.evaluation.as_ref().map_or(0.0, |active| {
            let (num_done, num_prompts) = active.progress();
            1.0 - num_done as f64 / num_prompts.max(1) as f64
        });
        Self { num_steps: last.0.saturating_sub(completed.0), num_evaluations: to_come + under_way }
    }
}

/// Returns the mean time between the ends of consecutive steps between which nothing was evaluated.
fn seconds_per_step(lines: &[ScalarLine], evaluations: &[Evaluated]) -> Option<f64> {
    let was_evaluated = |step: Step| evaluations.iter().any(|one| one.version.0 == step.0);
    let follow = |pair: &&[ScalarLine]| pair[1].step == pair[0].step.next() && !was_evaluated(pair[0].step);
    let times: Vec<f64> =
        lines.windows(2).filter(follow).map(|pair| pair[1].time_seconds - pair[0].time_seconds).collect();
    (!times.is_empty()).then(|| (times.iter().sum::<f64>() / times.len() as f64).max(0.0))
}

/// Returns the median, which one evaluation that a night came between does not move far.
fn seconds_per_evaluation(evaluations: &[Evaluated]) -> Option<f64> {
    let time = |one: &Evaluated| Some((one.finished_at.0 as f64 / 1e3 - one.began_at_seconds?).max(0.0));
    let mut times: Vec<f64> = evaluations.iter().filter_map(time).collect();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn lines(times: &[(u64, f64)]) -> Vec<ScalarLine> {
        let line = |&(step, time_seconds)| ScalarLine { step: Step(step), time_seconds, values: BTreeMap::new() };
        times.iter().map(line).collect()
    }

    fn evaluated(version: u64, began_at_seconds: Option<f64>, finished_at: u64) -> Evaluated {
        let finished_at = Timestamp(finished_at * 1_000);
        Evaluated { version: PolicyVersion(version), finished_at, began_at_seconds }
    }

    #[test]
    fn the_time_of_an_evaluation_is_no_time_of_a_step() {
        let lines = lines(&[(4, 100.0), (5, 102.0), (6, 134.0), (7, 138.0)]);
        let evaluations = [evaluated(0, None, 90), evaluated(5, Some(102.0), 132)];
        let pace = Pace::of(&lines, &evaluations);
        assert_eq!(pace, Pace { seconds_per_step: Some(3.0), seconds_per_evaluation: Some(30.0) });
        assert_eq!(pace.seconds_for(&Remainder { num_steps: 10, num_evaluations: 1.5 }), Some(75.0));
    }

    #[test]
    fn a_run_that_has_just_begun_makes_no_promise() {
        let pace = Pace::of(&lines(&[(1, 5.0)]), &[evaluated(0, None, 4)]);
        assert_eq!(pace.seconds_for(&Remainder { num_steps: 10, num_evaluations: 2.0 }), None);
    }

    #[test]
    fn steps_that_were_lost_between_two_lines_are_not_timed() {
        assert_eq!(Pace::of(&lines(&[(3, 1.0), (7, 9.0)]), &[]).seconds_per_step, None);
    }
}
