//! Reads a number out of an answer that is nothing but one.

use std::fmt;

use super::super::{bare, number_words};

/// A number as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The number itself.
    pub value: Value,
    /// Whether a percent sign followed.
    pub is_percent: bool,
    /// The unit that followed, in lower case and singular.
    pub unit: Option<String>,
}

/// A rational number, exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A fraction in lowest terms with a positive denominator.
    Ratio {
        /// The numerator.
        numerator: i128,
        /// The denominator.
        denominator: i128,
    },
    /// A decimal of more digits than fit, without leading and trailing zeros; the point is at `scale` digits from the right.
    Long {
        /// Whether it is below zero.
        is_negative: bool,
        /// The digits.
        digits: String,
        /// How many of them follow the point; negative where zeros were cut off before it.
        scale: i64,
    },
}

/// The most digits of a numerator or denominator, so that products of two fit.
const MAX_DIGITS: u32 = 18;

/// Reads a number, with what may stand around it: a currency, a unit, a percent sign, `x =`.
pub fn read(answer: &str) -> Option<Reading> {
    let answer = after_equals(bare(answer));
    let answer = bare(answer).replace('−', "-");
    let (sign, rest) = match answer.trim_start().strip_prefix(['-', '+']) {
        Some(rest) => (if answer.trim_start().starts_with('-') { -1 } else { 1 }, rest),
        None => (1, answer.as_str()),
    };
    let rest = rest.trim_start_matches(['$', '€', '£', '¥', ' ']);
    let rest = rest.strip_prefix("\\$").unwrap_or(rest);
    let (value, rest) = number_word(rest).or_else(|| latex_fraction(rest)).or_else(|| plain(rest))?;
    let (is_percent, unit) = suffix(rest)?;
    Some(Reading { value: value.signed(sign), is_percent, unit })
}

/// Takes off `x =` before a number.
fn after_equals(answer: &str) -> &str {
    match answer.split_once('=') {
        Some((name, rest)) if !rest.contains('=') && is_name(name.trim()) => rest.trim(),
        _ => answer,
    }
}

fn is_name(name: &str) -> bool {
    let name = name.trim_start_matches('\\');
    (1..=16).contains(&name.len())
        && name.chars().all(|character| character.is_ascii_alphabetic() || "_{}".contains(character))
}

fn number_word(text: &str) -> Option<(Value, &str)> {
    let end = text.find(|character: char| !character.is_ascii_alphabetic()).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    Some((Value::ratio(number_words::value(word)?, 1)?, rest))
}

/// Reads `\frac{1}{2}`, `\dfrac12` and `1\frac{1}{2}`.
fn latex_fraction(text: &str) -> Option<(Value, &str)> {
    let command = text.find('\\')?;
    let (whole, tail) = text.split_at(command);
    let body = ["\\frac", "\\dfrac", "\\tfrac"].iter().find_map(|name| tail.strip_prefix(name))?;
    let (numerator, body) = argument(body)?;
    let (denominator, rest) = argument(body)?;
    let fraction = Value::ratio(numerator, denominator)?;
    match whole.trim() {
        "" => Some((fraction, rest)),
        whole => Some((fraction.plus(integer(whole)?)?, rest)),
    }
}

/// Reads `{12}` or a single digit.
fn argument(text: &str) -> Option<(i128, &str)> {
    let text = text.trim_start();
    if let Some(inner) = text.strip_prefix('{') {
        let (content, rest) = inner.split_once('}')?;
        let content = content.trim();
        let (sign, digits) = content.strip_prefix('-').map_or((1, content), |digits| (-1, digits));
        return Some((sign * integer(digits.trim())?, rest));
    }
    let digit = text.chars().next().filter(char::is_ascii_digit)?;
    Some((integer(text.get(..digit.len_utf8())?)?, text.get(digit.len_utf8()..)?))
}

/// Reads `1,234.5`, `.5`, `3/4`, `1 3/4`, `2e-3` and `2 \times 10^{3}`.
fn plain(text: &str) -> Option<(Value, &str)> {
    let (decimal, rest) = decimal(text)?;
    if let Some((denominator, rest)) = after_slash(rest) {
        return Some((decimal.over(denominator)?, rest));
    }
    if let Some((numerator, tail)) = mixed(rest)
        && let Some((denominator, rest)) = after_slash(tail)
    {
        let whole = decimal.as_integer()?;
        return Some((Value::ratio(numerator, denominator)?.plus(whole)?, rest));
    }
    match exponent(rest) {
        Some((power, rest)) => Some((decimal.times_ten_to(power)?, rest)),
        None => Some((decimal, rest)),
    }
}

