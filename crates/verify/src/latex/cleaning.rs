//! Cleans tokens: punctuation around an answer goes, and the groups of a long number are joined.
//!
//! Tokens are cleaned, never text, so that no cleaning can unbalance braces.

use super::{
    Notation,
    token::{Decimals, Fence, Kind, Token},
};

/// Cleans the tokens of a source.
pub fn clean(tokens: &mut Vec<Token>, source: &str, notation: &Notation) {
    trim(tokens, source);
    let has_numbers = tokens.iter().filter(|token| matches!(token.kind, Kind::Number(_))).take(2).count() == 2;
    if has_numbers {
        join_numbers(tokens, source, notation);
    }
}

/// Takes punctuation and emphasis away from both ends.
fn trim(tokens: &mut Vec<Token>, source: &str) {
    while let Some(last) = tokens.last() {
        let is_two_points = last.kind == Kind::Ellipsis && last.text(source) == "..";
        let goes = is_two_points
            || matches!(
                last.kind,
                Kind::Point
                    | Kind::Comma
                    | Kind::Semicolon
                    | Kind::Colon
                    | Kind::Times
                    | Kind::Unknown
                    | Kind::RowBreak
            );
        if !goes {
            break;
        }
        tokens.pop();
    }
    let num_leading = tokens.iter().take_while(|token| {
        matches!(token.kind, Kind::Times | Kind::Unknown | Kind::Comma | Kind::Colon | Kind::Point | Kind::Arrow)
    });
    let num_leading = num_leading.count();
    tokens.drain(..num_leading);
}

/// How the commas of a bracket are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Commas {
    /// A comma without space around it may group digits.
    Group,
    /// A comma separates elements, unless it is marked as part of a number.
    Separate,
}

fn join_numbers(tokens: &mut Vec<Token>, source: &str, notation: &Notation) {
    let mut commas = vec![commas_among(tokens, source)];
    let (mut read, mut write) = (0, 0);
    while let Some(token) = tokens.get(read).copied() {
        match token.kind {
            Kind::Open(_) => commas.push(commas_of_bracket(tokens, source, read)),
            Kind::Close(_) if commas.len() > 1 => {
                commas.pop();
            }
            _ => {}
        }
        let within = commas.last().copied().unwrap_or(Commas::Group);
        let (token, len) = match token.kind {
            Kind::Number(decimals) if decimals.is_whole() => {
                joined(tokens.get(read..).unwrap_or_default(), source, within, notation).unwrap_or((token, 1))
            }
            _ => (token, 1),
        };
        let token = match whole_decimal_comma(tokens, source, read) {
            Some(decimal) => {
                read += 2;
                decimal
            }
            None => token,
        };
        if let Some(slot) = tokens.get_mut(write) {
            *slot = token;
        }
        write += 1;
        read += len;
    }
    tokens.truncate(write);
}

/// Returns how the commas in a bracket are read: they group digits only if another one, with a space after it, separates.
fn commas_of_bracket(tokens: &[Token], source: &str, open: usize) -> Commas {
    let within = tokens.get(open + 1..).unwrap_or_default();
    let has_separator = outer_commas(within).any(|at| within.get(at + 1).is_some_and(|next| next.spaced));
    let is_group = tokens.get(open).is_some_and(|token| token.kind == Kind::Open(Fence::Group));
    if is_group || has_separator { commas_among(within, source) } else { Commas::Separate }
}

/// Returns how commas are read that stand in no bracket: all those without a space group digits, or none.
fn commas_among(tokens: &[Token], source: &str) -> Commas {
    let separates = |at: usize| {
        let next = tokens.get(at + 1);
        let is_tight =
            next.is_some_and(|next| !next.spaced) && tokens.get(at).is_some_and(|comma| comma.text(source) == ",");
        is_tight && !next.is_some_and(|next| is_group_of_three(source, *next))
    };
    if outer_commas(tokens).any(separates) { Commas::Separate } else { Commas::Group }
}

/// Returns where commas are, up to the end of the bracket and in no bracket within it.
fn outer_commas(tokens: &[Token]) -> impl Iterator<Item = usize> + '_ {
    let mut depth = 0_u32;
    let kinds = tokens.iter().map(move |token| {
        match token.kind {
            Kind::Open(_) => depth += 1,
            Kind::Close(_) if depth == 0 => return None,
            Kind::Close(_) => depth -= 1,
            _ => {}
        }
        Some(depth == 0 && token.kind == Kind::Comma)
    });
    kinds.map_while(|kind| kind).enumerate().filter(|(_, is_comma)| *is_comma).map(|(at, _)| at)
}

