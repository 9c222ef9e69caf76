//! The journal: every change of the machine's state, in order, so that a crash loses nothing that was acknowledged.
//!
//! The file begins with a magic number, followed by frames of records in postcard's form. A snapshot of the state takes
//! the place of the records before it when the file has grown: it is written beside the journal and renamed over it.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::{
    Error,
    machine::{Event, State, Timestamp},
    store::frame::{self, Scan},
};

/// Begins every journal; the digits are the version of its form.
const MAGIC: &[u8; 16] = b"gradus journal 2";

/// What the magic numbers of all versions have in common.
const FAMILY: &[u8] = b"gradus journal ";

/// A record of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Record {
    /// The whole state, in place of all records before it.
    Snapshot(Box<State>),
    /// A change.
    Event {
        /// When it was made.
        at: Timestamp,
        /// What it was.
        event: Event,
    },
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    length: u64,
    buffer: Vec<u8>,
}

impl Journal {
    /// Opens a journal and reads its records; makes an empty one if there is none. A torn end is cut off.
    ///
    /// # Errors
    /// The file cannot be used, or is damaged before its end.
    pub fn open(path: &Path) -> Result<(Self, Vec<Record>), Error> {
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .append(true)
            .open(path)
            .map_err(Error::file("open", path))?;
        let mut content = Vec::new();
        file.read_to_end(&mut content).map_err(Error::file("read", path))?;
        let mut journal = Self { path: path.to_owned(), file, length: content.len() as u64, buffer: Vec::new() };
        if content.len() < MAGIC.len() && MAGIC.starts_with(&content) {
            journal.cut(0)?;
            journal.buffer.extend(MAGIC);
            journal.write()?;
            journal.sync()?;
            // The file itself is there after a power cut only once its directory is on disk.
            sync_directory(directory_of(path))?;
            return Ok((journal, Vec::new()));
        }
        let (records, whole) = read(path, &content)?;
        if whole < content.len() {
            warn!(path = %path.display(), bytes = content.len() - whole, "cutting off a torn end of the journal");
            journal.cut(whole as u64)?;
        }
        Ok((journal, records))
    }

    /// Adds a record to what the next [`write`](Self::write) writes.
    ///
    /// # Errors
    /// The record cannot be encoded.
    pub fn append(&mut self, record: &Record) -> Result<(), Error> {
        let body = postcard::to_stdvec(record).map_err(Error::Encode)?;
        frame::write(&mut self.buffer, &body);
        Ok(())
    }

    /// Hands everything appended to the operating system: a killed process loses none of it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&mut self) -> Result<(), Error> {
        self.file.write_all(&self.buffer).map_err(Error::file("append to", &self.path))?;
        self.length += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Waits until everything written is on disk: a machine that loses power loses none of it.
    ///
    /// # Errors
    /// The disk does not answer.
    pub fn sync(&self) -> Result<(), Error> {
        self.file.sync_data().map_err(Error::file("sync", &self.path))
    }

