//! Identities and counters: prompts, groups, stages, steps, policy versions and ranks.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Declares a transparent counter over `u64` with ordering, serde and `Display`.
macro_rules! counter {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl $name {
            /// Returns the value that follows this one.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0 + 1)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

counter! {
    /// Names a prompt of a data source: the same row or generated item has the same id in every run.
    PromptId
}

counter! {
    /// Counts the steps of the whole run, over all stages; step `s` turns policy version `s - 1` into version `s`.
    Step
}

counter! {
    /// Counts the published policies of a run; version 0 is the model the run started from.
    PolicyVersion
}

/// The position of a stage in the run file, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StageIndex(pub u32);

impl fmt::Display for StageIndex {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The position of a learner process among its `world_size` peers, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rank(pub u32);

impl fmt::Display for Rank {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// What a group of completions is sampled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Purpose {
    /// The group may enter a training batch.
    Train,
    /// The group belongs to an evaluation and is never trained on.
    Evaluate,
}

/// Names one group of completions: which stage's draw, or which item of which evaluation.
///
/// The id is a pure function of the draw, so a group that was lost and sampled again has the same id, and batches order
/// their groups by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupId(pub u64);

impl GroupId {
    const EVALUATION_BIT: u64 = 1 << 63;
    const HIGH_SHIFT: u32 = 40;
    const LOW_MASK: u64 = (1 << Self::HIGH_SHIFT) - 1;
    const HIGH_MASK: u64 = (1 << 23) - 1;

    /// Names the group of the `draw`-th prompt of a stage.
    #[must_use]
    pub const fn train(stage: StageIndex, draw: u64) -> Self {
        Self(((stage.0 as u64 & Self::HIGH_MASK) << Self::HIGH_SHIFT) | (draw & Self::LOW_MASK))
    }

    /// Names the group of the `item`-th prompt of the run's `evaluation`-th evaluation.
    #[must_use]
    pub const fn evaluation(evaluation: u64, item: u64) -> Self {
        Self(Self::EVALUATION_BIT | ((evaluation & Self::HIGH_MASK) << Self::HIGH_SHIFT) | (item & Self::LOW_MASK))
    }

    /// Tells what the group was sampled for.
    #[must_use]
    pub const fn purpose(self) -> Purpose {
        if self.0 & Self::EVALUATION_BIT == 0 { Purpose::Train } else { Purpose::Evaluate }
    }

    /// Returns the stage (of a training group) or the evaluation number (of an evaluation group).
    #[must_use]
    pub const fn series(self) -> u64 {
        (self.0 >> Self::HIGH_SHIFT) & Self::HIGH_MASK
    }

    /// Returns the draw (of a training group) or the item (of an evaluation group).
    #[must_use]
    pub const fn draw(self) -> u64 {
        self.0 & Self::LOW_MASK
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let purpose = match self.purpose() {
            Purpose::Train => "train",
            Purpose::Evaluate => "evaluate",
        };
        write!(formatter, "{purpose}-{}-{}", self.series(), self.draw())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_id_gives_back_what_it_was_made_of() {
        let id = GroupId::evaluation(3, 77);
        assert_eq!((id.purpose(), id.series(), id.draw()), (Purpose::Evaluate, 3, 77));
        assert_eq!(id.to_string(), "evaluate-3-77");
    }

    #[test]
    fn training_groups_order_by_stage_and_then_by_draw() {
        assert!(GroupId::train(StageIndex(0), 9) < GroupId::train(StageIndex(0), 10));
        assert!(GroupId::train(StageIndex(0), 1 << 39) < GroupId::train(StageIndex(1), 0));
    }
}
