//! How much may be in the server at a time, in groups and in bytes.

use std::sync::Arc;

use gradus_config::RewardServer;
use gradus_rpc::stub::MAX_MESSAGE_BYTES;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::ScoreError;

/// Bytes are counted in blocks, so that their number fits a semaphore.
const BLOCK_BYTES: u64 = 1_024;

/// Calls beyond the groups in the server: those that are answered that it is full.
const SPARE_CALLS: u32 = 64;

/// The places of a server. Cheap to clone; clones share them.
#[derive(Clone, Debug)]
pub struct Admission {
    groups: Arc<Semaphore>,
    blocks: Arc<Semaphore>,
    max_groups: u32,
    max_bytes: u64,
    max_blocks: u32,
}

/// A group's place, until it is dropped.
#[derive(Debug)]
#[must_use = "dropping the place gives it up"]
pub struct Place {
    _group: OwnedSemaphorePermit,
    blocks: OwnedSemaphorePermit,
}

/// Returns the bytes of the largest gRPC message that is read: a call is in memory before it is admitted.
pub fn max_message_bytes(config: &RewardServer) -> usize {
    usize::try_from(config.max_message_bytes).unwrap_or(usize::MAX).min(MAX_MESSAGE_BYTES)
}

/// Returns the bytes of the largest HTTP body that is read, whose bytes are admitted as they arrive.
pub fn max_body_bytes(config: &RewardServer) -> usize {
    usize::try_from(config.max_queued_bytes).unwrap_or(usize::MAX).min(MAX_MESSAGE_BYTES)
}

/// Returns the most calls in progress. One over the bound is refused before its message is read.
pub const fn max_calls(config: &RewardServer) -> u32 {
    config.max_queued_groups.saturating_add(SPARE_CALLS)
}

impl Admission {
    /// Makes the places that a run file allows for groups that are scored.
    pub fn new(config: &RewardServer) -> Self {
        Self::of(config, config.max_queued_groups)
    }

    /// Makes the places for calls that are read: as many bytes again, and a few calls more than groups.
    pub fn of_calls(config: &RewardServer) -> Self {
        Self::of(config, max_calls(config))
    }

    fn of(config: &RewardServer, max_groups: u32) -> Self {
        let largest = u32::try_from(Semaphore::MAX_PERMITS).unwrap_or(u32::MAX);
        let max_blocks = u32::try_from(config.max_queued_bytes / BLOCK_BYTES).unwrap_or(largest).clamp(1, largest);
        Self {
            groups: Arc::new(Semaphore::new(max_groups as usize)),
            blocks: Arc::new(Semaphore::new(max_blocks as usize)),
            max_groups,
            max_bytes: config.max_queued_bytes,
            max_blocks,
        }
    }

    /// Gives a group its place, or says at once which bound leaves none.
    pub fn try_enter(&self, num_bytes: usize) -> Result<Place, ScoreError> {
        let full = |key, limit| ScoreError::Overloaded { key, limit };
        let groups = Arc::clone(&self.groups).try_acquire_owned();
        let group = groups.map_err(|_| full("max_queued_groups", u64::from(self.max_groups)))?;
        let blocks = Arc::clone(&self.blocks).try_acquire_many_owned(self.num_blocks(num_bytes));
        let blocks = blocks.map_err(|_| full("max_queued_bytes", self.max_bytes))?;
        Ok(Place { _group: group, blocks })
    }

    /// Gives a place as many bytes as it needs by now, or says at once that there are none.
    pub fn try_grow(&self, place: &mut Place, num_bytes: usize) -> Result<(), ScoreError> {
        let missing = (self.num_blocks(num_bytes) as usize).saturating_sub(place.blocks.num_permits());
        if missing > 0 {
            let full = |_| ScoreError::Overloaded { key: "max_queued_bytes", limit: self.max_bytes };
            // A number of blocks fits 32 bits.
            place.blocks.merge(Arc::clone(&self.blocks).try_acquire_many_owned(missing as u32).map_err(full)?);
        }
        Ok(())
    }

    /// Gives a group its place once there is one. Cancel-safe.
    pub async fn enter(&self, num_bytes: usize) -> Place {
        let group = Arc::clone(&self.groups).acquire_owned().await.expect("the semaphore is never closed");
        let blocks = Arc::clone(&self.blocks).acquire_many_owned(self.num_blocks(num_bytes)).await;
        Place { _group: group, blocks: blocks.expect("the semaphore is never closed") }
    }

    /// A group that is larger than the server takes it for itself alone.
    fn num_blocks(&self, num_bytes: usize) -> u32 {
        let blocks = (num_bytes as u64).div_ceil(BLOCK_BYTES);
        u32::try_from(blocks).unwrap_or(u32::MAX).min(self.max_blocks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(max_queued_groups: u32, max_queued_bytes: u64) -> Admission {
        Admission::new(&RewardServer { max_queued_groups, max_queued_bytes, ..Default::default() })
    }

    #[test]
    fn bytes_are_bounded_as_well_as_groups() {
        let admission = admission(8, 4 * BLOCK_BYTES);
        let place = admission.try_enter(3 * 1_024).unwrap();
        let error = admission.try_enter(2 * 1_024).unwrap_err();
        assert!(error.to_string().contains("`reward_server.max_queued_bytes` = 4096"), "{error}");
        drop(place);
        let _place = admission.try_enter(2 * 1_024).unwrap();
    }

    #[test]
    fn a_place_grows_while_there_are_bytes() {
        let admission = admission(8, 4 * BLOCK_BYTES);
        let mut place = admission.try_enter(0).unwrap();
        let other = admission.try_enter(1_024).unwrap();
        assert!(admission.try_grow(&mut place, 3 * 1_024).is_ok());
        assert!(admission.try_grow(&mut place, 4 * 1_024).is_err());
        drop(other);
        assert!(admission.try_grow(&mut place, 4 * 1_024).is_ok());
        drop(place);
        let _whole = admission.try_enter(4 * 1_024).unwrap();
    }

    #[test]
    fn a_group_larger_than_the_server_is_taken_alone() {
        let admission = admission(8, 4 * BLOCK_BYTES);
        let place = admission.try_enter(1 << 30).unwrap();
        assert!(admission.try_enter(1).is_err());
        drop(place);
        assert!(admission.try_enter(1).is_ok());
    }
}
