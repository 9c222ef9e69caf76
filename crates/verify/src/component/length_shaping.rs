//! Rewards of length that depend on whether the answer is right: `cosine_length`, `kimi_length` and `relative_length`.

use std::f64::consts::PI;

use super::{
    MadeDerived,
    derived::{Derived, Length, Member, correctness},
};
use crate::parameters::Parameters;

/// `cosine_length`: the cosine-shaped reward of "Demystifying Long Chain-of-Thought" (arXiv 2502.03373), as TRL and open-r1 have it:
/// `low + (high - low)·(1 + cos(π·L/max))/2`, from `right_short` down to `right_long` for right answers, and from `wrong_short` up to
/// `wrong_long` for wrong ones.
///
/// Parameters: `max_length`, required; `of`, the component that tells right (`accuracy`); `unit` (`tokens`, `characters`); `right_short` (1),
/// `right_long` (0.5), `wrong_short` (-1), `wrong_long` (-0.5); `beyond` the maximum: `flat` (the default, as TRL) or `periodic` (as open-r1).
#[derive(Debug)]
struct Cosine {
    of: Vec<String>,
    unit: Length,
    max_length: f64,
    right: (f64, f64),
    wrong: (f64, f64),
    is_periodic: bool,
}

/// `kimi_length`: the length reward of Kimi k1.5 (arXiv 2501.12599, section 2.3.3): `λ = 0.5 - (L - min)/(max - min)` over the group, `λ` for
/// right answers and `min(0, λ)` for wrong ones; 0 where all are of one length.
///
/// Parameters: `of`, the component that tells right (`accuracy`); `unit` (`tokens`, `characters`).
#[derive(Debug)]
struct Kimi {
    of: Vec<String>,
    unit: Length,
}

/// `relative_length`: the sigmoid of how many standard deviations a completion is shorter than its group's mean (ReVisual-R1 computes it over a
/// batch); 0.5 where all are of one length.
///
/// Parameter: `unit` (`tokens`, `characters`).
#[derive(Debug)]
struct Relative {
    unit: Length,
}

/// Makes a `cosine_length` component.
pub fn make_cosine(parameters: &mut Parameters<'_>) -> MadeDerived {
    const BOUNDS: (f64, f64) = (-1e9, 1e9);
    let max_length = parameters.required_count("max_length");
    let cosine = Cosine {
        of: correctness(parameters),
        unit: Length::read(parameters),
        max_length: 0.0,
        right: (parameters.number("right_short", BOUNDS, 1.0), parameters.number("right_long", BOUNDS, 0.5)),
        wrong: (parameters.number("wrong_short", BOUNDS, -1.0), parameters.number("wrong_long", BOUNDS, -0.5)),
        is_periodic: parameters.word("beyond", &[("flat", false), ("periodic", true)], false),
    };
    Some(Box::new(Cosine { max_length: f64::from(max_length?), ..cosine }))
}

/// Makes a `kimi_length` component.
pub fn make_kimi(parameters: &mut Parameters<'_>) -> MadeDerived {
    Some(Box::new(Kimi { of: correctness(parameters), unit: Length::read(parameters) }))
}

/// Makes a `relative_length` component.
pub fn make_relative(parameters: &mut Parameters<'_>) -> MadeDerived {
    Some(Box::new(Relative { unit: Length::read(parameters) }))
}

// === impl Cosine ===

impl Cosine {
    fn value(&self, member: &Member) -> f64 {
        let share = self.unit.of(member) / self.max_length;
        let share = if self.is_periodic { share } else { share.min(1.0) };
        let (short, long) = if member.is_right() { self.right } else { self.wrong };
        long + (short - long) * (1.0 + (PI * share).cos()) / 2.0
    }
}

impl Derived for Cosine {
    fn of(&self) -> &[String] {
        &self.of
    }

    fn is_group_relative(&self) -> bool {
        false
    }

    fn values(&self, group: &[Member]) -> Vec<f64> {
        group.iter().map(|member| self.value(member)).collect()
    }
}

// === impl Kimi ===

