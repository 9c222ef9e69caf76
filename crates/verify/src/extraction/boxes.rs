//! `\boxed{…}` and `\fbox{…}`: the last one of a text, and those before it that belong to the same answer.

use std::{borrow::Cow, ops::Range};

use super::scan::after_white_space;

/// Boxes fewer characters apart than this belong together, whatever is between them.
const NEAR: usize = 10;

/// Different boxes fewer characters apart than this belong together if a separator is between them.
const NOT_FAR: usize = 70;

/// The most boxes that are joined to one answer.
const MAX_BOXES: usize = 64;

/// Which boxes of a text make its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// All of them.
    All,
    /// The last one and those close before it.
    Near,
}

/// A box command and what it holds.
#[derive(Clone, Debug)]
struct Command {
    start: usize,
    /// Behind the command and the white space after it.
    argument: usize,
    /// Where its content ends, if it is in braces that are closed before the next box.
    closing: Option<usize>,
}

/// Returns what is in the boxes that make the answer of a part of a text, in the order they are written; none if it has no box.
///
/// A box that is never closed, or has no braces, holds the rest of the part if it is the last one; an earlier one is no answer.
pub fn contents(text: &str, part: Range<usize>, joined: Joined) -> Vec<Range<usize>> {
    let commands = commands(text, part.clone());
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut following = None;
    for command in commands.iter().rev() {
        let Some(closing) = command.closing else {
            if found.is_empty() && command.argument < part.end {
                let braces = usize::from(text[command.argument..].starts_with('{'));
                found.push(trimmed(text, command.argument + braces..part.end));
            }
            break;
        };
        let content = trimmed(text, command.argument + 1..closing);
        if let (Joined::Near, Some(following), Some(last)) = (joined, following, found.last()) {
            let is_same = text[content.clone()] == text[last.clone()];
            if !belongs(&text[closing + 1..following], is_same) {
                break;
            }
        }
        following = Some(command.start);
        if found.last().is_none_or(|last| text[last.clone()] != text[content.clone()]) {
            found.push(content);
        }
        if found.len() == MAX_BOXES {
            break;
        }
    }
    found.reverse();
    found
}

/// Returns what is in the last box that is closed, if that is anything.
pub fn last(text: &str) -> Option<Range<usize>> {
    let commands = commands(text, 0..text.len());
    let last = commands.iter().rev().find_map(|command| Some(command.argument + 1..command.closing?))?;
    Some(trimmed(text, last)).filter(|content| !content.is_empty())
}

/// Returns the part of a text from its first `\boxed{` to its last closing brace.
pub fn extent(text: &str) -> Option<Range<usize>> {
    const OPENING: &str = r"\boxed{";
    let start = memchr::memmem::find(text.as_bytes(), OPENING.as_bytes())?;
    let closing = memchr::memrchr(b'}', text.as_bytes())?;
    (closing > start + OPENING.len()).then_some(start..closing + 1)
}

/// Joins contents to one list.
pub fn join<'t>(text: &'t str, contents: &[Range<usize>]) -> Cow<'t, str> {
    match contents {
        [content] => Cow::Borrowed(&text[content.clone()]),
        several => Cow::Owned(several.iter().map(|content| &text[content.clone()]).collect::<Vec<_>>().join(", ")),
    }
}

/// Finds the box commands of a part; each ends before the next begins.
fn commands(text: &str, part: Range<usize>) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    for position in memchr::memchr_iter(b'\\', &text.as_bytes()[part.clone()]) {
        let start = part.start + position;
        let tail = &text[start..part.end];
        if let Some(name) = [r"\boxed", r"\fbox"].iter().find(|name| tail.starts_with(**name)) {
            let argument = after_white_space(&text[..part.end], start + name.len());
            commands.push(Command { start, argument, closing: None });
        }
    }
    let mut limit = part.end;
    for command in commands.iter_mut().rev() {
        if text[command.argument..].starts_with('{') {
            command.closing = closing_brace(text, command.argument + 1, limit);
        }
        limit = command.start;
    }
    commands
}

/// Returns the brace that closes the one before a position.
fn closing_brace(text: &str, from: usize, limit: usize) -> Option<usize> {
    let bytes = text.as_bytes().get(from..limit)?;
    let mut depth = 1_usize;
    let mut is_escaped = false;
    for (offset, byte) in bytes.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(from + offset),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Tells whether a box belongs to the one behind it, by what is between them.
fn belongs(between: &str, is_same: bool) -> bool {
    // Counting stops as soon as it is too far.
    match between.chars().take(NOT_FAR).count() {
        0..NEAR => true,
        NEAR..NOT_FAR => !is_same && has_separator(between),
        _ => false,
    }
}

fn has_separator(between: &str) -> bool {
    let mut words = between.split(|character: char| !character.is_alphanumeric() && character != '_');
    between.contains([',', ';']) || words.any(|word| word == "and" || word == "or")
}

/// Returns a range without the white space at its ends.
pub fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.end - part.trim_start().len();
    start..start + part.trim().len()
}
