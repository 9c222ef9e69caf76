//! Where pictures are, by content hash, so that encoded bytes can be handed out without holding them in memory.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gradus_tasks::Mixture;
use gradus_types::MediaHash;

use crate::Error;

/// Finds the encoded bytes of every picture the data sets have drawn.
///
/// Files stay where they are and are read again on demand; embedded pictures are spooled to one unlinked temporary file;
/// generated pictures are generated again. Whatever is handed out has been hashed anew.
#[derive(Debug, Default)]
pub struct MediaStore {
    places: Mutex<Places>,
}

#[derive(Debug, Default)]
struct Places {
    by_hash: HashMap<MediaHash, Place>,
    /// The hashes of generated pictures, the oldest first.
    generated: VecDeque<MediaHash>,
    spool: Option<Arc<File>>,
    spool_size_bytes: u64,
}

#[derive(Debug, Clone)]
enum Place {
    File(PathBuf),
    Spool { file: Arc<File>, offset: u64, size_bytes: usize },
    Generated { mixture: Arc<Mixture>, index: u64 },
}

/// Generated pictures are forgotten after so many later ones (about 30 MB of bookkeeping); drawing an item again recalls its
/// picture.
const MAX_GENERATED: usize = 1 << 18;

impl MediaStore {
    /// Reads the encoded bytes of a picture and checks that they are still the same.
    pub fn get(&self, hash: MediaHash) -> Result<Vec<u8>, Error> {
        let place = self.places().by_hash.get(&hash).cloned().ok_or(Error::UnknownMedia { hash })?;
        let encoded = place.read()?;
        let found = MediaHash::of(&encoded);
        if found != hash {
            return Err(Error::MediaChanged { hash, found, origin: place.describe() });
        }
        Ok(encoded)
    }

    /// Returns how many pictures are known.
    pub fn len(&self) -> usize {
        self.places().by_hash.len()
    }

    /// Tells whether no picture is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Remembers a file whose bytes have just been hashed.
    pub(crate) fn add_file(&self, hash: MediaHash, path: &Path) {
        self.places().by_hash.entry(hash).or_insert_with(|| Place::File(path.to_owned()));
    }

    /// Keeps bytes that exist nowhere as a file of their own.
    pub(crate) fn add_bytes(&self, encoded: &[u8]) -> Result<MediaHash, Error> {
        let hash = MediaHash::of(encoded);
        let mut places = self.places();
        if places.by_hash.contains_key(&hash) {
            return Ok(hash);
        }
        let file = match &places.spool {
            Some(file) => Arc::clone(file),
            None => Arc::clone(places.spool.insert(Arc::new(tempfile::tempfile().map_err(spool_failed)?))),
        };
        let offset = places.spool_size_bytes;
        file.write_all_at(encoded, offset).map_err(spool_failed)?;
        places.spool_size_bytes += encoded.len() as u64;
        places.by_hash.insert(hash, Place::Spool { file, offset, size_bytes: encoded.len() });
        Ok(hash)
    }

    /// Remembers how a picture was generated.
    pub(crate) fn add_generated(&self, hash: MediaHash, mixture: &Arc<Mixture>, index: u64) {
        let mut places = self.places();
        if places.by_hash.contains_key(&hash) {
            return;
        }
        places.by_hash.insert(hash, Place::Generated { mixture: Arc::clone(mixture), index });
        places.generated.push_back(hash);
        if places.generated.len() > MAX_GENERATED {
            let oldest = places.generated.pop_front();
            oldest.map(|oldest| places.by_hash.remove(&oldest));
        }
    }

    /// Locks the places; every change is complete before anything can panic, so a poisoned lock is as good as any.
    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    fn read(&self) -> Result<Vec<u8>, Error> {
        match self {
            Self::File(path) => std::fs::read(path).map_err(|source| Error::Read { path: path.clone(), source }),
            Self::Spool { file, offset, size_bytes } => {
                let mut encoded = vec![0; *size_bytes];
                file.read_exact_at(&mut encoded, *offset).map_err(spool_failed)?;
                Ok(encoded)
            }
            Self::Generated { mixture, index } => {
                Ok(mixture.item(*index).picture.map(|picture| picture.png).unwrap_or_default())
            }
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::File(path) => format!("`{}`", path.display()),
            Self::Spool { .. } => "the temporary file for embedded images".to_owned(),
            Self::Generated { index, .. } => format!("generated item {index}"),
        }
    }
}

fn spool_failed(source: std::io::Error) -> Error {
    Error::Spool { source }
}

#[cfg(test)]
mod tests {
    use gradus_tasks::{Difficulty, Spec, Split, TaskKind};

    use super::*;

    #[test]
    fn embedded_bytes_come_back_by_their_hash() {
        let media = MediaStore::default();
        let first = media.add_bytes(b"first").unwrap();
        let second = media.add_bytes(b"second").unwrap();
        assert_eq!(media.add_bytes(b"first").unwrap(), first);
        assert_eq!(media.get(second).unwrap(), b"second");
        assert_eq!(media.get(first).unwrap(), b"first");
        assert_eq!(media.len(), 2);
    }

    #[test]
    fn a_file_that_changed_is_not_handed_out() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("picture.png");
        std::fs::write(&path, b"before").unwrap();
        let media = MediaStore::default();
        let hash = MediaHash::of(b"before");
        media.add_file(hash, &path);
        assert_eq!(media.get(hash).unwrap(), b"before");
        std::fs::write(&path, b"after").unwrap();
        assert!(matches!(media.get(hash), Err(Error::MediaChanged { found, .. }) if found == MediaHash::of(b"after")));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(media.get(hash), Err(Error::Read { .. })));
    }

    #[test]
    fn an_unknown_hash_is_an_error() {
        let hash = MediaHash::of(b"never seen");
        assert!(matches!(MediaStore::default().get(hash), Err(Error::UnknownMedia { .. })));
    }

    #[test]
    fn a_generated_picture_is_generated_again() {
        let spec = Spec::new(TaskKind::Colour, Difficulty::EASIEST);
        let mixture = Arc::new(Mixture::new(vec![(spec, 1.0)], 3, Split::Train).unwrap());
        let png = mixture.item(5).picture.unwrap().png;
        let media = MediaStore::default();
        media.add_generated(MediaHash::of(&png), &mixture, 5);
        assert_eq!(media.get(MediaHash::of(&png)).unwrap(), png);
    }
}
