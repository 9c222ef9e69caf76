//! Media of a coordinator that counts what it is asked for.

use std::{
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering},
};

use gradus_proto::v1::{self, FetchMediaResponse, coordinator_server::Coordinator};
use gradus_runtime::{Shutdown, Task, spawn};
use gradus_telemetry::Metrics;
use tokio_stream::Stream;
use tonic::{Request, Response, Status};

use super::*;
use crate::{Endpoint, Error, Listener, Server, connect, stub};

/// A medium by which the coordinator fails the first time it is asked.
const LATE: &[u8] = b"late";

/// A medium that arrives as another one.
const SPOILT: &[u8] = b"spoilt";

/// Serves the media that there are.
#[derive(Clone, Debug)]
struct Media {
    there_are: Vec<Vec<u8>>,
    num_asked: Arc<AtomicUsize>,
}

impl Media {
    fn find(&self, hash: &[u8]) -> Result<Vec<u8>, Status> {
        let is_first = self.num_asked.fetch_add(1, Ordering::SeqCst) == 0;
        let found = self.there_are.iter().find(|medium| MediaHash::of(medium).as_bytes() == hash);
        match found.map(Vec::as_slice) {
            None => Err(Status::not_found("no such medium")),
            Some(LATE) if is_first => Err(Status::internal("not yet")),
            Some(SPOILT) => Ok(b"another".to_vec()),
            Some(medium) => Ok(medium.to_vec()),
        }
    }
}

type Chunks<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl Coordinator for Media {
    type FetchMediaStream = Chunks<FetchMediaResponse>;
    type FetchGroupsStream = Chunks<v1::FetchGroupsResponse>;

    async fn fetch_media(
        &self,
        request: Request<FetchMediaRequest>,
    ) -> Result<Response<Self::FetchMediaStream>, Status> {
        let medium = self.find(&request.into_inner().hash)?;
        let chunks: Vec<_> =
            medium.chunks(3).map(|chunk| Ok(FetchMediaResponse { chunk: chunk.to_vec().into() })).collect();
        Ok(Response::new(Box::pin(tokio_stream::iter(chunks))))
    }

    async fn fetch_groups(
        &self,
        _: Request<v1::FetchGroupsRequest>,
    ) -> Result<Response<Self::FetchGroupsStream>, Status> {
        Err(not_asked())
    }

    async fn lease_prompts(
        &self,
        _: Request<v1::LeasePromptsRequest>,
    ) -> Result<Response<v1::LeasePromptsResponse>, Status> {
        Err(not_asked())
    }

    async fn submit_group(
        &self,
        _: Request<v1::SubmitGroupRequest>,
    ) -> Result<Response<v1::SubmitGroupResponse>, Status> {
        Err(not_asked())
    }

    async fn return_lease(
        &self,
        _: Request<v1::ReturnLeaseRequest>,
    ) -> Result<Response<v1::ReturnLeaseResponse>, Status> {
        Err(not_asked())
    }

    async fn join_world(&self, _: Request<v1::JoinWorldRequest>) -> Result<Response<v1::JoinWorldResponse>, Status> {
        Err(not_asked())
    }

    async fn next_work(&self, _: Request<v1::NextWorkRequest>) -> Result<Response<v1::NextWorkResponse>, Status> {
        Err(not_asked())
    }

    async fn announce_policy(
        &self,
        _: Request<v1::AnnouncePolicyRequest>,
    ) -> Result<Response<v1::AnnouncePolicyResponse>, Status> {
        Err(not_asked())
    }

    async fn complete_step(
        &self,
        _: Request<v1::CompleteStepRequest>,
    ) -> Result<Response<v1::CompleteStepResponse>, Status> {
        Err(not_asked())
    }

    async fn commit_checkpoint(
        &self,
        _: Request<v1::CommitCheckpointRequest>,
    ) -> Result<Response<v1::CommitCheckpointResponse>, Status> {
        Err(not_asked())
    }

    async fn heartbeat(&self, _: Request<v1::HeartbeatRequest>) -> Result<Response<v1::HeartbeatResponse>, Status> {
        Err(not_asked())
    }
}

fn not_asked() -> Status {
    Status::unimplemented("only media are asked for")
}

/// A coordinator with the media, a client that remembers so many bytes, and what counts the coordinator's calls.
struct Scene {
    client: MediaClient,
    num_asked: Arc<AtomicUsize>,
    _directory: tempfile::TempDir,
    _server: Task<Result<(), Error>>,
}

impl Scene {
    async fn open(media: &[&[u8]], capacity_bytes: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let endpoint = Endpoint::Unix { path: directory.path().join("coordinator.sock") };
        let media =
            Media { there_are: media.iter().map(|medium| medium.to_vec()).collect(), num_asked: Arc::default() };
        let num_asked = Arc::clone(&media.num_asked);
        let listener = Listener::bind(&endpoint).await.unwrap();
        let server = Server::new(&Metrics::new("test")).with(stub::coordinator_server(media));
        let server = spawn("coordinator", server.serve(listener, Shutdown::new()));
        let client = MediaClient::new(stub::coordinator(connect(&endpoint)), RetryPolicy::never(), capacity_bytes);
        Self { client, num_asked, _directory: directory, _server: server }
    }

    async fn get(&self, medium: &[u8]) -> Result<Vec<u8>, Code> {
        let got = self.client.get(MediaHash::of(medium)).await;
        got.map(|encoded| encoded.to_vec()).map_err(|error| error.code)
    }

    fn num_asked(&self) -> usize {
        self.num_asked.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn concurrent_callers_of_a_medium_share_one_fetch() {
    let scene = Scene::open(&[b"a picture"], 1 << 20).await;
    let (one, two, three) = tokio::join!(scene.get(b"a picture"), scene.get(b"a picture"), scene.get(b"a picture"));
    for got in [one, two, three] {
        assert_eq!(got.as_deref(), Ok(&b"a picture"[..]));
    }
    assert_eq!(scene.get(b"a picture").await.as_deref(), Ok(&b"a picture"[..]));
    assert_eq!(scene.num_asked(), 1);
}

#[tokio::test]
async fn media_are_remembered_up_to_the_bound() {
    let media: Vec<Vec<u8>> = (0..20_u8).map(|number| vec![number; 100]).collect();
    let scene = Scene::open(&media.iter().map(Vec::as_slice).collect::<Vec<_>>(), 300).await;
    for medium in media.iter().chain(&media) {
        assert_eq!(scene.get(medium).await.as_ref(), Ok(medium));
        assert!(scene.client.remembered.size_bytes() <= 300);
    }
    assert!(scene.num_asked() >= 20 + 17, "{} calls", scene.num_asked());
}

#[tokio::test]
async fn a_failure_is_not_remembered() {
    let scene = Scene::open(&[LATE], 1 << 20).await;
    assert_eq!(scene.get(LATE).await, Err(Code::Internal));
    assert_eq!(scene.get(LATE).await.as_deref(), Ok(LATE));
    assert_eq!(scene.get(b"absent").await, Err(Code::NotFound));
}

#[tokio::test]
async fn a_medium_that_arrives_as_another_one_is_a_loss_of_data() {
    let scene = Scene::open(&[SPOILT], 1 << 20).await;
    assert_eq!(scene.get(SPOILT).await, Err(Code::DataLoss));
    assert_eq!(scene.get(SPOILT).await, Err(Code::DataLoss));
    assert_eq!(scene.num_asked(), 2);
}
