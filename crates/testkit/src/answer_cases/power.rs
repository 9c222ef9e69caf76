//! Powers and roots.

use super::{Pair, draw::Draw, number::multiply};

/// Powers: evaluated, with equal bases, of powers; also tiny ones.
pub fn exponent(draw: &mut Draw) -> Pair {
    let is_equal = draw.flip();
    let off = if is_equal { 0 } else { draw.nonzero(2) };
    let (left, right) = (draw.between(2, 9), draw.between(2, 9));
    let variable = draw.variable();
    match draw.below(7) {
        0 => evaluated(draw, is_equal),
        1 => {
            let sum = left + right + off;
            Pair::either_way(
                draw,
                format!("{variable}^{{{left}}} \\cdot {variable}^{{{right}}}"),
                format!("{variable}^{{{sum}}}"),
                is_equal,
            )
        }
        2 => {
            let product = left * right + off;
            Pair::either_way(
                draw,
                format!("({variable}^{{{left}}})^{{{right}}}"),
                format!("{variable}^{{{product}}}"),
                is_equal,
            )
        }
        3 => {
            let exponent = 3 + off;
            Pair::either_way(draw, format!("8^{{{variable}}}"), format!("2^{{{exponent}{variable}}}"), is_equal)
        }
        4 => {
            let (base, tiny) = (draw.pick(&[2, 3, 5, 7]), draw.between(60, 140));
            let written = format!("\\frac{{1}}{{{base}^{{{}}}}}", tiny + off);
            Pair::either_way(draw, format!("{base}^{{-{tiny}}}"), written, is_equal)
        }
        5 => {
            let (digit, tiny) = (draw.between(1, 9), draw.between(10, 40));
            let other = if is_equal { digit } else { draw.other(digit, 1, 9) };
            let written = format!("{other}.0 \\cdot 10^{{-{tiny}}}");
            Pair::either_way(draw, format!("{digit} \\times 10^{{-{tiny}}}"), written, is_equal)
        }
        _ => {
            let huge = draw.between(500, 3_000);
            let written = format!("{}^{{{}}}", 4, huge + off);
            Pair::either_way(draw, format!("2^{{{}}}", 2 * huge), written, is_equal)
        }
    }
}

fn evaluated(draw: &mut Draw, is_equal: bool) -> Pair {
    let (base, exponent) = (draw.between(2, 9), draw.between(2, 12));
    let digits = (0..exponent).fold(vec![1], |digits, _| multiply(&digits, base as u32));
    let value: i64 = digits.iter().rev().fold(0, |value, digit| 10 * value + i64::from(*digit));
    let value = if is_equal { value } else { value + draw.nonzero(9) };
    Pair::either_way(draw, format!("{base}^{{{exponent}}}"), value.to_string(), is_equal)
}

/// Roots: taken out, rationalised, multiplied out, nested.
pub fn surd(draw: &mut Draw) -> Pair {
    let radicand = draw.pick(&[2_i64, 3, 5, 6, 7, 10, 11, 13, 14, 15]);
    let factor = draw.between(2, 9);
    let is_equal = draw.flip();
    let off = if is_equal { 0 } else { draw.nonzero(1) };
    match draw.below(6) {
        0 => {
            let inside = factor * factor * radicand + off;
            Pair::either_way(draw, format!("\\sqrt{{{inside}}}"), format!("{factor}\\sqrt{{{radicand}}}"), is_equal)
        }
        1 => {
            let rationalised = format!("\\frac{{{}\\sqrt{{{radicand}}}}}{{{radicand}}}", factor + off);
            Pair::either_way(draw, format!("\\frac{{{factor}}}{{\\sqrt{{{radicand}}}}}"), rationalised, is_equal)
        }
        2 => {
            // (a + √b)(a - √b) = a² - b.
            let product = format!("({factor}+\\sqrt{{{radicand}}})({factor}-\\sqrt{{{radicand}}})");
            Pair::either_way(draw, product, (factor * factor - radicand + off).to_string(), is_equal)
        }
        3 => {
            // √a + √b, squared, is a + b + 2√(ab).
            let other = draw.pick(&[17_i64, 19, 23]);
            let nested = format!("\\sqrt{{{}+2\\sqrt{{{}}}}}", radicand + other, radicand * other + off);
            Pair::either_way(draw, format!("\\sqrt{{{radicand}}}+\\sqrt{{{other}}}"), nested, is_equal)
        }
        4 => {
            let sum = factor + 3 + off;
            let terms = format!("{factor}\\sqrt{{{radicand}}} + 3\\sqrt{{{radicand}}}");
            Pair::either_way(draw, terms, format!("{sum}\\sqrt{{{radicand}}}"), is_equal)
        }
        _ => {
            let cube = factor.pow(3) * radicand + off;
            Pair::either_way(draw, format!("\\sqrt[3]{{{cube}}}"), format!("{factor}\\sqrt[3]{{{radicand}}}"), is_equal)
        }
    }
}
