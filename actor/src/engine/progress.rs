//! The completions of a group while they grow: what to draw next, what was drawn, and which are done. Pure.

use std::{ops::Range, sync::Arc};

use gradus_types::{FinishReason, PolicyVersion, random};

use crate::{
    engine::{Error, GroupRequest, SampledTokens},
    sampling::{Draw, Row},
};

/// Completions of one request, by sample index; the live ones are rows of the next decode step, in that order.
#[derive(Debug)]
pub struct Progress {
    request: Arc<GroupRequest>,
    stop_token_ids: Arc<[u32]>,
    first_sample: usize,
    completions: Vec<SampledTokens>,
    live: Vec<usize>,
}

// === impl Progress ===

impl Progress {
    /// Begins the completions of a range of sample indices, all empty.
    pub fn new(request: Arc<GroupRequest>, samples: Range<usize>, stop_token_ids: Arc<[u32]>) -> Self {
        let empty = SampledTokens {
            token_ids: Vec::new(),
            logprobs: Vec::new(),
            finish_reason: FinishReason::Length,
            min_policy_version: PolicyVersion(u64::MAX),
            max_policy_version: PolicyVersion(0),
        };
        let completions = vec![empty; samples.len()];
        let live = (0..samples.len()).collect();
        Self { request, stop_token_ids, first_sample: samples.start, completions, live }
    }

    /// Returns the number of completions that still grow.
    pub fn num_live(&self) -> usize {
        self.live.len()
    }

    /// Says how the next token of each live completion is drawn.
    pub fn rows(&self) -> impl Iterator<Item = Row> + '_ {
        let sampling = &self.request.sampling;
        self.live.iter().map(move |&index| {
            let (sample, token) = (self.first_sample + index, self.completions[index].token_ids.len());
            Row {
                temperature: sampling.temperature,
                top_k: sampling.top_k,
                top_p: sampling.top_p,
                uniform: random::uniform(self.request.seed, sample as u64, token as u64),
            }
        })
    }

    /// Returns the token last drawn for each live completion.
    pub fn last_tokens(&self) -> Vec<u32> {
        let last = |&index: &usize| self.completions[index].token_ids.last().copied();
        self.live.iter().filter_map(last).collect()
    }

    /// Appends one draw to each live completion and tells which of them go on.
    pub fn push(&mut self, draws: &[Option<Draw>], policy_version: PolicyVersion) -> Result<Vec<bool>, Error> {
        debug_assert_eq!(draws.len(), self.live.len(), "one draw a live completion");
        let mut goes_on = Vec::with_capacity(draws.len());
        for (&index, draw) in self.live.iter().zip(draws) {
            let draw = draw.ok_or(Error::NotFinite { policy_version })?;
            let completion = &mut self.completions[index];
            completion.token_ids.push(draw.token_id);
            completion.logprobs.push(draw.logprob);
            completion.min_policy_version = completion.min_policy_version.min(policy_version);
            completion.max_policy_version = completion.max_policy_version.max(policy_version);
            let is_stopped = self.stop_token_ids.contains(&draw.token_id);
            completion.finish_reason = if is_stopped { FinishReason::Stop } else { FinishReason::Length };
            let is_full = completion.token_ids.len() >= self.request.sampling.max_new_tokens as usize;
            goes_on.push(!is_stopped && !is_full);
        }
        let mut flags = goes_on.iter();
        self.live.retain(|_| *flags.next().expect("one flag a live completion"));
        Ok(goes_on)
    }

    /// Gives out the completions with the index of the first.
    pub fn finish(self) -> (usize, Vec<SampledTokens>) {
        debug_assert!(self.live.is_empty(), "no completion is left unfinished");
        (self.first_sample, self.completions)
    }
}

#[cfg(test)]
mod tests {
    use gradus_model::Prompt;
    use gradus_types::SamplingParameters;

    use super::*;

