//! Sets, tuples, intervals, matrices and pairs of values.

use super::{Pair, draw::Draw, rational::Rational};

/// A finite set in any order and with several brackets.
pub fn set(draw: &mut Draw) -> Pair {
    let count = draw.between(2, 6) as usize;
    let values = draw.distinct(count, -20, 20);
    let is_equal = draw.flip();
    let mut other = draw.reordered(&values);
    if !is_equal {
        match draw.below(2) {
            0 if other.len() > 2 => drop(other.pop()),
            _ => other[0] = draw.between(21, 30),
        }
    }
    let gold = format!("\\{{{}\\}}", listed(&values, ", "));
    let written = draw.text([
        format!("\\{{{}\\}}", listed(&other, ",")),
        format!("\\left\\{{ {} \\right\\}}", listed(&other, ", ")),
        listed(&other, ", "),
    ]);
    Pair::new(gold, written, is_equal)
}

/// A tuple, whose order counts. Three elements or a falling pair, so that it is no interval.
pub fn tuple(draw: &mut Draw) -> Pair {
    let count = draw.between(2, 4) as usize;
    let mut values: Vec<Rational> =
        draw.distinct(count, -15, 15).into_iter().map(|number| Rational::new(number, draw.between(1, 4))).collect();
    if values.len() == 2 && values[0].less_than(values[1]) {
        values.swap(0, 1);
    }
    let is_equal = draw.flip();
    let mut other = values.clone();
    if !is_equal {
        let place = draw.below(other.len() as u64) as usize;
        if draw.flip() || other[0] == other[1] {
            other[place] = other[place].other(draw);
        } else {
            other.swap(0, 1);
        }
    }
    let gold: Vec<String> = values.iter().map(|value| value.plain()).collect();
    let written: Vec<String> = other.iter().map(|value| value.written(draw)).collect();
    let brackets = draw.pick(&[("(", ")"), ("\\left(", "\\right)"), ("( ", " )")]);
    Pair::new(format!("({})", gold.join(", ")), format!("{}{}{}", brackets.0, written.join(", "), brackets.1), is_equal)
}

/// Several pairs, in any order of the pairs.
pub fn tuple_list(draw: &mut Draw) -> Pair {
    let count = draw.between(2, 4) as usize;
    let first = draw.distinct(count, -15, 15);
    // Falling pairs are no intervals.
    let pairs: Vec<(i64, i64)> = first.into_iter().map(|left| (left, left - draw.between(1, 9))).collect();
    let is_equal = draw.flip();
    let mut other = draw.reordered(&pairs);
    if !is_equal {
        let place = draw.below(other.len() as u64) as usize;
        other[place] = match draw.below(2) {
            0 => (other[place].1, other[place].0),
            _ => (other[place].0, other[place].1 - draw.between(10, 19)),
        };
    }
    let list = |pairs: &[(i64, i64)]| {
        pairs.iter().map(|(left, right)| format!("({left}, {right})")).collect::<Vec<_>>().join(", ")
    };
    let written = draw.text([list(&other), list(&other).replace(", ", ","), format!("\\{{{}\\}}", list(&other))]);
    Pair::new(list(&pairs), written, is_equal)
}

