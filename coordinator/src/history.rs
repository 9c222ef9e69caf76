//! The run's training scalars: on disk in `metrics.jsonl`, and in memory for the status API.

use std::{
    collections::BTreeMap,
    ops::RangeInclusive,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, UNIX_EPOCH},
};

use gradus_telemetry::{Error, ScalarLine, Scalars};
use gradus_types::{Scalar, Step};

use crate::machine::Timestamp;

/// The scalars of every step so far.
#[derive(Debug)]
pub struct History {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    file: Scalars,
    lines: BTreeMap<Step, ScalarLine>,
}

/// A step and when it was complete, in seconds since 1970.
pub type StepEnd = (Step, f64);

impl History {
    /// Opens the history of a run.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn open(run_directory: &Path) -> Result<Self, Error> {
        let file = Scalars::open(run_directory)?;
        let lines = Scalars::read(run_directory)?.into_iter().map(|line| (line.step, line)).collect();
        Ok(Self { inner: Mutex::new(Inner { file, lines }) })
    }

    /// Adds the scalars of a step; those of a repeated step take the place of the earlier ones.
    ///
    /// # Errors
    /// The file cannot be written, or a scalar's name breaks the rules.
    pub fn add(&self, step: Step, now: Timestamp, scalars: &[Scalar]) -> Result<(), Error> {
        let mut inner = self.lock();
        inner.file.append(step, UNIX_EPOCH + Duration::from_millis(now.0), scalars)?;
        let values = scalars.iter().map(|scalar| (scalar.name.clone(), scalar.value)).collect();
        inner.lines.insert(step, ScalarLine { step, time_seconds: now.0 as f64 / 1e3, values });
        Ok(())
    }

    /// Tells whether the scalars of a step are known.
    #[must_use]
    pub fn has(&self, step: Step) -> bool {
        self.lock().lines.contains_key(&step)
    }

    /// Returns the scalars of the steps after `since`, in order.
    #[must_use]
    pub fn since(&self, since: Step) -> Vec<ScalarLine> {
        self.lock().lines.range(since.next()..).map(|(_, line)| line.clone()).collect()
    }

    /// Returns the scalars of the last step up to `step`.
    #[must_use]
    pub fn latest(&self, step: Step) -> Option<ScalarLine> {
        self.lock().lines.range(..=step).next_back().map(|(_, line)| line.clone())
    }

    /// Returns the last `count` steps up to `step`, in order, with when each was complete.
    #[must_use]
    pub fn ends_of_last(&self, step: Step, count: usize) -> Vec<StepEnd> {
        let inner = self.lock();
        let mut ends: Vec<StepEnd> = inner.lines.range(..=step).rev().take(count).map(|(_, line)| end(line)).collect();
        ends.reverse();
        ends
    }

    /// Returns the steps of a range, in order, with when each was complete.
    #[must_use]
    pub fn ends_of(&self, steps: RangeInclusive<Step>) -> Vec<StepEnd> {
        if steps.is_empty() {
            return Vec::new();
        }
        self.lock().lines.range(steps).map(|(_, line)| end(line)).collect()
    }

    /// Adds a scalar up over the steps of a range; nothing where none of them has it.
    #[must_use]
    pub fn sum(&self, name: &str, steps: RangeInclusive<Step>) -> Option<f64> {
        if steps.is_empty() {
            return None;
        }
        let inner = self.lock();
        inner.lines.range(steps).filter_map(|(_, line)| line.values.get(name)).copied().reduce(|sum, value| sum + value)
    }

    /// Every change under the lock is complete before anything can panic, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const fn end(line: &ScalarLine) -> StepEnd {
    (line.step, line.time_seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_survives_its_process_and_a_repeated_step_counts_once() {
        let directory = tempfile::tempdir().unwrap();
        let history = History::open(directory.path()).unwrap();
        for (step, value) in [(1, 0.5), (2, 0.4), (2, 0.3)] {
            history.add(Step(step), Timestamp(1_000 * step), &[Scalar::new("loss/policy", value)]).unwrap();
        }
        let history = History::open(directory.path()).unwrap();
        let values: Vec<f64> = history.since(Step(0)).iter().map(|line| line.values["loss/policy"]).collect();
        assert_eq!(values, [0.5, 0.3]);
        assert_eq!(history.since(Step(1)).len(), 1);
        assert_eq!(history.latest(Step(9)).unwrap().step, Step(2));
        assert_eq!(history.sum("loss/policy", Step(1)..=Step(2)), Some(0.8));
        assert_eq!(history.sum("loss/policy", Step(3)..=Step(2)), None, "a stage that has not begun");
        assert_eq!(history.ends_of(Step(2)..=Step(9)), [(Step(2), 2.0)]);
        assert_eq!(history.ends_of_last(Step(9), 1), [(Step(2), 2.0)]);
    }
}
