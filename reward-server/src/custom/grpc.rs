//! A service of the user's, asked over gRPC: `gradus.v1.Scorer` of `proto/gradus/v1/scorer.proto`.

use std::{error::Error, iter::successors, sync::OnceLock};

use gradus_config::CustomScorer;
use gradus_proto::v1::{ScoreRequest, score_response::Outcome, scorer_client::ScorerClient};
use gradus_rpc::{CallError, Channel, ClientConfig, Code, Endpoint, RetryPolicy, connect_with, stub};
use tonic::{Status, TimeoutExpired};

use super::{
    Fault, Question,
    calls::{Calls, FailedCall},
    timeout,
};
use crate::batch::Failure;

/// A service with the calls that may be made to it.
#[derive(Debug)]
pub struct GrpcScorer {
    endpoint: Endpoint,
    config: ClientConfig,
    client: OnceLock<ScorerClient<Channel>>,
    calls: Calls,
}

impl GrpcScorer {
    /// Prepares the calls to a service.
    pub fn new(declared: &CustomScorer) -> Result<Self, Fault> {
        let endpoint = declared.address.as_deref().unwrap_or_default().parse()?;
        // Repetitions are counted by `Calls`. A gRPC server in C or Python hangs up on clients that probe it often, so it is not probed.
        let config = ClientConfig {
            deadline: timeout(declared),
            retry: RetryPolicy::never(),
            probe_interval: None,
            ..ClientConfig::default()
        };
        Ok(Self { endpoint, config, client: OnceLock::new(), calls: Calls::new(declared) })
    }

    /// Scores a completion.
    pub async fn score(&self, question: &Question<'_>) -> Result<f64, Failure> {
        let write = || {
            Ok(ScoreRequest {
                completion: question.completion(),
                num_tokens: question.sample.num_tokens,
                truncated: question.is_truncated(),
                gold: question.reference.gold.clone(),
                options: question.reference.options.clone(),
                facts: question.facts_as_json()?,
            })
        };
        self.calls.make(write, |request| self.call(request)).await
    }

    async fn call(&self, request: ScoreRequest) -> Result<f64, FailedCall> {
        // A connection needs the runtime, which is there when the first completion comes.
        let client = self.client.get_or_init(|| stub::scorer(connect_with(&self.endpoint, &self.config)));
        let answered = client.clone().score(request).await;
        let response = answered.map_err(|status| {
            let code = own_code(&status);
            let CallError { code: sent, message } = status.into();
            let code = code.unwrap_or(sent);
            FailedCall { code, detail: format!("`{}` failed as `{}`: {message}", self.endpoint, code.name()) }
        })?;
        match response.into_inner().outcome {
            Some(Outcome::Score(score)) => Ok(score),
            Some(Outcome::Error(reason)) => Err(FailedCall::lasting(reason)),
            None => Err(FailedCall::lasting("the answer has neither `score` nor `error`".to_owned())),
        }
    }
}

/// Reads why a call failed on this side, which its status has as a source: its time was up, or the connection broke.
fn own_code(status: &Status) -> Option<Code> {
    let mut causes = successors(status.source(), |&cause| cause.source()).peekable();
    causes.peek()?;
    Some(if causes.any(|cause| cause.is::<TimeoutExpired>()) { Code::DeadlineExceeded } else { Code::Unavailable })
}
