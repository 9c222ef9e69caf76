//! Reading a length off a ruler.

use crate::canvas::{BLACK, Canvas, Point, Rectangle, WHITE};
use crate::problem::{Content, Generator, Problem, Scale, integer_choices};
use crate::random::Stream;
use crate::scene::Colour;
use crate::{AnswerKind, Difficulty};

/// A stick above a ruler; from the third level on it need not start at zero.
pub(crate) struct Ruler;

const NUM_OPTIONS: usize = 4;
const LEFT: i64 = 80;
const RIGHT: i64 = 890;
/// The upper edge of the ruler, in thousandths.
const EDGE: i64 = 560;

impl Generator for Ruler {
    fn problem(&self, stream: &mut Stream, scale: Scale) -> Problem {
        let units = units(scale.difficulty);
        let length = stream.within(1..=units);
        let start = if scale.difficulty.level() < 3 { 0 } else { stream.within(0..=units - length) };
        let colour = *stream.pick(Colour::palette(scale.difficulty));
        let top = stream.within(180..=330);
        let mut canvas = Canvas::new(scale.image_size, WHITE);
        draw_ruler(&mut canvas, units, scale.difficulty.select([1, 1, 2, 2, 5]));
        let stick =
            Rectangle { left: place(start, units), top, right: place(start + length, units), bottom: top + 170 };
        canvas.fill_rectangle(stick, colour.rgb());
        let end = start + length;
        Problem {
            question: format!("How long is the {colour} stick?"),
            answer: length.to_string(),
            answer_kind: AnswerKind::Integer,
            choices: integer_choices(stream, length, 1..=units, NUM_OPTIONS),
            finding: format!("The stick goes from {start} to {end}, so it is {length} long."),
            content: Content::Picture(canvas),
        }
    }

    fn num_options(&self, _difficulty: Difficulty) -> usize {
        NUM_OPTIONS
    }

    fn num_answers(&self, difficulty: Difficulty) -> usize {
        units(difficulty) as usize
    }
}

const fn units(difficulty: Difficulty) -> i64 {
    difficulty.select([4, 5, 6, 8, 10])
}

const fn place(value: i64, units: i64) -> i64 {
    LEFT + (RIGHT - LEFT) * value / units
}

fn draw_ruler(canvas: &mut Canvas, units: i64, label_step: i64) {
    const BODY: [u8; 3] = [250, 236, 190];
    canvas.fill_rectangle(Rectangle { left: 10, top: EDGE, right: 990, bottom: 900 }, BODY);
    canvas.line(Point::new(10, EDGE), Point::new(990, EDGE), BLACK);
    for value in 0..=units {
        let x = place(value, units);
        let is_labelled = value % label_step == 0;
        let depth = if is_labelled { 120 } else { 80 };
        canvas.line(Point::new(x, EDGE), Point::new(x, EDGE + depth), BLACK);
        if is_labelled {
            canvas.number(value.unsigned_abs(), Point::new(x, EDGE + 220), 1);
        }
    }
}
