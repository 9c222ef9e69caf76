//! The draws of one case.

/// A stream of draws, a pure function of seed and case.
#[derive(Debug)]
pub struct Draw {
    seed: u64,
    case: u64,
    counter: u64,
}

// === impl Draw ===

impl Draw {
    pub const fn new(seed: u64, case: u64) -> Self {
        Self { seed, case, counter: 0 }
    }

    /// A number from 0 to `bound` - 1.
    pub const fn below(&mut self, bound: u64) -> u64 {
        self.counter += 1;
        gradus_types::random::below(bound, self.seed, self.case, self.counter)
    }

    /// A number from `low` to `high`, both included.
    pub const fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as u64) as i64
    }

    /// A number from -`bound` to `bound`, but not 0.
    pub const fn nonzero(&mut self, bound: i64) -> i64 {
        let number = self.between(1, bound);
        if self.flip() { number } else { -number }
    }

    /// Another number from `low` to `high` than `number`.
    pub const fn other(&mut self, number: i64, low: i64, high: i64) -> i64 {
        loop {
            let other = self.between(low, high);
            if other != number {
                return other;
            }
        }
    }

    pub const fn flip(&mut self) -> bool {
        self.below(2) == 0
    }

    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }

    /// One of the texts, all of which have been made.
    pub fn text<const N: usize>(&mut self, choices: [String; N]) -> String {
        let index = self.below(N as u64) as usize;
        choices.into_iter().nth(index).expect("the index is below the length")
    }

    /// Numbers that all differ, in the order drawn.
    pub fn distinct(&mut self, count: usize, low: i64, high: i64) -> Vec<i64> {
        let mut numbers = Vec::new();
        while numbers.len() < count {
            let number = self.between(low, high);
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        numbers
    }

    /// The same in another order, if there is one.
    pub fn reordered<T: Clone + PartialEq>(&mut self, items: &[T]) -> Vec<T> {
        let mut items = items.to_vec();
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
        items
    }

    /// A name of a variable. Many of them are also names of units.
    pub fn variable(&mut self) -> &'static str {
        self.pick(&["x", "y", "t", "n", "m", "s", "h", "a", "k", "z", "r", "u"])
    }

    /// Two names of variables.
    pub fn variables(&mut self) -> (&'static str, &'static str) {
        self.pick(&[("x", "y"), ("a", "b"), ("m", "n"), ("s", "t"), ("p", "q"), ("u", "v")])
    }
}
