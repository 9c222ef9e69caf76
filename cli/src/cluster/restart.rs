//! Whether a process that ended is started again: a pure function of how its lives ended and how long they were.

use std::{fmt, process::ExitStatus, time::Duration};

use gradus_process::Exit as Code;
use signal_hook::consts::{SIGHUP, SIGINT, SIGKILL, SIGQUIT, SIGTERM};

/// A process that lived this long had started properly.
const SETTLED: Duration = Duration::from_secs(10);
/// So many failures in a row without a settled life mean that starting again is of no use.
const MAX_FAILED_STARTS: u32 = 4;
/// So many ranks in a row that join again, without a settled life and though no other process has died, mean the same.
const MAX_REJOINS: u32 = 8;
/// The wait before the second try; it doubles from there.
const FIRST_DELAY: Duration = Duration::from_millis(250);
/// How often the wait doubles at the most.
const MAX_DOUBLINGS: u32 = 4;
/// The signals by which others end a process. All others, such as SIGSEGV, are a crash of its own.
const SIGNALS_OF_OTHERS: [i32; 5] = [SIGHUP, SIGINT, SIGQUIT, SIGKILL, SIGTERM];

/// How one life of a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// How long it lived.
    pub lifetime: Duration,
    /// Whether the death of another process explains it.
    pub is_explained: bool,
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
    if last.is(Code::Left) {
        return Judgement::Left;
    }
    // However long it lived, it would work for that long again in vain; and it is given the same command line each time.
    if last.is(Code::CannotWrite) || last.is(Code::Refused) {
        return Judgement::GiveUp;
    }
    let (mut num_failures, mut num_rejoins) = (0, 0);
    for exit in history.iter().rev().take_while(|exit| exit.is_short()) {
        match exit.asks_to_join_again() {
            true => num_rejoins += u32::from(!exit.is_explained),
            false => num_failures += 1,
        }
    }
    if num_failures >= MAX_FAILED_STARTS || num_rejoins >= MAX_REJOINS {
        return Judgement::GiveUp;
    }
    let wait = |num_tries: u32| FIRST_DELAY * 2_u32.pow(num_tries.saturating_sub(1).min(MAX_DOUBLINGS));
    Judgement::RestartAfter(match (last.asks_to_join_again(), num_rejoins) {
        // A world forms anew as soon as it can.
        (true, 0 | 1) => Duration::ZERO,
        (true, num_rejoins) => wait(num_rejoins - 1),
        (false, _) => wait(num_failures),
    })
}

impl Exit {
    /// Notes the exit of a process that lived for `lifetime`.
    pub fn new(status: ExitStatus, lifetime: Duration) -> Self {
        use std::os::unix::process::ExitStatusExt;
        Self { code: status.code(), signal: status.signal(), lifetime, is_explained: false }
    }

    /// Tells whether a learner has left because its world must form anew.
    pub fn asks_to_join_again(&self) -> bool {
        self.is(Code::JoinAgain)
    }

    /// Tells whether nothing was wrong.
    pub fn is_clean(&self) -> bool {
        self.is(Code::Left)
    }

    fn is(&self, code: Code) -> bool {
        self.code == Some(i32::from(code.code()))
    }

    /// Tells an end of the process's own making, soon after its start, from a kill.
    fn is_short(&self) -> bool {
        let is_killed = self.signal.is_some_and(|signal| SIGNALS_OF_OTHERS.contains(&signal));
        self.lifetime < SETTLED && !is_killed && !self.is_clean()
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
        Exit { code, signal, lifetime: Duration::from_secs(seconds), is_explained: false }
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
    fn a_process_that_crashes_at_each_start_is_given_up() {
        for signal in [4, 6, 11] {
            let crash = Exit { signal: Some(signal), ..exit(None, 1) };
            assert_eq!(judge(&[crash; 3]), Judgement::RestartAfter(FIRST_DELAY * 4), "signal {signal}");
            assert_eq!(judge(&[crash; 4]), Judgement::GiveUp, "signal {signal}");
        }
    }

    #[test]
    fn a_process_that_refuses_its_command_line_is_given_up_at_once() {
        assert_eq!(judge(&[exit(Some(2), 0)]), Judgement::GiveUp);
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
    fn a_learner_that_must_rejoin_is_started_at_once_and_later_if_that_was_in_vain() {
        let rejoins = |count| vec![exit(Some(75), 3); count];
        assert_eq!(judge(&rejoins(1)), Judgement::RestartAfter(Duration::ZERO));
        assert_eq!(judge(&rejoins(2)), Judgement::RestartAfter(FIRST_DELAY));
        assert_eq!(judge(&rejoins(7)), Judgement::RestartAfter(FIRST_DELAY * 16));
        assert_eq!(judge(&rejoins(8)), Judgement::GiveUp);
    }

    #[test]
    fn a_learner_whose_peers_are_killed_rejoins_however_often() {
        let explained = Exit { is_explained: true, ..exit(Some(75), 3) };
        assert_eq!(judge(&vec![explained; 50]), Judgement::RestartAfter(Duration::ZERO));
    }

    #[test]
    fn a_learner_that_fails_and_rejoins_in_turns_is_given_up() {
        let history = [exit(Some(1), 1), exit(Some(75), 1)].repeat(4);
        assert_eq!(judge(&history), Judgement::GiveUp);
    }
}
