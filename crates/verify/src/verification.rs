//! Decides whether a prediction is the gold answer: finds both, reads both, compares both.
//!
//! ```text
//! text ──extraction──► candidates ──latex──► Expression ──structure──► Answer ┐
//!                                                                             ├─comparison──► Verification
//! gold, read once ────────────────────────────────────────────────────────────┘
//! ```
//!
//! The first candidate that can be read is the answer. The first of all is kept as it was written: two answers that cannot be read
//! are the same when they are written alike.

mod explanation;
mod reading;

use crate::{
    Verdict,
    comparison::Comparison,
    delimiters::bare,
    equality::{Ruling, SymbolCase},
    fuel::Fuel,
    latex::LetterUnits,
    profile::{ListOrder, Profile, Units, Variables, Words},
    structure::Answer,
    words, writing,
};

pub use explanation::explain;
pub use reading::{Gold, Place, Reading, Search};

/// What came of a comparison, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Verification {
    /// Whether the prediction is the gold answer.
    pub verdict: Verdict,
    /// What decided, in a word or two.
    pub method: &'static str,
    /// Why, for people.
    pub reason: String,
    /// The prediction's answer as it was found, if one was.
    pub extracted: Option<String>,
    /// The gold answer as it was read.
    pub gold: String,
    /// Every place of the prediction that was tried, in order; the last is the one that was compared.
    pub tried: Vec<Reading>,
    /// The work that was done, in units of [`fuel`](crate::fuel).
    pub fuel: u32,
}

/// Decides whether a prediction is the gold answer.
///
/// ```
/// use gradus_verify::{Gold, Profile, Search, Verdict, verify};
///
/// let profile = Profile::reward();
/// let gold = Gold::read(r"\frac{1}{2}", Search::Whole, &profile);
/// assert_eq!(verify(&gold, r"So it is \boxed{0.5}.", Search::Text, &profile).verdict, Verdict::Equal);
/// ```
#[must_use]
pub fn verify(gold: &Gold, prediction: &str, search: Search, profile: &Profile) -> Verification {
    let mut fuel = Fuel::default();
    let tried = reading::read(prediction, search, profile);
    let ruling = decide(gold, prediction, &tried, (profile, &mut fuel));
    Verification {
        verdict: ruling.verdict,
        method: ruling.method,
        reason: ruling.reason.to_owned(),
        extracted: tried.last().map(|reading| reading.text.clone()),
        gold: gold.text().to_owned(),
        tried,
        fuel: fuel.spent(),
    }
}

/// Compares what was read of both sides.
fn decide(gold: &Gold, prediction: &str, tried: &[Reading], (profile, fuel): (&Profile, &mut Fuel)) -> Ruling {
    let Some(gold_first) = gold.readings().first() else {
        return ruling(Verdict::Undecided, "extraction", "the gold holds no answer that can be read");
    };
    // Where nothing was found there is no answer, whatever else the text says.
    let (Some(first), Some(last)) = (tried.first(), tried.last()) else {
        return ruling(Verdict::Different, "extraction", "the prediction holds no answer");
    };
    let is_normalised = profile.words == Words::Normalised;
    if is_normalised && let Some(ruling) = decide_choice(gold, (last, tried), profile, fuel) {
        return ruling;
    }
    // Also what is too long to be read.
    if !prediction.trim().is_empty() && writing::is_alike(prediction, gold.text()) && !gold.is_percent() {
        return ruling(Verdict::Equal, "text", "both are written alike");
    }
    if !first.is_written_like(gold_first) && tried.iter().chain(gold.readings()).any(Reading::is_too_long) {
        return ruling(Verdict::Undecided, "size", "an answer is longer than what can be read");
    }
    let compared = compare(gold, tried, profile, fuel);
    if let Some(ruling) = compared.filter(|ruling| ruling.verdict == Verdict::Equal) {
        return ruling;
    }
    if is_normalised
        && profile.list_order == ListOrder::Free
        && words::marks::is_same(bare(&gold_first.text), bare(&first.text))
    {
        return ruling(Verdict::Equal, "marks", "both list the same options or statements");
    }
    let is_open = compared.is_none_or(|other| other.verdict == Verdict::Undecided);
    // Answers that were both read, and found to differ, are alike only in what stands before a percent sign or the like.
    if first.is_written_like(gold_first) && (is_open || first.answer.is_err()) {
        return ruling(Verdict::Equal, "text", "both are written alike");
    }
    if is_normalised && let Some(ruling) = compare_number_words(gold_first, first, profile, fuel) {
        return ruling;
    }
    if is_normalised
        && let Some(ruling) = compare_counts(gold_first, first, profile, fuel)
        && ruling.verdict == Verdict::Equal
    {
        return ruling;
    }
    if is_normalised
        && let Some(ruling) = compare_words(gold_first, first, is_open)
        && (is_open || ruling.verdict == Verdict::Equal)
    {
        return ruling;
    }
    compared.unwrap_or_else(|| {
        let is_gold_unread = gold.answer().is_none();
        let is_prose = words::is_prose(&first.text) || words::is_prose(&gold_first.text);
        match (is_gold_unread, is_prose) {
            (_, true) => ruling(Verdict::Different, "text", "the texts differ"),
            (true, false) => ruling(Verdict::Undecided, "reading", "the gold answer cannot be read"),
            (false, false) => ruling(Verdict::Undecided, "reading", "the prediction cannot be read"),
        }
    })
}

