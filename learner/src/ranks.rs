//! The other ranks: sums over all of them, and waiting for what rank 0 does alone.

use std::time::Duration;

use tch::Tensor;

use gradus_c10d::{AbortHandle, GradientReducer, ProcessGroup, Store};

use crate::Error;

/// How long ranks wait for a checkpoint to be written by rank 0. A lost rank 0 is noticed at once, by its connection.
const CHECKPOINT_PATIENCE: Duration = Duration::from_secs(3_600);

/// A rank's membership in its learner world.
#[derive(Debug)]
pub struct Ranks {
    group: ProcessGroup,
    /// The rendezvous of this generation.
    store: Store,
    timeout: Duration,
    bucket_bytes: usize,
}

// === impl Ranks ===

impl Ranks {
    /// Wraps a process group, the store it met in, and how its collectives are run.
    #[must_use]
    pub const fn new(group: ProcessGroup, store: Store, timeout: Duration, bucket_bytes: usize) -> Self {
        Self { group, store, timeout, bucket_bytes }
    }

    /// Returns this process's rank.
    #[must_use]
    pub fn rank(&self) -> u32 {
        self.group.rank()
    }

    /// Returns the number of ranks.
    #[must_use]
    pub fn world_size(&self) -> u32 {
        self.group.world_size()
    }

    /// Returns the longest time a collective may take.
    #[must_use]
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Prepares the reduction of these parameters' gradients. All ranks do so at the same point.
    pub fn reducer(&self, parameters: &[Tensor]) -> Result<GradientReducer, Error> {
        Ok(GradientReducer::new(&self.group, parameters, self.bucket_bytes)?)
    }

    /// Sums `sums` over the ranks, number by number, and takes the largest of each of `maxima`.
    pub fn reduce(&self, sums: &[f64], maxima: &[f64]) -> Result<(Vec<f64>, Vec<f64>), Error> {
        // Each rank writes its maxima to a place of its own, where the sum leaves them as they are.
        let (rank, world_size) = (self.rank() as usize, self.world_size() as usize);
        let mut numbers = sums.to_vec();
        numbers.resize(sums.len() + maxima.len() * world_size, 0.0);
        let own = sums.len() + rank * maxima.len();
        numbers[own..own + maxima.len()].copy_from_slice(maxima);
        let reduced = self.group.all_reduce_sum(Tensor::from_slice(&numbers))?.wait(self.timeout)?;
        reduced.copy_data(&mut numbers, reduced.numel());
        let places = numbers.split_off(sums.len());
        let largest = (0..maxima.len()).map(|item| {
            let of_ranks = places.iter().skip(item).step_by(maxima.len());
            of_ranks.copied().fold(f64::NEG_INFINITY, f64::max)
        });
        let largest = largest.collect();
        Ok((numbers, largest))
    }

    /// Waits until all ranks have come here.
    pub fn barrier(&self) -> Result<(), Error> {
        Ok(self.group.barrier(self.timeout)?)
    }

    /// Returns what ends the collectives from another thread.
    pub fn abort_handle(&self) -> Result<AbortHandle, Error> {
        Ok(self.group.abort_handle()?)
    }

    /// Tells the other ranks that the checkpoint of a step is on disk.
    pub fn announce_checkpoint(&self, step: u64) -> Result<(), Error> {
        Ok(self.store.set(&checkpoint_key(step), b"written")?)
    }

    /// Waits until rank 0 has written the checkpoint of a step.
    pub fn await_checkpoint(&self, step: u64) -> Result<(), Error> {
        self.store.get(&checkpoint_key(step), CHECKPOINT_PATIENCE)?;
        Ok(())
    }
}

fn checkpoint_key(step: u64) -> String {
    format!("checkpoint/{step}")
}
