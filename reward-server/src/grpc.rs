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

use crate::{GroupToScore, Scorer};

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
        // A stream that breaks ends with its status, after the groups that arrived whole.
        let answers = requests.map(move |received| {
            let scorer = scorer.clone();
            async move { Ok(answer(&scorer, received?).await) }
        });
        // What is not polled here is not read from the stream: the sender is slowed down by HTTP/2's windows.
        Ok(Response::new(Box::pin(answers.buffer_unordered(self.max_stream_groups))))
    }
}

/// Scores a group of a stream. What is wrong with it stays with it.
async fn answer(scorer: &Scorer, request: ScoreGroupRequest) -> ScoreGroupsResponse {
    let group_id = request.group_id;
    debug!(group_id = %GroupId(group_id), num_samples = request.completions.len(), "scoring group of a stream");
    let scored = match GroupToScore::try_from(request) {
        Ok(group) => scorer.score_in_turn(group).await.map_err(|error| status(&error)),
        Err(error) => Err(status(&error)),
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
