//! The device part of the engine: the policy, the caches of the groups in flight, and one decode step for all of them.

use std::sync::Arc;

use gradus_model::{Error as ModelError, GroupCache, Policy, Prompt};
use gradus_types::PolicyVersion;
use tch::Tensor;

use crate::{
    engine::{Error, ballast::Ballast, progress::Progress, scheduler::Ticket},
    sampling::{self, Row},
};

/// The policy and the groups it is completing.
#[derive(Debug)]
pub struct Decoder {
    policy: Policy,
    policy_version: PolicyVersion,
    groups: Vec<LiveGroup>,
    ballast: Ballast,
}

#[derive(Debug)]
struct LiveGroup {
    ticket: Ticket,
    cache: GroupCache,
    progress: Progress,
}

/// What a step did to one group.
#[derive(Debug)]
pub enum Outcome {
    /// It has fewer live completions than before, but some.
    Shrunk(usize),
    /// Its completions are done.
    Finished(Progress),
    /// It cannot be completed.
    Failed(Error),
}

// === impl Decoder ===

impl Decoder {
    /// Takes a policy that has nothing in flight.
    pub fn new(policy: Policy, policy_version: PolicyVersion) -> Self {
        Self { policy, policy_version, groups: Vec::new(), ballast: Ballast::default() }
    }

    /// Returns the policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Says that the policy now has the weights of another version.
    pub fn set_policy_version(&mut self, policy_version: PolicyVersion) {
        self.policy_version = policy_version;
    }

    /// Tells whether nothing is in flight.
    pub fn is_idle(&self) -> bool {
        self.groups.is_empty()
    }

    /// Returns the completions that the next step advances.
    pub fn num_live(&self) -> usize {
        self.groups.iter().map(|group| group.progress.num_live()).sum()
    }

    /// Computes a prompt once and draws the first token of each of its completions. Returns nothing when they all go on.
    pub fn admit(&mut self, ticket: Ticket, prompt: &Prompt, mut progress: Progress) -> Result<Option<Outcome>, Error> {
        let rows: Vec<Row> = progress.rows().collect();
        let (mut cache, logits) = match self.policy.prefill(prompt, rows.len()) {
            Ok(opened) => opened,
            Err(source @ ModelError::Prompt(_)) => {
                return Ok(Some(Outcome::Failed(Error::Prompt { source: Arc::new(source) })));
            }
            Err(source) => return Err(Error::Model { attempt: "prefill a prompt", source: Arc::new(source) }),
        };
        let shared = [rows.len() as i64, -1];
        let logits = logits.f_unsqueeze(0).and_then(|logits| logits.f_expand(shared, false)).map_err(draw_failure)?; // [G, V]
        let draws = sampling::draw(&logits, &rows).map_err(draw_failure)?;
        let goes_on = match progress.push(&draws, self.policy_version) {
            Ok(goes_on) => goes_on,
            Err(error) => return Ok(Some(Outcome::Failed(error))),
        };
        let num_live = progress.num_live();
        if num_live == 0 {
            return Ok(Some(Outcome::Finished(progress)));
        }
        if num_live < goes_on.len() {
            cache.retain(&goes_on);
        }
        self.groups.push(LiveGroup { ticket, cache, progress });
        Ok((num_live < goes_on.len()).then_some(Outcome::Shrunk(num_live)))
    }

    /// Advances every live completion of every group by one token, and drops those that are done.
    pub fn step(&mut self) -> Result<Vec<(Ticket, Outcome)>, Error> {
        let rows: Vec<Row> = self.groups.iter().flat_map(|group| group.progress.rows()).collect();
        // Every prompt was checked when it was prefilled, so a failure is no group's own fault.
        let failed = |source| Error::Model { attempt: "decode a step", source: Arc::new(source) };
        let logits = self.decode(rows.len()).map_err(failed)?; // [N, V]
        let mut draws = sampling::draw(&logits, &rows).map_err(draw_failure)?.into_iter();
        let mut outcomes = Vec::new();
        for mut group in std::mem::take(&mut self.groups) {
            let own: Vec<_> = draws.by_ref().take(group.progress.num_live()).collect();
            match group.progress.push(&own, self.policy_version) {
                Err(error) => outcomes.push((group.ticket, Outcome::Failed(error))),
                Ok(_) if group.progress.num_live() == 0 => {
                    outcomes.push((group.ticket, Outcome::Finished(group.progress)));
                }
                Ok(goes_on) => {
                    if group.progress.num_live() < own.len() {
                        group.cache.retain(&goes_on);
                        outcomes.push((group.ticket, Outcome::Shrunk(group.progress.num_live())));
                    }
                    self.groups.push(group);
                }
            }
        }
        Ok(outcomes)
    }

    /// Returns the logits [N, V] f32 that follow the last token of each of N live completions.
    fn decode(&mut self, num_live: usize) -> Result<Tensor, ModelError> {
        let last_tokens: Vec<Vec<u32>> = self.groups.iter().map(|group| group.progress.last_tokens()).collect();
        let caches = self.groups.iter_mut().map(|group| &mut group.cache);
        let mut step: Vec<(&mut GroupCache, &[u32])> = caches.zip(last_tokens.iter().map(Vec::as_slice)).collect();
        step.extend(self.ballast.beside(num_live, &self.policy)?);
        Ok(self.policy.decode(&mut step)?.narrow(0, 0, num_live as i64))
    }

    /// Forgets a group, finished or not.
    pub fn remove(&mut self, ticket: Ticket) {
        self.groups.retain(|group| group.ticket != ticket);
    }
}

fn draw_failure(error: tch::TchError) -> Error {
    Error::Draw { message: error.to_string() }
}
