//! Which option a text chooses.

use super::{Item, answer_text};
use crate::{choice::lone_letter, delimiters::bare};

/// The options of a question: how many there are, and their texts where they are known.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    num_options: usize,
    texts: &'a [String],
}

/// Among how many words at the end an option letter counts (`index > length - 5`, with indices from 0).
const NUM_LAST_WORDS: usize = 4;

// === impl Options ===

impl<'a> Options<'a> {
    /// The options of an item; of one that lists none, as many as `num_options`.
    pub fn of(item: &'a Item, num_options: usize) -> Self {
        let texts = item.options.as_slice();
        Self { num_options: if texts.is_empty() { num_options } else { texts.len().min(26) }, texts }
    }

    /// Returns the letter of the reference answer: the answer itself, or the letter of the option that it is.
    pub fn gold(&self, item: &Item) -> Option<char> {
        self.bare_letter(item.answer()).or_else(|| self.by_text(item.answer()))
    }

    /// Returns the text of an option.
    pub fn text(&self, letter: char) -> Option<&'a str> {
        let index = (letter as usize).checked_sub('A' as usize)?;
        self.texts.get(index).map(String::as_str)
    }

    /// Reads a text that is a letter and nothing else: `B`, `(B)`, `b.`, `\text{B}`.
    pub fn bare_letter(&self, text: &str) -> Option<char> {
        lone_letter(text).filter(|letter| self.has(*letter))
    }

    /// Reads the letter that a text starts with, in parentheses or not, if no word starts there (CV-Bench, BLINK); an `A` before a
    /// space may be the article, and is none.
    pub fn leading_letter(&self, text: &str) -> Option<char> {
        let text = from_letter(text);
        self.starting_letter(text).filter(|_| !text.starts_with("A "))
    }

    /// Reads the letter that stands where an answer was announced, so that an `A` is the option as `B` is.
    pub fn starting_letter(&self, text: &str) -> Option<char> {
        let mut characters = from_letter(text).chars();
        let letter = characters.next().filter(|letter| self.has(*letter))?;
        characters.next().is_none_or(|next| !next.is_alphanumeric() && next != '\'').then_some(letter)
    }

    /// Infers the option as VLMEvalKit does (`vlmeval/utils/matching_util.py`): exactly one option letter as a word of its own,
    /// among the last four words, unless an `A` in a sentence may be the article; else what follows "answer is"; else the one
    /// option whose text the answer contains, if the answer is no longer than twice all options.
    pub fn infer(&self, text: &str) -> Option<char> {
        if let Some(letter) = self.bare_letter(text) {
            return Some(letter);
        }
        self.only_letter(text).or_else(|| self.announced(text)).or_else(|| self.contained(text))
    }

    /// Returns the option whose text a text is.
    pub fn by_text(&self, text: &str) -> Option<char> {
        let text = answer_text::normalise(bare(text));
        self.letters()
            .zip(self.texts)
            .find(|(_, option)| answer_text::normalise(option) == text)
            .map(|(letter, _)| letter)
    }

    /// Returns the option whose text takes the fewest edits to a text; of several the first.
    pub fn most_similar(&self, text: &str) -> Option<char> {
        /// Beyond it no option is alike, and the distance would take long.
        const MAX_CHARACTERS: usize = 512;
        let text: String = text.chars().take(MAX_CHARACTERS).collect();
        let distances = self.letters().zip(self.texts).map(|(letter, option)| {
            let option: String = option.chars().take(MAX_CHARACTERS).collect();
            (strsim::levenshtein(&text, &option), letter)
        });
        distances.min_by_key(|(distance, _)| *distance).map(|(_, letter)| letter)
    }

    /// Reads a set of letters, sorted: `A, C`, `A and C`, `AC`.
    pub fn letter_set(&self, text: &str) -> Option<Vec<char>> {
        let is_separator = |character: char| !character.is_ascii_alphanumeric();
        let words = bare(text).split(is_separator).filter(|word| !word.is_empty());
        let mut letters = Vec::new();
        for word in words.filter(|word| !word.eq_ignore_ascii_case("and")) {
            letters.extend(word.chars().map(|letter| letter.to_ascii_uppercase()));
        }
        letters.sort_unstable();
        let num_letters = letters.len();
        letters.dedup();
        let is_set = num_letters == letters.len() && !letters.is_empty();
        (is_set && letters.iter().all(|letter| self.has(*letter))).then_some(letters)
    }

    fn only_letter(&self, text: &str) -> Option<char> {
        let is_separator = |character: char| character.is_whitespace() || ".()[],:;!*#{}$\\".contains(character);
        let words: Vec<&str> = text.split(is_separator).filter(|word| !word.is_empty()).collect();
        let letter = |word: &str| {
            let mut characters = word.chars();
            let letter = characters.next().filter(|letter| self.has(*letter))?;
            characters.next().is_none().then_some(letter)
        };
        let mut found: Vec<(usize, char)> = Vec::new();
        for (index, word) in words.iter().enumerate() {
            if let Some(letter) = letter(word)
                && !found.iter().any(|(_, other)| *other == letter)
            {
                found.push((index, letter));
            }
        }
        let &[(index, letter)] = found.as_slice() else { return None };
        let may_be_article = letter == 'A' && words.len() > 3;
        (index + NUM_LAST_WORDS >= words.len() && !may_be_article).then_some(letter)
    }

    /// Reads the letter after the last "answer is", or else after the last "answer:".
    pub fn announced(&self, text: &str) -> Option<char> {
        let rest = answer_text::after_last(text, "answer is").or_else(|| answer_text::after_last(text, "answer:"))?;
        let rest = rest.trim_start_matches([':', ' ', '*', '$']);
        let rest = ["option ", "Option "].iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest);
        self.bare_letter(rest).or_else(|| self.starting_letter(rest))
    }

    fn contained(&self, text: &str) -> Option<char> {
        let text = text.to_lowercase();
        let options: Vec<String> = self.texts.iter().map(|option| option.to_lowercase()).collect();
        if text.len() > 2 * options.iter().map(String::len).sum::<usize>() {
            return None;
        }
        let mut found = self.letters().zip(&options).filter(|(_, option)| text.contains(option.as_str()));
        let (letter, _) = found.next()?;
        found.next().is_none().then_some(letter)
    }

    fn has(&self, letter: char) -> bool {
        letter.is_ascii_uppercase() && (letter as usize - 'A' as usize) < self.num_options
    }

    fn letters(&self) -> impl Iterator<Item = char> {
        ('A'..='Z').take(self.num_options)
    }
}

