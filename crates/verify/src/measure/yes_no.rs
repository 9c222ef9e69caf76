//! `yes_no`: one of two words and not the other. Parameter: `words`, a list of the two (`["yes", "no"]`).

use gradus_types::RewardSpec;

use super::{Grade, Made, Measure, refuse_gold, word::either};
use crate::parameters::Parameters;

#[derive(Debug)]
struct YesNo {
    pair: (String, String),
    is_first: bool,
}

/// Makes a `yes_no` measure.
pub fn make(parameters: &mut Parameters<'_>, spec: &RewardSpec) -> Made {
    let pair: Option<(String, String)> = parameters.structured("words", "a list of two words");
    let pair = pair.unwrap_or_else(|| ("yes".to_owned(), "no".to_owned()));
    let pair = (pair.0.to_lowercase(), pair.1.to_lowercase());
    let gold = parameters.gold(spec)?;
    match one_of(&pair, &gold) {
        Some(is_first) => Some(Box::new(YesNo { pair, is_first })),
        None => refuse_gold(parameters, &gold, "it is not exactly one of the two words"),
    }
}

/// Tells which of two words a text holds, where it holds one alone.
fn one_of(pair: &(String, String), text: &str) -> Option<bool> {
    either(text, &[pair.0.as_str()], &[pair.1.as_str()])
}

impl Measure for YesNo {
    fn grade(&self, answer: &str) -> Grade {
        match one_of(&self.pair, answer) {
            Some(is_first) => Grade::of(
                is_first == self.is_first,
                format!("it says `{}`", if is_first { &self.pair.0 } else { &self.pair.1 }),
            ),
            None => Grade::new(0.0, format!("it says both or neither of `{}` and `{}`", self.pair.0, self.pair.1)),
        }
    }
}
