//! Waiting for what other processes do: polling, with a deadline.

use std::{
    thread,
    time::{Duration, Instant},
};

/// Far beyond what any wait of a test takes, on a slow and busy machine.
const DEADLINE: Duration = Duration::from_secs(120);
/// How often a condition is looked at.
const INTERVAL: Duration = Duration::from_millis(10);

/// Asks again and again until there is an answer, and returns nothing if there is none by the deadline.
pub(crate) fn poll<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if Instant::now() >= deadline {
            return None;
        }
        thread::sleep(INTERVAL);
    }
}
