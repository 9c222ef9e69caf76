//! The answers of a stream, made by a task of its own: groups are scored whether or not their answers are read.
//!
//! ```text
//! requests ──► room for the answer ──► place in the server ──► scored ──► answer, waiting to be read
//!                                      └────── given up with the score ┘
//! ```
//!
//! | who | waits for | unblocked by |
//! |---|---|---|
//! | the next group of a stream | room for one more answer | the client reading one |
//! | a group | a place in the server | another group being done, of any stream |
//! | the end of the stream | its groups in progress | each group's deadline |
//!
//! A client that does not read holds its unread answers and nothing else, and one that leaves takes its groups along.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_util::{Stream, StreamExt};
use gradus_proto::v1::{
    ScoreGroupRequest, ScoreGroupsResponse,
    score_groups_response::{Outcome, Refused},
};
use gradus_rpc::status;
use gradus_runtime::{Shutdown, Task, TaskSet, spawn};
use gradus_types::GroupId;
use tokio::sync::mpsc::{self, OwnedPermit, Receiver, Sender};
use tonic::Status;
use tracing::debug;

use super::encode;
use crate::{GroupToScore, Scorer, scorer::PlacedGroup};

type Answer = Result<ScoreGroupsResponse, Status>;

/// The answers of a stream. Dropping them ends the work on its groups.
#[derive(Debug)]
pub struct Answers {
    ready: Receiver<Answer>,
    /// How the stream ends, until that was told.
    end: Option<Task<Result<(), Status>>>,
}

/// What the groups of a stream are scored with.
#[derive(Clone, Debug)]
pub struct Groups {
    /// Scores them.
    pub scorer: Scorer,
    /// Groups of the stream that are in the server or wait to be read at a time.
    pub max_groups: usize,
    /// When it comes, the stream ends after the groups that are in the server.
    pub shutdown: Shutdown,
}

// === impl Answers ===

impl Answers {
    /// Begins to score the groups of a stream.
    pub fn of<R>(requests: R, groups: Groups) -> Self
    where
        R: Stream<Item = Result<ScoreGroupRequest, Status>> + Send + Unpin + 'static,
    {
        let (sender, ready) = mpsc::channel(groups.max_groups.max(1));
        Self { ready, end: Some(spawn("score-stream", groups.score(requests, sender))) }
    }
}

impl Stream for Answers {
    type Item = Answer;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Answer>> {
        if let Some(answer) = ready!(self.ready.poll_recv(context)) {
            return Poll::Ready(Some(answer));
        }
        let Some(end) = &mut self.end else { return Poll::Ready(None) };
        let ended = ready!(Pin::new(end).poll(context));
        self.end = None;
        let ended = ended.unwrap_or_else(|error| Err(Status::internal(error.to_string())));
        Poll::Ready(ended.err().map(Err))
    }
}

// === impl Groups ===

impl Groups {
    /// Scores groups until the stream ends, breaks or is cut by the shutdown, and says which. The groups that arrived whole are answered before.
    async fn score<R>(self, mut requests: R, answers: Sender<Answer>) -> Result<(), Status>
    where
        R: Stream<Item = Result<ScoreGroupRequest, Status>> + Unpin,
    {
        let mut scoring = TaskSet::new("score-group");
        let ended = loop {
            let (room, request) = match self.next(&mut requests, &answers).await {
                Ok(Some(next)) => next,
                Ok(None) => break Ok(()),
                Err(status) => break Err(status),
            };
            // The tasks that ended stay in the set until they are joined.
            if scoring.len() >= self.max_groups {
                joined(scoring.join_next().await)?;
            }
            let (scorer, group_id) = (self.scorer.clone(), request.group_id);
            let placed = self.place(request).await;
            scoring.spawn(async move { _ = room.send(Ok(answer(&scorer, group_id, placed).await)) });
        };
        while !scoring.is_empty() {
            joined(scoring.join_next().await)?;
        }
        ended
    }

    /// Reads the next group once there is room for its answer; returns nothing at the end, or when nobody reads any more.
    async fn next<R>(
        &self,
        requests: &mut R,
        answers: &Sender<Answer>,
    ) -> Result<Option<(OwnedPermit<Answer>, ScoreGroupRequest)>, Status>
    where
        R: Stream<Item = Result<ScoreGroupRequest, Status>> + Unpin,
    {
        let next = async {
            let Ok(room) = answers.clone().reserve_owned().await else { return Ok(None) };
            Ok(requests.next().await.transpose()?.map(|request| (room, request)))
        };
        // What the first arm interrupts is not taken up again.
        tokio::select! {
            biased;
            () = self.shutdown.triggered() => {
                Err(Status::unavailable("the reward server is leaving; send the groups that were not answered again"))
            }
            next = next => next,
        }
    }

