//! Numbers: decimals, fractions, percentages, long numbers, and decimals that stand for something exact.

use super::{
    Pair,
    draw::Draw,
    rational::{Rational, decimal as write_decimal},
};

/// A decimal, the same in another writing, or another; also where all digits that matter come after six zeros.
pub fn decimal(draw: &mut Draw) -> Pair {
    match draw.below(4) {
        0 => small_decimal(draw),
        1 => grouped(draw),
        _ => ordinary_decimal(draw),
    }
}

fn ordinary_decimal(draw: &mut Draw) -> Pair {
    let places = draw.between(1, 4) as u32;
    // A last digit of zero would hide where the number ends.
    let scaled = draw.between(-5_000, 5_000) * 10 + draw.between(1, 9);
    let gold = write_decimal(scaled, places);
    if draw.flip() {
        let other = scaled + draw.nonzero(9);
        return Pair::either_way(draw, gold, write_decimal(other, places), false);
    }
    let leading = gold.strip_prefix("0.").map_or_else(|| gold.clone(), |digits| format!(".{digits}"));
    let fraction = Rational::new(scaled, 10_i64.pow(places)).plain();
    let scientific = format!("{scaled} \\times 10^{{-{places}}}");
    let zeros = "0".repeat(draw.between(1, 3) as usize);
    let written = draw.text([format!("{gold}{zeros}"), leading, fraction, scientific, format!("{gold}{zeros}")]);
    Pair::either_way(draw, gold, written, true)
}

fn small_decimal(draw: &mut Draw) -> Pair {
    let digit = draw.between(1, 9);
    let zeros = draw.between(6, 12);
    let gold = format!("0.{}{digit}", "0".repeat(zeros as usize));
    if draw.flip() {
        let other = draw.other(digit, 1, 9);
        return Pair::either_way(draw, gold, format!("0.{}{other}", "0".repeat(zeros as usize)), false);
    }
    let power = zeros + 1;
    let written = draw.text([
        format!("{digit} \\times 10^{{-{power}}}"),
        format!("{gold}0"),
        format!("\\frac{{{digit}}}{{10^{{{power}}}}}"),
    ]);
    Pair::either_way(draw, gold, written, true)
}

fn grouped(draw: &mut Draw) -> Pair {
    let (thousands, rest) = (draw.between(1, 999), draw.between(0, 999));
    let millions = draw.between(1, 99);
    let plain = format!("{millions}{thousands:03}{rest:03}");
    let is_equal = draw.flip();
    let rest = if is_equal { rest } else { draw.other(rest, 0, 999) };
    let comma = draw.pick(&[",", ",\\!", "{,}", "\\,"]);
    Pair::either_way(draw, plain, format!("{millions}{comma}{thousands:03}{comma}{rest:03}"), is_equal)
}

/// A fraction.
pub fn fraction(draw: &mut Draw) -> Pair {
    let value = Rational::new(draw.nonzero(60), draw.between(2, 24));
    let is_equal = draw.flip();
    let other = if is_equal { value } else { value.other(draw) };
    let (left, right) = (value.written(draw), other.written(draw));
    Pair::either_way(draw, left, right, is_equal)
}

/// A percentage and the number that it is, or another.
pub fn percent(draw: &mut Draw) -> Pair {
    // In tenths of a percent, so that the decimal has three places.
    let tenths = draw.between(1, 1_500);
    let is_equal = draw.flip();
    let other = if is_equal { tenths } else { draw.other(tenths, 1, 1_500) };
    let percentage = |tenths: i64, draw: &mut Draw| {
        let number = Rational::new(tenths, 10).decimal().expect("a tenth has one place");
        draw.text([format!("{number}\\%"), format!("{number}%"), format!("{number} \\%"), format!("{number} percent")])
    };
    let gold = percentage(tenths, draw);
    let value = Rational::new(other, 1_000);
    let written = match draw.below(3) {
        0 => percentage(other, draw),
        1 => value.decimal().expect("a thousandth has three places"),
        _ => value.plain(),
    };
    Pair::either_way(draw, gold, written, is_equal)
}

