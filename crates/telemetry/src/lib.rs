//! Logs, traces, Prometheus metrics and training scalars of every Gradus process.
//!
//! A binary calls [`init`] once and keeps the [`Guard`] until its end. [`Metrics`] is what a service counts for its
//! operators; [`Scalars`] is what a run measures for its researchers.
//!
//! ```
//! use gradus_telemetry::Scalars;
//! use gradus_types::{Scalar, Step};
//!
//! # let directory = std::env::temp_dir().join(format!("gradus-telemetry-{}", std::process::id()));
//! # std::fs::create_dir_all(&directory)?;
//! let mut scalars = Scalars::open(&directory)?;
//! scalars.append(Step(1), std::time::SystemTime::now(), &[Scalar::new("loss/policy", 0.25)])?;
//! assert_eq!(Scalars::read(&directory)?[0].values["loss/policy"], 0.25);
//! # std::fs::remove_dir_all(&directory)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod format;
mod group_trace;
mod log;
mod metrics;
mod process;
mod scalars;
mod trace;

pub use error::Error;
pub use group_trace::GroupTraces;
pub use log::{Guard, Identity, init};
pub use metrics::Metrics;
pub use scalars::{ScalarLine, Scalars};
