//! How a process ends: the exit codes of all services, in one table, and which failure has which.
//!
//! | code | meaning | what a launcher does |
//! |---|---|---|
//! | 0 | the run is over, or somebody asked the process to leave | nothing |
//! | 1 | it has failed | starts it again; gives up when it fails at every start |
//! | 2 | it refuses its command line, which clap says | gives up: another start would be refused as well |
//! | 74 | it cannot write what it must | gives up: it would work for as long in vain |
//! | 75 | its world is over, and another process may join the next one | starts it again |
//! | 101 | its main thread has panicked | as after 1 |
//! | 130 | it was interrupted again while it drained | as after 1 |

use std::{
    error::Error,
    io::{self, ErrorKind},
    process::ExitCode,
    sync::Arc,
};

/// How a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// There is nothing more to do.
    Left,
    /// A failure that another start may mend.
    Failed,
    /// The command line cannot be understood. The parser ends the process with it; no service does.
    Refused,
    /// A file cannot be written, on a full disk say (`EX_IOERR` of sysexits).
    CannotWrite,
    /// A learner rank's world is over, and must form anew (`EX_TEMPFAIL` of sysexits).
    JoinAgain,
}

/// A failure of a service, which tells how its process ends.
pub trait Exits: Error + Send + Sync + Sized + 'static {
    /// Returns how the process ends. A disk that takes nothing, anywhere among the causes, is told from all else.
    fn exit(&self) -> Exit {
        Exit::of(self)
    }
}

// === impl Exit ===

impl Exit {
    /// Returns the exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Left => 0,
            Self::Failed => 1,
            Self::Refused => 2,
            Self::CannotWrite => 74,
            Self::JoinAgain => 75,
        }
    }

    /// Tells a disk that takes nothing, anywhere among the causes of an error, from all other failures.
    #[must_use]
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        let is_full = causes(error).filter_map(find_io).any(is_of_disk);
        if is_full { Self::CannotWrite } else { Self::Failed }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Iterates over an error and its causes.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// Writes an error with its causes on one line.
#[must_use]
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for cause in causes(error).map(ToString::to_string) {
        // A cause that its error only passes on is said once.
        if !text.ends_with(&cause) {
            text = if text.is_empty() { cause } else { format!("{text}: {cause}") };
        }
    }
    text
}

/// An I/O error may come shared, where several callers are told of it.
fn find_io<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a io::Error> {
    let shared = || cause.downcast_ref::<Arc<dyn Error + Send + Sync>>()?.downcast_ref::<io::Error>();
    let own = cause.downcast_ref::<io::Error>();
    own.or_else(|| cause.downcast_ref::<Arc<io::Error>>().map(AsRef::as_ref)).or_else(shared)
}

/// What a broken disk answers, which has no kind of its own.
const EIO: i32 = 5;

/// Tells what a disk answers that takes nothing: it is broken or full, its quota or the limit of a file's size is reached, or it
/// may only be read.
fn is_of_disk(error: &io::Error) -> bool {
    error.raw_os_error() == Some(EIO)
        || matches!(
            error.kind(),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge | ErrorKind::ReadOnlyFilesystem
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("failed to keep a group")]
    struct Failure(#[source] Arc<dyn Error + Send + Sync>);

    impl Exits for Failure {}

    fn failure(kind: ErrorKind) -> Failure {
        Failure(Arc::new(io::Error::new(kind, "the disk says no")))
    }

    #[test]
    fn a_full_disk_is_found_among_the_causes() {
        assert_eq!(failure(ErrorKind::StorageFull).exit(), Exit::CannotWrite);
        assert_eq!(failure(ErrorKind::FileTooLarge).exit(), Exit::CannotWrite);
        assert_eq!(failure(ErrorKind::ConnectionRefused).exit(), Exit::Failed);
    }

    #[test]
    fn a_broken_disk_is_told_from_a_lack_of_descriptors() {
        let (broken, too_many_open) = (EIO, 24);
        let exit = |code| Failure(Arc::new(io::Error::from_raw_os_error(code))).exit();
        assert_eq!((exit(broken), exit(too_many_open)), (Exit::CannotWrite, Exit::Failed));
    }

    #[test]
    fn causes_are_said_once() {
        assert_eq!(chain(&failure(ErrorKind::Other)), "failed to keep a group: the disk says no");
    }
}
