//! A small run in a directory of its own, and the processes that carry it out.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::{Ended, Launch, Records, Running, run_program};

const RUN_FILE: &str = include_str!("run_file/run.toml");
const MODEL_CONFIG: &str = include_str!("run_file/model.json");

/// The seed of the random model; models of the same seed are the same.
const MODEL_SEED: &str = "--seed=1";

/// A run that can be started, killed and started again. Its directory is removed with the value.
#[derive(Debug)]
pub struct LocalRun {
    directory: TempDir,
    assignments: Vec<String>,
}

impl LocalRun {
    /// Makes the directory of a run: the run file `run.toml` and the random model in `model`.
    ///
    /// # Panics
    /// The programs are not built, or the directory cannot be written.
    #[must_use]
    pub fn new() -> Self {
        let directory = tempfile::tempdir().expect("the directory of temporary files can be written");
        let run = Self { directory, assignments: Vec::new() };
        run.write("run.toml", RUN_FILE);
        run.write("model.json", MODEL_CONFIG);
        let files = ["--config=model.json", "--texts=run.toml", "--output=model"];
        let sizes = ["--num-prompts=200", "--vocabulary=512", MODEL_SEED];
        let ended = run_program("gradus", run.path(), &[&["new-model"], &files[..], &sizes[..]].concat());
        assert_eq!(ended.code, Some(0), "failed to make the model: {}", ended.output);
        run
    }

    /// Replaces a key of the run file, as `--set` does: `actor.num_processes=1`.
    #[must_use]
    pub fn set(mut self, assignment: &str) -> Self {
        self.assignments.push(assignment.to_owned());
        self
    }

    /// Writes a file beside the run file.
    ///
    /// # Panics
    /// The file cannot be written.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        fs::write(&path, content).unwrap_or_else(|error| panic!("failed to write `{}`: {error}", path.display()));
    }

    /// Starts every process of the run with `gradus run`. A run that has stood still goes on.
    #[must_use]
    pub fn start(&self) -> Launch<'_> {
        Launch::start(self, &texts(&self.gradus_arguments("run")))
    }

    /// Starts every process of the run, none of which may have a file of more bytes.
    ///
    /// # Panics
    /// The programs are not built.
    #[must_use]
    pub fn start_limited(&self, max_file_bytes: u64) -> Running {
        Running::start_limited("gradus", self.path(), &texts(&self.gradus_arguments("run")), max_file_bytes)
    }

    /// Starts one service by itself, such as `gradus-actor`.
    ///
    /// # Panics
    /// The program is not built.
    #[must_use]
    pub fn start_service(&self, program: &str) -> Running {
        let config = ["--config".to_owned(), "run.toml".to_owned()];
        let arguments = [&config[..], &self.assignments()].concat();
        Running::start(program, self.path(), &texts(&arguments))
    }

    /// Runs a command of `gradus` on the run file, such as `check`, to its end.
    #[must_use]
    pub fn gradus(&self, command: &str) -> Ended {
        run_program("gradus", self.path(), &texts(&self.gradus_arguments(command)))
    }

    /// Returns the directory that everything of the run lies in.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Returns the run directory, which the processes write.
    #[must_use]
    pub fn run_directory(&self) -> PathBuf {
        self.path().join("run")
    }

    /// Returns what the processes have written so far.
    #[must_use]
    pub fn records(&self) -> Records {
        Records::new(self.run_directory())
    }

    fn gradus_arguments(&self, command: &str) -> Vec<String> {
        [&[command.to_owned(), "run.toml".to_owned()], &self.assignments()[..]].concat()
    }

    fn assignments(&self) -> Vec<String> {
        self.assignments.iter().map(|assignment| format!("--set={assignment}")).collect()
    }
}

fn texts(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

impl Default for LocalRun {
    fn default() -> Self {
        Self::new()
    }
}
