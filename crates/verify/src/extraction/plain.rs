//! Plain numbers and expressions in running text, such as `1,234.5`, `$100`, `12%` and `3/4 + 1`.

use std::{borrow::Cow, ops::Range};

use super::{
    Forms,
    scan::{after_white_space, begins_with_any, num_digits},
};

/// How many parentheses that close what was opened before an expression are left off its end.
const MAX_UNOPENED: usize = 4;

/// A number or an expression that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plain {
    /// What is to be read.
    pub content: Range<usize>,
    /// Behind the character that has to follow it, if any.
    pub end: usize,
    /// Whether it is a lone number.
    pub is_number: bool,
    /// Whether a percent sign or word follows it.
    pub is_percent: bool,
}

/// What may follow an expression or a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Following {
    /// Anything that ends one.
    Anything,
    /// No equals sign.
    NoEquals,
}

/// Finds numbers and expressions at the positions of a text.
#[derive(Debug)]
pub struct PlainScanner<'t> {
    text: &'t str,
    forms: Forms,
    /// The run of expression characters that was measured last: texts are scanned forwards, so each is measured once.
    run: Option<Run>,
    /// Up to where the parentheses of that run were counted, and how many more are closed than opened before that.
    counted: (usize, i64),
}

/// A run of the characters of expressions, from some digit in it on.
#[derive(Clone, Copy, Debug)]
struct Run {
    start: usize,
    end: usize,
    /// Where an expression in it ends, whatever follows.
    any_end: Option<End>,
    /// Where one ends that no equals sign follows.
    no_equals_end: Option<End>,
}

#[derive(Clone, Copy, Debug)]
struct End {
    /// Behind the character that follows it.
    behind: usize,
    /// Its last operator that has something behind it.
    operator: usize,
    /// Where it ends without the white space and the operators behind it, and then without one closing parenthesis after another, which
    /// is the same wherever it begins; and how many more parentheses are closed than opened in the run before that.
    kept: [(usize, i64); MAX_UNOPENED + 1],
}

// === impl Plain ===

impl Plain {
    /// Returns the text to read: of a number its digits without separators and with a decimal point.
    pub fn reading<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let content = &text[self.content.clone()];
        let is_simple = |character: char| character.is_ascii_digit() || "-.eE".contains(character);
        if !self.is_number || content.chars().all(is_simple) && !content.starts_with('.') {
            return Cow::Borrowed(content);
        }
        let unsigned = content.trim_start_matches(['-', '−']);
        let grouped = grouped_length(unsigned).map_or(0, |length| content.len() - unsigned.len() + length);
        let mut reading = String::with_capacity(content.len() + 1);
        if content.starts_with(['.', ',']) {
            reading.push('0');
        }
        for (position, character) in content.char_indices() {
            match character {
                '−' => reading.push('-'),
                ',' if position >= grouped => reading.push('.'),
                ',' => {}
                _ if character.is_whitespace() => {}
                _ => reading.push(character),
            }
        }
        Cow::Owned(reading)
    }
}

// === impl PlainScanner ===

impl<'t> PlainScanner<'t> {
    /// Makes a scanner that knows some ways of writing an answer.
    pub const fn new(text: &'t str, forms: Forms) -> Self {
        Self { text, forms, run: None, counted: (0, 0) }
    }

    /// Returns where a number or an expression begins whose prefix is a character, skipping emphasis.
    pub fn beginning(&self, prefix: char, position: usize) -> Option<usize> {
        let behind = position + prefix.len_utf8();
        // Most characters have something else behind them.
        let next = self.text.get(behind..)?.chars().next()?;
        let is_first = next.is_ascii_digit() || "-(.*−".contains(next) || is_currency(next);
        // `f(5)` holds no 5 of its own.
        let is_argument =
            prefix == '(' && self.text[..position].ends_with(|before: char| before.is_ascii_alphanumeric());
        (is_first && !is_argument && self.is_prefix(prefix)).then(|| self.after_emphasis(behind))
    }

    /// Returns the position itself, or the one behind two asterisks.
    pub fn after_emphasis(&self, position: usize) -> usize {
        position + if self.text[position..].starts_with("**") { 2 } else { 0 }
    }

    fn is_prefix(&self, character: char) -> bool {
        let is_inside = |character: char| character.is_ascii_alphanumeric() || r"\_^{}.,-+/$&#*<|".contains(character);
        match self.forms {
            Forms::MathVerify => character == '=' || character.is_whitespace(),
            Forms::Wide => !is_inside(character) && !is_digit_like(character),
        }
    }

    /// Returns the expression, or else the number, that begins at a position.
    pub fn plain(&mut self, content: usize, following: Following) -> Option<Plain> {
        self.expression(content, following).or_else(|| self.number(content, following))
    }

