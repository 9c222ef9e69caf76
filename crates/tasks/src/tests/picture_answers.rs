//! Every answer about a picture, derived again from its pixels.

use super::for_items;
use super::regions::{Region, decode, numbers, regions};
use crate::{Difficulty, Item, TaskKind};

/// Finds the region that the words of a phrase name by colour, shape or both.
fn named<'a>(regions: &'a [Region], phrase: &str) -> &'a Region {
    let words: Vec<&str> = phrase.split_whitespace().collect();
    let is_named = |region: &&Region| {
        let colour = region.colour.expect("coloured");
        words.iter().all(|word| *word == colour || *word == region.shape().name())
    };
    let matches: Vec<&Region> = regions.iter().filter(|region| region.colour.is_some()).filter(is_named).collect();
    assert_eq!(matches.len(), 1, "`{phrase}` names one region of {regions:#?}");
    matches[0]
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(start).unwrap();
    rest.split_once(end).unwrap().0
}

fn check(item: &Item, derived: impl ToString) {
    assert_eq!(item.answer.text, derived.to_string(), "{}", item.question);
}

#[test]
fn the_named_shape_has_the_colour_of_the_answer() {
    for_items(TaskKind::Colour, 40, |item| {
        let regions = regions(&decode(item));
        check(item, named(&regions, between(&item.question, "is the ", "?")).colour.unwrap());
    });
}

#[test]
fn the_target_lies_in_the_direction_of_the_answer() {
    for_items(TaskKind::Relation, 40, |item| {
        let regions = regions(&decode(item));
        let (target, reference) = match item.question.strip_prefix("Where is the ") {
            Some(rest) => rest.trim_end_matches('?').split_once(" relative to the ").unwrap(),
            None => (between(&item.question, "where is the ", "?"), between(&item.question, "to the ", ",")),
        };
        let (target, reference) = (named(&regions, target).centroid(), named(&regions, reference).centroid());
        let (right, down) = (target.0 - reference.0, target.1 - reference.1);
        assert!((right.abs() - down.abs()).abs() > 20.0, "clearly along one axis: {right} {down}");
        check(
            item,
            match (right.abs() > down.abs(), right > 0.0, down > 0.0) {
                (true, true, _) => "right",
                (true, false, _) => "left",
                (false, _, true) => "below",
                (false, _, false) => "above",
            },
        );
    });
}

#[test]
fn as_many_shapes_are_visible_as_the_answer_says() {
    for_items(TaskKind::Counting, 40, |item| {
        let phrase = between(&item.question, "How many ", " are there");
        let is_counted = |region: &&Region| {
            phrase.split(' ').all(|word| Some(word) == region.colour || word == region.shape().plural())
        };
        check(item, regions(&decode(item)).iter().filter(is_counted).count());
    });
}

#[test]
fn the_answer_names_the_shape_of_extreme_area() {
    for_items(TaskKind::Size, 40, |item| {
        let mut regions = regions(&decode(item));
        regions.sort_by_key(|region| region.area);
        let extreme = if item.question.contains("biggest") { regions.pop().unwrap() } else { regions.remove(0) };
        check(item, extreme.colour.unwrap());
    });
}

#[test]
fn the_answer_names_the_circle_of_extreme_distance() {
    for_items(TaskKind::Distance, 40, |item| {
        let regions = regions(&decode(item));
        let (x, y) = regions.iter().find(|region| region.colour.is_none()).unwrap().centroid();
        let distance = |region: &Region| (region.centroid().0 - x).hypot(region.centroid().1 - y);
        let mut circles: Vec<&Region> = regions.iter().filter(|region| region.colour.is_some()).collect();
        assert_eq!(circles.len(), item.spec.kind.generator().num_options(item.spec.difficulty), "none overlap");
        circles.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
        let extreme = if item.question.contains("closest") { circles[0] } else { circles[circles.len() - 1] };
        check(item, extreme.colour.unwrap());
    });
}

#[test]
fn the_bars_are_as_high_as_the_answer_says() {
    for_items(TaskKind::BarChart, 40, |item| {
        let image = decode(item);
        let regions = regions(&image);
        let top_value = *numbers(&image, 4).iter().max().unwrap();
        // The plot is 840 thousandths high.
        let unit = 336.0 * 0.84 / top_value as f64;
        let value = |colour: &str| {
            let bar = regions.iter().find(|region| region.colour == Some(colour)).unwrap();
            (bar.height() as f64 / unit).round() as i64
        };
        match item.question.strip_prefix("By how much is the ") {
            Some(rest) => {
                let (higher, lower) = (rest.split(' ').next().unwrap(), between(rest, "than the ", " bar"));
                check(item, value(higher) - value(lower));
            }
            None => check(item, value(between(&item.question, "of the ", " bar"))),
        }
    });
}

#[test]
fn the_stick_spans_as_many_units_as_the_answer_says() {
    for_items(TaskKind::Ruler, 40, |item| {
        let image = decode(item);
        let units = *numbers(&image, 4).iter().max().unwrap();
        let regions = regions(&image);
        let stick = regions.iter().find(|region| region.colour.is_some()).unwrap();
        // The scale is 810 thousandths long.
        check(item, (stick.width() as f64 * units as f64 / (336.0 * 0.81)).round() as i64);
    });
}

#[test]
fn the_marked_lengths_give_the_answer() {
    for_items(TaskKind::MarkedLengths, 40, |item| {
        let lengths = numbers(&decode(item), 8);
        assert_eq!(lengths.len(), if item.question.contains("triangle") { 3 } else { 2 }, "{lengths:?}");
        let times = if item.question.contains("perimeter of the rectangle") { 2 } else { 1 };
        check(item, lengths.iter().sum::<i64>() * times);
    });
}

#[test]
fn the_smallest_picture_still_shows_every_number() {
    for difficulty in Difficulty::all() {
        let spec = crate::Spec { image_size: 56, ..crate::Spec::new(TaskKind::Ruler, difficulty) };
        let item = spec.generate(3, crate::Split::Train, 0);
        let largest = numbers(&decode(&item), 1).into_iter().max().unwrap();
        assert_eq!(largest as usize, spec.kind.generator().num_answers(difficulty));
    }
}
