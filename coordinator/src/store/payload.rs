//! Payloads: the tokens, logprobs and texts of stored groups, in one file a step or evaluation.
//!
//! A payload is found by its [`Location`], never by scanning, so what a crash leaves unfinished at a file's end is
//! simply never pointed at. A file is deleted as a whole, once a checkpoint covers its groups.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use crate::{
    Error,
    machine::{Location, Segment},
    store::{
        frame::{self, HEADER_BYTES},
        journal::{self, sync_directory},
    },
};

/// The payload files of a run, for the one who writes them.
#[derive(Debug)]
pub struct Payloads {
    directory: PathBuf,
    open: BTreeMap<Segment, OpenSegment>,
    /// Whether a file was made since the directory was last on disk.
    has_new_file: bool,
}

#[derive(Debug)]
struct OpenSegment {
    file: File,
    length: u64,
    is_synced: bool,
}

/// The payload files of a run, for those who read them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct PayloadReader {
    directory: PathBuf,
}

impl Payloads {
    /// Opens the payload files in a directory.
    ///
    /// # Errors
    /// The directory cannot be made.
    pub fn open(directory: &Path) -> Result<Self, Error> {
        fs::create_dir_all(directory).map_err(Error::file("create", directory))?;
        sync_directory(journal::directory_of(directory))?;
        Ok(Self { directory: directory.to_owned(), open: BTreeMap::new(), has_new_file: false })
    }

    /// Returns a reader of the files.
    #[must_use]
    pub fn reader(&self) -> PayloadReader {
        PayloadReader { directory: self.directory.clone() }
    }

    /// Appends a payload to a file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn append(&mut self, segment: Segment, payload: &[u8]) -> Result<Location, Error> {
        let path = path_of(&self.directory, segment);
        let opened = match self.open.entry(segment) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                self.has_new_file = true;
                entry.insert(open(&path)?)
            }
        };
        let mut framed = Vec::with_capacity(HEADER_BYTES + payload.len());
        frame::write(&mut framed, payload);
        opened.file.write_all(&framed).map_err(Error::file("append to", &path))?;
        let location = Location { segment, offset: opened.length };
        opened.length += framed.len() as u64;
        opened.is_synced = false;
        Ok(location)
    }

    /// Waits until all payloads are on disk.
    ///
    /// # Errors
    /// The disk does not answer.
    pub fn sync(&mut self) -> Result<(), Error> {
        for (segment, opened) in &mut self.open {
            if !opened.is_synced {
                let path = path_of(&self.directory, *segment);
                opened.file.sync_data().map_err(Error::file("sync", path))?;
                opened.is_synced = true;
            }
        }
        if self.has_new_file {
            sync_directory(&self.directory)?;
            self.has_new_file = false;
        }
        Ok(())
    }

    /// Deletes files.
    ///
    /// # Errors
    /// A file cannot be deleted.
    pub fn delete(&mut self, segments: &[Segment]) -> Result<(), Error> {
        for segment in segments {
            self.open.remove(segment);
            let path = path_of(&self.directory, *segment);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(Error::file("delete", path)(error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Deletes the files of steps that no group is kept in: what a crash has left behind.
    ///
    /// # Errors
    /// The directory cannot be read, or a file cannot be deleted.
    pub fn delete_orphans(&mut self, needed: &BTreeSet<Segment>) -> Result<(), Error> {
        let names: BTreeSet<String> = needed.iter().map(|segment| name_of(*segment)).collect();
        let entries = fs::read_dir(&self.directory).map_err(Error::file("list", &self.directory))?;
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("step-") && !names.contains(&name) {
                fs::remove_file(entry.path()).map_err(Error::file("delete", entry.path()))?;
            }
        }
        Ok(())
    }
}

impl PayloadReader {
    /// Reads a payload.
    ///
    /// # Errors
    /// The file cannot be read, or the payload does not match its checksum.
    pub fn read(&self, location: Location) -> Result<Vec<u8>, Error> {
        let path = path_of(&self.directory, location.segment);
        let file = File::open(&path).map_err(Error::file("open", &path))?;
        let mut header = [0; HEADER_BYTES];
        file.read_exact_at(&mut header, location.offset).map_err(Error::file("read", &path))?;
        let length = file.metadata().map_err(Error::file("read", &path))?.len();
        let damaged = || Error::Damaged { path: path.clone(), offset: location.offset, length };
        let (num_bytes, checksum) = frame::read_header(header).ok_or_else(damaged)?;
        if num_bytes as u64 > length {
            return Err(damaged());
        }
        let mut payload = vec![0; num_bytes];
        let offset = location.offset + HEADER_BYTES as u64;
        file.read_exact_at(&mut payload, offset).map_err(Error::file("read", &path))?;
        if crc32fast::hash(&payload) == checksum { Ok(payload) } else { Err(damaged()) }
    }
}

fn open(path: &Path) -> Result<OpenSegment, Error> {
    let file = OpenOptions::new().create(true).append(true).open(path).map_err(Error::file("open", path))?;
    let length = file.metadata().map_err(Error::file("open", path))?.len();
    Ok(OpenSegment { file, length, is_synced: true })
}

fn path_of(directory: &Path, segment: Segment) -> PathBuf {
    directory.join(name_of(segment))
}

fn name_of(segment: Segment) -> String {
    match segment {
        Segment::Step(step) => format!("step-{step:06}.bin"),
        Segment::Evaluation(number) => format!("evaluation-{number:04}.bin"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_found_again_after_a_torn_end() {
        let directory = tempfile::tempdir().unwrap();
        let segment = Segment::Step(3);
        let first = Payloads::open(directory.path()).unwrap().append(segment, b"first").unwrap();
        let path = path_of(directory.path(), segment);
        OpenOptions::new().append(true).open(path).unwrap().write_all(b"torn").unwrap();
        let mut payloads = Payloads::open(directory.path()).unwrap();
        let second = payloads.append(segment, b"second").unwrap();
        payloads.sync().unwrap();
        assert_eq!(payloads.reader().read(first).unwrap(), b"first");
        assert_eq!(payloads.reader().read(second).unwrap(), b"second");
    }

    #[test]
    fn a_damaged_payload_is_noticed() {
        let directory = tempfile::tempdir().unwrap();
        let segment = Segment::Evaluation(0);
        let mut payloads = Payloads::open(directory.path()).unwrap();
        let location = payloads.append(segment, b"payload").unwrap();
        let path = path_of(directory.path(), segment);
        let mut content = fs::read(&path).unwrap();
        *content.last_mut().unwrap() ^= 1;
        fs::write(&path, content).unwrap();
        assert!(matches!(payloads.reader().read(location), Err(Error::Damaged { .. })));
    }

    #[test]
    fn only_orphans_of_steps_are_deleted() {
        let directory = tempfile::tempdir().unwrap();
        let mut payloads = Payloads::open(directory.path()).unwrap();
        let kept = payloads.append(Segment::Step(2), b"kept").unwrap();
        let measured = payloads.append(Segment::Evaluation(1), b"measured").unwrap();
        let orphan = payloads.append(Segment::Step(1), b"orphan").unwrap();
        payloads.delete_orphans(&BTreeSet::from([Segment::Step(2)])).unwrap();
        let reader = payloads.reader();
        assert!(reader.read(kept).is_ok() && reader.read(measured).is_ok());
        assert!(reader.read(orphan).is_err());
    }
}
