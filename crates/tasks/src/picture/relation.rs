//! Where one shape lies relative to another.

use std::fmt;

use crate::canvas::Point;
use crate::problem::{Content, Generator, Problem, Scale, word_choices};
use crate::random::Stream;
use crate::scene::{Colour, Object, Shape, draw_scene};
use crate::{AnswerKind, Difficulty};

/// Two shapes apart along one axis, later among others and less far apart.
pub(crate) struct Relation;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Left,
    Right,
    Above,
    Below,
}

const DIRECTIONS: [Direction; 4] = [Direction::Left, Direction::Right, Direction::Above, Direction::Below];

impl Generator for Relation {
    fn problem(&self, stream: &mut Stream, scale: Scale) -> Problem {
        let direction = *stream.pick(&DIRECTIONS);
        let objects = objects(stream, scale.difficulty, direction);
        let canvas = draw_scene(stream, scale, &objects);
        let (target, reference) = (objects[0], objects[1]);
        let question = match stream.below(scale.difficulty.select([1, 1, 2, 2, 2])) {
            0 => format!("Where is the {target} relative to the {reference}?"),
            _ => format!("Relative to the {reference}, where is the {target}?"),
        };
        Problem {
            question,
            answer: direction.to_string(),
            answer_kind: AnswerKind::Word,
            choices: word_choices(stream, direction, &[], &DIRECTIONS, DIRECTIONS.len()),
            finding: format!("The {target} is {} the {reference}.", direction.phrase()),
            content: Content::Picture(canvas),
        }
    }

    fn num_options(&self, _difficulty: Difficulty) -> usize {
        DIRECTIONS.len()
    }

    fn num_answers(&self, _difficulty: Difficulty) -> usize {
        DIRECTIONS.len()
    }
}

impl Direction {
    const fn phrase(self) -> &'static str {
        match self {
            Self::Left => "left of",
            Self::Right => "right of",
            Self::Above => "above",
            Self::Below => "below",
        }
    }

    /// Returns the offset of something `along` thousandths in this direction and `across` thousandths beside it.
    const fn offset(self, along: i64, across: i64) -> (i64, i64) {
        match self {
            Self::Left => (-along, across),
            Self::Right => (along, across),
            Self::Above => (across, -along),
            Self::Below => (across, along),
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Left => "left",
            Self::Right => "right",
            Self::Above => "above",
            Self::Below => "below",
        })
    }
}

/// Draws the target, the reference and as many bystanders as the level has and the canvas takes.
fn objects(stream: &mut Stream, difficulty: Difficulty, direction: Direction) -> Vec<Object> {
    let (radius, half_gap) =
        (difficulty.select([190, 160, 120, 100, 85]), difficulty.select([250, 230, 200, 170, 140]));
    let (slack, drift) = (500 - radius - half_gap - 10, difficulty.select([0, 60, 60, 60, 60]));
    let middle = Point::new(500 + stream.within(-slack..=slack), 500 + stream.within(-slack..=slack));
    let (right, down) = direction.offset(half_gap, stream.within(-drift..=drift));
    let (inner, outer) = (middle.shifted(-right, -down), middle.shifted(right, down));

    let num_bystanders = difficulty.select([0, 0, 1, 2, 3]);
    let shapes = stream.sample(&Shape::ALL, 2 + num_bystanders);
    let colours = stream.sample(Colour::palette(difficulty), 2 + num_bystanders);
    let object = |index: usize, centre| Object { shape: shapes[index], colour: colours[index], centre, radius };

    let mut objects = vec![object(0, outer), object(1, inner)];
    for index in 2..2 + num_bystanders {
        // A crowded canvas may have no room left; the item is as good without the bystander.
        let placed = (0..40).find_map(|_| {
            let reach = radius + 10;
            let centre = Point::new(stream.within(reach..=1000 - reach), stream.within(reach..=1000 - reach));
            let candidate = object(index, centre);
            objects.iter().all(|other| candidate.is_clear_of(other, 10)).then_some(candidate)
        });
        objects.extend(placed);
    }
    objects
}
