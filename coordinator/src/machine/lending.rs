//! Lending: a series of prompts that are lent to actors until each has come back as a group or was set aside.
//!
//! Training draws and evaluation items are both a [`Series`]; they differ in what an item holds when it is done.

use std::collections::BTreeMap;

use gradus_types::GroupId;
use serde::{Deserialize, Serialize};

use crate::machine::{Ledger, Live, Timestamp};

/// One prompt of a series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Item<T> {
    /// The prompt is lent, or waits to be lent.
    Open(Lending),
    /// The prompt's group has come back.
    Done(T),
}

/// How often a prompt was lent, and who holds it now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lending {
    /// Times the prompt was lent.
    pub num_lent: u32,
    /// Times a lending failed in a way that may well be the prompt's fault.
    pub num_failures: u32,
    /// Times the process that held the prompt died.
    pub num_deaths: u32,
    /// Who holds the prompt.
    pub holder: Option<Holder>,
}

/// An actor with a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The actor's name.
    pub actor: String,
    /// Names the actor's process.
    pub incarnation: String,
    /// When the lending ends.
    pub deadline: Timestamp,
}

/// Why lendings end without a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry<'a> {
    /// Their time is over.
    Deadline(Timestamp),
    /// The actor is gone.
    Loss {
        /// Its name.
        actor: &'a str,
    },
    /// Another process goes by the actor's name now.
    Succession {
        /// The name.
        actor: &'a str,
        /// The process that goes by it.
        incarnation: &'a str,
    },
}

/// Deaths of its holders that set a prompt aside, for every failure that does. An actor that is killed holds many prompts, and
/// seldom is one of them to blame; one that ends every process it is given to is found in the end.
const DEATHS_PER_FAILURE: u32 = 10;

/// A series of prompts. Items are named by their draw; one that is set aside leaves the series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series<T> {
    items: BTreeMap<u64, Item<T>>,
}

impl<T> Default for Series<T> {
    fn default() -> Self {
        Self { items: BTreeMap::new() }
    }
}

impl<T> Series<T> {
    /// Adds a prompt that waits to be lent.
    pub fn draw(&mut self, draw: u64, ledger: &mut Ledger) {
        ledger.drawn += 1;
        self.items.insert(draw, Item::Open(Lending::default()));
    }

    /// Returns the number of prompts in the series.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Tells whether the series holds no prompt.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Returns an item by its draw.
    #[must_use]
    pub fn get(&self, draw: u64) -> Option<&Item<T>> {
        self.items.get(&draw)
    }