    const STOP: u32 = 9;

    fn progress(samples: Range<usize>, max_new_tokens: u32) -> Progress {
        let sampling = SamplingParameters {
            num_completions: 4,
            temperature: 0.7,
            top_p: 0.9,
            top_k: 3,
            max_new_tokens,
            max_prompt_tokens: 8,
        };
        let prompt = Prompt { token_ids: vec![1], media: Vec::new() };
        Progress::new(Arc::new(GroupRequest { prompt, sampling, seed: 77 }), samples, Arc::from([STOP]))
    }

    fn draws(token_ids: &[u32]) -> Vec<Option<Draw>> {
        token_ids.iter().map(|&token_id| Some(Draw { token_id, logprob: -(token_id as f32) })).collect()
    }

    #[test]
    fn a_completion_ends_with_its_stop_token_and_the_others_go_on() {
        let mut progress = progress(0..3, 10);
        assert_eq!(progress.push(&draws(&[5, STOP, 6]), PolicyVersion(1)).unwrap(), [true, false, true]);
        assert_eq!(progress.last_tokens(), [5, 6]);
        assert_eq!(progress.push(&draws(&[STOP, STOP]), PolicyVersion(1)).unwrap(), [false, false]);
        let (first, completions) = progress.finish();
        assert_eq!(first, 0);
        assert_eq!(completions[1].token_ids, [STOP]);
        assert_eq!(completions[2].token_ids, [6, STOP]);
        assert_eq!(completions[2].logprobs, [-6.0, -9.0]);
        assert!(completions.iter().all(|completion| completion.finish_reason == FinishReason::Stop));
    }

    #[test]
    fn a_completion_ends_at_the_length_limit() {
        let mut progress = progress(0..1, 2);
        assert_eq!(progress.push(&draws(&[1]), PolicyVersion(0)).unwrap(), [true]);
        assert_eq!(progress.push(&draws(&[2]), PolicyVersion(0)).unwrap(), [false]);
        assert_eq!(progress.finish().1[0].finish_reason, FinishReason::Length);
    }

    #[test]
    fn a_stop_token_in_the_last_place_counts_as_a_stop() {
        let mut progress = progress(0..1, 1);
        progress.push(&draws(&[STOP]), PolicyVersion(0)).unwrap();
        assert_eq!(progress.finish().1[0].finish_reason, FinishReason::Stop);
    }

    #[test]
    fn the_versions_of_a_completion_are_those_that_drew_its_tokens() {
        let mut progress = progress(0..2, 3);
        progress.push(&draws(&[1, STOP]), PolicyVersion(4)).unwrap();
        progress.push(&draws(&[2]), PolicyVersion(5)).unwrap();
        progress.push(&draws(&[3]), PolicyVersion(6)).unwrap();
        let completions = progress.finish().1;
        let versions =
            |index: usize| (completions[index].min_policy_version.0, completions[index].max_policy_version.0);
        assert_eq!((versions(0), versions(1)), ((4, 6), (4, 4)));
    }

    #[test]
    fn the_randomness_of_a_token_names_its_seed_sample_and_position() {
        let mut progress = progress(2..4, 10);
        let uniform = |progress: &Progress| progress.rows().map(|row| row.uniform).collect::<Vec<_>>();
        assert_eq!(uniform(&progress), [random::uniform(77, 2, 0), random::uniform(77, 3, 0)]);
        progress.push(&draws(&[STOP, 1]), PolicyVersion(0)).unwrap();
        assert_eq!(uniform(&progress), [random::uniform(77, 3, 1)]);
    }

    #[test]
    fn a_row_without_a_distribution_fails_the_group_and_names_the_policy() {
        let error = progress(0..2, 3).push(&[draws(&[1])[0], None], PolicyVersion(8)).unwrap_err();
        assert!(matches!(error, Error::NotFinite { policy_version: PolicyVersion(8) }));
    }
}
