//! Media of prompts as the coordinator serves them: fetched by hash, checked, and remembered while there is room.
//!
//! | who | waits for | unblocked by |
//! |---|---|---|
//! | first caller of a medium | the coordinator | its answer, or the last attempt |
//! | later caller, medium on its way | the first caller | its end; where that failed, the later caller fetches itself |

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use gradus_proto::v1::{FetchMediaRequest, coordinator_client::CoordinatorClient};
use gradus_runtime::BoundedCache;
use gradus_types::MediaHash;

use crate::{CallError, Channel, Code, RetryPolicy, collect, idempotent, retry};

/// How long the next part of a medium may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many media the memory has room for before it grows.
const NUM_MEDIA: usize = 256;

/// Fetches encoded media and remembers those that are used again. Cheap to clone; clones share what they remember.
#[derive(Clone, Debug)]
pub struct MediaClient {
    client: CoordinatorClient<Channel>,
    retry: RetryPolicy,
    remembered: Arc<BoundedCache<MediaHash, Arc<[u8]>>>,
}

// === impl MediaClient ===

impl MediaClient {
    /// Makes a client that remembers about `capacity_bytes` of media. A transfer that breaks off is repeated as `retry` says.
    #[must_use]
    pub fn new(client: CoordinatorClient<Channel>, retry: RetryPolicy, capacity_bytes: u64) -> Self {
        let remembered = BoundedCache::new(capacity_bytes, NUM_MEDIA, |_, encoded: &Arc<[u8]>| encoded.len() as u64);
        Self { client, retry, remembered: Arc::new(remembered) }
    }

    /// Returns the encoded bytes of a medium.
    ///
    /// # Errors
    /// Returns [`Code::NotFound`] or [`Code::DataLoss`] where the coordinator cannot have it or has another, and otherwise how the
    /// last attempt failed.
    pub async fn get(&self, hash: MediaHash) -> Result<Arc<[u8]>, CallError> {
        self.remembered.get_or_wait(&hash, retry(&self.retry, || self.fetch(hash))).await
    }

    async fn fetch(&self, hash: MediaHash) -> Result<Arc<[u8]>, CallError> {
        let request = idempotent(FetchMediaRequest { hash: Bytes::copy_from_slice(hash.as_bytes()) });
        let stream = self.client.clone().fetch_media(request).await?.into_inner();
        let parts = collect(stream, PATIENCE).await?;
        let encoded: Vec<u8> = parts.iter().map(|part| part.chunk.as_ref()).collect::<Vec<&[u8]>>().concat();
        let found = MediaHash::of(&encoded);
        if found != hash {
            return Err(CallError::new(Code::DataLoss, format!("medium `{hash}` arrived with hash `{found}`")));
        }
        Ok(encoded.into())
    }
}

#[cfg(test)]
mod tests;
