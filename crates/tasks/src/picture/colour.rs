//! Which colour a named shape has.

use crate::problem::{Content, Generator, Problem, Scale, word_choices};
use crate::random::Stream;
use crate::scene::{self, Object, Shape, draw_scene, grid_cells};
use crate::{AnswerKind, Difficulty};

/// One to six different shapes; the question names one and asks for its colour.
pub(crate) struct Colour;

const NUM_OPTIONS: usize = 4;

impl Generator for Colour {
    fn problem(&self, stream: &mut Stream, scale: Scale) -> Problem {
        let palette = scene::Colour::palette(scale.difficulty);
        let objects = objects(stream, scale.difficulty);
        let canvas = draw_scene(stream, scale, &objects);
        let target = objects[0];
        let present: Vec<scene::Colour> = objects.iter().map(|object| object.colour).collect();
        let shape = target.shape;
        let finding = match stream.below(2) {
            0 => format!("The {shape} is {}.", target.colour),
            _ => format!("I see a {target}."),
        };
        Problem {
            question: format!("What colour is the {shape}?"),
            answer: target.colour.to_string(),
            answer_kind: AnswerKind::Word,
            choices: word_choices(stream, target.colour, &present, palette, NUM_OPTIONS),
            finding,
            content: Content::Picture(canvas),
        }
    }

    fn num_options(&self, _difficulty: Difficulty) -> usize {
        NUM_OPTIONS
    }

    fn num_answers(&self, difficulty: Difficulty) -> usize {
        scene::Colour::palette(difficulty).len()
    }
}

fn objects(stream: &mut Stream, difficulty: Difficulty) -> Vec<Object> {
    let count = difficulty.select([1, 2, 3, 4, 6]);
    let shapes = stream.sample(&Shape::ALL, count);
    let colours = stream.sample(scene::Colour::palette(difficulty), count);
    let cells = grid_cells(stream, count);
    shapes
        .into_iter()
        .zip(colours)
        .zip(cells)
        .map(|((shape, colour), cell)| {
            let radius = cell.half * stream.within(60..=85) / 100;
            Object { shape, colour, centre: cell.place(stream, radius), radius }
        })
        .collect()
}
