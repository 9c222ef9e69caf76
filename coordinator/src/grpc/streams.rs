//! Streamed answers: pictures in chunks, and groups one after the other.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use gradus_proto::v1;
use gradus_rpc::status;
use gradus_runtime::{Task, spawn};
use gradus_types::GroupId;
use prost::Message;
use tokio::sync::mpsc;
use tokio_stream::Stream;
use tonic::Status;

use crate::{Coordinator, Error, Failure, machine::Location};

/// Bytes of a medium in one message.
const CHUNK_BYTES: usize = 1 << 20;

/// Groups that are read ahead of the wire.
const READ_AHEAD: usize = 4;

/// The chunks of a medium.
#[derive(Debug)]
pub struct Chunks {
    rest: Bytes,
}

/// The payloads of groups.
#[derive(Debug)]
pub struct Groups {
    groups: mpsc::Receiver<Result<v1::FetchGroupsResponse, Status>>,
    _reader: Task<()>,
}

/// Cuts a medium into chunks.
pub(super) fn chunks(encoded: Vec<u8>) -> Chunks {
    Chunks { rest: Bytes::from(encoded) }
}

/// Reads groups as fast as the caller takes them. The reading ends with the stream.
pub(super) fn groups(coordinator: Coordinator, located: Vec<(GroupId, Location)>) -> Groups {
    let (sender, groups) = mpsc::channel(READ_AHEAD);
    let reader = spawn("fetch-groups", async move {
        for (id, location) in located {
            let read = read(&coordinator, id, location).await.map_err(|failure| status(&failure));
            let is_last = read.is_err();
            if sender.send(read).await.is_err() || is_last {
                return;
            }
        }
    });
    Groups { groups, _reader: reader }
}

async fn read(coordinator: &Coordinator, id: GroupId, location: Location) -> Result<v1::FetchGroupsResponse, Failure> {
    let payload = coordinator.read_group(id, location).await?;
    let group = v1::Group::decode(Bytes::from(payload))
        .map_err(|source| Failure::Payload { group_id: id, source: Box::new(Error::Payload { location, source }) })?;
    Ok(v1::FetchGroupsResponse { group: Some(group) })
}

impl Stream for Chunks {
    type Item = Result<v1::FetchMediaResponse, Status>;

    fn poll_next(mut self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.rest.len().min(CHUNK_BYTES);
        let chunk = self.rest.split_to(length);
        Poll::Ready(Some(Ok(v1::FetchMediaResponse { chunk })))
    }
}

impl Stream for Groups {
    type Item = Result<v1::FetchGroupsResponse, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.groups.poll_recv(context)
    }
}
