//! Which groups may be decoded: admission in arrival order under the engine's limits. Pure, without tensors or time.
//!
//! Every group reserves its worst case when it is admitted, so nothing that was admitted ever has to be thrown out again. The
//! group at the head of the queue is admitted as soon as it fits and nobody overtakes it, so a large group waits at most
//! until those before it have finished.

use std::collections::{BTreeMap, VecDeque};

use gradus_model::{ComputeType, Config as ModelConfig};

use crate::engine::Error;

/// Names one request within an engine; later requests have higher numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What the engine may hold at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Groups with a cache.
    pub max_groups: usize,
    /// Completions decoded together.
    pub max_completions: usize,
    /// Bytes of keys and values.
    pub cache_bytes: u64,
}

/// What one group holds at worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Completions not yet finished.
    pub num_completions: usize,
    /// Bytes of keys and values of the prompt.
    pub prompt_bytes: u64,
    /// Bytes of keys and values of one completion at its full length.
    pub completion_bytes: u64,
}

/// What happens to a scheduler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A request joins the queue.
    Arrive(Ticket, Demand),
    /// An admitted group has fewer completions left; with none left it is over.
    Shrink(Ticket, usize),
    /// A request is over, wherever it is: finished, failed or cancelled.
    Leave(Ticket),
}

/// The queue and the reservations.
#[derive(Debug)]
pub struct Scheduler {
    limits: Limits,
    waiting: VecDeque<(Ticket, Demand)>,
    admitted: BTreeMap<Ticket, Demand>,
    num_completions: usize,
    cache_bytes: u64,
}

// === impl Limits ===

impl Limits {
    /// Checks that something can be completed at all.
    pub fn check(&self) -> Result<(), Error> {
        let keys = [("actor.max_groups", self.max_groups), ("actor.max_completions", self.max_completions)];
        match keys.iter().find(|(_, value)| *value == 0) {
            Some(&(key, _)) => Err(Error::Limit { key }),
            None => Ok(()),
        }
    }

    /// Returns the number of completions of a demand that fit at once, with nothing else held: 0 when not even one does.
    pub fn largest_part(&self, demand: &Demand) -> usize {
        let Some(left) = self.cache_bytes.checked_sub(demand.prompt_bytes) else { return 0 };
        let by_bytes = left.checked_div(demand.completion_bytes).unwrap_or(u64::MAX);
        usize::try_from(by_bytes).unwrap_or(usize::MAX).min(self.max_completions).min(demand.num_completions)
    }
}

// === impl Demand ===

impl Demand {
    /// Returns what one completion holds at worst, in a model's cache of this precision.
    pub fn of_one(model: &ModelConfig, compute: ComputeType, num_prompt_tokens: usize, max_new_tokens: usize) -> Self {
        let token_bytes = token_bytes(model, compute);
        Self {
            num_completions: 1,
            prompt_bytes: num_prompt_tokens as u64 * token_bytes,
            // The model's cache grows by doubling, from a block of 32 tokens.
            completion_bytes: max_new_tokens.next_power_of_two().max(32) as u64 * token_bytes,
        }
    }

    /// Returns the bytes of keys and values: prompt + completions × their full length.
    pub fn cache_bytes(&self) -> u64 {
        self.prompt_bytes + self.num_completions as u64 * self.completion_bytes
    }
}

/// Returns the bytes of keys and values of one token: layers × 2 × heads × width × bytes of a number.
fn token_bytes(model: &ModelConfig, compute: ComputeType) -> u64 {
    let text = &model.text;
    let head_width = text.hidden_size / text.num_attention_heads;
    let number_bytes = match compute {
        ComputeType::F32 => 4,
        ComputeType::Bf16 => 2,
    };
    (text.num_hidden_layers * 2 * text.num_key_value_heads * head_width) as u64 * number_bytes
}

// === impl Scheduler ===

impl Scheduler {
    /// Makes a scheduler that holds nothing.
    pub fn new(limits: Limits) -> Self {
        let (waiting, admitted) = (VecDeque::new(), BTreeMap::new());
        Self { limits, waiting, admitted, num_completions: 0, cache_bytes: 0 }
    }

    /// Takes note of an event and returns the groups that are admitted because of it, in arrival order.
    ///
    /// A demand that exceeds the limits on its own must be split by [`Limits::largest_part`] before it arrives.
    pub fn apply(&mut self, event: Event) -> Vec<Ticket> {
        match event {
            Event::Arrive(ticket, demand) => {
                debug_assert_eq!(self.limits.largest_part(&demand), demand.num_completions, "split before it arrives");
                self.waiting.push_back((ticket, demand));
            }
            Event::Shrink(ticket, num_completions) => self.shrink(ticket, num_completions),
            Event::Leave(ticket) => {
                self.waiting.retain(|(waiting, _)| *waiting != ticket);
                self.shrink(ticket, 0);
            }
        }
        self.admit()
    }

