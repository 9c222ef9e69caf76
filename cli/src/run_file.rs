//! The run file that a command is given.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Args;
use gradus_config::RunConfig;
use gradus_model::Policy;

/// A run file, and what is replaced in it.
#[derive(Clone, Debug, Args)]
pub struct RunFile {
    /// The run file.
    #[arg(value_name = "RUN.toml")]
    path: PathBuf,
    /// Replaces a key of the run file, such as `run.seed=7`; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    assignments: Vec<String>,
}

impl RunFile {
    /// Loads it.
    pub fn load(&self) -> Result<RunConfig> {
        Ok(gradus_config::load(&self.path, &self.assignments)?)
    }
}

/// Looks whether there is a model where a run says, and whether its weights are its own by the headers of their files, so that
/// a wrong directory is the first thing to be reported.
pub fn check_model_directory(config: &RunConfig) -> Result<()> {
    ensure!(
        config.model.path.join("config.json").is_file(),
        "`model.path`: there is no `config.json` in `{}`; give the directory of a Hugging Face checkpoint",
        config.model.path.display()
    );
    Policy::check(&config.model.path).context("`model.path`")?;
    Ok(())
}
