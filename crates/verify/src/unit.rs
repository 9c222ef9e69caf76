//! Units of measurement: what they measure, and how large they are.

use crate::{
    expression::{Expression, Node, NodeId, Operator},
    latex::unit_symbol,
};

/// How many base dimensions there are: length, mass, time, current, temperature, amount, money, months, information.
const NUM_DIMENSIONS: usize = 9;

/// The powers of the base dimensions.
type Dimensions = [i8; NUM_DIMENSIONS];

/// A unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// One that is known, as a multiple `numerator / denominator` of the base unit of its dimensions.
    Known { dimensions: Dimensions, numerator: u128, denominator: u128 },
    /// A thing that is counted, or a unit that is not known.
    Thing(String),
    /// `units`, which says nothing.
    Any,
}

/// Returns the unit that a node names, if it names one, and how many times it is taken: `million dollars` is a million of `$`.
#[must_use]
pub fn read(expression: &Expression, node: NodeId) -> (Option<Unit>, u64) {
    let mut words = String::new();
    write(expression, node, &mut words);
    let (mut rest, mut scale) = (words.trim(), 1_u64);
    while !rest.is_empty() {
        let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
        let Some(factor) = scale_of(word) else { break };
        scale = scale.saturating_mul(factor);
        rest = after.trim_start();
    }
    (if rest.is_empty() { None } else { Some(of_words(rest)) }, scale)
}

/// Returns the number that a word multiplies by.
fn scale_of(word: &str) -> Option<u64> {
    let lower = word.to_lowercase();
    match lower.strip_suffix('s').unwrap_or(&lower) {
        "dozen" => Some(12),
        "hundred" => Some(100),
        "thousand" => Some(1_000),
        "million" => Some(1_000_000),
        "billion" => Some(1_000_000_000),
        "trillion" => Some(1_000_000_000_000),
        _ => None,
    }
}

/// Writes a unit as words.
fn write(expression: &Expression, node: NodeId, words: &mut String) {
    match expression.node(node) {
        Node::Text(text) | Node::Symbol(text) => words.push_str(text),
        Node::Number(numeral) => words.push_str(&numeral.digits),
        Node::Constant(_) => {}
        Node::Operation(operator, children) => {
            let sign = match operator {
                Operator::Divide => " / ",
                Operator::Power => "^",
                Operator::Negate => "-",
                _ => " ",
            };
            for (index, child) in children.iter().enumerate() {
                if index > 0 || operator == Operator::Negate {
                    words.push_str(sign);
                }
                write(expression, *child, words);
            }
        }
    }
}

/// Reads words such as `miles per hour`, `m/s^2`, `square feet`.
fn of_words(words: &str) -> Unit {
    let separated = words.replace('/', " / ").replace(['·', '*', '~', ',', '.'], " ").replace("\\", "");
    let mut product = Product { dimensions: [0; NUM_DIMENSIONS], numerator: 1, denominator: 1 };
    let (mut is_below, mut power, mut is_known) = (false, 1, true);
    let mut things = Vec::new();
    let mut last: Option<(Base, i8)> = None;
    for word in separated.split_whitespace() {
        match word {
            "/" | "per" => is_below = true,
            "square" | "sq" => power = 2,
            "cubic" | "cu" => power = 3,
            "squared" | "cubed" => {
                if let Some((base, sign)) = last {
                    product.multiply(base, if word == "squared" { sign } else { 2 * sign });
                }
            }
            "of" | "the" | "a" | "an" => {}
            _ => {
                let (name, own) = split_power(word);
                let signed = own * std::mem::replace(&mut power, 1) * if is_below { -1 } else { 1 };
                match base(name) {
                    Some(base) => {
                        product.multiply(base, signed);
                        last = Some((base, if is_below { -1 } else { 1 }));
                    }
                    None => is_known = false,
                }
                things.push(singular(name));
            }
        }
    }
    if things.iter().all(|thing| thing == "unit") {
        return Unit::Any;
    }
    match product {
        Product { dimensions, numerator, denominator } if is_known && denominator > 0 && numerator > 0 => {
            Unit::Known { dimensions, numerator, denominator }
        }
        _ => Unit::Thing(things.join(" ")),
    }
}

/// Splits `cm^2`, `cm2`, `cm²` and `s^-1` into a name and a power.
fn split_power(word: &str) -> (&str, i8) {
    let end = word.find(|character: char| !character.is_alphabetic() && !"$°%'".contains(character));
    let Some((name, power)) = end.and_then(|end| word.split_at_checked(end)).filter(|(name, _)| !name.is_empty())
    else {
        return (word, 1);
    };
    let digits: String = power.chars().filter_map(plain_digit).collect();
    (name, digits.parse().ok().filter(|power| (-4..=4).contains(power)).unwrap_or(1))
}

const fn plain_digit(character: char) -> Option<char> {
    match character {
        '0'..='9' | '-' => Some(character),
        '²' => Some('2'),
        '³' => Some('3'),
        '⁻' => Some('-'),
        '¹' => Some('1'),
        _ => None,
    }
}

