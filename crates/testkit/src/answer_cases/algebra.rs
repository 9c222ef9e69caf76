//! Polynomials and their quotients.

use super::{Pair, draw::Draw};

/// A polynomial: expanded, factored, reordered.
pub fn polynomial(draw: &mut Draw) -> Pair {
    let variable = draw.variable();
    let is_equal = draw.flip();
    let (p, q, r) = (draw.nonzero(5), draw.nonzero(9), draw.nonzero(9));
    match draw.below(4) {
        0 => {
            // (px + q)(x + r) = px² + (pr + q)x + qr.
            let factored = format!("({})({})", linear(p, q, variable), linear(1, r, variable));
            let coefficients = spoiled(draw, vec![q * r, p * r + q, p], is_equal);
            Pair::either_way(draw, factored, expanded(&coefficients, variable), is_equal)
        }
        1 => {
            let coefficients: Vec<i64> = (0..draw.between(2, 5)).map(|_| draw.nonzero(20)).collect();
            let other = spoiled(draw, coefficients.clone(), is_equal);
            Pair::either_way(draw, expanded(&coefficients, variable), ascending(&other, variable), is_equal)
        }
        2 => {
            // p(x + r)² + q = px² + 2prx + pr² + q.
            let completed = format!("{p}({})^{{2}} {}", linear(1, r, variable), signed(q));
            let coefficients = spoiled(draw, vec![p * r * r + q, 2 * p * r, p], is_equal);
            Pair::either_way(draw, completed, expanded(&coefficients, variable), is_equal)
        }
        _ => {
            // A monomial. Its letter is a variable: none that is also a unit which may be left out.
            let variable = draw.pick(&["x", "y", "n", "a", "z", "r", "u", "t"]);
            let other = if is_equal { format!("{variable} \\cdot {}", p * 3) } else { (p * 3).to_string() };
            Pair::new(format!("{}{variable}", p * 3), other, is_equal)
        }
    }
}

/// A polynomial in two variables.
pub fn multivariate(draw: &mut Draw) -> Pair {
    let (x, y) = draw.variables();
    let (p, q) = (draw.between(2, 7), draw.between(2, 7));
    let is_equal = draw.flip();
    let off = if is_equal { 0 } else { draw.nonzero(3) };
    let (left, right) = match draw.below(4) {
        0 => (format!("({p}{x}+{q}{y})^2"), format!("{}{x}^2 + {}{x}{y} + {}{y}^2", p * p, 2 * p * q + off, q * q)),
        1 => (format!("({p}{x}-{q}{y})({p}{x}+{q}{y})"), format!("{}{x}^{{2}}-{}{y}^{{2}}", p * p, q * q + off)),
        2 => (
            format!("{x}^3 - {y}^3"),
            format!("({x}-{y})({x}^2 + {}{y}^2 + {y}{x})", if is_equal { String::new() } else { (p + 1).to_string() }),
        ),
        _ => (format!("{p}{x}({x} - {q}{y})"), format!("-{}{y}{x} + {p}{x}^2", p * q + off)),
    };
    Pair::either_way(draw, left, right, is_equal)
}

/// A quotient of polynomials: cancelled, in partial fractions, divided.
pub fn rational_function(draw: &mut Draw) -> Pair {
    let variable = draw.variable();
    let is_equal = draw.flip();
    let off = if is_equal { 0 } else { draw.nonzero(3) };
    let roots = draw.distinct(2, -9, 9);
    let (p, q, k) = (roots[0], roots[1], draw.between(2, 9));
    let factor = |root: i64| linear(1, -root, variable);
    let (left, right) = match draw.below(4) {
        0 => (
            // 1/(x-p) - 1/(x-q) = (p-q)/((x-p)(x-q)).
            format!("\\frac{{1}}{{{}}} - \\frac{{1}}{{{}}}", factor(p), factor(q)),
            format!("\\frac{{{}}}{{({})({})}}", p - q + off, factor(p), factor(q)),
        ),
        1 => (format!("\\frac{{({})({})}}{{{}}}", factor(p), factor(q), factor(p)), linear(1, -q + off, variable)),
        2 => (
            // k + (kp + q)/(x - p) = (kx + q)/(x - p).
            format!("{k} {} \\cdot \\frac{{1}}{{{}}}", signed(k * p + q), factor(p)),
            format!("\\frac{{{}}}{{{}}}", linear(k, q + off, variable), factor(p)),
        ),
        _ => (
            format!("\\frac{{{k}}}{{{}}}", linear(k, k * (p + off), variable)),
            format!("\\dfrac{{1}}{{{}}}", linear(1, p, variable)),
        ),
    };
    Pair::either_way(draw, left, right, is_equal)
}

/// `ax + b`.
pub fn linear(a: i64, b: i64, variable: &str) -> String {
    expanded(&[b, a], variable)
}

/// A polynomial from its highest power down; the coefficients are given from the lowest up.
pub fn expanded(coefficients: &[i64], variable: &str) -> String {
    let terms: Vec<(usize, i64)> = coefficients.iter().copied().enumerate().rev().collect();
    sum(&terms, variable)
}

/// `+ 3` or `- 3`.
pub fn signed(number: i64) -> String {
    format!("{} {}", if number < 0 { '-' } else { '+' }, number.abs())
}

fn ascending(coefficients: &[i64], variable: &str) -> String {
    let terms: Vec<(usize, i64)> = coefficients.iter().copied().enumerate().collect();
    sum(&terms, variable)
}

fn sum(terms: &[(usize, i64)], variable: &str) -> String {
    let mut text = String::new();
    for &(power, coefficient) in terms.iter().filter(|(_, coefficient)| *coefficient != 0) {
        let sign = match (text.is_empty(), coefficient < 0) {
            (true, false) => "",
            (true, true) => "-",
            (false, false) => " + ",
            (false, true) => " - ",
        };
        let magnitude = coefficient.abs();
        let factor = if magnitude == 1 && power > 0 { String::new() } else { magnitude.to_string() };
        let symbol = match power {
            0 => String::new(),
            1 => variable.to_owned(),
            _ => format!("{variable}^{{{power}}}"),
        };
        text.push_str(&format!("{sign}{factor}{symbol}"));
    }
    if text.is_empty() { "0".to_owned() } else { text }
}

/// The same coefficients, or one of them changed.
fn spoiled(draw: &mut Draw, mut coefficients: Vec<i64>, is_equal: bool) -> Vec<i64> {
    if !is_equal {
        let place = draw.below(coefficients.len() as u64) as usize;
        coefficients[place] += draw.nonzero(3);
    }
    coefficients
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_are_written_without_ones_and_zeros() {
        assert_eq!(expanded(&[-3, 0, 1, -2], "x"), "-2x^{3} + x^{2} - 3");
        assert_eq!(ascending(&[0, -1, 4], "t"), "-t + 4t^{2}");
        assert_eq!(linear(1, 0, "n"), "n");
        assert_eq!(expanded(&[0], "n"), "0");
    }
}
