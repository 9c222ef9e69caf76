//! LaTeX environments: `$$…$$`, `\[…\]`, `$…$`, `\(…\)`, ` […] ` and a bare fraction, found in one forward scan.

use std::ops::Range;

use super::{
    Forms, fraction,
    scan::{Ahead, after_white_space, begins_with_any},
};

/// The most environments that are joined to one answer.
pub const MAX_JOINED: usize = 6;

/// A piece of LaTeX in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Where its opening delimiter begins.
    pub start: usize,
    /// What is between its delimiters.
    pub content: Range<usize>,
    /// Behind its closing delimiter, the white space after it, and a percent sign.
    pub after: usize,
    /// Whether a percent sign or word follows it.
    pub is_percent: bool,
    /// Whether it holds a `\boxed{…}`.
    pub is_boxed: bool,
}

/// Every environment that a text could hold, in order of their beginnings; a later one may begin within an earlier one.
#[derive(Debug)]
pub struct Environments {
    all: Vec<Environment>,
}

/// Environments that follow one another with `,`, `and` or `or` between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Their indices, in order.
    pub members: Vec<usize>,
    /// Behind the last of them.
    pub end: usize,
}

/// The delimiters of an environment.
#[derive(Clone, Copy, Debug)]
enum Delimiter {
    DisplayDollar,
    DisplayBracket,
    InlineDollar,
    InlineParenthesis,
    InlineBracket,
}

/// Looks for the ends of environments; what it has found stays known while the beginnings move on.
struct Ends<'t> {
    text: &'t str,
    double_dollar: Ahead<'t>,
    dollar: Ahead<'t>,
    bracket: Ahead<'t>,
    parenthesis: Ahead<'t>,
    newline: Ahead<'t>,
    boxed: Ahead<'t>,
    brace: Ahead<'t>,
    /// The last end of each delimiter, with what comes after it.
    after: [(usize, usize, bool); 5],
}

// === impl Environments ===

impl Environments {
    /// Finds every environment of a text.
    pub fn new(text: &str, forms: Forms) -> Self {
        let bytes = text.as_bytes();
        let mut ends = Ends::new(text);
        let mut all = Vec::new();
        for position in memchr::memchr3_iter(b'$', b'\\', b'[', bytes) {
            all.extend(ends.environment(position, forms));
        }
        // One in brackets begins with the white space before it, and a fraction with its sign.
        all.sort_by_key(|environment| environment.start);
        Self { all }
    }

    /// Returns one environment.
    pub fn get(&self, index: usize) -> &Environment {
        &self.all[index]
    }

    /// Returns the first environment that begins at a position or behind it.
    pub fn first_from(&self, position: usize) -> Option<usize> {
        let index = self.all.partition_point(|environment| environment.start < position);
        (index < self.all.len()).then_some(index)
    }

    /// Returns the first environment that holds a box and begins at a position or behind it.
    pub fn first_boxed_from(&self, position: usize) -> Option<usize> {
        let from = self.first_from(position)?;
        (from..self.all.len()).find(|&index| self.all[index].is_boxed)
    }

    /// Returns the environment that begins at a position, where white space from `earliest` on has been skipped.
    pub fn at(&self, text: &str, earliest: usize, position: usize) -> Option<usize> {
        let begins_at = |start: usize| self.first_from(start).filter(|&index| self.all[index].start == start);
        begins_at(position).or_else(|| {
            let space = text.get(earliest..position)?.chars().next_back()?;
            begins_at(position - space.len_utf8())
        })
    }

    /// Returns an environment and those that are listed with it.
    pub fn chain(&self, text: &str, first: usize, is_boxed: bool) -> Chain {
        let mut chain = Chain { members: vec![first], end: self.all[first].after };
        while chain.members.len() < MAX_JOINED {
            let Some(next) = self.next(text, chain.end).filter(|&next| !is_boxed || self.all[next].is_boxed) else {
                break;
            };
            chain.members.push(next);
            chain.end = self.all[next].after;
        }
        chain
    }

    /// Returns the environment that follows a separator behind a position.
    fn next(&self, text: &str, position: usize) -> Option<usize> {
        let separator = after_white_space(text, position);
        let length = begins_with_any(&text[separator..], &[",and", "and", ",or", "or", ","])?;
        let behind = separator + length;
        self.at(text, behind, after_white_space(text, behind))
    }
}

// === impl Ends ===

