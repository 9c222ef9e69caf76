//! From scored groups to the numbers a training step needs: advantages, prioritized resampling, token losses with their
//! derivatives, schedules, and the plan that says which rank computes what.
//!
//! Everything here is a pure function over plain slices; time and seed are arguments. [`plan`] is the principal function:
//! every learner rank calls it with the same headers and gets the same [`Plan`], so ranks agree without talking.
//! [`Objective`] is the loss of the learner and of `gradus objective` alike.
//!
//! ```
//! use gradus_algorithms::advantages;
//! use gradus_config::Advantage;
//!
//! let rewards = [Some(1.0), Some(0.0), None];
//! let advantages = advantages(Advantage::DrGrpo, 1e-6, &rewards);
//! assert_eq!(advantages, [Some(0.5), Some(-0.5), None]);
//! ```

mod advantage;
mod balance;
mod loss;
mod objective;
mod packing;
mod pad;
mod plan;
mod schedule;
mod statistics;

pub use advantage::advantages;
pub use balance::balance;
pub use loss::{Clip, TokenDivergence, TokenLoss, k3_divergence, policy_loss};
pub use objective::{Counts, Objective, ObjectiveSums, Streams};
pub use packing::{first_fit, split_group};
pub use pad::{PadDraw, PadStatistics, resample};
pub use plan::{GroupShare, Microbatch, Plan, PlanConfig, SampleShare, Update, plan};
pub use schedule::{learning_rate, pad_temperature};
pub use statistics::{GroupStatistics, RolloutStatistics};

#[cfg(test)]
mod fixture;
