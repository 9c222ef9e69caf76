//! The tokens that an answer is made of.

use std::ops::Range;

use crate::expression::{Constant, Operator};

/// A token: what it is, where it stands, and whether white space stood before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Whether a space, a line's end or a spacing command of some width stood before it.
    pub spaced: bool,
    from: u32,
    to: u32,
}

/// What a token is. Letters, numbers and texts are in the source, at the place of the token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A numeral.
    Number(Decimals),
    /// A fraction that is one character, such as `½`.
    Fraction(u8, u8),
    /// One letter.
    Letter,
    /// A letter or symbol that has a name.
    Name(&'static str),
    /// Several letters that are no name known here.
    Word,
    /// Words in a text group.
    Text,
    /// Letters in an upright group.
    Upright,
    /// A unit after a value; the place is the unit's name.
    Unit,
    /// A named number or set.
    Constant(Constant),
    /// A function of one argument, or a logarithm.
    Function(Operator),
    /// A function of several arguments in round brackets.
    Variadic(Operator),
    /// A function that is not known, from `\operatorname`.
    NamedFunction,
    /// `\frac` and its kin.
    Frac,
    /// `\binom` and its kin.
    Binom,
    /// `\over`, `\choose` between two halves of a group.
    Halves(Operator),
    /// A root; with the index, or 0 where brackets may give one.
    Root(u8),
    /// A sum, a product, a limit, an integral, a union over an index.
    Big(Operator),
    /// An accent over what follows.
    Accent(Accent),
    /// `\boxed`.
    Boxed,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `±`
    PlusMinus,
    /// `∓`
    MinusPlus,
    /// A multiplication sign; `×` may be a cross product.
    Times,
    /// `/` or `÷`
    Divide,
    /// `\bmod`
    Modulo,
    /// `\pmod`, whose argument follows.
    ParenthesisedModulo,
    /// `^`
    Power,
    /// `_`
    Subscript,
    /// `!`
    Bang,
    /// `'`, so many of them.
    Prime(u8),
    /// `%`
    Percent,
    /// A degree sign, or `\circ`.
    Circle,
    /// A relation between two sides.
    Relation(Operator),
    /// `\not` before a relation.
    Not,
    /// An arrow from one statement to the next.
    Arrow,
    /// `∪`
    Union,
    /// `∩`
    Intersection,
    /// `∖`
    Without,
    /// The word "and" or its sign.
    And,
    /// The word "or" or its sign.
    Or,
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// `:`
    Colon,
    /// `.` that belongs to no number.
    Point,
    /// `|`
    Bar,
    /// `\mid`, a bar that stands between two things.
    Mid,
    /// `‖`
    DoubleBar,
    /// An opening delimiter.
    Open(Fence),
    /// A closing delimiter.
    Close(Fence),
    /// `&`
    Ampersand,
    /// `\\` between the rows of a matrix.
    RowBreak,
    /// The beginning of an environment.
    Begin(Environment),
    /// The end of an environment.
    End,
    /// `…`
    Ellipsis,
    /// A currency's sign.
    Currency,
    /// What no token is for.
    Unknown,
    /// Nothing is left.
    Finish,
}

/// The decimals of a numeral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimals {
    /// How many digits stand after the point.
    pub count: u32,
    /// Whether there is a point.
    pub has_point: bool,
    /// Where the exponent of scientific notation begins, in bytes from the numeral's end; 0 where there is none.
    pub exponent_bytes: u16,
}

/// The kinds of delimiters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fence {
    /// `{ }`, which only group.
    Group,
    /// `( )`
    Round,
    /// `[ ]`
    Square,
    /// `\{ \}`
    Brace,
    /// `⟨ ⟩`
    Angle,
    /// `⌊ ⌋`
    Floor,
    /// `⌈ ⌉`
    Ceiling,
    /// `\lvert \rvert`, `\left| \right|`
    Bar,
    /// `\lVert \rVert`, `\left\| \right\|`
    DoubleBar,
}

/// What an accent makes of its argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accent {
    /// `\overline`: a repeating period after a numeral, else a conjugate.
    Line,
    /// `\dot`: a repeating digit after a numeral, else an accent.
    Dot,
    /// `\vec`, `\hat` and others.
    Other,
    /// `\cancel`, `\phantom` and others, whose argument says nothing.
    Nothing,
}

/// The environments that matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// A matrix, or an array.
    Matrix,
    /// A matrix in bars.
    Determinant,
    /// A matrix in double bars.
    Norm,
    /// Cases.
    Cases,
    /// Lines, aligned or not.
    Lines,
}

// === impl Token ===

impl Token {
    /// Makes a token of a place in the source.
    pub fn new(kind: Kind, place: Range<usize>) -> Self {
        // The source is at most 4096 bytes long.
        Self { kind, spaced: false, from: place.start as u32, to: place.end as u32 }
    }

    /// Returns the token with another place.
    pub fn at(self, place: Range<usize>) -> Self {
        Self { from: place.start as u32, to: place.end as u32, ..self }
    }

    /// Returns the token as another kind.
    pub fn with_kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// Returns the token with the space before it given.
    pub fn with_space(self, spaced: bool) -> Self {
        Self { spaced, ..self }
    }

    /// Returns where the token stands in the source, in bytes.
    pub fn place(self) -> Range<usize> {
        self.from as usize..self.to as usize
    }

    /// Returns the text of the token.
    pub fn text(self, source: &str) -> &str {
        source.get(self.place()).unwrap_or_default()
    }
}

// === impl Kind ===

impl Kind {
    /// Returns whether an operand may end with this token.
    pub fn ends_operand(self) -> bool {
        use Kind::{
            Bang, Circle, Close, Constant, Ellipsis, End, Fraction, Letter, Name, Number, Percent, Prime, Text, Unit,
            Upright, Word,
        };
        matches!(
            self,
            Number(_)
                | Fraction(..)
                | Letter
                | Name(_)
                | Word
                | Text
                | Upright
                | Unit
                | Constant(_)
                | Bang
                | Prime(_)
                | Percent
                | Circle
                | Close(_)
                | End
                | Ellipsis
        )
    }
}

// === impl Decimals ===

impl Decimals {
    /// The decimals of a whole number.
    pub const NONE: Self = Self { count: 0, has_point: false, exponent_bytes: 0 };

    /// Returns whether the numeral is written as a whole number.
    pub fn is_whole(self) -> bool {
        self == Self::NONE
    }
}