    /// Waits for the place of a group, whose sender is slowed down meanwhile.
    async fn place(&self, request: ScoreGroupRequest) -> Result<PlacedGroup, Status> {
        debug!(group_id = %GroupId(request.group_id), num_samples = request.completions.len(), "scoring group of a stream");
        match GroupToScore::try_from(request) {
            Ok(group) => Ok(self.scorer.place(group).await),
            Err(error) => Err(status(&error)),
        }
    }
}

/// Scores a group of a stream. What is wrong with it stays with it.
async fn answer(scorer: &Scorer, group_id: u64, placed: Result<PlacedGroup, Status>) -> ScoreGroupsResponse {
    let scored = match placed {
        Ok(placed) => scorer.score_placed(placed).await.map_err(|error| status(&error)),
        Err(status) => Err(status),
    };
    let outcome = match scored {
        Ok(rewards) => Outcome::Scored(encode(rewards)),
        Err(status) => {
            let code = i32::from(status.code()).unsigned_abs();
            Outcome::Refused(Refused { code, message: status.message().to_owned() })
        }
    };
    ScoreGroupsResponse { group_id, outcome: Some(outcome) }
}

/// Ends the stream where the task of a group failed: its answer will not come.
fn joined(joined: Option<Result<(), gradus_runtime::Error>>) -> Result<(), Status> {
    joined.transpose().map(drop).map_err(|error| Status::internal(error.to_string()))
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use gradus_config::RewardServer;
    use gradus_proto::v1::{CompletionText, FinishReason};
    use gradus_telemetry::Metrics;

    use super::*;
    use crate::SampleText;

    const SPEC: &str = r#"{"gold": "4", "components": [{"name": "accuracy", "kind": "answer", "weight": 1}]}"#;

    fn request(group_id: u64) -> ScoreGroupRequest {
        let finish_reason = FinishReason::Stop.into();
        let completions = vec![CompletionText { text: r"\boxed{4}".to_owned(), num_tokens: 1, finish_reason }; 3];
        ScoreGroupRequest { group_id, reward_spec: SPEC.to_owned(), prefill: String::new(), completions }
    }

    fn groups(config: &RewardServer) -> Groups {
        let scorer = Scorer::new(config, &Metrics::new("reward-server")).unwrap();
        Groups { scorer, max_groups: config.max_stream_groups as usize, shutdown: Shutdown::new() }
    }

    #[tokio::test]
    async fn a_client_that_does_not_read_holds_no_places() {
        let groups = groups(&RewardServer { max_queued_groups: 2, max_stream_groups: 2, ..Default::default() });
        let scorer = groups.scorer.clone();
        let mut answers = Answers::of(stream::iter((0..20).map(|id| Ok(request(id)))), groups);
        answers.next().await.unwrap().unwrap();
        // Both places of the server are given up without a further answer being read.
        let group =
            || GroupToScore { spec: SPEC.to_owned(), prefill: String::new(), samples: vec![SampleText::new("4")] };
        let (one, other) = (scorer.place(group()).await, scorer.place(group()).await);
        assert!(scorer.score_placed(one).await.is_ok());
        assert!(scorer.score_placed(other).await.is_ok());
        assert_eq!(answers.count().await, 19);
    }

    #[tokio::test]
    async fn a_stream_that_breaks_ends_with_its_status_after_the_groups_that_arrived() {
        let broken = [Ok(request(1)), Ok(request(2)), Err(Status::cancelled("gone"))];
        let answers = Answers::of(stream::iter(broken), groups(&RewardServer::default()));
        let answers: Vec<Answer> = answers.collect().await;
        assert!(answers[..2].iter().all(Result::is_ok));
        assert_eq!(answers[2].as_ref().unwrap_err().code(), tonic::Code::Cancelled);
        assert_eq!(answers.len(), 3);
    }

    #[tokio::test]
    async fn a_stream_that_a_shutdown_cuts_is_unavailable_after_the_groups_that_arrived() {
        let groups = groups(&RewardServer::default());
        let shutdown = groups.shutdown.clone();
        let endless = stream::iter([Ok(request(1))]).chain(stream::pending());
        let mut answers = Answers::of(endless, groups);
        assert_eq!(answers.next().await.unwrap().unwrap().group_id, 1);
        shutdown.trigger();
        let end = answers.next().await.unwrap().unwrap_err();
        assert_eq!(end.code(), tonic::Code::Unavailable);
        assert!(answers.next().await.is_none());
    }
}
