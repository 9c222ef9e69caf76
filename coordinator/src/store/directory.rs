//! The run directory: who may use it, and what lies where.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::ErrorKind,
    path::{Path, PathBuf},
};

use gradus_config::{IDENTITY_FILE, RunConfig, differences, identity};

use crate::{Error, store::journal};

/// A run directory that belongs to this process as long as the value lives.
#[derive(Debug)]
pub struct RunDirectory {
    path: PathBuf,
    _lock: File,
}

impl RunDirectory {
    /// Claims a run's directory, and makes it if there is none.
    ///
    /// # Errors
    /// Another coordinator holds it, it belongs to another run file, or it cannot be used.
    pub fn claim(config: &RunConfig) -> Result<Self, Error> {
        let path = config.run.directory.clone();
        fs::create_dir_all(&path).map_err(Error::file("create", &path))?;
        let lock_path = path.join("coordinator.lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(Error::file("open", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Locked { path }),
            Err(TryLockError::Error(source)) => return Err(Error::file("lock", lock_path)(source)),
        }
        let directory = Self { path, _lock: lock };
        directory.check_identity(config)?;
        directory.write_run_file(config)?;
        Ok(directory)
    }

    /// Returns the directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the journal's file.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.path.join("journal.bin")
    }

    /// Returns the directory of the groups' payloads.
    #[must_use]
    pub fn payloads(&self) -> PathBuf {
        self.path.join("payloads")
    }

    /// Returns the directory of the evaluations' files in a run directory.
    #[must_use]
    pub fn evaluations_in(path: &Path) -> PathBuf {
        path.join("evaluations")
    }

    /// Leaves the run file as it was resolved, for people. A run that was refused has changed nothing.
    fn write_run_file(&self, config: &RunConfig) -> Result<(), Error> {
        let path = self.path.join("run.toml");
        journal::replace(&path, &path.with_extension("new"), config.to_toml().as_bytes())
    }

    fn check_identity(&self, config: &RunConfig) -> Result<(), Error> {
        let path = self.path.join(IDENTITY_FILE);
        let content = match fs::read(&path) {
            Ok(content) => content,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let own = identity(config).and_then(|own| serde_json::to_vec_pretty(&own));
                let text = own.map_err(json("write", &path))?;
                return journal::replace(&path, &path.with_extension("new"), &text);
            }
            Err(error) => return Err(Error::file("read", &path)(error)),
        };
        let differences = differences(config, &content).map_err(json("read", &path))?;
        if differences.is_empty() { Ok(()) } else { Err(Error::OtherRun { path: self.path.clone(), differences }) }
    }
}

fn json(action: &'static str, path: &Path) -> impl FnOnce(serde_json::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Json { action, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_directory_is_claimed_once_at_a_time() {
        let directory = tempfile::tempdir().unwrap();
        let config = fixture::run_config(directory.path());
        let claim = RunDirectory::claim(&config).unwrap();
        assert!(matches!(RunDirectory::claim(&config), Err(Error::Locked { .. })));
        drop(claim);
        RunDirectory::claim(&config).unwrap();
    }

    #[test]
    fn a_directory_of_another_run_is_refused_with_the_keys_that_differ() {
        let directory = tempfile::tempdir().unwrap();
        let mut config = fixture::run_config(directory.path());
        drop(RunDirectory::claim(&config).unwrap());
        let run_file = fs::read_to_string(directory.path().join("run.toml")).unwrap();
        assert_eq!(run_file, config.to_toml());
        config.run.seed += 1;
        config.stages[1].steps += 1;
        let error = RunDirectory::claim(&config).unwrap_err();
        assert_eq!(fs::read_to_string(directory.path().join("run.toml")).unwrap(), run_file);
        assert!(error.to_string().contains("`run.seed`, `stages[1].steps` differ"), "{error}");
    }

    #[test]
    fn knobs_of_services_may_change() {
        let directory = tempfile::tempdir().unwrap();
        let mut config = fixture::run_config(directory.path());
        drop(RunDirectory::claim(&config).unwrap());
        config.coordinator.lease_seconds += 1.0;
        config.actor.max_groups += 1;
        assert!(RunDirectory::claim(&config).is_ok());
    }
}
