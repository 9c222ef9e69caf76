//! What actors ask: prompts to sample, and a place for what they sampled.

use std::time::Duration;

use gradus_config::{Evaluation, Sampling, StageKind};
use gradus_telemetry::GroupTraces;
use gradus_types::{
    Admission, Group, GroupId, Lease, PolicyVersion, Prompt, PublishedPolicy, Purpose, Reward, SamplingParameters,
    UnscoredReason,
};
use tracing::{debug, info_span, warn};

use crate::{
    Coordinator, Failure,
    coordinator::{Answer, millis},
    machine::{GiveBack, Grant, Lend, Location, Machine, Scoring, Segment, Submit},
    members::Claim,
    prompts::Rejection,
};

/// Prompts that may be found unusable in one call before the actor is answered.
const MAX_REJECTIONS: usize = 64;

/// What an actor that asks for prompts is answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Leased {
    /// The prompts.
    pub leases: Vec<Lease>,
    /// The policy to sample from.
    pub policy: Option<PublishedPolicy>,
    /// Whether the run is over.
    pub finished: bool,
}

/// What the machine has for an actor.
struct Offer {
    grants: Vec<Grant>,
    policy: Option<PublishedPolicy>,
    finished: bool,
    evaluation_prompts: Vec<u64>,
}

impl Coordinator {
    /// Lends prompts to an actor. Waits for the first one, for a policy that is news to the actor, or for the end.
    ///
    /// # Errors
    /// Another process has taken the actor's name, or the coordinator is ending.
    pub async fn lease(&self, request: Lend, held: PolicyVersion, wait: Duration) -> Result<Leased, Failure> {
        self.poll(wait, || self.offer(request.clone(), held)).await
    }

    async fn offer(&self, request: Lend, held: PolicyVersion) -> Result<Answer<Leased>, Failure> {
        let actor = request.actor.clone();
        // A request may still be waiting when its process has a successor.
        if self.members().claim(&actor, &request.incarnation, self.now()) == Claim::Lost {
            return Err(Failure::NameTaken { member: actor });
        }
        let look = |machine: &Machine, grants| Offer {
            grants,
            policy: machine.state().policy.clone(),
            finished: machine.is_finished(),
            evaluation_prompts: machine
                .state()
                .evaluation
                .as_ref()
                .map_or_else(Vec::new, |active| active.num_prompts.clone()),
        };
        let mut num_rejections = 0;
        loop {
            let offer = self.bookkeeper().run_and_look(request.clone(), look).await?;
            let num_grants = offer.grants.len();
            let (policy, finished) = (offer.policy.clone(), offer.finished);
            let leases = self.draw_prompts(&actor, offer).await?;
            num_rejections += num_grants - leases.len();
            let is_all_rejected = leases.is_empty() && num_grants > 0;
            if is_all_rejected && num_rejections < MAX_REJECTIONS {
                continue;
            }
            if finished {
                self.members().tell_the_end(&actor, self.now());
            }
            let version = policy.as_ref().map(|policy| policy.version);
            let is_news = self.members().tell_policy(&actor, held, version, self.now());
            let leased = Leased { leases, policy, finished };
            let is_final = !leased.leases.is_empty() || finished || is_news || is_all_rejected;
            return Ok(if is_final { Answer::Final(leased) } else { Answer::Preliminary(leased) });
        }
    }

    /// Draws the prompts of an offer. One that cannot be used goes back with its reason.
    async fn draw_prompts(&self, actor: &str, offer: Offer) -> Result<Vec<Lease>, Failure> {
        if offer.grants.is_empty() {
            return Ok(Vec::new());
        }
        let prompts = self.inner.parts.prompts.clone();
        let draw = move || -> Vec<(Grant, Result<Prompt, Rejection>)> {
            let draw = |grant: Grant| (grant, prompts.of_group(grant.group_id, &offer.evaluation_prompts));
            offer.grants.into_iter().map(draw).collect()
        };
        let mut leases = Vec::new();
        for (grant, prompt) in self.cpu().run(draw).await? {
            match prompt {
                Ok(prompt) => {
                    let span = info_span!("lend", group_id = %grant.group_id, attempt = grant.attempt, actor);
                    // The first mark in the group's trace; what the actor does with it follows.
                    drop(GroupTraces::of(&self.config().run).join(span, grant.group_id));
                    leases.push(self.lease_of(grant, prompt));
                }
                Err(rejection) => {
                    let (actor, group_id) = (actor.to_owned(), grant.group_id);
                    self.return_lease(GiveBack { actor, group_id, quarantine: true, reason: rejection.reason }).await?;
                }
            }
        }
        Ok(leases)
    }