    /// Returns the length of the file, in bytes.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// Replaces all records by a snapshot.
    ///
    /// # Errors
    /// The new file cannot be written; the old one stays.
    pub fn compact(&mut self, state: &State) -> Result<(), Error> {
        let aside = self.path.with_extension("new");
        let mut content = MAGIC.to_vec();
        let body = postcard::to_stdvec(&Record::Snapshot(Box::new(state.clone()))).map_err(Error::Encode)?;
        frame::write(&mut content, &body);
        replace(&self.path, &aside, &content)?;
        self.file =
            OpenOptions::new().read(true).append(true).open(&self.path).map_err(Error::file("open", &self.path))?;
        self.length = content.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    fn cut(&mut self, length: u64) -> Result<(), Error> {
        self.file.set_len(length).map_err(Error::file("cut the torn end of", &self.path))?;
        self.length = length;
        Ok(())
    }
}

/// Writes a file aside, and renames it into place once it is on disk. If that fails, nothing is left beside the file.
pub(crate) fn replace(path: &Path, aside: &Path, content: &[u8]) -> Result<(), Error> {
    write_synced(aside, content).inspect_err(|_| {
        // The failure itself is worth more than that of tidying up after it.
        let _ = fs::remove_file(aside);
    })?;
    fs::rename(aside, path).map_err(Error::file("replace", path))?;
    sync_directory(directory_of(path))
}

/// Waits until the names of the files in a directory are on disk.
pub(crate) fn sync_directory(path: &Path) -> Result<(), Error> {
    let directory = File::open(path).map_err(Error::file("open", path))?;
    directory.sync_all().map_err(Error::file("sync", path))
}

/// Returns the directory that a file lies in.
pub(crate) fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn write_synced(path: &Path, content: &[u8]) -> Result<(), Error> {
    let mut file = File::create(path).map_err(Error::file("create", path))?;
    file.write_all(content).map_err(Error::file("write", path))?;
    file.sync_all().map_err(Error::file("sync", path))
}

/// Reads all whole records, and tells where the last one ends.
fn read(path: &Path, content: &[u8]) -> Result<(Vec<Record>, usize), Error> {
    let damaged =
        |offset: usize| Error::Damaged { path: path.to_owned(), offset: offset as u64, length: content.len() as u64 };
    if !content.starts_with(MAGIC) {
        let is_other_version = content.starts_with(FAMILY);
        return Err(if is_other_version { Error::OtherForm { path: path.to_owned() } } else { damaged(0) });
    }
    let mut records = Vec::new();
    let mut offset = MAGIC.len();
    loop {
        match frame::scan(content, offset) {
            Scan::Frame(body) => {
                offset = body.end;
                let record = postcard::from_bytes(&content[body]).map_err(|source| Error::Foreign {
                    path: path.to_owned(),
                    position: records.len() as u64,
                    source,
                })?;
                records.push(record);
            }
            Scan::End | Scan::Torn => return Ok((records, offset)),
            Scan::Damaged => return Err(damaged(offset)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::{Control, Lend, Tick};

    fn records() -> Vec<Record> {
        let lend = Lend { actor: "actor-0".to_owned(), incarnation: "life-1".to_owned(), max_groups: 3 };
        let events: [Event; 3] = [lend.into(), Tick.into(), Control::Pause.into()];
        events.into_iter().enumerate().map(|(i, event)| Record::Event { at: Timestamp(i as u64), event }).collect()
    }

    fn written(path: &Path) {
        let (mut journal, before) = Journal::open(path).unwrap();
        assert_eq!(before, []);
        for record in records() {
            journal.append(&record).unwrap();
        }
        journal.write().unwrap();
        journal.sync().unwrap();
    }

    #[test]
    fn what_was_written_is_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        written(&path);
        let (journal, read) = Journal::open(&path).unwrap();
        assert_eq!(read, records());
        assert_eq!(journal.length(), fs::metadata(&path).unwrap().len());
    }

    #[test]
    fn a_journal_cut_anywhere_gives_back_a_prefix_and_goes_on() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        written(&path);
        let whole = fs::read(&path).unwrap();
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            let (mut journal, read) = Journal::open(&path).unwrap();
            assert!(records().starts_with(&read), "{length}");
            let number = read.len();
            journal.append(&records()[0]).unwrap();
            journal.write().unwrap();
            assert_eq!(Journal::open(&path).unwrap().1.len(), number + 1, "{length}");
        }
    }

    #[test]
    fn damage_before_the_end_is_an_error_that_says_what_to_do() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        written(&path);
        let mut content = fs::read(&path).unwrap();
        content[MAGIC.len() + 13] ^= 0x40;
        fs::write(&path, &content).unwrap();
        let error = Journal::open(&path).unwrap_err();
        assert!(matches!(error, Error::Damaged { offset: 16, .. }), "{error}");
        assert!(error.to_string().contains("restore it from a copy"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), content, "the file is left as it is");
    }

    #[test]
    fn a_snapshot_takes_the_place_of_what_was_before() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        written(&path);
        let (mut journal, _) = Journal::open(&path).unwrap();
        let state = State { revision: 9, ..State::default() };
        journal.compact(&state).unwrap();
        journal.append(&records()[1]).unwrap();
        journal.write().unwrap();
        let (_, read) = Journal::open(&path).unwrap();
        assert_eq!(read, [Record::Snapshot(Box::new(state)), records()[1].clone()]);
    }
}
