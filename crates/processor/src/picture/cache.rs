//! A bounded memory of processed pictures: each is decoded and resized once while it is remembered.

use std::sync::Arc;

use gradus_runtime::BoundedCache;
use gradus_types::MediaHash;

use super::PixelPatches;

/// How many pictures the memory has room for before it grows.
const NUM_PICTURES: usize = 256;

/// Remembers patches by the hash of the encoded file, those that are used again up to a number of bytes.
#[derive(Debug)]
pub struct MediaCache(BoundedCache<MediaHash, Arc<PixelPatches>>);

// === impl MediaCache ===

impl MediaCache {
    /// Makes an empty cache that keeps at most `max_bytes` of patches.
    #[must_use]
    pub fn new(max_bytes: usize) -> Self {
        let size_bytes = |_: &MediaHash, patches: &Arc<PixelPatches>| patches.size_bytes() as u64;
        Self(BoundedCache::new(max_bytes as u64, NUM_PICTURES, size_bytes))
    }

    /// Returns the remembered patches, or computes them; concurrent callers of one picture share one computation. A failure is
    /// not remembered.
    ///
    /// # Errors
    /// Returns what `compute` failed with.
    pub fn get_or_compute<E>(
        &self,
        hash: MediaHash,
        compute: impl FnOnce() -> Result<PixelPatches, E>,
    ) -> Result<Arc<PixelPatches>, E> {
        self.0.get_or_make(&hash, || compute().map(Arc::new))
    }

    /// Returns how many bytes of patches are remembered.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        usize::try_from(self.0.size_bytes()).unwrap_or(usize::MAX)
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
    fn pictures_are_remembered_up_to_the_bound_and_those_used_again_stay() {
        let size = patches().unwrap().size_bytes();
        let cache = MediaCache::new(4 * size);
        let kept = MediaHash::of(b"kept");
        for round in 0..32_u8 {
            cache.get_or_compute(MediaHash::of(&[round]), patches).unwrap();
            cache.get_or_compute(kept, patches).unwrap();
            assert!(cache.size_bytes() <= 4 * size, "{} bytes", cache.size_bytes());
        }
        assert!(cache.get_or_compute(kept, || Err("computed again")).is_ok());
        let is_forgotten = |round: &u8| cache.get_or_compute(MediaHash::of(&[*round]), || Err(())).is_err();
        assert!((0..32).filter(is_forgotten).count() >= 29);
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
