//! Spawning for all of Gradus. No other crate starts a task or a thread, so every one has a name, a span and an owner. Beside it, what tasks
//! share: [`BoundedCache`].
//!
//! | what | for | ends |
//! |---|---|---|
//! | [`Runtime`] | a process | when its service returns, or the grace period after a signal is over |
//! | [`Task`] | futures on the reactor | when its handle is dropped |
//! | [`CpuPool`] | work of more than half a millisecond | when the work is done; a panic is an error to its caller alone |
//! | [`DeviceThread`] | the owner of a device | when it is stopped, or the last handle is dropped |
//!
//! ```
//! use std::time::Duration;
//!
//! use gradus_runtime::{Error, Runtime, Shutdown, spawn};
//!
//! async fn service(shutdown: Shutdown) -> Result<u32, Error> {
//!     let answer = spawn("answer", async { 42 });
//!     shutdown.trigger();
//!     shutdown.triggered().await;
//!     answer.await
//! }
//!
//! let runtime = Runtime::new("example", 1)?;
//! assert_eq!(runtime.run(Duration::from_secs(1), service)?, 42);
//! # Ok::<(), Error>(())
//! ```

mod bounded_cache;
mod cpu_pool;
mod departure;
mod device_thread;
mod error;
mod panic_message;
mod reactor;
mod shutdown;
mod task;

pub use bounded_cache::BoundedCache;
pub use cpu_pool::CpuPool;
pub use device_thread::{DeviceThread, Inbox, Reply};
pub use error::Error;
pub use panic_message::panic_message;
pub use reactor::{REPEAT, Runtime};
pub use shutdown::Shutdown;
pub use task::{Task, TaskSet, spawn};
