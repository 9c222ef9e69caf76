//! The directory of a run's checkpoints: what is written into it, and what is removed again.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use tracing::{info, warn};

use gradus_types::Step;

use super::{CheckpointContent, CheckpointState, write_content};
use crate::Error;

const PREFIX: &str = "step-";
/// Marks what is under way; hidden, so that nobody takes it for a checkpoint.
const PARTIAL_PREFIX: &str = ".partial-";

/// The checkpoints of a run.
#[derive(Clone, Debug)]
pub struct CheckpointDirectory {
    run_directory: PathBuf,
    directory: PathBuf,
}

// === impl CheckpointDirectory ===

impl CheckpointDirectory {
    /// Names the directory of checkpoints inside a run's directory.
    #[must_use]
    pub fn new(run_directory: &Path, directory: &Path) -> Self {
        Self { run_directory: run_directory.to_owned(), directory: directory.to_owned() }
    }

    /// Returns the place of a step's checkpoint, relative to the run's directory where it lies inside.
    #[must_use]
    pub fn relative_path(&self, step: Step) -> PathBuf {
        let path = self.directory.join(name(step));
        path.strip_prefix(&self.run_directory).map(Path::to_owned).unwrap_or(path)
    }

    /// Returns where a path relative to the run's directory is.
    #[must_use]
    pub fn resolve(&self, relative: &Path) -> PathBuf {
        self.run_directory.join(relative)
    }

    /// Writes a checkpoint, durably, and returns its path relative to the run's directory. If that fails, nothing is left.
    pub fn write(&self, content: &CheckpointContent<'_>) -> Result<PathBuf, Error> {
        let step = content.state.step;
        let path = self.directory.join(name(step));
        let partial = self.directory.join(format!("{PARTIAL_PREFIX}{}", name(step)));
        let written = self.write_aside(&partial, &path, content);
        if let Err(source) = written {
            // The failure itself is worth more than that of tidying up after it.
            let _ = fs::remove_dir_all(&partial);
            return Err(Error::WriteCheckpoint { path, source });
        }
        info!(step = step.0, path = %path.display(), "wrote checkpoint");
        Ok(self.relative_path(step))
    }

    /// Removes what crashes left half-written, and all checkpoints but those of stage ends and the newest `num_kept`.
    pub fn prune(&self, num_kept: u32) {
        let mut within_stages = Vec::new();
        for path in self.entries().unwrap_or_default() {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with(PARTIAL_PREFIX) {
                remove(&path);
            } else if name.starts_with(PREFIX) && CheckpointState::read(&path).is_ok_and(|state| !state.ends_stage) {
                within_stages.push(path);
            }
        }
        // The newest one is what a crash resumes from, whatever is configured.
        let num_removed = within_stages.len().saturating_sub(num_kept.max(1) as usize);
        within_stages.sort();
        for path in &within_stages[..num_removed] {
            remove(path);
        }
    }

    fn write_aside(
        &self,
        partial: &Path,
        path: &Path,
        content: &CheckpointContent<'_>,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        fs::create_dir_all(&self.directory)?;
        remove_if_there(partial)?;
        write_content(partial, content)?;
        // A step is saved again only if a crash came before its commit, so nothing refers to what is there.
        remove_if_there(path)?;
        fs::rename(partial, path)?;
        File::open(&self.directory)?.sync_all()?;
        Ok(())
    }

    fn entries(&self) -> io::Result<Vec<PathBuf>> {
        fs::read_dir(&self.directory)?.map(|entry| Ok(entry?.path())).collect()
    }
}

/// Returns the directory name of a step's checkpoint; names order as steps do.
fn name(step: Step) -> String {
    format!("{PREFIX}{:08}", step.0)
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn remove(path: &Path) {
    match fs::remove_dir_all(path) {
        Ok(()) => info!(path = %path.display(), "removed old checkpoint"),
        Err(error) => warn!(path = %path.display(), %error, "failed to remove old checkpoint"),
    }
}