    /// Returns the expression that begins at a position: one with an operator, and with an end.
    pub fn expression(&mut self, content: usize, following: Following) -> Option<Plain> {
        let tail = &self.text[content..];
        let tail = self.without_sign(tail);
        let tail = tail.strip_prefix('(').unwrap_or(tail);
        let tail = self.without_sign(tail);
        if !tail.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        let digit = self.text.len() - tail.len();
        let run = self.run_at(digit);
        let end = if following == Following::Anything { run.any_end? } else { run.no_equals_end? };
        if end.operator <= digit {
            return None;
        }
        // `(so it is 5)` closes what was opened before.
        let (kept_end, _) = end.kept[self.num_unopened(content..digit, run.start, &end)];
        // What is left of `59/**` is a number.
        (end.operator < kept_end).then_some(Plain {
            content: content..kept_end,
            end: end.behind,
            is_number: false,
            is_percent: false,
        })
    }

    /// Returns the number that begins at a position, perhaps with a currency sign before it.
    pub fn number(&self, position: usize, following: Following) -> Option<Plain> {
        let currency = self.text[position..].chars().next().filter(|&first| is_currency(first));
        let content = position + currency.map_or(0, char::len_utf8);
        let end = content + self.number_length(&self.text[content..])?;
        let is_free = |end| following == Following::Anything || !is_before_equals(self.text, end);
        let plain = |to, end, is_percent| Plain { content: content..to, end, is_number: true, is_percent };
        if let Some(percent) = percent_end(self.text, end).filter(|&percent| is_free(percent)) {
            return Some(plain(end, percent, true));
        }
        if is_free(end) {
            return Some(plain(end, end, false));
        }
        // Before an equals sign math-verify reads a number without its last digit.
        let digits = self.text[content..end].trim_start_matches('-');
        let num_last = digits.bytes().rev().take_while(u8::is_ascii_digit).count();
        let shorter = if num_last > 1 { end - 1 } else { end.saturating_sub(2) };
        (self.forms == Forms::MathVerify && digits.len() > end - shorter).then(|| plain(shorter, shorter, false))
    }

    fn number_length(&self, text: &str) -> Option<usize> {
        let tail = self.without_sign(text);
        let sign = text.len() - tail.len();
        let digits = num_digits(tail);
        let length = match grouped_length(tail) {
            Some(grouped) => grouped + decimals(&tail[grouped..], &['.']),
            None if digits > 0 => digits + decimals(&tail[digits..], &['.', ',']),
            // A point without digits before it has no sign either.
            None if sign == 0 || self.forms == Forms::Wide => {
                Some(decimals(tail, &['.'])).filter(|&length| length > 0)?
            }
            None => return None,
        };
        let exponent = if self.forms == Forms::Wide { exponent_length(&tail[length..]) } else { 0 };
        Some(sign + length + exponent)
    }

    fn without_sign<'a>(&self, text: &'a str) -> &'a str {
        let unsigned = text.strip_prefix('-');
        unsigned.or_else(|| text.strip_prefix('−').filter(|_| self.forms == Forms::Wide)).unwrap_or(text)
    }

    /// Returns how many parentheses at the end of an expression close what was opened before it. It begins with a sign or a parenthesis, if
    /// it has one, and a digit of a run.
    fn num_unopened(&mut self, beginning: Range<usize>, run_start: usize, end: &End) -> usize {
        let is_kept = |index: usize| end.kept[index] == end.kept[index + 1];
        if is_kept(0) {
            return 0;
        }
        if self.counted.0 < run_start || self.counted.0 > beginning.end {
            self.counted = (run_start, 0);
        }
        self.counted.1 += num_closed(&self.text[self.counted.0..beginning.end]);
        self.counted.0 = beginning.end;
        let before = self.counted.1 - num_closed(&self.text[beginning]);
        (0..MAX_UNOPENED).find(|&index| is_kept(index) || end.kept[index].1 <= before).unwrap_or(MAX_UNOPENED)
    }

    /// Returns the run of expression characters that a digit is in.
    fn run_at(&mut self, digit: usize) -> Run {
        match self.run {
            Some(run) if (run.start..run.end).contains(&digit) => run,
            _ => *self.run.insert(self.measure(digit)),
        }
    }

    fn measure(&self, digit: usize) -> Run {
        let tail = &self.text[digit..];
        let length = tail.find(|character| !is_of_expression(character, self.forms)).unwrap_or(tail.len());
        let end = digit + length;
        let words_end = digit + tail[..length].trim_end().len();
        let is_before_sign = self.text[end..].starts_with('=');
        let run = &self.text[digit..end];
        let positions = || run.char_indices().rev().map(|(offset, _)| digit + offset).filter(|&at| at > digit);
        let ends = || std::iter::once(end).chain(positions()).filter_map(|at| Some((at, self.behind_end(at)?)));
        // Only the last end of a run can have an equals sign behind it.
        let is_refused = |(at, behind): (usize, usize)| {
            if is_before_sign { behind >= words_end } else { at == end && is_before_equals(self.text, behind) }
        };
        let with_operator = |(at, behind)| {
            let run = &self.text[digit..at];
            let kept = kept_ends(run, self.forms).map(|kept| (digit + kept.0, kept.1));
            End { behind, operator: digit + last_operator(run), kept }
        };
        let any_end = ends().next().map(with_operator);
        let no_equals_end = ends().find(|&end| !is_refused(end)).map(with_operator);
        Run { start: digit, end, any_end, no_equals_end }
    }

    fn behind_end(&self, position: usize) -> Option<usize> {
        self.behind(self.after_emphasis(position)).or_else(|| self.behind(position))
    }

    /// Returns the position behind a character that ends an expression.
    fn behind(&self, position: usize) -> Option<usize> {
        let Some(next) = self.text[position..].chars().next() else { return Some(position) };
        let is_end = match self.forms {
            Forms::MathVerify => next.is_whitespace() || ".,:)$".contains(next),
            Forms::Wide => !next.is_ascii_alphanumeric() && !r"\{_=^".contains(next) && !is_digit_like(next),
        };
        is_end.then_some(position + next.len_utf8())
    }
}

