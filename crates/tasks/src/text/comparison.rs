//! The largest or smallest of several numbers.

use crate::problem::{Content, Generator, Problem, Scale};
use crate::random::Stream;
use crate::{AnswerKind, Difficulty};

/// Three or four different numbers; at the hardest level they are close to each other.
pub(crate) struct Comparison;

impl Generator for Comparison {
    fn problem(&self, stream: &mut Stream, scale: Scale) -> Problem {
        let numbers = numbers(stream, scale.difficulty);
        let is_largest = scale.difficulty == Difficulty::EASIEST || stream.below(2) == 0;
        let mut ascending = numbers.clone();
        ascending.sort_unstable();
        let (superlative, answer) = match is_largest {
            true => ("largest", ascending[ascending.len() - 1]),
            false => ("smallest", ascending[0]),
        };
        let choices: Vec<String> = numbers.iter().map(i64::to_string).collect();
        let (last, others) = choices.split_last().expect("every level draws at least three numbers");
        Problem {
            question: format!("Which number is the {superlative}: {} or {last}?", others.join(", ")),
            answer: answer.to_string(),
            answer_kind: AnswerKind::Integer,
            finding: format!("The {superlative} number is {answer}."),
            content: Content::Text(format!("{superlative} of {ascending:?}")),
            choices,
        }
    }

    fn num_options(&self, difficulty: Difficulty) -> usize {
        difficulty.select([3, 3, 4, 4, 4])
    }

    fn num_answers(&self, difficulty: Difficulty) -> usize {
        self.num_options(difficulty)
    }
}

/// Draws different numbers in the order the question lists them.
fn numbers(stream: &mut Stream, difficulty: Difficulty) -> Vec<i64> {
    let count = Comparison.num_options(difficulty);
    let base = stream.within(100..=960);
    let range = difficulty.select([(1, 20), (1, 99), (1, 99), (100, 999), (base, base + 30)]);
    let pool: Vec<i64> = (range.0..=range.1).collect();
    stream.sample(&pool, count)
}
