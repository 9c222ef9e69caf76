//! Short stories with a number for an answer.

use std::ops::RangeInclusive;

use crate::problem::{Content, Generator, Problem, Scale, integer_choices, window};
use crate::random::Stream;
use crate::{AnswerKind, Difficulty};

/// Somebody gets or gives away things, or fills boxes with them; later both.
pub(crate) struct WordProblem;

const NUM_OPTIONS: usize = 4;
/// Wrong options come from a range this wide, so that a rough guess does not rule them out.
const NEAR: i64 = 20;
const NAMES: [&str; 6] = ["Tom", "Anna", "Ben", "Mia", "Leo", "Eva"];
const THINGS: [&str; 6] = ["apples", "pens", "books", "coins", "balls", "eggs"];

/// What happens, with numbers of at least two so that every noun is a plural.
#[derive(Debug, Clone, Copy)]
enum Story {
    Gets { has: i64, gets: i64 },
    Gives { has: i64, gives: i64 },
    Boxes { num_boxes: i64, each: i64 },
    GetsAndGives { has: i64, gets: i64, gives: i64 },
    BoxesAndGives { num_boxes: i64, each: i64, gives: i64 },
}

impl Generator for WordProblem {
    fn problem(&self, stream: &mut Stream, scale: Scale) -> Problem {
        let story = story(stream, scale.difficulty);
        let (name, things) = (stream.pick(&NAMES), stream.pick(&THINGS));
        let answer = story.answer();
        let near = window(stream, answer, answers(scale.difficulty), NEAR);
        let choices = integer_choices(stream, answer, near, NUM_OPTIONS);
        Problem {
            question: format!("{} How many {things} does {name} have now?", story.telling(name, things)),
            answer: answer.to_string(),
            answer_kind: AnswerKind::Integer,
            choices,
            finding: story.working(),
            content: Content::Text(format!("{story:?}")),
        }
    }

    fn num_options(&self, _difficulty: Difficulty) -> usize {
        NUM_OPTIONS
    }

    fn num_answers(&self, difficulty: Difficulty) -> usize {
        answers(difficulty).count()
    }
}

fn answers(difficulty: Difficulty) -> RangeInclusive<i64> {
    let (least, most) = difficulty.select([(4, 20), (4, 50), (4, 81), (4, 100), (4, 142)]);
    least..=most
}

fn story(stream: &mut Stream, difficulty: Difficulty) -> Story {
    let answer = stream.within(answers(difficulty));
    let has = stream.within(2..=answer - 2);
    let gives = stream.within(2..=difficulty.select([9, 20, 20, 30, 9]));
    match (difficulty.level(), stream.below(2)) {
        (1 | 2, 0) => Story::Gets { has, gets: answer - has },
        (1 | 2, _) => Story::Gives { has: answer + gives, gives },
        (3, _) => Story::Boxes { num_boxes: stream.within(2..=9), each: stream.within(2..=9) },
        (4, _) => {
            let has = stream.within(2..=answer + gives - 2);
            Story::GetsAndGives { has, gets: answer + gives - has, gives }
        }
        _ => {
            let (num_boxes, each) = (stream.within(3..=12), stream.within(5..=12));
            Story::BoxesAndGives { num_boxes, each, gives }
        }
    }
}

impl Story {
    const fn answer(self) -> i64 {
        match self {
            Self::Gets { has, gets } => has + gets,
            Self::Gives { has, gives } => has - gives,
            Self::Boxes { num_boxes, each } => num_boxes * each,
            Self::GetsAndGives { has, gets, gives } => has + gets - gives,
            Self::BoxesAndGives { num_boxes, each, gives } => num_boxes * each - gives,
        }
    }

    fn telling(self, name: &str, things: &str) -> String {
        match self {
            Self::Gets { has, gets } => format!("{name} has {has} {things} and gets {gets} more."),
            Self::Gives { has, gives } => format!("{name} has {has} {things} and gives away {gives}."),
            Self::Boxes { num_boxes, each } => {
                format!("{name} has {num_boxes} boxes. Each box has {each} {things}.")
            }
            Self::GetsAndGives { has, gets, gives } => {
                format!("{name} has {has} {things}, gets {gets} more and then gives away {gives}.")
            }
            Self::BoxesAndGives { num_boxes, each, gives } => {
                format!("{name} has {num_boxes} boxes with {each} {things} each and gives away {gives} {things}.")
            }
        }
    }

    fn working(self) -> String {
        let answer = self.answer();
        match self {
            Self::Gets { has, gets } => format!("{has} + {gets} = {answer}."),
            Self::Gives { has, gives } => format!("{has} - {gives} = {answer}."),
            Self::Boxes { num_boxes, each } => format!("{num_boxes} x {each} = {answer}."),
            Self::GetsAndGives { has, gets, gives } => {
                format!("{has} + {gets} = {sum}, and {sum} - {gives} = {answer}.", sum = has + gets)
            }
            Self::BoxesAndGives { num_boxes, each, gives } => {
                let all = num_boxes * each;
                format!("{num_boxes} x {each} = {all}, and {all} - {gives} = {answer}.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_lies_in_the_range_its_level_promises() {
        for difficulty in Difficulty::all() {
            let mut stream = Stream::new(&[4]);
            for _ in 0..2000 {
                let story = story(&mut stream, difficulty);
                assert!(answers(difficulty).contains(&story.answer()), "{story:?} at level {difficulty}");
            }
        }
    }

    #[test]
    fn the_working_follows_the_story() {
        let story = Story::GetsAndGives { has: 5, gets: 4, gives: 3 };
        assert_eq!(story.telling("Mia", "pens"), "Mia has 5 pens, gets 4 more and then gives away 3.");
        assert_eq!(story.working(), "5 + 4 = 9, and 9 - 3 = 6.");
    }
}
