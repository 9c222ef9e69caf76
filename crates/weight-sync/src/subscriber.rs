//! The actor's end: fetches a policy and verifies it.

use std::time::Duration;

use gradus_proto::v1::{FetchWeightsRequest, WeightBucket};
use gradus_rpc::{CallError, ClientConfig, Code, Endpoint, connect_with, idempotent, stub};
use gradus_runtime::CpuPool;
use gradus_types::{PolicyVersion, PublishedPolicy};
use tonic::Streaming;
use tracing::info;

use crate::{Error, VerifiedWeights, verification::Verification, wire::Arrival};

/// How policies are fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubscriberConfig {
    /// How the learner is called.
    pub client: ClientConfig,
    /// The longest time between two buckets; `client.deadline` where it is zero.
    pub stall_timeout: Duration,
}

/// Fetches policies, and verifies them on a pool so that the reactor is not held up.
#[derive(Clone, Debug)]
pub struct Subscriber {
    pool: CpuPool,
    config: SubscriberConfig,
}

// === impl Subscriber ===

impl Subscriber {
    /// Makes a subscriber.
    #[must_use]
    pub const fn new(pool: CpuPool, config: SubscriberConfig) -> Self {
        Self { pool, config }
    }

    /// Fetches the weights of a policy, and returns them only when every bit of them is right.
    ///
    /// An error tells by [`Error::wants_newest`] whether there is a newer policy to ask for instead; other errors may pass.
    pub async fn fetch(&self, policy: &PublishedPolicy) -> Result<VerifiedWeights, Error> {
        let version = policy.version;
        let mut stream = self.open(policy).await?;
        let mut verification = Verification::new(policy.clone());
        while let Some(bucket) = self.next(&mut stream, version, verification.num_received()).await? {
            verification = self.verify(version, move || verification.accept(Arrival::from(bucket))).await?;
        }
        let weights = self.verify(version, || verification.finish()).await?;
        info!(policy_version = version.0, digest = %weights.digest(), "verified policy");
        Ok(weights)
    }

    async fn open(&self, policy: &PublishedPolicy) -> Result<Streaming<WeightBucket>, Error> {
        let (version, endpoint) = (policy.version, policy.weights_endpoint.clone());
        let Ok(address) = endpoint.parse::<Endpoint>() else {
            return Err(Error::Endpoint { version, endpoint });
        };
        let mut client = stub::weights(connect_with(&address, &self.config.client));
        match client.fetch_weights(idempotent(FetchWeightsRequest { version: version.0 })).await {
            Ok(response) => Ok(response.into_inner()),
            Err(status) => match CallError::from(status) {
                CallError { code: Code::NotFound, message } => Err(Error::Gone { version, endpoint, message }),
                source => Err(Error::Call { version, num_received: 0, source }),
            },
        }
    }

    /// Waits for the next bucket; there is none at the end of the stream.
    async fn next(
        &self,
        stream: &mut Streaming<WeightBucket>,
        version: PolicyVersion,
        index: u32,
    ) -> Result<Option<WeightBucket>, Error> {
        let configured = self.config.stall_timeout;
        let timeout = if configured.is_zero() { self.config.client.deadline } else { configured };
        match tokio::time::timeout(timeout, stream.message()).await {
            Ok(message) => {
                message.map_err(|status| Error::Call { version, num_received: index, source: status.into() })
            }
            Err(_) => Err(Error::Stalled { version, index, timeout }),
        }
    }

    async fn verify<T: Send + 'static>(
        &self,
        version: PolicyVersion,
        check: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.pool.run(check).await.map_err(|source| Error::Runtime { version, source })?
    }
}

#[cfg(test)]
mod tests;
