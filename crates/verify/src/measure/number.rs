//! `number` and `count`: numbers within a tolerance, and counts, which may be in words.
//!
//! `number`: `by` (`within`: at most `relative` of the reference or `absolute` away, both 0 by default, whichever allows more; `places`: equal once
//! rounded to `places`, or to the fact `precision` of the record; `shape`: equal to two places and both or neither with a decimal mark, Video-R1's; rounding is Python's, of the double;
//! `closeness`: 1 - |error|/|reference|, not below 0, Video-R1's regression). `percent` (false): `50%` is 0.5 rather than 50.
//! `count` has no parameters: `7`, `7.0`, `seven`, `7 objects`, but not two numbers.

use gradus_types::RewardSpec;

use super::{
    Grade, Made, Measure, refuse_gold,
    word::{leading_number, number_words},
};
use crate::{
    Fault,
    numerals::{Commas, numerals, rounded, without_grouping},
    parameters::Parameters,
    words::number,
};

#[derive(Debug)]
struct Number {
    gold: f64,
    has_mark: bool,
    by: By,
    is_percent: bool,
}

#[derive(Clone, Copy, Debug)]
enum By {
    Within { relative: f64, absolute: f64 },
    Places(u32),
    Shape,
    Closeness,
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Within,
    Places,
    Shape,
    Closeness,
}

#[derive(Debug)]
struct Count {
    gold: u64,
}

/// The most decimal places that are compared; a double has no more.
const MAX_PLACES: u32 = 15;

/// By how much of itself a number may be off for having been written in decimals.
const ROUNDING: f64 = 1e-14;

/// Makes a `number` measure.
pub fn make(parameters: &mut Parameters<'_>, spec: &RewardSpec) -> Made {
    let ways = [("within", Way::Within), ("places", Way::Places), ("shape", Way::Shape), ("closeness", Way::Closeness)];
    let way = parameters.word("by", &ways, Way::Within);
    let relative = parameters.number("relative", (0.0, 1.0), 0.0);
    let absolute = parameters.number("absolute", (0.0, 1e300), 0.0);
    let places = parameters.optional_number("places", (0.0, f64::from(MAX_PLACES)));
    let is_percent = parameters.flag("percent", false);
    let by = match way {
        Way::Within => By::Within { relative, absolute },
        Way::Shape => By::Shape,
        Way::Closeness => By::Closeness,
        Way::Places => {
            By::Places(places.map_or_else(|| recorded_places(parameters, spec), |places| Some(places as u32))?)
        }
    };
    let gold = parameters.gold(spec)?;
    match value(&gold, is_percent) {
        Some(number) => Some(Box::new(Number { gold: number, has_mark: gold.contains('.'), by, is_percent })),
        None => refuse_gold(parameters, &gold, "it is not one number"),
    }
}

/// Makes a `count` measure.
pub fn make_count(parameters: &mut Parameters<'_>, spec: &RewardSpec) -> Made {
    let gold = parameters.gold(spec)?;
    match counted(&gold) {
        Some(count) => Some(Box::new(Count { gold: count })),
        None => refuse_gold(parameters, &gold, "it is no count"),
    }
}

fn recorded_places(parameters: &mut Parameters<'_>, spec: &RewardSpec) -> Option<u32> {
    let places =
        spec.facts.get("precision").and_then(serde_json::Value::as_u64).and_then(|places| u32::try_from(places).ok());
    let places = places.filter(|places| *places <= MAX_PLACES);
    if places.is_none() {
        let expected = "a whole number of decimal places, at most 15, or a `places` parameter instead";
        parameters.fault(Fault::Fact { component: parameters.component(), fact: "precision", expected });
    }
    places
}

/// Reads the one number of a text: a numeral, a fraction of two, or a small number in words.
fn value(text: &str, is_percent: bool) -> Option<f64> {
    let text = without_grouping(text).replace('−', "-");
    let num_numerals = |text: &str| numerals(text, Commas::Part).len();
    let parsed: Option<Vec<f64>> = numerals(&text, Commas::Part).iter().map(|numeral| numeral.parse().ok()).collect();
    let number = match parsed?.as_slice() {
        [] => {
            let words = number_words(&text);
            leading_number(&words).filter(|(_, num_words)| *num_words == words.len())?.0 as f64
        }
        [number] => scientific(text.trim()).unwrap_or(*number),
        // A fraction, or a numeral in scientific writing.
        [numerator, denominator] => match text.split_once('/') {
            Some((before, after)) if num_numerals(before) == 1 && num_numerals(after) == 1 => numerator / denominator,
            _ => scientific(text.trim())?,
        },
        _ => return None,
    };
    let number = if is_percent && text.contains('%') { number / 100.0 } else { number };
    number.is_finite().then_some(number)
}

/// Reads a text that is a number and nothing else, such as `2e-3`.
fn scientific(text: &str) -> Option<f64> {
    let is_plain = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'));
    if is_plain { text.parse().ok() } else { None }
}

/// Reads the one count of a text, in digits or in words, whatever other words there are.
fn counted(text: &str) -> Option<u64> {
    let joined = without_grouping(text);
    match numerals(&joined, Commas::Part).as_slice() {
        [] => counted_in_words(text),
        [numeral] => {
            let (whole, rest) = numeral.split_once('.').unwrap_or((numeral, ""));
            if rest.bytes().all(|digit| digit == b'0') { whole.parse().ok() } else { None }
        }
        _ => None,
    }
}

fn counted_in_words(text: &str) -> Option<u64> {
    let words = number_words(text);
    let (count, num_words) = leading_number(&words)?;
    let is_one = !words.iter().skip(num_words).any(|word| number::is_part(word));
    is_one.then_some(count)
}

// === impl Number ===

impl Number {
    fn is_near(&self, number: f64, answer: &str) -> f64 {
        let error = (number - self.gold).abs();
        let held = match self.by {
            By::Within { relative, absolute } => {
                let most = (relative * self.gold.abs()).max(absolute);
                // 0.501 is 0.001 from 0.5, and in doubles a little more.
                error <= most + if most > 0.0 { ROUNDING * self.gold.abs().max(most) } else { 0.0 }
            }
            By::Places(places) => rounded(number, places) == rounded(self.gold, places),
            By::Shape => answer.contains('.') == self.has_mark && rounded(number, 2) == rounded(self.gold, 2),
            By::Closeness if self.gold == 0.0 => error == 0.0,
            By::Closeness => return 1.0 - (error / self.gold.abs()).min(1.0),
        };
        if held { 1.0 } else { 0.0 }
    }
}

impl Measure for Number {
    fn grade(&self, answer: &str) -> Grade {
        match value(answer, self.is_percent) {
            Some(number) => {
                Grade::new(self.is_near(number, answer), format!("it is {number}, and {} was asked", self.gold))
            }
            None => Grade::new(0.0, "it is not one number"),
        }
    }
}

impl Measure for Count {
    fn grade(&self, answer: &str) -> Grade {
        match counted(answer) {
            Some(count) => Grade::of(count == self.gold, format!("it counts {count}, and {} was asked", self.gold)),
            None => Grade::new(0.0, "it is not one count"),
        }
    }
}
