//! Says in the log what happened to samples that could not be scored: once in a while, whatever their number.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use tracing::warn;

use crate::batch::Failure;

/// The shortest time between two lines.
const INTERVAL: Duration = Duration::from_secs(10);

/// The lines about samples that could not be scored.
#[derive(Debug, Default)]
pub struct FailureLog(Mutex<Unsaid>);

/// What happened since the last line.
#[derive(Debug, Default)]
struct Unsaid {
    num_unscored: u64,
    said: Option<Instant>,
}

impl FailureLog {
    /// Notes samples that could not be scored, and says so when a line is due.
    pub fn note<'a>(&self, failures: impl Iterator<Item = &'a Failure>) {
        let mut failures = failures.peekable();
        let Some(Failure { detail, .. }) = failures.peek().copied() else { return };
        let due = self.0.lock().unwrap_or_else(PoisonError::into_inner).due(failures.count() as u64, Instant::now());
        if let Some(num_unscored) = due {
            warn!(num_unscored, example = %detail, "samples could not be scored");
        }
    }
}

impl Unsaid {
    /// Adds samples, and returns how many a line that is due now is about.
    fn due(&mut self, num_unscored: u64, now: Instant) -> Option<u64> {
        self.num_unscored += num_unscored;
        if self.said.is_some_and(|said| now.duration_since(said) < INTERVAL) {
            return None;
        }
        self.said = Some(now);
        Some(std::mem::take(&mut self.num_unscored))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_failures_is_a_line_in_a_while_that_counts_them_all() {
        let (mut unsaid, begun) = (Unsaid::default(), Instant::now());
        assert_eq!(unsaid.due(3, begun), Some(3));
        for second in 1..10 {
            assert_eq!(unsaid.due(16, begun + Duration::from_secs(second)), None);
        }
        assert_eq!(unsaid.due(1, begun + INTERVAL), Some(9 * 16 + 1));
    }
}
