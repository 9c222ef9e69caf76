//! Membership: who is there, what they are doing, and who has gone silent. It is kept in memory alone, since the members
//! themselves tell it anew.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use gradus_types::PolicyVersion;
use tracing::warn;

use crate::machine::Timestamp;

/// Members that have been silent for so many times the heartbeat timeout are forgotten.
const FORGET_AFTER_TIMEOUTS: u64 = 40;
/// The former processes of a name that are known again.
const MAX_FORMER: usize = 16;

/// A process of the run, as it was last heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The member's name, such as `actor-0` or `learner-1`.
    pub name: String,
    /// What it is doing.
    pub phase: String,
    /// Its process id, once it has told it.
    pub pid: Option<u32>,
    /// Names its process, once it has told it.
    incarnation: Option<String>,
    /// Names the processes that had the name before, the last one at the end.
    former: VecDeque<String>,
    /// The learner generation it belongs to; 0 for actors.
    pub generation: u64,
    /// When it was last heard.
    pub last_seen: Timestamp,
    /// Whether it is silent for longer than the heartbeat timeout.
    pub is_gone: bool,
    /// Whether it knows that the run is over.
    pub knows_the_end: bool,
    /// The policy an actor held and the one it was last told of.
    told: Option<(PolicyVersion, Option<PolicyVersion>)>,
}

/// Whose a name is when a process comes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// This process's, as before.
    Held,
    /// This process's from now on. Another one had it.
    Succeeded,
    /// Another process's, which came later.
    Lost,
}

/// What a heartbeat says.
#[derive(Clone, Debug)]
pub struct Heartbeat {
    /// The member's name.
    pub member: String,
    /// What it is doing.
    pub phase: String,
    /// The learner generation it belongs to; 0 for actors.
    pub generation: u64,
    /// Its process id.
    pub pid: u32,
    /// Names its process.
    pub incarnation: String,
}

/// The members of a run.
#[derive(Debug)]
pub struct Members {
    timeout_millis: u64,
    known: Mutex<BTreeMap<String, Member>>,
}

impl Members {
    /// Starts with nobody. A member is gone when it is silent for `timeout_millis`.
    #[must_use]
    pub fn new(timeout_millis: u64) -> Self {
        Self { timeout_millis, known: Mutex::new(BTreeMap::new()) }
    }

    /// Notes that a member was heard.
    pub fn hear(&self, name: &str, now: Timestamp) {
        self.update(name, now, |_| ());
    }

    /// Notes a heartbeat. A process that has lost its name changes nothing.
    pub fn beat(&self, heartbeat: &Heartbeat, now: Timestamp) -> Claim {
        self.claim_and(&heartbeat.member, &heartbeat.incarnation, now, |member| {
            member.phase.clone_from(&heartbeat.phase);
            member.generation = heartbeat.generation;
            member.pid = Some(heartbeat.pid);
        })
    }

    /// Gives a name to the process that comes with it, unless another one has taken it over since that came first: of two
    /// that live under one name, each would else end what is lent to the other.
    pub fn claim(&self, name: &str, incarnation: &str, now: Timestamp) -> Claim {
        self.claim_and(name, incarnation, now, |_| ())
    }

    fn claim_and(&self, name: &str, incarnation: &str, now: Timestamp, change: impl FnOnce(&mut Member)) -> Claim {
        let mut known = self.lock();
        let member = known.entry(name.to_owned()).or_insert_with(|| Member::new(name, now));
        if member.former.iter().any(|former| former == incarnation) {
            return Claim::Lost;
        }
        member.hear(now);
        change(member);
        member.hand_to(incarnation)
    }

    /// Notes which policy an actor holds and which one it is told of now. Tells whether that is news.
    pub fn tell_policy(&self, name: &str, held: PolicyVersion, current: Option<PolicyVersion>, now: Timestamp) -> bool {
        self.update(name, now, |member| {
            let told = Some((held, current));
            std::mem::replace(&mut member.told, told) != told
        })
    }

    /// Notes that a member was told that the run is over.
    pub fn tell_the_end(&self, name: &str, now: Timestamp) {
        self.update(name, now, |member| member.knows_the_end = true);
    }

    /// Tells whether every member that is there knows that the run is over.
    #[must_use]
    pub fn all_know_the_end(&self) -> bool {
        self.lock().values().all(|member| member.knows_the_end || member.is_gone)
    }

    /// Finds the members that have gone silent since the last time, and forgets those that are long gone.
    pub fn sweep(&self, now: Timestamp) -> Vec<String> {
        let mut known = self.lock();
        known.retain(|_, member| now.millis_since(member.last_seen) < FORGET_AFTER_TIMEOUTS * self.timeout_millis);
        let mut gone = Vec::new();
        for member in known.values_mut() {
            if !member.is_gone && now.millis_since(member.last_seen) >= self.timeout_millis {
                member.is_gone = true;
                gone.push(member.name.clone());
            }
        }
        gone
    }

