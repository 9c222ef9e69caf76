//! Counter-based randomness: every draw is a pure function of named counters, never of who draws, when, or how often.
//!
//! The mixer is the finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA
//! 2014), applied once per counter.

/// Mixes 64 bits so that every input bit affects every output bit.
const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Returns 64 random bits for a position in the stream that `seed` names.
#[must_use]
pub const fn bits(seed: u64, stream: u64, counter: u64) -> u64 {
    mix(mix(mix(seed) ^ stream) ^ counter)
}

/// Returns a uniform number in [0, 1) with 53 random bits.
#[must_use]
pub const fn uniform(seed: u64, stream: u64, counter: u64) -> f64 {
    (bits(seed, stream, counter) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Returns a uniform number in [0, `bound`), or 0 for a bound of 0. The bias is below `bound` / 2^64.
#[must_use]
pub const fn below(bound: u64, seed: u64, stream: u64, counter: u64) -> u64 {
    ((bits(seed, stream, counter) as u128 * bound as u128) >> 64) as u64
}

/// Derives the seed of a named part from the seed of the whole.
#[must_use]
pub fn derive(seed: u64, name: &str) -> u64 {
    let hash = blake3::hash(name.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&hash.as_bytes()[..8]);
    bits(seed, u64::from_le_bytes(first), 0)
}

/// Returns a permutation of `0..length` (Fisher–Yates), a pure function of its seed.
#[must_use]
pub fn permutation(length: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..length).collect();
    for i in (1..length).rev() {
        let j = below(i as u64 + 1, seed, 0, i as u64) as usize;
        order.swap(i, j);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_depend_on_every_counter() {
        let base = bits(1, 2, 3);
        assert_ne!(base, bits(2, 2, 3));
        assert_ne!(base, bits(1, 3, 3));
        assert_ne!(base, bits(1, 2, 4));
        assert_eq!(base, bits(1, 2, 3));
    }

    #[test]
    fn uniform_numbers_fill_the_unit_interval_evenly() {
        let mut buckets = [0_u32; 10];
        for counter in 0..100_000 {
            buckets[(uniform(7, 0, counter) * 10.0) as usize] += 1;
        }
        assert!(buckets.iter().all(|&count| (9_500..10_500).contains(&count)), "{buckets:?}");
    }

    #[test]
    fn a_permutation_holds_every_index_once() {
        let mut order = permutation(1_000, 5);
        assert_ne!(order, (0..1_000).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..1_000).collect::<Vec<_>>());
    }
}
