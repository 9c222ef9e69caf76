//! A bounded memory of processed pictures: each is decoded and resized once while it is remembered.
//!
//! | who | waits for | unblocked by |
//! |---|---|---|
//! | first caller of a picture | nothing | – |
//! | later caller, picture in work | the first caller's computation | its end, well or badly |
//!
//! The map's lock is held only to look up and to account, never while a picture is processed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use gradus_types::MediaHash;

use super::PixelPatches;

/// Remembers patches by the hash of the encoded file, the most recently used ones up to a number of bytes.
#[derive(Debug)]
pub struct MediaCache<E> {
    max_bytes: usize,
    state: Mutex<State<E>>,
}

type Outcome<E> = Result<Arc<PixelPatches>, E>;

#[derive(Debug)]
struct Entry<E> {
    outcome: Arc<OnceLock<Outcome<E>>>,
    last_used: u64,
    /// Zero while the picture is in work.
    size_bytes: usize,
}

#[derive(Debug)]
struct State<E> {
    entries: HashMap<MediaHash, Entry<E>>,
    num_uses: u64,
    num_bytes: usize,
}

impl<E: Clone> MediaCache<E> {
    /// Makes an empty cache that keeps at most `max_bytes` of patches.
    #[must_use]
    pub fn new(max_bytes: usize) -> Self {
        Self { max_bytes, state: Mutex::new(State { entries: HashMap::new(), num_uses: 0, num_bytes: 0 }) }
    }

    /// Returns the remembered patches, or computes them; concurrent callers of one picture share one computation.
    ///
    /// A failure is given to all who waited for it and not remembered.
    ///
    /// # Errors
    /// Returns what `compute` failed with.
    pub fn get_or_compute(&self, hash: MediaHash, compute: impl FnOnce() -> Result<PixelPatches, E>) -> Outcome<E> {
        let cell = self.lock().cell(hash);
        let outcome = cell.get_or_init(|| compute().map(Arc::new)).clone();
        self.lock().settle(hash, &cell, self.max_bytes);
        outcome
    }

    /// Returns how many bytes of patches are remembered.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.lock().num_bytes
    }

    fn lock(&self) -> MutexGuard<'_, State<E>> {
        // Nothing under the lock can leave the state half-changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E> State<E> {
    fn cell(&mut self, hash: MediaHash) -> Arc<OnceLock<Outcome<E>>> {
        self.num_uses += 1;
        let new = || Entry { outcome: Arc::default(), last_used: 0, size_bytes: 0 };
        let entry = self.entries.entry(hash).or_insert_with(new);
        entry.last_used = self.num_uses;
        entry.outcome.clone()
    }

    /// Accounts for a finished computation, unless another caller of the same cell did.
    fn settle(&mut self, hash: MediaHash, cell: &Arc<OnceLock<Outcome<E>>>, max_bytes: usize) {
        let Some(entry) = self.entries.get_mut(&hash).filter(|entry| Arc::ptr_eq(&entry.outcome, cell)) else { return };
        match cell.get() {
            Some(Ok(patches)) if entry.size_bytes == 0 => {
                entry.size_bytes = patches.size_bytes();
                self.num_bytes += entry.size_bytes;
            }
            Some(Ok(_)) | None => {}
            Some(Err(_)) => {
                self.entries.remove(&hash);
            }
        }
        self.evict(max_bytes);
    }

    fn evict(&mut self, max_bytes: usize) {
        while self.num_bytes > max_bytes {
            let settled = self.entries.iter().filter(|(_, entry)| entry.size_bytes > 0);
            let Some(oldest) = settled.min_by_key(|(_, entry)| entry.last_used).map(|(hash, _)| *hash) else { return };
            if let Some(entry) = self.entries.remove(&oldest) {
                self.num_bytes -= entry.size_bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Barrier,
            atomic::{AtomicUsize, Ordering},
        },
        thread,
    };

    use super::{
        super::{DecodeLimits, ImagePipeline, ImageSettings},
        *,
    };

    /// The smallest picture there is: a 1×1 GIF, which becomes 56×56 pixels.
    const DOT: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

    fn patches() -> Result<PixelPatches, &'static str> {
        let pipeline = ImagePipeline::new(ImageSettings::default(), DecodeLimits::default());
        Ok(pipeline.process(DOT).unwrap())
    }

    #[test]
    fn concurrent_callers_of_one_picture_share_one_computation() {
        let cache = MediaCache::new(1 << 20);
        let (computations, start) = (AtomicUsize::new(0), Barrier::new(8));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    start.wait();
                    let compute = || {
                        computations.fetch_add(1, Ordering::Relaxed);
                        patches()
                    };
                    assert_eq!(cache.get_or_compute(MediaHash::of(b"a"), compute).unwrap().grid, [1, 4, 4]);
                });
            }
        });
        assert_eq!(computations.into_inner(), 1);
    }

    #[test]
    fn the_least_recently_used_picture_leaves_first() {
        let size = patches().unwrap().size_bytes();
        let cache = MediaCache::new(2 * size);
        let hashes = [b"a", b"b", b"c"].map(|name| MediaHash::of(name));
        for hash in [hashes[0], hashes[1], hashes[0], hashes[2]] {
            cache.get_or_compute(hash, patches).unwrap();
        }
        assert_eq!(cache.size_bytes(), 2 * size);
        cache.get_or_compute(hashes[0], || Err("computed again")).unwrap();
        assert_eq!(cache.get_or_compute(hashes[1], || Err("computed again")), Err("computed again"));
    }

    #[test]
    fn a_failure_is_not_remembered() {
        let cache = MediaCache::new(1 << 20);
        let hash = MediaHash::of(b"a");
        assert_eq!(cache.get_or_compute(hash, || Err("unreadable")), Err("unreadable"));
        assert!(cache.get_or_compute(hash, patches).is_ok());
    }

    #[test]
    fn a_picture_over_the_bound_is_served_and_forgotten() {
        let cache = MediaCache::new(1);
        assert!(cache.get_or_compute(MediaHash::of(b"a"), patches).is_ok());
        assert_eq!(cache.size_bytes(), 0);
    }
}
