//! What two values must have in common to be called equal.

use crate::equality::Sampling;

/// The rules by which two values are compared. Percentages are hundredths and mixed numbers are sums under every rule.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueRules {
    /// The decimal places to which values are rounded where one of them is written with a decimal point.
    pub num_decimals: u32,
    /// How values are rounded that are small beside the last of those places.
    pub small_values: SmallValues,
    /// How a whole number is compared with a decimal.
    pub integer_against_decimal: IntegerAgainstDecimal,
    /// What a degree sign does.
    pub degrees: Degrees,
    /// The base of a logarithm that is written without one.
    pub logarithm_base: LogarithmBase,
    /// Whether `A` and `a` are one name.
    pub symbol_case: SymbolCase,
    /// The difference, as a part of the gold value, up to which numbers are equal; none for the rules above only.
    pub relative_tolerance: Option<f64>,
    /// Where expressions are sampled.
    pub sampling: Sampling,
}

/// How small values are rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmallValues {
    /// To as many significant digits as there would be decimal places, so that they keep a value.
    Significant,
    /// To the decimal places, which may leave zero.
    Rounded,
}

/// How a whole number is compared with a decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntegerAgainstDecimal {
    /// They are equal when their exact values are.
    Exact,
    /// Both are rounded.
    Rounded,
}

/// What a degree sign does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Degrees {
    /// Nothing: 90° is 90.
    Ignored,
    /// It multiplies by π/180.
    Radians,
}

/// The base of a bare logarithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogarithmBase {
    /// Ten.
    Ten,
    /// Euler's number.
    E,
}

/// Whether letters of both cases are one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolCase {
    /// They are.
    Ignored,
    /// They are not.
    Distinct,
}

// === impl SymbolCase ===

impl SymbolCase {
    /// Tells whether two names are one.
    #[must_use]
    pub fn is_same(self, left: &str, right: &str) -> bool {
        left == right || self == Self::Ignored && left.to_lowercase() == right.to_lowercase()
    }
}

/// The seed where none is asked for: `gradus 1` in ASCII. Everybody knows it.
const DEFAULT_SEED: u64 = 0x6772_6164_7573_2031;

// === impl ValueRules ===

impl ValueRules {
    /// Returns the rules of rewards: rounding to six places without losing small values, cases and degree signs ignored.
    #[must_use]
    pub fn reward() -> Self {
        Self {
            num_decimals: 6,
            small_values: SmallValues::Significant,
            integer_against_decimal: IntegerAgainstDecimal::Rounded,
            degrees: Degrees::Ignored,
            logarithm_base: LogarithmBase::Ten,
            symbol_case: SymbolCase::Ignored,
            relative_tolerance: None,
            sampling: Sampling::of_seed(DEFAULT_SEED),
        }
    }

    /// Returns the rules of the math-verify package: rounding to six places whatever is lost, whole numbers exact.
    #[must_use]
    pub fn math_verify() -> Self {
        Self {
            small_values: SmallValues::Rounded,
            integer_against_decimal: IntegerAgainstDecimal::Exact,
            ..Self::reward()
        }
    }

    /// Returns strict rules: names keep their case and degrees are angles.
    #[must_use]
    pub fn strict() -> Self {
        Self { degrees: Degrees::Radians, symbol_case: SymbolCase::Distinct, ..Self::reward() }
    }
}

impl Default for ValueRules {
    fn default() -> Self {
        Self::reward()
    }
}
