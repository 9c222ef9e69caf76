//! The learner's end: the newest versions, ready to be sent.

use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use gradus_proto::v1::{
    FetchWeightsRequest, WeightBucket,
    weights_server::{Weights, WeightsServer},
};
use gradus_rpc::{status, stub};
use gradus_types::{PolicyVersion, PublishedPolicy};
use tokio_stream::Stream;
use tonic::{Request, Response, Status};
use tracing::info;

use crate::{
    Error, Tensor,
    bucket::Bucket,
    packer::{BUCKET_BYTES, digest_of, pack},
    wire::Arrival,
};

/// Keeps the buckets of the newest versions and sends them to whoever asks. Cheap to clone; clones share the versions.
#[derive(Clone)]
pub struct Publisher {
    inner: Arc<Inner>,
}

struct Inner {
    endpoint: String,
    num_versions: usize,
    /// Oldest first. A version that is being sent lives on until its last stream ends.
    versions: Mutex<VecDeque<Version>>,
}

#[derive(Clone)]
struct Version {
    version: PolicyVersion,
    buckets: Arc<[Bucket]>,
}

// === impl Publisher ===

impl Publisher {
    /// Makes a publisher that is reached at the endpoint and keeps so many versions (at least one).
    #[must_use]
    pub fn new(endpoint: impl Into<String>, num_versions: usize) -> Self {
        let (endpoint, num_versions) = (endpoint.into(), num_versions.max(1));
        Self { inner: Arc::new(Inner { endpoint, num_versions, versions: Mutex::default() }) }
    }

    /// Packs and hashes a policy and keeps it in place of the oldest. It can be fetched when this returns.
    ///
    /// This takes as long as hashing the weights does, so it is called off the reactor. A version that is published again
    /// replaces what was published as it before.
    pub fn publish(
        &self,
        version: PolicyVersion,
        tensors: impl IntoIterator<Item = Tensor>,
    ) -> Result<PublishedPolicy, Error> {
        let mut buckets = Vec::new();
        pack(tensors, BUCKET_BYTES, |bucket| buckets.push(bucket))?;
        if buckets.is_empty() {
            return Err(Error::NoTensors { version });
        }
        let digest = digest_of(&buckets);
        let num_buckets = buckets.len();
        self.keep(Version { version, buckets: buckets.into() });
        info!(policy_version = version.0, num_buckets, %digest, "published policy");
        Ok(PublishedPolicy { version, weights_endpoint: self.inner.endpoint.clone(), digest })
    }

    /// Makes the gRPC service that sends the weights, for `gradus_rpc::Server::with`.
    #[must_use]
    pub fn service(&self) -> WeightsServer<impl Weights + use<>> {
        stub::weights_server(self.clone())
    }

    fn keep(&self, version: Version) {
        let mut versions = self.inner.versions.lock().unwrap_or_else(PoisonError::into_inner);
        versions.retain(|kept| kept.version != version.version);
        versions.push_back(version);
        while versions.len() > self.inner.num_versions {
            versions.pop_front();
        }
    }

    fn find(&self, version: PolicyVersion) -> Result<Version, Error> {
        let versions = self.inner.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = versions.iter().map(|kept| kept.version).max();
        let found = versions.iter().find(|kept| kept.version == version).cloned();
        found.ok_or(Error::NotKept { version, newest })
    }
}

impl fmt::Debug for Publisher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Publisher").field("endpoint", &self.inner.endpoint).finish_non_exhaustive()
    }
}

#[tonic::async_trait]
impl Weights for Publisher {
    type FetchWeightsStream = Pin<Box<dyn Stream<Item = Result<WeightBucket, Status>> + Send>>;

    async fn fetch_weights(
        &self,
        request: Request<FetchWeightsRequest>,
    ) -> Result<Response<Self::FetchWeightsStream>, Status> {
        let version = PolicyVersion(request.into_inner().version);
        let found = self.find(version).map_err(|error| status(&error))?;
        Ok(Response::new(Box::pin(tokio_stream::iter(found.arrivals().map(|arrival| Ok(arrival.into()))))))
    }
}

// === impl Version ===

impl Version {
    /// Iterates over the buckets. Their data is shared, not copied.
    fn arrivals(self) -> impl Iterator<Item = Arrival> + Send {
        let num_buckets = u32::try_from(self.buckets.len()).unwrap_or(u32::MAX);
        (0..num_buckets).map(move |index| Arrival {
            version: self.version,
            index,
            num_buckets,
            bucket: self.buckets[index as usize].clone(),
        })
    }
}
