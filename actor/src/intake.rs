//! Intake: asks for leases while there is room, keeps to the announced policy, and starts a task for each group.
//!
//! ```text
//!        room? ──► lease ──► policy news? ──► fetch, verify, swap ──► a task per group ──┐
//!          ▲                                                                              │
//!          └── a permit returns when completions are there; a slot when a group is stored ┘
//! ```
//!
//! | who | waits for | unblocked by |
//! |---|---|---|
//! | intake | completions that can be decoded, and a group slot | a group's last token; a group stored or returned |
//! | intake | leases, a short while | the coordinator |
//! | leases of a new policy | the swap | the weights being verified; else the leases are returned |
//!
//! Leases are handled one answer at a time, so none is sampled before the policy that came with it, or a later one, is held.
//! An actor asks for no more than it can decode now, so that several of them share a batch by their speed.

use std::{sync::Arc, time::Duration};

use gradus_process::chain;
use gradus_rpc::Code;
use gradus_runtime::{Shutdown, TaskSet};
use gradus_types::{Lease, PublishedPolicy};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tracing::{debug, error, info, warn};

use crate::{
    Error,
    coordinator::Offer,
    engine,
    follower::{Error as FollowError, Follower, Relation},
    rollout::{Abandonment, Rollouts},
};

/// The wait after a coordinator or a learner could not be reached.
const BACKOFF: Duration = Duration::from_secs(1);

/// What an actor is doing, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It has leases, or waits for some.
    Sampling,
    /// It fetches a policy.
    Swapping,
    /// It finishes what it has and leaves.
    Draining,
}

/// The loop that asks for work.
#[derive(Debug)]
pub struct Intake {
    rollouts: Arc<Rollouts>,
    follower: Follower,
    room: Room,
    phase: watch::Sender<Phase>,
    groups: TaskSet<Result<(), engine::Error>>,
    abandonment: Abandonment,
}

/// How much may be held at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Groups, from lease to storage.
    pub max_groups: usize,
    /// Completions that are decoded at a time.
    pub max_completions: usize,
    /// Completions of the run's largest groups, which any lease may be.
    pub group_size: usize,
}

/// What of the bounds is free.
#[derive(Debug)]
struct Room {
    bounds: Bounds,
    completions: Arc<Semaphore>,
}

// === impl Intake ===

impl Intake {
    /// Makes a loop that has asked for nothing. `leave` ends whatever is still in flight.
    #[must_use]
    pub fn new(rollouts: Arc<Rollouts>, follower: Follower, bounds: Bounds, leave: Shutdown) -> Self {
        let room = Room { bounds, completions: Arc::new(Semaphore::new(bounds.max_completions)) };
        let abandonment = Abandonment { policy: Shutdown::new(), actor: leave };
        let (phase, groups) = (watch::Sender::new(Phase::Sampling), TaskSet::new("rollout"));
        Self { rollouts, follower, room, phase, groups, abandonment }
    }

