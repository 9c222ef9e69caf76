//! The gRPC face.

use std::pin::Pin;

use futures_util::{Stream, StreamExt};
use gradus_proto::v1::{
    ScoreGroupRequest, ScoreGroupResponse, ScoreGroupsResponse,
    reward_service_server::RewardService,
    score_groups_response::{Outcome, Refused},
};
use gradus_rpc::status;
use gradus_runtime::Shutdown;
use gradus_types::{GroupId, Reward};
use tonic::{Request, Response, Status, Streaming};
use tracing::debug;

use crate::{GroupToScore, Scorer, scorer::PlacedGroup};

/// Answers calls with a scorer.
#[derive(Clone, Debug)]
pub struct Grpc {
    scorer: Scorer,
    max_stream_groups: usize,
    shutdown: Shutdown,
}

/// The answers of a stream.
type Answers = Pin<Box<dyn Stream<Item = Result<ScoreGroupsResponse, Status>> + Send>>;

impl Grpc {
    /// Wraps a scorer, which takes up so many groups of a stream at a time, until the shutdown.
    pub const fn new(scorer: Scorer, max_stream_groups: u32, shutdown: Shutdown) -> Self {
        Self { scorer, max_stream_groups: max_stream_groups as usize, shutdown }
    }
}

#[tonic::async_trait]
impl RewardService for Grpc {
    type ScoreGroupsStream = Answers;

    async fn score_group(&self, request: Request<ScoreGroupRequest>) -> Result<Response<ScoreGroupResponse>, Status> {
        let request = request.into_inner();
        debug!(group_id = %GroupId(request.group_id), num_samples = request.completions.len(), "scoring group");
        let group = GroupToScore::try_from(request).map_err(|error| status(&error))?;
        let rewards = self.scorer.score(group).await.map_err(|error| status(&error))?;
        Ok(Response::new(encode(rewards)))
    }

    async fn score_groups(
        &self,
        request: Request<Streaming<ScoreGroupRequest>>,
    ) -> Result<Response<Self::ScoreGroupsStream>, Status> {
        let (scorer, shutdown) = (self.scorer.clone(), self.shutdown.clone());
        let requests = request.into_inner().take_until(async move { shutdown.triggered().await });
        // A stream that breaks ends with its status, after the groups that arrived whole. A group has its place before the next one is read, so
        // that one of a stream at most is not counted.
        let placer = scorer.clone();
        let placed = requests.then(move |received| {
            let scorer = placer.clone();
            async move { Ok(place(&scorer, received?).await) }
        });
        let answers = placed.map(move |placed: Result<(u64, Placed), Status>| {
            let scorer = scorer.clone();
            async move {
                let (group_id, placed) = placed?;
                Ok(answer(&scorer, group_id, placed).await)
            }
        });
        // What is not polled here is not read from the stream: the sender is slowed down by HTTP/2's windows.
        Ok(Response::new(Box::pin(answers.buffer_unordered(self.max_stream_groups))))
    }
}

/// A group of a stream that has its place, or what is wrong with it.
type Placed = Result<PlacedGroup, Status>;

/// Waits for the place of a group of a stream.
async fn place(scorer: &Scorer, request: ScoreGroupRequest) -> (u64, Placed) {
    let group_id = request.group_id;
    debug!(group_id = %GroupId(group_id), num_samples = request.completions.len(), "scoring group of a stream");
    match GroupToScore::try_from(request) {
        Ok(group) => (group_id, Ok(scorer.place(group).await)),
        Err(error) => (group_id, Err(status(&error))),
    }
}

/// Scores a group of a stream. What is wrong with it stays with it.
async fn answer(scorer: &Scorer, group_id: u64, placed: Placed) -> ScoreGroupsResponse {
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

fn encode(rewards: Vec<Reward>) -> ScoreGroupResponse {
    ScoreGroupResponse { rewards: rewards.into_iter().map(Into::into).collect() }
}
