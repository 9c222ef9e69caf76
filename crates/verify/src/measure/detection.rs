//! `detection`: several labelled boxes against several.
//!
//! Both sides are JSON lists of objects with a box (`bbox_2d`, `bbox`, `box` or `Position`), and if there is one a `label` and a `confidence`; a code fence
//! or single quotation marks around do not matter. Parameter `by`:
//! * `weighted` (the default; VLM-R1): pairs by falling IoU down to `iou_at_least` (0.5); a wrong label makes a pair's IoU 0;
//!   `position_weight` (0.7) · ΣIoU/#gold + the rest · (1 - (share missed + share invented)/2);
//! * `ranked` and `ranked_confidence` (Visual-RFT): by falling confidence each box takes its best gold if the IoU is above `iou_at_least`; ΣIoU/max(#boxes,
//!   #gold), or the mean of the confidence of those that found one and of 1 less that of the others;
//! * `thresholds` (in the manner of Orsta and ROLL): the mean over `thresholds` (0.5 to 0.95 by 0.05, and 0.99) of pairs with that IoU and the same label, as a share of
//!   max(#boxes, #gold), times `count_factor` (0.6) for each box too many or too few;
//! * `average_precision` (COCO's, as VLM-R1 offers it): the mean over the labels of the reference and over `thresholds` (0.5 to 0.95 by 0.05) of the average precision
//!   by falling confidence; with `surplus_counts` (false) times #gold/#boxes where there are more boxes.
//!
//! Where both sides are empty the value is 1, and where one is, 0. An item of an answer that holds no box, or one whose sides are out of order, is a box
//! that matches none.

use std::collections::BTreeSet;

use gradus_types::RewardSpec;
use serde_json::Value;

use super::{
    Grade, Made, Measure,
    average_precision::average_precision,
    coordinates::Scale,
    rectangle::Rectangle,
    refuse_gold,
    word::{normal, unfenced},
};
use crate::parameters::Parameters;

/// The most boxes that are read of either side.
const MAX_BOXES: usize = 128;

/// The most thresholds that are averaged over.
const MAX_THRESHOLDS: usize = 128;

#[derive(Clone, Debug, PartialEq)]
struct Object {
    /// Absent where what was written is no box: it is one too many, and matches none.
    rectangle: Option<Rectangle>,
    label: String,
    confidence: f64,
}

#[derive(Debug)]
struct Detection {
    gold: Vec<Object>,
    scale: Scale,
    by: By,
    iou_at_least: f64,
}

#[derive(Debug)]
enum By {
    Weighted { position_weight: f64 },
    Ranked,
    RankedConfidence,
    Thresholds { thresholds: Vec<f64>, count_factor: f64 },
    AveragePrecision { thresholds: Vec<f64>, surplus_counts: bool },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Weighted,
    Ranked,
    RankedConfidence,
    Thresholds,
    AveragePrecision,
}

const WAYS: [(&str, Way); 5] = [
    ("average_precision", Way::AveragePrecision),
    ("weighted", Way::Weighted),
    ("ranked", Way::Ranked),
    ("ranked_confidence", Way::RankedConfidence),
    ("thresholds", Way::Thresholds),
];

/// Makes a `detection` measure.
pub fn make(parameters: &mut Parameters<'_>, spec: &RewardSpec) -> Made {
    let way = parameters.word("by", &WAYS, Way::Weighted);
    let iou_at_least = parameters.number("iou_at_least", (0.0, 1.0), 0.5);
    let position_weight = parameters.number("position_weight", (0.0, 1.0), 0.7);
    let count_factor = parameters.number("count_factor", (0.0, 1.0), 0.6);
    let thresholds = parameters.optional_numbers("thresholds", (0.0, 1.0), MAX_THRESHOLDS);
    let surplus_counts = parameters.flag("surplus_counts", false);
    let twentieths = (10..20).map(|step| f64::from(step) / 20.0);
    let last = (way == Way::Thresholds).then_some(0.99);
    let thresholds = thresholds.unwrap_or_else(|| twentieths.chain(last).collect());
    let scale = Scale::read(parameters, spec);
    let by = match way {
        Way::Weighted => By::Weighted { position_weight },
        Way::Ranked => By::Ranked,
        Way::RankedConfidence => By::RankedConfidence,
        Way::Thresholds => By::Thresholds { thresholds, count_factor },
        Way::AveragePrecision => By::AveragePrecision { thresholds, surplus_counts },
    };
    let gold = parameters.gold(spec)?;
    let scale = scale?;
    // The reference is in its own coordinates, and all of its boxes are boxes.
    let is_whole = |objects: &Vec<Object>| objects.iter().all(|object| object.rectangle.is_some());
    match objects(&gold, None).filter(is_whole) {
        Some(objects) => Some(Box::new(Detection { gold: objects, scale, by, iou_at_least })),
        None => refuse_gold(parameters, &gold, "it is no JSON list of objects with boxes"),
    }
}

