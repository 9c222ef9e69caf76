//! Whether a process that ended is started again: a pure function of how its lives ended and how long they were.

use std::{fmt, process::ExitStatus, time::Duration};

/// A learner leaves with this code when its world must form anew (`EX_TEMPFAIL` of sysexits).
const REJOIN_CODE: i32 = 75;
/// A process leaves with this code when it cannot write what it must, on a full disk say (`EX_IOERR` of sysexits). However long it
/// lived, it would work for that long again in vain.
const CANNOT_WRITE_CODE: i32 = 74;
/// A process that lived this long had started properly.
const SETTLED: Duration = Duration::from_secs(10);
/// So many failures in a row without a settled life mean that starting again is of no use.
const MAX_FAILED_STARTS: u32 = 4;
/// The wait before the second try; it doubles from there.
const FIRST_DELAY: Duration = Duration::from_millis(250);

/// How one life of a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// How long it lived.
    pub lifetime: Duration,
}

/// What to do about an exit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It left without an error.
    Left,
    /// Start it again after this long.
    RestartAfter(Duration),
    /// It fails whenever it is started.
    GiveUp,
}

/// Judges the last exit of a history (the oldest first).
pub fn judge(history: &[Exit]) -> Judgement {
    let Some(last) = history.last() else { return Judgement::Left };
    if last.code == Some(0) {
        return Judgement::Left;
    }
    if last.code == Some(CANNOT_WRITE_CODE) {
        return Judgement::GiveUp;
    }
    let failed_starts = history.iter().rev().take_while(|exit| exit.is_failed_start()).count();
    let failed_starts = u32::try_from(failed_starts).unwrap_or(u32::MAX);
    if failed_starts >= MAX_FAILED_STARTS {
        return Judgement::GiveUp;
    }
    if last.code == Some(REJOIN_CODE) {
        return Judgement::RestartAfter(Duration::ZERO);
    }
    Judgement::RestartAfter(FIRST_DELAY * 2_u32.pow(failed_starts.saturating_sub(1)))
}

impl Exit {
    /// Notes the exit of a process that lived for `lifetime`.
    pub fn new(status: ExitStatus, lifetime: Duration) -> Self {
        use std::os::unix::process::ExitStatusExt;
        Self { code: status.code(), signal: status.signal(), lifetime }
    }

    /// Tells an error of the process's own, soon after its start, from a kill and from a world that forms anew.
    fn is_failed_start(&self) -> bool {
        self.lifetime < SETTLED && self.code.is_some_and(|code| code != 0 && code != REJOIN_CODE)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code, self.signal) {
            (Some(code), _) => write!(formatter, "ended with code {code}"),
            (None, Some(signal)) => write!(formatter, "was ended by signal {signal}"),
            (None, None) => formatter.write_str("ended"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exit(code: Option<i32>, seconds: u64) -> Exit {
        let signal = if code.is_none() { Some(9) } else { None };
        Exit { code, signal, lifetime: Duration::from_secs(seconds) }
    }

    #[test]
    fn a_clean_exit_is_no_failure() {
        assert_eq!(judge(&[exit(Some(0), 1)]), Judgement::Left);
    }

    #[test]
    fn a_killed_process_is_started_again_however_often() {
        let history = vec![exit(None, 1); 50];
        assert_eq!(judge(&history), Judgement::RestartAfter(FIRST_DELAY));
    }

    #[test]
    fn a_process_that_cannot_start_is_given_up_after_growing_waits() {
        let fails = |count| vec![exit(Some(1), 0); count];
        assert_eq!(judge(&fails(1)), Judgement::RestartAfter(FIRST_DELAY));
        assert_eq!(judge(&fails(3)), Judgement::RestartAfter(FIRST_DELAY * 4));
        assert_eq!(judge(&fails(4)), Judgement::GiveUp);
    }

    #[test]
    fn a_process_that_cannot_write_is_given_up_however_long_it_lived() {
        assert_eq!(judge(&[exit(None, 5), exit(Some(74), 3_600)]), Judgement::GiveUp);
    }

    #[test]
    fn a_settled_life_wipes_earlier_failures() {
        let mut history = vec![exit(Some(1), 0); 3];
        history.push(exit(Some(1), 60));
        assert_eq!(judge(&history), Judgement::RestartAfter(FIRST_DELAY));
    }

    #[test]
    fn a_learner_that_must_rejoin_is_started_at_once() {
        assert_eq!(judge(&[exit(Some(75), 3)]), Judgement::RestartAfter(Duration::ZERO));
    }
}
