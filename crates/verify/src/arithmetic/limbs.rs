//! Operations on little-endian arrays of 64-bit limbs.

/// Returns the carry of adding `other` in place.
pub(super) const fn add<const N: usize>(limbs: &mut [u64; N], other: &[u64; N]) -> bool {
    let mut carry = false;
    let mut index = 0;
    while index < N {
        let (sum, first) = limbs[index].overflowing_add(other[index]);
        let (sum, second) = sum.overflowing_add(carry as u64);
        limbs[index] = sum;
        carry = first || second;
        index += 1;
    }
    carry
}

/// Returns the borrow of subtracting `other` in place.
pub(super) const fn subtract<const N: usize>(limbs: &mut [u64; N], other: &[u64; N]) -> bool {
    let mut borrow = false;
    let mut index = 0;
    while index < N {
        let (difference, first) = limbs[index].overflowing_sub(other[index]);
        let (difference, second) = difference.overflowing_sub(borrow as u64);
        limbs[index] = difference;
        borrow = first || second;
        index += 1;
    }
    borrow
}

/// Shifts right in place and returns whether a bit that was set is lost.
pub(super) const fn shift_right<const N: usize>(limbs: &mut [u64; N], by: u64) -> bool {
    let (skip, bits) = ((by / 64) as usize, by % 64);
    let mut lost = false;
    let mut index = 0;
    while index < N {
        if index < skip {
            lost |= limbs[index] != 0;
        } else if index == skip {
            lost |= limbs[index] & ((1 << bits) - 1) != 0;
        }
        index += 1;
    }
    index = 0;
    while index < N {
        let low = if skip < N - index { limbs[index + skip] } else { 0 };
        let high = if skip + 1 < N - index { limbs[index + skip + 1] } else { 0 };
        limbs[index] = if bits == 0 { low } else { low >> bits | high << (64 - bits) };
        index += 1;
    }
    lost
}

/// Shifts left in place, dropping what leaves the top.
pub(super) const fn shift_left<const N: usize>(limbs: &mut [u64; N], by: u64) {
    let (skip, bits) = ((by / 64) as usize, by % 64);
    let mut index = N;
    while index > 0 {
        index -= 1;
        let high = if index >= skip { limbs[index - skip] } else { 0 };
        let low = if index > skip { limbs[index - skip - 1] } else { 0 };
        limbs[index] = if bits == 0 { high } else { high << bits | low >> (64 - bits) };
    }
}

/// Returns the low and the high half of a product.
#[inline]
pub(super) const fn product<const N: usize>(left: &[u64; N], right: &[u64; N]) -> ([u64; N], [u64; N]) {
    let (mut low, mut high) = ([0; N], [0; N]);
    let mut row = 0;
    while row < N {
        let mut carry = 0;
        let mut column = 0;
        while column < N {
            let place = row + column;
            let there = if place < N { low[place] } else { high[place - N] };
            let sum = left[row] as u128 * right[column] as u128 + there as u128 + carry as u128;
            if place < N {
                low[place] = sum as u64;
            } else {
                high[place - N] = sum as u64;
            }
            carry = (sum >> 64) as u64;
            column += 1;
        }
        high[row] = carry;
        row += 1;
    }
    (low, high)
}

/// Returns the number of zero bits above the highest bit that is set.
pub(super) const fn leading_zeros<const N: usize>(limbs: &[u64; N]) -> u64 {
    let mut index = N;
    while index > 0 {
        index -= 1;
        if limbs[index] != 0 {
            return (N - 1 - index) as u64 * 64 + limbs[index].leading_zeros() as u64;
        }
    }
    N as u64 * 64
}

/// Returns whether every limb is zero.
pub(super) const fn are_zero<const N: usize>(limbs: &[u64; N]) -> bool {
    leading_zeros(limbs) == N as u64 * 64
}

/// Returns whether the left is less.
pub(super) const fn less<const N: usize>(left: &[u64; N], right: &[u64; N]) -> bool {
    let mut index = N;
    while index > 0 {
        index -= 1;
        if left[index] != right[index] {
            return left[index] < right[index];
        }
    }
    false
}

/// Returns the fraction `numerator / denominator` and whether it is inexact. The numerator, continued by one more limb, is less than
/// the denominator, whose top bit is set.
pub(super) fn quotient<const N: usize>(numerator: &[u64; N], next: u64, denominator: &[u64; N]) -> ([u64; N], bool) {
    let mut remainder = *numerator;
    let mut result = [0; N];
    for index in (0..N).rev() {
        let appended = if index == N - 1 { next } else { 0 };
        let top = remainder[N - 1];
        let two = u128::from(top) << 64 | u128::from(if N > 1 { remainder[N - 2] } else { appended });
        let mut digit = u64::try_from(two / u128::from(denominator[N - 1])).unwrap_or(u64::MAX);
        let mut above = top;
        shift_left(&mut remainder, 64);
        remainder[0] = appended;
        let (taken, over) = multiple(denominator, digit);
        let borrow = subtract(&mut remainder, &taken);
        let (mut rest, mut negative) = above.overflowing_sub(over);
        if borrow {
            let (less, under) = rest.overflowing_sub(1);
            (rest, negative) = (less, negative || under);
        }
        above = rest;
        while negative {
            digit = digit.wrapping_sub(1);
            if add(&mut remainder, denominator) {
                let (more, back) = above.overflowing_add(1);
                (above, negative) = (more, !back);
            }
        }
        result[index] = digit;
    }
    (result, !are_zero(&remainder))
}

/// Returns a multiple by one limb, and what leaves the top.
pub(super) fn multiple<const N: usize>(limbs: &[u64; N], by: u64) -> ([u64; N], u64) {
    let mut result = [0; N];
    let mut carry = 0;
    for (digit, limb) in result.iter_mut().zip(limbs) {
        let sum = u128::from(*limb) * u128::from(by) + u128::from(carry);
        *digit = sum as u64;
        carry = (sum >> 64) as u64;
    }
    (result, carry)
}
