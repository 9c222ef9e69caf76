//! What the command prints: results on standard output, complaints on standard error.

use std::{
    fmt,
    io::{IsTerminal, Write},
};

/// Prints a line of the result. A closed pipe (`| head`) is nobody's fault and ends in silence.
pub fn say(line: impl fmt::Display) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Prints what went wrong, with its causes.
pub fn complain(error: &anyhow::Error) {
    let _ = writeln!(std::io::stderr().lock(), "error: {error:#}");
}

/// Tells whether a person looks at standard output, and it may hold colours.
pub fn is_terminal() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}
