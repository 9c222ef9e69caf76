//! How many shapes of a kind there are.

use crate::problem::{Content, Generator, Problem, Scale, integer_choices};
use crate::random::Stream;
use crate::scene::{Cell, Colour, Object, Shape, draw_scene, grid_cells};
use crate::{AnswerKind, Difficulty};

/// Equal shapes to count, later among other shapes, and at the hardest levels among equal shapes of another colour.
pub(crate) struct Counting;

const NUM_OPTIONS: usize = 4;

impl Generator for Counting {
    fn problem(&self, stream: &mut Stream, scale: Scale) -> Problem {
        let largest = self.num_answers(scale.difficulty) as i64;
        let answer = stream.within(1..=largest);
        let (objects, is_colour_asked) = objects(stream, scale.difficulty, answer as usize);
        let canvas = draw_scene(stream, scale, &objects);
        let colour = if is_colour_asked { format!("{} ", objects[0].colour) } else { String::new() };
        let (shape, plural) = (objects[0].shape, objects[0].shape.plural());
        let counted: Vec<String> = (1..=answer).map(|count| count.to_string()).collect();
        let finding = match answer {
            1 => format!("I count 1, so there is 1 {colour}{shape}."),
            _ => format!("I count {}, so there are {answer} {colour}{plural}.", counted.join(", ")),
        };
        Problem {
            question: format!("How many {colour}{plural} are there?"),
            answer: answer.to_string(),
            answer_kind: AnswerKind::Integer,
            choices: integer_choices(stream, answer, 1..=largest, NUM_OPTIONS),
            finding,
            content: Content::Picture(canvas),
        }
    }

    fn num_options(&self, _difficulty: Difficulty) -> usize {
        NUM_OPTIONS
    }

    fn num_answers(&self, difficulty: Difficulty) -> usize {
        difficulty.select([4, 5, 6, 8, 9])
    }
}

/// Draws the shapes to count, first, and the others; tells whether the colour must be named to tell them apart.
fn objects(stream: &mut Stream, difficulty: Difficulty, count: usize) -> (Vec<Object>, bool) {
    let is_colour_asked = difficulty.select([false, false, false, true, true]);
    let num_others = stream.within(difficulty.select([0..=0, 0..=0, 1..=3, 2..=4, 3..=6].each_ref()).clone()) as usize;
    let [shape, other_shape] = two(stream, &Shape::ALL);
    let [colour, other_colour] = two(stream, Colour::palette(difficulty));
    // The easiest level always uses the same grid, so that the size of the shapes does not tell their number.
    let cells = grid_cells(stream, difficulty.select([4, 9, 9, 16, 16]));
    let percent = stream.within(60..=80);
    let place = |stream: &mut Stream, cell: &Cell, shape, colour| {
        let radius = cell.half * percent / 100;
        Object { shape, colour, centre: cell.place(stream, radius), radius }
    };
    let mut objects: Vec<Object> = Vec::new();
    for cell in &cells[..count] {
        objects.push(place(stream, cell, shape, colour));
    }
    for cell in cells[count..].iter().take(num_others) {
        let twin_colour = *stream.pick(&[colour, other_colour]);
        let (shape, colour) = match stream.below(2) {
            0 if is_colour_asked => (shape, other_colour),
            _ => (other_shape, twin_colour),
        };
        objects.push(place(stream, cell, shape, colour));
    }
    (objects, is_colour_asked)
}

fn two<T: Clone>(stream: &mut Stream, elements: &[T]) -> [T; 2] {
    let first = stream.below(elements.len() as u64) as usize;
    let step = 1 + stream.below(elements.len() as u64 - 1) as usize;
    [elements[first].clone(), elements[(first + step) % elements.len()].clone()]
}
