//! Tells a person how a verdict came about.

use std::fmt::Write;

use super::{Gold, Reading, Verification};
use crate::Verdict;

/// Tells how both answers were found and read, and what decided.
#[must_use]
pub fn explain(gold: &Gold, verification: &Verification) -> String {
    let mut text = String::new();
    write_side(&mut text, "gold", gold.readings());
    write_side(&mut text, "prediction", &verification.tried);
    let verdict = match verification.verdict {
        Verdict::Equal => "equal",
        Verdict::Different => "different",
        Verdict::Undecided => "undecided",
    };
    let Verification { method, reason, fuel, .. } = verification;
    // Writing to a string cannot fail.
    let _ = write!(text, "{verdict}: decided by {method}: {reason}\n  with {fuel} units of work");
    text
}

fn write_side(text: &mut String, name: &str, readings: &[Reading]) {
    let _ = writeln!(text, "{name}");
    if readings.is_empty() {
        let _ = writeln!(text, "  holds no answer");
    }
    for reading in readings {
        let spans: Vec<String> =
            reading.place.spans.iter().map(|span| format!("{}..{}", span.start, span.end)).collect();
        let _ =
            writeln!(text, "  found `{}` ({}, bytes {})", reading.text, reading.place.found.name(), spans.join(", "));
        let _ = match &reading.answer {
            Ok(answer) => {
                writeln!(text, "    read as {}: {}", answer.structure.class(), answer.expression.printed(answer.root))
            }
            Err(error) => writeln!(text, "    not read: {error}"),
        };
    }
}

// === impl Gold ===

impl Gold {
    /// Returns the answer as it was read, printed; as it was found where it could not be read.
    #[must_use]
    pub fn printed(&self) -> String {
        match self.answer() {
            Some(answer) => answer.expression.printed(answer.root),
            None => self.text().to_owned(),
        }
    }
}
