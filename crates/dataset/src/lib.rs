//! Prompt sets from JSONL and Parquet files and from task generators, in a deterministic order that resumes from a number.
//!
//! The principal type is [`PromptSet`]: it opens a `[data.NAME]` section of the run file and serves prompts by draw or by item.
//! Pictures are named by content hash; a [`MediaStore`] finds their encoded bytes. Records that cannot be used are set aside
//! with row and [`Reason`] in a [`LoadReport`]. The coordinator calls this crate for its stages and evaluations, the command for
//! `gradus data sample`.
//!
//! ```
//! use std::sync::Arc;
//!
//! use gradus_config::{AnswerStyle, Data, DataSource, PromptFormat, Split, TaskShare, TaskSource};
//! use gradus_dataset::{MediaStore, Needs, OpenOptions, PromptSet};
//!
//! let share =
//!     TaskShare { task: "colour".into(), weight: 1.0, difficulty: [0.0, 0.2], answer_style: AnswerStyle::Letter };
//! let source = TaskSource { tasks: vec![share], image_size: 84, split: Split::Train };
//! let data = Data { source: DataSource::Tasks(source), prompt: PromptFormat::default() };
//! let media = Arc::new(MediaStore::default());
//! let options = OpenOptions { name: "train".into(), seed: 17, needs: Needs::Answer, media: Arc::clone(&media) };
//! let set = PromptSet::open(&data, &options)?;
//! let prompt = set.draw(41)?;
//! assert_eq!(prompt, set.draw(41)?);
//! let picture = prompt.body.images().next().expect("a picture task");
//! assert!(media.get(picture)?.starts_with(b"\x89PNG"));
//! # Ok::<(), gradus_dataset::Error>(())
//! ```

mod prompt_set;

mod filter;
mod media;
mod order;
mod quarantine;

mod error;
mod files;
mod format;
mod record;
mod task_set;
mod value;

#[cfg(test)]
mod tests;

pub use crate::error::Error;
pub use crate::filter::{Filter, Pictures};
pub use crate::media::MediaStore;
pub use crate::prompt_set::{Needs, OpenOptions, PromptSet};
pub use crate::quarantine::{LoadReport, Quarantined, Reason};
