//! The project's own commands: `cargo xtask setup | demo | test | lint | bench`.
//!
//! Everything here runs before libtorch exists, so this crate depends on nothing that needs it. [`setup`] brings a bare Debian or Ubuntu
//! machine to where `cargo build` works, and notices and repairs what an interrupted run left; the other commands start with it and
//! then call cargo.

// A command people run in a terminal talks to them there.
#![allow(clippy::print_stderr)]

mod archive;
mod check;
mod component;
mod gloo;
mod launch;
mod lock;
mod setup;
mod stamp;
mod system;
mod torch;
mod verifier_bench;
mod wheel;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// The project's own commands.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Install missing system packages and libtorch; repairs what is damaged, and does nothing where nothing is missing.
    Setup,
    /// Set up, build the services and run `gradus demo` with the given arguments.
    #[command(disable_help_flag = true)]
    Demo(Rest),
    /// Set up, build and run all tests; arguments go to the test runner, and leave out the documentation tests.
    #[command(disable_help_flag = true)]
    Test(Rest),
    /// Check formatting, run clippy with warnings denied, and cargo-deny where it is installed.
    Lint,
    /// Set up and run the benchmarks; arguments go to `cargo bench`. `bench verify [FILE…]` measures the verifier beside math-verify, on further files of cases as well.
    #[command(disable_help_flag = true)]
    Bench(Rest),
}

/// What is passed on as it is.
#[derive(Debug, clap::Args)]
struct Rest {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::find()?;
    setup::run(&workspace)?;
    match task {
        Task::Setup => Ok(ExitCode::SUCCESS),
        Task::Demo(rest) => launch::demo(&workspace, &rest.arguments),
        Task::Test(rest) => check::test(&workspace, &rest.arguments),
        Task::Lint => check::lint(&workspace),
        Task::Bench(rest) => check::bench(&workspace, &rest.arguments),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_task_is_passed_on_as_it_is() {
        let words = ["cargo xtask", "demo", "--set", "seed=2", "--help"];
        let arguments = Arguments::try_parse_from(words).expect("anything may follow");
        let Task::Demo(rest) = arguments.task else { panic!("another task: {arguments:?}") };
        assert_eq!(rest.arguments, ["--set", "seed=2", "--help"]);
    }

    #[test]
    fn an_unknown_task_and_a_stray_word_are_refused() {
        for words in [["cargo xtask", "dmeo", ""].as_slice(), &["cargo xtask", "setup", "now"]] {
            Arguments::try_parse_from(words).expect_err("there is no such thing");
        }
    }
}
