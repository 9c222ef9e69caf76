//! The gRPC face of the reward server.

use gradus_proto::v1::{self, reward_service_server::RewardService};
use gradus_rpc::status;
use gradus_types::FinishReason;
use tonic::{Request, Response, Status};

use crate::{CompletionText, Error, ScoreRequest, Scorer};

/// The gRPC service.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    scorer: Scorer,
}

impl Service {
    pub(crate) const fn new(scorer: Scorer) -> Self {
        Self { scorer }
    }

    async fn score(&self, wire: v1::ScoreGroupRequest) -> Result<v1::ScoreGroupResponse, Error> {
        let rewards = self.scorer.score(decode(wire)?).await?;
        Ok(v1::ScoreGroupResponse { rewards: rewards.into_iter().map(Into::into).collect() })
    }
}

fn decode(wire: v1::ScoreGroupRequest) -> Result<ScoreRequest, Error> {
    let completions = wire.completions.into_iter().map(|completion| {
        let finish_reason = FinishReason::try_from(completion.finish_reason())?;
        Ok(CompletionText { text: completion.text, num_tokens: completion.num_tokens, finish_reason })
    });
    let completions = completions.collect::<Result<_, Error>>()?;
    Ok(ScoreRequest { spec: wire.reward_spec, prefill: wire.prefill, completions })
}

#[tonic::async_trait]
impl RewardService for Service {
    async fn score_group(
        &self,
        request: Request<v1::ScoreGroupRequest>,
    ) -> Result<Response<v1::ScoreGroupResponse>, Status> {
        self.score(request.into_inner()).await.map(Response::new).map_err(|error| status(&error))
    }
}