/// An interval or a union of two.
pub fn interval(draw: &mut Draw) -> Pair {
    let low = Rational::draw(draw);
    let high = low.add(Rational::new(draw.between(1, 20), draw.between(1, 4)));
    let (opens, closes) = (draw.pick(&["(", "["]), draw.pick(&[")", "]"]));
    let is_equal = draw.flip();
    let kind = draw.below(4);
    if kind == 0 {
        let other = if is_equal { low } else { low.other(draw) };
        let closing = draw.pick(&["\\infty)", "+\\infty)", "\\infty\\right)"]);
        let opening = if closing.contains("right") { format!("\\left{opens}") } else { opens.to_owned() };
        return Pair::new(
            format!("{opens}{}, \\infty)", low.plain()),
            format!("{opening}{}, {closing}", other.written(draw)),
            is_equal,
        );
    }
    if kind == 1 {
        let gap = high.add(Rational::whole(draw.between(1, 9)));
        let other = if is_equal { gap } else { gap.add(Rational::new(1, 3)) };
        let (one, two) =
            (format!("{opens}{}, {}{closes}", low.plain(), high.plain()), format!("({}, \\infty)", other.plain()));
        let written = if draw.flip() { format!("{one} \\cup {two}") } else { format!("{two} \\cup {one}") };
        let gold = format!("{opens}{}, {}{closes}\\cup({},\\infty)", low.plain(), high.plain(), gap.plain());
        return Pair::new(gold, written, is_equal);
    }
    let (mut other_opens, mut other_high) = (opens, high);
    if !is_equal {
        // An open pair is also a tuple, but a bracket that faces the other way is another answer.
        if draw.flip() {
            other_opens = if opens == "(" { "[" } else { "(" };
        } else {
            other_high = high.add(Rational::new(1, draw.between(2, 9)));
        }
    }
    let written = format!("{other_opens}{}, {}{closes}", low.written(draw), other_high.written(draw));
    Pair::new(format!("{opens}{}, {}{closes}", low.plain(), high.plain()), written, is_equal)
}

/// A matrix of whole numbers and fractions.
pub fn matrix(draw: &mut Draw) -> Pair {
    let (rows, columns) = (draw.between(2, 3) as usize, draw.between(1, 3) as usize);
    let values: Vec<Vec<Rational>> = (0..rows).map(|_| (0..columns).map(|_| Rational::draw(draw)).collect()).collect();
    let is_equal = draw.flip();
    let mut other = values.clone();
    if !is_equal {
        let (row, column) = (draw.below(rows as u64) as usize, draw.below(columns as u64) as usize);
        other[row][column] = other[row][column].other(draw);
    }
    let written: Vec<Vec<String>> =
        other.iter().map(|row| row.iter().map(|value| value.written(draw)).collect()).collect();
    let plain: Vec<Vec<String>> = values.iter().map(|row| row.iter().map(|value| value.plain()).collect()).collect();
    let environment = draw.pick(&["pmatrix", "bmatrix"]);
    Pair::new(laid_out(&plain, "pmatrix"), laid_out(&written, environment), is_equal)
}

/// Two values by one sign.
pub fn plus_minus(draw: &mut Draw) -> Pair {
    let (a, b) = (draw.nonzero(9), draw.between(2, 9));
    let is_equal = draw.flip();
    let other = if is_equal { b } else { draw.other(b, 2, 9) };
    let variable = draw.variable();
    match draw.below(3) {
        0 => {
            let radicand = draw.pick(&[2, 3, 5, 7]);
            let values = format!("{a}+{other}\\sqrt{{{radicand}}}, {a}-{other}\\sqrt{{{radicand}}}");
            Pair::either_way(draw, format!("{a} \\pm {b}\\sqrt{{{radicand}}}"), values, is_equal)
        }
        1 => Pair::new(
            format!("\\pm {b}"),
            draw.text([format!("{other}, -{other}"), format!("-{other},{other}")]),
            is_equal,
        ),
        _ => {
            let written = draw.text([
                format!("{variable} = {other} or {variable} = -{other}"),
                format!("{variable} = {other}, -{other}"),
                format!("{variable}=\\pm {other}"),
            ]);
            Pair::new(format!("{variable} = \\pm {b}"), written, is_equal)
        }
    }
}

fn listed(values: &[i64], separator: &str) -> String {
    values.iter().map(i64::to_string).collect::<Vec<_>>().join(separator)
}

fn laid_out(rows: &[Vec<String>], environment: &str) -> String {
    let rows: Vec<String> = rows.iter().map(|row| row.join(" & ")).collect();
    format!("\\begin{{{environment}}} {} \\end{{{environment}}}", rows.join(" \\\\ "))
}
