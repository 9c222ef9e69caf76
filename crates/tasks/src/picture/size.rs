//! Which of several equal shapes is the biggest or the smallest.

use crate::problem::{Content, Generator, Problem, Scale, word_choices};
use crate::random::Stream;
use crate::scene::{Colour, Object, Shape, draw_scene, grid_cells};
use crate::{AnswerKind, Difficulty};

/// Shapes of one outline and different colours, one of them bigger or smaller than all others by a clear ratio.
pub(crate) struct Size;

/// The largest radius that fits into a cell of a two by two grid, in thousandths.
const LARGEST_RADIUS: i64 = 235;

impl Generator for Size {
    fn problem(&self, stream: &mut Stream, scale: Scale) -> Problem {
        let is_biggest = scale.difficulty == Difficulty::EASIEST || stream.below(2) == 0;
        let objects = objects(stream, scale.difficulty, is_biggest);
        let canvas = draw_scene(stream, scale, &objects);
        let (target, count) = (objects[0], objects.len());
        let mut colours: Vec<Colour> = objects.iter().map(|object| object.colour).collect();
        colours.sort_by_key(|colour| Colour::palette(scale.difficulty).iter().position(|known| known == colour));
        let superlative = if is_biggest { "biggest" } else { "smallest" };
        Problem {
            question: format!("Which {} is the {superlative}?", target.shape),
            answer: target.colour.to_string(),
            answer_kind: AnswerKind::Word,
            choices: word_choices(stream, target.colour, &colours, &colours, count),
            finding: format!("The {target} is the {superlative}."),
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

/// Draws the shapes, the one that stands out first.
fn objects(stream: &mut Stream, difficulty: Difficulty, is_biggest: bool) -> Vec<Object> {
    let count = difficulty.select([3, 3, 4, 4, 4]);
    // The ratio of radii between the one that stands out and the next, in percent.
    let ratio = difficulty.select([200, 170, 145, 130, 120]);
    let shape = *stream.pick(&[Shape::Circle, Shape::Square, Shape::Triangle]);
    let colours = stream.sample(Colour::palette(difficulty), count);
    let cells = grid_cells(stream, count);
    let (standout, others) = if is_biggest {
        let radius = LARGEST_RADIUS - stream.within(0..=20);
        (radius, radius * 70 / ratio..=radius * 100 / ratio)
    } else {
        let radius = LARGEST_RADIUS * 100 / ratio - stream.within(15..=35);
        (radius, radius * ratio / 100 + 1..=LARGEST_RADIUS)
    };
    let radii = (0..count).map(|index| if index == 0 { standout } else { stream.within(others.clone()) });
    let radii: Vec<i64> = radii.collect();
    radii
        .into_iter()
        .zip(colours)
        .zip(cells)
        .map(|((radius, colour), cell)| Object { shape, colour, centre: cell.place(stream, radius), radius })
        .collect()
}
