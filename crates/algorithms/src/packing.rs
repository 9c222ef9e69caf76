//! Packing: which shares are computed in one forward and backward pass.

use crate::plan::GroupShare;

/// Packs items into bins of a capacity: the largest first, each into the first bin that has room (first fit decreasing). An
/// item larger than the capacity gets a bin of its own. Returns each bin's items in ascending order.
#[must_use]
pub fn first_fit(costs: &[u64], capacity: u64) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..costs.len()).collect();
    order.sort_by_key(|&item| std::cmp::Reverse(costs[item]));
    let mut bins: Vec<(u64, Vec<usize>)> = Vec::new();
    for item in order {
        let cost = costs[item];
        match bins.iter_mut().find(|(load, _)| load + cost <= capacity) {
            Some((load, items)) => {
                *load += cost;
                items.push(item);
            }
            None => bins.push((cost, vec![item])),
        }
    }
    bins.into_iter()
        .map(|(_, mut items)| {
            items.sort_unstable();
            items
        })
        .collect()
}

/// Splits a group by samples into pieces that fit a capacity, each with the prompt. A single sample that does not fit with
/// its prompt becomes a piece of its own: it cannot be made smaller.
#[must_use]
pub fn split_group(group: GroupShare, capacity: u64) -> Vec<GroupShare> {
    let GroupShare { group, num_prompt_tokens, samples } = group;
    let mut pieces: Vec<GroupShare> = Vec::new();
    for sample in samples {
        match pieces.last_mut() {
            Some(piece) if piece.num_tokens() + u64::from(sample.num_tokens) <= capacity => piece.samples.push(sample),
            _ => pieces.push(GroupShare { group, num_prompt_tokens, samples: vec![sample] }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::SampleShare;

    #[test]
    fn small_items_fill_the_room_large_ones_leave() {
        assert_eq!(first_fit(&[3, 7, 5, 2], 10), [vec![0, 1], vec![2, 3]]);
    }

    #[test]
    fn an_oversized_item_stands_alone() {
        assert_eq!(first_fit(&[2, 30, 2], 10), [vec![1], vec![0, 2]]);
    }

    #[test]
    fn a_group_is_split_by_samples_and_every_piece_counts_the_prompt() {
        let sample = |sample, num_tokens| SampleShare { sample, num_tokens, advantage: 1.0 };
        let samples = vec![sample(0, 4), sample(1, 4), sample(2, 3), sample(3, 50)];
        let pieces = split_group(GroupShare { group: 2, num_prompt_tokens: 10, samples }, 20);
        let sizes: Vec<u64> = pieces.iter().map(GroupShare::num_tokens).collect();
        assert_eq!(sizes, [18, 13, 60]);
    }
}
