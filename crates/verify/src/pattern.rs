//! Patterns of whole texts, decided by a bit-parallel automaton: one step for each character, whatever the text.
//!
//! A pattern is a sequence of items. The automaton keeps one bit for each item: whether the text so far can end with it (the extended
//! Shift-And of Navarro and Raffinot, "Flexible Pattern Matching in Strings", section 4.2). There is nothing to backtrack.

/// What stands at a place of a pattern.
#[derive(Clone, Copy, Debug)]
pub enum Item {
    /// These ASCII characters.
    Text(&'static str),
    /// Any text, or none.
    Any,
    /// Any text of one character or more.
    Something,
    /// White space, or none.
    Space,
    /// White space of one character or more.
    SomeSpace,
    /// ASCII digits, one or more.
    Digits,
    /// One of two ASCII characters.
    Either(u8, u8),
    /// An ASCII character, or nothing.
    Maybe(u8),
}

/// A pattern, compiled.
#[derive(Debug)]
pub struct Pattern {
    /// For each ASCII character, the items it can be in.
    ascii: [u128; 128],
    /// The items any other character can be in, and any other white space.
    other: u128,
    other_space: u128,
    repeated: u128,
    optional: u128,
    end: u128,
}

impl Pattern {
    /// Compiles a pattern of at most 127 characters and classes.
    pub const fn new(items: &[Item]) -> Self {
        let mut pattern = Self { ascii: [0; 128], other: 0, other_space: 0, repeated: 0, optional: 0, end: 1 };
        let mut i = 0;
        while i < items.len() {
            pattern = match items[i] {
                Item::Text(text) => pattern.with_text(text.as_bytes()),
                Item::Any => pattern.with_any().with_repetition(true),
                Item::Something => pattern.with_any().with_repetition(false),
                Item::Space => pattern.with_space().with_repetition(true),
                Item::SomeSpace => pattern.with_space().with_repetition(false),
                Item::Digits => pattern.with_range(b'0', b'9').with_repetition(false),
                Item::Either(one, other) => {
                    let mut pattern = pattern.with_range(one, one);
                    pattern.ascii[other as usize] |= pattern.end;
                    pattern
                }
                Item::Maybe(character) => {
                    let mut pattern = pattern.with_range(character, character);
                    pattern.optional |= pattern.end;
                    pattern
                }
            };
            i += 1;
        }
        pattern
    }

    /// Tells whether a whole text has the pattern.
    pub fn matches(&self, text: &str) -> bool {
        // The lowest bit is the place before the first item.
        let mut places = self.skip_optional(1);
        for character in text.chars() {
            let fitting = match self.ascii.get(character as usize) {
                Some(fitting) => *fitting,
                None if character.is_whitespace() => self.other | self.other_space,
                None => self.other,
            };
            places = self.skip_optional(((places << 1) | (places & self.repeated)) & fitting);
            if places == 0 {
                return false;
            }
        }
        places & self.end != 0
    }

    /// Adds the places that are reached through items that stand for nothing.
    const fn skip_optional(&self, mut places: u128) -> u128 {
        loop {
            let further = places | ((places << 1) & self.optional);
            if further == places {
                return places;
            }
            places = further;
        }
    }

    const fn with_text(mut self, text: &[u8]) -> Self {
        let mut i = 0;
        while i < text.len() {
            self = self.with_range(text[i], text[i]);
            i += 1;
        }
        self
    }

    /// Adds an item of a range of ASCII characters. More items than bits, or a character beyond ASCII, does not compile.
    const fn with_range(mut self, low: u8, high: u8) -> Self {
        assert!(self.end < 1 << 127 && high < 128);
        self.end <<= 1;
        let mut character = low;
        while character <= high {
            self.ascii[character as usize] |= self.end;
            character += 1;
        }
        self
    }

    const fn with_any(self) -> Self {
        let mut pattern = self.with_range(0, 127);
        pattern.other |= pattern.end;
        pattern
    }

    /// Adds an item of white space as Python's `\s` has it: the four separators of ASCII belong to it.
    const fn with_space(self) -> Self {
        let mut pattern = self.with_range(9, 13);
        let mut character = 28;
        while character <= 32 {
            pattern.ascii[character] |= pattern.end;
            character += 1;
        }
        pattern.other_space |= pattern.end;
        pattern
    }

    const fn with_repetition(mut self, or_none: bool) -> Self {
        self.repeated |= self.end;
        if or_none {
            self.optional |= self.end;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use super::*;

    const ITEMS: [(Item, &str); 10] = [
        (Item::Text("ab"), "ab"),
        (Item::Text("<"), "<"),
        (Item::Text("<b>"), "<b>"),
        (Item::Any, "(?s:.*)"),
        (Item::Something, "(?s:.+)"),
        (Item::Space, r"\s*"),
        (Item::SomeSpace, r"\s+"),
        (Item::Digits, "[0-9]+"),
        (Item::Either(b',', b'7'), "[,7]"),
        (Item::Maybe(b','), ",?"),
    ];

    #[test]
    fn an_empty_pattern_has_the_empty_text_alone() {
        assert!(Pattern::new(&[]).matches(""));
        assert!(!Pattern::new(&[]).matches("a"));
    }

    proptest! {
        #[test]
        fn a_pattern_decides_as_a_regular_expression_does(
            items in proptest::collection::vec(0..ITEMS.len(), 0..7),
            parts in proptest::collection::vec(
                prop_oneof![
                    Just("ab"), Just("<"), Just("<b>"), Just("a"), Just(" "), Just("\n"), Just("\u{3000}"), Just("7"), Just(","), Just("é"),
                ],
                0..9,
            ),
        ) {
            let text = parts.concat();
            let pattern = Pattern::new(&items.iter().map(|item| ITEMS[*item].0).collect::<Vec<_>>());
            let written: String = items.iter().map(|item| ITEMS[*item].1).collect();
            let expected = Regex::new(&format!(r"\A(?:{written})\z")).unwrap().is_match(&text);
            prop_assert_eq!(pattern.matches(&text), expected, "{} on {:?}", written, text);
        }
    }
}
