//! What can be wrong with a description of a task.

/// The error of this crate: a task described in a way that cannot be generated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A level that does not exist.
    #[error("difficulty `{level}` does not exist: use a level from 1 to 5")]
    Difficulty {
        /// The level as given.
        level: u8,
    },
    /// A name that belongs to nothing.
    #[error("unknown {what} `{name}`: use one of {known}")]
    Name {
        /// What was named.
        what: &'static str,
        /// The name as given.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A picture size that cannot be drawn legibly.
    #[error("image size `{image_size}` is out of range: use {smallest} to {largest} pixels")]
    ImageSize {
        /// The size as given, in pixels.
        image_size: u32,
        /// The smallest size, in pixels.
        smallest: u32,
        /// The largest size, in pixels.
        largest: u32,
    },
    /// A mixture with nothing in it.
    #[error("the mixture has no task with a weight above zero: give at least one")]
    EmptyMixture,
    /// A weight that is not a finite number of at least zero.
    #[error("weight `{weight}` of task `{kind}` is not a finite number of at least zero")]
    Weight {
        /// The weight as given.
        weight: f64,
        /// The task it belongs to.
        kind: &'static str,
    },
}
