//! Rows that nobody asked for, so that a decode step never has so few that their rounding differs.
//!
//! libtorch's CPU matrix products (MKL, measured with 2.11) give each row the same bits whatever the number of rows, from 4 on;
//! fewer take another path, which sums in another order. A completion would then have other logprobs, by a unit in the last
//! place, when it is the last one left than when it has company, and a run could not be repeated bit for bit. So the
//! last few completions are given company.

use gradus_model::{Error, GroupCache, Policy, Prompt};
use tch::Device;

/// Rows from which the bits of one do not depend on the others.
const MIN_ROWS: usize = 4;

/// Steps after which the rows begin anew, before their cache would grow.
const MAX_STEPS: usize = 32;

/// The tokens of the rows; any will do.
const TOKENS: [u32; MIN_ROWS] = [0; MIN_ROWS];

/// A group of meaningless completions that joins steps which are short of rows.
#[derive(Debug, Default)]
pub struct Ballast {
    cache: Option<GroupCache>,
}

// === impl Ballast ===

impl Ballast {
    /// Returns a group that brings a step of `num_live` rows up to enough, where that matters.
    pub fn beside(&mut self, num_live: usize, policy: &Policy) -> Result<Option<(&mut GroupCache, &[u32])>, Error> {
        if num_live >= MIN_ROWS || policy.device() != Device::Cpu {
            return Ok(None);
        }
        if self.cache.as_ref().is_none_or(|cache| cache.num_decoded() == MAX_STEPS) {
            let prompt = Prompt { token_ids: vec![TOKENS[0]], media: Vec::new() };
            self.cache = Some(policy.prefill(&prompt, MIN_ROWS)?.0);
        }
        Ok(self.cache.as_mut().map(|cache| (cache, TOKENS.as_slice())))
    }
}