    /// Returns the requests that wait, in arrival order.
    pub fn waiting(&self) -> impl ExactSizeIterator<Item = Ticket> + '_ {
        self.waiting.iter().map(|(ticket, _)| *ticket)
    }

    /// Returns the bytes of keys and values that admitted groups have reserved.
    pub fn reserved_bytes(&self) -> u64 {
        self.cache_bytes
    }

    fn shrink(&mut self, ticket: Ticket, num_completions: usize) {
        let Some(demand) = self.admitted.get_mut(&ticket) else { return };
        let before = *demand;
        demand.num_completions = num_completions;
        let held_bytes = if num_completions == 0 { 0 } else { demand.cache_bytes() };
        self.num_completions -= before.num_completions - num_completions;
        self.cache_bytes -= before.cache_bytes() - held_bytes;
        if num_completions == 0 {
            self.admitted.remove(&ticket);
        }
    }

    fn admit(&mut self) -> Vec<Ticket> {
        let mut admitted = Vec::new();
        while let Some((ticket, demand)) = self.waiting.pop_front_if(|(_, demand)| {
            self.admitted.len() < self.limits.max_groups
                && self.num_completions + demand.num_completions <= self.limits.max_completions
                && self.cache_bytes + demand.cache_bytes() <= self.limits.cache_bytes
        }) {
            self.num_completions += demand.num_completions;
            self.cache_bytes += demand.cache_bytes();
            self.admitted.insert(ticket, demand);
            admitted.push(ticket);
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: Limits = Limits { max_groups: 3, max_completions: 8, cache_bytes: 100 };

    fn demand(num_completions: usize) -> Demand {
        Demand { num_completions, prompt_bytes: 10, completion_bytes: 5 }
    }

    #[test]
    fn groups_are_admitted_while_they_fit_and_then_wait() {
        let mut scheduler = Scheduler::new(LIMITS);
        assert_eq!(scheduler.apply(Event::Arrive(Ticket(1), demand(4))), [Ticket(1)]);
        assert_eq!(scheduler.apply(Event::Arrive(Ticket(2), demand(4))), [Ticket(2)]);
        assert_eq!(scheduler.apply(Event::Arrive(Ticket(3), demand(1))), []);
        assert_eq!(scheduler.apply(Event::Shrink(Ticket(1), 3)), [Ticket(3)]);
        assert_eq!(scheduler.reserved_bytes(), (10 + 3 * 5) + (10 + 4 * 5) + (10 + 5));
    }

    #[test]
    fn a_small_group_does_not_overtake_a_large_one() {
        let mut scheduler = Scheduler::new(LIMITS);
        scheduler.apply(Event::Arrive(Ticket(1), demand(4)));
        assert_eq!(scheduler.apply(Event::Arrive(Ticket(2), demand(8))), []);
        assert_eq!(scheduler.apply(Event::Arrive(Ticket(3), demand(1))), []);
        assert_eq!(scheduler.apply(Event::Leave(Ticket(1))), [Ticket(2)]);
        assert_eq!(scheduler.apply(Event::Leave(Ticket(2))), [Ticket(3)]);
    }

    #[test]
    fn a_waiting_request_can_leave_and_makes_room_for_those_behind_it() {
        let mut scheduler = Scheduler::new(LIMITS);
        scheduler.apply(Event::Arrive(Ticket(1), demand(4)));
        scheduler.apply(Event::Arrive(Ticket(2), demand(8)));
        scheduler.apply(Event::Arrive(Ticket(3), demand(2)));
        assert_eq!(scheduler.apply(Event::Leave(Ticket(2))), [Ticket(3)]);
        assert_eq!(scheduler.waiting().len(), 0);
    }

    #[test]
    fn a_demand_beyond_the_limits_is_cut_to_the_largest_part_that_fits() {
        assert_eq!(LIMITS.largest_part(&demand(20)), 8);
        let long = Demand { num_completions: 8, prompt_bytes: 40, completion_bytes: 25 };
        assert_eq!(LIMITS.largest_part(&long), 2);
        assert_eq!(LIMITS.largest_part(&Demand { completion_bytes: 61, ..long }), 0);
        assert_eq!(LIMITS.largest_part(&Demand { prompt_bytes: 101, ..long }), 0);
    }

    /// What a random run does next: a group arrives, or the n-th admitted or waiting one shrinks or leaves.
    fn action() -> impl Strategy<Value = (u8, usize, u64, u64)> {
        (0_u8..4, 1_usize..9, 0_u64..40, 0_u64..8)
    }

    proptest! {
        #[test]
        fn reservations_stay_within_the_limits_and_admission_follows_arrival(actions in prop::collection::vec(action(), 1..200)) {
            let mut scheduler = Scheduler::new(LIMITS);
            let (mut arrived, mut admitted) = (Vec::new(), Vec::new());
            for (index, (kind, amount, prompt_bytes, completion_bytes)) in actions.into_iter().enumerate() {
                let event = match (kind, arrived.get(amount * 7 % arrived.len().max(1)).copied()) {
                    (0, Some(ticket)) => Event::Leave(ticket),
                    (1, Some(ticket)) => {
                        let Some(held) = scheduler.admitted.get(&ticket) else { continue };
                        Event::Shrink(ticket, held.num_completions - 1)
                    }
                    _ => {
                        arrived.push(Ticket(index as u64));
                        Event::Arrive(Ticket(index as u64), Demand { num_completions: amount.min(7), prompt_bytes, completion_bytes })
                    }
                };
                admitted.extend(scheduler.apply(event));
                let held: Vec<&Demand> = scheduler.admitted.values().collect();
                prop_assert!(held.len() <= LIMITS.max_groups);
                prop_assert_eq!(held.iter().map(|held| held.num_completions).sum::<usize>(), scheduler.num_completions);
                prop_assert_eq!(held.iter().map(|held| held.cache_bytes()).sum::<u64>(), scheduler.reserved_bytes());
                prop_assert!(scheduler.num_completions <= LIMITS.max_completions);
                prop_assert!(scheduler.reserved_bytes() <= LIMITS.cache_bytes);
            }
            prop_assert!(admitted.is_sorted());
            while let Some(ticket) = scheduler.admitted.keys().next().copied() {
                admitted.extend(scheduler.apply(Event::Leave(ticket)));
            }
            prop_assert_eq!((scheduler.waiting().len(), scheduler.num_completions, scheduler.reserved_bytes()), (0, 0, 0));
            prop_assert!(admitted.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
