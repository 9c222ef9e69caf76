//! Rewards, and reward specs, which travel as JSON text because services in between hand them on unread.

use gradus_types::{ComponentScore, Reward, RewardSpec, UnscoredReason};

use super::{ConvertError, encoded, known, required, unspecified};
use crate::v1;

/// Writes a reward spec as JSON.
pub fn spec_to_json(spec: &RewardSpec) -> String {
    serde_json::to_string(spec).expect("a reward spec holds text keys and JSON values alone")
}

/// Reads a reward spec from the field `reward_spec` of `message`.
pub fn spec_from_json(text: &str, message: &'static str) -> Result<RewardSpec, ConvertError> {
    serde_json::from_str(text)
        .map_err(|error| ConvertError::new(message, "reward_spec", format!("it is no reward spec: {error}")))
}

impl From<ComponentScore> for v1::ComponentScore {
    fn from(score: ComponentScore) -> Self {
        Self { name: score.name, value: score.value }
    }
}

impl From<v1::ComponentScore> for ComponentScore {
    fn from(wire: v1::ComponentScore) -> Self {
        Self { name: wire.name, value: wire.value }
    }
}

impl From<UnscoredReason> for v1::UnscoredReason {
    fn from(reason: UnscoredReason) -> Self {
        match reason {
            UnscoredReason::Timeout => Self::Timeout,
            UnscoredReason::Error => Self::Error,
            UnscoredReason::Unavailable => Self::Unavailable,
        }
    }
}

impl From<Reward> for v1::Reward {
    fn from(reward: Reward) -> Self {
        use v1::reward::{Outcome, Scored, Unscored};
        let outcome = match reward {
            Reward::Scored { total, components } => Outcome::Scored(Scored { total, components: encoded(components) }),
            Reward::Unscored { reason, detail } => {
                Outcome::Unscored(Unscored { reason: v1::UnscoredReason::from(reason).into(), detail })
            }
        };
        Self { outcome: Some(outcome) }
    }
}

impl TryFrom<v1::Reward> for Reward {
    type Error = ConvertError;

    fn try_from(wire: v1::Reward) -> Result<Self, ConvertError> {
        use v1::reward::Outcome;
        match required(wire.outcome, "Reward", "outcome")? {
            Outcome::Scored(scored) => Ok(Self::Scored { total: scored.total, components: encoded(scored.components) }),
            Outcome::Unscored(unscored) => {
                let reason = match known(unscored.reason, "Reward", "reason")? {
                    v1::UnscoredReason::Timeout => UnscoredReason::Timeout,
                    v1::UnscoredReason::Error => UnscoredReason::Error,
                    v1::UnscoredReason::Unavailable => UnscoredReason::Unavailable,
                    v1::UnscoredReason::Unspecified => return Err(unspecified("Reward", "reason")),
                };
                Ok(Self::Unscored { reason, detail: unscored.detail })
            }
        }
    }
}
