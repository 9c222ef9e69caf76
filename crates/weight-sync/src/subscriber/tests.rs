//! A publisher and a subscriber over a Unix socket, and learners that misbehave.

use std::{path::Path, pin::Pin};

use gradus_proto::v1::weights_server::Weights;
use gradus_rpc::{Error as ServeError, Listener, RetryPolicy, Server};
use gradus_runtime::{Shutdown, Task, spawn};
use gradus_telemetry::Metrics;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status};

use super::*;
use crate::{
    Publisher, Tensor,
    fixture::{announced, buckets, tensor, tensors},
};

type Serving = Task<Result<(), ServeError>>;

fn subscriber() -> Subscriber {
    let client = ClientConfig { retry: RetryPolicy::never(), ..Default::default() };
    let config = SubscriberConfig { client, stall_timeout: Duration::from_secs(5) };
    Subscriber::new(CpuPool::new("verify", 1, 4).unwrap(), config)
}

fn endpoint(directory: &Path) -> String {
    format!("unix:{}", directory.join("weights.sock").display())
}

async fn serve(endpoint: &str, server: Server) -> Serving {
    let listener = Listener::bind(&endpoint.parse().unwrap()).await.unwrap();
    spawn("weights", server.serve(listener, Shutdown::new()))
}

fn server() -> Server {
    Server::new(&Metrics::new("test"))
}

#[tokio::test]
async fn a_published_policy_arrives_bit_by_bit() {
    let directory = tempfile::tempdir().unwrap();
    let publisher = Publisher::new(endpoint(directory.path()), 2);
    let _serving = serve(&endpoint(directory.path()), server().with(publisher.service())).await;
    // Three buckets of 4 MiB, one tensor across two of them.
    let large: Vec<Tensor> = (0..3_u8)
        .map(|i| Tensor {
            name: format!("layers.{i}"),
            shape: vec![3, 1 << 18],
            bytes: (0..3 << 20).map(|byte| (byte % 251) as u8 ^ i).collect::<Vec<u8>>().into(),
        })
        .collect();
    let policy = publisher.publish(PolicyVersion(1), large.clone()).unwrap();
    let weights = subscriber().fetch(&policy).await.unwrap();
    assert_eq!(weights.tensors().collect::<Vec<_>>(), large);
    assert_eq!(weights.digest(), policy.digest);
}

#[tokio::test]
async fn a_version_that_is_not_kept_sends_the_subscriber_for_the_newest() {
    let directory = tempfile::tempdir().unwrap();
    let publisher = Publisher::new(endpoint(directory.path()), 2);
    let _serving = serve(&endpoint(directory.path()), server().with(publisher.service())).await;
    let policies: Vec<PublishedPolicy> =
        (1..=3).map(|version| publisher.publish(PolicyVersion(version), tensors()).unwrap()).collect();
    let error = subscriber().fetch(&policies[0]).await.unwrap_err();
    assert!(error.wants_newest());
    assert!(error.to_string().contains("policy version `1` is not kept: the newest is `3`"), "{error}");
    assert!(subscriber().fetch(&policies[1]).await.is_ok());
    assert!(subscriber().fetch(&policies[2]).await.is_ok());
}

#[tokio::test]
async fn a_version_published_again_replaces_the_first() {
    let directory = tempfile::tempdir().unwrap();
    let publisher = Publisher::new(endpoint(directory.path()), 2);
    let _serving = serve(&endpoint(directory.path()), server().with(publisher.service())).await;
    let first = publisher.publish(PolicyVersion(1), tensors()).unwrap();
    let second = publisher.publish(PolicyVersion(1), [tensor("head", 3)]).unwrap();
    assert!(matches!(subscriber().fetch(&first).await, Err(Error::PolicyDigest { .. })));
    assert!(subscriber().fetch(&second).await.is_ok());
}

#[test]
fn a_policy_without_tensors_is_not_published() {
    let error = Publisher::new("unix:weights.sock", 1).publish(PolicyVersion(1), []).unwrap_err();
    assert_eq!(error.to_string(), "failed to publish policy version `1`: it has no tensors");
}

#[tokio::test]
async fn an_absent_learner_and_a_bad_endpoint_are_errors_that_say_so() {
    let mut policy = announced(&buckets(tensors(), 32));
    policy.weights_endpoint = "unix:/nowhere/weights.sock".to_owned();
    let error = subscriber().fetch(&policy).await.unwrap_err();
    assert!(matches!(&error, Error::Call { source, .. } if source.code == Code::Unavailable), "{error:?}");
    policy.weights_endpoint = "nowhere".to_owned();
    assert!(matches!(subscriber().fetch(&policy).await, Err(Error::Endpoint { .. })));
}

/// A learner that sends the first bucket and then an error, or nothing for ever.
#[derive(Clone)]
struct Broken {
    ends: bool,
}

#[tonic::async_trait]
impl Weights for Broken {
    type FetchWeightsStream = Pin<Box<dyn Stream<Item = Result<WeightBucket, Status>> + Send>>;

    async fn fetch_weights(
        &self,
        request: Request<FetchWeightsRequest>,
    ) -> Result<Response<Self::FetchWeightsStream>, Status> {
        let version = PolicyVersion(request.into_inner().version);
        let packed = buckets(tensors(), 32);
        let first = Arrival { version, index: 0, num_buckets: 6, bucket: packed[0].clone() };
        let begin = tokio_stream::once(Ok(first.into()));
        Ok(Response::new(if self.ends {
            Box::pin(begin.chain(tokio_stream::once(Err(Status::internal("out of memory")))))
        } else {
            Box::pin(begin.chain(tokio_stream::pending()))
        }))
    }
}

#[tokio::test]
async fn a_stream_that_breaks_says_how_far_it_came() {
    let directory = tempfile::tempdir().unwrap();
    let learner = stub::weights_server(Broken { ends: true });
    let _serving = serve(&endpoint(directory.path()), server().with(learner)).await;
    let mut policy = announced(&buckets(tensors(), 32));
    policy.weights_endpoint = endpoint(directory.path());
    let error = subscriber().fetch(&policy).await.unwrap_err();
    assert_eq!(error.to_string(), "failed to fetch policy version `7` after 1 buckets");
}

#[tokio::test]
async fn a_stream_that_stalls_is_given_up() {
    let directory = tempfile::tempdir().unwrap();
    let learner = stub::weights_server(Broken { ends: false });
    let _serving = serve(&endpoint(directory.path()), server().with(learner)).await;
    let mut policy = announced(&buckets(tensors(), 32));
    policy.weights_endpoint = endpoint(directory.path());
    let mut impatient = subscriber();
    impatient.config.stall_timeout = Duration::from_millis(50);
    let error = impatient.fetch(&policy).await.unwrap_err();
    assert!(matches!(error, Error::Stalled { index: 1, .. }), "{error}");
}
