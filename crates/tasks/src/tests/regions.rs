//! Reading a picture back: connected regions of one colour, their shapes, and the numbers written on it.

use std::collections::BTreeMap;

use image::{Rgb, RgbImage};

use crate::scene::{Colour, Shape};
use crate::{Difficulty, Item, digits};

/// A connected region of one named colour, or of black.
#[derive(Debug)]
pub(super) struct Region {
    /// No name means black.
    pub colour: Option<&'static str>,
    pub area: i64,
    left: i64,
    right: i64,
    top: i64,
    bottom: i64,
    sum: (i64, i64),
}

impl Region {
    pub fn width(&self) -> i64 {
        self.right - self.left + 1
    }

    pub fn height(&self) -> i64 {
        self.bottom - self.top + 1
    }

    pub fn centroid(&self) -> (f64, f64) {
        (self.sum.0 as f64 / self.area as f64, self.sum.1 as f64 / self.area as f64)
    }

    /// Returns the outline whose filling and proportions are closest.
    pub fn shape(&self) -> Shape {
        let fill = self.area as f64 / (self.width() * self.height()) as f64;
        let aspect = self.width() as f64 / self.height() as f64;
        let distance = |shape: &Shape| {
            let (ideal_fill, ideal_aspect) = match shape {
                Shape::Circle => (0.785, 1.0),
                Shape::Square => (1.0, 1.0),
                Shape::Triangle => (0.5, 1.08),
                Shape::Cross => (0.551, 1.0),
                Shape::Diamond => (0.5, 0.8),
                Shape::Star => (0.325, 1.05),
            };
            // Proportions are read more exactly than filling, which the smoothed edges eat into.
            (fill - ideal_fill).powi(2) + (aspect - ideal_aspect).powi(2)
        };
        Shape::ALL.into_iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap()
    }
}

pub(super) fn decode(item: &Item) -> RgbImage {
    image::load_from_memory(&item.picture.as_ref().unwrap().png).unwrap().to_rgb8()
}

/// Lists the regions of exact palette colours and of black; smoothed edges belong to none.
pub(super) fn regions(image: &RgbImage) -> Vec<Region> {
    let mut names: BTreeMap<[u8; 3], Option<&'static str>> =
        Colour::palette(Difficulty::HARDEST).iter().map(|colour| (colour.rgb(), Some(colour.name()))).collect();
    names.insert([0, 0, 0], None);
    let mut is_seen = vec![false; (image.width() * image.height()) as usize];
    let mut regions = Vec::new();
    for (x, y, pixel) in image.enumerate_pixels() {
        if let Some(name) = names.get(&pixel.0) {
            regions.extend(flood(image, &mut is_seen, (x, y), *name));
        }
    }
    regions.retain(|region: &Region| region.area >= 20);
    regions
}

fn flood(image: &RgbImage, is_seen: &mut [bool], (x, y): (u32, u32), colour: Option<&'static str>) -> Option<Region> {
    let Rgb(ink) = *image.get_pixel(x, y);
    let (left, top) = (i64::from(x), i64::from(y));
    let mut region = Region { colour, area: 0, left, right: left, top, bottom: top, sum: (0, 0) };
    let mut open = vec![(x, y)];
    while let Some((x, y)) = open.pop() {
        let Some(pixel) = image.get_pixel_checked(x, y) else { continue };
        let seen = &mut is_seen[(y * image.width() + x) as usize];
        if pixel.0 != ink || std::mem::replace(seen, true) {
            continue;
        }
        let (column, row) = (i64::from(x), i64::from(y));
        region.area += 1;
        region.sum = (region.sum.0 + column, region.sum.1 + row);
        (region.left, region.right) = (region.left.min(column), region.right.max(column));
        (region.top, region.bottom) = (region.top.min(row), region.bottom.max(row));
        open.extend([(x + 1, y), (x.wrapping_sub(1), y), (x, y + 1), (x, y.wrapping_sub(1))]);
    }
    (region.area > 0).then_some(region)
}

/// Which cells of a digit and of the empty columns beside it are inked.
type Cells = [[bool; 7]; 7];

/// Reads the numbers written with dots of `dot` pixels, row by row.
pub(super) fn numbers(image: &RgbImage, dot: u32) -> Vec<i64> {
    let patterns: Vec<(char, Cells)> = ('0'..='9').map(|digit| (digit, cells(digit))).collect();
    let mut numbers: Vec<(u32, u32, String)> = Vec::new();
    for y in 0..=image.height() - 7 * dot {
        for x in 0..=image.width() - 5 * dot {
            let Some((digit, _)) = patterns.iter().find(|(_, cells)| is_inked(image, (x, y), dot, cells)) else {
                continue;
            };
            match numbers.last_mut() {
                Some((row, end, text)) if *row == y && x - *end == 6 * dot => {
                    text.push(*digit);
                    *end = x;
                }
                _ => numbers.push((y, x, digit.to_string())),
            }
        }
    }
    numbers.iter().map(|(_, _, text)| text.parse().unwrap()).collect()
}

fn cells(digit: char) -> Cells {
    let mut cells = Cells::default();
    for at in digits::dots(&digit.to_string()) {
        cells[at.y as usize][at.x as usize + 1] = true;
    }
    cells
}

/// Tells whether the cells, whose first column lies left of `x`, are inked as given; beyond the picture nothing is.
fn is_inked(image: &RgbImage, (x, y): (u32, u32), dot: u32, cells: &Cells) -> bool {
    let is_black = |x: u32, y: u32| image.get_pixel_checked(x, y).is_some_and(|pixel| pixel.0 == [0, 0, 0]);
    cells.iter().zip(0..).all(|(row, down)| {
        row.iter().zip(0..).all(|(is_set, right): (&bool, u32)| {
            // The first and the last pixel of a cell agree only where the grid is aligned.
            let (left, top) = ((x + right * dot).wrapping_sub(dot), y + down * dot);
            is_black(left, top) == *is_set && is_black(left.wrapping_add(dot - 1), top + dot - 1) == *is_set
        })
    })
}
