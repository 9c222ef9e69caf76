//! Functions: trigonometric, logarithmic, complex, combinatorial.

use super::{Pair, algebra::signed, draw::Draw};

/// Trigonometric identities and exact values.
pub fn trig(draw: &mut Draw) -> Pair {
    let v = draw.variable();
    let k = draw.between(2, 6);
    let is_equal = draw.flip();
    let table: [(String, String, String); 8] = [
        (format!("\\sin 2{v}"), format!("2\\sin {v}\\cos {v}"), "\\sin 2".to_owned()),
        (format!("\\cos 2{v}"), format!("1-2\\sin^2 {v}"), format!("1-\\sin^2 {v}")),
        (format!("\\sin^2 {v}+\\cos^2 {v}"), "1".to_owned(), "2".to_owned()),
        (
            format!("\\tan {v}"),
            format!("\\frac{{\\sin {v}}}{{\\cos {v}}}"),
            format!("\\frac{{\\cos {v}}}{{\\sin {v}}}"),
        ),
        (format!("{k}\\sin({v}+\\frac{{\\pi}}{{2}})"), format!("{k}\\cos {v}"), format!("-{k}\\cos {v}")),
        ("\\sin \\frac{\\pi}{6}".to_owned(), "\\frac{1}{2}".to_owned(), "\\frac{\\sqrt{3}}{2}".to_owned()),
        (
            format!("{k}\\cos \\frac{{\\pi}}{{4}}"),
            format!("\\frac{{{k}\\sqrt{{2}}}}{{2}}"),
            format!("\\frac{{{k}\\sqrt{{3}}}}{{2}}"),
        ),
        ("\\tan\\left(\\frac{\\pi}{3}\\right)".to_owned(), "\\sqrt{3}".to_owned(), "\\frac{\\sqrt{3}}{3}".to_owned()),
    ];
    from_table(draw, &table, is_equal)
}

/// Rules and values of logarithms.
pub fn logarithm(draw: &mut Draw) -> Pair {
    let (x, y) = draw.variables();
    let (base, n) = (draw.pick(&[2_i64, 3, 5, 7]), draw.between(2, 5));
    let off = draw.nonzero(1);
    let is_equal = draw.flip();
    let table: [(String, String, String); 8] = [
        (format!("\\ln({x}^{n}/{y})"), format!("{n}\\ln {x} - \\ln {y}"), format!("{n}\\ln {x} + \\ln {y}")),
        (format!("\\ln({x}{y})"), format!("\\ln {x}+\\ln {y}"), format!("\\ln {x}\\cdot\\ln {y}")),
        (format!("\\log_{{{base}}} {}", base.pow(n as u32)), n.to_string(), (n + off).to_string()),
        (
            format!("\\log_{{{base}}}({x})"),
            format!("\\frac{{\\ln {x}}}{{\\ln {base}}}"),
            format!("\\frac{{\\ln {base}}}{{\\ln {x}}}"),
        ),
        (format!("\\log {}", 10_i64.pow(n as u32)), n.to_string(), (n + off).to_string()),
        (format!("\\ln {}", base.pow(n as u32)), format!("{n}\\ln {base}"), format!("{}\\ln {base}", n + off)),
        (format!("e^{{{n}\\ln {x}}}"), format!("{x}^{{{n}}}"), format!("{n}{x}")),
        (format!("\\ln\\frac{{1}}{{{x}}}"), format!("-\\ln {x}"), format!("\\ln {x}")),
    ];
    from_table(draw, &table, is_equal)
}