    /// Iterates over the items in draw order.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &Item<T>)> {
        self.items.iter().map(|(&draw, item)| (draw, item))
    }

    /// Iterates over what is done, in draw order.
    pub fn done(&self) -> impl Iterator<Item = (u64, &T)> {
        self.iter().filter_map(|(draw, item)| match item {
            Item::Done(value) => Some((draw, value)),
            Item::Open(_) => None,
        })
    }

    /// Returns the first prompt that waits to be lent among the first `limit`, with its position in the series.
    #[must_use]
    pub fn first_open(&self, limit: usize) -> Option<(usize, u64)> {
        self.items.iter().take(limit).enumerate().find_map(|(position, (&draw, item))| match item {
            Item::Open(Lending { holder: None, .. }) => Some((position, draw)),
            _ => None,
        })
    }

    /// Lends a prompt, and returns how often it was lent before.
    pub fn lend(&mut self, draw: u64, holder: Holder, ledger: &mut Ledger) -> u32 {
        let Some(Item::Open(lending)) = self.items.get_mut(&draw) else {
            debug_assert!(false, "only an open prompt is lent");
            return 0;
        };
        ledger.lent += 1;
        lending.holder = Some(holder);
        lending.num_lent += 1;
        lending.num_lent - 1
    }

    /// Stores what came of a prompt. Whoever holds it now will be told that it is a duplicate.
    pub fn complete(&mut self, draw: u64, value: T, ledger: &mut Ledger) {
        if let Some(Item::Open(Lending { holder: None, .. })) = self.items.get(&draw) {
            ledger.recovered += 1;
        }
        self.items.insert(draw, Item::Done(value));
    }

    /// Ends the lending of a group that came back but cannot be used. A lending to another actor goes on.
    pub fn drop_group(&mut self, draw: u64, actor: &str, ledger: &mut Ledger) {
        let Some(Item::Open(lending)) = self.items.get_mut(&draw) else { return };
        if lending.is_held_by(actor) {
            lending.holder = None;
        } else {
            ledger.recovered += 1;
        }
    }

    /// Takes items that are done out of the series.
    pub fn take_done(&mut self, draws: impl IntoIterator<Item = u64>) -> Vec<T> {
        let taken = draws.into_iter().filter_map(|draw| self.items.remove(&draw));
        taken
            .filter_map(|item| match item {
                Item::Done(value) => Some(value),
                Item::Open(_) => None,
            })
            .collect()
    }

    /// Ends the lendings that a cause ends, as expired. Returns their draws, with how often each has ended like this.
    pub fn expire(&mut self, cause: &Expiry<'_>, ledger: &mut Ledger) -> Vec<(u64, u32)> {
        let mut failures = Vec::new();
        for (&draw, item) in &mut self.items {
            if let Item::Open(lending) = item
                && lending.holder.take_if(|holder| cause.ends(holder)).is_some()
            {
                ledger.expired += 1;
                let count = if cause.is_death() { &mut lending.num_deaths } else { &mut lending.num_failures };
                *count += 1;
                failures.push((draw, *count));
            }
        }
        failures
    }

    /// Counts a failure that may be the prompt's fault, and returns how many it has had.
    pub fn fail(&mut self, draw: u64) -> u32 {
        match self.items.get_mut(&draw) {
            Some(Item::Open(lending)) => {
                lending.num_failures += 1;
                lending.num_failures
            }
            _ => 0,
        }
    }

    /// Ends the lending of one prompt if this actor holds it, and tells whether it did.
    pub fn give_back(&mut self, draw: u64, actor: &str) -> bool {
        match self.items.get_mut(&draw) {
            Some(Item::Open(lending)) if lending.is_held_by(actor) => lending.holder.take().is_some(),
            _ => false,
        }
    }

    /// Tells whether an actor holds the prompt.
    #[must_use]
    pub fn is_lent(&self, draw: u64) -> bool {
        matches!(self.items.get(&draw), Some(Item::Open(Lending { holder: Some(_), .. })))
    }

    /// Takes a prompt out of the series for good.
    pub fn set_aside(&mut self, draw: u64, ledger: &mut Ledger) {
        if self.items.remove(&draw).is_some() {
            ledger.quarantined += 1;
        }
    }

    /// Gives every lending its full time again.
    pub fn extend_deadlines(&mut self, deadline: Timestamp) {
        for item in self.items.values_mut() {
            if let Item::Open(Lending { holder: Some(holder), .. }) = item {
                holder.deadline = holder.deadline.max(deadline);
            }
        }
    }

    /// Iterates over those who hold a prompt.
    pub fn holders(&self) -> impl Iterator<Item = &Holder> {
        self.items.values().filter_map(|item| match item {
            Item::Open(lending) => lending.holder.as_ref(),
            Item::Done(_) => None,
        })
    }

    /// Counts what is under way.
    #[must_use]
    pub fn live(&self) -> Live {
        let in_flight = self.holders().count() as u64;
        let waiting = self.done().count() as u64;
        Live { open: self.len() as u64 - in_flight - waiting, in_flight, waiting }
    }
}

impl Expiry<'_> {
    /// Tells whether a lending to this holder ends.
    fn ends(&self, holder: &Holder) -> bool {
        match *self {
            Self::Deadline(now) => holder.deadline <= now,
            Self::Loss { actor } => holder.actor == actor,
            Self::Succession { actor, incarnation } => holder.actor == actor && holder.incarnation != incarnation,
        }
    }

    const fn is_death(&self) -> bool {
        matches!(self, Self::Loss { .. } | Self::Succession { .. })
    }

    /// Returns how many such ends set a prompt aside, where it may fail so many times.
    #[must_use]
    pub const fn limit(&self, max_failures: u32) -> u32 {
        if self.is_death() { max_failures.saturating_mul(DEATHS_PER_FAILURE) } else { max_failures }
    }

    /// Says why a prompt is set aside that this has happened to so many times.
    #[must_use]
    pub fn reason(&self, count: u32) -> String {
        if self.is_death() {
            format!(
                "{count} actors that held it died or went silent, {DEATHS_PER_FAILURE} times `coordinator.max_lease_attempts`"
            )
        } else {
            format!("its lease ran out or failed {count} times, as often as `coordinator.max_lease_attempts` allows")
        }
    }
}

impl Lending {
    fn is_held_by(&self, actor: &str) -> bool {
        self.holder.as_ref().is_some_and(|holder| holder.actor == actor)
    }
}

/// Names the file of payloads a group's tokens and texts are kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Segment {
    /// Groups that were stored while the batch of this step was being filled.
    Step(u64),
    /// The groups of an evaluation.
    Evaluation(u64),
}

/// Where a group's payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// The file.
    pub segment: Segment,
    /// The place of the frame in the file, in bytes.
    pub offset: u64,
}

/// Returns the seed that all completions of a group are drawn with: the same however often the group is sampled.
#[must_use]
pub fn group_seed(run_seed: u64, group_id: GroupId) -> u64 {
    gradus_types::random::bits(run_seed, STREAM_GROUP, group_id.0)
}

/// Keeps the seeds of groups apart from other draws of the run's seed.
const STREAM_GROUP: u64 = 0x6772_6f75_7073;
