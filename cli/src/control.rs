//! `gradus status | pause | resume | stop`: a run under way, through the coordinator's HTTP API.

use anyhow::Result;
use clap::Args;

use crate::{api::Client, terminal::say};

/// Which coordinator to ask.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The coordinator's HTTP address, the run file's `coordinator.http`.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:7600")]
    coordinator: String,
}

/// What a coordinator is told.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    /// Lend no more prompts for now.
    Pause,
    /// Go on.
    Resume,
    /// End the run after the step under way.
    Stop,
}

/// Prints the status document.
pub fn status(arguments: &Arguments) -> Result<()> {
    say(serde_json::to_string_pretty(&Client::new(&arguments.coordinator).raw()?)?);
    Ok(())
}

/// Tells the coordinator what to do.
pub fn control(arguments: &Arguments, action: Action) -> Result<()> {
    let (word, outcome) = match action {
        Action::Pause => ("pause", "paused"),
        Action::Resume => ("resume", "resumed"),
        Action::Stop => ("stop", "stopping after the step under way"),
    };
    Client::new(&arguments.coordinator).control(word)?;
    say(outcome);
    Ok(())
}
