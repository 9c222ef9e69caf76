//! What to generate: difficulty, answer style and split of a task.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, TaskKind};

/// How hard a task is, from level 1 (large, few, obvious) to level 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Difficulty(u8);

/// How the answer is to be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerStyle {
    /// One of the lettered options that the question lists.
    Letter,
    /// The value itself: an integer or a word.
    Free,
}

/// Which side of the fixed division of all problems an item comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Split {
    /// Seven eighths of all problems.
    Train,
    /// The other eighth: none of its problems is ever generated for training, whatever the seed.
    HeldOut,
}

/// One task as it is to be generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The kind of problem.
    pub kind: TaskKind,
    /// How hard the problems are.
    pub difficulty: Difficulty,
    /// Letters or free answers.
    pub answer_style: AnswerStyle,
    /// Side length of the square picture in pixels, at least [`Spec::MIN_IMAGE_SIZE`]; text tasks ignore it.
    pub image_size: u32,
}

// === impl Difficulty ===

impl Difficulty {
    /// The easiest level.
    pub const EASIEST: Self = Self(1);
    /// The hardest level.
    pub const HARDEST: Self = Self(5);

    /// Checks a level from 1 to 5.
    pub fn new(level: u8) -> Result<Self, Error> {
        match level {
            1..=5 => Ok(Self(level)),
            _ => Err(Error::Difficulty { level }),
        }
    }

    /// Returns the level from 1 to 5.
    pub const fn level(self) -> u8 {
        self.0
    }

    /// Returns the level on a scale from 0 (easiest) to 1 (hardest).
    pub fn fraction(self) -> f64 {
        f64::from(self.0 - 1) / 4.0
    }

    /// Lists all levels, the easiest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=5).map(Self)
    }

    /// Selects this level's entry of a table.
    pub(crate) const fn select<T: Copy>(self, table: [T; 5]) -> T {
        table[self.0 as usize - 1]
    }
}

impl TryFrom<u8> for Difficulty {
    type Error = Error;

    fn try_from(level: u8) -> Result<Self, Error> {
        Self::new(level)
    }
}

impl From<Difficulty> for u8 {
    fn from(difficulty: Difficulty) -> Self {
        difficulty.0
    }
}

impl fmt::Display for Difficulty {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

// === impl Split ===

impl Split {
    /// Returns the name used in files and configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::HeldOut => "held-out",
        }
    }
}

impl FromStr for Split {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "train" => Ok(Self::Train),
            "held-out" => Ok(Self::HeldOut),
            _ => Err(Error::Name { what: "split", name: name.to_owned(), known: "train, held-out".to_owned() }),
        }
    }
}

// === impl Spec ===

impl Spec {
    /// The side length used where none is given: 3 by 3 merged tokens of Qwen2.5-VL (patch 14, merge 2).
    pub const DEFAULT_IMAGE_SIZE: u32 = 84;
    /// The smallest side length on which the digits are still legible.
    pub const MIN_IMAGE_SIZE: u32 = 56;
    /// The largest side length; larger pictures would show nothing more.
    pub const MAX_IMAGE_SIZE: u32 = 1024;

    /// Describes a task with lettered answers and the default image size.
    pub fn new(kind: TaskKind, difficulty: Difficulty) -> Self {
        Self { kind, difficulty, answer_style: AnswerStyle::Letter, image_size: Self::DEFAULT_IMAGE_SIZE }
    }

    /// Checks what the types leave open.
    pub fn validate(&self) -> Result<(), Error> {
        if (Self::MIN_IMAGE_SIZE..=Self::MAX_IMAGE_SIZE).contains(&self.image_size) {
            return Ok(());
        }
        Err(Error::ImageSize {
            image_size: self.image_size,
            smallest: Self::MIN_IMAGE_SIZE,
            largest: Self::MAX_IMAGE_SIZE,
        })
    }

    /// Returns the expected accuracy of guessing evenly among the options, or among all answers this level knows.
    pub fn chance_accuracy(&self) -> f64 {
        let generator = self.kind.generator();
        let num_answers = match self.answer_style {
            AnswerStyle::Letter => generator.num_options(self.difficulty),
            AnswerStyle::Free => generator.num_answers(self.difficulty),
        };
        1.0 / num_answers as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_outside_one_to_five_is_refused() {
        assert!(Difficulty::new(0).is_err());
        assert!(Difficulty::new(6).unwrap_err().to_string().contains("`6`"));
        assert_eq!(Difficulty::all().count(), 5);
    }

    #[test]
    fn a_picture_too_small_for_its_digits_is_refused() {
        let spec = Spec { image_size: 40, ..Spec::new(TaskKind::Ruler, Difficulty::EASIEST) };
        assert!(spec.validate().unwrap_err().to_string().contains("`40`"));
    }

    #[test]
    fn a_spec_reads_from_json() {
        let spec: Spec =
            serde_json::from_str(r#"{"kind":"bar-chart","difficulty":3,"answer_style":"free","image_size":112}"#)
                .unwrap();
        assert_eq!(spec.kind, TaskKind::BarChart);
        assert_eq!(spec.difficulty.level(), 3);
        assert!(serde_json::from_str::<Difficulty>("9").is_err());
    }
}
