//! Decides what words are outside of text groups: units after a value, products of letters, names, or an answer in prose.

use std::ops::Range;

use super::{
    Notation, spelling,
    token::{Kind, Token},
    units,
};
use crate::expression::{Constant, Operator};

/// The longest word that is read as a product of its letters.
const MAX_LETTERS_OF_PRODUCT: usize = 4;

/// The most words of a unit that the table does not know.
const MAX_WORDS_OF_UNIT: usize = 5;

/// Gives every word a meaning; an answer in prose becomes one text.
pub fn resolve(tokens: &mut Vec<Token>, source: &str, notation: &Notation) {
    if !tokens.iter().any(|token| is_wordy(*token, source)) {
        return;
    }
    let Some(units) = units_unless_prose(tokens, source) else {
        let from = tokens.first().map_or(0, |token| token.place().start);
        let to = tokens.last().map_or(0, |token| token.place().end);
        *tokens = vec![Token::new(Kind::Text, from..to)];
        return;
    };
    let mut resolved = Vec::with_capacity(tokens.len() + 16);
    let mut units = units.into_iter().peekable();
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        match units.next_if(|unit| unit.start == index) {
            Some(unit) => {
                let end = tokens.get(unit.end - 1).unwrap_or(token).place().end;
                resolved.push(token.at(token.place().start..end).with_kind(Kind::Unit));
                index = unit.end;
            }
            None => {
                let next = tokens.get(index + 1);
                if notation.words && spelling::is_word_alone(*token, resolved.last(), next, source) {
                    resolved.push(token.with_kind(Kind::Text));
                } else {
                    push_word(&mut resolved, *token, next, source);
                }
                index += 1;
            }
        }
    }
    *tokens = resolved;
}

/// Returns whether a token is a word, or a name that may be a unit: `5 min`, `30 sec`.
fn is_wordy(token: Token, source: &str) -> bool {
    let is_name = matches!(token.kind, Kind::Function(Operator::Sec) | Kind::Variadic(Operator::Min));
    token.kind == Kind::Word || (is_name && !source.get(..token.place().start).unwrap_or_default().ends_with('\\'))
}

/// Returns whether letters that could be a unit are factors: attached to their number in a sum that has variables, as in `2nm + m^2`.
fn is_product(tokens: &[Token], unit: Range<usize>, source: &str) -> bool {
    let is_of_circle = unit.start.checked_sub(1).and_then(|before| tokens.get(before)).map(|before| before.kind)
        == Some(Kind::Constant(Constant::Pi));
    // `\pi hr^2` is no time: letters of the volume of a cylinder.
    if is_of_circle && tokens.get(unit.start).is_some_and(|token| token.text(source) == "hr") {
        return true;
    }
    let is_attached = tokens.get(unit.start).is_some_and(|token| !token.spaced);
    let is_term = tokens.get(unit.end).is_some_and(|token| matches!(token.kind, Kind::Plus | Kind::Minus));
    is_attached && is_term && tokens.iter().any(|token| token.kind == Kind::Letter)
}

/// Returns where units are, or nothing if the answer is prose.
fn units_unless_prose(tokens: &[Token], source: &str) -> Option<Vec<Range<usize>>> {
    let mut units = Vec::new();
    let is_formal = tokens.iter().any(|token| is_formal(token.kind));
    let (mut index, mut run_end) = (0, 0);
    while let Some(token) = tokens.get(index) {
        if !is_wordy(*token, source) {
            index += 1;
            continue;
        }
        if run_end <= index {
            run_end = end_of_words(tokens, source, index);
        }
        let run = index..run_end;
        let num_unit_words = num_unit_words(tokens, source, run.clone());
        if num_unit_words > 0 && !is_product(tokens, index..index + num_unit_words, source) {
            units.push(index..index + num_unit_words);
            index += num_unit_words;
            continue;
        }
        if is_prose(tokens.get(run.clone())?, source, is_formal) {
            return None;
        }
        index = run.end;
    }
    Some(units)
}

/// Returns whether a token belongs to a formula rather than to a sentence.
fn is_formal(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Relation(_)
            | Kind::Power
            | Kind::Subscript
            | Kind::Plus
            | Kind::Times
            | Kind::Divide
            | Kind::Frac
            | Kind::Root(_)
            | Kind::Function(_)
            | Kind::Big(_)
            | Kind::Open(_)
    )
}

/// Returns where the words end that stand side by side from an index on, with the letters that are words (`a`, `I`) between them.
fn end_of_words(tokens: &[Token], source: &str, from: usize) -> usize {
    let mut to = from + 1;
    while let Some(next) = tokens.get(to) {
        let follows = tokens.get(to + 1).is_some_and(|after| after.kind == Kind::Word && after.spaced);
        let is_article = next.kind == Kind::Letter && follows && matches!(next.text(source), "a" | "A" | "I");
        if !next.spaced || !(is_wordy(*next, source) || is_article) {
            break;
        }
        to += 1;
    }
    to
}

