//! Comparison by option letter.

use super::{AnswerChecker, Tolerance, Units, bare, number::NumberChecker, text::normalise};
use crate::Verdict;

/// The letters that options have where a question does not list them.
const LETTERS: std::ops::RangeInclusive<char> = 'A'..='J';

/// Compares the option that an answer chooses, by letter or by its text.
#[derive(Debug)]
pub struct LetterChecker {
    gold: char,
    options: Vec<String>,
}

/// What an answer says about the options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    /// It chooses one.
    One(char),
    /// It names several, or a letter and another option's text.
    Contradictory,
    /// It says nothing about them.
    None,
}

// === impl LetterChecker ===

impl LetterChecker {
    /// Reads a reference answer that is a letter, or the text of an option; another is none.
    pub fn new(gold: &str, options: &[String]) -> Option<Self> {
        let mut checker = Self { gold: 'A', options: options.to_vec() };
        let gold = bare(gold);
        checker.gold = match checker.choice(gold) {
            Choice::One(letter) => letter,
            Choice::Contradictory | Choice::None => return None,
        };
        // Without options, a lower-case letter is more likely a variable than a choice.
        let is_choice = !options.is_empty() || gold.contains(|character: char| LETTERS.contains(&character));
        is_choice.then_some(checker)
    }

    fn choice(&self, answer: &str) -> Choice {
        let answer = bare(answer);
        if let Some(letter) = self.letter_of_text(answer) {
            return Choice::One(letter);
        }
        let Some((letter, rest)) = self.leading_letter(answer) else { return Choice::None };
        let named = self.letter_of_text(rest);
        let is_contradicted = named.is_some_and(|named| named != letter);
        if rest.is_empty() || named == Some(letter) {
            Choice::One(letter)
        } else if is_contradicted || self.names_another(rest, letter) {
            Choice::Contradictory
        } else {
            Choice::One(letter)
        }
    }

    /// Returns the letter of the only option with this text or number.
    fn letter_of_text(&self, text: &str) -> Option<char> {
        let text = normalise(text);
        if text.is_empty() {
            return None;
        }
        let mut found = self.letters().zip(&self.options).filter(|(_, option)| {
            normalise(option) == text
                || NumberChecker::new(option, Tolerance::EXACT, Units::Optional)
                    .is_some_and(|number| number.check(&text).0 == Verdict::Equal)
        });
        let (letter, _) = found.next()?;
        found.next().is_none().then_some(letter)
    }

    /// Reads `A`, `(A)`, `[A]`, `A.`, `A)`, `A:` and `option A`, and what follows.
    fn leading_letter<'a>(&self, answer: &'a str) -> Option<(char, &'a str)> {
        let answer = strip_word(answer, "option").or_else(|| strip_word(answer, "choice")).unwrap_or(answer);
        let inner = answer.strip_prefix(['(', '[']).unwrap_or(answer);
        let is_enclosed = inner.len() < answer.len();
        let letter = inner.chars().next()?;
        let rest = inner.get(letter.len_utf8()..)?;
        let (rest, is_marked) = match rest.strip_prefix([')', ']', '.', ':', ',']) {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let is_whole = rest.trim().is_empty();
        // A lower-case letter is a choice only where it cannot be the word `a`.
        let is_letter = letter.is_ascii_uppercase() || letter.is_ascii_lowercase() && is_whole;
        let letter = letter.to_ascii_uppercase();
        let is_known = self.letters().any(|known| known == letter);
        let is_choice = is_letter && is_known && (is_marked || is_whole && !is_enclosed);
        is_choice.then(|| (letter, rest.trim_start_matches([':', '.', ' ']).trim()))
    }

    /// Tells whether a text names another option's letter as a word of its own.
    fn names_another(&self, text: &str, letter: char) -> bool {
        text.split(|character: char| !character.is_alphanumeric()).any(|word| {
            let mut characters = word.chars();
            match (characters.next(), characters.next()) {
                // `A` and `I` are words of English too.
                (Some(other), None) => {
                    !"AI".contains(other) && other != letter && self.letters().any(|known| known == other)
                }
                _ => false,
            }
        })
    }

    fn letters(&self) -> impl Iterator<Item = char> {
        let num_letters = if self.options.is_empty() { LETTERS.count() } else { self.options.len() };
        ('A'..='Z').take(num_letters)
    }
}

impl AnswerChecker for LetterChecker {
    fn method(&self) -> &'static str {
        "letter"
    }

    fn gold_reading(&self) -> String {
        self.gold.to_string()
    }

    fn check(&self, answer: &str) -> (Verdict, String) {
        match self.choice(answer) {
            Choice::One(letter) if letter == self.gold => (Verdict::Equal, format!("it chooses option {letter}")),
            Choice::One(letter) => (Verdict::Different, format!("it chooses option {letter}")),
            Choice::Contradictory => (Verdict::Different, "it chooses more than one option".to_owned()),
            // Where the options are known, they are all that an answer can be.
            Choice::None if self.options.is_empty() => (Verdict::Undecided, "it is no option letter".to_owned()),
            Choice::None => (Verdict::Different, "it chooses none of the options".to_owned()),
        }
    }
}

fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let head = text.get(..word.len())?;
    let rest = text.get(word.len()..)?;
    (head.eq_ignore_ascii_case(word) && rest.starts_with([' ', '('])).then(|| rest.trim_start())
}
