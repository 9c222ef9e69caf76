//! What coordinates count, and how those of an answer become those of the reference.
//!
//! Parameters: `coordinates` of the answer, required, and `gold_coordinates` (the same): `pixels` of the picture, `model_pixels` of the picture as the
//! model saw it, `unit` (0 to 1), `thousand` (0 to 1000), and for answers `by_writing` (`unit` with a decimal point, else `thousand`). Where the two differ,
//! sizes in pixels come from the record's facts `image_size` and `model_image_size`, each `[width, height]`.

use gradus_types::RewardSpec;

use crate::{
    Fault,
    numerals::{Commas, numerals},
    parameters::Parameters,
};

/// The factors that bring an answer's coordinates into the system of the reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    whole: (f64, f64),
    /// For numbers with a decimal point, where that tells.
    decimal: (f64, f64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    Pixels,
    ModelPixels,
    Unit,
    Thousand,
    ByWriting,
}

const SYSTEMS: [(&str, System); 5] = [
    ("pixels", System::Pixels),
    ("model_pixels", System::ModelPixels),
    ("unit", System::Unit),
    ("thousand", System::Thousand),
    ("by_writing", System::ByWriting),
];

impl Scale {
    /// Reads what the coordinates are, with the sizes that the record gives.
    pub fn read(parameters: &mut Parameters<'_>, spec: &RewardSpec) -> Option<Self> {
        let answer = parameters.required_word("coordinates", &SYSTEMS);
        let gold = parameters.optional_word("gold_coordinates", &SYSTEMS[..4]);
        let answer = answer?;
        let gold = gold.unwrap_or(if answer == System::ByWriting { System::Thousand } else { answer });
        let mut between = |answer: System| Self::between(answer, gold, parameters, spec);
        if answer == System::ByWriting {
            return Some(Self { whole: between(System::Thousand)?, decimal: between(System::Unit)? });
        }
        let factors = between(answer)?;
        Some(Self { whole: factors, decimal: factors })
    }

    fn between(answer: System, gold: System, parameters: &mut Parameters<'_>, spec: &RewardSpec) -> Option<(f64, f64)> {
        if answer == gold {
            return Some((1.0, 1.0));
        }
        let (from, to) = (answer.extent(parameters, spec), gold.extent(parameters, spec));
        let (from, to) = (from?, to?);
        Some((to.0 / from.0, to.1 / from.1))
    }

    /// Reads pairs of coordinates, x before y, and scales them.
    pub fn apply<const N: usize>(self, numerals: &[String]) -> Option<[f64; N]> {
        let numerals: &[String; N] = numerals.try_into().ok()?;
        let (x, y) = if numerals.iter().any(|numeral| numeral.contains('.')) { self.decimal } else { self.whole };
        let mut scaled = [0.0; N];
        for (place, numeral) in numerals.iter().enumerate() {
            let factor = if place % 2 == 0 { x } else { y };
            scaled[place] = numeral.parse::<f64>().ok()? * factor;
        }
        scaled.iter().all(|coordinate| coordinate.is_finite()).then_some(scaled)
    }
}

impl System {
    /// Returns how far the system reaches along each axis.
    fn extent(self, parameters: &mut Parameters<'_>, spec: &RewardSpec) -> Option<(f64, f64)> {
        let fact = match self {
            Self::Unit => return Some((1.0, 1.0)),
            Self::Thousand | Self::ByWriting => return Some((1000.0, 1000.0)),
            Self::Pixels => "image_size",
            Self::ModelPixels => "model_image_size",
        };
        let size = spec.facts.get(fact).and_then(|size| serde_json::from_value(size.clone()).ok());
        let size = size.filter(|(width, height): &(f64, f64)| *width > 0.0 && *height > 0.0);
        if size.is_none() {
            let expected = "`[width, height]` in pixels";
            parameters.fault(Fault::Fact { component: parameters.component(), fact, expected });
        }
        size
    }
}

/// Returns the first bracketed list of as many numbers as are asked for, or else all numbers of a text that has just as many.
pub fn first_list(text: &str, num_numbers: usize) -> Option<Vec<String>> {
    let numerals = |text: &str| numerals(text, Commas::Part);
    let mut opened = None;
    for (at, character) in text.char_indices() {
        match character {
            '[' | '(' => opened = Some(at + 1),
            ']' | ')' => {
                let list = opened.take().and_then(|from| text.get(from..at)).map(numerals);
                if let Some(list) = list.filter(|list| list.len() == num_numbers) {
                    return Some(list);
                }
            }
            _ => {}
        }
    }
    let all = numerals(text);
    (all.len() == num_numbers).then_some(all)
}