/// Returns how many words of a run are a unit of the value before it.
fn num_unit_words(tokens: &[Token], source: &str, run: Range<usize>) -> usize {
    let Some(before) = run.start.checked_sub(1).and_then(|index| tokens.get(index)) else {
        return 0;
    };
    let words = tokens.get(run.clone()).unwrap_or_default();
    let (Some(first), next) = (words.first(), tokens.get(run.end).map(|token| token.kind)) else {
        return 0;
    };
    let is_number = matches!(before.kind, Kind::Number(_) | Kind::Fraction(..) | Kind::Percent | Kind::Constant(_));
    if !before.kind.ends_operand() || (!first.spaced && !is_number) {
        return 0;
    }
    if first.kind != Kind::Word && next.is_some_and(|next| matches!(next, Kind::Open(_) | Kind::Letter | Kind::Power)) {
        return 0;
    }
    let num_known = num_known_words(words, source);
    if num_known > 0 {
        return num_known;
    }
    let ends = matches!(next, None | Some(Kind::Comma | Kind::Semicolon | Kind::And | Kind::Or | Kind::Point));
    let is_value = is_number || matches!(before.kind, Kind::Close(_) | Kind::Letter | Kind::Circle | Kind::Bang);
    let longest = words.iter().map(|word| word.text(source).len()).max().unwrap_or(0);
    // Short words are products of letters, but for the halves of a day.
    let is_half_of_day = units::half_of_day(first.text(source)).is_some();
    let is_long = longest > 3 || (words.len() > 1 && longest > 2) || is_half_of_day;
    let has_lower = first.text(source).starts_with(|letter: char| !letter.is_ascii_uppercase()) || is_half_of_day;
    let is_unit = ends && is_value && is_long && has_lower && words.len() <= MAX_WORDS_OF_UNIT;
    let is_only_value = tokens.get(..run.start).unwrap_or_default().iter().all(|token| token.kind != Kind::Text);
    if is_unit && is_only_value { words.len() } else { 0 }
}

/// Returns how many words from the first on are one known unit: `square feet`, `miles per hour`.
fn num_known_words(words: &[Token], source: &str) -> usize {
    let text = |index: usize| words.get(index).map(|word| word.text(source));
    let scaled = usize::from(text(0).is_some_and(|word| matches!(word, "square" | "sq" | "cubic" | "cu")));
    let Some(unit) = text(scaled).filter(|unit| units::symbol(unit).is_some()) else {
        return 0;
    };
    let is_last = words.len() == scaled + 1;
    // `in` is a word of sentences too, and two letters may be a product.
    if !is_last && unit == "in" {
        return 0;
    }
    let mut len = scaled + 1;
    while text(len).is_some_and(|word| matches!(word, "per" | "squared" | "cubed")) {
        let has_denominator = text(len) == Some("per") && len + 1 < words.len();
        len += 1 + usize::from(has_denominator);
    }
    // What follows a known unit belongs to it: `5 square units of area`.
    if len < words.len() && words.len() <= MAX_WORDS_OF_UNIT { words.len() } else { len }
}

/// Returns whether words that are no unit make the whole answer a sentence.
fn is_prose(words: &[Token], source: &str, is_formal: bool) -> bool {
    let is_plain = |word: &&Token| {
        let text = word.text(source);
        text.len() > 1 && !is_name(text)
    };
    let num_plain = words.iter().filter(is_plain).count();
    let longest = words.iter().filter(is_plain).map(|word| word.text(source).len()).max().unwrap_or(0);
    let is_answer = matches!(words, [word] if matches!(word.text(source), "yes" | "Yes" | "YES" | "No" | "no" | "NO"));
    (num_plain > 1 && longest > 2) || (!is_formal && (longest >= MAX_LETTERS_OF_PRODUCT || is_answer))
}

/// Returns whether a word is all capitals, as the points of a figure are.
fn is_name(word: &str) -> bool {
    word.len() <= MAX_LETTERS_OF_PRODUCT && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Adds what a word that is no unit stands for.
fn push_word(tokens: &mut Vec<Token>, token: Token, next: Option<&Token>, source: &str) {
    if token.kind != Kind::Word {
        tokens.push(token);
        return;
    }
    let text = token.text(source);
    let place = token.place();
    let set_follows = next.is_some_and(|next| matches!(next.kind, Kind::Open(_) | Kind::Constant(_)));
    if text == "in" && set_follows && tokens.last().is_some_and(|last| last.kind.ends_operand()) {
        tokens.push(token.with_kind(Kind::Relation(Operator::In)));
    } else if text.is_ascii()
        && (text.len() <= MAX_LETTERS_OF_PRODUCT || text.bytes().all(|byte| byte.is_ascii_uppercase()))
    {
        for (offset, at) in place.enumerate() {
            let spaced = offset == 0 && token.spaced;
            tokens.push(token.at(at..at + 1).with_kind(Kind::Letter).with_space(spaced));
        }
    } else {
        tokens.push(token.with_kind(Kind::Text));
    }
}
