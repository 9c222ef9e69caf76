//! Reads the answers of one side.

use std::ops::Range;

use crate::{
    choice::Choices,
    comparison::scratch,
    equality::{self, Value},
    expression::{Expression, Node, Operator},
    extraction::{self, Candidate, ExtractionSettings, Found, Kind},
    latex::{self, LetterUnits, Notation, ParseError},
    profile::Profile,
    structure::{Answer, Divisors, Structure},
    words, writing,
};

/// Where in a text the answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// It is the text.
    Whole,
    /// Somewhere: the text is searched as the profile says.
    Text,
}

/// A place of a text that was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// What stands there.
    pub text: String,
    /// How it was found, and where.
    pub place: Place,
    /// What it was read as, or why it could not be read.
    pub answer: Result<Answer, ParseError>,
    kind: Kind,
    is_percent: bool,
}

/// Where something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// How it was found.
    pub found: Found,
    /// Where its pieces are, in bytes.
    pub spans: Vec<Range<usize>>,
}

/// A gold answer, read once for many predictions.
#[derive(Clone, Debug, PartialEq)]
pub struct Gold {
    readings: Vec<Reading>,
    choices: Option<Choices>,
}

// === impl Gold ===

impl Gold {
    /// Reads a gold answer.
    #[must_use]
    pub fn read(gold: &str, search: Search, profile: &Profile) -> Self {
        Self::with_options(gold, &[], search, profile)
    }

    /// Reads the gold answer of a question with options.
    #[must_use]
    pub fn with_options(gold: &str, options: &[String], search: Search, profile: &Profile) -> Self {
        let readings = read(gold, search, profile);
        let text = readings.last().map_or(gold, |reading| reading.text.as_str());
        Self { choices: Choices::new(text, options), readings }
    }

    /// Returns the places that were tried.
    #[must_use]
    pub fn readings(&self) -> &[Reading] {
        &self.readings
    }

    /// Returns the answer as it was found; empty where none was.
    #[must_use]
    pub fn text(&self) -> &str {
        self.readings.last().map_or("", |reading| reading.text.as_str())
    }

    /// Returns what the answer was read as, if it could be read.
    #[must_use]
    pub fn answer(&self) -> Option<&Answer> {
        self.readings.last()?.answer.as_ref().ok()
    }

    /// Tells whether the answer is a number.
    #[must_use]
    pub fn is_number(&self, profile: &Profile) -> bool {
        self.readings.last().is_some_and(|reading| reading.is_number(profile))
    }

    /// Tells whether a percent sign stands after the answer.
    pub(super) fn is_percent(&self) -> bool {
        self.readings.last().is_some_and(|reading| reading.is_percent)
    }

    pub(crate) const fn choices(&self) -> Option<&Choices> {
        self.choices.as_ref()
    }
}

// === impl Reading ===

impl Reading {
    /// Tells whether two answers are written alike, with what stands after them.
    pub(super) fn is_written_like(&self, other: &Self) -> bool {
        writing::is_alike(&self.text, &other.text) && self.is_percent == other.is_percent
    }

    /// Returns the value that the answer was read as, if it was.
    pub(super) fn value(&self) -> Option<Value<'_>> {
        let answer = self.answer.as_ref().ok()?;
        match answer.structure {
            Structure::Value(node) => Some(Value { expression: &answer.expression, node }),
            _ => None,
        }
    }

    /// Tells whether the answer was read as words.
    pub(super) fn is_text(&self) -> bool {
        self.value().is_some_and(|value| matches!(value.expression.node(value.node), Node::Text(_)))
    }

    /// Tells whether it is a number, perhaps with a unit.
    #[must_use]
    pub fn is_number(&self, profile: &Profile) -> bool {
        let is_value = |answer: &Answer| match answer.structure {
            Structure::Value(node) => !matches!(answer.expression.node(node), Node::Text(_)) && !answer.has_variables(),
            _ => false,
        };
        self.answer.as_ref().is_ok_and(is_value)
            || self.with_letter_units(LetterUnits::Any, profile).as_ref().is_some_and(is_value)
            || words::number(&self.text).is_some()
    }

    /// Tells whether it is too long to be read.
    pub(crate) const fn is_too_long(&self) -> bool {
        matches!(self.answer, Err(ParseError::TooLong { .. }))
    }

    /// Reads other words in the place of the answer.
    pub(super) fn with_text(&self, text: &str, profile: &Profile) -> Option<Answer> {
        parse(text, (self.kind, self.is_percent), profile, profile.notation).ok()
    }

    /// Reads the answer again, with letters after numbers as units.
    pub(super) fn with_letter_units(&self, letter_units: LetterUnits, profile: &Profile) -> Option<Answer> {
        let notation = Notation { letter_units, ..profile.notation };
        parse(&self.text, (self.kind, self.is_percent), profile, notation).ok()
    }
}