/// Reads a list of objects; `None` and an empty list are none.
fn objects(text: &str, scale: Option<Scale>) -> Option<Vec<Object>> {
    let text = unfenced(text).trim();
    if text.eq_ignore_ascii_case("none") {
        return Some(Vec::new());
    }
    let list = text.get(text.find(['[', '{'])?..=text.rfind([']', '}'])?)?;
    let list: Value = serde_json::from_str(list).or_else(|_| serde_json::from_str(&list.replace('\'', "\""))).ok()?;
    match list {
        Value::Array(items) => {
            let objects: Vec<Object> = items.iter().take(MAX_BOXES).map(|item| object(item, scale)).collect();
            // Something else than boxes altogether is no answer.
            let is_answer = objects.is_empty() || objects.iter().any(|object| object.rectangle.is_some());
            is_answer.then_some(objects)
        }
        item => Some(vec![object(&item, scale)]).filter(|objects| objects[0].rectangle.is_some()),
    }
}

fn object(item: &Value, scale: Option<Scale>) -> Object {
    let field = |names: &[&str]| names.iter().find_map(|name| item.get(name));
    let sides = field(&["bbox_2d", "bbox", "box", "Position", "position"]).and_then(Value::as_array);
    let label = field(&["label", "name", "category"]).map(label).unwrap_or_default();
    let confidence = field(&["confidence", "Confidence", "score"]).and_then(Value::as_f64).unwrap_or(1.0);
    let rectangle = sides.and_then(|sides| rectangle(sides, scale));
    Object { rectangle, label, confidence: confidence.clamp(0.0, 1.0) }
}

