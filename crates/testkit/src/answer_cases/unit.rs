//! Quantities with units, and angles.

use super::{
    Pair,
    draw::Draw,
    rational::{Rational, decimal, gcd},
};

/// A quantity whose unit is written otherwise or left out; or with another number.
pub fn units(draw: &mut Draw) -> Pair {
    let unit = draw.pick(&["cm", "m", "kg", "km", "seconds", "hours", "meters", "inches", "miles", "dollars", "feet"]);
    let value = Rational::new(draw.between(1, 400), draw.pick(&[1, 1, 2, 4, 5, 10]));
    let is_equal = draw.flip();
    let other = if is_equal { value } else { value.add(Rational::new(draw.between(1, 9), 2)) };
    let number = other.decimal().expect("these denominators divide a power of ten");
    let written = draw.text([
        format!("{number}\\text{{ {unit}}}"),
        format!("{number} {unit}"),
        format!("{number}\\,\\mathrm{{{unit}}}"),
        format!("{number}~\\text{{{unit}}}"),
        number,
    ]);
    let gold = draw.text([format!("{}\\text{{ {unit}}}", value.plain()), value.plain()]);
    Pair::new(gold, written, is_equal)
}

/// A quantity in another unit of the same kind, converted or not.
pub fn conversion(draw: &mut Draw) -> Pair {
    let (small, large, factor) = draw.pick(&[
        ("m", "km", 1_000),
        ("cm", "m", 100),
        ("mm", "cm", 10),
        ("g", "kg", 1_000),
        ("mL", "L", 1_000),
        ("minutes", "hours", 60),
        ("seconds", "minutes", 60),
        ("cm", "km", 100_000),
    ]);
    let number = draw.between(2, 90);
    let write = |number: String, unit: &str| format!("{number}\\text{{ {unit}}}");
    if draw.flip() {
        let (left, right) = (write(number.to_string(), large), write((number * factor).to_string(), small));
        return Pair::either_way(draw, left, right, true);
    }
    let other = match draw.below(2) {
        0 => number,
        _ => number * factor + draw.nonzero(9),
    };
    let (left, right) = (write(number.to_string(), large), write(other.to_string(), small));
    Pair::either_way(draw, left, right, false)
}

/// An angle in degrees and in radians.
pub fn angle(draw: &mut Draw) -> Pair {
    let degrees = draw.between(1, 47) * 15;
    let is_equal = draw.flip();
    let other = if is_equal { degrees } else { draw.other(degrees / 15, 1, 47) * 15 };
    let divisor = gcd(other, 180);
    let (numerator, denominator) = (other / divisor, 180 / divisor);
    let multiple = if numerator == 1 { String::new() } else { numerator.to_string() };
    let radians = match denominator {
        1 => format!("{multiple}\\pi"),
        _ => format!("\\frac{{{multiple}\\pi}}{{{denominator}}}"),
    };
    let tenths = decimal(degrees * 10, 1);
    let written = draw.text([
        format!("{degrees}^\\circ"),
        format!("{degrees}°"),
        format!("{degrees}^{{\\circ}}"),
        format!("{tenths}^\\circ"),
    ]);
    Pair::either_way(draw, written, radians, is_equal)
}