    /// Lists all members by name.
    #[must_use]
    pub fn list(&self) -> Vec<Member> {
        self.lock().values().cloned().collect()
    }

    fn update<T>(&self, name: &str, now: Timestamp, change: impl FnOnce(&mut Member) -> T) -> T {
        let mut known = self.lock();
        let member = known.entry(name.to_owned()).or_insert_with(|| Member::new(name, now));
        member.hear(now);
        change(member)
    }

    /// Every change under the lock is complete before anything can panic, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Member>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Member ===

impl Member {
    fn new(name: &str, now: Timestamp) -> Self {
        Self {
            name: name.to_owned(),
            phase: String::new(),
            pid: None,
            incarnation: None,
            former: VecDeque::new(),
            generation: 0,
            last_seen: now,
            is_gone: false,
            knows_the_end: false,
            told: None,
        }
    }

    fn hear(&mut self, now: Timestamp) {
        self.last_seen = self.last_seen.max(now);
        self.is_gone = false;
    }

    /// Makes a process the one that has the name.
    fn hand_to(&mut self, incarnation: &str) -> Claim {
        match self.incarnation.replace(incarnation.to_owned()) {
            Some(known) if known != incarnation => {
                warn!(member = self.name, "another process has taken the member's place");
                self.former.push_back(known);
                if self.former.len() > MAX_FORMER {
                    self.former.pop_front();
                }
                Claim::Succeeded
            }
            _ => Claim::Held,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In a container every process may have the same id.
    fn beat(life: u32) -> Heartbeat {
        let (member, phase) = ("actor-0".to_owned(), "sampling".to_owned());
        Heartbeat { member, phase, generation: 0, pid: 1, incarnation: format!("life-{life}") }
    }

    #[test]
    fn another_process_under_the_same_name_is_noticed() {
        let members = Members::new(100);
        assert_eq!(members.beat(&beat(1), Timestamp(0)), Claim::Held);
        assert_eq!(members.beat(&beat(1), Timestamp(1)), Claim::Held);
        assert_eq!(members.beat(&beat(2), Timestamp(2)), Claim::Succeeded);
    }

    #[test]
    fn of_two_processes_that_live_under_one_name_the_later_one_keeps_it() {
        let members = Members::new(100);
        members.beat(&beat(1), Timestamp(0));
        members.beat(&beat(2), Timestamp(1));
        assert_eq!(members.beat(&beat(1), Timestamp(150)), Claim::Lost);
        assert_eq!(members.sweep(Timestamp(150)), ["actor-0"], "the one that lost it does not keep it alive");
        assert_eq!(members.beat(&beat(2), Timestamp(151)), Claim::Held);
    }

    #[test]
    fn only_the_last_former_processes_are_remembered() {
        let members = Members::new(100);
        let lives = MAX_FORMER as u32 + 2;
        (0..lives).for_each(|life| _ = members.beat(&beat(life), Timestamp(0)));
        assert_eq!(members.beat(&beat(1), Timestamp(0)), Claim::Lost);
        assert_eq!(members.beat(&beat(0), Timestamp(0)), Claim::Succeeded);
    }

    #[test]
    fn a_silent_member_is_gone_once_and_may_come_back() {
        let members = Members::new(100);
        members.beat(&beat(1), Timestamp(0));
        assert!(members.sweep(Timestamp(99)).is_empty());
        assert_eq!(members.sweep(Timestamp(100)), ["actor-0"]);
        assert!(members.sweep(Timestamp(101)).is_empty());
        members.hear("actor-0", Timestamp(102));
        assert!(!members.list()[0].is_gone);
        assert!(members.sweep(Timestamp(9_000)).is_empty(), "it is forgotten");
        assert!(members.list().is_empty());
    }

    #[test]
    fn a_policy_is_news_once() {
        let members = Members::new(100);
        let tell = |held, current| {
            members.tell_policy("actor-0", PolicyVersion(held), Some(PolicyVersion(current)), Timestamp(0))
        };
        assert!(tell(0, 1));
        assert!(!tell(0, 1));
        assert!(tell(1, 1));
        assert!(tell(1, 2));
    }

    #[test]
    fn the_end_is_known_once_everyone_present_was_told() {
        let members = Members::new(100);
        members.hear("actor-0", Timestamp(0));
        members.hear("actor-1", Timestamp(90));
        members.tell_the_end("actor-1", Timestamp(90));
        assert!(!members.all_know_the_end());
        members.sweep(Timestamp(120));
        assert!(members.all_know_the_end());
    }
}
