//! A small rasteriser in whole numbers, so that every platform draws the same pixels.
//!
//! Coordinates are thousandths of the picture's side, from the top left corner. Edges are smoothed over 4 by 4 samples a pixel.

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use crate::{Picture, digits};

/// A colour: red, green and blue.
pub(crate) type Rgb = [u8; 3];

pub(crate) const BLACK: Rgb = [0, 0, 0];
pub(crate) const GREY: Rgb = [170, 170, 170];
pub(crate) const WHITE: Rgb = [255, 255, 255];

/// A place on the canvas, in thousandths of its side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Point {
    pub x: i64,
    pub y: i64,
}

/// An upright rectangle, in thousandths of the canvas's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rectangle {
    pub left: i64,
    pub top: i64,
    pub right: i64,
    pub bottom: i64,
}

/// A square picture being drawn.
#[derive(Debug, Clone)]
pub(crate) struct Canvas {
    size: i64,
    pixels: Vec<u8>,
}

/// Fixed-point steps a pixel.
const STEPS: i64 = 256;
/// Samples along each side of a pixel.
const SAMPLES: i64 = 4;

impl Point {
    pub const fn new(x: i64, y: i64) -> Self {
        Self { x, y }
    }

    /// Returns the point moved by thousandths of the canvas.
    pub const fn shifted(self, right: i64, down: i64) -> Self {
        Self { x: self.x + right, y: self.y + down }
    }
}

impl Canvas {
    /// Opens a canvas of `size` by `size` pixels in one colour.
    pub fn new(size: u32, background: Rgb) -> Self {
        let num_pixels = size as usize * size as usize;
        Self { size: i64::from(size), pixels: background.repeat(num_pixels) }
    }

    /// Returns the pixels, three bytes each, row by row.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Fills a circle.
    pub fn fill_circle(&mut self, centre: Point, radius: i64, colour: Rgb) {
        let (centre, radius) = (self.fixed(centre), self.fixed_length(radius));
        self.fill((centre.y - radius, centre.y + radius), colour, |y| {
            let half_width = (radius * radius - (y - centre.y) * (y - centre.y)).max(0).isqrt();
            vec![centre.x - half_width, centre.x + half_width]
        });
    }

    /// Fills a polygon by the even-odd rule.
    pub fn fill_polygon(&mut self, corners: &[Point], colour: Rgb) {
        let corners: Vec<Point> = corners.iter().map(|corner| self.fixed(*corner)).collect();
        let heights = || corners.iter().map(|corner| corner.y);
        let bounds = (heights().min().unwrap_or_default(), heights().max().unwrap_or_default());
        self.fill(bounds, colour, |y| crossings(&corners, y));
    }

    /// Fills an upright rectangle, its edges rounded to whole pixels so that thin lines stay sharp.
    pub fn fill_rectangle(&mut self, rectangle: Rectangle, colour: Rgb) {
        let bounds = self.pixel_bounds(rectangle);
        self.fill_pixels(bounds, colour);
    }

    /// Fills an upright rectangle and draws a black border of even width inside its edges.
    pub fn framed_rectangle(&mut self, rectangle: Rectangle, colour: Rgb) {
        let outer = self.pixel_bounds(rectangle);
        let border = 2 * self.line_width();
        self.fill_pixels(outer, BLACK);
        let inner = Rectangle {
            left: outer.left + border,
            top: outer.top + border,
            right: outer.right - border,
            bottom: outer.bottom - border,
        };
        self.fill_pixels(inner, colour);
    }

    /// Draws a vertical or horizontal line of a whole number of pixels from `start` to `end`.
    pub fn line(&mut self, start: Point, end: Point, colour: Rgb) {
        let thickness = 1000 * self.line_width() / self.size;
        let (right, bottom) =
            if start.x == end.x { (start.x + thickness, end.y) } else { (end.x, start.y + thickness) };
        self.fill_rectangle(Rectangle { left: start.x, top: start.y, right, bottom }, colour);
    }

    /// Writes a whole number centred on a point; `scale` is the size in dots of the font for each 84 pixels.
    pub fn number(&mut self, number: u64, centre: Point, scale: i64) {
        let dot = (scale * self.size / 84).max(1);
        let text = number.to_string();
        let (width, height) = (digits::text_width(&text) * dot, digits::HEIGHT * dot);
        let left = self.nearest_pixel(centre.x) - width / 2;
        let top = self.nearest_pixel(centre.y) - height / 2;
        for at in digits::dots(&text) {
            for offset in 0..dot * dot {
                let pixel = (left + at.x * dot + offset % dot, top + at.y * dot + offset / dot);
                self.blend(pixel, BLACK, SAMPLES * SAMPLES);
            }
        }
    }

    /// Encodes the picture as PNG.
    pub fn encode(&self) -> Picture {
        let size = self.size as u32;
        let mut png = Vec::new();
        PngEncoder::new(&mut png)
            .write_image(&self.pixels, size, size, ExtendedColorType::Rgb8)
            .expect("a buffer of the stated size is encoded into memory");
        Picture { size, png }
    }

    /// Rounds a rectangle to whole pixels, at least one each way.
    fn pixel_bounds(&self, rectangle: Rectangle) -> Rectangle {
        let (left, top) = (self.nearest_pixel(rectangle.left), self.nearest_pixel(rectangle.top));
        let right = self.nearest_pixel(rectangle.right).max(left + 1);
        let bottom = self.nearest_pixel(rectangle.bottom).max(top + 1);
        Rectangle { left, top, right, bottom }
    }

    fn fill_pixels(&mut self, bounds: Rectangle, colour: Rgb) {
        for y in bounds.top..bounds.bottom {
            for x in bounds.left..bounds.right {
                self.blend((x, y), colour, SAMPLES * SAMPLES);
            }
        }
    }

