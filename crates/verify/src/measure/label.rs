//! `label` and `labels`: one of several names, and a set of them, whatever synonym is used.
//!
//! Parameters of both: `synonyms`, a table of lists or the name of a built-in one (`emotion`). Of `label`: `within` (false), whether a single
//! label among other words counts; `exact` (false), whether every character of the reference is asked for;
//! `alphanumeric` (false), whether letters and digits alone count, without case (NeMo-RL). Of `labels`: `by` (`exact`, `jaccard`, `f1`).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gradus_types::RewardSpec;
use serde::Deserialize;

use super::{
    Grade, Made, Measure, refuse_gold,
    word::{normal, words},
};
use crate::{emotion::EMOTIONS, parameters::Parameters};

/// The most labels that are read of an answer.
const MAX_LABELS: usize = 1_024;

/// Which label a word or phrase stands for.
#[derive(Debug, Default)]
struct Synonyms(HashMap<String, String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenSynonyms {
    Table(BTreeMap<String, Vec<String>>),
    Named(String),
}

#[derive(Debug)]
struct Label {
    synonyms: Synonyms,
    gold: String,
    is_within: bool,
}

/// A label that is to be written as the reference is.
#[derive(Debug)]
struct Written(String);

/// A label of which only letters and digits count, without case.
#[derive(Debug)]
struct Alphanumeric(String);

#[derive(Debug)]
struct Labels {
    synonyms: Synonyms,
    gold: BTreeSet<String>,
    by: By,
}

#[derive(Clone, Copy, Debug)]
enum By {
    Exact,
    Jaccard,
    F1,
}

/// Makes a `label` measure.
pub fn make(parameters: &mut Parameters<'_>, spec: &RewardSpec) -> Made {
    let synonyms = Synonyms::read(parameters);
    let is_within = parameters.flag("within", false);
    let is_exact = parameters.flag("exact", false);
    let is_alphanumeric = parameters.flag("alphanumeric", false);
    let gold = parameters.gold(spec)?;
    if is_exact {
        return Some(Box::new(Written(gold)));
    }
    if is_alphanumeric {
        return Some(Box::new(Alphanumeric(alphanumeric(&gold))));
    }
    let label = synonyms.label(&gold);
    if label.is_empty() {
        return refuse_gold(parameters, &gold, "it holds no word");
    }
    Some(Box::new(Label { synonyms, gold: label, is_within }))
}

/// Makes a `labels` measure.
pub fn make_set(parameters: &mut Parameters<'_>, spec: &RewardSpec) -> Made {
    let synonyms = Synonyms::read(parameters);
    let by = parameters.word("by", &[("exact", By::Exact), ("jaccard", By::Jaccard), ("f1", By::F1)], By::Exact);
    let gold = synonyms.labels(&parameters.gold(spec)?);
    Some(Box::new(Labels { synonyms, gold, by }))
}

// === impl Synonyms ===

impl Synonyms {
    fn read(parameters: &mut Parameters<'_>) -> Self {
        const EXPECTED: &str = "`emotion`, or a table of lists of words";
        match parameters.structured("synonyms", EXPECTED) {
            None => Self::default(),
            Some(WrittenSynonyms::Table(table)) => {
                Self::of(table.iter().map(|(label, words)| (label.as_str(), words.iter().map(String::as_str))))
            }
            Some(WrittenSynonyms::Named(name)) if name == "emotion" => {
                Self::of(EMOTIONS.map(|(label, words)| (label, words.iter().copied())))
            }
            Some(WrittenSynonyms::Named(_)) => {
                parameters.miss("synonyms", EXPECTED.to_owned());
                Self::default()
            }
        }
    }

    fn of<'a, W: Iterator<Item = &'a str>>(table: impl IntoIterator<Item = (&'a str, W)>) -> Self {
        let mut labels = HashMap::new();
        for (label, words) in table {
            let label = normal(label);
            for word in words {
                labels.insert(normal(word), label.clone());
            }
            labels.insert(label.clone(), label);
        }
        Self(labels)
    }

    /// Returns the label of a text, which without a synonym is the text in its normal writing.
    fn label(&self, text: &str) -> String {
        let normal = normal(text);
        self.0.get(&normal).cloned().unwrap_or(normal)
    }

    /// Returns the labels that a list names.
    fn labels(&self, text: &str) -> BTreeSet<String> {
        let text = text.trim_matches(['[', ']', '{', '}', '(', ')']).replace(" and ", ",").replace(" or ", ",");
        let labels = text.split([',', ';', '/', '|', '\n', '、']).take(MAX_LABELS).map(|piece| self.label(piece));
        labels.filter(|label| !label.is_empty()).collect()
    }
}

impl Measure for Label {
    fn grade(&self, answer: &str) -> Grade {
        let label = self.synonyms.label(answer);
        if label == self.gold || !self.is_within {
            return Grade::of(label == self.gold, format!("it is the label `{label}`"));
        }
        let named = words(answer).into_iter().filter_map(|word| match self.synonyms.0.get(&word) {
            Some(label) => Some(label.clone()),
            None => (word == self.gold).then_some(word),
        });
        let named: BTreeSet<String> = named.collect();
        let is_right = named.len() == 1 && named.contains(&self.gold);
        Grade::of(is_right, format!("it names {} labels: {}", named.len(), Vec::from_iter(named).join(", ")))
    }
}

impl Measure for Written {
    fn grade(&self, answer: &str) -> Grade {
        Grade::of(answer == self.0, "it was compared character by character")
    }
}

/// Returns the letters and digits of a text, in lower case.
fn alphanumeric(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl Measure for Alphanumeric {
    fn grade(&self, answer: &str) -> Grade {
        Grade::of(alphanumeric(answer) == self.0, "its letters and digits were compared")
    }
}

impl Measure for Labels {
    fn grade(&self, answer: &str) -> Grade {
        let labels = self.synonyms.labels(answer);
        let common = labels.intersection(&self.gold).count() as f64;
        let (given, asked) = (labels.len() as f64, self.gold.len() as f64);
        let reason = format!("{common} of {asked} labels among {given}");
        let value = match self.by {
            By::Exact => return Grade::of(labels == self.gold, reason),
            _ if given + asked == 0.0 => 1.0,
            By::Jaccard => common / (given + asked - common),
            By::F1 => 2.0 * common / (given + asked),
        };
        Grade::new(value, reason)
    }
}
