//! Records in the exchange format of answer checkers: a reference answer, a prediction, and what of the profile a record changes.
//!
//! `gradus verify`, the corpus tests and the measurements of speed read the same records with this. Keys of a record that are not
//! named here are ignored; so are `lowercase` and `language` of its `config`, since words are looked for as they are written, and those
//! that announce an answer in every language that is known.

use gradus_types::RewardSpec;
use serde::Deserialize;
use serde_json::json;

use crate::{AnswerElement, Gold, Profile, Search, Targets, Verification, profile::Variables, verify};

/// A pair of answers, and how they are to be compared.
#[derive(Clone, Debug, Deserialize)]
pub struct Record {
    /// The reference answer.
    pub gold: String,
    /// The text that answers it.
    pub prediction: String,
    /// Which sides are searched.
    #[serde(default)]
    pub mode: Mode,
    /// What the record changes of the profile.
    #[serde(default)]
    pub config: Config,
}

/// Which sides are searched for their answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The prediction: the reference answer is bare.
    #[default]
    Response,
    /// Neither: both are bare.
    Answer,
    /// Both.
    Text,
}

/// What a record changes of the profile.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Config {
    /// What an answer can be.
    pub targets: Option<Vec<Target>>,
    /// The words that the target `string` looks for.
    pub strings: Option<Vec<String>>,
    /// The decimal places that count.
    pub precision: Option<u32>,
    /// Whether variables are known by their names.
    pub strict: Option<bool>,
    /// When boxes are looked for: 0 before everything else, 50 after an announced final answer. They are always looked for, so that a
    /// negative number, with which math-verify leaves them out, is refused.
    pub boxed_priority: Option<u16>,
    /// Whether the answer is in the first answer element.
    #[serde(default)]
    pub answer_tag: bool,
    /// A rule of another system that decides instead.
    pub rule: Option<Rule>,
}

/// What an answer can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// LaTeX in an environment or a box.
    Latex,
    /// A plain number or expression.
    Expr,
    /// One of the words of `strings`.
    String,
}

/// A rule of NeMo-RL for an answer in the last answer element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Letters and digits are the same, without case.
    Alphanumeric,
    /// The generalised IoU of two boxes is a half or more.
    BboxIou,
}

// === impl Record ===

impl Record {
    /// Compares both sides, under a profile changed as the record says. A rule is not a comparison: its spec is to be scored instead.
    #[must_use]
    pub fn compare(&self, profile: &Profile) -> (Gold, Verification) {
        let profile = self.config.applied_to(profile.clone());
        let (gold, prediction) = self.mode.searches();
        let gold = Gold::read(&self.gold, gold, &profile);
        let verification = verify(&gold, &self.prediction, prediction, &profile);
        (gold, verification)
    }
}

// === impl Mode ===

impl Mode {
    /// Returns how the reference answer and the prediction are searched.
    #[must_use]
    pub const fn searches(self) -> (Search, Search) {
        match self {
            Self::Response => (Search::Whole, Search::Text),
            Self::Answer => (Search::Whole, Search::Whole),
            Self::Text => (Search::Text, Search::Text),
        }
    }
}

// === impl Config ===

impl Config {
    /// Changes a profile.
    #[must_use]
    pub fn applied_to(&self, mut profile: Profile) -> Profile {
        if let Some(targets) = &self.targets {
            let has = |target: Target| targets.contains(&target);
            let words = if has(Target::String) { self.strings.clone().unwrap_or_default() } else { Vec::new() };
            profile.extraction.targets =
                Targets { latex: has(Target::Latex), expression: has(Target::Expr), letters: false, words };
        }
        if let Some(precision) = self.precision {
            profile.values.num_decimals = precision;
        }
        match self.strict {
            Some(true) => profile.variables = Variables::Named,
            Some(false) => profile.variables = Variables::ByPosition,
            None => {}
        }
        if let Some(priority) = self.boxed_priority {
            profile.extraction.boxed_priority = priority;
        }
        if self.answer_tag {
            profile.extraction.answer_element = AnswerElement::First;
        }
        profile
    }
}

// === impl Rule ===

impl Rule {
    /// Returns the reward spec that is worth 1 where the rule holds, without its reference answer.
    #[must_use]
    pub fn spec(self) -> RewardSpec {
        let mut component = match self {
            Self::Alphanumeric => json!({"kind": "label", "alphanumeric": true}),
            Self::BboxIou => json!({"kind": "box", "by": "giou", "at_least": 0.5, "coordinates": "pixels"}),
        };
        for (key, value) in [("name", json!("accuracy")), ("weight", json!(1)), ("extract", json!("answer_tag"))] {
            component[key] = value;
        }
        let spec = json!({"components": [component]});
        serde_json::from_value(spec).expect("the specs of the rules are specs, each tried by a test")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Response, RewardPlan};

    fn record(text: &str) -> Result<Record, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn what_a_record_says_wrongly_is_an_error_and_what_it_says_besides_is_not() {
        let config = |config: &str| record(&format!(r#"{{"gold": "1", "prediction": "1", "config": {config}}}"#));
        for (text, expected) in [
            (r#"{"targets": ["latex", "expression"]}"#, "unknown variant `expression`"),
            (r#"{"boxed_priority": -1}"#, "`-1`"),
            (r#"{"rule": "vibes"}"#, "unknown variant `vibes`"),
        ] {
            let error = config(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert!(config(r#"{"lowercase": true, "language": "arabic"}"#).is_ok());
    }

    #[test]
    fn rules_of_other_systems_are_specs() {
        for (rule, gold, prediction, expected) in [
            ("alphanumeric", "Hello123", "<answer>Hello-123!</answer>", 1.0),
            ("alphanumeric", "Hello123", "<answer>Hello 124</answer>", 0.0),
            ("bbox_iou", "[0.1, 0.1, 0.5, 0.5]", "<answer>[0.1, 0.1, 0.5, 0.48]</answer>", 1.0),
            ("bbox_iou", "[0.1, 0.1, 0.5, 0.5]", "<answer>[0.6, 0.6, 0.9, 0.9]</answer>", 0.0),
        ] {
            let rule: Rule = serde_json::from_value(json!(rule)).unwrap();
            let spec = RewardSpec { gold: Some(gold.to_owned()), ..rule.spec() };
            let score = RewardPlan::compile(&spec).unwrap().score(&Response::of_text(prediction));
            assert_eq!(score.total, expected, "{rule:?} {prediction}");
        }
    }
}
