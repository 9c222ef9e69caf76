//! What the command prints: results on standard output, complaints on standard error.

use std::{fmt, io::Write};

/// Prints a line of the result. A closed pipe (`| head`) is nobody's fault and ends in silence.
pub fn say(line: impl fmt::Display) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Prints what went wrong, with its causes.
pub fn complain(error: &anyhow::Error) {
    let _ = writeln!(std::io::stderr().lock(), "error: {error:#}");
}