    fn line_width(&self) -> i64 {
        (self.size / 84).max(1)
    }

    /// Inks every sample between the first and the second place that `crossings` lists for its row, the third and the
    /// fourth, and so on.
    fn fill(&mut self, (top, bottom): (i64, i64), colour: Rgb, crossings: impl Fn(i64) -> Vec<i64>) {
        let row_of = |step: i64| (step / STEPS).clamp(0, self.size - 1);
        for y in row_of(top)..=row_of(bottom) {
            let mut num_covered = vec![0; self.size as usize];
            for sample in 0..SAMPLES {
                for span in crossings(y * STEPS + place(sample)).chunks_exact(2) {
                    cover(&mut num_covered, span[0], span[1]);
                }
            }
            for (x, num_covered) in num_covered.into_iter().enumerate() {
                self.blend((x as i64, y), colour, num_covered);
            }
        }
    }

    fn blend(&mut self, (x, y): (i64, i64), colour: Rgb, num_covered: i64) {
        if num_covered == 0 || !(0..self.size).contains(&x) || !(0..self.size).contains(&y) {
            return;
        }
        let start = ((y * self.size + x) * 3) as usize;
        for (channel, ink) in self.pixels[start..start + 3].iter_mut().zip(colour) {
            let num_samples = SAMPLES * SAMPLES;
            let sum = i64::from(ink) * num_covered + i64::from(*channel) * (num_samples - num_covered);
            *channel = ((sum + num_samples / 2) / num_samples) as u8;
        }
    }

    fn fixed(&self, at: Point) -> Point {
        Point::new(self.fixed_length(at.x), self.fixed_length(at.y))
    }

    fn fixed_length(&self, thousandths: i64) -> i64 {
        thousandths * self.size * STEPS / 1000
    }

    fn nearest_pixel(&self, thousandths: i64) -> i64 {
        (thousandths * self.size + 500).div_euclid(1000)
    }
}

/// Returns where a sample lies within its pixel, in fixed-point steps.
const fn place(sample: i64) -> i64 {
    STEPS / SAMPLES * sample + STEPS / SAMPLES / 2
}

/// Counts the samples of one row that lie from `start` up to `end`.
fn cover(num_covered: &mut [i64], start: i64, end: i64) {
    let first = start.div_euclid(STEPS).max(0);
    let last = end.div_euclid(STEPS).min(num_covered.len() as i64 - 1);
    for x in first..=last {
        let is_covered = |sample: &i64| (start..end).contains(&(x * STEPS + place(*sample)));
        num_covered[x as usize] += (0..SAMPLES).filter(is_covered).count() as i64;
    }
}

/// Lists where the edges of a polygon cross a row, from left to right.
fn crossings(corners: &[Point], y: i64) -> Vec<i64> {
    let mut crossings = Vec::new();
    for (index, corner) in corners.iter().enumerate() {
        let next = corners[(index + 1) % corners.len()];
        let (upper, lower) = if corner.y < next.y { (*corner, next) } else { (next, *corner) };
        if (upper.y..lower.y).contains(&y) {
            let (rise, run) = (lower.y - upper.y, lower.x - upper.x);
            crossings.push(upper.x + (run * (y - upper.y)).div_euclid(rise));
        }
    }
    crossings.sort_unstable();
    crossings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn num_inked(canvas: &Canvas) -> usize {
        canvas.pixels().chunks(3).filter(|pixel| **pixel != WHITE).count()
    }

    #[test]
    fn a_circle_covers_the_area_it_should() {
        let mut canvas = Canvas::new(200, WHITE);
        canvas.fill_circle(Point::new(500, 500), 250, BLACK);
        let darkness: f64 = canvas.pixels().iter().map(|channel| f64::from(255 - channel) / 765.0).sum();
        assert!((darkness - std::f64::consts::PI * 2500.0).abs() < 30.0, "{darkness}");
    }

    #[test]
    fn a_polygon_does_not_care_for_the_direction_of_its_corners() {
        let corners = [Point::new(100, 100), Point::new(900, 200), Point::new(400, 800)];
        let (mut forward, mut backward) = (Canvas::new(84, WHITE), Canvas::new(84, WHITE));
        forward.fill_polygon(&corners, BLACK);
        backward.fill_polygon(&[corners[2], corners[1], corners[0]], BLACK);
        assert_eq!(forward.pixels(), backward.pixels());
        assert!((1500..2200).contains(&num_inked(&forward)), "{}", num_inked(&forward));
    }

    #[test]
    fn what_lies_outside_the_canvas_is_cut_off() {
        let mut canvas = Canvas::new(84, WHITE);
        canvas.fill_circle(Point::new(1000, 1000), 200, BLACK);
        canvas.number(88, Point::new(0, 0), 2);
        canvas.line(Point::new(-100, 500), Point::new(1100, 500), BLACK);
        assert!(num_inked(&canvas) > 0);
    }

    #[test]
    fn a_line_is_one_pixel_wide_at_the_default_size() {
        let mut canvas = Canvas::new(84, WHITE);
        canvas.line(Point::new(500, 0), Point::new(500, 1000), BLACK);
        assert_eq!(num_inked(&canvas), 84);
    }

    #[test]
    fn the_png_decodes_to_the_same_pixels() {
        let mut canvas = Canvas::new(84, WHITE);
        canvas.fill_circle(Point::new(300, 600), 200, [220, 30, 30]);
        let picture = canvas.encode();
        let decoded = image::load_from_memory(&picture.png).unwrap().to_rgb8();
        assert_eq!(decoded.as_raw(), canvas.pixels());
    }
}
