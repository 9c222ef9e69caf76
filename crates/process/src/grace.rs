//! The time each service has to drain once it is asked to leave. After that its process ends itself, with work in progress.

use std::time::Duration;

/// An actor: its groups in flight have most of it, and returning the leases of those that are left the rest.
pub const ACTOR: Duration = Duration::from_secs(25);

/// A learner rank: the step in progress.
pub const LEARNER: Duration = Duration::from_secs(30);

/// The reward server: the calls in progress.
pub const REWARD_SERVER: Duration = Duration::from_secs(10);

/// The coordinator: the calls in progress.
pub const COORDINATOR: Duration = Duration::from_secs(10);
