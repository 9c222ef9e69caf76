//! Cleans tokens: punctuation around an answer goes, and the groups of a long number are joined.
//!
//! Tokens are cleaned, never text, so that no cleaning can unbalance braces.

use super::{
    Notation, Scientific,
    token::{Decimals, Fence, Kind, Token},
};

/// Cleans the tokens of a source.
pub fn clean(tokens: &mut Vec<Token>, source: &str, notation: &Notation) {
    trim(tokens, source);
    if notation.scientific == Scientific::Any {
        read_crosses(tokens, source);
    }
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

/// Reads the letter of `1.2 x 10^5` as a sign.
fn read_crosses(tokens: &mut [Token], source: &str) {
    for start in 0..tokens.len().saturating_sub(3) {
        let Some([before, letter, ten, power]) = tokens.get_mut(start..start + 4) else { return };
        let is_ten = matches!(ten.kind, Kind::Number(_)) && ten.text(source) == "10" && power.kind == Kind::Power;
        let is_cross = letter.kind == Kind::Letter && letter.text(source).eq_ignore_ascii_case("x");
        if is_cross && is_ten && matches!(before.kind, Kind::Number(_)) {
            letter.kind = Kind::Times;
        }
    }
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
    let kinds = commas(tokens, source);
    let mut commas = vec![kinds[tokens.len()]];
    let (mut read, mut write) = (0, 0);
    // Up to here numerals of three digits are elements of a list.
    let mut list_end = 0;
    while let Some(token) = tokens.get(read).copied() {
        match token.kind {
            Kind::Open(_) => commas.push(kinds[read]),
            Kind::Close(_) if commas.len() > 1 => {
                commas.pop();
            }
            _ => {}
        }
        let within = commas.last().copied().unwrap_or(Commas::Group);
        let rest = tokens.get(read..).unwrap_or_default();
        let (token, len) = match token.kind {
            Kind::Number(decimals) if decimals.is_whole() && read >= list_end => {
                match joined(rest, source, within, notation) {
                    Some(Joined::Number(number, len)) => (number, len),
                    Some(Joined::List(len)) => {
                        list_end = read + len;
                        (token, 1)
                    }
                    None => (token, 1),
                }
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

/// What is known of a bracket before it is closed.
#[derive(Clone, Copy, Default)]
struct Brackets {
    /// The token that opens it, but for the answer as a whole.
    opening: Option<usize>,
    /// A comma with a space after it separates its elements.
    has_separator: bool,
    /// A comma without one stands before what is no group of three digits.
    has_loose_digits: bool,
}

/// Returns for every token that opens a bracket how the commas right in it are read, and last how those in no bracket are: each up to the
/// bracket's end, or that of the answer.
fn commas(tokens: &[Token], source: &str) -> Vec<Commas> {
    let mut commas = vec![Commas::Group; tokens.len() + 1];
    let mut open = vec![Brackets::default()];
    let mut settle = |brackets: Brackets| {
        let at = brackets.opening.unwrap_or(tokens.len());
        commas[at] = brackets.commas(brackets.opening.map(|opening| tokens[opening].kind));
    };
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open(_) => open.push(Brackets { opening: Some(index), ..Brackets::default() }),
            Kind::Close(_) => {
                if let Some(brackets) = open.pop() {
                    settle(brackets);
                }
            }
            Kind::Comma => {
                if let Some(brackets) = open.last_mut() {
                    let next = tokens.get(index + 1);
                    brackets.has_separator |= next.is_some_and(|next| next.spaced);
                    brackets.has_loose_digits |= separates(*token, next, source);
                }
            }
            _ => {}
        }
    }
    open.into_iter().for_each(settle);
    commas
}

/// Returns whether a comma without a space stands before what is no group of three digits.
fn separates(comma: Token, next: Option<&Token>, source: &str) -> bool {
    let is_tight = next.is_some_and(|next| !next.spaced) && comma.text(source) == ",";
    is_tight && !next.is_some_and(|next| is_group_of_three(source, *next))
}

// === impl Brackets ===

impl Brackets {
    /// Returns how the commas are read: all those without a space group digits, or none. In a bracket that is not there for LaTeX alone they
    /// group digits only if another one, with a space after it, separates.
    fn commas(self, opening: Option<Kind>) -> Commas {
        let may_group = self.has_separator || matches!(opening, None | Some(Kind::Open(Fence::Group)));
        if may_group && !self.has_loose_digits { Commas::Group } else { Commas::Separate }
    }
}

/// What a whole numeral begins.
enum Joined {
    /// A number of so many tokens.
    Number(Token, usize),
    /// A list of numbers; in so many tokens none is joined to the next.
    List(usize),
}

/// Joins the number that a whole numeral begins.
fn joined(tokens: &[Token], source: &str, commas: Commas, notation: &Notation) -> Option<Joined> {
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
            return is_decimal.then(|| Joined::Number(decimal(source, *first, *next), 3));
        }
        if !is_marked && (commas == Commas::Separate || separator.spaced || next.spaced) {
            return None;
        }
    }
    let first_digits = first.text(source);
    if first_digits.len() > 3 || first_digits.starts_with('0') {
        return None;
    }
    let (len, is_list) = groups(tokens, source);
    let last = tokens.get(len - 1).filter(|_| len > 1)?;
    let number = last.at(first.place().start..last.place().end).with_space(first.spaced);
    // The last of the list may begin a decimal number.
    Some(if is_list { Joined::List(len - 1) } else { Joined::Number(number, len) })
}

/// Returns the number of tokens of a number in groups of three, 1 where there is none, and whether they are a list of numbers after all.
fn groups(tokens: &[Token], source: &str) -> (usize, bool) {
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
            // `1,234,5` is a list.
            return (len, separates && has_commas && len > 1);
        }
        len += step;
        if decimals.has_point {
            break;
        }
    }
    (len, false)
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
