//! What came of comparing an answer with the reference.

use serde::Serialize;

/// Whether an answer is the reference answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is.
    Equal,
    /// It is not.
    Different,
    /// Nothing here can tell. That is not the same as different, and is counted apart.
    Undecided,
}

/// A verdict and how it was reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// The verdict.
    pub verdict: Verdict,
    /// The answer that was found in the response, if one was.
    pub extracted: Option<String>,
    /// The reference answer as it was read.
    pub gold_reading: String,
    /// What decided: `letter`, `number`, `text`, or `extraction` where there was nothing to compare.
    pub method: &'static str,
    /// Why, for people.
    pub reason: String,
}
