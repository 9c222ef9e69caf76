//! Which shape is closest to a black cross, or farthest from it.

use crate::canvas::{BLACK, Point};
use crate::problem::{Content, Generator, Problem, Scale, word_choices};
use crate::random::Stream;
use crate::scene::{Colour, Object, Shape, draw_scene, draw_shape};
use crate::{AnswerKind, Difficulty};

/// Circles of different colours around a black cross, one of them nearer or farther than all others by a clear ratio.
pub(crate) struct Distance;

/// Sixteen directions around a point in thousandths, the way a clock goes.
const COMPASS: [(i64, i64); 16] = [
    (0, -1000),
    (383, -924),
    (707, -707),
    (924, -383),
    (1000, 0),
    (924, 383),
    (707, 707),
    (383, 924),
    (0, 1000),
    (-383, 924),
    (-707, 707),
    (-924, 383),
    (-1000, 0),
    (-924, -383),
    (-707, -707),
    (-383, -924),
];

impl Generator for Distance {
    fn problem(&self, stream: &mut Stream, scale: Scale) -> Problem {
        let is_closest = scale.difficulty == Difficulty::EASIEST || stream.below(2) == 0;
        let (cross, objects) = objects(stream, scale.difficulty, is_closest);
        let mut canvas = draw_scene(stream, scale, &objects);
        draw_shape(&mut canvas, (Shape::Cross, cross, 55), BLACK);
        let (target, count) = (objects[0], objects.len());
        let mut colours: Vec<Colour> = objects.iter().map(|object| object.colour).collect();
        colours.sort_by_key(|colour| Colour::palette(scale.difficulty).iter().position(|known| known == colour));
        let superlative = if is_closest { "closest to" } else { "farthest from" };
        Problem {
            question: format!("Which circle is {superlative} the black cross?"),
            answer: target.colour.to_string(),
            answer_kind: AnswerKind::Word,
            choices: word_choices(stream, target.colour, &colours, &colours, count),
            finding: format!("The {target} is {superlative} the black cross."),
            content: Content::Picture(canvas),
        }
    }

    fn num_options(&self, difficulty: Difficulty) -> usize {
        difficulty.select([3, 3, 4, 4, 4])
    }

    fn num_answers(&self, difficulty: Difficulty) -> usize {
        Colour::palette(difficulty).len()
    }
}

/// Draws the place of the cross and the circles around it, the one that stands out first.
fn objects(stream: &mut Stream, difficulty: Difficulty, is_closest: bool) -> (Point, Vec<Object>) {
    let count = difficulty.select([3, 3, 4, 4, 4]);
    // The ratio of distances between the one that stands out and the next, in percent.
    let ratio = difficulty.select([200, 175, 150, 130, 118]);
    let radius = difficulty.select([115, 105, 95, 80, 70]);
    let drift = difficulty.select([0, 15, 20, 30, 40]);
    let cross = Point::new(500 + stream.within(-drift..=drift), 500 + stream.within(-drift..=drift));
    let (farthest, nearest) = (490 - radius - drift, radius + 60);
    let (standout, others) = if is_closest {
        let distance = stream.within(nearest..=farthest * 95 / ratio);
        (distance, distance * ratio / 100 + 1..=farthest)
    } else {
        let distance = farthest - stream.within(0..=10);
        (distance, nearest..=(distance * 100 / ratio).max(nearest))
    };
    let quarter_turns = stream.sample(&[0, 4, 8, 12], count);
    let turn = stream.below(4) as usize;
    let colours = stream.sample(Colour::palette(difficulty), count);
    let mut objects = Vec::new();
    for (index, (quarter_turn, colour)) in quarter_turns.into_iter().zip(colours).enumerate() {
        let distance = if index == 0 { standout } else { stream.within(others.clone()) };
        let (right, down) = COMPASS[quarter_turn + turn];
        let centre = cross.shifted(right * distance / 1000, down * distance / 1000);
        objects.push(Object { shape: Shape::Circle, colour, centre, radius });
    }
    (cross, objects)
}
