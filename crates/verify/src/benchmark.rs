//! Benchmarks: how a response to an item is scored, and how scores become the figures that papers report.
//!
//! ```text
//! Item + response ──assess──► Done(ItemScore) | NeedsJudge(Question) ──Judge──► ItemScore
//! [Scored] ──report──► Report { overall, groups, metrics }
//! ```
//!
//! Each family has a file of its own that names the evaluation code or paper it follows. Scoring is pure; where a protocol asks
//! a judge model, [`Benchmark::assess`] returns the question as plain data and a [`Judge`] answers it elsewhere. Without one the
//! item is unknown: it counts as wrong, and is counted apart.
//!
//! ```
//! use gradus_verify::benchmark::{Benchmark, Item, NoJudge, Scored};
//!
//! let chart = Benchmark::named("chartqa")?;
//! let item = Item { id: "1".to_owned(), answers: vec!["40".to_owned()], ..Item::default() };
//! let score = chart.score(&item, "<answer>41.5</answer>", &NoJudge);
//! assert!(score.is_correct());
//! assert_eq!(chart.report(&[Scored { item: &item, score: &score }]).overall.mean, 1.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer_text;
mod choice;
mod item;
mod judge;
mod mathematics;
mod registry;
mod report;
mod sampling;

mod competition;
mod document;
mod dynamath;
mod emotion;
mod gpqa;
mod mathverse;
mod mathvision;
mod mathvista;
mod olympiad;
mod perception;
mod wemath;
mod yes_no;

pub use gpqa::with_shuffled_options;
pub use item::{AnswerType, Item, ItemScore};
pub use judge::{Assessment, Judge, JudgeError, NoJudge, Question};
pub use registry::{Benchmark, UnknownBenchmark};
pub use report::{Metric, Rate, Report, Scored};
pub use sampling::{majority, pass_at_k};
