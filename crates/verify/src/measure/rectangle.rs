//! `box`: how far a box covers the reference.
//!
//! Parameters: `by` (`iou`, the default; `giou`, from -1 to 1 (NeMo-RL); `giou_plus_one`, from 0 to 2 (Visual-RFT's reasoning grounding); `pixel_iou`, which
//! counts the pixels of the overlap as VLM-R1 does); `at_least`, from which the value is 1 and below which 0; `coordinates` and `gold_coordinates`.
//! An answer whose first list of four numbers is no box, or that has none, is worth 0.

use gradus_types::RewardSpec;

use super::{
    Grade, Made, Measure,
    coordinates::{Scale, first_list},
    refuse_gold,
};
use crate::parameters::Parameters;

/// A box with ordered, finite sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rectangle {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

#[derive(Debug)]
struct BoxOverlap {
    gold: Rectangle,
    scale: Scale,
    by: By,
    at_least: Option<f64>,
}

#[derive(Clone, Copy, Debug)]
enum By {
    Iou,
    Giou,
    GiouPlusOne,
    PixelIou,
}

const WAYS: [(&str, By); 4] =
    [("iou", By::Iou), ("giou", By::Giou), ("giou_plus_one", By::GiouPlusOne), ("pixel_iou", By::PixelIou)];

/// Makes a `box` measure.
pub fn make(parameters: &mut Parameters<'_>, spec: &RewardSpec) -> Made {
    let by = parameters.word("by", &WAYS, By::Iou);
    let at_least = parameters.optional_number("at_least", (-1.0, 2.0));
    let scale = Scale::read(parameters, spec);
    let gold = parameters.gold(spec)?;
    match Rectangle::of_text(&gold) {
        Some(rectangle) => Some(Box::new(BoxOverlap { gold: rectangle, scale: scale?, by, at_least })),
        None => refuse_gold(parameters, &gold, "it is no box: four numbers, left and top before right and bottom"),
    }
}

// === impl Rectangle ===

impl Rectangle {
    /// Makes a box of left, top, right and bottom, where they are in order.
    pub fn new([left, top, right, bottom]: [f64; 4]) -> Option<Self> {
        let is_box = [left, top, right, bottom].iter().all(|side| side.is_finite()) && left < right && top < bottom;
        is_box.then_some(Self { left, top, right, bottom })
    }

    /// Reads the reference box, in its own coordinates.
    pub fn of_text(text: &str) -> Option<Self> {
        let numbers: Vec<f64> =
            first_list(text, 4)?.iter().map(|numeral| numeral.parse().ok()).collect::<Option<_>>()?;
        Self::new(numbers.try_into().ok()?)
    }

    /// Tells whether a point is within.
    pub fn contains(&self, [x, y]: [f64; 2]) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }

    fn area(&self) -> f64 {
        (self.right - self.left) * (self.bottom - self.top)
    }

    fn overlap(&self, other: &Self) -> f64 {
        let width = self.right.min(other.right) - self.left.max(other.left);
        let height = self.bottom.min(other.bottom) - self.top.max(other.top);
        width.max(0.0) * height.max(0.0)
    }

    /// Returns the intersection over the union.
    pub fn iou(&self, other: &Self) -> f64 {
        let overlap = self.overlap(other);
        overlap / (self.area() + other.area() - overlap)
    }

    /// Returns the generalised IoU: less the share of the hull that neither covers (arXiv 1902.09630).
    pub fn giou(&self, other: &Self) -> f64 {
        let overlap = self.overlap(other);
        let union = self.area() + other.area() - overlap;
        let width = self.right.max(other.right) - self.left.min(other.left);
        let height = self.bottom.max(other.bottom) - self.top.min(other.top);
        overlap / union - (width * height - union) / (width * height)
    }

    /// Returns the IoU of VLM-R1: the far sides of the overlap are one pixel in, and both its ends count.
    pub fn pixel_iou(&self, other: &Self) -> f64 {
        let width = self.right.min(other.right) - 1.0 - self.left.max(other.left);
        let height = self.bottom.min(other.bottom) - 1.0 - self.top.max(other.top);
        let overlap = if width > 0.0 && height > 0.0 { (width + 1.0) * (height + 1.0) } else { 0.0 };
        overlap / (self.area() + other.area() - overlap)
    }
}

impl Measure for BoxOverlap {
    fn grade(&self, answer: &str) -> Grade {
        let rectangle = first_list(answer, 4).and_then(|list| self.scale.apply(&list)).and_then(Rectangle::new);
        let Some(rectangle) = rectangle else { return Grade::new(0.0, "it holds no box") };
        let value = match self.by {
            By::Iou => rectangle.iou(&self.gold),
            By::Giou => rectangle.giou(&self.gold),
            By::GiouPlusOne => rectangle.giou(&self.gold) + 1.0,
            By::PixelIou => rectangle.pixel_iou(&self.gold),
        };
        match self.at_least {
            Some(least) => Grade::of(value >= least, format!("it overlaps by {value}")),
            None => Grade::new(value, format!("it overlaps by {value}")),
        }
    }
}
