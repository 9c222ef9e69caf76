//! The pairs of answers that every property has to hold of.

use std::path::Path;

use gradus_testkit::{AnswerMode, answer_cases};
use gradus_verify::Search;
use serde::Deserialize;

/// How many pairs are generated.
const NUM_GENERATED: usize = 3_100;

/// A gold answer, and a prediction that is one or holds one.
#[derive(Clone, Debug)]
pub struct Pair {
    pub gold: String,
    pub prediction: String,
    /// Where in the one and the other the answer is.
    pub searches: (Search, Search),
}

#[derive(Deserialize)]
struct Record {
    gold: String,
    prediction: String,
    #[serde(default)]
    mode: Option<String>,
}

/// Returns all of them.
pub fn all() -> Vec<Pair> {
    let generated = answer_cases(20_263, NUM_GENERATED).into_iter().map(|case| Pair {
        gold: case.gold,
        prediction: case.prediction,
        searches: (Search::Whole, if case.mode == AnswerMode::Answer { Search::Whole } else { Search::Text }),
    });
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/verify/cases.jsonl");
    let shared = std::env::var_os("GRADUS_CASES").map_or(shared, Into::into);
    let shared = std::fs::read_to_string(shared).unwrap_or_default();
    read(include_str!("../cases.jsonl")).chain(generated).chain(read(&shared)).collect()
}

/// Reads records of the exchange format.
fn read(records: &str) -> impl Iterator<Item = Pair> {
    records.lines().map(|line| {
        let Record { gold, prediction, mode } = serde_json::from_str(line).unwrap();
        let searches = match mode.as_deref() {
            None | Some("answer") => (Search::Whole, Search::Whole),
            Some("response") => (Search::Whole, Search::Text),
            Some(_) => (Search::Text, Search::Text),
        };
        Pair { gold, prediction, searches }
    })
}
