//! Comparison by normalised text: the last resort.

use super::{AnswerChecker, bare};
use crate::Verdict;

/// Compares texts without regard to case, white space and wrapping.
#[derive(Debug)]
pub struct TextChecker {
    gold: String,
}

impl TextChecker {
    /// Reads a reference answer.
    pub fn new(gold: &str) -> Self {
        Self { gold: normalise(gold) }
    }
}

impl AnswerChecker for TextChecker {
    fn method(&self) -> &'static str {
        "text"
    }

    fn gold_reading(&self) -> String {
        self.gold.clone()
    }

    fn check(&self, answer: &str) -> (Verdict, String) {
        let answer = normalise(answer);
        if answer == self.gold || without_spaces(&answer) == without_spaces(&self.gold) {
            (Verdict::Equal, "the texts are the same".to_owned())
        } else if is_mathematics(&self.gold) && is_mathematics(&answer) {
            (Verdict::Undecided, format!("`{answer}` is written differently, and may mean the same"))
        } else {
            (Verdict::Different, format!("`{answer}` is another text"))
        }
    }
}

/// Lowers case, takes off wrapping, and makes all white space one space.
pub fn normalise(text: &str) -> String {
    let words: Vec<String> = bare(text).split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

fn without_spaces(text: &str) -> String {
    text.chars().filter(|character| *character != ' ').collect()
}

/// Tells whether a text is more than words and plain numbers, so that another text may mean the same.
fn is_mathematics(text: &str) -> bool {
    let has_operator = text.contains(['\\', '^', '_', '=', '+', '*', '/', '<', '>', '(', '[', '{', '√', 'π', '²', '³']);
    has_operator || text.chars().any(|character| character.is_ascii_digit()) || text.chars().count() == 1
}
