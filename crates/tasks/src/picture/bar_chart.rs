//! Reading values off a bar chart.

use crate::canvas::{BLACK, Canvas, GREY, Point, Rectangle, WHITE};
use crate::problem::{Content, Generator, Problem, Scale, integer_choices};
use crate::random::Stream;
use crate::scene::Colour;
use crate::{AnswerKind, Difficulty};

/// A few coloured bars beside a scale; at the hardest level sometimes the difference of two bars is asked.
pub(crate) struct BarChart;

const NUM_OPTIONS: usize = 4;

/// The area that the bars grow in, in thousandths.
const PLOT: Rectangle = Rectangle { left: 235, top: 75, right: 985, bottom: 915 };

#[derive(Debug)]
struct Chart {
    bars: Vec<(Colour, i64)>,
    top_value: i64,
    /// Every so many units there is a number beside the scale.
    label_step: i64,
    has_grid: bool,
}

impl Generator for BarChart {
    fn problem(&self, stream: &mut Stream, scale: Scale) -> Problem {
        let chart = chart(stream, scale.difficulty);
        let canvas = draw(&chart, scale.image_size);
        let is_difference = scale.difficulty == Difficulty::HARDEST && stream.below(2) == 0;
        let (question, answer, finding) = if is_difference { ask_difference(&chart) } else { ask_value(&chart) };
        Problem {
            question,
            answer: answer.to_string(),
            answer_kind: AnswerKind::Integer,
            choices: integer_choices(stream, answer, 1..=chart.top_value, NUM_OPTIONS),
            finding,
            content: Content::Picture(canvas),
        }
    }

    fn num_options(&self, _difficulty: Difficulty) -> usize {
        NUM_OPTIONS
    }

    fn num_answers(&self, difficulty: Difficulty) -> usize {
        top_value(difficulty) as usize
    }
}

const fn top_value(difficulty: Difficulty) -> i64 {
    difficulty.select([4, 5, 6, 8, 10])
}

/// Draws the values; the first bar is higher than the second wherever their difference may be asked.
fn chart(stream: &mut Stream, difficulty: Difficulty) -> Chart {
    let (count, top_value) = (difficulty.select([2, 3, 3, 4, 5]), top_value(difficulty));
    let colours = stream.sample(Colour::palette(difficulty), count);
    let mut bars: Vec<(Colour, i64)> =
        colours.into_iter().map(|colour| (colour, stream.within(1..=top_value))).collect();
    if difficulty == Difficulty::HARDEST {
        let difference = stream.within(1..=top_value - 1);
        bars[1].1 = stream.within(1..=top_value - difference);
        bars[0].1 = bars[1].1 + difference;
    }
    Chart {
        bars,
        top_value,
        label_step: difficulty.select([1, 1, 2, 2, 5]),
        has_grid: difficulty.select([true, true, true, false, false]),
    }
}

fn ask_value(chart: &Chart) -> (String, i64, String) {
    let (colour, value) = chart.bars[0];
    (format!("What is the value of the {colour} bar?"), value, format!("The {colour} bar goes up to {value}."))
}

fn ask_difference(chart: &Chart) -> (String, i64, String) {
    let [(high_colour, high), (low_colour, low)] = [chart.bars[0], chart.bars[1]];
    let difference = high - low;
    let question = format!("By how much is the {high_colour} bar higher than the {low_colour} bar?");
    (question, difference, format!("The bars are {high} and {low}, and {high} - {low} = {difference}."))
}

fn draw(chart: &Chart, image_size: u32) -> Canvas {
    let mut canvas = Canvas::new(image_size, WHITE);
    let height = |value: i64| PLOT.bottom - (PLOT.bottom - PLOT.top) * value / chart.top_value;
    for value in 0..=chart.top_value {
        let y = height(value);
        if chart.has_grid && value > 0 {
            canvas.line(Point::new(PLOT.left, y), Point::new(PLOT.right, y), GREY);
        }
        canvas.line(Point::new(PLOT.left - 30, y), Point::new(PLOT.left, y), BLACK);
        if value % chart.label_step == 0 {
            canvas.number(value.unsigned_abs(), Point::new(PLOT.left - 135, y), 1);
        }
    }
    let slot = (PLOT.right - PLOT.left) / chart.bars.len() as i64;
    for (position, (colour, value)) in positions(chart).into_iter().enumerate() {
        let left = PLOT.left + slot * position as i64 + slot / 5;
        let bar = Rectangle { left, top: height(value), right: left + slot * 3 / 5, bottom: PLOT.bottom };
        canvas.fill_rectangle(bar, colour.rgb());
    }
    canvas.line(Point::new(PLOT.left, PLOT.top), Point::new(PLOT.left, PLOT.bottom), BLACK);
    canvas.line(Point::new(PLOT.left, PLOT.bottom), Point::new(PLOT.right, PLOT.bottom), BLACK);
    canvas
}

/// Orders the bars by colour, so that the first of the list, which is asked about, may stand anywhere.
fn positions(chart: &Chart) -> Vec<(Colour, i64)> {
    let mut bars = chart.bars.clone();
    bars.sort_by_key(|(colour, _)| *colour as u8);
    bars
}