/// Reads the digits of a decimal with thousands separators.
fn decimal(text: &str) -> Option<(Value, &str)> {
    let end = number_end(text);
    let (written, rest) = text.split_at(end);
    let (whole, fraction) = written.split_once('.').unwrap_or((written, ""));
    let groups: Vec<&str> = whole.split(',').collect();
    let is_grouped = groups.iter().skip(1).all(|group| group.len() == 3) && groups.first()?.len() <= 3;
    if groups.len() > 1 && !is_grouped || fraction.contains([',', '.']) {
        return None;
    }
    let digits = format!("{}{fraction}", groups.concat());
    if digits.is_empty() {
        return None;
    }
    Some((Value::of_digits(&digits, fraction.len())?, rest))
}

/// Returns where the digits, points and separators at the start of a text end; a final point or comma is punctuation.
fn number_end(text: &str) -> usize {
    let end =
        text.find(|character: char| !character.is_ascii_digit() && !",.".contains(character)).unwrap_or(text.len());
    let (written, _) = text.split_at(end);
    let kept = written.trim_end_matches(',');
    kept.len()
}

fn after_slash(text: &str) -> Option<(i128, &str)> {
    let text = text.trim_start().strip_prefix('/')?.trim_start();
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    Some((integer(digits)?, rest))
}

/// Reads the numerator of a mixed number, after a space.
fn mixed(text: &str) -> Option<(i128, &str)> {
    let text = text.strip_prefix(' ')?.trim_start();
    let end = text.find(|character: char| !character.is_ascii_digit())?;
    let (digits, rest) = text.split_at(end);
    Some((integer(digits)?, rest))
}

/// Reads `e5`, `\times 10^5`, `× 10^{-3}`.
fn exponent(text: &str) -> Option<(i32, &str)> {
    let tail = match text.strip_prefix(['e', 'E']) {
        Some(tail) => tail,
        None => {
            let text = text.trim_start();
            let signs = ["\\times", "\\cdot", "×", "*", "x"];
            let tail = signs.iter().find_map(|sign| text.strip_prefix(sign))?;
            tail.trim_start().strip_prefix("10^")?
        }
    };
    let (tail, is_braced) = tail.strip_prefix('{').map_or((tail, false), |tail| (tail, true));
    let end = tail
        .char_indices()
        .find(|&(index, character)| !(character.is_ascii_digit() || index == 0 && "+-".contains(character)));
    let (digits, rest) = tail.split_at(end.map_or(tail.len(), |(index, _)| index));
    let power = digits.parse().ok()?;
    Some((power, if is_braced { rest.strip_prefix('}')? } else { rest }))
}

/// Reads a percent sign or a unit; another text means that this is no plain number.
fn suffix(text: &str) -> Option<(bool, Option<String>)> {
    let is_attached = !text.starts_with([' ', '\\', '~']);
    let text = text.trim_matches([' ', '~', ',', ';']);
    if text.is_empty() {
        return Some((false, None));
    }
    if ["%", "\\%", "percent", "per cent"].contains(&text) {
        return Some((true, None));
    }
    if ["°", "^\\circ", "^{\\circ}", "\\circ", "\\degree", "degrees", "degree"].contains(&text) {
        return Some((false, Some("degree".to_owned())));
    }
    let text = text.trim_start_matches("\\,").trim_start_matches("\\ ").trim();
    let words = ["\\text{", "\\mathrm{", "\\mbox{"].iter().find_map(|open| text.strip_prefix(open)?.strip_suffix('}'));
    let is_attached = is_attached && words.is_none();
    let unit = words.unwrap_or(text).trim().to_lowercase();
    let is_unit = unit.split_whitespace().count() <= 3
        && unit.chars().all(|character| character.is_alphabetic() || " /²³^23".contains(character))
        && unit.starts_with(char::is_alphabetic)
        && !unit.split_whitespace().any(|word| number_words::is_scale(word) || ["and", "or", "to"].contains(&word))
        && (!is_attached || unit.chars().count() > 1);
    is_unit.then(|| (false, Some(singular(&unit))))
}

fn singular(unit: &str) -> String {
    unit.strip_suffix('s').filter(|rest| rest.len() > 1).unwrap_or(unit).to_owned()
}

fn integer(digits: &str) -> Option<i128> {
    let is_short = (1..=MAX_DIGITS as usize).contains(&digits.len());
    (is_short && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok())?
}

// === impl Reading ===

