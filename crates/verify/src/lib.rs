//! Scores completions by what they say: pure functions of text, without I/O, whose time is bounded whatever the text.
//!
//! ```text
//! RewardSpec ──compile──► RewardPlan: a Component each ──score_group(Responses)──► Score each { total, components, decision }
//!                              └ `answer`: candidates ──read──► Answer ──compare──► Decision
//! ```
//!
//! The reward server compiles a spec once and scores many completions with it; `gradus verify` does the same for lines of a
//! file. A spec with an unknown kind, or a parameter that nobody reads, is refused when it is compiled.
//!
//! An answer is found by [`candidates`], read by [`latex`] and compared by [`verify`], which `answer` does with the rules of a [`Profile`].
//! Where answers are no mathematics, each kind has a measure of its own. How benchmarks score is in [`benchmark`].
//!
//! ```
//! use gradus_verify::{Response, RewardPlan};
//!
//! let spec = serde_json::from_str(
//!     r#"{"gold": "1/2", "components": [
//!         {"name": "accuracy", "kind": "answer", "weight": 0.9},
//!         {"name": "format", "kind": "format", "template": "think_answer", "weight": 0.1}]}"#,
//! )?;
//! let plan = RewardPlan::compile(&spec)?;
//! let score = plan.score(&Response::of_text("<think>half of one</think><answer>0.5</answer>"));
//! assert_eq!(score.total, 1.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod arithmetic;
pub mod benchmark;
mod choice;
mod comparison;
mod component;
mod decision;
mod delimiters;
mod edits;
mod emotion;
pub mod equality;
mod error;
pub mod exchange;
pub mod expression;
mod extraction;
pub mod fuel;
pub mod latex;
mod measure;
mod numerals;
mod parameters;
mod pattern;
mod plan;
pub mod profile;
mod response;
mod score;
pub mod structure;
mod tags;
mod unit;
pub mod verification;
mod words;
mod writing;

pub use answer::{AnswerRule, Comparison};
pub use decision::{Decision, Verdict};
pub use error::{Error, Fault};
pub use extraction::{
    AnswerElement, Boxes, Candidate, Candidates, Extraction, ExtractionSettings, Fallback, Forms, Found, Kind, Source,
    Targets, candidates,
};
pub use plan::{MAX_COMPONENTS, Measures, NeedsGroup, RewardPlan, bare_gold};
pub use profile::Profile;
pub use response::Response;
pub use score::{Score, ScoredComponent};
pub use verification::{Gold, Search, Verification, explain, verify};