impl<'t> Ends<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            double_dollar: Ahead::new(text, "$$"),
            dollar: Ahead::new(text, "$"),
            bracket: Ahead::new(text, r"\]"),
            parenthesis: Ahead::new(text, r"\)"),
            newline: Ahead::new(text, "\n"),
            boxed: Ahead::new(text, r"\boxed{"),
            brace: Ahead::new(text, "}"),
            after: [(usize::MAX, 0, false); 5],
        }
    }

    /// Returns the environment whose first delimiter is at a position.
    fn environment(&mut self, position: usize, forms: Forms) -> Option<Environment> {
        let bytes = self.text.as_bytes();
        let before = position.checked_sub(1).map(|before| bytes[before]);
        let is_escaped = before == Some(b'\\');
        match (bytes[position], bytes.get(position + 1)) {
            (b'$', Some(b'$')) if !is_escaped => self.display(position, Delimiter::DisplayDollar),
            (b'$', _) if !is_escaped && !before.is_some_and(|byte| byte.is_ascii_digit()) => {
                self.inline(position, Delimiter::InlineDollar)
            }
            (b'\\', Some(b'[')) if !is_escaped => self.display(position, Delimiter::DisplayBracket),
            (b'\\', Some(b'(')) if !is_escaped => self.inline(position, Delimiter::InlineParenthesis),
            (b'\\', Some(b'f' | b'd' | b't' | b'c')) => self.fraction(position, forms),
            (b'[', _) => self.in_brackets(position),
            _ => None,
        }
    }

    /// An environment that may span lines.
    fn display(&mut self, position: usize, delimiter: Delimiter) -> Option<Environment> {
        let from = position + 2;
        let ends =
            if matches!(delimiter, Delimiter::DisplayDollar) { &mut self.double_dollar } else { &mut self.bracket };
        let to = ends.from(from)?;
        self.between(position, from..to, to + 2, delimiter)
    }

    /// An environment within a line.
    fn inline(&mut self, position: usize, delimiter: Delimiter) -> Option<Environment> {
        let (from, to, length) = if matches!(delimiter, Delimiter::InlineDollar) {
            let mut to = self.dollar.from(position + 1)?;
            while self.text.as_bytes()[to - 1] == b'\\' {
                to = self.dollar.from(to + 1)?;
            }
            (position + 1, to, 1)
        } else {
            (position + 2, self.parenthesis.from(position + 2)?, 2)
        };
        if self.newline.from(from).is_some_and(|newline| newline < to) {
            return None;
        }
        self.between(position, from..to, to + length, delimiter)
    }

    /// What stands in brackets with white space around them, or the text's ends, within a line.
    fn in_brackets(&mut self, position: usize) -> Option<Environment> {
        let before = self.text[..position].chars().next_back();
        let from = position + 1;
        let to = from + memchr::memchr3(b'[', b']', b'\n', &self.text.as_bytes()[from..])?;
        let is_closed = self.text.as_bytes()[to] == b']';
        let behind = self.text[to + 1..].chars().next();
        let is_apart = before.is_none_or(char::is_whitespace) && behind.is_none_or(char::is_whitespace);
        let end = to + 1 + behind.map_or(0, char::len_utf8);
        let start = position - before.map_or(0, char::len_utf8);
        if is_closed && is_apart { self.between(start, from..to, end, Delimiter::InlineBracket) } else { None }
    }

    /// A fraction outside any environment.
    fn fraction(&self, position: usize, forms: Forms) -> Option<Environment> {
        let content = fraction::bare(self.text, position, forms)?;
        let (after, is_percent) = behind(self.text, content.end);
        Some(Environment { start: content.start, content, after, is_percent, is_boxed: false })
    }

    fn between(&mut self, start: usize, content: Range<usize>, end: usize, kind: Delimiter) -> Option<Environment> {
        let is_escaped = self.text.as_bytes()[content.end - 1] == b'\\' && !matches!(kind, Delimiter::InlineBracket);
        if content.is_empty() || is_escaped {
            return None;
        }
        let known = &mut self.after[kind as usize];
        if known.0 != end {
            let (after, is_percent) = behind(self.text, end);
            *known = (end, after, is_percent);
        }
        let (_, after, is_percent) = *known;
        let is_boxed = self.is_boxed(&content);
        Some(Environment { start, content, after, is_percent, is_boxed })
    }

    /// Tells whether a box with something in it is opened and some brace is closed behind it.
    fn is_boxed(&mut self, content: &Range<usize>) -> bool {
        let Some(boxed) = self.boxed.from(content.start).filter(|&boxed| boxed < content.end) else { return false };
        self.brace.from(boxed + r"\boxed{".len() + 1).is_some_and(|brace| brace < content.end)
    }
}

/// Skips white space and then a percent sign or word; tells whether there was one.
fn behind(text: &str, end: usize) -> (usize, bool) {
    let after = after_white_space(text, end);
    match begins_with_any(&text[after..], &[r"\%", "%", "percent", "Percent", "pct", "Pct"]) {
        Some(length) => (after + length, true),
        None => (after, false),
    }
}