impl Reading {
    /// Returns a percentage as its value, and another number as it is.
    pub fn in_hundredths(&self) -> Self {
        if !self.is_percent {
            return self.clone();
        }
        let value = self.value.over(100).unwrap_or_else(|| self.value.clone());
        Self { value, is_percent: false, unit: self.unit.clone() }
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Value::Ratio { numerator, denominator: 1 } => write!(formatter, "{numerator}")?,
            Value::Ratio { numerator, denominator } => write!(formatter, "{numerator}/{denominator}")?,
            Value::Long { is_negative, digits, scale } => {
                write!(formatter, "{}{digits}e{}", if *is_negative { "-" } else { "" }, -scale)?;
            }
        }
        formatter.write_str(if self.is_percent { "%" } else { "" })?;
        self.unit.as_ref().map_or(Ok(()), |unit| write!(formatter, " {unit}"))
    }
}

// === impl Value ===

impl Value {
    /// Makes a fraction in lowest terms, or nothing where it is none or has too many digits.
    fn ratio(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        let divisor = greatest_common_divisor(numerator.unsigned_abs(), denominator.unsigned_abs());
        let divisor = i128::try_from(divisor).ok()? * denominator.signum();
        let (numerator, denominator) = (numerator / divisor, denominator / divisor);
        let limit = 10_i128.pow(MAX_DIGITS);
        (numerator.abs() <= limit && denominator <= limit).then_some(Self::Ratio { numerator, denominator })
    }

    /// Makes the decimal of these digits, so many of which follow the point.
    fn of_digits(digits: &str, num_fraction_digits: usize) -> Option<Self> {
        let significant = digits.trim_start_matches('0');
        if significant.is_empty() {
            return Self::ratio(0, 1);
        }
        let kept = significant.trim_end_matches('0');
        let scale = i64::try_from(num_fraction_digits).ok()? - i64::try_from(significant.len() - kept.len()).ok()?;
        Some(Self::of_scaled(kept, scale))
    }

    /// Makes the number `digits · 10^-scale`.
    fn of_scaled(digits: &str, scale: i64) -> Self {
        let short = || {
            let number = integer(digits)?;
            let power = 10_i128.checked_pow(u32::try_from(scale.abs()).ok().filter(|power| *power <= MAX_DIGITS)?)?;
            if scale > 0 { Self::ratio(number, power) } else { Self::ratio(number.checked_mul(power)?, 1) }
        };
        short().unwrap_or_else(|| Self::Long { is_negative: false, digits: digits.to_owned(), scale })
    }

    fn signed(self, sign: i128) -> Self {
        match self {
            Self::Ratio { numerator, denominator } => Self::Ratio { numerator: sign * numerator, denominator },
            Self::Long { digits, scale, .. } => Self::Long { is_negative: sign < 0, digits, scale },
        }
    }

    fn plus(self, whole: i128) -> Option<Self> {
        let Self::Ratio { numerator, denominator } = self else { return None };
        Self::ratio(whole.checked_mul(denominator)?.checked_add(numerator)?, denominator)
    }

    fn over(&self, divisor: i128) -> Option<Self> {
        let Self::Ratio { numerator, denominator } = self else { return None };
        Self::ratio(*numerator, denominator.checked_mul(divisor)?)
    }

    const fn as_integer(&self) -> Option<i128> {
        match self {
            Self::Ratio { numerator, denominator: 1 } => Some(*numerator),
            _ => None,
        }
    }

    fn times_ten_to(&self, power: i32) -> Option<Self> {
        match self {
            Self::Ratio { numerator: 0, .. } => Some(self.clone()),
            Self::Ratio { numerator, denominator } => {
                let factor =
                    10_i128.checked_pow(power.unsigned_abs()).filter(|_| power.unsigned_abs() <= MAX_DIGITS)?;
                if power < 0 {
                    Self::ratio(*numerator, denominator.checked_mul(factor)?)
                } else {
                    Self::ratio(numerator.checked_mul(factor)?, *denominator)
                }
            }
            Self::Long { is_negative, digits, scale } => {
                let scale = scale.checked_sub(i64::from(power))?;
                Some(Self::Long { is_negative: *is_negative, digits: digits.clone(), scale })
            }
        }
    }

    /// Returns the nearest float.
    pub fn to_f64(&self) -> f64 {
        match self {
            Self::Ratio { numerator, denominator } => *numerator as f64 / *denominator as f64,
            Self::Long { is_negative, digits, scale } => {
                let magnitude: f64 = format!("{digits}e{}", -scale).parse().unwrap_or(f64::NAN);
                if *is_negative { -magnitude } else { magnitude }
            }
        }
    }
}

fn greatest_common_divisor(mut left: u128, mut right: u128) -> u128 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left.max(1)
}
