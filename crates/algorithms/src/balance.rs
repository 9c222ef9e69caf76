//! Sharing work among ranks so that the slowest has as little as possible.

/// Assigns items of known cost to ranks: the costliest first, each to the rank with the least so far (longest processing
/// time first; at most a third above the optimum, Graham 1969). Ties go to the earlier item and the lower rank. Returns each
/// rank's items in ascending order.
#[must_use]
pub fn balance(costs: &[u64], world_size: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..costs.len()).collect();
    order.sort_by_key(|&item| std::cmp::Reverse(costs[item]));
    let mut loads = vec![0_u64; world_size];
    let mut shares = vec![Vec::new(); world_size];
    for item in order {
        let Some(rank) = (0..world_size).min_by_key(|&rank| loads[rank]) else { break };
        loads[rank] += costs[item];
        shares[rank].push(item);
    }
    for share in &mut shares {
        share.sort_unstable();
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_costliest_items_are_spread_first() {
        assert_eq!(balance(&[5, 9, 4, 8], 2), [vec![1, 2], vec![0, 3]]);
    }

    #[test]
    fn a_rank_without_work_has_an_empty_share() {
        assert_eq!(balance(&[3], 3), [vec![0], vec![], vec![]]);
    }

    #[test]
    fn one_rank_gets_everything_in_order() {
        assert_eq!(balance(&[1, 3, 2], 1), [vec![0, 1, 2]]);
    }
}
