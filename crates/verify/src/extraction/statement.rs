//! What an announcement states: the rest of its line, and whether that is a formula.

use std::ops::Range;

/// The longest statement, in bytes.
const MAX_STATEMENT_BYTES: usize = 1_024;

/// The most words behind a value that can be its unit.
const MAX_WORDS_OF_UNIT: usize = 3;

/// Marks of emphasis and quotation around a statement.
const MARKS: [char; 8] = ['*', '_', '"', '`', '“', '”', '#', '：'];

/// Words of more than one letter that formulas hold.
const FORMULA_WORDS: [&str; 38] = [
    "and", "or", "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "ln",
    "log", "lg", "exp", "sqrt", "cbrt", "abs", "max", "min", "gcd", "lcm", "mod", "det", "lim", "inf", "infinity",
    "pi", "theta", "alpha", "beta", "union", "in", "percent", "pm",
];

/// Words that no unit holds.
const PROSE_WORDS: [&str; 28] = [
    "is", "are", "was", "the", "because", "since", "so", "of", "not", "but", "which", "that", "then", "it", "as", "if",
    "we", "this", "be", "by", "to", "at", "no", "an", "from", "with", "when", "where",
];

/// What announcements state in a text. Many may stand before one line, which is looked at once.
#[derive(Debug)]
pub struct Statements<'t> {
    text: &'t str,
    /// The line that was asked for last, and whether it is a formula.
    last: Option<(Range<usize>, bool)>,
}

// === impl Statements ===

impl<'t> Statements<'t> {
    /// Reads statements of a text.
    pub const fn new(text: &'t str) -> Self {
        Self { text, last: None }
    }

    /// Returns what the line behind a position holds, and whether it is a formula.
    pub fn behind(&mut self, position: usize) -> Option<(Range<usize>, bool)> {
        let line = line(self.text, position)?;
        match &self.last {
            Some(last) if last.0 == line => {}
            _ => self.last = Some((line.clone(), is_formula(&self.text[line]))),
        }
        self.last.clone()
    }
}

/// Returns what the line holds that begins at a position, or the first line behind it that holds anything.
pub fn line(text: &str, position: usize) -> Option<Range<usize>> {
    let mut end = text.len().min(position + 2 * MAX_STATEMENT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = &text[..end];
    let tail =
        text[position..].trim_start_matches(|character: char| character.is_whitespace() || MARKS.contains(&character));
    let start = text.len() - tail.len();
    let line = tail.split('\n').next().unwrap_or_default();
    // A tag or a special token behind it is none of it.
    let line = ["</", "<|"].iter().fold(line, |line, tag| line.split(tag).next().unwrap_or_default());
    within_marks(text, start..start + line.len())
}

/// Returns a part of a text without the marks of emphasis and the punctuation around it.
pub fn within_marks(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let is_mark = |character: char| character.is_whitespace() || MARKS.contains(&character);
    let part = text[range.clone()].trim_start_matches(is_mark);
    let start = range.end - part.len();
    let part = part
        .trim_end_matches(|last: char| is_mark(last) || matches!(last, '。' | '，' | '；' | '!' | '！' | ';' | ','));
    let part = match part.strip_suffix('.') {
        Some(rest) if !rest.ends_with('.') => rest.trim_end_matches(is_mark),
        _ => part,
    };
    (!part.is_empty() && part.len() <= MAX_STATEMENT_BYTES).then_some(start..start + part.len())
}

/// Returns a formula without the brackets around all of it, where they hold one value or an equation.
pub fn unwrapped(text: &str, formula: Range<usize>) -> Range<usize> {
    let content = &text[formula.clone()];
    let inner = content.get(1..content.len().saturating_sub(1)).unwrap_or_default();
    let is_one = !inner.is_empty() && !inner.contains([',', ';', '[', ']']);
    let is_wrapped = match (content.as_bytes().first(), content.as_bytes().last()) {
        (Some(b'['), Some(b']')) => is_one,
        (Some(b'('), Some(b')')) => is_one && inner.contains('=') && !inner.contains(['(', ')']),
        _ => false,
    };
    if is_wrapped { formula.start + 1..formula.end - 1 } else { formula }
}

/// Tells whether a statement is a formula, perhaps with a unit, rather than words.
pub fn is_formula(statement: &str) -> bool {
    if ["$", r"\(", r"\[", r"\boxed", r"\fbox"].iter().any(|delimiter| statement.contains(delimiter)) {
        return false;
    }
    let is_foreign = |character: char| character.is_alphabetic() && !character.is_ascii() && !is_greek(character);
    if statement.contains(is_foreign) || !statement.contains(|character: char| character.is_alphanumeric()) {
        return false;
    }
    let first_digit = statement.bytes().position(|byte| byte.is_ascii_digit()).unwrap_or(usize::MAX);
    let mut num_unit_words = 0;
    for (offset, word) in words(statement) {
        if word.len() == 1 {
            continue;
        }
        let lower = word.to_ascii_lowercase();
        if FORMULA_WORDS.contains(&lower.as_str()) {
            continue;
        }
        if PROSE_WORDS.contains(&lower.as_str()) {
            return false;
        }
        let is_value_before = first_digit < offset;
        if !is_product(statement, offset..offset + word.len()) || is_value_before {
            num_unit_words += 1;
            if !is_value_before || num_unit_words > MAX_WORDS_OF_UNIT {
                return false;
            }
        }
    }
    true
}

/// Tells whether a word can be a product of variables: it is short, and no other word is beside it.
fn is_product(statement: &str, word: Range<usize>) -> bool {
    let before = statement[..word.start].trim_end().chars().next_back();
    let after = statement[word.end..].trim_start().chars().next();
    let is_beside = [before, after].into_iter().flatten().any(|beside| beside.is_ascii_alphabetic());
    !is_beside && word.len() <= if word.len() == statement.len() { 2 } else { 3 }
}

/// Returns the words of ASCII letters of a statement that are no commands and in no text group.
fn words(statement: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut position = 0;
    std::iter::from_fn(move || {
        loop {
            let tail = statement.get(position..)?;
            let start = position + tail.find(|character: char| character.is_ascii_alphabetic())?;
            let rest = &statement[start..];
            let length = rest.find(|character: char| !character.is_ascii_alphabetic()).unwrap_or(rest.len());
            position = start + length;
            if !statement[..start].ends_with('\\') {
                return Some((start, &rest[..length]));
            }
            let group = &statement[position..];
            if group.starts_with('{') && is_text_command(&rest[..length]) {
                position += group.find('}').unwrap_or(group.len());
            }
        }
    })
}

fn is_text_command(name: &str) -> bool {
    matches!(
        name,
        "text" | "textbf" | "textit" | "textrm" | "mbox" | "mathrm" | "mathbf" | "operatorname" | "begin" | "end"
    )
}

fn is_greek(character: char) -> bool {
    matches!(character, '\u{370}'..='\u{3ff}')
}
