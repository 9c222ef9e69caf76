//! Rewards of length: a bonus for each unit, a ramp at a budget, and the soft penalty of over-long completions.

use super::{Component, Made, Outcome};
use crate::{Response, parameters::Parameters};

/// `length`: a value for each unit of the completion, such as the 0.001 for a token of VisualThinker-R1-Zero's ablation.
///
/// Parameters: `value_per_token` (1 by default), `max_tokens` that count (all by default), `unit` that takes the token's place
/// (`tokens`, `words`, `thinking_words`: those between the first `<think>` and the `</think>` after it, `characters`).
#[derive(Debug)]
struct Length {
    value_per_token: f64,
    max_tokens: f64,
    unit: Unit,
}

#[derive(Clone, Copy, Debug)]
enum Unit {
    Tokens,
    Words,
    ThinkingWords,
    Characters,
}

const UNITS: [(&str, Unit); 4] = [
    ("tokens", Unit::Tokens),
    ("words", Unit::Words),
    ("thinking_words", Unit::ThinkingWords),
    ("characters", Unit::Characters),
];

/// `length_budget`: `clip(slope·(budget - L) + offset, 0, 1)`, the efficient-length reward of ReVisual-R1 (arXiv 2506.04207), after L1-Max
/// (arXiv 2503.04697): a ramp around the budget, `offset` on it.
///
/// Parameters: `budget` in tokens, required; `slope` (0.005), `offset` (0.5).
#[derive(Debug)]
struct Budget {
    budget: f64,
    slope: f64,
    offset: f64,
}

/// `overlong`: the soft over-long punishment of DAPO (arXiv 2503.14476, equation 13): 0 up to `max_tokens - cache_tokens`, then
/// linear down to -1 at `max_tokens`, and -1 beyond.
///
/// Parameters: `max_tokens`, and `cache_tokens` of them, both required.
#[derive(Debug)]
struct Overlong {
    max_tokens: f64,
    cache_tokens: f64,
}

/// Makes a `length` component.
pub fn make(parameters: &mut Parameters<'_>) -> Made {
    let value_per_token = parameters.number("value_per_token", (-1e9, 1e9), 1.0);
    let max_tokens = parameters.number("max_tokens", (0.0, 1e12), 1e12);
    let unit = parameters.word("unit", &UNITS, Unit::Tokens);
    Some(Box::new(Length { value_per_token, max_tokens, unit }))
}

/// Makes a `length_budget` component.
pub fn make_budget(parameters: &mut Parameters<'_>) -> Made {
    let slope = parameters.number("slope", (0.0, 1e9), 0.005);
    let offset = parameters.number("offset", (-1e9, 1e9), 0.5);
    let budget = f64::from(parameters.required_count("budget")?);
    Some(Box::new(Budget { budget, slope, offset }))
}

/// Makes an `overlong` component.
pub fn make_overlong(parameters: &mut Parameters<'_>) -> Made {
    let max_tokens = parameters.required_count("max_tokens");
    let cache_tokens = parameters.required_count("cache_tokens");
    let (max_tokens, cache_tokens) = (max_tokens?, cache_tokens?);
    if cache_tokens > max_tokens {
        // A completion of no length would be punished.
        let expected = format!("at most `max_tokens`, which is {max_tokens}");
        parameters.refuse("cache_tokens", expected);
        return None;
    }
    Some(Box::new(Overlong { max_tokens: f64::from(max_tokens), cache_tokens: f64::from(cache_tokens) }))
}

impl Component for Length {
    fn score(&self, response: &Response) -> Outcome {
        Outcome::of(self.value_per_token * self.unit.count(response).min(self.max_tokens))
    }
}

impl Component for Budget {
    fn score(&self, response: &Response) -> Outcome {
        let ramp = self.slope * (self.budget - f64::from(response.num_tokens())) + self.offset;
        Outcome::of(ramp.clamp(0.0, 1.0))
    }
}

impl Unit {
    fn count(self, response: &Response) -> f64 {
        let words = |text: &str| text.split_whitespace().count() as f64;
        match self {
            Self::Tokens => f64::from(response.num_tokens()),
            Self::Words => words(response.text()),
            Self::ThinkingWords => words(thought(response.text())),
            Self::Characters => response.text().chars().count() as f64,
        }
    }
}

/// Returns what stands in the first thought, which is empty without one.
fn thought(text: &str) -> &str {
    let opened = text.split_once("<think>").map(|(_, after)| after);
    opened.and_then(|after| after.split_once("</think>")).map_or("", |(thought, _)| thought)
}

impl Component for Overlong {
    fn score(&self, response: &Response) -> Outcome {
        let free = self.max_tokens - self.cache_tokens;
        Outcome::of(((free - f64::from(response.num_tokens())) / self.cache_tokens).clamp(-1.0, 0.0))
    }
}

#[cfg(test)]
mod tests {
    use gradus_types::FinishReason;

    use super::*;

    fn of_tokens(num_tokens: u32) -> Response {
        Response::new("", "", num_tokens, FinishReason::Length)
    }

    #[test]
    fn the_overlong_penalty_grows_from_the_cache_to_the_limit() {
        let overlong = Overlong { max_tokens: 100.0, cache_tokens: 20.0 };
        for (num_tokens, expected) in [(0, 0.0), (80, 0.0), (90, -0.5), (100, -1.0), (500, -1.0)] {
            assert_eq!(overlong.score(&of_tokens(num_tokens)).value, expected);
        }
    }

    #[test]
    fn a_cache_beyond_the_limit_is_refused() {
        let spec =
            r#"{"components": [{"name": "o", "kind": "overlong", "max_tokens": 10, "cache_tokens": 20, "weight": 1}]}"#;
        let error = crate::RewardPlan::compile(&serde_json::from_str(spec).unwrap()).unwrap_err().to_string();
        assert!(error.contains("`cache_tokens = 20`; expected at most `max_tokens`, which is 10"), "{error}");
    }

    #[test]
    fn tokens_count_up_to_the_most_that_count() {
        let length = Length { value_per_token: 0.5, max_tokens: 10.0, unit: Unit::Tokens };
        assert_eq!(length.score(&of_tokens(4)).value, 2.0);
        assert_eq!(length.score(&of_tokens(40)).value, 5.0);
    }

    #[test]
    fn words_and_characters_count_in_the_place_of_tokens() {
        let response = Response::of_text("x <think>one two</think> é <think>three</think>");
        for (unit, expected) in [(Unit::Words, 5.0), (Unit::ThinkingWords, 2.0), (Unit::Characters, 47.0)] {
            assert_eq!(unit.count(&response), expected, "{unit:?}");
        }
        assert_eq!(Unit::ThinkingWords.count(&Response::of_text("<think>a")), 0.0);
    }

    #[test]
    fn the_budget_is_a_ramp_of_two_hundred_tokens_with_the_constants_of_revisual() {
        let budget = Budget { budget: 8192.0, slope: 0.005, offset: 0.5 };
        for (num_tokens, expected) in [(100, 1.0), (8092, 1.0), (8142, 0.75), (8192, 0.5), (8292, 0.0), (9000, 0.0)] {
            assert!((budget.score(&of_tokens(num_tokens)).value - expected).abs() < 1e-12, "{num_tokens}");
        }
    }
}
