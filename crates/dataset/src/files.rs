//! Prompts from files: every good record in memory, every bad one in the report.

mod json;
mod parquet;

use std::ops::ControlFlow;
use std::path::Path;

use gradus_config::FileSource;
use gradus_types::{ContentPart, Message, Prompt, PromptId, RewardSpec};

use crate::format::{Formatter, TargetParts};
use crate::prompt_set::OpenOptions;
use crate::quarantine::{LoadReport, Quarantined, Reason};
use crate::record::{Draft, Failure, Part, PictureReader, Turn, answer_columns, top_level_names};
use crate::value::Value;
use crate::{Error, Needs};

/// Called with the number of a row, from 1, and its record, or why it cannot be read.
type Visit<'a> = dyn FnMut(u64, Result<Value, Reason>) -> Result<ControlFlow<()>, Error> + 'a;

/// Reads all records of a source.
pub(crate) fn load(
    source: &FileSource,
    formatter: &Formatter,
    options: &OpenOptions,
) -> Result<(Vec<Prompt>, LoadReport), Error> {
    if source.paths.is_empty() {
        return Err(Error::NoFiles { name: options.name.clone() });
    }
    let max_records = source.max_records.unwrap_or(u64::MAX);
    let (mut prompts, mut report) = (Vec::new(), LoadReport::default());
    for path in &source.paths {
        if report.num_kept >= max_records {
            break;
        }
        let loader = Loader { source, path, formatter, options };
        let mut visit = |row, record: Result<Value, Reason>| {
            let id = PromptId(report.num_rows);
            report.num_rows += 1;
            match record.map_err(Failure::Record).and_then(|record| loader.prompt(id, &record)) {
                Ok(prompt) => {
                    report.num_kept += 1;
                    prompts.push(prompt);
                }
                Err(Failure::Record(reason)) => {
                    report.quarantined.push(Quarantined { file: path.clone(), row, reason });
                }
                Err(Failure::Set(error)) => return Err(error),
            }
            Ok(if report.num_kept < max_records { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        };
        visit_rows(path, source, &mut visit)?;
    }
    refuse_nothing_kept(&options.name, &report)?;
    Ok((prompts, report))
}

fn visit_rows(path: &Path, source: &FileSource, visit: &mut Visit<'_>) -> Result<(), Error> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("jsonl") => json::visit_lines(path, visit),
        Some("json") => json::visit_file(path, visit),
        Some("parquet") => parquet::visit_rows(path, &top_level_names(&source.columns), visit),
        _ => Err(Error::UnknownExtension { path: path.to_owned() }),
    }
}

fn refuse_nothing_kept(name: &str, report: &LoadReport) -> Result<(), Error> {
    match report.quarantined.first() {
        _ if report.num_kept > 0 => Ok(()),
        Some(first) => Err(Error::NothingKept {
            name: name.to_owned(),
            num_rows: report.num_rows,
            file: first.file.clone(),
            row: first.row,
            reason: Box::new(first.reason.clone()),
        }),
        None => Err(Error::Empty { name: name.to_owned() }),
    }
}

struct Loader<'a> {
    source: &'a FileSource,
    path: &'a Path,
    formatter: &'a Formatter,
    options: &'a OpenOptions,
}

impl Loader<'_> {
    fn prompt(&self, id: PromptId, record: &Value) -> Result<Prompt, Failure> {
        let draft = Draft::read(record, &self.source.columns)?;
        let parts = TargetParts {
            rationale: draft.rationale.as_deref(),
            answer: draft.gold.as_deref(),
            target: draft.target.as_deref(),
            num_images: draft.num_images(),
        };
        let target = self.formatter.target(&parts)?;
        self.check_needs(&draft, target.is_some())?;
        // Pictures come last: what is refused for another reason is not read or spooled.
        let body = self.formatter.body(self.messages(draft.turns)?)?;
        let num_options = draft.options.len();
        Ok(Prompt {
            id,
            source: draft.source.unwrap_or_else(|| self.file_stem()),
            body,
            prefill: self.formatter.prefill(),
            target,
            reward: RewardSpec { gold: draft.gold, options: draft.options, ..Default::default() },
            difficulty: draft.difficulty,
            chance: (num_options > 1).then(|| 1.0 / num_options as f64),
        })
    }

    fn check_needs(&self, draft: &Draft, has_target: bool) -> Result<(), Reason> {
        let (needs_answer, needs_target) = match self.options.needs {
            Needs::Either => (draft.gold.is_none() && !has_target, false),
            Needs::Answer => (true, false),
            Needs::Target => (false, true),
            Needs::Both => (true, true),
        };
        if needs_answer && draft.gold.is_none() {
            return Err(Reason::NoAnswer { columns: answer_columns(&self.source.columns) });
        }
        if needs_target && !has_target { Err(Reason::NoTarget) } else { Ok(()) }
    }

    fn messages(&self, turns: Vec<Turn>) -> Result<Vec<Message>, Failure> {
        let own_directory = self.path.parent().unwrap_or(Path::new(""));
        let pictures = PictureReader {
            directory: self.source.image_directory.as_deref().unwrap_or(own_directory),
            max_image_pixels: self.source.max_image_pixels,
            media: &self.options.media,
        };
        let mut position = 0;
        let mut messages = Vec::new();
        for turn in turns {
            let mut content = Vec::new();
            for part in turn.parts {
                content.push(match part {
                    Part::Text(text) => ContentPart::Text { text },
                    Part::Image(value) => {
                        position += 1;
                        let value = value.unwrap_or(Value::Null);
                        ContentPart::Image { hash: pictures.read(&value, position - 1)? }
                    }
                });
            }
            messages.push(Message { role: turn.role, content });
        }
        Ok(messages)
    }

    fn file_stem(&self) -> String {
        self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }
}