    fn lease_of(&self, grant: Grant, prompt: Prompt) -> Lease {
        Lease {
            group_id: grant.group_id,
            prompt,
            sampling: self.sampling_of(grant.group_id),
            seed: grant.seed,
            min_policy_version: grant.min_policy_version,
            attempt: grant.attempt,
            time_to_live: Duration::from_millis(millis(self.config().coordinator.lease_seconds)),
        }
    }

    fn sampling_of(&self, id: GroupId) -> SamplingParameters {
        let config = self.config();
        let stage = config.stages.get(id.series() as usize).map(|stage| &stage.kind);
        match (id.purpose(), stage, &config.evaluation) {
            (Purpose::Train, Some(StageKind::Rl(rl)), _) => sampling_parameters(&rl.sampling),
            (Purpose::Evaluate, _, Some(evaluation)) => evaluation_parameters(evaluation),
            _ => unreachable!("only stages and evaluations that sample lend prompts"),
        }
    }

    /// Stores a group for good; `payload` is its encoded form.
    ///
    /// # Errors
    /// The group was never lent or has another size than asked for, or the coordinator is ending.
    pub async fn submit(&self, group: &Group, payload: Vec<u8>) -> Result<Admission, Failure> {
        self.members().hear(&group.actor, self.now());
        // The book replaces the location by the place it stores the payload at.
        let location = Location { segment: Segment::Step(0), offset: 0 };
        let submit = Submit { actor: group.actor.clone(), header: group.header(), scoring: scoring(group), location };
        let admission = self.bookkeeper().submit(submit, payload).await?;
        debug!(group_id = %group.id, actor = group.actor, ?admission, "group submitted");
        Ok(admission)
    }

    /// Takes a lease back.
    ///
    /// # Errors
    /// The coordinator is ending.
    pub async fn return_lease(&self, give_back: GiveBack) -> Result<(), Failure> {
        let GiveBack { actor, group_id, quarantine, reason } = &give_back;
        if *quarantine {
            warn!(%group_id, actor, reason, "prompt cannot be used and is set aside");
        } else {
            debug!(%group_id, actor, reason, "lease returned");
        }
        self.bookkeeper().run(give_back).await
    }
}

/// Tells whether a group has rewards, and if not, who is to blame.
fn scoring(group: &Group) -> Scoring {
    let mut is_unavailable = true;
    for sample in &group.samples {
        match &sample.reward {
            Reward::Scored { .. } => return Scoring::Scored,
            Reward::Unscored { reason, .. } => is_unavailable &= *reason == UnscoredReason::Unavailable,
        }
    }
    if is_unavailable { Scoring::Unavailable } else { Scoring::Failed }
}

fn sampling_parameters(sampling: &Sampling) -> SamplingParameters {
    SamplingParameters {
        num_completions: sampling.num_completions,
        temperature: sampling.temperature,
        top_p: sampling.top_p,
        top_k: sampling.top_k,
        max_new_tokens: sampling.max_new_tokens,
        max_prompt_tokens: sampling.max_prompt_tokens,
    }
}

fn evaluation_parameters(evaluation: &Evaluation) -> SamplingParameters {
    SamplingParameters {
        num_completions: evaluation.num_completions,
        temperature: evaluation.temperature,
        top_p: 1.0,
        top_k: 0,
        max_new_tokens: evaluation.max_new_tokens,
        max_prompt_tokens: evaluation.max_prompt_tokens,
    }
}
