//! Rewards of length: a bonus per token, and the soft penalty of over-long completions.

use gradus_types::RewardSpec;

use super::{Component, Made, Outcome};
use crate::{Response, parameters::Parameters};

/// `length`: a value for each token of the completion, such as the 0.001 of VisualThinker-R1-Zero's ablation.
///
/// Parameters: `value_per_token` (1 by default), `max_tokens` that count (all by default).
#[derive(Debug)]
struct Length {
    value_per_token: f64,
    max_tokens: f64,
}

/// `overlong`: the soft over-long punishment of DAPO (arXiv 2503.14476, equation 13): 0 up to `max_tokens - cache_tokens`, then
/// linear down to -1 at `max_tokens`, and -1 beyond.
///
/// Parameters: `max_tokens`, `cache_tokens`, both required.
#[derive(Debug)]
struct Overlong {
    max_tokens: f64,
    cache_tokens: f64,
}

/// Makes a `length` component.
pub fn make(parameters: &mut Parameters<'_>, _spec: &RewardSpec) -> Made {
    let value_per_token = parameters.number("value_per_token", (-1e9, 1e9), 1.0);
    let max_tokens = parameters.number("max_tokens", (0.0, 1e12), 1e12);
    Some(Box::new(Length { value_per_token, max_tokens }))
}

/// Makes an `overlong` component.
pub fn make_overlong(parameters: &mut Parameters<'_>, _spec: &RewardSpec) -> Made {
    let max_tokens = parameters.required_count("max_tokens");
    let cache_tokens = parameters.required_count("cache_tokens");
    Some(Box::new(Overlong { max_tokens: f64::from(max_tokens?), cache_tokens: f64::from(cache_tokens?) }))
}

impl Component for Length {
    fn score(&self, response: &Response) -> Outcome {
        Outcome::of(self.value_per_token * f64::from(response.num_tokens()).min(self.max_tokens))
    }
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
    fn tokens_count_up_to_the_most_that_count() {
        let length = Length { value_per_token: 0.5, max_tokens: 10.0 };
        assert_eq!(length.score(&of_tokens(4)).value, 2.0);
        assert_eq!(length.score(&of_tokens(40)).value, 5.0);
    }
}
