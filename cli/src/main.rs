//! The `gradus` command.

mod check;
mod control;
mod data;
mod demo;
mod generate;
mod logprobs;
mod new_model;
mod objective;
mod run;
mod verify;

mod accuracy;
mod api;
mod checkpoint;
mod cluster;
mod launch;
mod line_files;
mod progress;
mod prompt_line;
mod run_file;
mod summary;
mod terminal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::control::Action;

/// Trains multimodal language models to reason, by reinforcement learning from verifiable rewards, in stages.
#[derive(Debug, Parser)]
#[command(name = "gradus", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the whole ring on this machine with a tiny model: three stages, accuracy before and after each.
    Demo(demo::Arguments),
    /// Starts a local cluster for a run file and follows it; Ctrl-C drains, the same command goes on.
    Run(run::Arguments),
    /// Prints how the run under way stands.
    Status(control::Arguments),
    /// Lends no more prompts until `resume`.
    Pause(control::Arguments),
    /// Goes on after `pause`.
    Resume(control::Arguments),
    /// Ends the run under way after its present step.
    Stop(control::Arguments),
    /// Validates a run file without starting anything.
    Check(check::Arguments),
    /// Samples completions of given prompts.
    Generate(generate::Arguments),
    /// Scores given completions token by token.
    Logprobs(logprobs::Arguments),
    /// Evaluates a reinforcement-learning objective on given streams.
    Objective(objective::Arguments),
    /// Makes a small model with random weights and a tokenizer of its own, to train from nothing.
    NewModel(new_model::Arguments),
    /// Scores answers without a server.
    Verify(verify::Arguments),
    /// Lists task generators, and writes samples of prompt sets to look at.
    Data(data::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Run(arguments) => run::run(&arguments),
        Command::Status(arguments) => control::status(&arguments),
        Command::Pause(arguments) => control::control(&arguments, Action::Pause),
        Command::Resume(arguments) => control::control(&arguments, Action::Resume),
        Command::Stop(arguments) => control::control(&arguments, Action::Stop),
        Command::Objective(arguments) => objective::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Generate(arguments) => generate::run(&arguments),
        Command::Logprobs(arguments) => logprobs::run(&arguments),
        Command::NewModel(arguments) => new_model::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Data(arguments) => data::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::complain(&error);
            ExitCode::FAILURE
        }
    }
}
