//! Option letters and option texts.

use crate::{Verdict, delimiters::bare, equality::Ruling, words};

/// The method of what options decide.
pub const METHOD: &str = "choice";

/// What sets a letter apart from the text of its option, as in `\textbf{(B)}\ 12`.
const STYLES: [&str; 4] = ["\\textbf{", "\\mathbf{", "\\text{", "\\mathrm{"];

/// The characters of spaces in LaTeX: `\ `, `\,`, `~`.
const SPACES: [char; 5] = ['\\', ' ', ',', ';', '~'];

/// The letters that options have where a question does not list them.
const LETTERS: std::ops::RangeInclusive<char> = 'A'..='J';

/// The longest answer that is looked through for letters.
const MAX_LONG_BYTES: usize = 1 << 16;

/// The option that is right, and the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choices {
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

// === impl Choices ===

impl Choices {
    /// Reads a gold answer that is a letter, or the text of an option; another is none.
    #[must_use]
    pub fn new(gold: &str, options: &[String]) -> Option<Self> {
        let mut choices = Self { gold: 'A', options: options.to_vec() };
        let gold = bare(gold);
        choices.gold = match choices.choice(gold) {
            Choice::One(letter) => letter,
            Choice::Contradictory | Choice::None => return None,
        };
        // Without options, a lower-case letter is more likely a variable than a choice.
        (!choices.may_be_name(gold)).then_some(choices)
    }

    /// Tells whether no options are known, and an answer has no capital that could be one's letter.
    #[must_use]
    pub fn may_be_name(&self, answer: &str) -> bool {
        self.options.is_empty() && !answer.contains(|character: char| LETTERS.contains(&character))
    }

    /// Compares an answer; nothing where it may be a name that the gold answer is too, and no choice.
    #[must_use]
    pub fn decide(&self, answer: &str) -> Option<Ruling> {
        let ruling = |verdict, reason| Some(Ruling { verdict, method: METHOD, reason });
        match self.choice(answer) {
            Choice::One(letter) => {
                Some(self.chosen(letter, "it chooses the right option", "it chooses another option"))
            }
            Choice::Contradictory => ruling(Verdict::Different, "it chooses more than one option"),
            // Where the options are known, they are all that an answer can be; a sentence is no name of one letter.
            Choice::None if self.options.is_empty() && !words::is_prose(answer) => None,
            Choice::None => ruling(Verdict::Different, "it chooses none of the options"),
        }
    }

    /// Compares an answer that is too long to be read, by the letter that it begins with; nothing where that tells nothing.
    #[must_use]
    pub fn decide_long(&self, answer: &str) -> Option<Ruling> {
        if answer.len() > MAX_LONG_BYTES {
            return None;
        }
        let (letter, rest) = self.leading_letter(bare(answer))?;
        if self.names_another(rest, letter) {
            return None;
        }
        let (right, other) =
            ("it begins with the letter of the right option", "it begins with the letter of another option");
        Some(self.chosen(letter, right, other))
    }

    /// Tells whether an answer is neither the letter nor the text of an option that is known.
    #[must_use]
    pub fn are_missed_by(&self, answer: &str) -> bool {
        !self.options.is_empty() && self.choice(answer) == Choice::None
    }

    /// Decides by the only option that an answer is the same as; nothing where it is the same as none or several.
    #[must_use]
    pub fn decide_by_value(&self, mut is_same: impl FnMut(&str) -> bool) -> Option<Ruling> {
        let mut found = self.letters().zip(&self.options).filter(|(_, option)| is_same(option));
        let (letter, _) = found.next()?;
        if found.next().is_some() {
            return None;
        }
        Some(self.chosen(letter, "it has the value of the right option", "it has the value of another option"))
    }