fn singular(word: &str) -> String {
    let lower = word.to_lowercase();
    let known = unit_symbol(&lower).map(str::to_lowercase);
    known.unwrap_or_else(|| lower.strip_suffix('s').filter(|stem| stem.len() > 2).unwrap_or(&lower).to_owned())
}

// === impl Unit ===

impl Unit {
    /// Tells whether two things are the same, by their last word: `children tickets` are `tickets`.
    #[must_use]
    pub fn is_same_thing(&self, other: &Self) -> bool {
        let last = |thing: &str| thing.rsplit(' ').next().unwrap_or_default().to_owned();
        match (self, other) {
            (Self::Thing(left), Self::Thing(right)) => {
                // `red balls` are `balls`, but not `blue balls`.
                let holds = |all: &str, some: &str| some.split(' ').all(|word| all.split(' ').any(|own| own == word));
                if last(left) == last(right) {
                    return holds(left, right) || holds(right, left);
                }
                left.split(' ').any(|word| word == last(right)) || right.split(' ').any(|word| word == last(left))
            }
            (left, right) => left == right,
        }
    }
}

#[derive(Clone, Copy)]
struct Product {
    dimensions: Dimensions,
    numerator: u128,
    denominator: u128,
}

/// A base or derived unit: dimensions, numerator, denominator.
type Base = (Dimensions, u64, u64);

// === impl Product ===

impl Product {
    /// Multiplies by a power of a unit; zero marks what is too large.
    fn multiply(&mut self, (dimensions, numerator, denominator): Base, power: i8) {
        for (own, other) in self.dimensions.iter_mut().zip(dimensions) {
            *own = own.saturating_add(other.saturating_mul(power));
        }
        let (above, below) = if power < 0 { (denominator, numerator) } else { (numerator, denominator) };
        for _ in 0..power.unsigned_abs() {
            self.numerator = self.numerator.checked_mul(u128::from(above)).unwrap_or(0);
            self.denominator = self.denominator.checked_mul(u128::from(below)).unwrap_or(0);
        }
    }
}

const LENGTH: Dimensions = [1, 0, 0, 0, 0, 0, 0, 0, 0];
const MASS: Dimensions = [0, 1, 0, 0, 0, 0, 0, 0, 0];
const TIME: Dimensions = [0, 0, 1, 0, 0, 0, 0, 0, 0];
const CURRENT: Dimensions = [0, 0, 0, 1, 0, 0, 0, 0, 0];
const AREA: Dimensions = [2, 0, 0, 0, 0, 0, 0, 0, 0];
const VOLUME: Dimensions = [3, 0, 0, 0, 0, 0, 0, 0, 0];
const SPEED: Dimensions = [1, 0, -1, 0, 0, 0, 0, 0, 0];
const FREQUENCY: Dimensions = [0, 0, -1, 0, 0, 0, 0, 0, 0];
const FORCE: Dimensions = [1, 1, -2, 0, 0, 0, 0, 0, 0];
const ENERGY: Dimensions = [2, 1, -2, 0, 0, 0, 0, 0, 0];
const POWER: Dimensions = [2, 1, -3, 0, 0, 0, 0, 0, 0];
const PRESSURE: Dimensions = [-1, 1, -2, 0, 0, 0, 0, 0, 0];
const CHARGE: Dimensions = [0, 0, 1, 1, 0, 0, 0, 0, 0];
const VOLTAGE: Dimensions = [2, 1, -3, -1, 0, 0, 0, 0, 0];
const RESISTANCE: Dimensions = [2, 1, -3, -2, 0, 0, 0, 0, 0];
const CAPACITY: Dimensions = [-2, -1, 4, 2, 0, 0, 0, 0, 0];
const INDUCTION: Dimensions = [0, 1, -2, -1, 0, 0, 0, 0, 0];
const TEMPERATURE: Dimensions = [0, 0, 0, 0, 1, 0, 0, 0, 0];
const AMOUNT: Dimensions = [0, 0, 0, 0, 0, 1, 0, 0, 0];
const MONEY: Dimensions = [0, 0, 0, 0, 0, 0, 1, 0, 0];
const CALENDAR: Dimensions = [0, 0, 0, 0, 0, 0, 0, 1, 0];
const INFORMATION: Dimensions = [0, 0, 0, 0, 0, 0, 0, 0, 1];

/// Returns what a unit measures and how large it is, by one of its names.
fn base(name: &str) -> Option<Base> {
    let symbol = unit_symbol(name).unwrap_or(name);
    BASES.iter().find(|(known, _)| *known == symbol).map(|(_, base)| *base)
}

