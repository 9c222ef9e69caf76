//! What tests are made of: runs of the real programs, and answers whose truth is known.
//!
//! The principal type is [`LocalRun`]: a directory with a random model of two layers and a run file of three stages. Starting
//! it starts `gradus run` and thereby every process of the run; the [`Launch`] that comes of it follows the status API, sends
//! signals to processes by name and, when it is dropped, leaves none behind. [`Records`] reads what the run has written. The
//! tests in `tests/` call this crate; nothing else does.
//!
//! [`answer_cases()`] makes pairs of answers whose truth is known, [`hostile_answers()`] pairs that are made to hang or exhaust who compares them:
//! for the tests and benches of the verifier.
//!
//! Whatever goes wrong panics, with the launcher's output: a test has no use for an error that it could handle. Real processes
//! keep their own time, so waiting here is polling with a deadline; no wait is just a pause.
//!
//! ```no_run
//! use gradus_testkit::{LocalRun, Signal};
//!
//! let run = LocalRun::new().set("actor.num_processes=1");
//! let launch = run.start();
//! launch.wait_for_step(3);
//! launch.signal("actor-0", Signal::KILL);
//! assert_eq!(launch.wait_for_end().code, Some(0));
//! assert_eq!(run.records().report()["status"], "finished");
//! ```

mod answer_cases;
mod hostile_answers;
mod launch;
mod local_run;
mod records;

mod poll;
mod program;

pub use answer_cases::{AnswerCase, AnswerMode, answer_case, answer_cases, answer_classes};
pub use hostile_answers::{HostileAnswer, hostile_answers};
pub use launch::Launch;
pub use local_run::LocalRun;
pub use program::{Ended, Running, run_program};
pub use records::{Checkpoint, Records};
pub use rustix::process::Signal;
