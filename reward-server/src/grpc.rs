//! The gRPC face.

mod answers;

use gradus_proto::v1::{ScoreGroupRequest, ScoreGroupResponse, reward_service_server::RewardService};
use gradus_rpc::status;
use gradus_runtime::Shutdown;
use gradus_types::{GroupId, Reward};
use tonic::{Request, Response, Status, Streaming};
use tracing::debug;

use crate::{GroupToScore, Scorer};
use answers::{Answers, Groups};

/// Answers calls with a scorer.
#[derive(Clone, Debug)]
pub struct Grpc {
    scorer: Scorer,
    max_stream_groups: usize,
    shutdown: Shutdown,
}

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
        let groups =
            Groups { scorer: self.scorer.clone(), max_groups: self.max_stream_groups, shutdown: self.shutdown.clone() };
        Ok(Response::new(Answers::of(request.into_inner(), groups)))
    }
}

fn encode(rewards: Vec<Reward>) -> ScoreGroupResponse {
    ScoreGroupResponse { rewards: rewards.into_iter().map(Into::into).collect() }
}
