//! The primes and points at which expressions are sampled: drawn from a seed, so that a verdict can be repeated, and not
//! guessed by who does not know the seed.

use crate::arithmetic::modular::Prime;

/// How many primes a residue is taken by.
pub(crate) const NUM_PRIMES: usize = 3;

/// Where expressions are sampled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sampling {
    seed: u64,
    primes: [Prime; NUM_PRIMES],
}

// === impl Sampling ===

impl Sampling {
    /// Draws the primes of a seed.
    #[must_use]
    pub fn of_seed(seed: u64) -> Self {
        let mut draw = seed;
        let mut primes = [Prime::SMALLEST; NUM_PRIMES];
        for index in 0..NUM_PRIMES {
            primes[index] = loop {
                draw = mix(draw);
                let prime = Prime::after(draw);
                if !primes[..index].contains(&prime) {
                    break prime;
                }
            };
        }
        Self { seed, primes }
    }

    /// Returns the primes, each one more than a multiple of four, so that -1 has a square root.
    pub(crate) const fn primes(&self) -> &[Prime; NUM_PRIMES] {
        &self.primes
    }

    /// Returns 64 bits that depend on the seed and on what is given.
    pub(crate) const fn bits(&self, of: u64, and: u64) -> u64 {
        mix(mix(mix(self.seed) ^ of) ^ and)
    }
}

/// Spreads every bit of a word over all of them (the finaliser of SplitMix64).
pub(crate) const fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_distinct_primes_each_time_and_another_seed_gives_others() {
        let sampling = Sampling::of_seed(7);
        assert_eq!(sampling, Sampling::of_seed(7));
        assert_ne!(sampling.primes(), Sampling::of_seed(8).primes());
        let [first, second, third] = sampling.primes();
        assert!(first != second && second != third && first != third);
    }
}
