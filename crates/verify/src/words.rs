//! Answers in words: normal forms, synonyms, number words.

pub mod count;
pub mod marks;
pub mod number;

use std::ops::RangeInclusive;

use unicode_normalization_alignments::UnicodeNormalization;

use crate::{Verdict, equality::Ruling};

/// Which of the synonyms consent and deny.
const CONSENT: RangeInclusive<usize> = 0..=1;

/// Words that say the same, in lower case: the first stands for all.
const SYNONYMS: [&[&str]; 8] = [
    &["yes", "true", "correct", "y"],
    &["no", "false", "incorrect", "n"],
    &[
        "no solution",
        "no solutions",
        "no real solution",
        "no real solutions",
        "none",
        "empty set",
        "empty",
        "null set",
        "no such",
        "there is no solution",
        "there are no solutions",
        "there are no real solutions",
        "does not exist",
        "dne",
        "doesn't exist",
        "no solution exists",
        "no solutions exist",
        "no real root",
        "no real roots",
    ],
    &[
        "all real numbers",
        "all reals",
        "all real number",
        "real numbers",
        "set of all real numbers",
        "reals",
        "all real values",
        "any real number",
        "every real number",
    ],
    &["infinitely many", "infinitely many solutions", "infinite", "infinite solutions", "infinity"],
    &["undefined", "not defined"],
    &["clockwise", "cw"],
    &["counterclockwise", "anticlockwise", "ccw", "counter clockwise", "anti clockwise"],
];

/// What words that mean a set mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// There is nothing.
    Nothing,
    /// Every real number.
    AllReals,
}

/// Which commas within a text are left out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Commas {
    /// Those behind words, but not those behind numbers and names: `yes, it is`, `1, 2`.
    OfSentences,
    /// None.
    Kept,
}

/// Brings words to a normal form: lower case, compatible forms of letters, single spaces, no articles, brackets, emphasis or punctuation
/// at their ends. What belongs to a number or a formula stays: the point of `.5`, the sign of `5!`, the comma of `1, 2`.
#[must_use]
pub fn normal(text: &str) -> String {
    normal_with(text, Commas::OfSentences)
}

fn normal_with(text: &str, commas: Commas) -> String {
    let lower = match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => text.nfkc().map(|(letter, _)| letter).collect::<String>().to_lowercase(),
    };
    let has_articles = lower
        .split(|letter| is_space(letter) || is_hyphen(letter))
        .any(|word| is_word(word.trim_matches(is_punctuation)));
    let mut words = String::with_capacity(lower.len());
    for word in lower.split(is_space) {
        let word = trimmed(word, commas);
        if word.is_empty() || has_articles && matches!(word, "a" | "an" | "the") {
            continue;
        }
        if !words.is_empty() {
            words.push(' ');
        }
        push_compound(&mut words, word);
    }
    if words.ends_with(',') {
        words.pop();
    }
    words
}

const fn is_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '_' | '~')
}

const fn is_hyphen(character: char) -> bool {
    matches!(character, '-' | '–' | '—' | '‐')
}

/// Tells whether letters are a word of a sentence, which articles go with, rather than a product.
fn is_word(word: &str) -> bool {
    let is_vowel = |letter: char| "aeiouy".contains(letter) || !letter.is_ascii();
    word.chars().count() > 2 && word != "the" && word.chars().all(char::is_alphabetic) && word.chars().any(is_vowel)
}

/// Takes punctuation off the ends of a word, unless it belongs to a number or a name.
fn trimmed(word: &str, commas: Commas) -> &str {
    let word = word.trim_end_matches(|character| is_punctuation(character) && !matches!(character, '!' | ','));
    let start = word.trim_start_matches(is_punctuation);
    let is_decimal = start.starts_with(|character: char| character.is_ascii_digit());
    let start = match word.len() - start.len() {
        before if before > 0 && is_decimal && word[..before].ends_with('.') => &word[before - 1..],
        _ => start,
    };
    let bare = start.trim_end_matches(is_punctuation);
    let num_letters = if bare.chars().all(char::is_alphabetic) { bare.chars().count() } else { 0 };
    let is_kept = |mark: char| match mark {
        '!' => num_letters < 2,
        ',' => commas == Commas::Kept || num_letters < 3,
        _ => false,
    };
    let num_kept = start[bare.len()..].chars().take_while(|mark| is_kept(*mark)).count();
    &start[..bare.len() + num_kept]
}