    /// Rules on the option that an answer chooses, with the reason where it is the right one, and where it is another.
    fn chosen(&self, letter: char, right: &'static str, other: &'static str) -> Ruling {
        let (verdict, reason) = if letter == self.gold { (Verdict::Equal, right) } else { (Verdict::Different, other) };
        Ruling { verdict, method: METHOD, reason }
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

    /// Returns the letter of the only option with this text: as it is written, else as a number, else in words.
    fn letter_of_text(&self, text: &str) -> Option<char> {
        const LIKENESSES: [fn(&str, &str) -> bool; 3] = [|option, text| option == text, is_same_number, words::is_same];
        if text.is_empty() {
            return None;
        }
        for is_same in LIKENESSES {
            let mut found = self.letters().zip(&self.options).filter(|(_, option)| is_same(bare(option), text));
            if let Some((letter, _)) = found.next() {
                return found.next().is_none().then_some(letter);
            }
        }
        None
    }

    /// Reads `A`, `(A)`, `[A]`, `A.`, `A)`, `A:` and `option A`, and what follows.
    fn leading_letter<'a>(&self, answer: &'a str) -> Option<(char, &'a str)> {
        let answer = strip_word(answer, "option").or_else(|| strip_word(answer, "choice")).unwrap_or(answer);
        let styled = STYLES.iter().find_map(|style| answer.strip_prefix(style));
        let answer = styled.unwrap_or(answer);
        let inner = answer.strip_prefix(['(', '[']).map_or(answer, str::trim_start);
        let is_enclosed = inner.len() < answer.len();
        let letter = inner.chars().next()?;
        let rest = inner.get(letter.len_utf8()..)?.trim_start();
        if letter == 'I' && is_continued(rest) {
            return None;
        }
        let (rest, is_marked) = match rest.strip_prefix([')', ']', '.', ':', ',', '。', '、']) {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let rest = match styled {
            Some(_) => rest.trim_start().strip_prefix('}')?.trim_start_matches(SPACES),
            None => rest,
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
        let is_list = is_list_of_letters(text);
        text.split(|character: char| !character.is_alphanumeric()).any(|word| {
            let mut characters = word.chars();
            match (characters.next(), characters.next()) {
                // `A` and `I` are words of English too, where there are others.
                (Some(other), None) => {
                    (is_list || !"AI".contains(other)) && other != letter && self.letters().any(|known| known == other)
                }
                _ => false,
            }
        })
    }

    fn letters(&self) -> impl Iterator<Item = char> + use<> {
        let num_letters = if self.options.is_empty() { LETTERS.count() } else { self.options.len() };
        ('A'..='Z').take(num_letters)
    }
}

/// Tells whether a text is made of single capitals, commas and the words between them.
fn is_list_of_letters(text: &str) -> bool {
    let is_part =
        |word: &str| matches!(word, "and" | "or") || word.len() == 1 && word.as_bytes()[0].is_ascii_uppercase();
    text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).all(is_part)
}

/// Tells whether a list of Roman numerals goes on, as in `I, II and IV` and `(I), (II)`.
fn is_continued(rest: &str) -> bool {
    let rest = rest.trim_start_matches([')', ']', ' ']);
    let next = rest.strip_prefix(',').unwrap_or_default().trim_start_matches(['(', '[', ' ']);
    let word = next.split(|character: char| !character.is_alphanumeric()).next().unwrap_or_default();
    !word.is_empty() && word.chars().all(|letter| "IVX".contains(letter))
}

/// Tells whether two texts are the same plain number: `12.0` and `12`, `twelve` and `12`.
fn is_same_number(left: &str, right: &str) -> bool {
    plain_number(left).is_some_and(|left| Some(left) == plain_number(right))
}

/// Reads a plain number: whether it is negative, its whole digits and its decimals, without needless zeros.
fn plain_number(text: &str) -> Option<(bool, String, String)> {
    let is_negative = text.starts_with(['-', '−']);
    let size = text.strip_prefix(['-', '−', '+']).unwrap_or(text);
    let (whole, decimals) = size.split_once('.').unwrap_or((size, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(decimals) || size.len() <= usize::from(size.contains('.')) {
        return words::number(text).map(|number| (false, number.to_string(), String::new()));
    }
    let (whole, decimals) = (whole.trim_start_matches('0'), decimals.trim_end_matches('0'));
    let is_zero = whole.is_empty() && decimals.is_empty();
    let whole = if whole.is_empty() { "0" } else { whole };
    Some((is_negative && !is_zero, whole.to_owned(), decimals.to_owned()))
}

fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let head = text.get(..word.len())?;
    let rest = text.get(word.len()..)?;
    (head.eq_ignore_ascii_case(word) && rest.starts_with([' ', '('])).then(|| rest.trim_start())
}

/// Returns the letter, in upper case, that a text is whatever brackets, marks and emphasis stand around it: `B`, `(B)`, `b.`, `\text{B}`.
#[must_use]
pub fn lone_letter(text: &str) -> Option<char> {
    const AROUND: [char; 17] = ['(', ')', '[', ']', '{', '}', '.', ':', ',', ';', '!', '*', '_', '`', '"', '\'', ' '];
    let mut characters = bare(text).trim_matches(AROUND).chars();
    let letter = characters.next().filter(char::is_ascii_alphabetic)?;
    characters.next().is_none().then(|| letter.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_roman_numerals_chooses_nothing() {
        assert_eq!(Choices::new("I,II,III", &[]), None);
        assert_eq!(Choices::new("I , IV", &[]), None);
        assert_eq!(Choices::new("(I), (II)", &[]), None);
        assert!(Choices::new("I, because it is", &[]).is_some());
    }

    #[test]
    fn a_letter_in_bold_stands_before_the_text_of_its_option() {
        let choices = Choices::new("B", &[]).unwrap();
        for (answer, expected) in [
            (r"\textbf{(B)}\ 12", Some(Verdict::Equal)),
            (r"\text{(B) } 12", Some(Verdict::Equal)),
            (r"\mathbf{B.}~\frac{1}{2}", Some(Verdict::Equal)),
            (r"\textbf{(C)}\ 12", Some(Verdict::Different)),
            (r"\mathrm{B}C", None),
            (r"\text{(B", None),
        ] {
            assert_eq!(choices.decide(answer).map(|ruling| ruling.verdict), expected, "{answer}");
        }
    }

    #[test]
    fn a_list_of_letters_chooses_more_than_one_option() {
        let choices = Choices::new("B", &[]).unwrap();
        let is_right = |answer: &str| choices.decide(answer).is_some_and(|ruling| ruling.verdict == Verdict::Equal);
        for answer in ["B, A", "B and A", "B, I"] {
            assert!(!is_right(answer), "{answer}");
        }
        for answer in ["B. A square has four sides", "B, as I said"] {
            assert!(is_right(answer), "{answer}");
        }
        assert_eq!(Choices::new("B, A", &[]), None);
    }

    #[test]
    fn a_long_answer_chooses_what_it_begins_with_unless_it_names_another() {
        let choices = Choices::new("B", &[]).unwrap();
        let long = |head: &str, tail: &str| format!("{head}{}{tail}", "so it goes on. ".repeat(500));
        for (answer, expected) in [
            (long("B. ", ""), Some(Verdict::Equal)),
            (long("(C) ", ""), Some(Verdict::Different)),
            (long("B. ", "But C is right."), None),
            (long("", ""), None),
            (long("B. ", &" ".repeat(MAX_LONG_BYTES)), None),
        ] {
            assert_eq!(choices.decide_long(&answer).map(|ruling| ruling.verdict), expected, "{}", &answer[..20]);
        }
    }

    #[test]
    fn spaces_around_the_marks_of_a_letter_say_nothing() {
        let choices = Choices::new("( A )", &[]).unwrap();
        for answer in ["A", "(A)", "A . because it is", "( A ) because it is"] {
            assert_eq!(choices.decide(answer).map(|ruling| ruling.verdict), Some(Verdict::Equal), "{answer}");
        }
    }
}
