//! A group on the pool: one piece of work for all of its samples, and a deadline for each of them.
//!
//! A job takes one sample after the other. Where a sample overruns, its slot is closed as a timeout and another job goes on behind it; the
//! overrun job finds its slot closed when it comes back, and leaves. A panic closes the slot of its sample alone.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use gradus_runtime::{CpuPool, panic_message};
use gradus_types::UnscoredReason;
use gradus_verify::{Measures, Response, RewardPlan};
use tokio::time::{Instant, sleep_until};

use crate::GroupToScore;

/// Samples that one job takes, where there are more threads to share the others.
const SAMPLES_PER_JOB: usize = 32;

/// What is done for a sample on the pool.
pub type MeasureSample = fn(&RewardPlan, &Response) -> Measures;

/// Why a sample has no score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The kind of failure.
    pub reason: UnscoredReason,
    /// What exactly happened.
    pub detail: String,
    /// Whether the scorer panicked, which is a defect of ours.
    pub is_panic: bool,
}

/// The times that bound a group.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// The longest time of one sample, from the beginning of its work.
    pub sample: Duration,
    /// The longest time of a group, from its admission.
    pub group: Duration,
}

/// A group whose caller waits for it. Dropping this gives up the samples that were not begun.
struct Awaited(Arc<Batch>);

/// The samples of a group while they are scored.
#[derive(Debug)]
pub struct Batch {
    plan: Arc<RewardPlan>,
    measure_sample: MeasureSample,
    group: Arc<GroupToScore>,
    progress: Mutex<Progress>,
}

#[derive(Debug)]
struct Progress {
    next: usize,
    slots: Vec<Slot>,
}

#[derive(Debug)]
enum Slot {
    Waiting,
    Running(Instant),
    Closed(Result<Measures, Failure>),
}

// === impl Failure ===

impl Failure {
    /// Makes a failure of the scorer.
    pub fn error(detail: impl Into<String>) -> Self {
        Self { reason: UnscoredReason::Error, detail: detail.into(), is_panic: false }
    }

    /// Makes a failure by a panic.
    pub fn panicked(message: &str) -> Self {
        Self { is_panic: true, ..Self::error(format!("the scorer panicked: {message}")) }
    }

    /// Makes a failure for want of time.
    pub fn timeout(detail: impl Into<String>) -> Self {
        Self { reason: UnscoredReason::Timeout, detail: detail.into(), is_panic: false }
    }

    /// Makes the failure of a sample whose group had no more time.
    pub fn overdue(timeout: Duration) -> Self {
        Self::timeout(format!("its group was not scored within {timeout:?}"))
    }
}

// === impl Batch ===

impl Batch {
    /// Prepares the samples of a group.
    pub fn new(plan: Arc<RewardPlan>, measure_sample: MeasureSample, group: Arc<GroupToScore>) -> Self {
        let slots = group.samples.iter().map(|_| Slot::Waiting).collect();
        Self { plan, measure_sample, group, progress: Mutex::new(Progress { next: 0, slots }) }
    }

    /// Scores the samples on a pool, in order. It returns at the group's deadline at the latest.
    pub async fn run(self, pool: &CpuPool, timeouts: Timeouts, deadline: Instant) -> Vec<Result<Measures, Failure>> {
        let awaited = Awaited(Arc::new(self));
        let batch = &awaited.0;
        let job = || {
            let batch = Arc::clone(batch);
            pool.run(move || batch.work())
        };
        let num_jobs = batch.group.samples.len().div_ceil(SAMPLES_PER_JOB);
        let mut jobs: FuturesUnordered<_> = (0..num_jobs).map(|_| job()).collect();
        while !batch.is_done() {
            let now = Instant::now();
            let wake = batch.next_deadline(timeouts.sample).unwrap_or(now + timeouts.sample);
            // Both arms are cancel-safe: the jobs stay in their set, and the deadline is computed again.
            tokio::select! {
                biased;
                _ = jobs.next(), if !jobs.is_empty() => {}
                () = sleep_until(wake.min(deadline)) => {}
            }
            if Instant::now() >= deadline {
                batch.give_up(timeouts.group);
            } else if batch.close_overdue(timeouts.sample) {
                jobs.push(job());
            }
        }
        batch.take()
    }

    /// Takes samples until none is left, or until this job has overrun.
    fn work(&self) {
        while let Some(index) = self.begin() {
            let result = catch_unwind(AssertUnwindSafe(|| self.measure(index)));
            let result = result.map_err(|payload| Failure::panicked(&panic_message(payload.as_ref())));
            if !self.close(index, result) {
                return;
            }
        }
    }

    fn measure(&self, index: usize) -> Measures {
        let sample = &self.group.samples[index];
        let response = Response::new(&self.group.prefill, &sample.text, sample.num_tokens, sample.finish_reason);
        (self.measure_sample)(&self.plan, &response)
    }

    fn begin(&self) -> Option<usize> {
        let mut progress = self.progress();
        let index = progress.next;
        let slot = progress.slots.get_mut(index).filter(|slot| matches!(slot, Slot::Waiting))?;
        *slot = Slot::Running(Instant::now());
        progress.next += 1;
        Some(index)
    }

    /// Notes a result, or tells that nobody waits for it any more.
    fn close(&self, index: usize, result: Result<Measures, Failure>) -> bool {
        let mut progress = self.progress();
        let is_awaited = matches!(progress.slots.get(index), Some(Slot::Running(_)));
        if is_awaited {
            progress.slots[index] = Slot::Closed(result);
        }
        is_awaited
    }

    /// Closes the samples that have overrun, and tells whether there were any.
    fn close_overdue(&self, timeout: Duration) -> bool {
        let mut progress = self.progress();
        let mut any = false;
        for slot in &mut progress.slots {
            if matches!(slot, Slot::Running(begun) if begun.elapsed() >= timeout) {
                *slot = Slot::Closed(Err(Failure::timeout(format!("scoring took longer than {timeout:?}"))));
                any = true;
            }
        }
        any
    }

    /// Closes every sample that has no result yet.
    fn give_up(&self, timeout: Duration) {
        let failure = Failure::overdue(timeout);
        for slot in &mut self.progress().slots {
            if !matches!(slot, Slot::Closed(_)) {
                *slot = Slot::Closed(Err(failure.clone()));
            }
        }
    }

    fn next_deadline(&self, timeout: Duration) -> Option<Instant> {
        let running = |slot: &Slot| if let Slot::Running(begun) = slot { Some(*begun + timeout) } else { None };
        self.progress().slots.iter().filter_map(running).min()
    }

    fn is_done(&self) -> bool {
        self.progress().slots.iter().all(|slot| matches!(slot, Slot::Closed(_)))
    }

    fn take(&self) -> Vec<Result<Measures, Failure>> {
        let result = |slot| match slot {
            Slot::Closed(result) => result,
            Slot::Waiting | Slot::Running(_) => Err(Failure::error("its work ended early")),
        };
        std::mem::take(&mut self.progress().slots).into_iter().map(result).collect()
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Awaited ===

impl Drop for Awaited {
    fn drop(&mut self) {
        // A job that finds no slot leaves.
        self.0.progress().slots.clear();
    }
}