/// Adds a word; the parts of one with hyphens stand apart, unless they may be products, between which a hyphen is a minus sign.
fn push_compound(words: &mut String, word: &str) {
    let is_part = |part: &str| part.chars().count() > 1 && part.chars().all(char::is_alphabetic);
    let is_compound =
        word.contains(is_hyphen) && word.split(is_hyphen).all(is_part) && word.split(is_hyphen).any(is_word);
    words.extend(word.chars().map(|character| match character {
        '’' | '‘' => '\'',
        hyphen if is_compound && is_hyphen(hyphen) => ' ',
        other => other,
    }));
}

const fn is_punctuation(character: char) -> bool {
    matches!(
        character,
        '.' | ','
            | ';'
            | ':'
            | '!'
            | '?'
            | '"'
            | '\''
            | '“'
            | '”'
            | '‘'
            | '’'
            | '*'
            | '`'
            | '('
            | ')'
            | '['
            | ']'
            | '$'
            | '。'
            | '，'
            | '、'
    )
}

/// Tells whether two texts are the same words; words of letters may be written together or apart.
#[must_use]
pub fn is_same(left: &str, right: &str) -> bool {
    if left == right {
        return !left.is_empty();
    }
    let joined = |text: &str| joined(&normal_with(text, Commas::Kept));
    let normal_left = normal(left);
    !normal_left.is_empty() && (normal_left == normal(right) || joined(left) == joined(right))
}

/// Leaves the spaces between letters out.
fn joined(words: &str) -> String {
    let mut joined = String::with_capacity(words.len());
    let mut before = None;
    for word in words.split(' ') {
        let ends_in_letter = before.is_some_and(char::is_alphabetic);
        if before.is_some() && !(ends_in_letter && word.starts_with(char::is_alphabetic)) {
            joined.push(' ');
        }
        joined.push_str(word);
        before = word.chars().next_back();
    }
    joined
}

/// Compares two texts: the same words, or words that say the same.
#[must_use]
pub fn compare(left: &str, right: &str) -> Ruling {
    if is_same(left, right) {
        return Ruling { verdict: Verdict::Equal, method: "words", reason: "both are the same words" };
    }
    let is_number = number(left).is_some_and(|value| Some(value) == number(right));
    let is_consent = consent(left).is_some_and(|group| Some(group) == consent(right));
    let (left, right) = (normal(left), normal(right));
    let is_synonym = synonym(&left).is_some_and(|group| Some(group) == synonym(&right));
    if is_synonym || is_number || is_consent {
        return Ruling { verdict: Verdict::Equal, method: "words", reason: "the words say the same" };
    }
    Ruling { verdict: Verdict::Different, method: "words", reason: "the words are others" }
}

/// Returns which words of one meaning a text in normal form belongs to.
fn synonym(text: &str) -> Option<usize> {
    SYNONYMS.iter().position(|group| group.contains(&text))
}

/// Returns which words of consent or denial a text is, or begins with before a comma: `Yes, it does`. Nothing where the other follows.
/// Within a sentence a single letter is a name: `Yes, since n is even`.
fn consent(text: &str) -> Option<usize> {
    let (word, rest) = text.split_once(',').unwrap_or((text, ""));
    let group_of = |word: &str| synonym(&normal(word)).filter(|group| CONSENT.contains(group));
    let is_name = |word: &str| word.trim().chars().count() == 1;
    let group = group_of(word).filter(|_| rest.is_empty() || !is_name(word))?;
    let is_kept = |word: &str| is_name(word) || group_of(word).is_none_or(|other| other == group);
    rest.split(|character: char| !character.is_alphanumeric()).all(is_kept).then_some(group)
}