    /// Tells what the actor is doing, now and from now on.
    #[must_use]
    pub fn phase(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    /// Asks for work until the run is over or the shutdown, then waits for what is in flight.
    pub async fn run(mut self, shutdown: &Shutdown) -> Result<(), Error> {
        let mut outcome = self.take_in(shutdown).await;
        self.phase.send_replace(Phase::Draining);
        while let Some(joined) = self.groups.join_next().await {
            outcome = outcome.and(conclude(joined));
        }
        outcome
    }

    async fn take_in(&mut self, shutdown: &Shutdown) -> Result<(), Error> {
        let mut num_unanswered: u64 = 0;
        loop {
            let Some(room) = shutdown.unless_triggered(self.wait_for_room()).await else { return Ok(()) };
            let max_groups = room?;
            // The call is not cut short by a shutdown: leases on their way would be lost until they run out.
            match self.rollouts.coordinator.lease(max_groups, self.follower.held().version).await {
                Ok(offer) => {
                    if std::mem::take(&mut num_unanswered) > 0 {
                        info!("the coordinator answers again");
                    }
                    if self.accept(offer, shutdown).await? {
                        return Ok(());
                    }
                }
                // Nothing else is refused so: what an actor may be lent depends on who asks alone.
                Err(source) if source.code == Code::FailedPrecondition => {
                    let name = self.rollouts.coordinator.actor().to_owned();
                    return Err(Error::NameTaken { name, source });
                }
                Err(error) => {
                    num_unanswered += 1;
                    match num_unanswered {
                        1 => warn!(%error, "the coordinator has not answered, will ask until it does"),
                        _ => debug!(%error, num_unanswered, "the coordinator has not answered"),
                    }
                    let _ = shutdown.unless_triggered(tokio::time::sleep(BACKOFF)).await;
                }
            }
        }
    }

    /// Waits for room, and returns for how many groups there is.
    async fn wait_for_room(&mut self) -> Result<u32, Error> {
        self.room.wait_for_completions().await;
        loop {
            // Groups that are done make room at once; joining is cancel-safe.
            tokio::select! {
                biased;
                Some(joined) = self.groups.join_next() => conclude(joined)?,
                () = std::future::ready(()) => break,
            }
        }
        loop {
            match self.room.num_groups(self.groups.len()) {
                0 => self.groups.join_next().await.map_or(Ok(()), conclude)?,
                free => return Ok(free),
            }
        }
    }

    /// Does what an answer of the coordinator asks for. Returns whether there is nothing more to ask.
    async fn accept(&mut self, offer: Offer, shutdown: &Shutdown) -> Result<bool, Error> {
        let Offer { leases, policy, is_finished } = offer;
        let has_work = !leases.is_empty() || !self.groups.is_empty();
        let kept = match policy {
            Some(policy) if has_work => shutdown.unless_triggered(self.keep_to(&policy)).await,
            // Nobody samples now, as in a supervised stage: the policy is fetched when it is needed.
            Some(_) | None => Some(Ok(())),
        };
        match kept {
            None => self.return_all(leases, "the actor is leaving").await,
            Some(Err(FollowError::Engine(error))) if error.is_fatal() => return Err(FollowError::from(error).into()),
            Some(Err(error)) => {
                warn!(error = chain(&error), "the announced policy cannot be had, will ask again");
                self.return_all(leases, &format!("the announced policy cannot be had: {}", chain(&error))).await;
                let _ = shutdown.unless_triggered(tokio::time::sleep(BACKOFF)).await;
            }
            Some(Ok(())) => leases.into_iter().for_each(|lease| self.begin(lease)),
        }
        if is_finished {
            info!("the run is over");
        }
        Ok(is_finished)
    }

    /// Makes the announced policy the one that is sampled.
    async fn keep_to(&mut self, policy: &PublishedPolicy) -> Result<(), FollowError> {
        match self.follower.held().relation_to(policy) {
            Relation::Same => return Ok(()),
            Relation::Newer => {}
            Relation::TakenBack => {
                let abandoned = std::mem::replace(&mut self.abandonment.policy, Shutdown::new());
                abandoned.trigger();
            }
        }
        self.phase.send_replace(Phase::Swapping);
        let followed = self.follower.follow(policy).await;
        self.phase.send_replace(Phase::Sampling);
        followed
    }

    fn begin(&mut self, lease: Lease) {
        let permit = self.room.take(lease.sampling.num_completions as usize);
        let rollouts = Arc::clone(&self.rollouts);
        self.groups.spawn(rollouts.complete(lease, self.abandonment.clone(), permit));
    }

    async fn return_all(&self, leases: Vec<Lease>, reason: &str) {
        for lease in leases {
            // A lease that cannot be returned runs out.
            let _ = self.rollouts.coordinator.give_back(lease.group_id, false, reason.to_owned()).await;
        }
    }
}

// === impl Room ===

impl Room {
    /// Waits until a group of the usual size can be decoded beside what is in flight.
    async fn wait_for_completions(&self) {
        let permits = self.bounds.group_permits(self.bounds.group_size);
        // A semaphore that is never closed fails nobody.
        let _ = self.completions.acquire_many(permits).await;
    }

    /// Says how many groups may be asked for, beside those that are held.
    fn num_groups(&self, num_held: usize) -> u32 {
        let slots = self.bounds.max_groups.saturating_sub(num_held);
        let by_completions = self.completions.available_permits() / self.bounds.group_size.max(1);
        u32::try_from(slots.min(by_completions.max(1))).unwrap_or(u32::MAX)
    }

    /// Takes room for a group's completions. A group that came unasked for goes ahead without, and waits in the engine.
    fn take(&self, num_completions: usize) -> Option<OwnedSemaphorePermit> {
        let permits = self.bounds.group_permits(num_completions);
        Arc::clone(&self.completions).try_acquire_many_owned(permits).ok()
    }
}

impl Bounds {
    /// Returns the permits of a group: its completions, as far as they are decoded at a time.
    fn group_permits(&self, num_completions: usize) -> u32 {
        u32::try_from(num_completions.min(self.max_completions)).unwrap_or(u32::MAX)
    }
}

/// Notes the end of a group. Fails where no other group of its kind could end better.
fn conclude(joined: Result<Result<(), engine::Error>, gradus_runtime::Error>) -> Result<(), Error> {
    match joined {
        Ok(ended) => ended.map_err(Error::Limits),
        Err(error) => {
            error!(%error, "a group was lost");
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(max_groups: usize, max_completions: usize, group_size: usize) -> Room {
        let bounds = Bounds { max_groups, max_completions, group_size };
        Room { bounds, completions: Arc::new(Semaphore::new(max_completions)) }
    }

    #[test]
    fn groups_are_asked_for_as_far_as_slots_and_completions_go() {
        let room = room(6, 32, 8);
        assert_eq!(room.num_groups(0), 4);
        assert_eq!(room.num_groups(4), 2);
        let _permit = room.take(8);
        assert_eq!(room.num_groups(1), 3);
        assert_eq!(room.num_groups(6), 0);
    }

    #[test]
    fn a_group_larger_than_what_is_decoded_at_a_time_is_still_asked_for() {
        let room = room(4, 4, 16);
        assert_eq!(room.num_groups(0), 1);
        let permit = room.take(16);
        assert!(permit.is_some() && room.take(1).is_none());
    }

    #[tokio::test]
    async fn room_is_waited_for_until_a_group_is_decoded() {
        let room = room(4, 8, 8);
        let permit = room.take(8);
        assert!(
            tokio::select! { biased; () = room.wait_for_completions() => false, () = std::future::ready(()) => true }
        );
        drop(permit);
        room.wait_for_completions().await;
    }
}
