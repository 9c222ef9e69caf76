//! Reads the parameters of a component, and notices those that nobody read.

use std::collections::BTreeMap;

use gradus_types::{RewardComponent, RewardSpec, near_miss};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Fault;

/// The parameters of one component while its scorer is made. Faults are gathered, so that all are reported together.
pub struct Parameters<'a> {
    component: &'a str,
    values: &'a BTreeMap<String, Value>,
    known: Vec<&'static str>,
    faults: Vec<Fault>,
    is_abandoned: bool,
}

impl<'a> Parameters<'a> {
    /// Begins to read a component's parameters.
    pub const fn new(component: &'a RewardComponent) -> Self {
        Self {
            component: component.name.as_str(),
            values: &component.parameters,
            known: Vec::new(),
            faults: Vec::new(),
            is_abandoned: false,
        }
    }

    /// Returns the component's name.
    pub fn component(&self) -> String {
        self.component.to_owned()
    }

    /// Returns the reference answer, without the white space around it, or notes that there is none.
    pub fn gold(&mut self, spec: &RewardSpec) -> Option<String> {
        if spec.gold.is_none() {
            self.fault(Fault::NoGold { component: self.component() });
        }
        spec.gold.as_deref().map(|gold| gold.trim().to_owned())
    }

    /// Notes a fault that is not of a single parameter.
    pub fn fault(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// Notes a fault that leaves no parameter with a meaning, and reads no more.
    pub fn abandon(&mut self, fault: Fault) {
        self.faults.push(fault);
        self.is_abandoned = true;
    }

    /// Leaves the parameters that are not read to somebody else.
    pub const fn leave_the_rest(&mut self) {
        self.is_abandoned = true;
    }

    /// Reads one of several words; absent is the default.
    pub fn word<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)], default: T) -> T {
        self.optional_word(key, words).unwrap_or(default)
    }

    /// Reads one of several words, which may be absent.
    pub fn optional_word<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let value = self.value(key)?;
        let found = words.iter().find(|(word, _)| value.as_str() == Some(word)).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let expected = one_of(words);
            let suggestion = near_miss(value.as_str().unwrap_or_default(), words.iter().map(|(word, _)| *word));
            let suggestion = suggestion.map(str::to_owned);
            self.refuse_value(key, value, expected, suggestion);
        }
        found
    }

    /// Reads one of several words, which must be there.
    pub fn required_word<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        if self.values.contains_key(key) {
            return self.optional_word(key, words);
        }
        self.miss(key, one_of(words));
        None
    }

    /// Reads a finite number within bounds; absent is the default.
    pub fn number(&mut self, key: &'static str, (low, high): (f64, f64), default: f64) -> f64 {
        let Some(value) = self.value(key) else { return default };
        match value.as_f64().filter(|number| (low..=high).contains(number)) {
            Some(number) => number,
            None => {
                self.refuse_value(key, value, format!("a number from {low} to {high}"), None);
                default
            }
        }
    }

    /// Reads a positive count, which must be there.
    pub fn required_count(&mut self, key: &'static str) -> Option<u32> {
        const EXPECTED: &str = "a whole number from 1";
        let Some(value) = self.value(key) else {
            self.miss(key, EXPECTED.to_owned());
            return None;
        };
        let count = value.as_u64().and_then(|count| u32::try_from(count).ok()).filter(|count| *count > 0);
        if count.is_none() {
            self.refuse_value(key, value, EXPECTED.to_owned(), None);
        }
        count
    }

    /// Reads a finite number within bounds, which may be absent.
    pub fn optional_number(&mut self, key: &'static str, bounds: (f64, f64)) -> Option<f64> {
        self.known.push(key);
        self.values.contains_key(key).then(|| self.number(key, bounds, bounds.0))
    }

    /// Reads a whole number within bounds; absent is the default.
    pub fn count(&mut self, key: &'static str, (low, high): (u32, u32), default: u32) -> u32 {
        let Some(value) = self.value(key) else { return default };
        let count = value.as_u64().and_then(|count| u32::try_from(count).ok());
        match count.filter(|count| (low..=high).contains(count)) {
            Some(count) => count,
            None => {
                self.refuse_value(key, value, format!("a whole number from {low} to {high}"), None);
                default
            }
        }
    }

    /// Reads a name; absent is the default.
    pub fn name(&mut self, key: &'static str, default: &str) -> String {
        let Some(value) = self.value(key) else { return default.to_owned() };
        value.as_str().map(str::to_owned).unwrap_or_else(|| {
            self.refuse_value(key, value, "a text".to_owned(), None);
            default.to_owned()
        })
    }

    /// Reads whether something holds; absent is the default.
    pub fn flag(&mut self, key: &'static str, default: bool) -> bool {
        self.structured(key, "`true` or `false`").unwrap_or(default)
    }

    /// Reads a list of texts; absent is empty.
    pub fn texts(&mut self, key: &'static str) -> Vec<String> {
        let Some(value) = self.value(key) else { return Vec::new() };
        serde_json::from_value(value.clone()).unwrap_or_else(|_| {
            self.refuse_value(key, value, "a list of texts".to_owned(), None);
            Vec::new()
        })
    }

    /// Reads a value of any form, which may be absent; `expected` says what it may be.
    pub fn structured<T: DeserializeOwned>(&mut self, key: &'static str, expected: &'static str) -> Option<T> {
        let value = self.value(key)?;
        let read = serde_json::from_value(value.clone()).ok();
        if read.is_none() {
            self.refuse_value(key, value, expected.to_owned(), None);
        }
        read
    }

    /// Ends the reading: what was not read is a fault too.
    pub fn finish(mut self) -> Vec<Fault> {
        for parameter in self.values.keys() {
            if !self.is_abandoned && !self.known.contains(&parameter.as_str()) {
                self.faults.push(Fault::Parameter {
                    component: self.component.to_owned(),
                    parameter: parameter.clone(),
                    suggestion: near_miss(parameter, self.known.iter().copied()).map(str::to_owned),
                });
            }
        }
        self.faults
    }

    fn value(&mut self, key: &'static str) -> Option<&'a Value> {
        self.known.push(key);
        self.values.get(key)
    }

    /// Reads a list of numbers within bounds, from one to `max_length` of them, which may be absent.
    pub fn optional_numbers(
        &mut self,
        key: &'static str,
        (low, high): (f64, f64),
        max_length: usize,
    ) -> Option<Vec<f64>> {
        let value = self.value(key)?;
        let is_fit = |numbers: &Vec<f64>| {
            (1..=max_length).contains(&numbers.len()) && numbers.iter().all(|number| (low..=high).contains(number))
        };
        let numbers = serde_json::from_value(value.clone()).ok().filter(is_fit);
        if numbers.is_none() {
            let expected = format!("a list of 1 to {max_length} numbers from {low} to {high}");
            self.refuse_value(key, value, expected, None);
        }
        numbers
    }

    /// Notes that a parameter that is there does not go with the others.
    pub fn refuse(&mut self, key: &'static str, expected: String) {
        if let Some(value) = self.value(key) {
            self.refuse_value(key, value, expected, None);
        }
    }

    /// Notes that a parameter is absent or incomplete.
    pub fn miss(&mut self, parameter: &'static str, expected: String) {
        self.known.push(parameter);
        self.faults.push(Fault::Missing { component: self.component.to_owned(), parameter, expected });
    }

    fn refuse_value(&mut self, parameter: &'static str, value: &Value, expected: String, suggestion: Option<String>) {
        let (component, value) = (self.component.to_owned(), value.to_string());
        self.faults.push(Fault::Value { component, parameter, value, expected, suggestion });
    }
}

fn one_of<T>(words: &[(&str, T)]) -> String {
    let words: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
    words.join(", ")
}