/// Takes off what may stand before the letter of an answer.
fn from_letter(text: &str) -> &str {
    text.trim_start_matches(['(', '[', '*', ' ', '$'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(options: &[&str]) -> Item {
        Item { options: options.iter().map(|option| (*option).to_owned()).collect(), ..Item::default() }
    }

    #[test]
    fn an_option_is_inferred_by_letter_by_announcement_and_by_text() {
        let item = item(&["red", "dark blue", "green", "4 apples"]);
        let options = Options::of(&item, 4);
        for (text, expected) in [
            ("B", Some('B')),
            ("(b)", Some('B')),
            ("C. green", Some('C')),
            ("I choose (D).", Some('D')),
            ("There is A way to see it", None),
            ("A or B", None),
            ("Some say A and some B, but the answer is C", Some('C')),
            ("it is dark blue", Some('B')),
            ("red or green", None),
            ("E", None),
            ("B was it that we first thought of in this long text", None),
            ("we take B as it seems fit", None),
            ("we take B as it seems", Some('B')),
            ("Answer: A because it is red.", Some('A')),
            ("The answer is A since the others are not.", Some('A')),
            ("The answer is B since the others are not.", Some('B')),
        ] {
            assert_eq!(options.infer(text), expected, "{text}");
        }
    }

    #[test]
    fn a_leading_letter_is_no_word() {
        let item = item(&[]);
        let options = Options::of(&item, 4);
        for (text, expected) in [
            ("(A) red", Some('A')),
            ("B", Some('B')),
            ("A red ball", None),
            ("Apple", None),
            ("D: x", Some('D')),
            ("E", None),
        ] {
            assert_eq!(options.leading_letter(text), expected, "{text}");
        }
    }

    #[test]
    fn sets_of_letters_are_sorted_and_hold_each_letter_once() {
        let item = item(&[]);
        let options = Options::of(&item, 5);
        for (text, expected) in [
            ("C, A", Some("AC")),
            ("b and d", Some("BD")),
            ("ACE", Some("ACE")),
            ("A, A", None),
            ("A, G", None),
            ("both", None),
        ] {
            assert_eq!(options.letter_set(text), expected.map(|letters| letters.chars().collect()), "{text}");
        }
    }
}