/// Returns the set that words mean, if they mean one.
#[must_use]
pub fn meaning(text: &str) -> Option<Meaning> {
    match synonym(&normal(text)) {
        Some(2) => Some(Meaning::Nothing),
        Some(3) => Some(Meaning::AllReals),
        _ => None,
    }
}

/// Returns the number that words name, or that digits in words are.
#[must_use]
pub fn number(text: &str) -> Option<u64> {
    let text = normal(text);
    text.parse().ok().or_else(|| number::whole(&text.split(' ').collect::<Vec<_>>()))
}

/// Tells whether a text is a sentence or a word rather than a formula.
#[must_use]
pub fn is_prose(text: &str) -> bool {
    let text = text.trim().trim_end_matches(['.', '!']);
    let is_wordy =
        |character: char| character.is_alphabetic() || character.is_whitespace() || "'’-,".contains(character);
    let is_word = |word: &str| word.chars().count() > 1;
    text.chars().all(is_wordy) && text.split(|character: char| !character.is_alphabetic()).any(is_word)
}

/// Returns a date such as `2023-01-05`, which is no difference, without the spaces in it.
#[must_use]
pub fn date(text: &str) -> Option<String> {
    let part = |digits: &str, len: usize| digits.parse().ok().filter(|_: &u32| digits.len() == len);
    let parts: Vec<&str> = text.split('-').map(str::trim).collect();
    let [year, month, day] = parts[..] else { return None };
    let is_date = part(year, 4).is_some()
        && part(month, 2).is_some_and(|month| (1..=12).contains(&month))
        && part(day, 2).is_some_and(|day| (1..=31).contains(&day));
    is_date.then(|| format!("{year}-{month}-{day}"))
}

/// Tells whether a text can be nothing but words: each is a word of a sentence, or an article before one.
#[must_use]
pub fn is_sentence(text: &str) -> bool {
    let is_article = |word: &str| matches!(word, "a" | "an" | "the");
    let lower = text.to_lowercase();
    let mut words = lower.split_whitespace().map(|word| word.trim_end_matches(['.', '!', ',']));
    !lower.trim().is_empty() && words.all(|word| is_article(word) || is_word(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_without_regard_to_case_articles_and_punctuation() {
        for (left, right) in [
            ("The Red Square.", "red square"),
            ("(P)", "P"),
            ("concave up", "Concave-up"),
            ("yes", "True"),
            ("No solution.", "empty set"),
            ("twenty-three", "23"),
            ("Yes, it is!", "yes it is"),
            ("north east", "northeast"),
            ("the x-axis", "x-axis"),
            ("Ｒｅｄ ﬁsh", "red fish"),
            ("two hundred and five", "205"),
        ] {
            assert_eq!(compare(left, right).verdict, Verdict::Equal, "{left} {right}");
        }
        for (left, right) in [
            ("red", "blue"),
            ("yes", "no"),
            ("not a square", "a square"),
            ("", ""),
            ("-3", "3"),
            ("x-y", "xy"),
            ("-x", "x"),
            ("5!", "5"),
            (".5", "5"),
            ("1, 2", "12"),
            ("1 2", "12"),
            ("AB, CD", "ABCD"),
            ("ABC, DEF", "ABCDEF"),
            ("ad-bc", "adbc"),
            ("a, bc", "bc"),
            ("n!", "n"),
            ("two three", "5"),
            ("one hundred hundred hundred", "1000000"),
        ] {
            assert_eq!(compare(left, right).verdict, Verdict::Different, "{left} {right}");
        }
    }

    #[test]
    fn prose_is_told_from_formulas() {
        assert!(is_prose("Yes, it is."));
        for formula in ["x + y", "x", "x-y", "-3", "3, 4", "x, y"] {
            assert!(!is_prose(formula), "{formula}");
        }
    }
}