/// Tries the places of a text in order, up to the first that can be read.
pub fn read(text: &str, search: Search, profile: &Profile) -> Vec<Reading> {
    let settings = match search {
        Search::Whole => ExtractionSettings { is_bare: true, ..profile.extraction.clone() },
        Search::Text => profile.extraction.clone(),
    };
    let mut tried = Vec::new();
    for candidate in &extraction::candidates(text, &settings) {
        let answer = parse(&candidate.text, (candidate.kind, candidate.is_percent), profile, profile.notation);
        // What is too long to be read may be the answer all the same; what comes after it is none.
        let is_last = matches!(answer, Ok(_) | Err(ParseError::TooLong { .. }));
        tried.push(Reading::of(candidate, answer));
        if is_last {
            break;
        }
    }
    // What is kept as written is the first place; what is compared, the last.
    tried
}

impl Reading {
    fn of(candidate: &Candidate<'_>, answer: Result<Answer, ParseError>) -> Self {
        Self {
            text: candidate.text.to_string(),
            place: Place { found: candidate.found, spans: candidate.spans.clone() },
            answer,
            kind: candidate.kind,
            is_percent: candidate.is_percent,
        }
    }
}

fn parse(
    text: &str,
    (kind, is_percent): (Kind, bool),
    profile: &Profile,
    notation: Notation,
) -> Result<Answer, ParseError> {
    let notation = Notation { decimal_comma: kind == Kind::Expression, ..notation };
    let date = if notation.words { words::date(text) } else { None };
    let mut expression = match kind {
        Kind::Word => word(text)?,
        _ if let Some(date) = &date => word(date)?,
        _ => latex::parse(text, &notation).or_else(|error| match last_side(text) {
            Some(side) => latex::parse(side, &notation),
            None => Err(error),
        })?,
    };
    if is_percent && let Some(root) = expression.root() {
        expression.operation(Operator::Percent, &[root])?;
    }
    Answer::read(expression, profile.divisors)?.ok_or(ParseError::Empty)
}

fn word(text: &str) -> Result<Expression, ParseError> {
    let mut expression = Expression::default();
    expression.text(text)?;
    Ok(expression)
}

/// Returns what is right of the last equals sign of a chain of equations.
fn last_side(text: &str) -> Option<&str> {
    if text.contains([',', ';']) {
        return None;
    }
    let bytes = text.as_bytes();
    let is_sign = |index: &usize| {
        bytes[*index] == b'='
            && !matches!(index.checked_sub(1).map(|before| bytes[before]), Some(b'\\' | b'<' | b'>' | b'!'))
    };
    let signs: Vec<usize> = (0..bytes.len()).filter(is_sign).collect();
    match signs[..] {
        [_, .., last] => text.get(last + 1..),
        _ => None,
    }
}

// === impl Answer ===

impl Answer {
    /// Tells whether the answer holds a variable.
    #[must_use]
    pub fn has_variables(&self) -> bool {
        let is_named = |id| matches!(self.expression.node(id), Node::Symbol(_));
        self.expression.ids().any(is_named) && !equality::variables(self.value()).is_empty()
    }

    /// Returns whether the answer is a value with a unit.
    pub(super) fn is_quantity(&self) -> bool {
        self.expression.operands(self.root, Operator::Quantity).is_some()
    }

    const fn value(&self) -> Value<'_> {
        Value { expression: &self.expression, node: self.root }
    }

    /// Gives the variables the names of another answer's, in the order of the alphabet, if they are as many.
    pub(super) fn renamed_like(&self, other: &Self) -> Option<Self> {
        let sorted = |answer: &Self| -> Vec<String> {
            let mut names: Vec<String> = equality::variables(answer.value()).into_iter().map(str::to_owned).collect();
            names.sort_unstable();
            names
        };
        let (own, others) = (sorted(self), sorted(other));
        if own.len() != others.len() {
            return None;
        }
        let mut expression = Expression::default();
        let mut replaced = Vec::with_capacity(own.len());
        for (own, other) in own.iter().zip(&others) {
            replaced.push((own.as_str(), expression.symbol(other.as_str()).ok()?));
        }
        scratch::copy(&mut expression, self.value(), &replaced).ok()?;
        Self::read(expression, Divisors::OfNumbers).ok().flatten()
    }
}
