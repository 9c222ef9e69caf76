//! Sums and perimeters of sides that carry their lengths.

use crate::canvas::{BLACK, Canvas, Point, Rectangle, Rgb, WHITE};
use crate::problem::{Content, Generator, Problem, Scale, integer_choices};
use crate::random::Stream;
use crate::{AnswerKind, Difficulty};

/// A rectangle or a triangle with numbers at its sides: the sum of the marked sides, or the perimeter.
pub(crate) struct MarkedLengths;

const NUM_OPTIONS: usize = 4;
/// The fill of the figures, pale enough to read black beside it.
const FILL: Rgb = [190, 215, 245];
/// The size of the numbers, in dots for each 84 pixels.
const NUMBER_SCALE: i64 = 2;

#[derive(Debug, Clone, Copy)]
struct Level {
    question: &'static str,
    num_marked: i64,
    /// How often each marked length enters the answer.
    times: i64,
    shortest: i64,
    longest: i64,
}

impl Generator for MarkedLengths {
    fn problem(&self, stream: &mut Stream, scale: Scale) -> Problem {
        let level = level(scale.difficulty);
        let (least, most) = (level.num_marked * level.shortest, level.num_marked * level.longest);
        let sum = stream.within(least..=most);
        let sides = sides(stream, level, sum);
        let mut canvas = Canvas::new(scale.image_size, WHITE);
        match sides[..] {
            [width, height] => draw_rectangle(&mut canvas, stream, (width, height)),
            _ => draw_triangle(&mut canvas, stream, &sides),
        }
        let answer = sum * level.times;
        let terms: Vec<String> = sides.repeat(level.times as usize).iter().map(i64::to_string).collect();
        let sums = integer_choices(stream, sum, least..=most, NUM_OPTIONS);
        Problem {
            question: level.question.to_owned(),
            answer: answer.to_string(),
            answer_kind: AnswerKind::Integer,
            choices: sums
                .iter()
                .flat_map(|sum| sum.parse::<i64>())
                .map(|sum| (sum * level.times).to_string())
                .collect(),
            finding: format!("The sides give {} = {answer}.", terms.join(" + ")),
            content: Content::Picture(canvas),
        }
    }

    fn num_options(&self, _difficulty: Difficulty) -> usize {
        NUM_OPTIONS
    }

    fn num_answers(&self, difficulty: Difficulty) -> usize {
        let level = level(difficulty);
        (level.num_marked * (level.longest - level.shortest) + 1) as usize
    }
}

/// Describes a level. Sides of a triangle are 5 to 9 long, of which any three close.
const fn level(difficulty: Difficulty) -> Level {
    const SUM: &str = "What is the sum of the two sides?";
    const TRIANGLE: &str = "What is the perimeter of the triangle?";
    const RECTANGLE: &str = "What is the perimeter of the rectangle?";
    difficulty.select([
        Level { question: SUM, num_marked: 2, times: 1, shortest: 1, longest: 4 },
        Level { question: SUM, num_marked: 2, times: 1, shortest: 1, longest: 9 },
        Level { question: TRIANGLE, num_marked: 3, times: 1, shortest: 5, longest: 9 },
        Level { question: RECTANGLE, num_marked: 2, times: 2, shortest: 1, longest: 9 },
        Level { question: RECTANGLE, num_marked: 2, times: 2, shortest: 5, longest: 25 },
    ])
}

/// Draws the marked lengths, each within the level's bounds, that add up to `sum`.
fn sides(stream: &mut Stream, level: Level, sum: i64) -> Vec<i64> {
    let mut rest = sum;
    let mut sides: Vec<i64> = Vec::new();
    for num_left in (0..level.num_marked).rev() {
        let least = level.shortest.max(rest - num_left * level.longest);
        let most = level.longest.min(rest - num_left * level.shortest);
        let side = stream.within(least..=most);
        sides.push(side);
        rest -= side;
    }
    stream.shuffle(&mut sides);
    sides
}

/// Draws a rectangle of about the right proportions with the width below it and the height at its left.
fn draw_rectangle(canvas: &mut Canvas, stream: &mut Stream, (width, height): (i64, i64)) {
    const LONGEST: i64 = 640;
    const SHORTEST: i64 = 240;
    let longer = width.max(height);
    let (across, down) = ((LONGEST * width / longer).max(SHORTEST), (LONGEST * height / longer).max(SHORTEST));
    let left = 310 + stream.within(0..=LONGEST - across + 20);
    let top = 40 + stream.within(0..=LONGEST - down + 20);
    let outer = Rectangle { left, top, right: left + across, bottom: top + down };
    canvas.framed_rectangle(outer, FILL);
    canvas.number(width.unsigned_abs(), Point::new(left + across / 2, outer.bottom + 130), NUMBER_SCALE);
    canvas.number(height.unsigned_abs(), Point::new(left - 155, top + down / 2), NUMBER_SCALE);
}

/// Draws a triangle, not to scale, with a number beside each side.
fn draw_triangle(canvas: &mut Canvas, stream: &mut Stream, sides: &[i64]) {
    let top = Point::new(500 + stream.within(-60..=60), 60 + stream.within(0..=40));
    let (left, right) = (Point::new(180, 720), Point::new(820, 720));
    canvas.fill_polygon(&[top, left, right], BLACK);
    canvas.fill_polygon(&[top.shifted(0, 56), left.shifted(50, -26), right.shifted(-50, -26)], FILL);
    let places = [
        Point::new((top.x + left.x) / 2 - 130, (top.y + left.y) / 2 - 20),
        Point::new((top.x + right.x) / 2 + 130, (top.y + right.y) / 2 - 20),
        Point::new(500, 860),
    ];
    for (side, place) in sides.iter().zip(places) {
        canvas.number(side.unsigned_abs(), place, NUMBER_SCALE);
    }
}
