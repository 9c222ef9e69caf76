//! The loss of one token and its derivative with respect to the token's logprob, in f64.
//!
//! With `ratio = exp(logprob - old_logprob)` and the advantage A:
//!
//! * clipped surrogate (Schulman et al., PPO, arXiv 1707.06347, equation 7; separate bounds as in DAPO, arXiv 2503.14476,
//!   equation 10): `max(-A ratio, -A clamp(ratio, 1 - low, 1 + high))`;
//! * dual clip (Ye et al., arXiv 1912.09729, equation 5): for A < 0 at most `-A dual`;
//! * k3 divergence from the reference (Schulman, "Approximating KL Divergence", 2020): `exp(x) - x - 1` with
//!   `x = reference_logprob - logprob`.

/// Differences of logprobs are clamped to this magnitude before they are exponentiated, as in verl: `exp(20)` is past every
/// clip bound, and an overflow would cost the whole step.
const LOG_RATIO_BOUND: f64 = 20.0;

/// Where the probability ratio is clipped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clip {
    /// The ratio's lower bound is `1 - low`.
    pub low: f64,
    /// The ratio's upper bound is `1 + high`.
    pub high: f64,
    /// The loss of a negative advantage is at most this multiple of its magnitude.
    pub dual: Option<f64>,
}

/// The policy loss of one token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TokenLoss {
    /// The loss.
    pub value: f64,
    /// Its derivative with respect to the token's logprob.
    pub derivative: f64,
    /// Whether the clipped surrogate was the larger one.
    pub is_clipped: bool,
    /// Whether the dual bound replaced it.
    pub is_dual_clipped: bool,
}

/// The divergence of one token from the reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TokenDivergence {
    /// The divergence, at least 0.
    pub value: f64,
    /// Its derivative with respect to the token's logprob.
    pub derivative: f64,
}

/// Computes the clipped policy loss of one token.
#[must_use]
pub fn policy_loss(logprob: f64, old_logprob: f64, advantage: f64, clip: &Clip) -> TokenLoss {
    let (ratio, ratio_slope) = bounded_exp(logprob - old_logprob);
    let clipped_ratio = ratio.clamp(1.0 - clip.low, 1.0 + clip.high);
    let (plain, clipped) = (-advantage * ratio, -advantage * clipped_ratio);
    let is_clipped = clipped > plain;
    let value = plain.max(clipped);
    if let Some(dual) = clip.dual
        && advantage < 0.0
        && value > -advantage * dual
    {
        return TokenLoss { value: -advantage * dual, derivative: 0.0, is_clipped, is_dual_clipped: true };
    }
    let derivative = if is_clipped { 0.0 } else { -advantage * ratio_slope };
    TokenLoss { value, derivative, is_clipped, is_dual_clipped: false }
}

/// Computes the k3 divergence of one token from the reference.
#[must_use]
pub fn k3_divergence(logprob: f64, reference_logprob: f64) -> TokenDivergence {
    let difference = reference_logprob - logprob;
    let (ratio, ratio_slope) = bounded_exp(difference);
    let bounded = difference.clamp(-LOG_RATIO_BOUND, LOG_RATIO_BOUND);
    let bounded_slope = if difference.abs() > LOG_RATIO_BOUND { 0.0 } else { 1.0 };
    TokenDivergence { value: ratio - bounded - 1.0, derivative: bounded_slope - ratio_slope }
}

/// Returns `exp` of a difference within the bound, and its slope: 0 beyond.
fn bounded_exp(difference: f64) -> (f64, f64) {
    let bounded = difference.clamp(-LOG_RATIO_BOUND, LOG_RATIO_BOUND);
    let ratio = bounded.exp();
    // What is not a number passes through, so that the step it would ruin is noticed and skipped.
    (ratio, if difference.abs() > LOG_RATIO_BOUND { 0.0 } else { ratio })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: f64 = 1e-6;
    /// Central differences of f64 with this step are good to about 1e-9 relative to losses of order 1.
    const TOLERANCE: f64 = 1e-7;

    fn check_derivative(name: &str, derivative: f64, loss: impl Fn(f64) -> f64) {
        let difference = (loss(STEP) - loss(-STEP)) / (2.0 * STEP);
        assert!(
            (derivative - difference).abs() < TOLERANCE * derivative.abs().max(1.0),
            "{name}: {derivative} {difference}"
        );
    }

    #[test]
    fn the_policy_loss_derivative_equals_finite_differences() {
        let clips = [
            Clip { low: 0.2, high: 0.2, dual: None },
            Clip { low: 0.2, high: 0.28, dual: Some(3.0) },
            Clip { low: 0.1, high: 0.4, dual: Some(1.4) },
        ];
        for clip in clips {
            for advantage in [-2.0, -0.3, 0.0, 0.5, 1.7] {
                for log_ratio in [-25.0, -1.3, -0.21, -0.05, 0.0, 0.07, 0.3, 1.2] {
                    let (logprob, old_logprob) = (-1.0 + log_ratio, -1.0);
                    let derivative = policy_loss(logprob, old_logprob, advantage, &clip).derivative;
                    let name = format!("{clip:?}, advantage {advantage}, log ratio {log_ratio}");
                    check_derivative(&name, derivative, |shift| {
                        policy_loss(logprob + shift, old_logprob, advantage, &clip).value
                    });
                }
            }
        }
    }

    #[test]
    fn the_k3_derivative_equals_finite_differences() {
        for difference in [-30.0, -2.0, -0.1, 0.0, 0.1, 2.0] {
            let derivative = k3_divergence(-1.0, -1.0 + difference).derivative;
            check_derivative(&format!("difference {difference}"), derivative, |shift| {
                k3_divergence(-1.0 + shift, -1.0 + difference).value
            });
        }
    }

    #[test]
    fn an_absurd_ratio_gives_a_finite_loss_without_gradient() {
        let loss = policy_loss(0.0, -1_000.0, -1.0, &Clip { low: 0.2, high: 0.2, dual: None });
        assert_eq!((loss.value, loss.derivative), (LOG_RATIO_BOUND.exp(), 0.0));
        assert!(k3_divergence(-1_000.0, 0.0).value.is_finite());
    }

    #[test]
    fn a_positive_advantage_has_no_dual_bound() {
        let clip = Clip { low: 0.2, high: 9.0, dual: Some(1.5) };
        assert!(!policy_loss(1.0, 0.0, 1.0, &clip).is_dual_clipped);
        assert!(policy_loss(1.0, 0.0, -1.0, &clip).is_dual_clipped);
    }

    #[test]
    fn a_logprob_that_is_not_a_number_shows_in_the_gradient() {
        let clip = Clip { low: 0.2, high: 0.2, dual: Some(3.0) };
        assert!(policy_loss(f64::NAN, -1.0, 1.0, &clip).derivative.is_nan());
        assert!(policy_loss(-1.0, f64::NAN, -1.0, &clip).derivative.is_nan());
    }

    #[test]
    fn the_divergence_from_itself_is_zero() {
        assert_eq!(k3_divergence(-0.7, -0.7), TokenDivergence { value: 0.0, derivative: 0.0 });
    }
}
