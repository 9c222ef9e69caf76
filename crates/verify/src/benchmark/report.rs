//! Figures of a benchmark: means with their interval, overall and per group, and the ones a benchmark is known for.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::{Item, ItemScore};

/// An item and what a response to it scored.
#[derive(Clone, Copy, Debug)]
pub struct Scored<'a> {
    /// The item.
    pub item: &'a Item,
    /// The score.
    pub score: &'a ItemScore,
}

/// A mean score with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rate {
    /// The mean over items of the mean over their responses.
    pub mean: f64,
    /// The lower end of the 95 % interval.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// The items.
    pub num_items: u64,
    /// The responses.
    pub num_responses: u64,
    /// The responses that could not be read or compared; they count as wrong.
    pub num_unknown: u64,
}

/// A figure that a benchmark is known for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Metric {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: f64,
}

/// The figures of a benchmark.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Over all items.
    pub overall: Rate,
    /// Per field that items are grouped by, and per value of it.
    pub groups: BTreeMap<String, BTreeMap<String, Rate>>,
    /// The benchmark's own figures.
    pub metrics: Vec<Metric>,
}

/// The responses to one item.
#[derive(Debug)]
pub struct Samples<'a> {
    /// Their scores, in order.
    pub scores: Vec<&'a ItemScore>,
}

// === impl Rate ===

impl Rate {
    /// Sums up scores. Responses to one item depend on each other, so it is the items that the interval counts. A score between
    /// 0 and 1 varies less than one that is either, so the interval is then wider than it need be.
    #[must_use]
    pub fn of(scored: &[Scored<'_>]) -> Self {
        let items = by_item(scored);
        let mean = mean(items.iter().map(Samples::mean));
        let (low, high) = wilson_interval(mean, items.len() as f64);
        Self {
            mean,
            low,
            high,
            num_items: items.len() as u64,
            num_responses: scored.len() as u64,
            num_unknown: scored.iter().filter(|one| !one.score.is_known).count() as u64,
        }
    }
}

// === impl Metric ===

impl Metric {
    /// Names a figure.
    #[must_use]
    pub fn new(name: impl Into<String>, value: f64) -> Self {
        Self { name: name.into(), value }
    }
}

// === impl Report ===

impl Report {
    /// Sums up scores, and adds the benchmark's own figures.
    #[must_use]
    pub fn of(scored: &[Scored<'_>], metrics: Vec<Metric>) -> Self {
        let mut members: BTreeMap<&str, BTreeMap<&str, Vec<Scored<'_>>>> = BTreeMap::new();
        for one in scored {
            for (field, value) in &one.item.groups {
                members.entry(field).or_default().entry(value).or_default().push(*one);
            }
        }
        let rates = |values: BTreeMap<&str, Vec<Scored<'_>>>| {
            values.into_iter().map(|(value, scored)| (value.to_owned(), Rate::of(&scored))).collect()
        };
        let groups = members.into_iter().map(|(field, values)| (field.to_owned(), rates(values))).collect();
        Self { overall: Rate::of(scored), groups, metrics }
    }

    /// Returns one of the benchmark's own figures.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<f64> {
        self.metrics.iter().find(|metric| metric.name == name).map(|metric| metric.value)
    }
}

// === impl Samples ===

impl Samples<'_> {
    /// Returns the mean score of the responses.
    #[must_use]
    pub fn mean(&self) -> f64 {
        mean(self.scores.iter().map(|score| score.score))
    }

    /// Returns how many of the responses are right in full.
    #[must_use]
    pub fn num_correct(&self) -> u64 {
        self.scores.iter().filter(|score| score.is_correct()).count() as u64
    }
}

/// Gathers responses by item, in the order in which items first come up.
pub fn by_item<'a>(scored: &[Scored<'a>]) -> Vec<Samples<'a>> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut items: Vec<Samples<'a>> = Vec::new();
    for one in scored {
        let place = *places.entry(&one.item.id).or_insert(items.len());
        if place == items.len() {
            items.push(Samples { scores: Vec::new() });
        }
        items[place].scores.push(one.score);
    }
    items
}