/// Decides by the options: by letter or text, else by the value of their texts.
fn decide_choice(
    gold: &Gold,
    (last, tried): (&Reading, &[Reading]),
    profile: &Profile,
    fuel: &mut Fuel,
) -> Option<Ruling> {
    let choices = gold.choices()?;
    let text = last.text.as_str();
    // Where case tells names apart, `g` does not choose what `G` as a gold answer is: the other way round it would not either.
    if profile.values.symbol_case == SymbolCase::Distinct && choices.may_be_name(text) {
        return None;
    }
    // To look for the options' texts in what is too long to be read takes too long as well.
    if last.is_too_long() {
        return choices.decide_long(text);
    }
    if choices.are_missed_by(text) {
        let by_value = choices.decide_by_value(|option| {
            let option = Gold::read(option, Search::Whole, profile);
            compare(&option, tried, profile, fuel).is_some_and(|ruling| ruling.verdict == Verdict::Equal)
        });
        if by_value.is_some() {
            return by_value;
        }
    }
    choices.decide(text)
}

/// Compares the answers that could be read, if both could.
fn compare(gold: &Gold, tried: &[Reading], profile: &Profile, fuel: &mut Fuel) -> Option<Ruling> {
    let (left, right) = (gold.answer()?, tried.last()?.answer.as_ref().ok()?);
    let renamed = if profile.variables == Variables::ByPosition { right.renamed_like(left) } else { None };
    let right = renamed.as_ref().unwrap_or(right);
    let mut rulings = Comparison::new(profile, fuel);
    let ruling = rulings.compare(left.side(), right.side());
    if ruling.verdict == Verdict::Equal {
        return Some(ruling);
    }
    // A letter after a number is a unit where the other answer has no variables; but what is written like a product is one, unless
    // the other answer has a unit too: `3t` is not 3.
    let (left_unit, right_unit) = (left.has_variables(), right.has_variables());
    if left_unit == right_unit {
        return Some(ruling);
    }
    let (lettered, other) = if left_unit { (gold.readings().last()?, right) } else { (tried.last()?, left) };
    let is_ignored = profile.units == Units::Ignored;
    let letter_units = if is_ignored || other.is_quantity() { LetterUnits::Any } else { LetterUnits::Spaced };
    let again = lettered.with_letter_units(letter_units, profile);
    let is_usable = |answer: &Answer| !answer.has_variables() && (is_ignored || answer.is_quantity());
    let Some(again) = again.filter(is_usable) else { return Some(ruling) };
    let (left, right) = if left_unit { (&again, right) } else { (left, &again) };
    Some(rulings.compare(left.side(), right.side()))
}

/// Compares two answers as words. Formulas that differ are compared as words only where they can be nothing else.
fn compare_words(gold: &Reading, prediction: &Reading, is_open: bool) -> Option<Ruling> {
    let (left, right) = (bare(&gold.text), bare(&prediction.text));
    let is_prose = words::is_prose(left) && words::is_prose(right);
    let is_worded =
        is_open || gold.is_text() || prediction.is_text() || words::is_sentence(left) && words::is_sentence(right);
    (is_prose && is_worded).then(|| words::compare(left, right))
}

/// Compares things whose number one answer has in words: `seven apples` and `7 apples`.
fn compare_counts(gold: &Reading, prediction: &Reading, profile: &Profile, fuel: &mut Fuel) -> Option<Ruling> {
    let counted = |reading: &Reading| {
        let count = words::count::in_digits(bare(&reading.text))?;
        reading.with_text(&count, profile)
    };
    let (left, right) = (counted(gold), counted(prediction));
    if left.is_none() && right.is_none() {
        return None;
    }
    let left = left.as_ref().or(gold.answer.as_ref().ok())?;
    let right = right.as_ref().or(prediction.answer.as_ref().ok())?;
    Some(Comparison::new(profile, fuel).compare(left.side(), right.side()))
}

/// Compares a number that one answer has in words, which may be read as a product of letters, with the number that the other is.
fn compare_number_words(gold: &Reading, prediction: &Reading, profile: &Profile, fuel: &mut Fuel) -> Option<Ruling> {
    let in_words = |reading: &Reading| {
        let text = bare(&reading.text);
        text.starts_with(char::is_alphabetic).then(|| words::number(text)).flatten()
    };
    let mut comparison = Comparison::new(profile, fuel);
    match (in_words(gold), in_words(prediction)) {
        (Some(left), Some(right)) if left == right => {
            Some(ruling(Verdict::Equal, "number word", "both are words for the same number"))
        }
        (Some(number), None) => Some(comparison.number_word(number, prediction.value()?)),
        (None, Some(number)) => Some(comparison.number_word(number, gold.value()?)),
        _ => None,
    }
}

const fn ruling(verdict: Verdict, method: &'static str, reason: &'static str) -> Ruling {
    Ruling { verdict, method, reason }
}
