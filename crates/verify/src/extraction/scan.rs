//! Looking ahead in a text without looking at any part of it twice.

/// The next place of a pattern, for positions that only grow.
pub struct Ahead<'t> {
    text: &'t [u8],
    pattern: memchr::memmem::Finder<'static>,
    /// Where the pattern has been looked for from, and where it was found.
    known: Option<(usize, Option<usize>)>,
}

// === impl Ahead ===

impl<'t> Ahead<'t> {
    /// Looks for a pattern in a text.
    pub fn new(text: &'t str, pattern: &'static str) -> Self {
        Self { text: text.as_bytes(), pattern: memchr::memmem::Finder::new(pattern), known: None }
    }

    /// Returns where the pattern next begins, at a position or behind it.
    pub fn from(&mut self, position: usize) -> Option<usize> {
        if let Some((from, found)) = self.known
            && from <= position
            && found.is_none_or(|found| found >= position)
        {
            return found;
        }
        let found = self.text.get(position..).and_then(|tail| self.pattern.find(tail)).map(|at| position + at);
        self.known = Some((position, found));
        found
    }
}

/// Returns the first position at or behind another that holds no white space.
pub fn after_white_space(text: &str, position: usize) -> usize {
    text.len() - text[position..].trim_start().len()
}

/// Returns the length of the first of some prefixes that a text has.
pub fn begins_with_any(text: &str, prefixes: &[&str]) -> Option<usize> {
    prefixes.iter().find(|prefix| text.starts_with(**prefix)).map(|prefix| prefix.len())
}

/// Returns the number of ASCII digits that a text begins with.
pub fn num_digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// Returns where a number at the beginning of a text ends: `-?\d+` with a decimal part after a point or a comma.
pub fn number_end(text: &str) -> Option<usize> {
    let sign = usize::from(text.starts_with('-'));
    let digits = num_digits(&text[sign..]);
    let integer = sign + digits;
    let decimals = text[integer..].strip_prefix(['.', ',']).map_or(0, num_digits);
    (digits > 0).then_some(if decimals > 0 { integer + 1 + decimals } else { integer })
}

/// Tells whether at most so many characters, and no line break unless it is allowed, are between two positions.
pub fn is_within(text: &str, from: usize, to: usize, max_characters: usize) -> bool {
    // No character is longer than four bytes.
    to - from <= 4 * max_characters && text[from..to].chars().count() <= max_characters
}
