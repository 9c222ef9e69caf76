//! The counter-based random stream every generator draws from.

use std::ops::RangeInclusive;

use gradus_types::random::bits;

/// A reproducible stream of random numbers: draw `n` is a pure function of the key and `n`, the same on every platform.
#[derive(Debug, Clone)]
pub(crate) struct Stream {
    key: u64,
    counter: u64,
}

impl Stream {
    /// Opens the stream that belongs to a list of key parts; the order of the parts matters.
    pub fn new(key_parts: &[u64]) -> Self {
        let key = key_parts.iter().fold(0, |key, part| bits(key, *part, 0));
        Self { key, counter: 0 }
    }

    /// Draws a number below `bound`, which must not be zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        debug_assert!(bound > 0, "nothing is below zero");
        self.counter += 1;
        gradus_types::random::below(bound, self.key, 0, self.counter)
    }

    /// Draws a number of a range that includes both ends.
    pub fn within(&mut self, range: RangeInclusive<i64>) -> i64 {
        let width = range.end().abs_diff(*range.start()) + 1;
        range.start() + self.below(width) as i64
    }

    /// Draws one element of a slice that is not empty.
    pub fn pick<'a, T>(&mut self, elements: &'a [T]) -> &'a T {
        &elements[self.below(elements.len() as u64) as usize]
    }

    /// Draws `count` different elements in random order, or all of them where there are fewer.
    pub fn sample<T: Clone>(&mut self, elements: &[T], count: usize) -> Vec<T> {
        let mut shuffled = elements.to_vec();
        self.shuffle(&mut shuffled);
        shuffled.truncate(count);
        shuffled
    }

    /// Puts the elements into a random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, elements: &mut [T]) {
        for last in (1..elements.len()).rev() {
            elements.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_key_draws_the_same_numbers() {
        let draws = |key: &[u64]| {
            let mut stream = Stream::new(key);
            (0..8).map(|_| stream.below(1000)).collect::<Vec<u64>>()
        };
        assert_eq!(draws(&[1, 2, 3]), draws(&[1, 2, 3]));
        assert_ne!(draws(&[1, 2, 3]), draws(&[2, 1, 3]));
    }

    #[test]
    fn a_range_reaches_both_ends_evenly() {
        let mut stream = Stream::new(&[7]);
        let mut counts = [0_u32; 5];
        for _ in 0..5000 {
            counts[(stream.within(-2..=2) + 2) as usize] += 1;
        }
        assert!(counts.iter().all(|count| (900..1100).contains(count)), "{counts:?}");
    }

    #[test]
    fn a_sample_holds_no_element_twice() {
        let mut sample = Stream::new(&[9]).sample(&[1, 2, 3, 4, 5], 4);
        sample.sort_unstable();
        sample.dedup();
        assert_eq!(sample.len(), 4);
    }
}
