//! Which prompt set a command is about: tasks by name, files, or a section of a run file.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use gradus_config::{AnswerStyle, Columns, Data, DataSource, FileSource, PromptFormat, Split, TaskShare, TaskSource};
use gradus_tasks::{Spec, TaskKind};

/// Where the prompts come from.
#[derive(Debug, Args)]
pub(super) struct SourceArguments {
    /// Task names (`all` for every one), data files (`.jsonl`, `.json`, `.parquet`), or one run file (`.toml`).
    #[arg(required = true, value_name = "TASK|FILE|RUN.toml")]
    sources: Vec<String>,
    /// Tasks: how hard the items are, two numbers from 0 to 1.
    #[arg(long, num_args = 2, value_names = ["LOW", "HIGH"], default_values_t = [0.0, 1.0])]
    difficulty: Vec<f64>,
    /// Tasks: how answers are given.
    #[arg(long, default_value = "letter")]
    answer_style: AnswerStyleName,
    /// Tasks: the side of the pictures in pixels.
    #[arg(long, default_value_t = Spec::DEFAULT_IMAGE_SIZE)]
    image_size: u32,
    /// Tasks: the part of the items.
    #[arg(long, default_value = "train")]
    split: SplitName,
    /// Files: pictures above this many pixels are set aside.
    #[arg(long, default_value_t = 16_000_000)]
    max_image_pixels: u64,
    /// Run files: the name of the `[data]` section.
    #[arg(long, value_name = "NAME")]
    data: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum AnswerStyleName {
    Letter,
    Free,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SplitName {
    Train,
    HeldOut,
}

impl SourceArguments {
    /// Describes the set as a section of a run file would, with its name.
    pub fn data(&self) -> Result<(String, Data)> {
        let extension = |source: &String| Path::new(source).extension().map(|name| name.to_string_lossy().into_owned());
        match &self.sources[..] {
            [run_file] if extension(run_file).as_deref() == Some("toml") => self.section(Path::new(run_file)),
            sources if sources.iter().all(|source| extension(source).is_some()) => Ok(self.files()),
            _ => self.tasks(),
        }
    }

    fn section(&self, run_file: &Path) -> Result<(String, Data)> {
        let mut config = gradus_config::load(run_file, &[])?;
        let known = config.data.keys().cloned().collect::<Vec<_>>().join("`, `");
        let context = || format!("failed to choose a set of `{}`: give `--data` one of `{known}`", run_file.display());
        let name = self.data.as_ref().with_context(context)?;
        let data = config.data.remove(name).with_context(context)?;
        Ok((name.clone(), data))
    }

    fn tasks(&self) -> Result<(String, Data)> {
        ensure!(self.data.is_none(), "`--data` names a section of a run file: give one (`.toml`)");
        let names: Vec<String> = match &self.sources[..] {
            [all] if all == "all" => TaskKind::ALL.iter().map(TaskKind::to_string).collect(),
            names => names.to_vec(),
        };
        let split = match self.split {
            SplitName::Train => Split::Train,
            SplitName::HeldOut => Split::HeldOut,
        };
        let tasks = names.into_iter().map(|task| self.share(task)).collect();
        let source = TaskSource { tasks, image_size: self.image_size, split };
        Ok(("tasks".to_owned(), Data { source: DataSource::Tasks(source), prompt: PromptFormat::default() }))
    }

    fn share(&self, task: String) -> TaskShare {
        let answer_style = match self.answer_style {
            AnswerStyleName::Letter => AnswerStyle::Letter,
            AnswerStyleName::Free => AnswerStyle::Free,
        };
        TaskShare { task, weight: 1.0, difficulty: [self.difficulty[0], self.difficulty[1]], answer_style }
    }

    fn files(&self) -> (String, Data) {
        let source = FileSource {
            paths: self.sources.iter().map(PathBuf::from).collect(),
            image_directory: None,
            columns: Columns::default(),
            max_image_pixels: self.max_image_pixels,
            max_records: None,
            shuffle: false,
        };
        ("files".to_owned(), Data { source: DataSource::Files(source), prompt: PromptFormat::default() })
    }
}