/// Complex numbers: products, squares, reciprocals, moduli, Euler's formula.
pub fn complex(draw: &mut Draw) -> Pair {
    let (a, b, c, d) = (draw.nonzero(9), draw.nonzero(9), draw.nonzero(9), draw.nonzero(9));
    let is_equal = draw.flip();
    let off = if is_equal { 0 } else { draw.nonzero(3) };
    let (left, right) = match draw.below(7) {
        0 => (
            format!("({})({})", complex_number(a, b), complex_number(c, d)),
            complex_number(a * c - b * d + off, a * d + b * c),
        ),
        1 => (format!("({})^2", complex_number(a, b)), complex_number(a * a - b * b, 2 * a * b + 2 * off)),
        2 => {
            let norm = a * a + b * b;
            (
                format!("\\frac{{1}}{{{}}}", complex_number(a, b)),
                format!("\\frac{{{}}}{{{norm}}}", complex_number(a + off, -b)),
            )
        }
        3 => {
            let (p, q, r) = draw.pick(&[(3, 4, 5), (5, 12, 13), (8, 15, 17), (6, 8, 10)]);
            (format!("|{}|", complex_number(p, -q)), (r + off).to_string())
        }
        4 => {
            let (angle, value, other) = draw.pick(&[
                ("i\\pi", "-1", "1"),
                ("\\frac{i\\pi}{2}", "i", "-i"),
                ("2\\pi i", "1", "i"),
                ("-\\frac{\\pi}{2}i", "-i", "i"),
            ]);
            (format!("e^{{{angle}}}"), if is_equal { value.to_owned() } else { other.to_owned() })
        }
        5 => {
            let power = draw.between(2, 40);
            let value = ["1", "i", "-1", "-i"][((power + if is_equal { 0 } else { 2 }) % 4) as usize];
            (format!("i^{{{power}}}"), value.to_owned())
        }
        _ => (complex_number(a, b), format!("{b}i {}", signed(a + off))),
    };
    Pair::either_way(draw, left, right, is_equal)
}

/// Factorials, binomials, permutations.
pub fn combinatorics(draw: &mut Draw) -> Pair {
    let n = draw.between(4, 18) as u64;
    let k = draw.between(2, n as i64 - 2) as u64;
    let is_equal = draw.flip();
    let off = if is_equal { 0 } else { draw.between(1, 9) as u64 };
    let binomial = (1..=k).fold(1, |value, i| value * (n - k + i) / i);
    let (left, right) = match draw.below(6) {
        0 => (format!("\\binom{{{n}}}{{{k}}}"), (binomial + off).to_string()),
        1 => (format!("\\frac{{{n}!}}{{{k}!\\,{}!}}", n - k), (binomial + off).to_string()),
        2 => (format!("{n}!"), ((1..=n).product::<u64>() + off).to_string()),
        3 => (
            format!("\\binom{{{n}}}{{{k}}}"),
            format!("\\binom{{{}}}{{{}}}", n + off, n + off - k + u64::from(off > 0)),
        ),
        4 => (format!("\\frac{{{n}!}}{{{}!}}", n - 2), (n * (n - 1) + off).to_string()),
        _ => (format!("\\dbinom{{{n}}}{{{k}}} \\cdot 2"), (2 * binomial + off).to_string()),
    };
    Pair::either_way(draw, left, right, is_equal)
}

/// A row's first column beside its second, which is the same, or its third, which is not.
fn from_table(draw: &mut Draw, table: &[(String, String, String)], is_equal: bool) -> Pair {
    let (left, same, other) = &table[draw.below(table.len() as u64) as usize];
    Pair::either_way(draw, left, if is_equal { same } else { other }, is_equal)
}

fn complex_number(real: i64, imaginary: i64) -> String {
    let magnitude = if imaginary.abs() == 1 { String::new() } else { imaginary.abs().to_string() };
    match (real, imaginary) {
        (_, 0) => real.to_string(),
        (0, _) => format!("{}{magnitude}i", if imaginary < 0 { "-" } else { "" }),
        _ => format!("{real}{}{magnitude}i", if imaginary < 0 { "-" } else { "+" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complex_numbers_are_written_without_ones_and_zeros() {
        for ((real, imaginary), text) in
            [((2, -1), "2-i"), ((0, 1), "i"), ((-3, 0), "-3"), ((0, -7), "-7i"), ((1, 4), "1+4i")]
        {
            assert_eq!(complex_number(real, imaginary), text);
        }
    }
}
