//! Tells letters that spell a word from those that are factors: the order of the letters of `dog` says something, that of `xyz` nothing.

use super::token::{Fence, Kind, Token};

/// The fewest letters that are taken for a word.
const MIN_LETTERS: usize = 3;

/// Returns whether a token is letters that spell a word and are an answer, or an element of a list or tuple, by themselves.
pub fn is_word_alone(token: Token, before: Option<&Token>, next: Option<&Token>, source: &str) -> bool {
    if token.kind != Kind::Word || !is_spelled(token.text(source)) {
        return false;
    }
    let separates = |kind: Kind| matches!(kind, Kind::Comma | Kind::Semicolon | Kind::And | Kind::Or);
    let (before, next) = (before.map(|token| token.kind), next.map(|token| token.kind));
    let is_listed = before.is_some_and(separates) || next.is_some_and(separates);
    let begins = match before {
        None => true,
        Some(Kind::Open(fence)) => fence != Fence::Group && is_listed,
        Some(kind) => separates(kind),
    };
    let ends = match next {
        None | Some(Kind::Point) => true,
        Some(Kind::Close(fence)) => fence != Fence::Group && is_listed,
        Some(kind) => separates(kind),
    };
    begins && ends
}

/// Returns whether letters have a vowel and are not only those that variables, options and points are called by. In words of capitals an
/// `I` is no vowel: it may be a current, as in `BIL`.
fn is_spelled(letters: &str) -> bool {
    let is_upper = letters.bytes().all(|letter| letter.is_ascii_uppercase());
    let is_mixed = letters.bytes().skip(1).any(|letter| letter.is_ascii_uppercase()) && !is_upper;
    if letters.len() < MIN_LETTERS || is_mixed || !letters.is_ascii() {
        return false;
    }
    let (vowels, names): (&[u8], fn(u8) -> bool) = match is_upper {
        true => (b"AEOU", |letter| matches!(letter, b'A'..=b'J' | b'X'..=b'Z')),
        false => (b"aeiou", |letter| matches!(letter, b'a'..=b'd' | b'u'..=b'z' | b'i'..=b'k')),
    };
    let lower_or_upper = |letter: u8| if is_upper { letter } else { letter.to_ascii_lowercase() };
    let has_vowel = letters.bytes().any(|letter| vowels.contains(&lower_or_upper(letter)));
    has_vowel && !letters.bytes().all(|letter| names(lower_or_upper(letter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_from_products_by_their_letters() {
        for word in ["dog", "Cat", "was", "tea", "LISTEN", "DOG"] {
            assert!(is_spelled(word), "{word}");
        }
        for product in ["ab", "abc", "xyz", "ijk", "uvw", "mgh", "prt", "nRT", "ABD", "BIL", "PQRS", "UIt"] {
            assert!(!is_spelled(product), "{product}");
        }
    }
}
