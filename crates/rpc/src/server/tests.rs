//! A served weights service: over a Unix socket and a port, drained, lost and found again, overloaded.

use std::{path::Path, pin::Pin, sync::Arc};

use gradus_proto::v1::{FetchWeightsRequest, WeightBucket, weights_server::Weights};
use gradus_runtime::{Task, spawn};
use tokio::sync::Semaphore;
use tonic::{Request, Response, Status};
use tonic_health::pb::{HealthCheckRequest, health_check_response, health_client::HealthClient};

use super::*;
use crate::{ClientConfig, Code, Endpoint, RetryPolicy, connect, connect_with, idempotent, stub};

/// Answers a fetch once its gate lets it, and says that it has begun.
#[derive(Clone)]
struct Gated {
    gate: Arc<Semaphore>,
    begun: Arc<Semaphore>,
}

impl Gated {
    fn new(num_open: usize) -> Self {
        Self { gate: Arc::new(Semaphore::new(num_open)), begun: Arc::new(Semaphore::new(0)) }
    }

    fn open() -> Self {
        Self::new(1_000)
    }
}

#[tonic::async_trait]
impl Weights for Gated {
    type FetchWeightsStream = Pin<Box<dyn Stream<Item = Result<WeightBucket, Status>> + Send>>;

    async fn fetch_weights(
        &self,
        request: Request<FetchWeightsRequest>,
    ) -> Result<Response<Self::FetchWeightsStream>, Status> {
        self.begun.add_permits(1);
        self.gate.acquire().await.map_err(|_| Status::aborted("gate is gone"))?.forget();
        let bucket = WeightBucket { version: request.into_inner().version, ..Default::default() };
        Ok(Response::new(Box::pin(tokio_stream::once(Ok(bucket)))))
    }
}

fn socket(directory: &Path) -> Endpoint {
    Endpoint::Unix { path: directory.join("weights.sock") }
}

async fn start(endpoint: &Endpoint, service: Gated, shutdown: &Shutdown) -> (Endpoint, Task<Result<(), Error>>) {
    let listener = Listener::bind(endpoint).await.unwrap();
    let bound = listener.endpoint().clone();
    let server = Server::new(&Metrics::new("test")).with(stub::weights_server(service)).max_calls(1);
    (bound, spawn("server", server.serve(listener, shutdown.clone())))
}

async fn fetch(endpoint: &Endpoint, version: u64) -> Result<u64, crate::CallError> {
    let mut client = stub::weights(connect(endpoint));
    let mut stream = client.fetch_weights(idempotent(FetchWeightsRequest { version })).await?.into_inner();
    Ok(stream.message().await?.map_or(0, |bucket| bucket.version))
}

#[tokio::test]
async fn calls_are_answered_over_a_socket_and_over_a_port() {
    let directory = tempfile::tempdir().unwrap();
    for endpoint in [socket(directory.path()), "127.0.0.1:0".parse().unwrap()] {
        let shutdown = Shutdown::new();
        let (bound, server) = start(&endpoint, Gated::open(), &shutdown).await;
        assert_eq!(fetch(&bound, 7).await, Ok(7));
        shutdown.trigger();
        server.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_call_in_progress_is_finished_before_the_server_leaves() {
    let directory = tempfile::tempdir().unwrap();
    let (shutdown, service) = (Shutdown::new(), Gated::new(0));
    let (endpoint, server) = start(&socket(directory.path()), service.clone(), &shutdown).await;
    let mut client = stub::weights(connect(&endpoint));
    let call = spawn("call", async move { client.fetch_weights(FetchWeightsRequest { version: 3 }).await.map(drop) });
    service.begun.acquire().await.unwrap().forget();
    let eager = ClientConfig { retry: RetryPolicy::never(), ..Default::default() };
    let mut second = stub::weights(connect_with(&endpoint, &eager));
    let refused = second.fetch_weights(FetchWeightsRequest { version: 4 }).await.map(drop).unwrap_err();
    assert_eq!(refused.code(), tonic::Code::ResourceExhausted);
    shutdown.trigger();
    service.gate.add_permits(1);
    call.await.unwrap().unwrap();
    server.await.unwrap().unwrap();
    assert!(!directory.path().join("weights.sock").exists());
}

#[tokio::test]
async fn a_client_finds_a_server_that_came_back() {
    let directory = tempfile::tempdir().unwrap();
    let endpoint = socket(directory.path());
    let mut client = stub::weights(connect(&endpoint));
    for version in 1..=2 {
        let shutdown = Shutdown::new();
        let (_, server) = start(&endpoint, Gated::open(), &shutdown).await;
        let answer = client.fetch_weights(idempotent(FetchWeightsRequest { version })).await.unwrap();
        assert_eq!(answer.into_inner().message().await.unwrap().unwrap().version, version);
        shutdown.trigger();
        server.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_server_that_starts_late_is_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let endpoint = socket(directory.path());
    let shutdown = Shutdown::new();
    let early = spawn("early", {
        let endpoint = endpoint.clone();
        async move { fetch(&endpoint, 9).await }
    });
    tokio::task::yield_now().await;
    let (_, _server) = start(&endpoint, Gated::open(), &shutdown).await;
    assert_eq!(early.await.unwrap(), Ok(9));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_starts_is_unavailable_and_its_address_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let error = fetch(&socket(directory.path()), 1).await.unwrap_err();
    assert_eq!(error.code, Code::Unavailable);
    assert!(error.message.contains("No such file"), "{error}");
}

#[tokio::test]
async fn health_is_told_by_service_and_for_the_whole() {
    let directory = tempfile::tempdir().unwrap();
    let shutdown = Shutdown::new();
    let (endpoint, _server) = start(&socket(directory.path()), Gated::open(), &shutdown).await;
    let mut health = HealthClient::new(connect(&endpoint));
    for service in ["", "gradus.v1.Weights"] {
        let request = HealthCheckRequest { service: service.to_owned() };
        let answer = health.check(request).await.unwrap().into_inner();
        assert_eq!(answer.status(), health_check_response::ServingStatus::Serving);
    }
}
