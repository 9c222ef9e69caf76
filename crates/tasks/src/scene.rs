//! Coloured shapes on a canvas: what they are and where they may lie.

use std::fmt;

use crate::Difficulty;
use crate::canvas::{Canvas, Point, Rgb, WHITE};
use crate::random::Stream;

/// The colour of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    Red,
    Green,
    Blue,
    Yellow,
    Purple,
    Orange,
    Pink,
    Brown,
}

/// The outline of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Circle,
    Square,
    Triangle,
    Cross,
    Diamond,
    Star,
}

/// A shape of one colour at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Object {
    pub shape: Shape,
    pub colour: Colour,
    pub centre: Point,
    /// Distance from the centre to the farthest point along an axis, in thousandths.
    pub radius: i64,
}

/// One cell of a grid laid over the canvas.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    pub centre: Point,
    /// Half of the cell's side, in thousandths.
    pub half: i64,
}

// === impl Colour ===

impl Colour {
    const ALL: [Self; 8] =
        [Self::Red, Self::Green, Self::Blue, Self::Yellow, Self::Purple, Self::Orange, Self::Pink, Self::Brown];

    /// Returns the colours used at a level: those easy to tell apart come first.
    pub fn palette(difficulty: Difficulty) -> &'static [Self] {
        &Self::ALL[..difficulty.select([4, 6, 6, 8, 8])]
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Green => "green",
            Self::Blue => "blue",
            Self::Yellow => "yellow",
            Self::Purple => "purple",
            Self::Orange => "orange",
            Self::Pink => "pink",
            Self::Brown => "brown",
        }
    }

    pub const fn rgb(self) -> Rgb {
        match self {
            Self::Red => [220, 30, 30],
            Self::Green => [30, 160, 60],
            Self::Blue => [40, 70, 220],
            Self::Yellow => [245, 205, 0],
            Self::Purple => [140, 40, 170],
            Self::Orange => [255, 125, 0],
            Self::Pink => [255, 130, 190],
            Self::Brown => [115, 65, 25],
        }
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

// === impl Shape ===

impl Shape {
    /// All shapes, the plainest first.
    pub const ALL: [Self; 6] = [Self::Circle, Self::Square, Self::Triangle, Self::Cross, Self::Diamond, Self::Star];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Circle => "circle",
            Self::Square => "square",
            Self::Triangle => "triangle",
            Self::Cross => "cross",
            Self::Diamond => "diamond",
            Self::Star => "star",
        }
    }

    pub const fn plural(self) -> &'static str {
        match self {
            Self::Circle => "circles",
            Self::Square => "squares",
            Self::Triangle => "triangles",
            Self::Cross => "crosses",
            Self::Diamond => "diamonds",
            Self::Star => "stars",
        }
    }

    /// Returns the corners in thousandths of the radius, none for the circle.
    const fn corners(self) -> &'static [(i64, i64)] {
        match self {
            Self::Circle => &[],
            Self::Square => &[(-900, -900), (900, -900), (900, 900), (-900, 900)],
            Self::Triangle => &[(0, -1000), (1000, 850), (-1000, 850)],
            Self::Diamond => &[(0, -1000), (800, 0), (0, 1000), (-800, 0)],
            Self::Cross => &[
                (-330, -1000),
                (330, -1000),
                (330, -330),
                (1000, -330),
                (1000, 330),
                (330, 330),
                (330, 1000),
                (-330, 1000),
                (-330, 330),
                (-1000, 330),
                (-1000, -330),
                (-330, -330),
            ],
            Self::Star => &[
                (0, -1000),
                (235, -324),
                (951, -309),
                (380, 124),
                (588, 809),
                (0, 400),
                (-588, 809),
                (-380, 124),
                (-951, -309),
                (-235, -324),
            ],
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

// === impl Object ===

impl Object {
    /// Paints the object.
    pub fn draw(&self, canvas: &mut Canvas) {
        draw_shape(canvas, (self.shape, self.centre, self.radius), self.colour.rgb());
    }

    /// Tells whether the squares around two objects stay `gap` thousandths apart.
    pub fn is_clear_of(&self, other: &Self, gap: i64) -> bool {
        let reach = self.radius + other.radius + gap;
        (self.centre.x - other.centre.x).abs() >= reach || (self.centre.y - other.centre.y).abs() >= reach
    }
}

impl fmt::Display for Object {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.colour, self.shape)
    }
}

/// Paints a shape in any colour.
pub(crate) fn draw_shape(canvas: &mut Canvas, (shape, centre, radius): (Shape, Point, i64), rgb: Rgb) {
    if shape == Shape::Circle {
        return canvas.fill_circle(centre, radius, rgb);
    }
    let place = |(x, y): &(i64, i64)| centre.shifted(x * radius / 1000, y * radius / 1000);
    let corners: Vec<Point> = shape.corners().iter().map(place).collect();
    canvas.fill_polygon(&corners, rgb);
}

/// Paints objects on the background of their level: white while it is easy, then one of several pale tones.
pub(crate) fn draw_scene(stream: &mut Stream, scale: crate::problem::Scale, objects: &[Object]) -> Canvas {
    const TONES: [Rgb; 4] = [WHITE, [232, 232, 232], [245, 240, 222], [222, 236, 245]];
    let num_tones = scale.difficulty.select([1, 1, 4, 4, 4]);
    let mut canvas = Canvas::new(scale.image_size, *stream.pick(&TONES[..num_tones]));
    for object in objects {
        object.draw(&mut canvas);
    }
    canvas
}

/// Chooses `count` different cells of the coarsest square grid that has enough.
pub(crate) fn grid_cells(stream: &mut Stream, count: usize) -> Vec<Cell> {
    let side = (1..).find(|side| side * side >= count as i64).unwrap_or(1);
    let half = 500 / side;
    let cells: Vec<Cell> = (0..side * side)
        .map(|cell| Cell { centre: Point::new((2 * (cell % side) + 1) * half, (2 * (cell / side) + 1) * half), half })
        .collect();
    stream.sample(&cells, count)
}

impl Cell {
    /// Draws a centre such that a shape of this radius stays inside the cell.
    pub fn place(&self, stream: &mut Stream, radius: i64) -> Point {
        let slack = (self.half - radius - 8).max(0);
        self.centre.shifted(stream.within(-slack..=slack), stream.within(-slack..=slack))
    }
}
