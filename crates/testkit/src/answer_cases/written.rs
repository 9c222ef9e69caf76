//! Answers that are not well written, as models write them, and mean something all the same.

use super::{Pair, draw::Draw};

/// A value in good writing beside itself, or another, in bad.
pub fn malformed(draw: &mut Draw) -> Pair {
    let is_equal = draw.flip();
    let variable = draw.pick(&["x", "y", "n", "a"]);
    let (p, q, k) = (draw.between(1, 9), draw.between(2, 9), draw.between(2, 9));
    let other = if is_equal { k } else { draw.other(k, 2, 9) };
    let (gold, written) = match draw.below(14) {
        0 => (format!("\\frac{{{p}}}{{{k}}}"), format!("\\frac{p}{other}")),
        1 => (format!("\\sqrt{{{k}}}"), format!("\\sqrt{other}")),
        2 => (format!("{variable}^{{{k}}}"), format!("{variable}{}", superscript(other))),
        3 => (format!("{q}\\sqrt{{{k}}}"), format!("{q}√{other}")),
        4 => (format!("{k}000000"), format!("{other}e6")),
        5 => (format!("\\frac{{{k}}}{{e}}"), format!("\\frac{{{other}}}{{\\mathrm{{e}}}}")),
        6 => (format!("{p}{k}352"), format!("{p}{other}\\,352")),
        7 => (format!("\\frac{{{p}}}{{{k}}}"), format!("\\\\frac{{{p}}}{{{other}}}")),
        8 => (format!("-{k}"), format!("−{other}")),
        9 => (format!("{}", q * k), format!("{q}×{other}")),
        10 => (format!("{k}\\pi"), format!("{other}π")),
        11 => (format!("\\frac{{{p}}}{{{k}}}"), format!("\\frac{{{p}}}{{{other}")),
        12 => (format!("{variable}^{{{k}}}+1"), format!("{variable}^({other})+1")),
        _ => (format!("({p}+{variable})^{{{k}}}"), format!("\\left({p}+{variable}\\right)^{other}.")),
    };
    Pair::new(gold, written, is_equal)
}

fn superscript(digit: i64) -> char {
    ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][digit as usize]
}
