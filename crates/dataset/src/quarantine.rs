//! Records that cannot be used: which they are, why, and the file that lists them.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::Error;

/// A record that was set aside.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Quarantined {
    /// The file it stands in.
    pub file: PathBuf,
    /// Its line (JSONL) or row (JSON, Parquet), from 1.
    pub row: u64,
    /// Why it cannot be used.
    #[serde(flatten)]
    pub reason: Reason,
}

/// Why a record cannot be used.
#[derive(Debug, Clone, PartialEq, Serialize, thiserror::Error)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// Bytes that are not text stand where text is needed.
    #[error("`{column}` is not UTF-8: byte {valid_up_to_bytes} belongs to no character")]
    NotUtf8 {
        /// The column, or `line` for a whole line of JSONL.
        column: String,
        /// How many bytes are text.
        valid_up_to_bytes: usize,
    },
    /// The line, or a text that should hold JSON, does not parse.
    #[error("`{column}` is not valid JSON: {message}")]
    InvalidJson {
        /// The column, or `line` for a whole line of JSONL.
        column: String,
        /// What the parser says.
        #[serde(rename = "cause")]
        message: String,
    },
    /// The record is not an object with named fields.
    #[error("the record is not an object")]
    NotAnObject,
    /// The row could not be decoded from its file.
    #[error("the row cannot be read: {message}")]
    Unreadable {
        /// What the reader says.
        #[serde(rename = "cause")]
        message: String,
    },
    /// No column holds a question.
    #[error("no prompt: none of the columns {columns} is there")]
    NoPrompt {
        /// The columns looked for.
        columns: String,
    },
    /// The question is there but says and shows nothing.
    #[error("the prompt is empty")]
    EmptyPrompt,
    /// The turns are not a conversation that a policy can continue.
    #[error("the conversation in `{column}` cannot be used: {message}")]
    Conversation {
        /// The column.
        column: String,
        /// What is wrong with it.
        #[serde(rename = "cause")]
        message: String,
    },
    /// There is no reference answer although answers are to be scored.
    #[error("no answer: none of the columns {columns} is there")]
    NoAnswer {
        /// The columns looked for.
        columns: String,
    },
    /// The reference answer is there but empty.
    #[error("the answer in `{column}` is empty")]
    EmptyAnswer {
        /// The column.
        column: String,
    },
    /// The reference answer is neither text nor a number nor a list of one.
    #[error("the answer in `{column}` is neither text nor a number")]
    AnswerShape {
        /// The column.
        column: String,
    },
    /// There is nothing to imitate although the stage is supervised.
    #[error("no target: there is no assistant turn, target column or target template")]
    NoTarget,
    /// A picture's file does not exist.
    #[error("image `{path}` does not exist")]
    MissingImage {
        /// The file.
        path: PathBuf,
    },
    /// A picture's file cannot be read.
    #[error("image `{path}` cannot be read: {message}")]
    UnreadableImage {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[serde(rename = "cause")]
        message: String,
    },
    /// A picture is to be fetched from elsewhere, which loading never does.
    #[error("image `{url}` is not local: download it first")]
    RemoteImage {
        /// The address.
        url: String,
    },
    /// A value that should be a picture is none.
    #[error("image {position} is not a path, bytes or base64")]
    ImageShape {
        /// The picture's position in the record, from 0.
        position: usize,
    },
    /// The picture's header is of no known format, or broken.
    #[error("image {position} is of no known format or has a broken header: {message}")]
    UnknownImageFormat {
        /// The picture's position in the record, from 0.
        position: usize,
        /// What the decoder says.
        #[serde(rename = "cause")]
        message: String,
    },
    /// The picture has more pixels than the run file allows.
    #[error("image {position} has {width} x {height} pixels, more than `max_image_pixels` = {max_image_pixels}")]
    ImageTooLarge {
        /// The picture's position in the record, from 0.
        position: usize,
        /// Its width in pixels.
        width: u32,
        /// Its height in pixels.
        height: u32,
        /// The limit.
        max_image_pixels: u64,
    },
    /// The text has places for more or fewer pictures than there are.
    #[error("{num_placeholders} image placeholders for {num_images} images")]
    PlaceholderMismatch {
        /// Places in the text.
        num_placeholders: usize,
        /// Pictures of the record.
        num_images: usize,
    },
    /// The record needs a modality that is not supported.
    #[error("`{column}` holds {modality}, which is not supported")]
    UnsupportedMedia {
        /// The column.
        column: String,
        /// What it holds.
        modality: String,
    },
    /// A template failed on the record.
    #[error("template `{template}` failed: {message}")]
    Template {
        /// The template's key in the run file.
        template: &'static str,
        /// What the template engine says.
        #[serde(rename = "cause")]
        message: String,
    },
}

/// What came of reading files.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LoadReport {
    /// Records read.
    pub num_rows: u64,
    /// Records kept.
    pub num_kept: u64,
    /// Records set aside, in reading order.
    pub quarantined: Vec<Quarantined>,
}

impl LoadReport {
    /// Writes one JSON object a line for each record set aside: file, row, reason, its values and a sentence.
    pub fn write_quarantine(&self, path: &Path) -> Result<(), Error> {
        let failed = |source| Error::Write { path: path.to_owned(), source };
        let mut writer = BufWriter::new(File::create(path).map_err(failed)?);
        for quarantined in &self.quarantined {
            let line = Line { quarantined, message: quarantined.reason.to_string() };
            serde_json::to_writer(&mut writer, &line).map_err(|error| failed(error.into()))?;
            writer.write_all(b"\n").map_err(failed)?;
        }
        writer.flush().map_err(failed)
    }
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    quarantined: &'a Quarantined,
    message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quarantine_file_names_row_and_reason() {
        let quarantined = Quarantined {
            file: "set.jsonl".into(),
            row: 7,
            reason: Reason::EmptyAnswer { column: "answer".to_owned() },
        };
        let report = LoadReport { num_rows: 8, num_kept: 7, quarantined: vec![quarantined] };
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("quarantine.jsonl");
        report.write_quarantine(&path).unwrap();
        let line: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(
            line,
            serde_json::json!({
                "file": "set.jsonl", "row": 7, "reason": "empty_answer", "column": "answer",
                "message": "the answer in `answer` is empty",
            })
        );
    }

    #[test]
    fn every_name_of_a_line_stands_once() {
        let reason = Reason::InvalidJson { column: "line".to_owned(), message: "expected value".to_owned() };
        let quarantined = Quarantined { file: "set.jsonl".into(), row: 1, reason };
        let line = Line { message: quarantined.reason.to_string(), quarantined: &quarantined };
        let text = serde_json::to_string(&line).unwrap();
        assert_eq!(text.matches("\"message\"").count(), 1, "{text}");
        assert!(text.contains(r#""cause":"expected value""#), "{text}");
    }

    #[test]
    fn a_directory_that_is_not_there_is_named() {
        let error = LoadReport::default().write_quarantine(Path::new("/nowhere/quarantine.jsonl")).unwrap_err();
        assert!(error.to_string().contains("`/nowhere/quarantine.jsonl`"), "{error}");
    }
}
