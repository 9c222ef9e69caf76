//! The engine: completes groups from a policy, many at a time, on the thread that owns the device.
//!
//! ```text
//!  Handle::generate ──► inbox ──► jobs ──► scheduler ──admit──► prefill ──► decode step ─┐
//!  Handle::swap_weights ─►│       (parts)  (reservations)       (once a      (all live    │ finished
//!                         │                                      group)       completions)│
//!  answer ◄───────────────┴───────────────────────────────────────────────────────◄──────┘
//! ```
//!
//! | who | waits for | unblocked by |
//! |---|---|---|
//! | `generate` | its completions | their last token, a failure of its group, the engine's end |
//! | a group in the queue | completions, cache bytes and group slots | groups before it finishing |
//! | `swap_weights` | the decode step in progress | the step's end |
//! | the thread | a message, when nothing is in flight | a caller, or the last handle being dropped |
//!
//! Dropping the future of `generate` cancels its group. A prompt that cannot be computed fails its own group; a failure of
//! the model itself ends the engine, and every caller learns of it.
//!
//! Completions depend on the policy, the prompt, the sampling parameters and the seed, not on what else is in flight: on a CPU
//! to the last bit of their logprobs, elsewhere up to the rounding of matrix products.

mod ballast;
mod decoder;
mod error;
mod job;
mod progress;
mod request;
mod scheduler;
mod statistics;
mod weights;
mod worker;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use gradus_model::Policy;
use gradus_runtime::DeviceThread;
use gradus_types::PolicyVersion;

pub use error::Error;
pub use request::{GroupRequest, SampledTokens};
pub use scheduler::{Demand, Limits};
pub use statistics::Statistics;
pub use weights::Weights;

use statistics::Counters;
use worker::{Message, Worker};

/// How an engine works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// What may be in flight at a time.
    pub limits: Limits,
    /// Tokens that end a completion.
    pub stop_token_ids: Vec<u32>,
    /// CPU threads of tensor operations.
    pub num_threads: usize,
    /// The version of the policy the engine starts with.
    pub policy_version: PolicyVersion,
}

/// A running engine, as everyone else sees it. Cheap to clone; the engine ends with the last clone, when what is in flight
/// is done.
#[derive(Clone, Debug)]
pub struct Handle {
    thread: DeviceThread<Message>,
    shared: Arc<Shared>,
}

/// What the thread and its handles both see.
#[derive(Debug, Default)]
struct Shared {
    policy_version: AtomicU64,
    counters: Counters,
}

/// Starts the engine of a policy on a thread of its own.
pub fn start(policy: Policy, config: Config) -> Result<Handle, Error> {
    config.limits.check()?;
    let shared = Arc::new(Shared::default());
    shared.set_policy_version(config.policy_version);
    let capacity = config.limits.max_groups;
    let worker = Worker::new(policy, config, Arc::clone(&shared));
    let thread = DeviceThread::start("engine", capacity, move |inbox| worker.run(inbox))?;
    Ok(Handle { thread, shared })
}

// === impl Handle ===

impl Handle {
    /// Completes a prompt, `num_completions` times, and returns the completions by sample index.
    pub async fn generate(&self, request: GroupRequest) -> Result<Vec<SampledTokens>, Error> {
        request.check()?;
        self.thread.call(|answer| Message::Generate(Box::new(request), answer)).await?
    }

    /// Replaces the weights between two decode steps. Groups in flight go on with the new ones.
    pub async fn swap_weights(&self, weights: Weights) -> Result<(), Error> {
        self.thread.call(|reply| Message::Swap(weights, reply)).await?
    }

    /// Returns the version of the policy that draws the next token.
    #[must_use]
    pub fn policy_version(&self) -> PolicyVersion {
        self.shared.policy_version()
    }

    /// Lets what is in flight finish, and refuses what waits and all that comes later with [`Error::Draining`].
    pub async fn drain(&self) -> Result<(), Error> {
        Ok(self.thread.send(Message::Drain).await?)
    }

    /// Waits for the engine's end, without asking for it.
    pub async fn ended(&self) -> Result<(), Error> {
        Ok(self.thread.ended().await?)
    }

    /// Lets everything that was sent finish, ends the engine, and says how it ended.
    pub async fn stop(&self) -> Result<(), Error> {
        Ok(self.thread.stop().await?)
    }

    /// Reads what the engine has done and what it holds.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.shared.counters.read()
    }
}

// === impl Shared ===

impl Shared {
    fn policy_version(&self) -> PolicyVersion {
        PolicyVersion(self.policy_version.load(Ordering::Acquire))
    }

    fn set_policy_version(&self, version: PolicyVersion) {
        self.policy_version.store(version.0, Ordering::Release);
    }
}
