//! `json`: the same structure.
//!
//! Parameters: `by` (`exact`, the default; `share` of the reference's leaves that are there and equal); `keys` (all), the keys of the outermost object that are compared, the rest
//! being free; `ignored_keys`, left out everywhere; `lists` (`ordered`, the default; `unordered`); `relative` (0), by which numbers may differ; `text` (`exact`, the default; `normal`:
//! without case, punctuation and spacing). Numbers are compared as numbers: 1 is 1.0, and whole numbers below 2^64 to their last digit.

use gradus_types::RewardSpec;
use serde_json::{Map, Number, Value};

use super::{
    Grade, Made, Measure, refuse_gold,
    word::{normal, unfenced},
};
use crate::parameters::Parameters;

/// How many values are compared with each other where neither the order of lists nor numbers are exact, so that no list can be sorted.
const MAX_COMPARISONS: u32 = 100_000;

/// How much is written out of values for the work of one comparison.
const BYTES_PER_COMPARISON: u32 = 64;

#[derive(Debug)]
struct Json {
    gold: Value,
    /// The reference as all that is equal to it is written.
    form: String,
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
    let gold = parameters.gold(spec)?;
    match serde_json::from_str(&gold) {
        Ok(value) => {
            let gold = rule.outermost(value);
            Some(Box::new(Json { form: rule.form(&gold), gold, rule, is_share }))
        }
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

    /// Writes a value as all that is equal to it without a tolerance is written.
    fn form(&self, value: &Value) -> String {
        match value {
            Value::Object(object) => {
                let members = self.compared(object).into_iter();
                let mut members: Vec<String> =
                    members.map(|(key, value)| format!("{key:?}:{}", self.form(value))).collect();
                members.sort_unstable();
                format!("{{{}}}", members.join(","))
            }
            Value::Array(items) => {
                let mut items: Vec<String> = items.iter().map(|item| self.form(item)).collect();
                if !self.is_ordered {
                    items.sort_unstable();
                }
                format!("[{}]", items.join(","))
            }
            Value::Number(number) => form_of_number(number),
            Value::String(text) if !self.is_exact_text => format!("{:?}", normal(text)),
            Value::String(text) => format!("{text:?}"),
            other => other.to_string(),
        }
    }

    /// Compares values whose numbers may differ, as long as the budget lasts.
    fn is_near(&self, gold: &Value, answer: &Value, budget: &mut u32) -> bool {
        *budget = budget.saturating_sub(1);
        if *budget == 0 {
            return false;
        }
        match (gold, answer) {
            (Value::Object(gold), Value::Object(answer)) => {
                let asked = self.compared(gold);
                asked.len() == self.compared(answer).len()
                    && asked
                        .iter()
                        .all(|(key, value)| answer.get(*key).is_some_and(|given| self.is_near(value, given, budget)))
            }
            (Value::Array(gold), Value::Array(answer)) if gold.len() != answer.len() => false,
            (Value::Array(gold), Value::Array(answer)) if self.is_ordered => {
                gold.iter().zip(answer).all(|(gold, given)| self.is_near(gold, given, budget))
            }
            (Value::Array(gold), Value::Array(answer)) => self.is_permuted(gold, answer, budget),
            (Value::Number(gold), Value::Number(answer)) if self.relative > 0.0 => {
                let (gold, answer) = (gold.as_f64().unwrap_or(f64::NAN), answer.as_f64().unwrap_or(f64::NAN));
                (gold - answer).abs() <= self.relative * gold.abs()
            }
            // Values of different kinds are never equal, and to write a long list for that would take long.
            _ if std::mem::discriminant(gold) != std::mem::discriminant(answer) => false,
            _ => {
                let (gold, answer) = (self.form(gold), self.form(answer));
                let num_bytes = u32::try_from(gold.len() + answer.len()).unwrap_or(u32::MAX);
                *budget = budget.saturating_sub(num_bytes / BYTES_PER_COMPARISON);
                gold == answer
            }
        }
    }

    /// Tells whether each item finds one of its own. With a tolerance a first match need not be the best; it is taken all the same.
    fn is_permuted(&self, gold: &[Value], answer: &[Value], budget: &mut u32) -> bool {
        let mut free: Vec<&Value> = answer.iter().collect();
        gold.iter().all(|value| {
            let found = free.iter().position(|given| self.is_near(value, given, budget));
            found.map(|place| free.swap_remove(place)).is_some()
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
            // A leaf holds no other value.
            leaf => (1, u32::from(answer.is_some_and(|answer| self.is_near(leaf, answer, &mut 2)))),
        }
    }
}

impl Measure for Json {
    fn grade(&self, answer: &str) -> Grade {
        let Ok(answer) = serde_json::from_str(unfenced(answer)) else { return Grade::new(0.0, "it is no JSON") };
        let answer = self.rule.outermost(answer);
        if !self.is_share {
            return self.grade_whole(&answer);
        }
        let (asked, found) = self.rule.leaves(&self.gold, Some(&answer));
        let share = if asked == 0 { 1.0 } else { f64::from(found) / f64::from(asked) };
        Grade::new(share, format!("{found} of {asked} values are there"))
    }
}

impl Json {
    fn grade_whole(&self, answer: &Value) -> Grade {
        const REASON: &str = "it was compared as JSON";
        if self.rule.relative == 0.0 {
            return Grade::of(self.rule.form(answer) == self.form, REASON);
        }
        let mut budget = MAX_COMPARISONS;
        let is_near = self.rule.is_near(&self.gold, answer, &mut budget);
        if budget == 0 {
            Grade::undecided("its lists are too long to be compared in any order")
        } else {
            Grade::of(is_near, REASON)
        }
    }
}

/// Writes a number as all that are equal to it are written.
fn form_of_number(number: &Number) -> String {
    /// What is below it fits 128 bits.
    const MAX_WHOLE: f64 = 1e38;
    match number.as_f64() {
        Some(value) if number.is_f64() && value.fract() == 0.0 && value.abs() < MAX_WHOLE => {
            format!("{}", value as i128)
        }
        _ => number.to_string(),
    }
}
