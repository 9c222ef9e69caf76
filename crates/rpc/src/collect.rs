//! Streams of messages, taken to their end. The deadline of a call covers its answer's beginning alone, so every message has one
//! of its own.

use std::time::Duration;

use tokio::time::timeout;
use tokio_stream::{Stream, StreamExt};
use tonic::Status;

use crate::{CallError, Code};

/// Takes a stream to its end. Fails when a message is later than `patience` after the one before it.
///
/// # Errors
/// The stream fails, or stalls.
pub async fn collect<T>(
    mut stream: impl Stream<Item = Result<T, Status>> + Unpin,
    patience: Duration,
) -> Result<Vec<T>, CallError> {
    let mut messages = Vec::new();
    let stalled = |_| CallError::new(Code::DeadlineExceeded, format!("the stream has stalled for {patience:?}"));
    while let Some(message) = timeout(patience, stream.next()).await.map_err(stalled)? {
        messages.push(message?);
    }
    Ok(messages)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(5);

    #[tokio::test(start_paused = true)]
    async fn a_stream_is_taken_to_its_end_however_long_that_is_if_every_message_is_in_time() {
        let slow = tokio_stream::iter(1..=9).then(|number| async move {
            tokio::time::sleep(PATIENCE / 2).await;
            Ok(number)
        });
        assert_eq!(collect(Box::pin(slow), PATIENCE).await.unwrap(), (1..=9).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_stalls_is_an_error() {
        let stalls = tokio_stream::iter([Ok(1)]).chain(tokio_stream::pending());
        let error = collect(Box::pin(stalls), PATIENCE).await.unwrap_err();
        assert_eq!(error.code, Code::DeadlineExceeded);
    }
}
