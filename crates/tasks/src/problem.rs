//! What a generator hands over, before letters, rationale and split are settled.

use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::canvas::Canvas;
use crate::random::Stream;
use crate::{AnswerKind, Difficulty};

/// A generator of one kind of problem.
pub(crate) trait Generator: Sync {
    /// Draws a problem; everything random about it comes from `stream`.
    fn problem(&self, stream: &mut Stream, scale: Scale) -> Problem;

    /// Returns how many options the problems of a level have.
    fn num_options(&self, difficulty: Difficulty) -> usize;

    /// Returns how many answers are possible at a level where no options are listed.
    fn num_answers(&self, difficulty: Difficulty) -> usize;
}

/// How hard and how large a problem is to be drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    pub difficulty: Difficulty,
    pub image_size: u32,
}

/// A problem with its value, still without letters.
#[derive(Debug)]
pub(crate) struct Problem {
    pub question: String,
    /// The right answer's text.
    pub answer: String,
    pub answer_kind: AnswerKind,
    /// What the options are made of, the answer among them, in the order the easiest level shows.
    pub choices: Vec<String>,
    /// One sentence that states what is seen or computed.
    pub finding: String,
    /// What decides the split: two problems that are the same in substance have the same content.
    pub content: Content,
}

/// The substance of a problem.
#[derive(Debug)]
pub(crate) enum Content {
    /// A canonical text: numbers and operation, without names or wording.
    Text(String),
    /// The picture itself, whatever is asked about it.
    Picture(Canvas),
}

/// Draws `count` whole numbers of a range with the answer among them, in ascending order.
///
/// The set is even over all sets, so nothing about the options tells which of them is right.
pub(crate) fn integer_choices(
    stream: &mut Stream,
    answer: i64,
    range: RangeInclusive<i64>,
    count: usize,
) -> Vec<String> {
    let others: Vec<i64> = range.filter(|value| *value != answer).collect();
    let mut choices = stream.sample(&others, count - 1);
    choices.push(answer);
    choices.sort_unstable();
    choices.iter().map(i64::to_string).collect()
}

/// Draws the part of a range, at most `width` wide, that wrong options come from: it contains the answer at any place.
pub(crate) fn window(stream: &mut Stream, answer: i64, range: RangeInclusive<i64>, width: i64) -> RangeInclusive<i64> {
    let least = (answer - stream.within(0..=width)).min(range.end() - width).max(*range.start());
    least..=(least + width).min(*range.end())
}

/// Draws `count` elements of a pool with the answer among them, in the pool's order.
///
/// The elements of `likely` are preferred as wrong options.
pub(crate) fn word_choices<T>(stream: &mut Stream, answer: T, likely: &[T], pool: &[T], count: usize) -> Vec<String>
where
    T: Copy + PartialEq + Display,
{
    let wrong = |elements: &[T]| elements.iter().copied().filter(|element| *element != answer).collect::<Vec<T>>();
    let mut choices = vec![answer];
    choices.extend(stream.sample(&wrong(likely), count - 1));
    let rest: Vec<T> = wrong(pool).into_iter().filter(|element| !choices.contains(element)).collect();
    choices.extend(stream.sample(&rest, count - choices.len()));
    pool.iter().filter(|element| choices.contains(element)).map(T::to_string).collect()
}
