//! Loading a run file: read, overlaid, resolved and validated, with all faults in one report.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use toml::Table;

use crate::{RunConfig, fault::Fault, fault::Faults, overlay, resolve::resolve, validate::validate};

/// Why a run file could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be read.
    #[error("failed to read run file `{path}`; give its path with `--config`")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not TOML.
    #[error("failed to parse run file `{path}` as TOML")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// The file is TOML, but not a run.
    #[error("run file `{path}` has {} fault(s):{}", .faults.len(), list(.faults))]
    Faults {
        /// The file.
        path: PathBuf,
        /// Everything that is wrong with it.
        faults: Vec<Fault>,
    },
}

fn list(faults: &[Fault]) -> String {
    faults.iter().map(|fault| format!("\n  {fault}")).collect()
}

/// Loads the run file at `path` with `assignments` (`key=value`) applied in order.
///
/// # Errors
/// When the file cannot be read, is not TOML, or describes no valid run; all faults are reported together.
pub fn load(path: &Path, assignments: &[String]) -> Result<RunConfig, Error> {
    let text = fs::read_to_string(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    parse(&text, path, assignments)
}

/// Does what [`load`] does, on a text that names itself `path`.
///
/// # Errors
/// As [`load`], without the reading.
pub fn parse(text: &str, path: &Path, assignments: &[String]) -> Result<RunConfig, Error> {
    let mut file: Table =
        toml::from_str(text).map_err(|source| Error::Syntax { path: path.to_owned(), source: Box::new(source) })?;
    let mut faults = Faults::default();
    for assignment in assignments {
        overlay::apply(&mut file, assignment, &mut faults);
    }
    let config = resolve(file, &mut faults);
    if let Some(config) = &config {
        validate(config, &mut faults);
    }
    match config {
        Some(config) if faults.0.is_empty() => Ok(config),
        _ => Err(Error::Faults { path: path.to_owned(), faults: faults.0 }),
    }
}
