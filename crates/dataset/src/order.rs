//! The order in which draws visit the rows of a set: a pure function, so the number of the next draw is the whole cursor.

use gradus_types::random::bits;

/// Maps draws to rows: every epoch visits every row once, shuffled anew or in file order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DrawOrder {
    num_rows: u64,
    seed: Option<u64>,
}

/// Rounds of the Feistel network; four make a pseudorandom permutation (Luby and Rackoff, 1988).
const NUM_ROUNDS: u64 = 4;

impl DrawOrder {
    /// Visits `num_rows` rows, at least one, in an order that `seed` and the epoch decide.
    pub fn shuffled(num_rows: u64, seed: u64) -> Self {
        Self { num_rows: num_rows.max(1), seed: Some(seed) }
    }

    /// Visits `num_rows` rows, at least one, in their own order.
    pub fn sequential(num_rows: u64) -> Self {
        Self { num_rows: num_rows.max(1), seed: None }
    }

    /// Returns the epoch that a draw belongs to, from 0, and the row it visits.
    pub fn row(&self, draw: u64) -> (u64, u64) {
        let (epoch, position) = (draw / self.num_rows, draw % self.num_rows);
        let row = match self.seed {
            Some(seed) => self.permuted(bits(seed, epoch, 0), position),
            None => position,
        };
        (epoch, row)
    }

    /// Permutes the rows with a Feistel network over the next even power of two, walking on while the result is no row.
    fn permuted(&self, key: u64, position: u64) -> u64 {
        let half_bits = (64 - (self.num_rows - 1).leading_zeros()).div_ceil(2).max(1);
        let mask = (1_u64 << half_bits) - 1;
        let mut row = position;
        loop {
            let (mut left, mut right) = (row >> half_bits, row & mask);
            for round in 0..NUM_ROUNDS {
                (left, right) = (right, left ^ (bits(key, round, right) & mask));
            }
            row = left << half_bits | right;
            if row < self.num_rows {
                return row;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_epoch_visits_every_row_once() {
        for num_rows in [1, 2, 3, 7, 64, 65, 1000] {
            let order = DrawOrder::shuffled(num_rows, 42);
            for epoch in 0..3 {
                let visits = (0..num_rows).map(|position| order.row(epoch * num_rows + position));
                let (epochs, mut rows): (Vec<u64>, Vec<u64>) = visits.unzip();
                rows.sort_unstable();
                assert_eq!(rows, (0..num_rows).collect::<Vec<_>>());
                assert!(epochs.iter().all(|visited| *visited == epoch));
            }
        }
    }

    #[test]
    fn epochs_and_seeds_shuffle_differently() {
        let rows = |seed, epoch: u64| -> Vec<u64> {
            (0..100).map(|position| DrawOrder::shuffled(100, seed).row(epoch * 100 + position).1).collect()
        };
        assert_ne!(rows(1, 0), rows(1, 1));
        assert_ne!(rows(1, 0), rows(2, 0));
        assert_ne!(rows(1, 0), (0..100).collect::<Vec<_>>());
        assert_eq!(rows(1, 1), rows(1, 1));
    }

    #[test]
    fn a_shuffle_moves_rows_evenly() {
        let mut total = 0;
        for seed in 0..200 {
            total += DrawOrder::shuffled(100, seed).row(0).1;
        }
        let mean = total as f64 / 200.0;
        assert!((40.0..59.0).contains(&mean), "{mean}");
    }

    #[test]
    fn an_unshuffled_set_keeps_its_order() {
        let order = DrawOrder::sequential(3);
        assert_eq!((0..7).map(|draw| order.row(draw).1).collect::<Vec<_>>(), [0, 1, 2, 0, 1, 2, 0]);
    }
}
