//! Components that value what other components found, for a whole group at once.

use std::fmt::Debug;

use crate::parameters::Parameters;

/// The value from which a component counts as full, such as that of a right answer.
pub const FULL: f64 = 1.0;

/// Values the completions of a group by what other components said of them and by how long they are.
pub trait Derived: Debug + Send + Sync {
    /// Returns the names of the components it reads, all of which stand before it.
    fn of(&self) -> &[String];

    /// Tells whether a completion's value depends on the others of its group.
    fn is_group_relative(&self) -> bool;

    /// Values the members of a group, in order. Its time is linear in the group.
    fn values(&self, group: &[Member]) -> Vec<f64>;
}

/// What is known of a completion when derived components are valued.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its length in tokens.
    pub num_tokens: u32,
    /// Its length in characters.
    pub num_characters: u32,
    /// The values of the components that are read, in order.
    pub values: Vec<f64>,
}

/// In what a response is measured where no text is at hand any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// In tokens.
    Tokens,
    /// In characters.
    Characters,
}

impl Length {
    /// Reads the parameter `unit`.
    pub fn read(parameters: &mut Parameters<'_>) -> Self {
        parameters.word("unit", &[("tokens", Self::Tokens), ("characters", Self::Characters)], Self::Tokens)
    }

    /// Measures a completion.
    pub fn of(self, member: &Member) -> f64 {
        f64::from(match self {
            Self::Tokens => member.num_tokens,
            Self::Characters => member.num_characters,
        })
    }
}

impl Member {
    /// Tells whether the first component that is read found the completion right.
    pub fn is_right(&self) -> bool {
        self.values.first().is_some_and(|value| *value >= FULL)
    }
}

/// Reads the parameter `of`: the component that tells whether an answer is right.
pub fn correctness(parameters: &mut Parameters<'_>) -> Vec<String> {
    vec![parameters.name("of", "accuracy")]
}
