//! `option`: the letter of an option, or its text.
//!
//! Parameters: `optional` (false), whether a reference that is no option makes every answer worth 0 rather than being refused, for records of several kinds; `by`. `letter_or_text` (the default): one letter, or exactly the text of an option, and nothing that names another. The rest are the
//! rules of other systems: `first_character` (Video-R1), `first_capital` (ROLL), `last_letter` (VisualThinker-R1-Zero: the last of A to H that stands
//! alone), `only_letter` (MM-EUREKA to the letter: of a to d the answer holds this one alone, anywhere in its words).

use gradus_types::RewardSpec;

use super::{
    Grade, Made, Measure, refuse_gold,
    word::{normal, words},
};
use crate::{choice::lone_letter, parameters::Parameters};

#[derive(Debug)]
struct Choice {
    /// Absent where the reference is no option.
    gold: Option<char>,
    options: Vec<String>,
    by: By,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    LetterOrText,
    FirstCharacter,
    FirstCapital,
    LastLetter,
    OnlyLetter,
}

const WAYS: [(&str, By); 5] = [
    ("letter_or_text", By::LetterOrText),
    ("first_character", By::FirstCharacter),
    ("first_capital", By::FirstCapital),
    ("last_letter", By::LastLetter),
    ("only_letter", By::OnlyLetter),
];

/// Makes an `option` measure.
pub fn make(parameters: &mut Parameters<'_>, spec: &RewardSpec) -> Made {
    let by = parameters.word("by", &WAYS, By::LetterOrText);
    let is_optional = parameters.flag("optional", false);
    let gold = parameters.gold(spec)?;
    let options: Vec<String> = spec.options.iter().map(|option| normal(option)).collect();
    let by_text = options.iter().position(|option| *option == normal(&gold)).and_then(letter);
    match lone_letter(&gold).or(by_text) {
        letter if letter.is_some() || is_optional => Some(Box::new(Choice { gold: letter, options, by })),
        _ => refuse_gold(parameters, &gold, "it is neither a letter nor one of the options"),
    }
}

fn letter(place: usize) -> Option<char> {
    u8::try_from(place).ok().filter(|place| *place < 26).map(|place| char::from(b'A' + place))
}

// === impl Choice ===

impl Choice {
    fn chosen(&self, answer: &str) -> Option<char> {
        match self.by {
            By::LetterOrText => self.letter_or_text(answer),
            By::FirstCharacter => answer.chars().next().map(|first| first.to_ascii_uppercase()),
            By::FirstCapital => answer.chars().find(char::is_ascii_uppercase),
            By::LastLetter => last_letter(answer),
            By::OnlyLetter => only_letter(answer),
        }
    }

    fn letter_or_text(&self, answer: &str) -> Option<char> {
        let by_text = || self.options.iter().position(|option| *option == normal(answer)).and_then(letter);
        lone_letter(answer).or_else(by_text).or_else(|| self.announced(answer))
    }

    /// Reads a letter with a word before it (`option B`) or the option's text behind it (`B: 12`, `(B) 12`).
    fn announced(&self, answer: &str) -> Option<char> {
        let words = words(answer);
        if let [word, letter] = words.as_slice()
            && matches!(word.as_str(), "option" | "choice" | "answer")
        {
            return lone_letter(letter);
        }
        let (head, tail) = answer.trim_start_matches(['(', '[']).split_at_checked(1)?;
        let letter = lone_letter(head)?;
        let text = tail.strip_prefix([')', ']', '.', ':', ','])?;
        let option = self.options.get(usize::from(letter as u8 - b'A'));
        // Without the options' texts, what is behind the mark cannot be checked, but must name no other letter.
        let names_another =
            || text.split(|character: char| !character.is_alphanumeric()).any(|word| is_other(word, letter));
        option.map_or_else(|| !names_another(), |option| *option == normal(text)).then_some(letter)
    }
}

/// Tells whether a word is a capital letter of an option other than one.
fn is_other(word: &str, letter: char) -> bool {
    lone_letter(word).is_some_and(|other| other != letter && other < 'I' && word.starts_with(other))
}

/// Returns the last of the letters A to H between white space, brackets or ends.
fn last_letter(answer: &str) -> Option<char> {
    let is_before = |character: char| character.is_whitespace() || matches!(character, '[' | '(');
    let is_after = |character: char| character.is_whitespace() || matches!(character, ']' | ')');
    let (mut last, mut is_open) = (None, true);
    let mut characters = answer.chars().peekable();
    while let Some(character) = characters.next() {
        let is_closed = characters.peek().is_none_or(|next| is_after(*next));
        if is_open && is_closed && ('A'..='H').contains(&character) {
            last = Some(character);
            // Its expression takes the mark behind a letter with it, so that the next letter needs one of its own.
            is_open = false;
            characters.next();
            continue;
        }
        is_open = is_before(character);
    }
    last
}

/// Returns the only letter of a to d that occurs anywhere in an answer.
fn only_letter(answer: &str) -> Option<char> {
    let occurring: Vec<char> =
        "ABCD".chars().filter(|letter| answer.contains([*letter, letter.to_ascii_lowercase()])).collect();
    match occurring.as_slice() {
        [letter] => Some(*letter),
        _ => None,
    }
}

impl Measure for Choice {
    fn grade(&self, answer: &str) -> Grade {
        let Some(gold) = self.gold else { return Grade::new(0.0, "the reference is no option") };
        match self.chosen(answer) {
            Some(letter) => Grade::of(letter == gold, format!("it is option `{letter}`, and `{gold}` was asked")),
            None => Grade::new(0.0, "it names no single option"),
        }
    }
}