/// Returns the mean rate of each value of a field, in the order of the values.
pub fn rates_by<'a>(scored: &[Scored<'a>], field: &str) -> Vec<(&'a str, f64)> {
    let mut members: BTreeMap<&str, Vec<Scored<'a>>> = BTreeMap::new();
    for one in scored {
        if let Some(value) = one.item.groups.get(field) {
            members.entry(value).or_default().push(*one);
        }
    }
    members.into_iter().map(|(value, scored)| (value, Rate::of(&scored).mean)).collect()
}

/// Returns the mean, or 0 of nothing.
pub fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for value in values {
        sum += value;
        count += 1.0;
    }
    ratio(sum, count)
}

/// Returns the ratio, or 0 over nothing.
pub fn ratio(numerator: f64, denominator: f64) -> f64 {
    if denominator == 0.0 { 0.0 } else { numerator / denominator }
}

/// Returns the 95 % score interval of a proportion (Wilson: Probable Inference, JASA 22, 1927).
fn wilson_interval(proportion: f64, count: f64) -> (f64, f64) {
    /// The 97.5 % point of the normal distribution.
    const Z: f64 = 1.959_963_984_540_054;
    if count == 0.0 {
        return (0.0, 1.0);
    }
    let scale = 1.0 + Z * Z / count;
    let center = (proportion + Z * Z / (2.0 * count)) / scale;
    let variance = proportion * (1.0 - proportion) / count + Z * Z / (4.0 * count * count);
    let half_width = Z * variance.max(0.0).sqrt() / scale;
    ((center - half_width).max(0.0), (center + half_width).min(1.0))
}

/// Returns the figures of answers to items that have one reference each, and how many are unknown.
#[cfg(test)]
pub fn figures_of(
    plan: &[(&str, &str)],
    score: fn(&Item, &str) -> ItemScore,
    metrics: fn(&[Scored<'_>]) -> Vec<Metric>,
) -> (Vec<f64>, usize) {
    let item = |gold: &str, id: usize| Item { id: id.to_string(), answers: vec![gold.to_owned()], ..Item::default() };
    let items: Vec<Item> = plan.iter().enumerate().map(|(place, (gold, _))| item(gold, place)).collect();
    let scores: Vec<ItemScore> = items.iter().zip(plan).map(|(item, (_, answer))| score(item, answer)).collect();
    let scored: Vec<Scored<'_>> = items.iter().zip(&scores).map(|(item, score)| Scored { item, score }).collect();
    let figures = metrics(&scored).iter().map(|metric| metric.value).collect();
    (figures, scores.iter().filter(|score| !score.is_known).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_equals_the_published_one() {
        // Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, and 0 of 20.
        let (low, high) = wilson_interval(81.0 / 263.0, 263.0);
        assert!((low - 0.2553).abs() < 5e-5 && (high - 0.3662).abs() < 5e-5, "{low} {high}");
        let (low, high) = wilson_interval(0.0, 20.0);
        assert!(low.abs() < 1e-12 && (high - 0.1611).abs() < 5e-5, "{low} {high}");
    }

    #[test]
    fn items_are_averaged_over_their_responses_and_groups_over_their_items() {
        let item = |id: &str, task: &str| Item {
            id: id.to_owned(),
            groups: [("task".to_owned(), task.to_owned())].into(),
            ..Item::default()
        };
        let (one, two, three) = (item("1", "count"), item("2", "count"), item("3", "read"));
        let (right, wrong) = (ItemScore::of(true, "1", ""), ItemScore::of(false, "2", ""));
        let unknown = ItemScore::unknown("there is no answer");
        let scored = [(&one, &right), (&one, &wrong), (&two, &right), (&three, &unknown)];
        let report = Report::of(&scored.map(|(item, score)| Scored { item, score }), Vec::new());
        assert_eq!((report.overall.mean, report.overall.num_items, report.overall.num_responses), (0.5, 3, 4));
        assert_eq!(report.overall.num_unknown, 1);
        assert_eq!(report.groups["task"]["count"].mean, 0.75);
        assert_eq!(report.groups["task"]["read"].mean, 0.0);
    }
}
