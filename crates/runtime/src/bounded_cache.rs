//! A memory of values that are dear to make: those that are used again, up to a bound in bytes.
//!
//! | who | waits for | unblocked by |
//! |---|---|---|
//! | first caller of a key | nothing | – |
//! | later caller, value in the making | the first caller | its end; where that failed, the later caller makes it |

use std::hash::Hash;

use quick_cache::{
    DefaultHashBuilder, Equivalent, OptionsBuilder, Weighter,
    sync::{Cache, DefaultLifecycle},
};

/// Values by key, of which the least used make room for others. Values are cloned when they are taken: keep them behind an `Arc`.
#[derive(Debug)]
pub struct BoundedCache<K, V>(Cache<K, V, BySize<K, V>>);

/// Weighs a value by the bytes it takes.
struct BySize<K, V>(fn(&K, &V) -> u64);

// === impl BoundedCache ===

impl<K: Clone + Eq + Hash, V: Clone> BoundedCache<K, V> {
    /// Makes an empty cache of at most `max_bytes`, as `size_bytes` counts them, with room for `num_values` before it grows.
    #[must_use]
    pub fn new(max_bytes: u64, num_values: usize, size_bytes: fn(&K, &V) -> u64) -> Self {
        // One shard: a large value may take much of the room.
        let options = OptionsBuilder::new()
            .shards(1)
            .estimated_items_capacity(num_values)
            .weight_capacity(max_bytes)
            .build()
            .expect("both capacities are given");
        let (weighter, hasher) = (BySize(size_bytes), DefaultHashBuilder::default());
        Self(Cache::with_options(options, weighter, hasher, DefaultLifecycle::default()))
    }

    /// Returns a value that is kept.
    pub fn get<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<V> {
        self.0.get(key)
    }

    /// Keeps a value, unless it takes more than all of the room.
    pub fn insert(&self, key: K, value: V) {
        self.0.insert(key, value);
    }

    /// Returns the value that is kept, or makes it: concurrent callers of a key share one making. A failure is not kept.
    ///
    /// # Errors
    /// Returns what `make` failed with.
    pub fn get_or_make<E>(&self, key: &K, make: impl FnOnce() -> Result<V, E>) -> Result<V, E> {
        self.0.get_or_insert_with(key, make)
    }

    /// Does what [`BoundedCache::get_or_make`] does, where making it takes waiting. Cancel-safe: another caller makes it then.
    ///
    /// # Errors
    /// Returns what `make` failed with.
    pub async fn get_or_wait<E>(&self, key: &K, make: impl Future<Output = Result<V, E>>) -> Result<V, E> {
        self.0.get_or_insert_async(key, make).await
    }

    /// Returns the bytes of what is kept.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.0.weight()
    }

    /// Returns the number of values that are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

// === impl BySize ===

impl<K, V> Weighter<K, V> for BySize<K, V> {
    fn weight(&self, key: &K, value: &V) -> u64 {
        // What weighs nothing would stay for ever.
        (self.0)(key, value).max(1)
    }
}

impl<K, V> Clone for BySize<K, V> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc, Barrier,
            atomic::{AtomicUsize, Ordering},
        },
        thread,
    };

    use super::*;

    fn cache(max_bytes: u64) -> BoundedCache<u32, Arc<[u8]>> {
        BoundedCache::new(max_bytes, 8, |_, value| value.len() as u64)
    }

    #[test]
    fn values_are_kept_up_to_the_bound_and_those_used_again_stay() {
        let cache = cache(64);
        for key in 1..100 {
            cache.insert(key, Arc::from([0; 16]));
            assert!(cache.get_or_make(&0, || Ok::<_, ()>(Arc::from([0; 16]))).is_ok());
            assert!(cache.size_bytes() <= 64 && cache.len() <= 4);
        }
        assert!(cache.get(&0).is_some());
    }

    #[test]
    fn a_value_over_the_bound_is_not_kept_and_an_empty_one_counts() {
        let cache = cache(4);
        cache.insert(0, Arc::from([0; 16]));
        assert!(cache.is_empty());
        for key in 0..100 {
            cache.insert(key, Arc::from([]));
        }
        assert!(cache.len() <= 4);
    }

    #[test]
    fn concurrent_callers_of_a_key_share_one_making() {
        let (cache, num_made, start) = (cache(64), AtomicUsize::new(0), Barrier::new(8));
        let call = || {
            start.wait();
            cache.get_or_make(&0, || {
                num_made.fetch_add(1, Ordering::SeqCst);
                Ok::<_, ()>(Arc::from([7]))
            })
        };
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| assert_eq!(call().unwrap()[..], [7]));
            }
        });
        assert_eq!(num_made.into_inner(), 1);
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let cache = cache(64);
        assert_eq!(cache.get_or_make(&0, || Err("no")), Err("no"));
        assert_eq!(cache.get_or_wait(&0, async { Err("still no") }).await, Err("still no"));
        assert_eq!(cache.get_or_wait(&0, async { Ok::<_, ()>(Arc::from([7])) }).await.as_deref(), Ok(&[7][..]));
    }
}
