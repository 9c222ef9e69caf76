//! `json`: the same structure.
//!
//! Parameters: `by` (`exact`, the default; `share` of the reference's leaves that are there and equal); `keys` (all), the keys of the outermost object that are compared, the rest
//! being free; `ignored_keys`, left out everywhere; `lists` (`ordered`, the default; `unordered`); `relative` (0), by which numbers may differ; `text` (`exact`, the default; `normal`:
//! without case, punctuation and spacing). Numbers are compared as numbers: 1 is 1.0.

use gradus_types::RewardSpec;
use serde_json::{Map, Value};

use super::{
    Grade, Made, Measure, gold, refuse_gold,
    word::{normal, unfenced},
};
use crate::parameters::Parameters;

/// The longest list whose order may be free: each item is compared with each.
const MAX_UNORDERED: usize = 64;

#[derive(Debug)]
struct Json {
    gold: Value,
    rule: Rule,
    is_share: bool,
}

#[derive(Debug)]
struct Rule {
    keys: Vec<String>,
    ignored_keys: Vec<String>,
    is_ordered: bool,
    relative: f64,
    is_exact_text: bool,
}

/// Makes a `json` measure.
pub fn make(parameters: &mut Parameters<'_>, spec: &RewardSpec) -> Made {
    let is_share = parameters.word("by", &[("exact", false), ("share", true)], false);
    let rule = Rule {
        keys: parameters.texts("keys"),
        ignored_keys: parameters.texts("ignored_keys"),
        is_ordered: parameters.word("lists", &[("ordered", true), ("unordered", false)], true),
        relative: parameters.number("relative", (0.0, 1.0), 0.0),
        is_exact_text: parameters.word("text", &[("exact", true), ("normal", false)], true),
    };
    let gold = gold(parameters, spec)?;
    match serde_json::from_str(&gold) {
        Ok(value) => Some(Box::new(Json { gold: rule.outermost(value), rule, is_share })),
        Err(_) => refuse_gold(parameters, &gold, "it is no JSON"),
    }
}

// === impl Rule ===

impl Rule {
    /// Leaves the keys of the outermost object that are compared.
    fn outermost(&self, value: Value) -> Value {
        match value {
            Value::Object(object) if !self.keys.is_empty() => {
                Value::Object(object.into_iter().filter(|(key, _)| self.keys.contains(key)).collect())
            }
            other => other,
        }
    }

    fn compared<'a>(&self, object: &'a Map<String, Value>) -> Vec<(&'a String, &'a Value)> {
        object.iter().filter(|(key, _)| !self.ignored_keys.contains(key)).collect()
    }

    fn is_equal(&self, gold: &Value, answer: &Value) -> bool {
        match (gold, answer) {
            (Value::Object(gold), Value::Object(answer)) => {
                let asked = self.compared(gold);
                let is_there = |(key, value): &(&String, &Value)| {
                    answer.get(*key).is_some_and(|given| self.is_equal(value, given))
                };
                asked.len() == self.compared(answer).len() && asked.iter().all(is_there)
            }
            (Value::Array(gold), Value::Array(answer)) if gold.len() == answer.len() => {
                let is_ordered = self.is_ordered || gold.len() > MAX_UNORDERED;
                if is_ordered {
                    gold.iter().zip(answer).all(|(gold, given)| self.is_equal(gold, given))
                } else {
                    self.is_permuted(gold, answer)
                }
            }
            (Value::Number(gold), Value::Number(answer)) => {
                let (gold, answer) = (gold.as_f64().unwrap_or(f64::NAN), answer.as_f64().unwrap_or(f64::NAN));
                (gold - answer).abs() <= self.relative * gold.abs()
            }
            (Value::String(gold), Value::String(answer)) if !self.is_exact_text => normal(gold) == normal(answer),
            _ => gold == answer,
        }
    }

    /// Tells whether each item finds one of its own. With a tolerance a first match need not be the best; it is taken all the same.
    fn is_permuted(&self, gold: &[Value], answer: &[Value]) -> bool {
        let mut is_taken = vec![false; answer.len()];
        gold.iter().all(|value| {
            let found =
                answer.iter().enumerate().position(|(place, given)| !is_taken[place] && self.is_equal(value, given));
            found.is_some_and(|place| {
                is_taken[place] = true;
                true
            })
        })
    }

    /// Counts the leaves of the reference, and those that the answer has in the same place.
    fn leaves(&self, gold: &Value, answer: Option<&Value>) -> (u32, u32) {
        let add = |sum: (u32, u32), more: (u32, u32)| (sum.0 + more.0, sum.1 + more.1);
        match gold {
            Value::Object(object) if !object.is_empty() => {
                let leaves = |(key, value)| self.leaves(value, answer.and_then(|answer| answer.get(key)));
                self.compared(object).into_iter().map(leaves).fold((0, 0), add)
            }
            Value::Array(items) if !items.is_empty() => {
                let leaves = |(place, value)| self.leaves(value, answer.and_then(|answer: &Value| answer.get(place)));
                items.iter().enumerate().map(leaves).fold((0, 0), add)
            }
            leaf => (1, u32::from(answer.is_some_and(|answer| self.is_equal(leaf, answer)))),
        }
    }
}

impl Measure for Json {
    fn grade(&self, answer: &str) -> Grade {
        let Ok(answer) = serde_json::from_str(unfenced(answer)) else { return Grade::new(0.0, "it is no JSON") };
        let answer = self.rule.outermost(answer);
        if !self.is_share {
            return Grade::of(self.rule.is_equal(&self.gold, &answer), "it was compared as JSON");
        }
        let (asked, found) = self.rule.leaves(&self.gold, Some(&answer));
        let share = if asked == 0 { 1.0 } else { f64::from(found) / f64::from(asked) };
        Grade::new(share, format!("{found} of {asked} values are there"))
    }
}
