//! What came of comparing an answer with the reference.

use std::ops::Range;

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

/// A verdict and how it was reached, so that a wrong reward can be traced.
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
    /// Where in the response the pieces of the answer are, in bytes; none where that is not known.
    pub spans: Vec<Range<usize>>,
    /// How many places of the response were tried, the one that was compared included.
    pub num_tried: usize,
    /// The work that the comparison took, in units of [`fuel`](crate::fuel).
    pub fuel: u32,
}
