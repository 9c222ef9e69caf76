//! Records from JSON: one a line, or one array of all.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::ops::ControlFlow;
use std::path::Path;

use super::Visit;
use crate::Error;
use crate::quarantine::Reason;
use crate::value::Value;

/// The byte order mark that some editors put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Visits the lines of a JSONL file; blank ones are counted but hold no record.
pub(super) fn visit_lines(path: &Path, visit: &mut Visit<'_>) -> Result<(), Error> {
    visit_lines_of(path, open(path)?, visit)
}

/// Visits a `.json` file, whether it is one array of records or has one record a line.
pub(super) fn visit_file(path: &Path, visit: &mut Visit<'_>) -> Result<(), Error> {
    let mut reader = open(path)?;
    if !starts_with_array(&mut reader).map_err(failed(path))? {
        return visit_lines_of(path, reader, visit);
    }
    let records: Vec<serde_json::Value> =
        serde_json::from_reader(reader).map_err(|source| Error::Json { path: path.to_owned(), source })?;
    for (record, row) in records.into_iter().zip(1..) {
        if visit(row, Ok(record.into()))?.is_break() {
            break;
        }
    }
    Ok(())
}

fn visit_lines_of(path: &Path, mut reader: impl BufRead, visit: &mut Visit<'_>) -> Result<(), Error> {
    let mut line = Vec::new();
    for row in 1.. {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(failed(path))? == 0 {
            break;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if let ControlFlow::Break(()) = visit(row, record(&line))? {
            break;
        }
    }
    Ok(())
}

fn record(line: &[u8]) -> Result<Value, Reason> {
    let column = || "line".to_owned();
    let text = std::str::from_utf8(line)
        .map_err(|error| Reason::NotUtf8 { column: column(), valid_up_to_bytes: error.valid_up_to() })?;
    let json: serde_json::Value = serde_json::from_str(text)
        .map_err(|error| Reason::InvalidJson { column: column(), message: error.to_string() })?;
    Ok(json.into())
}

/// Opens a file behind its byte order mark.
fn open(path: &Path) -> Result<BufReader<File>, Error> {
    let mut reader = BufReader::new(File::open(path).map_err(failed(path))?);
    if reader.fill_buf().map_err(failed(path))?.starts_with(BYTE_ORDER_MARK) {
        reader.consume(BYTE_ORDER_MARK.len());
    }
    Ok(reader)
}

/// Looks at the first byte that is not white space, and goes back to where it was.
fn starts_with_array(reader: &mut BufReader<File>) -> std::io::Result<bool> {
    let start = reader.stream_position()?;
    let mut first = reader.by_ref().bytes().find(|byte| !matches!(byte, Ok(byte) if byte.is_ascii_whitespace()));
    let is_array = first.take().transpose()? == Some(b'[');
    reader.seek(std::io::SeekFrom::Start(start))?;
    Ok(is_array)
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Read { path: path.clone(), source }
}
