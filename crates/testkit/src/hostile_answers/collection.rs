//! Collections with more elements than anybody compares.

use super::HostileAnswer as Hostile;

pub fn all() -> Vec<Hostile> {
    [sizes(), behind_large_ones()].concat()
}

/// More of the same.
fn sizes() -> Vec<Hostile> {
    let set = |count: usize, offset: usize| {
        format!("\\{{{}\\}}", listed((0..count).map(|index| (index * 7919) % 10_007 + offset)))
    };
    let roots = |count: usize, last: usize| {
        let roots: Vec<String> =
            (2..count + 2).map(|index| format!("\\sqrt{{{}}}", if index == count { last } else { index })).collect();
        format!("\\{{{}\\}}", roots.join(","))
    };
    let union = |count: usize, end: usize| {
        let intervals: Vec<String> = (0..count).map(|index| format!("({}, {})", 3 * index, 3 * index + 1)).collect();
        format!("{} \\cup ({end}, \\infty)", intervals.join(" \\cup "))
    };
    let matrix = |size: usize, corner: usize| {
        let rows: Vec<String> = (0..size)
            .map(|row| {
                let entries = (0..size).map(|column| if row + column == 0 { corner } else { row * column % 10 });
                entries.map(|entry| entry.to_string()).collect::<Vec<_>>().join("&")
            })
            .collect();
        format!("\\begin{{pmatrix}}{}\\end{{pmatrix}}", rows.join("\\\\"))
    };
    let sum = |count: usize, last: usize| {
        let terms: Vec<String> = (1..=count).map(|index| format!("x^{{{index}}}")).collect();
        format!("{}+{last}", terms.join("+"))
    };
    let pairs = |count: usize, last: i64| {
        let pairs: Vec<String> = (0..count as i64)
            .map(|index| format!("({}, {})", index + 9, if index == 0 { last } else { index }))
            .collect();
        pairs.join(", ")
    };
    vec![
        Hostile::other("set of 1,500 elements", set(1_500, 0), set(1_500, 1)),
        Hostile::itself("set of 1,500 elements, itself", set(1_500, 0)),
        Hostile::other("set of 200 roots", roots(200, 200), roots(200, 40_001)),
        Hostile::other("union of 200 intervals", union(200, 700), union(200, 701)),
        Hostile::other("matrix of 30 rows", matrix(30, 1), matrix(30, 2)),
        Hostile::other("matrix of 100 rows", matrix(100, 1), matrix(100, 2)),
        Hostile::other("power of a matrix", format!("{}^{{1000000}}", matrix(8, 1)), "1"),
        Hostile::other("polynomial of 500 terms", sum(500, 1), sum(500, 2)),
        Hostile::other("polynomial of 3,000 terms", sum(3_000, 1), sum(3_000, 2)),
        Hostile::other("60 pairs", pairs(60, -1), pairs(60, -2)),
        Hostile::other("1,000 pairs", pairs(1_000, -1), pairs(1_000, -2)),
        Hostile::other("list of 5,000 numbers", "1", listed((0..5_000).map(|index| index % 2))),
        Hostile::other(
            "chain of 1,000 equations",
            "x=2",
            (0..1_000).map(|index| format!("x_{index}")).collect::<Vec<_>>().join("="),
        ),
        Hostile::other("all signs at once", "5", format!("1{}", "\\pm 1".repeat(40))),
        Hostile::other(
            "2,000 alternatives",
            "x=1",
            (0..2_000).map(|index| format!("x={}", index + 2)).collect::<Vec<_>>().join(" or "),
        ),
    ]
}

/// Sets whose first element is large, in two orders: each element is compared with many.
fn behind_large_ones() -> Vec<Hostile> {
    let behind = |first: &str, is_reversed: bool| {
        let mut elements: Vec<String> = (2..66).map(|index| format!("\\sqrt{{{index}}}")).collect();
        if is_reversed {
            elements.reverse();
        }
        elements[0] = first.to_owned();
        format!("\\{{{}\\}}", elements.join(","))
    };
    let (long, names) =
        (format!("x{}", "+1".repeat(950)), (0..700).map(|index| format!("a_{index}")).collect::<Vec<_>>());
    vec![
        Hostile::other("64 elements behind a long one", behind(&long, false), behind(&long, true)),
        Hostile::other(
            "64 elements behind one of many names",
            behind(&names.join("+"), false),
            behind(&names.join("+"), true),
        ),
    ]
}

fn listed(numbers: impl Iterator<Item = usize>) -> String {
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(",")
}
