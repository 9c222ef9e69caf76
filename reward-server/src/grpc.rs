//! The gRPC face.

use gradus_proto::v1::{ScoreGroupRequest, ScoreGroupResponse, reward_service_server::RewardService};
use gradus_rpc::status;
use gradus_types::GroupId;
use tonic::{Request, Response, Status};
use tracing::debug;

use crate::{GroupToScore, Scorer};

/// Answers calls with a scorer.
#[derive(Clone, Debug)]
pub struct Grpc {
    scorer: Scorer,
}

impl Grpc {
    /// Wraps a scorer.
    pub const fn new(scorer: Scorer) -> Self {
        Self { scorer }
    }
}

#[tonic::async_trait]
impl RewardService for Grpc {
    async fn score_group(&self, request: Request<ScoreGroupRequest>) -> Result<Response<ScoreGroupResponse>, Status> {
        let request = request.into_inner();
        debug!(group_id = %GroupId(request.group_id), num_samples = request.completions.len(), "scoring group");
        let group = GroupToScore::try_from(request).map_err(|error| status(&error))?;
        let rewards = self.scorer.score(group).await.map_err(|error| status(&error))?;
        Ok(Response::new(ScoreGroupResponse { rewards: rewards.into_iter().map(Into::into).collect() }))
    }
}