/// Brings a label into one writing; a number may be one too.
fn label(value: &Value) -> String {
    match value {
        Value::String(text) => normal(text),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn rectangle(sides: &[Value], scale: Option<Scale>) -> Option<Rectangle> {
    let written: Vec<String> = sides.iter().map(ToString::to_string).collect();
    let sides = match scale {
        Some(scale) => scale.apply(&written)?,
        None => written.iter().map(|side| side.parse().ok()).collect::<Option<Vec<f64>>>()?.try_into().ok()?,
    };
    Rectangle::new(sides)
}

/// Pairs boxes with golds, each once, by falling IoU from a least one on.
fn pairs(found: &[Object], gold: &[Object], least: f64) -> Vec<(usize, usize, f64)> {
    let all = found
        .iter()
        .enumerate()
        .flat_map(|(place, object)| gold.iter().enumerate().map(move |(other, gold)| (place, other, object.iou(gold))));
    let mut all: Vec<_> = all.filter(|(_, _, iou)| *iou >= least && *iou > 0.0).collect();
    all.sort_by(|left, right| right.2.total_cmp(&left.2));
    let (mut is_used, mut is_taken) = (vec![false; found.len()], vec![false; gold.len()]);
    all.retain(|(place, other, _)| {
        let is_free = !is_used[*place] && !is_taken[*other];
        if is_free {
            (is_used[*place], is_taken[*other]) = (true, true);
        }
        is_free
    });
    all
}

// === impl Object ===

impl Object {
    /// Returns how far two boxes overlap.
    fn iou(&self, other: &Self) -> f64 {
        self.rectangle.zip(other.rectangle).map_or(0.0, |(one, other)| one.iou(&other))
    }
}

// === impl Detection ===

impl Detection {
    fn value(&self, mut found: Vec<Object>) -> f64 {
        match &self.by {
            _ if found.is_empty() || self.gold.is_empty() => {
                f64::from(u8::from(found.is_empty() && self.gold.is_empty()))
            }
            By::Weighted { position_weight } => self.weighted(&found, *position_weight),
            By::Thresholds { thresholds, count_factor } => self.over(&found, thresholds, *count_factor),
            By::AveragePrecision { thresholds, surplus_counts } => {
                found.sort_by(|left, right| right.confidence.total_cmp(&left.confidence));
                let surplus =
                    if *surplus_counts { (self.gold.len() as f64 / found.len() as f64).min(1.0) } else { 1.0 };
                let precisions = thresholds.iter().map(|threshold| self.precision(&found, *threshold));
                surplus * precisions.sum::<f64>() / thresholds.len() as f64
            }
            By::Ranked | By::RankedConfidence => {
                found.sort_by(|left, right| right.confidence.total_cmp(&left.confidence));
                let mut distinct: Vec<Object> = Vec::new();
                for object in found {
                    if !distinct.contains(&object) {
                        distinct.push(object);
                    }
                }
                self.ranked(&distinct)
            }
        }
    }

    fn weighted(&self, found: &[Object], position_weight: f64) -> f64 {
        let pairs = pairs(found, &self.gold, self.iou_at_least);
        let is_named = |(place, other, _): &&(usize, usize, f64)| found[*place].label == self.gold[*other].label;
        let position = pairs.iter().filter(is_named).map(|(_, _, iou)| iou).sum::<f64>() / self.gold.len() as f64;
        let missed = 1.0 - pairs.len() as f64 / self.gold.len() as f64;
        let invented = 1.0 - pairs.len() as f64 / found.len() as f64;
        position_weight * position + (1.0 - position_weight) * (1.0 - (missed + invented) / 2.0)
    }

    fn ranked(&self, found: &[Object]) -> f64 {
        let mut is_taken = vec![false; self.gold.len()];
        let (mut overlap, mut confidence) = (0.0, 0.0);
        for object in found {
            let free = self.gold.iter().enumerate().filter(|(other, _)| !is_taken[*other]);
            let best = free.map(|(other, gold)| (other, object.iou(gold)));
            match best.max_by(|left, right| left.1.total_cmp(&right.1)).filter(|(_, iou)| *iou > self.iou_at_least) {
                Some((other, iou)) => {
                    is_taken[other] = true;
                    overlap += iou;
                    confidence += object.confidence;
                }
                None => confidence += 1.0 - object.confidence,
            }
        }
        match self.by {
            By::RankedConfidence => confidence / found.len() as f64,
            _ => overlap / found.len().max(self.gold.len()) as f64,
        }
    }

    /// The average precision at one threshold, over the labels of the reference.
    fn precision(&self, found: &[Object], threshold: f64) -> f64 {
        let labels: BTreeSet<&str> = self.gold.iter().map(|gold| gold.label.as_str()).collect();
        let of_label = |label: &str| {
            let mut free: Vec<&Object> = self.gold.iter().filter(|gold| gold.label == label).collect();
            let num_gold = free.len();
            let mut is_hit = |object: &Object| {
                let near = free.iter().enumerate().map(|(place, gold)| (place, object.iou(gold)));
                let best = near
                    .filter(|(_, iou)| *iou >= threshold && *iou > 0.0)
                    .max_by(|left, right| left.1.total_cmp(&right.1));
                best.map(|(place, _)| free.swap_remove(place)).is_some()
            };
            let is_hit: Vec<bool> = found.iter().filter(|object| object.label == label).map(&mut is_hit).collect();
            average_precision(&is_hit, num_gold)
        };
        labels.iter().map(|label| of_label(label)).sum::<f64>() / labels.len() as f64
    }

    fn over(&self, found: &[Object], thresholds: &[f64], count_factor: f64) -> f64 {
        let is_named = |(place, other, _): &(usize, usize, f64)| found[*place].label == self.gold[*other].label;
        let named: Vec<f64> =
            pairs(found, &self.gold, 0.0).iter().filter(|pair| is_named(pair)).map(|pair| pair.2).collect();
        let (most, least) = (found.len().max(self.gold.len()), found.len().min(self.gold.len()));
        let share = |threshold: &f64| named.iter().filter(|iou| *iou >= threshold).count() as f64 / most as f64;
        let mean = thresholds.iter().map(share).sum::<f64>() / thresholds.len() as f64;
        mean * count_factor.powi(i32::try_from(most - least).unwrap_or(i32::MAX))
    }
}

impl Measure for Detection {
    fn grade(&self, answer: &str) -> Grade {
        match objects(answer, Some(self.scale)) {
            Some(found) => {
                let reason = format!("{} boxes against {}", found.len(), self.gold.len());
                Grade::new(self.value(found), reason)
            }
            None => Grade::new(0.0, "it is no JSON list of objects with boxes"),
        }
    }
}
