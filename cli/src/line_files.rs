//! Files of one JSON object a line: read whole lines, write one line for each, and never leave half a file behind.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Serialize;

/// The files of a command that answers line by line.
#[derive(Clone, Debug, Args)]
pub struct LineFiles {
    /// The questions, one JSON object a line.
    #[arg(long, value_name = "F.jsonl")]
    pub input: PathBuf,
    /// Where the answers are written, one JSON object a line.
    #[arg(long, value_name = "F.jsonl")]
    pub output: PathBuf,
}

/// A line of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1, for messages.
    pub number: usize,
    /// The text.
    pub text: String,
}

/// Reads the lines of a file that hold anything.
pub fn read(path: &Path) -> Result<Vec<Line>> {
    let text = fs::read_to_string(path).with_context(|| format!("failed to read `{}`", path.display()))?;
    let numbered = text.lines().enumerate().map(|(index, text)| Line { number: index + 1, text: text.to_owned() });
    Ok(numbered.filter(|line| !line.text.trim().is_empty()).collect())
}

/// The output: one line for each line of the input, in order, under its name only once all are there.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    partial: PathBuf,
    writer: BufWriter<File>,
    num_lines: usize,
    failures: Vec<String>,
}

/// What stands in the output for a line that failed.
#[derive(Serialize)]
struct Failure<'a> {
    error: &'a str,
}

impl Output {
    /// Opens the output beside its final name.
    pub fn create(path: &Path) -> Result<Self> {
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let file = File::create(&partial).with_context(|| format!("failed to create `{}`", partial.display()))?;
        let writer = BufWriter::new(file);
        Ok(Self { path: path.to_owned(), partial, writer, num_lines: 0, failures: Vec::new() })
    }

    /// Writes the answer to a line, or why there is none.
    pub fn write(&mut self, line: &Line, answer: &Result<impl Serialize>) -> Result<()> {
        self.num_lines += 1;
        match answer {
            Ok(answer) => self.write_json(answer),
            Err(error) => {
                let error = format!("{error:#}");
                self.failures.push(format!("line {}: {error}", line.number));
                self.write_json(&Failure { error: &error })
            }
        }
    }

    fn write_json(&mut self, value: &impl Serialize) -> Result<()> {
        let failed = || format!("failed to write `{}`", self.partial.display());
        serde_json::to_writer(&mut self.writer, value).with_context(failed)?;
        self.writer.write_all(b"\n").with_context(failed)
    }

    /// Gives the output its name, and fails if any line did.
    pub fn finish(self) -> Result<()> {
        let Self { path, partial, writer, num_lines, failures } = self;
        let (from, to) = (partial.display(), path.display());
        let file = writer.into_inner().map_err(|error| error.into_error());
        file.and_then(|file| file.sync_all()).with_context(|| format!("failed to write `{from}`"))?;
        fs::rename(&partial, &path).with_context(|| format!("failed to rename `{from}` to `{to}`"))?;
        let Some(first) = failures.first() else { return Ok(()) };
        bail!("{} of {num_lines} lines failed, and say why in `{to}`; the first is {first}", failures.len())
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_failed_line_keeps_its_place_and_fails_the_whole_at_the_end() {
        let directory = tempfile::tempdir().unwrap();
        let (input, path) = (directory.path().join("in.jsonl"), directory.path().join("out.jsonl"));
        fs::write(&input, "{}\n\n[]\n").unwrap();
        let lines = read(&input).unwrap();
        assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 3]);
        let mut output = Output::create(&path).unwrap();
        output.write(&lines[0], &Err::<(), _>(anyhow!("cause").context("failed to look"))).unwrap();
        output.write(&lines[1], &Ok([1.5_f32])).unwrap();
        assert!(!path.exists());
        let error = output.finish().unwrap_err().to_string();
        assert!(error.contains("1 of 2 lines") && error.contains("line 1: failed to look: cause"), "{error}");
        assert_eq!(fs::read_to_string(path).unwrap(), "{\"error\":\"failed to look: cause\"}\n[1.5]\n");
    }

    #[test]
    fn an_output_that_cannot_be_made_is_refused_at_once() {
        let error = Output::create(Path::new("/no/such/directory/out.jsonl")).unwrap_err();
        assert!(error.to_string().contains("/no/such/directory/out.jsonl.partial"), "{error}");
    }
}