/// A decimal of six places and the constant or root that it is of, or one that is off.
pub fn approximation(draw: &mut Draw) -> Pair {
    let radicand = draw.pick(&[2_i64, 3, 5, 6, 7, 10, 11, 13, 15, 17, 19]);
    let (multiple, divisor) = (draw.between(1, 9), draw.between(1, 7));
    let (exact, value) = match draw.below(4) {
        0 => (format!("{multiple}\\pi"), multiple as f64 * std::f64::consts::PI),
        1 => (
            format!("\\frac{{\\sqrt{{{radicand}}}}}{{{}}}", divisor + 1),
            (radicand as f64).sqrt() / (divisor + 1) as f64,
        ),
        2 => (format!("{}\\sqrt{{{radicand}}}", multiple + 1), (multiple + 1) as f64 * (radicand as f64).sqrt()),
        _ => {
            (format!("\\frac{{{}}}{{7}}", 7 * multiple + divisor.min(6)), multiple as f64 + divisor.min(6) as f64 / 7.0)
        }
    };
    let is_equal = draw.flip();
    let off = if is_equal { 0.0 } else { draw.nonzero(9) as f64 * draw.pick(&[1e-2, 1e-3, 1e-4]) };
    let places = if is_equal { draw.pick(&[6, 7, 8]) } else { 6 };
    let decimal = format!("{:.places$}", value + off);
    // Rounding twice may end elsewhere than rounding once.
    let is_rounded_twice = decimal.ends_with('5') || decimal.ends_with("50");
    let decimal = if is_rounded_twice { format!("{:.6}", value + off) } else { decimal };
    match draw.below(3) {
        // Where both are said, the exact side counts.
        0 if is_equal => Pair::new(exact.clone(), format!("{exact} \\approx {value:.2}"), true),
        1 => Pair::new(decimal, exact, is_equal),
        _ => Pair::new(exact, decimal, is_equal),
    }
}

/// A number of many digits.
pub fn bignum(draw: &mut Draw) -> Pair {
    match draw.below(3) {
        0 => {
            let (base, exponent) = (draw.between(2, 12) as u32, draw.between(20, 60) as u32);
            let digits = (0..exponent).fold(vec![1], |digits, _| multiply(&digits, base));
            changed(draw, &format!("{base}^{{{exponent}}}"), digits)
        }
        1 => {
            let number = draw.between(15, 40) as u32;
            let digits = (2..=number).fold(vec![1], |digits, factor| multiply(&digits, factor));
            changed(draw, &format!("{number}!"), digits)
        }
        _ => {
            let length = draw.pick(&[20, 30, 60, 200, 900]);
            let mut digits: Vec<u32> = (0..length).map(|_| draw.below(10) as u32).collect();
            digits[length - 1] = draw.between(1, 9) as u32;
            let gold = text(&digits);
            changed(draw, &gold, digits)
        }
    }
}

/// The digits beside another writing of them, or with one digit changed.
fn changed(draw: &mut Draw, gold: &str, mut digits: Vec<u32>) -> Pair {
    let is_equal = draw.flip();
    if !is_equal {
        let place = draw.below(digits.len() as u64 - 1) as usize;
        digits[place] = draw.other(i64::from(digits[place]), 0, 9) as u32;
    }
    let plain = text(&digits);
    let written = if draw.below(4) == 0 { grouped_digits(&plain) } else { plain };
    Pair::either_way(draw, gold, written, is_equal)
}

/// Digits with a comma before every third from the right.
fn grouped_digits(digits: &str) -> String {
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Multiplies a number whose decimal digits are given from the last to the first.
pub fn multiply(digits: &[u32], factor: u32) -> Vec<u32> {
    let mut product = Vec::new();
    let mut carry = 0;
    for digit in digits {
        carry += digit * factor;
        product.push(carry % 10);
        carry /= 10;
    }
    while carry > 0 {
        product.push(carry % 10);
        carry /= 10;
    }
    product
}

fn text(digits: &[u32]) -> String {
    digits.iter().rev().map(u32::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_multiplied_as_on_paper() {
        let digits = (0..70).fold(vec![1], |digits, _| multiply(&digits, 2));
        assert_eq!(text(&digits), 2_u128.pow(70).to_string());
        assert_eq!(grouped_digits("1234567"), "1,234,567");
        assert_eq!(grouped_digits("123"), "123");
    }
}
