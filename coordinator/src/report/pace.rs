//! How fast a run goes, and how long the rest of it will take: steps by the last ones, evaluations by those that are complete.

use gradus_types::{PolicyVersion, Step};

use crate::{
    history::StepEnd,
    machine::{Machine, Timestamp},
};

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
    /// Measures steps by when they were complete, and the evaluations.
    pub fn of(ends: &[StepEnd], evaluations: &[Evaluated]) -> Self {
        Self {
            seconds_per_step: seconds_per_step(ends, evaluations),
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

/// Returns the median time between the ends of consecutive steps between which nothing was evaluated. A pause between two of them
/// does not move it far.
fn seconds_per_step(ends: &[StepEnd], evaluations: &[Evaluated]) -> Option<f64> {
    let was_evaluated = |step: Step| evaluations.iter().any(|one| one.version.0 == step.0);
    let gap = |pair: &[StepEnd]| {
        let [(step, began), (next, ended)] = pair else { return None };
        (*next == step.next() && !was_evaluated(*step)).then_some(ended - began)
    };
    let times: Vec<f64> = ends.windows(2).filter_map(gap).collect();
    median(times).map(|seconds| seconds.max(0.0))
}

/// Returns the median, which one evaluation that a night came between does not move far.
fn seconds_per_evaluation(evaluations: &[Evaluated]) -> Option<f64> {
    let time = |one: &Evaluated| Some((one.finished_at.0 as f64 / 1e3 - one.began_at_seconds?).max(0.0));
    median(evaluations.iter().filter_map(time).collect())
}

/// Returns the middle number, or the mean of the two that share the middle.
fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let upper = *numbers.get(numbers.len() / 2)?;
    let lower = numbers[(numbers.len() - 1) / 2];
    Some((lower + upper) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(times: &[(u64, f64)]) -> Vec<StepEnd> {
        times.iter().map(|&(step, time_seconds)| (Step(step), time_seconds)).collect()
    }

    fn evaluated(version: u64, began_at_seconds: Option<f64>, finished_at: u64) -> Evaluated {
        let finished_at = Timestamp(finished_at * 1_000);
        Evaluated { version: PolicyVersion(version), finished_at, began_at_seconds }
    }

    #[test]
    fn the_time_of_an_evaluation_is_no_time_of_a_step() {
        let ends = ends(&[(4, 100.0), (5, 102.0), (6, 134.0), (7, 138.0)]);
        let evaluations = [evaluated(0, None, 90), evaluated(5, Some(102.0), 132)];
        let pace = Pace::of(&ends, &evaluations);
        assert_eq!(pace, Pace { seconds_per_step: Some(3.0), seconds_per_evaluation: Some(30.0) });
        assert_eq!(pace.seconds_for(&Remainder { num_steps: 10, num_evaluations: 1.5 }), Some(75.0));
    }

    #[test]
    fn a_pause_between_two_steps_leaves_the_rate_as_it_was() {
        let ends = ends(&[(1, 0.0), (2, 3.0), (3, 6.0), (4, 3_606.0), (5, 3_609.0)]);
        assert_eq!(Pace::of(&ends, &[]).seconds_per_step, Some(3.0));
    }

    #[test]
    fn a_run_that_has_just_begun_makes_no_promise() {
        let pace = Pace::of(&ends(&[(1, 5.0)]), &[evaluated(0, None, 4)]);
        assert_eq!(pace.seconds_for(&Remainder { num_steps: 10, num_evaluations: 2.0 }), None);
    }

    #[test]
    fn steps_that_were_lost_between_two_lines_are_not_timed() {
        assert_eq!(Pace::of(&ends(&[(3, 1.0), (7, 9.0)]), &[]).seconds_per_step, None);
    }
}
