//! What it takes for two answers to be the same: a value for every question on which verifiers disagree.

use crate::{equality::ValueRules, extraction::ExtractionSettings, latex::Notation, structure::Divisors};

/// How answers are found, read and compared. Every field may be changed by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// How answers are looked for in texts.
    pub extraction: ExtractionSettings,
    /// How signs are read.
    pub notation: Notation,
    /// How numbers and formulas are compared.
    pub values: ValueRules,
    /// How far numbers may be apart and still be the same, in units of the number; none for the rules of values alone.
    pub absolute_tolerance: Option<f64>,
    /// What units mean.
    pub units: Units,
    /// What a percent sign means.
    pub percent: Percent,
    /// What the base of a numeral means.
    pub bases: Bases,
    /// Whether the order of elements without brackets counts.
    pub list_order: ListOrder,
    /// Whether a tuple may give the elements of a set in any order.
    pub tuple_order: TupleOrder,
    /// Which side may be a set where the other is a relation.
    pub set_of_relation: SetOfRelation,
    /// Which side of an equation is taken for its value.
    pub unwrapping: Unwrapping,
    /// Whether the brackets of sets and sequences must be the same where their elements are.
    pub brackets_are_kept: bool,
    /// Whether a matrix of one row or column is a tuple.
    pub vectors_are_tuples: bool,
    /// Whether an angle in degrees is the same as one in radians where degree signs are otherwise ignored.
    pub angles_are_converted: bool,
    /// What greatest common divisors are of.
    pub divisors: Divisors,
    /// Whether variables are known by their names.
    pub variables: Variables,
    /// How answers are compared that are no formulas.
    pub words: Words,
}

/// What units mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Units {
    /// Nothing: `5 cm` is `5 m`.
    Ignored,
    /// One side may leave them out. Where both have them they are converted: `5 m` is `500 cm` and not `5 cm`.
    Optional,
    /// Both sides must have them.
    Required,
}

/// What a percent sign means besides a hundredth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Percent {
    /// Nothing: `50%` is 0.5 alone.
    Hundredths,
    /// It may be left out of a whole number: `50%` is 50 too, and `9.5%` is not 9.5.
    WholeNumbers,
    /// It may be left out.
    Optional,
}

/// What the base of a numeral means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bases {
    /// Nothing: `204_5` is `204_6`.
    Ignored,
    /// One side may leave it out. Where both have it, or where it helps, they are converted.
    Optional,
    /// Numerals are always converted.
    Converted,
}

/// Whether the order of a list counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListOrder {
    /// It does not: `1, 2` is `2, 1`.
    Free,
    /// It does.
    Kept,
}

/// Whether a tuple may give the elements of a set in any order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TupleOrder {
    /// It may.
    Free,
    /// It may, but not where the gold answer names what each element is: `x = 2, y = 3` is not `(3, 2)`.
    ByName,
}

/// Which side may be a set where the other is a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetOfRelation {
    /// The prediction: a gold `1 < x < 2` is met by `(1, 2)`, but not the other way round.
    Prediction,
    /// Either.
    EitherSide,
}

/// Which equations are taken for the value on their right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwrapping {
    /// Any prediction where the gold answer is none; a gold answer that gives a name a value.
    ByGold,
    /// On either side, those that give a name a value, or work one out.
    Assignments,
}

/// Whether variables are known by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variables {
    /// They are.
    Named,
    /// The first variable of one side is the first of the other, and so on.
    ByPosition,
}

/// How answers are compared that are no formulas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// Character by character.
    Identical,
    /// Without regard to case, articles and punctuation; option letters in all their forms; words that say the same.
    Normalised,
}

// === impl Profile ===

impl Profile {
    /// Returns the profile of rewards: lenient about form, and never about what is said.
    #[must_use]
    pub fn reward() -> Self {
        Self {
            extraction: ExtractionSettings::reward(),
            notation: Notation::reward(),
            values: ValueRules::reward(),
            absolute_tolerance: None,
            units: Units::Optional,
            percent: Percent::Hundredths,
            bases: Bases::Optional,
            list_order: ListOrder::Free,
            tuple_order: TupleOrder::ByName,
            set_of_relation: SetOfRelation::Prediction,
            unwrapping: Unwrapping::Assignments,
            brackets_are_kept: false,
            vectors_are_tuples: true,
            angles_are_converted: true,
            divisors: Divisors::OfTerms,
            variables: Variables::Named,
            words: Words::Normalised,
        }
    }

    /// Returns the profile that decides as math-verify 0.9.0 does, where it decides rightly: units, degree signs and bases count
    /// for nothing, and decimals are rounded.
    #[must_use]
    pub fn math_verify() -> Self {
        Self {
            extraction: ExtractionSettings::math_verify(),
            notation: Notation::math_verify(),
            values: ValueRules::math_verify(),
            units: Units::Ignored,
            percent: Percent::WholeNumbers,
            bases: Bases::Ignored,
            tuple_order: TupleOrder::Free,
            unwrapping: Unwrapping::ByGold,
            vectors_are_tuples: false,
            angles_are_converted: false,
            words: Words::Identical,
            ..Self::reward()
        }
    }

    /// Returns the profile under which both sides are alike and everything that is written counts.
    #[must_use]
    pub fn strict() -> Self {
        Self {
            extraction: ExtractionSettings::strict(),
            notation: Notation::strict(),
            values: ValueRules::strict(),
            units: Units::Required,
            divisors: Divisors::OfNumbers,
            bases: Bases::Converted,
            list_order: ListOrder::Kept,
            set_of_relation: SetOfRelation::EitherSide,
            brackets_are_kept: true,
            vectors_are_tuples: false,
            angles_are_converted: false,
            ..Self::reward()
        }
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::reward()
    }
}