/// Joins the number that a whole numeral begins, and says how many tokens it is made of.
fn joined(tokens: &[Token], source: &str, commas: Commas, notation: &Notation) -> Option<(Token, usize)> {
    let first = tokens.first()?;
    let (separator, next) = (tokens.get(1)?, tokens.get(2));
    if separator.kind == Kind::Comma {
        let next = next?;
        let is_marked = is_marked(source, *separator, *next);
        let Kind::Number(decimals) = next.kind else {
            return None;
        };
        if !is_group_of_three(source, *next) {
            let is_decimal = notation.decimal_comma || separator.text(source) == "{,}";
            let is_decimal = is_decimal && !separator.spaced && !next.spaced && decimals.is_whole();
            return is_decimal.then(|| (decimal(source, *first, *next), 3));
        }
        if !is_marked && (commas == Commas::Separate || separator.spaced || next.spaced) {
            return None;
        }
    }
    let first_digits = first.text(source);
    if first_digits.len() > 3 || first_digits.starts_with('0') {
        return None;
    }
    let len = groups(tokens, source);
    let last = tokens.get(len - 1).filter(|_| len > 1)?;
    Some((last.at(first.place().start..last.place().end).with_space(first.spaced), len))
}

/// Returns the number of tokens of a number in groups of three; 1 where there is none.
fn groups(tokens: &[Token], source: &str) -> usize {
    let has_commas = tokens.get(1).is_some_and(|token| token.kind == Kind::Comma);
    let step = if has_commas { 2 } else { 1 };
    let mut len = 1;
    while let Some(group) = tokens.get(len + step - 1) {
        let separates = if has_commas {
            let comma = tokens.get(len).filter(|token| token.kind == Kind::Comma);
            comma.is_some_and(|comma| is_marked(source, *comma, *group) || (!comma.spaced && !group.spaced))
        } else {
            group.spaced
        };
        let Kind::Number(decimals) = group.kind else {
            break;
        };
        if !separates || !is_group_of_three(source, *group) {
            // `1,234,5` is a list of numbers after all.
            let is_list = separates && has_commas && len > 1;
            return if is_list { 1 } else { len };
        }
        len += step;
        if decimals.has_point {
            break;
        }
    }
    len
}

/// Returns whether a comma is marked as part of a number: in braces, or with its space taken away.
fn is_marked(source: &str, comma: Token, next: Token) -> bool {
    let between = source.get(comma.place().end..next.place().start).unwrap_or_default();
    comma.text(source) == "{,}" || between.starts_with("\\!")
}

/// Returns whether a numeral has three digits before its point.
fn is_group_of_three(source: &str, token: Token) -> bool {
    let text = token.text(source).as_bytes();
    let num_digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    matches!(token.kind, Kind::Number(decimals) if decimals.exponent_bytes == 0) && num_digits == 3
}

/// Makes a decimal number of the two parts beside a comma.
fn decimal(source: &str, whole: Token, fraction: Token) -> Token {
    let count = fraction.text(source).chars().count() as u32;
    let decimals = Decimals { count, has_point: true, exponent_bytes: 0 };
    Token::new(Kind::Number(decimals), whole.place().start..fraction.place().end).with_space(whole.spaced)
}

/// Reads an answer that is nothing but `0,125`, or `1.234,56`, as a decimal number.
fn whole_decimal_comma(tokens: &[Token], source: &str, at: usize) -> Option<Token> {
    let [whole, comma, fraction] = tokens.get(at..)? else {
        return None;
    };
    let is_first = tokens.get(..at)?.iter().all(|token| matches!(token.kind, Kind::Minus | Kind::Currency));
    let (Kind::Number(before), Kind::Comma, Kind::Number(after)) = (whole.kind, comma.kind, fraction.kind) else {
        return None;
    };
    let is_grouped = before.has_point && before.count == 3 && before.exponent_bytes == 0;
    let is_decimal = whole.text(source) == "0" || (is_grouped && fraction.text(source).len() < 3);
    let is_tight = !comma.spaced && !fraction.spaced && after.is_whole();
    (is_first && is_decimal && is_tight).then(|| decimal(source, *whole, *fraction))
}
