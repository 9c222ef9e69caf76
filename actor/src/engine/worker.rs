//! The engine's thread: takes requests, admits them, and steps until nothing is in flight.

use std::{collections::VecDeque, sync::Arc, time::Instant};

use gradus_model::Policy;
use gradus_runtime::{Inbox, Reply};

use crate::engine::{
    Config, Error, GroupRequest, Shared, Weights,
    decoder::{Decoder, Outcome},
    job::{Answer, Jobs},
    progress::Progress,
    scheduler::{Demand, Event, Scheduler, Ticket},
};

/// What the thread is told.
#[derive(Debug)]
pub enum Message {
    /// Complete a prompt.
    Generate(Box<GroupRequest>, Answer),
    /// Replace the policy's weights.
    Swap(Weights, Reply<Result<(), Error>>),
    /// Refuse what has not begun and all that comes later.
    Drain,
}

/// Everything the thread owns.
#[derive(Debug)]
pub struct Worker {
    config: Config,
    stop_token_ids: Arc<[u32]>,
    decoder: Decoder,
    scheduler: Scheduler,
    jobs: Jobs,
    is_draining: bool,
    shared: Arc<Shared>,
}

// === impl Worker ===

impl Worker {
    /// Makes a worker with nothing in flight.
    pub fn new(policy: Policy, config: Config, shared: Arc<Shared>) -> Self {
        let stop_token_ids = Arc::from(config.stop_token_ids.as_slice());
        let scheduler = Scheduler::new(config.limits);
        let decoder = Decoder::new(policy, shared.policy_version());
        Self { config, stop_token_ids, decoder, scheduler, jobs: Jobs::default(), is_draining: false, shared }
    }

    /// Works until the inbox is stopped and everything in flight is done, or until the model fails.
    ///
    /// The inbox is the last argument so that it is dropped first: a caller whose answer is dropped by a failure then finds
    /// the queue closed, and learns how the thread ended.
    pub fn run(mut self, mut inbox: Inbox<Message>) -> Result<(), Error> {
        let _no_gradients = tch::no_grad_guard();
        tch::set_num_threads(self.config.num_threads as i32);
        loop {
            while let Some(message) = inbox.poll() {
                self.handle(message)?;
            }
            self.drop_abandoned()?;
            self.publish();
            if !self.decoder.is_idle() {
                self.step()?;
                continue;
            }
            // With nothing in flight the head of the queue fits, so nothing waits either.
            debug_assert_eq!(self.scheduler.waiting().len(), 0);
            match inbox.receive() {
                Some(message) => self.handle(message)?,
                None => return Ok(()),
            }
        }
    }

    fn handle(&mut self, message: Message) -> Result<(), Error> {
        match message {
            Message::Generate(request, answer) => self.open(*request, answer),
            Message::Swap(weights, reply) => {
                reply.send(self.swap(&weights));
                Ok(())
            }
            Message::Drain => self.drain(),
        }
    }

    fn open(&mut self, request: GroupRequest, answer: Answer) -> Result<(), Error> {
        let demand = match self.demand(&request) {
            Ok(demand) => demand,
            Err(error) => {
                answer.send(Err(error));
                return Ok(());
            }
        };
        for (ticket, demand) in self.jobs.open(request, demand, &self.config.limits, answer) {
            self.apply(Event::Arrive(ticket, demand))?;
        }
        Ok(())
    }

    /// Says what a request holds at worst, or why it is refused.
    fn demand(&self, request: &GroupRequest) -> Result<Demand, Error> {
        if self.is_draining {
            return Err(Error::Draining);
        }
        let policy = self.decoder.policy();
        request.prompt.check(policy.config()).map_err(|source| Error::Prompt { source: Arc::new(source) })?;
        let num_tokens = request.prompt.token_ids.len();
        let max_new_tokens = request.sampling.max_new_tokens as usize;
        let max_positions = policy.config().text.max_position_embeddings as usize;
        if num_tokens + max_new_tokens > max_positions {
            return Err(Error::TooManyPositions { num_tokens, max_new_tokens, max_positions });
        }
        let demand = Demand::of_one(policy.config(), policy.compute(), num_tokens, max_new_tokens);
        Ok(Demand { num_completions: request.sampling.num_completions as usize, ..demand })
    }

