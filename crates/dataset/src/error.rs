//! What stops a prompt set from being opened, or a picture from being handed out.

use std::path::PathBuf;

use gradus_types::MediaHash;

use crate::quarantine::Reason;

/// The error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The run file names no file.
    #[error("failed to open data set `{name}`: it names no file")]
    NoFiles {
        /// The data set.
        name: String,
    },
    /// The file's extension is not one of those that are understood.
    #[error("failed to open `{path}`: use a file that ends in `.jsonl`, `.json` or `.parquet`")]
    UnknownExtension {
        /// The file.
        path: PathBuf,
    },
    /// A file cannot be read.
    #[error("failed to read `{path}`")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("failed to write `{path}`")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A Parquet file cannot be opened.
    #[error("failed to open `{path}` as Parquet")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        source: parquet::errors::ParquetError,
    },
    /// A JSON file that is one array does not parse.
    #[error("failed to parse `{path}` as a JSON array of records")]
    Json {
        /// The file.
        path: PathBuf,
        /// What the parser says.
        source: serde_json::Error,
    },
    /// No record is usable.
    #[error("data set `{name}` has no usable record: {num_rows} read; first reason, in `{file}` row {row}: {reason}")]
    NothingKept {
        /// The data set.
        name: String,
        /// Records read.
        num_rows: u64,
        /// The file of the first record set aside.
        file: PathBuf,
        /// The row of the first record set aside, from 1.
        row: u64,
        /// Why it was set aside.
        reason: Box<Reason>,
    },
    /// The files hold no record at all, or the filter leaves none.
    #[error("data set `{name}` is empty")]
    Empty {
        /// The data set.
        name: String,
    },
    /// A template of the run file does not compile.
    #[error("failed to compile template `{template}` of data set `{name}`")]
    Template {
        /// The data set.
        name: String,
        /// The template's key.
        template: &'static str,
        /// What the template engine says.
        source: Box<minijinja::Error>,
    },
    /// A template of the run file fails on a generated item.
    #[error("template `{template}` failed on item {index} of data set `{name}`: {message}")]
    Render {
        /// The data set.
        name: String,
        /// The template's key.
        template: &'static str,
        /// The item.
        index: u64,
        /// What is wrong.
        message: String,
    },
    /// A task of the run file cannot be generated.
    #[error("data set `{name}` cannot be generated")]
    Task {
        /// The data set.
        name: String,
        /// What is wrong.
        source: gradus_tasks::Error,
    },
    /// A difficulty range holds no level.
    #[error(
        "difficulty `[{low}, {high}]` of task `{task}` in data set `{name}`: give two numbers from 0 to 1 in ascending order"
    )]
    DifficultyRange {
        /// The data set.
        name: String,
        /// The task.
        task: String,
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
    /// Nobody has heard of a picture.
    #[error("no data set has drawn media `{hash}`")]
    UnknownMedia {
        /// The picture.
        hash: MediaHash,
    },
    /// A picture's file is no longer what it was.
    #[error(
        "media `{hash}` has changed since it was loaded from {origin}: it is now `{found}`; restore it or start a new run"
    )]
    MediaChanged {
        /// The picture as it was.
        hash: MediaHash,
        /// The picture as it is.
        found: MediaHash,
        /// Where it comes from.
        origin: String,
    },
    /// The temporary file for embedded pictures cannot be used.
    #[error("failed to use the temporary file for embedded images: make room in the temporary directory or set TMPDIR")]
    Spool {
        /// What the system says.
        source: std::io::Error,
    },
}