/// The units by symbol, in metres, kilograms, seconds, amperes, kelvins, moles, dollars, months and bits. Factors are exact by
/// definition: the international yard and pound, the US gallon, the thermochemical calorie.
#[rustfmt::skip]
const BASES: [(&str, Base); 73] = [
    ("m", (LENGTH, 1, 1)), ("km", (LENGTH, 1_000, 1)), ("cm", (LENGTH, 1, 100)), ("mm", (LENGTH, 1, 1_000)),
    ("dm", (LENGTH, 1, 10)), ("um", (LENGTH, 1, 1_000_000)), ("nm", (LENGTH, 1, 1_000_000_000)),
    ("mi", (LENGTH, 1_609_344, 1_000)), ("yd", (LENGTH, 9_144, 10_000)), ("ft", (LENGTH, 3_048, 10_000)),
    ("in", (LENGTH, 254, 10_000)), ("kg", (MASS, 1, 1)), ("g", (MASS, 1, 1_000)), ("mg", (MASS, 1, 1_000_000)),
    ("ug", (MASS, 1, 1_000_000_000)), ("ton", (MASS, 1_000, 1)), ("lb", (MASS, 45_359_237, 100_000_000)),
    ("oz", (MASS, 45_359_237, 1_600_000_000)), ("s", (TIME, 1, 1)), ("ms", (TIME, 1, 1_000)), ("min", (TIME, 60, 1)),
    ("h", (TIME, 3_600, 1)), ("day", (TIME, 86_400, 1)), ("week", (TIME, 604_800, 1)), ("month", (CALENDAR, 1, 1)),
    ("year", (CALENDAR, 12, 1)), ("L", (VOLUME, 1, 1_000)), ("mL", (VOLUME, 1, 1_000_000)), ("cL", (VOLUME, 1, 100_000)),
    ("gal", (VOLUME, 3_785_411_784, 1_000_000_000_000)), ("qt", (VOLUME, 946_352_946, 1_000_000_000_000)),
    ("pt", (VOLUME, 473_176_473, 1_000_000_000_000)), ("ha", (AREA, 10_000, 1)), ("acre", (AREA, 40_468_564_224, 10_000_000)),
    ("mph", (SPEED, 1_609_344, 3_600_000)), ("kmh", (SPEED, 5, 18)), ("Hz", (FREQUENCY, 1, 1)), ("kHz", (FREQUENCY, 1_000, 1)),
    ("MHz", (FREQUENCY, 1_000_000, 1)), ("GHz", (FREQUENCY, 1_000_000_000, 1)), ("N", (FORCE, 1, 1)), ("kN", (FORCE, 1_000, 1)),
    ("J", (ENERGY, 1, 1)), ("kJ", (ENERGY, 1_000, 1)), ("cal", (ENERGY, 4_184, 1_000)), ("kcal", (ENERGY, 4_184, 1)),
    ("kWh", (ENERGY, 3_600_000, 1)), ("W", (POWER, 1, 1)), ("kW", (POWER, 1_000, 1)), ("MW", (POWER, 1_000_000, 1)),
    ("mW", (POWER, 1, 1_000)), ("Pa", (PRESSURE, 1, 1)), ("kPa", (PRESSURE, 1_000, 1)), ("MPa", (PRESSURE, 1_000_000, 1)),
    ("atm", (PRESSURE, 101_325, 1)), ("A", (CURRENT, 1, 1)), ("mA", (CURRENT, 1, 1_000)), ("C", (CHARGE, 1, 1)),
    ("nC", (CHARGE, 1, 1_000_000_000)), ("V", (VOLTAGE, 1, 1)), ("kV", (VOLTAGE, 1_000, 1)), ("mV", (VOLTAGE, 1, 1_000)),
    ("ohm", (RESISTANCE, 1, 1)), ("F", (CAPACITY, 1, 1)), ("uF", (CAPACITY, 1, 1_000_000)), ("T", (INDUCTION, 1, 1)),
    ("K", (TEMPERATURE, 1, 1)), ("mol", (AMOUNT, 1, 1)), ("$", (MONEY, 1, 1)), ("cent", (MONEY, 1, 100)),
    ("bit", (INFORMATION, 1, 1)), ("B", (INFORMATION, 8, 1)), ("KB", (INFORMATION, 8_000, 1)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_one_dimension_differ_by_a_factor() {
        for (left, right, (above, below)) in [
            ("km", "m", (1_000, 1)),
            ("square feet", "in^2", (144, 1)),
            ("kilometers per hour", "m/s", (5, 18)),
            ("m/s^2", "meters per second squared", (1, 1)),
            ("N", "kg m s^-2", (1, 1)),
            ("dollars per hour", "$ / h", (1, 1)),
            ("cm³", "mL", (1, 1)),
        ] {
            let (
                Unit::Known { dimensions, numerator, denominator },
                Unit::Known { dimensions: others, numerator: top, denominator: bottom },
            ) = (of_words(left), of_words(right))
            else {
                panic!("{left} and {right} are known: {:?} {:?}", of_words(left), of_words(right));
            };
            assert_eq!(dimensions, others, "{left} {right}");
            assert_eq!(numerator * bottom * below, denominator * top * above, "{left} {right}");
        }
    }

    #[test]
    fn things_that_are_counted_are_known_by_their_last_word() {
        assert!(of_words("children tickets").is_same_thing(&of_words("tickets")));
        assert!(!of_words("apples").is_same_thing(&of_words("oranges")));
        assert_eq!(of_words("square units"), Unit::Any);
    }
}
