//! How far two sequences are from each other, 64 places at a time.

use std::{collections::HashMap, hash::Hash};

/// Where each item of a sequence stands: for each, the words of 64 places that hold it, in order, with its bits.
struct Places<'a, T> {
    length: usize,
    masks: HashMap<&'a T, Vec<(usize, u64)>>,
}

/// Returns the fewest insertions, deletions and replacements that make one sequence another (Hyyrö: A Bit-Vector Algorithm for Computing
/// Levenshtein and Damerau Edit Distances, 2003). Its time is the product of the lengths over 64.
pub fn distance<T: Eq + Hash>(left: &[T], right: &[T]) -> usize {
    let places = Places::of(left);
    let num_words = places.num_words();
    if num_words == 0 {
        return right.len();
    }
    let last = 1_u64 << ((places.length - 1) % u64::BITS as usize);
    let mut distance = places.length;
    // Which places are one more, or one less, than the one above them in the column of the table.
    let (mut above, mut below) = (vec![u64::MAX; num_words], vec![0_u64; num_words]);
    for item in right {
        let mut masks = places.masks(item);
        let (mut carry, mut more, mut less) = (false, 1, 0);
        for word in 0..num_words {
            let matching = masks(word);
            let (sum, next_carry) = sum(matching & above[word], above[word], carry);
            let diagonal = (sum ^ above[word]) | matching | below[word];
            let (is_more, is_less) = (below[word] | !(diagonal | above[word]), diagonal & above[word]);
            if word + 1 == num_words {
                distance += usize::from(is_more & last != 0);
                distance -= usize::from(is_less & last != 0);
            }
            let (shifted_more, shifted_less) = (is_more << 1 | more, is_less << 1 | less);
            (carry, more, less) = (next_carry, is_more >> 63, is_less >> 63);
            above[word] = shifted_less | !(diagonal | shifted_more);
            below[word] = shifted_more & diagonal;
        }
    }
    distance
}

/// Returns the length of the longest common subsequence (Hyyrö: Bit-Parallel LCS-length Computation Revisited, 2004), in the same time.
pub fn longest_common<T: Eq + Hash>(left: &[T], right: &[T]) -> usize {
    let places = Places::of(left);
    let mut unmatched = vec![u64::MAX; places.num_words()];
    for item in right {
        let mut masks = places.masks(item);
        let mut carry = false;
        for (word, row) in unmatched.iter_mut().enumerate() {
            let matching = masks(word);
            let (sum, next_carry) = sum(*row, *row & matching, carry);
            (*row, carry) = (sum | (*row & !matching), next_carry);
        }
    }
    // The bits beyond the last place never match, and stay.
    unmatched.iter().map(|row| row.count_zeros() as usize).sum()
}

/// Returns 1 less the edits between two texts as a share of the longer, and 0 where that share is not below `threshold`; in lower case
/// and with single spaces (the normalised Levenshtein similarity of Biten et al.: Scene Text Visual Question Answering, ICCV 2019).
pub fn likeness(gold: &str, answer: &str, threshold: f64) -> f64 {
    let [gold, answer] = [gold, answer].map(characters);
    let longer = gold.len().max(answer.len());
    let share_of = |edits: usize| if longer == 0 { 0.0 } else { edits as f64 / longer as f64 };
    // There are at least as many edits as the lengths differ by.
    let least = share_of(gold.len().abs_diff(answer.len()));
    let share = if least < threshold { share_of(distance(&gold, &answer)) } else { least };
    if share < threshold { 1.0 - share } else { 0.0 }
}

/// Returns the characters of a text in lower case and with single spaces.
pub fn characters(text: &str) -> Vec<char> {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ").chars().collect()
}

/// Adds with a carry, and returns the next.
const fn sum(left: u64, right: u64, carry: bool) -> (u64, bool) {
    let (sum, is_over) = left.overflowing_add(right);
    let (sum, is_over_again) = sum.overflowing_add(carry as u64);
    (sum, is_over | is_over_again)
}

// === impl Places ===

impl<'a, T: Eq + Hash> Places<'a, T> {
    fn of(sequence: &'a [T]) -> Self {
        let mut masks: HashMap<&T, Vec<(usize, u64)>> = HashMap::new();
        for (place, item) in sequence.iter().enumerate() {
            let (word, bit) = (place / u64::BITS as usize, 1 << (place % u64::BITS as usize));
            let masks = masks.entry(item).or_default();
            match masks.last_mut().filter(|(last, _)| *last == word) {
                Some((_, mask)) => *mask |= bit,
                None => masks.push((word, bit)),
            }
        }
        Self { length: sequence.len(), masks }
    }

    fn num_words(&self) -> usize {
        self.length.div_ceil(u64::BITS as usize)
    }

    /// Returns the bits of an item in one word after another; they must be asked for in order.
    fn masks(&self, item: &T) -> impl FnMut(usize) -> u64 {
        let mut rest = self.masks.get(item).map(Vec::as_slice).unwrap_or_default().iter().peekable();
        move |word| rest.next_if(|(at, _)| *at == word).map_or(0, |(_, mask)| *mask)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The longest common subsequence by its table.
    fn tabled(left: &[u8], right: &[u8]) -> usize {
        let mut row = vec![0; right.len() + 1];
        for item in left {
            let mut diagonal = 0;
            for (place, other) in right.iter().enumerate() {
                let above = row[place + 1];
                row[place + 1] = if item == other { diagonal + 1 } else { above.max(row[place]) };
                diagonal = above;
            }
        }
        row[right.len()]
    }

    proptest! {
        #[test]
        fn both_are_what_the_tables_say(
            left in proptest::collection::vec(0_u8..4, 0..200),
            right in proptest::collection::vec(0_u8..4, 0..200),
        ) {
            prop_assert_eq!(distance(&left, &right), strsim::generic_levenshtein(&left, &right));
            prop_assert_eq!(longest_common(&left, &right), tabled(&left, &right));
        }
    }

    #[test]
    fn texts_are_alike_by_their_edits() {
        assert_eq!(distance(&[1, 2, 3], &[]), 3);
        assert_eq!(likeness("Hello  World", "hello word", 0.5), 1.0 - 1.0 / 11.0);
        assert_eq!((likeness("ab", "cd", 1.0), likeness("ab", "abcde", 0.5), likeness("", " ", 0.5)), (0.0, 0.0, 1.0));
    }
}