/// Returns the last operator that has something behind it, or 0.
fn last_operator(expression: &str) -> usize {
    let mut characters = expression.char_indices().rev().skip(1);
    characters.find(|&(_, character)| is_operator(character)).map_or(0, |(position, _)| position)
}

fn is_currency(character: char) -> bool {
    matches!(character, '$' | '£' | '¥' | '฿' | '\u{20a1}'..='\u{20bf}')
}

/// Returns where an expression ends without white space and operators, and then without one closing parenthesis after another; and how many
/// more parentheses are closed than opened before each.
fn kept_ends(expression: &str, forms: Forms) -> [(usize, i64); MAX_UNOPENED + 1] {
    let trimmed: &[char] = match forms {
        Forms::MathVerify => &['.'],
        Forms::Wide => &['.', '*', '+', '-', '−', '/', '^', '(', '×', '÷', '·'],
    };
    let is_trimmed = |last: char| last.is_whitespace() || trimmed.contains(&last);
    let mut kept = expression.trim_end_matches(is_trimmed);
    let mut num_closed = num_closed(kept);
    std::array::from_fn(|_| {
        let end = (kept.len(), num_closed);
        if let Some(rest) = kept.strip_suffix(')').filter(|_| forms == Forms::Wide) {
            let shorter = rest.trim_end_matches(is_trimmed);
            num_closed -= self::num_closed(&kept[shorter.len()..]);
            kept = shorter;
        }
        end
    })
}

/// Returns how many more parentheses are closed than opened.
fn num_closed(expression: &str) -> i64 {
    let count = |wanted: u8| expression.bytes().filter(|&byte| byte == wanted).count() as i64;
    count(b')') - count(b'(')
}

fn is_operator(character: char) -> bool {
    "+-*/^()×÷−·".contains(character)
}

fn is_of_expression(character: char, forms: Forms) -> bool {
    match character {
        '0'..='9' | '.' | '+' | '-' | '*' | '/' | '^' | '(' | ')' | '×' | '÷' => true,
        '−' | '·' => forms == Forms::Wide,
        '\n' => forms == Forms::MathVerify,
        _ => character.is_whitespace() || forms == Forms::Wide && is_digit_like(character),
    }
}

/// Tells whether a character is a superscript or a root, which belongs to the number beside it.
fn is_digit_like(character: char) -> bool {
    matches!(character, '⁰' | '¹' | '²' | '³' | '⁴'..='⁹' | '⁻' | '√')
}

/// Returns the length of digits in groups of three with a comma or a space between them, without the sign.
fn grouped_length(text: &str) -> Option<usize> {
    let text_from = |position: usize| text.get(position..).unwrap_or_default();
    let first = num_digits(text);
    if !(1..=3).contains(&first) || text.starts_with('0') {
        return None;
    }
    let mut end = first;
    while let Some(rest) = text_from(end).strip_prefix([' ', ',']) {
        if num_digits(rest.get(..3).unwrap_or_default()) < 3 {
            break;
        }
        end += 4;
    }
    (end > first).then_some(end)
}

/// Returns the length of a decimal mark and the digits behind it, or 0.
fn decimals(text: &str, marks: &[char]) -> usize {
    let digits = text.strip_prefix(marks).map_or(0, num_digits);
    if digits > 0 { digits + 1 } else { 0 }
}

/// Returns the length of `e6`, `E-3` and the like, or 0.
fn exponent_length(text: &str) -> usize {
    let Some(rest) = text.strip_prefix(['e', 'E']) else { return 0 };
    let unsigned = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    let digits = num_digits(unsigned);
    let is_word = unsigned[digits..].starts_with(|next: char| next.is_ascii_alphanumeric());
    if digits > 0 && !is_word { text.len() - unsigned.len() + digits } else { 0 }
}

/// Returns the position behind a percent sign or word that follows a number.
fn percent_end(text: &str, end: usize) -> Option<usize> {
    let sign = after_white_space(text, end);
    let length = begins_with_any(&text[sign..], &["%", "percent", "Percent", "pct", "Pct"])?;
    Some(sign + length)
}

fn is_before_equals(text: &str, end: usize) -> bool {
    text[after_white_space(text, end)..].starts_with('=')
}
