//! Seeded generators of problems in text and in rendered pictures, for demonstrations, tests and curricula.
//!
//! The principal type is [`Spec`]: a kind of problem, a difficulty and an answer style. [`Spec::generate`] turns it, a seed, a
//! [`Split`] and an index into an [`Item`] with question, picture, options, answer and a short rationale; nothing is stored, and
//! the same arguments give the same item on every platform. A [`Mixture`] draws several tasks by weight. The dataset crate calls
//! both to serve prompts, and `gradus data sample` to show them to people.
//!
//! ```
//! use gradus_tasks::{Difficulty, Spec, Split, TaskKind};
//!
//! let spec = Spec::new(TaskKind::Colour, Difficulty::EASIEST);
//! let item = spec.generate(17, Split::Train, 0);
//! assert_eq!(item, spec.generate(17, Split::Train, 0));
//! assert_eq!(item.options.len(), 4);
//! assert!(item.completion().starts_with("<think>"));
//! assert_eq!(spec.chance_accuracy(), 0.25);
//! ```

mod item;
mod kind;
mod spec;

mod generate;
mod mixture;

mod canvas;
mod digits;
mod error;
mod picture;
mod problem;
mod random;
mod scene;
mod text;

#[cfg(test)]
mod tests;

pub use crate::error::Error;
pub use crate::item::{Answer, AnswerKind, Item, Picture};
pub use crate::kind::{Modality, TaskKind};
pub use crate::mixture::Mixture;
pub use crate::spec::{AnswerStyle, Difficulty, Spec, Split};
