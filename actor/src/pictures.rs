//! The encoded files of pictures: fetched once by hash, and kept up to a number of bytes.
//!
//! | who | waits for | unblocked by |
//! |---|---|---|
//! | first caller of a picture | the coordinator | its answer |
//! | later caller, picture on its way | the first caller | its end; where that failed, the later caller fetches itself |
//!
//! A picture is needed in this form until its patches are in the processor's cache, so little of it has to be kept.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use gradus_rpc::CallError;
use gradus_types::MediaHash;
use tokio::sync::OnceCell;

use crate::coordinator::Coordinator;

/// Encoded files by hash, as the processor takes them.
pub type Encoded = HashMap<MediaHash, Arc<[u8]>>;

/// Fetches pictures and keeps the most recently used ones.
#[derive(Debug)]
pub struct Pictures {
    coordinator: Coordinator,
    max_bytes: usize,
    kept: Mutex<Kept>,
}

/// A picture that could not be had.
#[derive(Clone, Debug, thiserror::Error)]
#[error("failed to fetch picture `{hash}` from the coordinator")]
pub struct FetchError {
    /// The picture.
    pub hash: MediaHash,
    /// How the call failed.
    pub source: CallError,
}

type Cell = Arc<OnceCell<Arc<[u8]>>>;

#[derive(Debug, Default)]
struct Kept {
    entries: HashMap<MediaHash, (Cell, u64)>,
    num_uses: u64,
}

// === impl Pictures ===

impl Pictures {
    /// Makes an empty store that keeps at most `max_bytes`.
    #[must_use]
    pub fn new(coordinator: Coordinator, max_bytes: usize) -> Self {
        Self { coordinator, max_bytes, kept: Mutex::default() }
    }

    /// Returns the encoded files of pictures.
    pub async fn get(&self, hashes: impl IntoIterator<Item = MediaHash>) -> Result<Encoded, FetchError> {
        let mut encoded = Encoded::new();
        for hash in hashes {
            let cell = self.kept().cell(hash);
            let fetched = cell.get_or_try_init(|| self.coordinator.medium(hash)).await.cloned();
            self.kept().settle(hash, self.max_bytes);
            encoded.insert(hash, fetched.map_err(|source| FetchError { hash, source })?);
        }
        Ok(encoded)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Nothing under the lock can leave the state half-changed.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Kept ===

impl Kept {
    fn cell(&mut self, hash: MediaHash) -> Cell {
        self.num_uses += 1;
        let entry = self.entries.entry(hash).or_default();
        entry.1 = self.num_uses;
        Arc::clone(&entry.0)
    }

    /// Forgets a picture that did not arrive and that nobody waits for.
    fn settle(&mut self, hash: MediaHash, max_bytes: usize) {
        let is_lost = |(cell, _): &(Cell, u64)| !cell.initialized() && Arc::strong_count(cell) <= 2;
        if self.entries.get(&hash).is_some_and(is_lost) {
            self.entries.remove(&hash);
        }
        self.shrink(max_bytes);
    }

    /// Forgets the pictures used longest ago, down to a number of bytes. One that is on its way counts nothing and stays.
    fn shrink(&mut self, max_bytes: usize) {
        let size = |cell: &Cell| cell.get().map_or(0, |bytes| bytes.len());
        let mut num_bytes: usize = self.entries.values().map(|(cell, _)| size(cell)).sum();
        while num_bytes > max_bytes {
            let here = self.entries.iter().filter(|(_, (cell, _))| cell.initialized());
            let Some(oldest) = here.min_by_key(|(_, (_, last_used))| *last_used).map(|(hash, _)| *hash) else { return };
            if let Some((cell, _)) = self.entries.remove(&oldest) {
                num_bytes -= size(&cell);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(kept: &mut Kept, content: u8) -> MediaHash {
        let bytes: Arc<[u8]> = vec![content; 10].into();
        let hash = MediaHash::of(&bytes);
        kept.cell(hash).set(bytes).expect("a new picture");
        hash
    }

    #[test]
    fn what_was_used_longest_ago_is_forgotten_first() {
        let mut kept = Kept::default();
        let hashes = [1, 2, 3].map(|content| keep(&mut kept, content));
        kept.cell(hashes[0]);
        kept.shrink(25);
        assert!(!kept.entries.contains_key(&hashes[1]));
        assert!(kept.entries.contains_key(&hashes[0]) && kept.entries.contains_key(&hashes[2]));
    }

    #[test]
    fn a_picture_on_its_way_is_not_forgotten() {
        let mut kept = Kept::default();
        let awaited = kept.cell(MediaHash::of(b"on its way"));
        keep(&mut kept, 1);
        kept.shrink(0);
        assert_eq!(kept.entries.len(), 1);
        assert!(Arc::ptr_eq(&awaited, &kept.cell(MediaHash::of(b"on its way"))));
    }
}
