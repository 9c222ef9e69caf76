//! The command line that every service shares: `--config`, `--set` and `--check`, and what ties a service to its launcher.

use std::path::PathBuf;

use clap::Parser;

use crate::{Error, RunConfig, load};

/// The arguments of a service. Knobs live in the run file.
#[derive(Clone, Debug, Parser)]
pub struct Arguments {
    /// The run file.
    #[arg(long, value_name = "RUN.toml")]
    pub config: PathBuf,
    /// Replaces a key of the run file, such as `learner.rank=1`; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub assignments: Vec<String>,
    /// Checks the run file and what it names, and exits.
    #[arg(long)]
    pub check: bool,
    /// Drains and leaves when standard input, a pipe, is closed: a launcher that dies closes it.
    #[arg(long)]
    pub leave_with_stdin: bool,
}

impl Arguments {
    /// Loads the run file that the arguments name.
    ///
    /// # Errors
    /// As [`load`].
    pub fn load(&self) -> Result<RunConfig, Error> {
        load(&self.config, &self.assignments)
    }
}
