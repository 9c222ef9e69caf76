//! Faults of a run file: every one of them is collected, and all are reported together.

use std::fmt;

/// One thing that is wrong with a run file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The key, in dotted form: `stages.1.algorithm.clip_low`.
    pub key: String,
    /// What is wrong with it, with the value, and what to do.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}`: {}", self.key, self.problem)
    }
}

/// The faults found so far.
#[derive(Debug, Default)]
pub(crate) struct Faults(pub(crate) Vec<Fault>);

impl Faults {
    /// Adds a fault.
    pub(crate) fn add(&mut self, key: impl Into<String>, problem: impl Into<String>) {
        self.0.push(Fault { key: key.into(), problem: problem.into() });
    }

    /// Adds a fault unless `holds`.
    pub(crate) fn require(&mut self, holds: bool, key: impl Into<String>, problem: impl FnOnce() -> String) {
        if !holds {
            self.add(key, problem());
        }
    }
}

/// Joins a parent key and a child key with a dot.
pub(crate) fn join(parent: &str, child: &str) -> String {
    match (parent.is_empty(), child.is_empty() || child == ".") {
        (_, true) => parent.to_owned(),
        (true, false) => child.to_owned(),
        (false, false) => format!("{parent}.{child}"),
    }
}
