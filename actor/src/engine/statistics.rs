//! Counters that the engine's thread writes and anyone reads.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What an engine has done since it started, and what it holds now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Tokens drawn, over all completions.
    pub num_generated_tokens: u64,
    /// Prompt tokens computed, each prompt counted once a group.
    pub num_prompt_tokens: u64,
    /// Decode steps.
    pub num_steps: u64,
    /// Weight swaps.
    pub num_swaps: u64,
    /// Time spent in prefills and decode steps, in microseconds.
    pub busy_micros: u64,
    /// Groups that wait for admission.
    pub num_waiting_groups: u64,
    /// Completions in flight.
    pub num_live_completions: u64,
    /// Bytes of keys and values reserved.
    pub reserved_cache_bytes: u64,
}

/// The counters themselves.
#[derive(Debug, Default)]
pub struct Counters {
    num_generated_tokens: AtomicU64,
    num_prompt_tokens: AtomicU64,
    num_steps: AtomicU64,
    num_swaps: AtomicU64,
    busy_micros: AtomicU64,
    num_waiting_groups: AtomicU64,
    num_live_completions: AtomicU64,
    reserved_cache_bytes: AtomicU64,
}

// === impl Statistics ===

impl Statistics {
    /// Returns tokens drawn per second of computing since an earlier reading: 0 where there was none.
    #[must_use]
    pub fn tokens_per_second_since(&self, before: &Self) -> f64 {
        let busy_seconds = self.busy_micros.saturating_sub(before.busy_micros) as f64 * 1e-6;
        let num_tokens = self.num_generated_tokens.saturating_sub(before.num_generated_tokens);
        if busy_seconds > 0.0 { num_tokens as f64 / busy_seconds } else { 0.0 }
    }
}

// === impl Counters ===

impl Counters {
    /// Takes note of a prompt that was computed, with the tokens drawn after it.
    pub fn add_prefill(&self, num_prompt_tokens: usize, num_drawn: usize) {
        self.num_prompt_tokens.fetch_add(num_prompt_tokens as u64, Relaxed);
        self.num_generated_tokens.fetch_add(num_drawn as u64, Relaxed);
    }

    /// Takes note of a decode step that drew so many tokens.
    pub fn add_step(&self, num_drawn: usize) {
        self.num_steps.fetch_add(1, Relaxed);
        self.num_generated_tokens.fetch_add(num_drawn as u64, Relaxed);
    }

    /// Takes note of a weight swap.
    pub fn add_swap(&self) {
        self.num_swaps.fetch_add(1, Relaxed);
    }

    /// Takes note of time spent computing.
    pub fn add_busy(&self, elapsed: std::time::Duration) {
        self.busy_micros.fetch_add(elapsed.as_micros() as u64, Relaxed);
    }

    /// Replaces what the engine holds now.
    pub fn set_held(&self, num_waiting_groups: usize, num_live_completions: usize, reserved_cache_bytes: u64) {
        self.num_waiting_groups.store(num_waiting_groups as u64, Relaxed);
        self.num_live_completions.store(num_live_completions as u64, Relaxed);
        self.reserved_cache_bytes.store(reserved_cache_bytes, Relaxed);
    }

    /// Reads all counters; they are consistent one by one, not with each other.
    pub fn read(&self) -> Statistics {
        Statistics {
            num_generated_tokens: self.num_generated_tokens.load(Relaxed),
            num_prompt_tokens: self.num_prompt_tokens.load(Relaxed),
            num_steps: self.num_steps.load(Relaxed),
            num_swaps: self.num_swaps.load(Relaxed),
            busy_micros: self.busy_micros.load(Relaxed),
            num_waiting_groups: self.num_waiting_groups.load(Relaxed),
            num_live_completions: self.num_live_completions.load(Relaxed),
            reserved_cache_bytes: self.reserved_cache_bytes.load(Relaxed),
        }
    }
}
