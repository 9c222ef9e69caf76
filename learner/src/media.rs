//! Pictures by hash: fetched from the coordinator when they are first needed, and kept while there is room.
//!
//! What is kept here are encoded files; the processor keeps decoded and resized pictures in a cache of its own.

use std::{collections::HashMap, sync::Arc};

use tokio::sync::Mutex;
use tracing::warn;

use gradus_runtime::TaskSet;
use gradus_types::{MediaHash, Prompt};

use crate::{Error, client::Client, prepare::Pictures};

/// Bytes of encoded pictures that are kept: some 40 of 6 MB, or tens of thousands of rendered ones.
const CAPACITY_BYTES: usize = 256 << 20;
/// Pictures that are fetched at a time.
const NUM_FETCHES: usize = 16;

/// The pictures this rank has fetched.
#[derive(Debug)]
pub struct MediaStore {
    client: Client,
    kept: Mutex<Kept>,
}

/// Encoded pictures with the round of their last use.
#[derive(Debug, Default)]
struct Kept {
    pictures: HashMap<MediaHash, (Arc<[u8]>, u64)>,
    size_bytes: usize,
    round: u64,
}

// === impl MediaStore ===

impl MediaStore {
    /// Starts with nothing kept.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, kept: Mutex::default() }
    }

    /// Returns the pictures of prompts. One that the coordinator cannot have is left out; its prompt will be, too.
    pub async fn pictures<'a>(&self, prompts: impl Iterator<Item = &'a Prompt>) -> Result<Pictures, Error> {
        let wanted: Vec<MediaHash> = prompts.flat_map(|prompt| prompt.body.images()).collect();
        let (mut pictures, missing) = self.kept.lock().await.take(&wanted);
        for hashes in missing.chunks(NUM_FETCHES) {
            let fetched = self.fetch(hashes).await?;
            let mut kept = self.kept.lock().await;
            for (hash, bytes) in fetched {
                kept.insert(hash, &bytes);
                pictures.insert(hash, bytes);
            }
        }
        self.kept.lock().await.shrink(CAPACITY_BYTES);
        Ok(pictures)
    }

    async fn fetch(&self, hashes: &[MediaHash]) -> Result<Pictures, Error> {
        let mut fetches = TaskSet::new("fetch-picture");
        for &hash in hashes {
            let client = self.client.clone();
            fetches.spawn(async move { (hash, client.picture(hash).await) });
        }
        let mut fetched = Pictures::new();
        while let Some(outcome) = fetches.join_next().await {
            let (hash, picture) = outcome?;
            match picture? {
                Some(bytes) => drop(fetched.insert(hash, bytes)),
                None => warn!(%hash, "the coordinator has no such picture"),
            }
        }
        Ok(fetched)
    }
}

// === impl Kept ===

impl Kept {
    /// Begins a round: returns what is there of the wanted pictures, and which ones are not.
    fn take(&mut self, wanted: &[MediaHash]) -> (Pictures, Vec<MediaHash>) {
        self.round += 1;
        let (mut found, mut missing) = (Pictures::new(), Vec::new());
        for hash in wanted {
            match self.pictures.get_mut(hash) {
                Some((bytes, last_used)) => {
                    *last_used = self.round;
                    found.insert(*hash, Arc::clone(bytes));
                }
                None => missing.push(*hash),
            }
        }
        missing.sort_unstable();
        missing.dedup();
        (found, missing)
    }

    fn insert(&mut self, hash: MediaHash, bytes: &Arc<[u8]>) {
        if self.pictures.insert(hash, (Arc::clone(bytes), self.round)).is_none() {
            self.size_bytes += bytes.len();
        }
    }

    /// Forgets what was used longest ago, down to a capacity.
    fn shrink(&mut self, capacity_bytes: usize) {
        if self.size_bytes <= capacity_bytes {
            return;
        }
        let mut by_use: Vec<(u64, MediaHash)> =
            self.pictures.iter().map(|(hash, (_, last_used))| (*last_used, *hash)).collect();
        by_use.sort_unstable();
        for (_, hash) in by_use {
            if self.size_bytes <= capacity_bytes {
                return;
            }
            if let Some((bytes, _)) = self.pictures.remove(&hash) {
                self.size_bytes -= bytes.len();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(content: u8) -> (MediaHash, Arc<[u8]>) {
        let bytes: Arc<[u8]> = vec![content; 10].into();
        (MediaHash::of(&bytes), bytes)
    }

    #[test]
    fn what_was_used_longest_ago_is_forgotten_first() {
        let mut kept = Kept::default();
        let pictures: Vec<(MediaHash, Arc<[u8]>)> = (0..3).map(picture).collect();
        for (hash, bytes) in &pictures {
            kept.take(&[]);
            kept.insert(*hash, bytes);
        }
        kept.take(&[pictures[0].0]);
        kept.shrink(25);
        let (found, missing) = kept.take(&[pictures[0].0, pictures[1].0, pictures[2].0]);
        assert_eq!((found.len(), missing), (2, vec![pictures[1].0]));
        assert_eq!(kept.size_bytes, 20);
    }

    #[test]
    fn a_picture_that_is_wanted_twice_is_fetched_once() {
        let (hash, bytes) = picture(1);
        let mut kept = Kept::default();
        assert_eq!(kept.take(&[hash, hash]).1, [hash]);
        kept.insert(hash, &bytes);
        kept.insert(hash, &bytes);
        assert_eq!(kept.size_bytes, 10);
    }
}
