//! Average precision, as COCO has it: the mean, over 101 levels of recall, of the best precision at that level or above.

/// The levels of recall: 0, 0.01 and so on to 1.
const NUM_LEVELS: usize = 101;

/// Returns the average precision of boxes by falling confidence, each of which found a reference of its own or did not.
pub fn average_precision(is_hit: &[bool], num_gold: usize) -> f64 {
    if num_gold == 0 {
        return 0.0;
    }
    let (mut num_hits, mut points) = (0, Vec::with_capacity(is_hit.len()));
    for (place, is_hit) in is_hit.iter().enumerate() {
        num_hits += usize::from(*is_hit);
        points.push((num_hits, num_hits as f64 / (place + 1) as f64));
    }
    // A precision counts for every level of recall below its own too.
    let mut best = 0.0_f64;
    for (_, precision) in points.iter_mut().rev() {
        best = best.max(*precision);
        *precision = best;
    }
    let precision_at = |level: usize| {
        // The hits that a level of recall takes, compared as whole numbers.
        let reaching = points.iter().find(|(num_hits, _)| num_hits * (NUM_LEVELS - 1) >= level * num_gold);
        reaching.map_or(0.0, |(_, precision)| *precision)
    };
    (0..NUM_LEVELS).map(precision_at).sum::<f64>() / NUM_LEVELS as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_is_averaged_over_levels_of_recall() {
        for (is_hit, num_gold, expected) in [
            (vec![true, true], 2, 1.0),
            // A recall of a half at full precision: the levels from 0 to 0.5 are 51 of 101.
            (vec![true], 2, 51.0 / 101.0),
            (vec![true, false], 1, 1.0),
            (vec![false, true], 1, 0.5),
            // 1 to a half, then 2/3.
            (vec![true, false, true], 2, (51.0 + 50.0 * 2.0 / 3.0) / 101.0),
            (vec![false], 1, 0.0),
            (vec![], 3, 0.0),
            (vec![true], 0, 0.0),
        ] {
            let average = average_precision(&is_hit, num_gold);
            assert!((average - expected).abs() < 1e-12, "{is_hit:?} of {num_gold}: {average}");
        }
    }
}
