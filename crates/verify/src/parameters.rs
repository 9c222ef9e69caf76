//! Reads the parameters of a component, and notices those that nobody read.

use std::collections::BTreeMap;

use gradus_types::RewardComponent;
use serde_json::Value;

use crate::{Fault, error::near_miss};

/// The parameters of one component while its scorer is made. Faults are gathered, so that all are reported together.
pub struct Parameters<'a> {
    component: &'a str,
    values: &'a BTreeMap<String, Value>,
    known: Vec<&'static str>,
    faults: Vec<Fault>,
}

impl<'a> Parameters<'a> {
    /// Begins to read a component's parameters.
    pub const fn new(component: &'a RewardComponent) -> Self {
        Self {
            component: component.name.as_str(),
            values: &component.parameters,
            known: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Returns the component's name.
    pub fn component(&self) -> String {
        self.component.to_owned()
    }

    /// Notes a fault that is not of a single parameter.
    pub fn fault(&mut self, fault: Fault) {
        self.faults.push(fault);
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
            self.refuse(key, value, expected, suggestion);
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
                self.refuse(key, value, format!("a number from {low} to {high}"), None);
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
            self.refuse(key, value, EXPECTED.to_owned(), None);
        }
        count
    }

    /// Ends the reading: what was not read is a fault too.
    pub fn finish(mut self) -> Vec<Fault> {
        for parameter in self.values.keys() {
            if !self.known.contains(&parameter.as_str()) {
                self.faults.push(Fault::Parameter {
                    component: self.component.to_owned(),
                    parameter: parameter.clone(),
                    suggestion: near_miss(parameter, self.known.iter().copied()),
                });
            }
        }
        self.faults
    }

    fn value(&mut self, key: &'static str) -> Option<&'a Value> {
        self.known.push(key);
        self.values.get(key)
    }

    fn miss(&mut self, parameter: &'static str, expected: String) {
        self.known.push(parameter);
        self.faults.push(Fault::Missing { component: self.component.to_owned(), parameter, expected });
    }

    fn refuse(&mut self, parameter: &'static str, value: &Value, expected: String, suggestion: Option<String>) {
        let (component, value) = (self.component.to_owned(), value.to_string());
        self.faults.push(Fault::Value { component, parameter, value, expected, suggestion });
    }
}

fn one_of<T>(words: &[(&str, T)]) -> String {
    let words: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
    words.join(", ")
}