    /// Tells the scheduler of an event and prefills what it admits.
    fn apply(&mut self, event: Event) -> Result<(), Error> {
        let mut admitted = VecDeque::from(self.scheduler.apply(event));
        while let Some(ticket) = admitted.pop_front() {
            for event in self.prefill(ticket)? {
                admitted.extend(self.scheduler.apply(event));
            }
        }
        Ok(())
    }

    fn prefill(&mut self, ticket: Ticket) -> Result<Vec<Event>, Error> {
        let Some(part) = self.jobs.part(ticket).cloned() else { return Ok(Vec::new()) };
        let started = Instant::now();
        let progress = Progress::new(Arc::clone(&part.request), part.samples.clone(), Arc::clone(&self.stop_token_ids));
        let outcome = self.decoder.admit(ticket, &part.request.prompt, progress)?;
        self.shared.counters.add_busy(started.elapsed());
        self.shared.counters.add_prefill(part.request.prompt.token_ids.len(), part.samples.len());
        Ok(outcome.map(|outcome| self.conclude(ticket, outcome)).unwrap_or_default())
    }

    fn step(&mut self) -> Result<(), Error> {
        let (started, num_live) = (Instant::now(), self.decoder.num_live());
        let outcomes = self.decoder.step()?;
        self.shared.counters.add_busy(started.elapsed());
        self.shared.counters.add_step(num_live);
        for (ticket, outcome) in outcomes {
            for event in self.conclude(ticket, outcome) {
                self.apply(event)?;
            }
        }
        Ok(())
    }

    /// Answers what is done and returns what the scheduler must hear of.
    fn conclude(&mut self, ticket: Ticket, outcome: Outcome) -> Vec<Event> {
        match outcome {
            Outcome::Shrunk(num_live) => vec![Event::Shrink(ticket, num_live)],
            Outcome::Finished(progress) => {
                self.jobs.finish(ticket, progress);
                vec![Event::Leave(ticket)]
            }
            Outcome::Failed(error) => {
                let parts = self.jobs.fail(ticket, error);
                self.release(parts)
            }
        }
    }

    /// Drops what parts hold on the device.
    fn release(&mut self, parts: Vec<Ticket>) -> Vec<Event> {
        parts.iter().for_each(|&ticket| self.decoder.remove(ticket));
        parts.into_iter().map(Event::Leave).collect()
    }

    fn drop_abandoned(&mut self) -> Result<(), Error> {
        let parts = self.jobs.drop_abandoned();
        for event in self.release(parts) {
            self.apply(event)?;
        }
        Ok(())
    }

    fn drain(&mut self) -> Result<(), Error> {
        self.is_draining = true;
        // From the back, so that nothing is admitted because what blocked it is gone.
        let waiting: Vec<Ticket> = self.scheduler.waiting().collect();
        for ticket in waiting.into_iter().rev() {
            let parts = self.jobs.fail(ticket, Error::Draining);
            for event in self.release(parts) {
                self.apply(event)?;
            }
        }
        Ok(())
    }

    fn swap(&mut self, weights: &Weights) -> Result<(), Error> {
        weights.assign_to(self.decoder.policy())?;
        self.decoder.set_policy_version(weights.version);
        self.shared.set_policy_version(weights.version);
        self.shared.counters.add_swap();
        Ok(())
    }

    /// Writes what is held now where anyone may read it.
    fn publish(&self) {
        let num_waiting = self.scheduler.waiting().len();
        self.shared.counters.set_held(num_waiting, self.decoder.num_live(), self.scheduler.reserved_bytes());
    }
}