impl Derived for Kimi {
    fn of(&self) -> &[String] {
        &self.of
    }

    fn is_group_relative(&self) -> bool {
        true
    }

    fn values(&self, group: &[Member]) -> Vec<f64> {
        let lengths = || group.iter().map(|member| self.unit.of(member));
        let (shortest, longest) = (lengths().fold(f64::INFINITY, f64::min), lengths().fold(0.0, f64::max));
        let value = |member: &Member| {
            let lambda = 0.5 - (self.unit.of(member) - shortest) / (longest - shortest);
            if member.is_right() { lambda } else { lambda.min(0.0) }
        };
        group.iter().map(|member| if longest > shortest { value(member) } else { 0.0 }).collect()
    }
}

// === impl Relative ===

impl Derived for Relative {
    fn of(&self) -> &[String] {
        &[]
    }

    fn is_group_relative(&self) -> bool {
        true
    }

    fn values(&self, group: &[Member]) -> Vec<f64> {
        let lengths: Vec<f64> = group.iter().map(|member| self.unit.of(member)).collect();
        let count = lengths.len() as f64;
        let mean = lengths.iter().sum::<f64>() / count;
        let deviation = (lengths.iter().map(|length| (length - mean).powi(2)).sum::<f64>() / count).sqrt();
        let value = |length: &f64| 1.0 / (1.0 + ((length - mean) / deviation).exp());
        lengths.iter().map(|length| if deviation > 0.0 { value(length) } else { 0.5 }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(num_tokens: u32, accuracy: f64) -> Member {
        Member { num_tokens, num_characters: 0, values: vec![accuracy] }
    }

    fn cosine(is_periodic: bool) -> Cosine {
        let of = vec!["accuracy".to_owned()];
        Cosine { of, unit: Length::Tokens, max_length: 100.0, right: (1.0, 0.5), wrong: (-1.0, -0.5), is_periodic }
    }

    #[test]
    fn short_right_answers_earn_most_and_short_wrong_ones_lose_most() {
        let lengths = [0, 50, 100, 200];
        let group: Vec<Member> =
            lengths.iter().flat_map(|length| [member(*length, 1.0), member(*length, 0.0)]).collect();
        let near = |values: Vec<f64>, expected: [f64; 8]| {
            for (value, expected) in values.iter().zip(expected) {
                assert!((value - expected).abs() < 1e-12, "{values:?}");
            }
        };
        near(cosine(false).values(&group), [1.0, -1.0, 0.75, -0.75, 0.5, -0.5, 0.5, -0.5]);
        near(cosine(true).values(&group), [1.0, -1.0, 0.75, -0.75, 0.5, -0.5, 1.0, -1.0]);
    }

    #[test]
    fn the_kimi_reward_is_relative_to_the_shortest_and_the_longest() {
        let kimi = Kimi { of: vec!["accuracy".to_owned()], unit: Length::Tokens };
        let group = [member(10, 1.0), member(20, 0.0), member(30, 1.0), member(15, 0.0)];
        assert_eq!(kimi.values(&group), [0.5, 0.0, -0.5, 0.0]);
        assert_eq!(kimi.values(&[member(30, 0.0), member(10, 1.0)]), [-0.5, 0.5]);
        assert_eq!(kimi.values(&[member(10, 1.0), member(10, 0.0)]), [0.0, 0.0]);
        assert_eq!(kimi.values(&[]), [0.0; 0]);
    }

    #[test]
    fn a_completion_of_mean_length_is_worth_a_half() {
        let relative = Relative { unit: Length::Tokens };
        let values = relative.values(&[member(10, 0.0), member(20, 0.0), member(30, 0.0)]);
        // sigmoid(±sqrt(3/2)): the standard deviation is sqrt(200/3).
        for (value, expected) in values.iter().zip([0.772_897_480_564, 0.5, 0.227_102_519_436]) {
            assert!((value - expected).abs() < 1e-8, "{values:?}");
        }
        assert_eq!(relative.values(&[member(7, 0.0)]), [0.5]);
    }
}
