//! The requests an engine works on. One that exceeds the engine's limits is completed in parts, and put together again.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
    sync::Arc,
};

use gradus_runtime::Reply;

use crate::engine::{
    Error, GroupRequest, SampledTokens,
    progress::Progress,
    scheduler::{Demand, Limits, Ticket},
};

/// Where the answer to a request goes.
pub type Answer = Reply<Result<Vec<SampledTokens>, Error>>;

/// The requests that have not been answered, and the parts they are completed in.
#[derive(Debug, Default)]
pub struct Jobs {
    next_number: u64,
    jobs: HashMap<u64, Job>,
    parts: BTreeMap<Ticket, Part>,
}

/// A part of a request: some of its completions.
#[derive(Clone, Debug)]
pub struct Part {
    /// The whole request.
    pub request: Arc<GroupRequest>,
    /// The sample indices of the part.
    pub samples: Range<usize>,
    job: u64,
}

#[derive(Debug)]
struct Job {
    answer: Answer,
    completions: Vec<Option<SampledTokens>>,
}

// === impl Jobs ===

impl Jobs {
    /// Takes on a request and cuts it into parts that fit the limits. Refuses it when not even one completion does.
    pub fn open(
        &mut self,
        request: GroupRequest,
        demand: Demand,
        limits: &Limits,
        answer: Answer,
    ) -> Vec<(Ticket, Demand)> {
        let largest = limits.largest_part(&demand);
        if largest == 0 {
            let needed_bytes = demand.prompt_bytes + demand.completion_bytes;
            answer.send(Err(Error::CacheTooSmall { needed_bytes, cache_bytes: limits.cache_bytes }));
            return Vec::new();
        }
        let (job, request) = (self.number(), Arc::new(request));
        let num_completions = demand.num_completions;
        self.jobs.insert(job, Job { answer, completions: vec![None; num_completions] });
        let mut tickets = Vec::new();
        for start in (0..num_completions).step_by(largest) {
            let samples = start..num_completions.min(start + largest);
            let ticket = Ticket(self.number());
            tickets.push((ticket, Demand { num_completions: samples.len(), ..demand }));
            self.parts.insert(ticket, Part { request: Arc::clone(&request), samples, job });
        }
        tickets
    }

    /// Returns a part that was opened and is not over.
    pub fn part(&self, ticket: Ticket) -> Option<&Part> {
        self.parts.get(&ticket)
    }

    /// Takes in the completions of a part, and answers the request with its last one.
    pub fn finish(&mut self, ticket: Ticket, progress: Progress) {
        let Some(Part { job: number, .. }) = self.parts.remove(&ticket) else { return };
        let Some(job) = self.jobs.get_mut(&number) else { return };
        let (first, completions) = progress.finish();
        for (place, completion) in job.completions[first..].iter_mut().zip(completions) {
            *place = Some(completion);
        }
        if job.completions.iter().all(Option::is_some)
            && let Some(job) = self.jobs.remove(&number)
        {
            job.answer.send(Ok(job.completions.into_iter().flatten().collect()));
        }
    }

    /// Answers the request that a part belongs to with an error, and returns all of its parts: they are over.
    pub fn fail(&mut self, ticket: Ticket, error: Error) -> Vec<Ticket> {
        let Some(&Part { job, .. }) = self.parts.get(&ticket) else { return Vec::new() };
        if let Some(job) = self.jobs.remove(&job) {
            job.answer.send(Err(error));
        }
        self.drop_parts(|part| part.job == job)
    }

    /// Forgets the requests whose callers went away, and returns their parts: they are over.
    pub fn drop_abandoned(&mut self) -> Vec<Ticket> {
        let before = self.jobs.len();
        self.jobs.retain(|_, job| !job.answer.is_abandoned());
        if self.jobs.len() == before {
            return Vec::new();
        }
        let open: Vec<u64> = self.jobs.keys().copied().collect();
        self.drop_parts(|part| !open.contains(&part.job))
    }

    fn drop_parts(&mut self, is_over: impl Fn(&Part) -> bool) -> Vec<Ticket> {
        self.parts.extract_if(.., |_, part| is_over(part)).map(|(ticket, _)| ticket).collect()
    }

    fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }
}
