//! The `gradus` command.

mod check;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Trains multimodal language models to reason, by reinforcement learning from verifiable rewards, in stages.
#[derive(Debug, Parser)]
#[command(name = "gradus", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Validates a run file without starting anything.
    Check(check::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Check(arguments) => check::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::complain(&error);
            ExitCode::FAILURE
        }
    }
}

mod terminal;
