//! Collectives between the ranks of a learner.
//!
//! What runs underneath is libtorch's own c10d, the code under `torch.distributed`: a [`Store`] where ranks find each other, a
//! [`ProcessGroup`] that sums, broadcasts and waits, and a [`GradientReducer`] that all-reduces gradients in buckets while backward
//! still runs. The learner is the only caller. Every wait has a deadline, every failure names the rank and the operation, and a
//! group that is aborted wakes all who wait on it.
//!
//! ```text
//! rank 0  Store::host ─┐                 ┌─ all_reduce ─► Work::wait
//!                      ├─ ProcessGroup ──┤
//! rank 1  Store::connect ┘               └─ GradientReducer::arm ─► backward ─► Armed::finish
//! ```
//!
//! | waits | for | unblocked by |
//! |---|---|---|
//! | `Store::connect` | the host's listening socket | `Store::host`, or its timeout |
//! | `ProcessGroup::join` | a connection to every rank | the last rank's `join`, or the group's timeout |
//! | `Work::wait` | all ranks to launch the same operation | the slowest rank, `AbortHandle::abort`, or the deadline |
//! | `Armed::finish` | every bucket of every rank | the same |
//!
//! After a failed collective the ranks no longer agree about what was exchanged. The way on is to drop the group and join a new one
//! under the next generation of the store ([`Store::generation`]).
//!
//! Only the Gloo backend exists so far: tensors live on the CPU. The NCCL half, for GPUs, is not built yet.
//!
//! ```
//! use std::{net::Ipv4Addr, time::Duration};
//! use gradus_c10d::{Config, ListenOn, Member, ProcessGroup, Store};
//!
//! let timeout = Duration::from_secs(10);
//! let store = Store::host((Ipv4Addr::LOCALHOST, 0).into(), timeout)?;
//! let config = Config {
//!     member: Member { rank: 0, world_size: 1 },
//!     listen_on: ListenOn::Hostname("127.0.0.1".to_owned()),
//!     timeout,
//! };
//! let group = ProcessGroup::join(&store.generation(1)?, &config)?;
//! let sum = group.all_reduce_sum(tch::Tensor::from_slice(&[1.0f32, 2.0]))?.wait(timeout)?;
//! assert_eq!(Vec::<f32>::try_from(&sum)?, [1.0, 2.0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod ffi;
mod group;
mod reducer;
mod store;
mod work;

pub use error::{Error, Member, Operation};
pub use group::{AbortHandle, Backend, Config, ListenOn, ProcessGroup};
pub use reducer::{Armed, GradientReducer, Reduction};
pub use store::Store;
pub use work::{Pending, Work};
