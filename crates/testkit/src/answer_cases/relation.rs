//! Equations and inequalities.

use super::{
    Pair,
    algebra::{linear, signed},
    draw::Draw,
    rational::Rational,
};

/// Equations of lines and circles, and solved ones: scaled, turned round, with terms moved.
pub fn equation(draw: &mut Draw) -> Pair {
    let (x, y) = draw.variables();
    let (a, b, c) = (draw.between(2, 7), draw.between(2, 7), draw.nonzero(9));
    let is_equal = draw.flip();
    let off = if is_equal { 0 } else { draw.nonzero(3) };
    let scale = draw.between(2, 4);
    let (left, right) = match draw.below(6) {
        0 => (format!("{a}{x}+{b}{y}={c}"), format!("{}{x}+{}{y}={}", scale * a, scale * b, scale * c + off)),
        1 => (format!("{a}{x}+{b}{y}={c}"), format!("{} = {a}{x} + {b}{y}", c + off)),
        2 => (format!("{y} = {}", linear(a, c, x)), format!("{a}{x} - {y} {} = 0", signed(c + off))),
        3 => {
            // (x - c)² + y² = a², expanded.
            let circle = format!("({})^2 + {y}^2 = {}", linear(1, -c, x), a * a);
            (circle, format!("{x}^2 {} {x} + {y}^2 {} = 0", signed(-2 * c), signed(c * c - a * a + off)))
        }
        4 => {
            let value = Rational::new(c, a);
            let other = if is_equal { value } else { value.other(draw) };
            (format!("{x} = {}", value.plain()), other.written(draw))
        }
        _ => {
            let value = Rational::new(c, a);
            let other = if is_equal { value } else { value.other(draw) };
            return Pair::new(value.plain(), format!("{x} = {}", other.written(draw)), is_equal);
        }
    };
    Pair::new(left, right, is_equal)
}

/// True equations without variables, which are the same only if their sides are.
pub fn identity(draw: &mut Draw) -> Pair {
    let rows: [(&str, &str, &str); 8] = [
        ("\\cos 0", "\\sin \\frac{\\pi}{2}", "1"),
        ("\\log_2 4", "\\sqrt{4}", "2"),
        ("2+3", "10/2", "5"),
        ("\\sqrt{9}", "\\log_2 8", "3"),
        ("3!", "2 \\cdot 3", "6"),
        ("2^3", "4+4", "8"),
        ("\\binom{4}{1}", "\\sqrt{16}", "4"),
        ("\\tan \\frac{\\pi}{4} - 1", "\\ln 1", "0"),
    ];
    let first = draw.below(8) as usize;
    let (left, same, value) = rows[first];
    let (other_left, _, other_value) = rows[(first + 1 + draw.below(7) as usize) % 8];
    let gold = format!("{left} = {value}");
    match draw.below(4) {
        0 => Pair::new(gold, format!("{value} = {left}"), true),
        1 => Pair::new(gold, format!("{same} = {value}"), true),
        _ => Pair::new(gold, format!("{other_left} = {other_value}"), false),
    }
}

/// Inequalities: scaled, turned round, as sets, joined.
pub fn inequality(draw: &mut Draw) -> Pair {
    let v = draw.variable();
    let bound = draw.nonzero(12);
    let is_equal = draw.flip();
    match draw.below(5) {
        0 => scaled(draw, v, bound, is_equal),
        1 => {
            let (relation, flipped, open) =
                draw.pick(&[(">", "<", true), ("\\ge", "\\le", false), ("\\geq", "\\leq", false)]);
            let written = match draw.below(2) {
                0 => format!("{} {flipped} {v}", if is_equal { bound } else { bound + 1 }),
                _ => {
                    let is_open = open == is_equal;
                    format!("{}{bound}, \\infty)", if is_open { '(' } else { '[' })
                }
            };
            Pair::new(format!("{v} {relation} {bound}"), written, is_equal)
        }
        2 => {
            let (low, high) = (bound, bound + draw.between(1, 9));
            let other = if is_equal { high } else { high + draw.between(1, 3) };
            let written = draw.text([format!("({low}, {other})"), format!("{other} > {v} > {low}")]);
            Pair::new(format!("{low} < {v} < {high}"), written, is_equal)
        }
        3 => {
            let (low, high) = (bound, bound + draw.between(1, 9));
            let other = if is_equal { high } else { high + draw.between(1, 3) };
            let written = draw.text([
                format!("{v} > {other} \\text{{ or }} {v} < {low}"),
                format!("(-\\infty, {low}) \\cup ({other}, \\infty)"),
                format!("{v} < {low} or {v} > {other}"),
            ]);
            Pair::new(format!("{v} < {low} \\text{{ or }} {v} > {high}"), written, is_equal)
        }
        _ => {
            let shift = draw.between(1, 9);
            let moved = bound + shift + if is_equal { 0 } else { draw.nonzero(2) };
            Pair::new(format!("{v} + {shift} < {moved}"), format!("{v} < {bound}"), is_equal)
        }
    }
}

fn scaled(draw: &mut Draw, v: &str, bound: i64, is_equal: bool) -> Pair {
    let factor = draw.between(2, 6);
    let (relation, flipped) = draw.pick(&[("<", ">"), ("\\le", "\\ge"), (">", "<"), ("\\geq", "\\leq")]);
    let gold = format!("{v} {relation} {bound}");
    let written = if draw.flip() {
        // Positive factors keep the direction.
        format!("{factor}{v} {} {}", if is_equal { relation } else { flipped }, factor * bound)
    } else {
        format!("-{factor}{v} {} {}", if is_equal { flipped } else { relation }, -factor * bound)
    };
    Pair::either_way(draw, gold, written, is_equal)
}
