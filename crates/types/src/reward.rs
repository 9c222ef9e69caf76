//! Rewards: how completions are to be scored, and what came of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One component of a reward: a scorer by kind, its weight and its own parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RewardComponent {
    /// The name the component's value is reported under.
    pub name: String,
    /// The scorer in the reward server's registry, such as `answer` or `format`.
    pub kind: String,
    /// The factor of the component's value in the total; 0 logs it without counting it.
    pub weight: f64,
    /// Keys that only the scorer understands.
    #[serde(flatten)]
    pub parameters: BTreeMap<String, serde_json::Value>,
}

/// How the completions of one prompt are scored. All services but the reward server hand it on unread.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RewardSpec {
    /// The reference answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gold: Option<String>,
    /// The texts of the options of a multiple-choice question, `A` first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// What else a record says that scorers may need, such as the size of its picture or the precision of its answer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, serde_json::Value>,
    /// What is scored, in order.
    pub components: Vec<RewardComponent>,
}

/// The value of one component for one completion, before weighting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComponentScore {
    /// The component's name.
    pub name: String,
    /// Its value.
    pub value: f64,
}

/// Why a completion has no reward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum UnscoredReason {
    /// The deadline passed first.
    Timeout,
    /// The scorer failed on this completion.
    Error,
    /// No reward server could be reached.
    Unavailable,
}

/// What came of scoring one completion. A reward that could not be computed is never a zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reward {
    /// The completion was scored.
    Scored {
        /// The weighted sum of the components.
        total: f64,
        /// The components' values.
        components: Vec<ComponentScore>,
    },
    /// The completion could not be scored; the learner masks it.
    Unscored {
        /// Why.
        reason: UnscoredReason,
        /// What exactly happened.
        detail: String,
    },
}

impl Reward {
    /// Returns the total, or nothing where the completion could not be scored.
    #[must_use]
    pub const fn total(&self) -> Option<f64> {
        match self {
            Self::Scored { total, .. } => Some(*total),
            Self::Unscored { .. } => None,
        }
    }

    /// Returns the value of a component by name.
    #[must_use]
    pub fn component(&self, name: &str) -> Option<f64> {
        match self {
            Self::Scored { components, .. } => {
                components.iter().find(|component| component.name == name).map(|component| component.value)
            }
            Self::Unscored { .. } => None,
        }
    }
}
