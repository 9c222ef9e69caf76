//! Terms: what both expressions are turned into before they are compared.
//!
//! One arena holds the terms of both sides. Equal terms are one term, sums and products are flat, sorted and have one rational part, and
//! what is rational and short is a rational. So expressions that differ in order, grouping, notation or the names of bound variables
//! become the same term, and every pass meets operands before their uses.

mod construction;

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::{BitOr, Range};

use dashu_ratio::RBig;

use super::sampling::mix;
use crate::arithmetic::rational;
use crate::expression::Operator;
use crate::fuel::{FUEL_PER_COMPARISON, Fuel};

/// A term of an arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct TermId(u32);

/// What a term is; its operands are beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// A rational.
    Rational(u32),
    /// A free variable.
    Symbol(u32),
    /// The variable of the binder around it that has this many binders inside.
    Bound(u32),
    /// π.
    Pi,
    /// The imaginary unit.
    ImaginaryUnit,
    /// Infinity.
    Infinity,
    /// A sum.
    Add,
    /// A product.
    Multiply,
    /// A power `[base, exponent]`.
    Power,
    /// A known function.
    Function(Operator),
    /// A sum, product, integral or limit over a bound variable: `[body, variable, ...]`.
    Binder(Operator),
    /// Anything else: equal to what has the same name and equal operands.
    Unknown(u64),
}

/// What is found within a term.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Traits(u8);

#[derive(Clone, Debug)]
struct Cell {
    head: Head,
    operands: Range<u32>,
    traits: Traits,
    num_binders: u32,
}

/// An arena of terms.
#[derive(Debug)]
pub(super) struct Terms {
    cells: Vec<Cell>,
    operands: Vec<TermId>,
    rationals: Vec<RBig>,
    names: Vec<Box<str>>,
    known: HashMap<u64, TermId, BuildHasherDefault<Spread>>,
    work: u32,
    max_work: u32,
}

/// Takes keys as they are: they are spread already.
#[derive(Default)]
struct Spread(u64);

/// An arena has no room for another term, or too much was computed to build it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMany;

/// What sets the keys of variables apart.
const SYMBOL: u64 = 2;

/// The most terms of an arena.
const MAX_TERMS: usize = 40_000;

// === impl TermId ===

impl TermId {
    /// Returns the position in the arena.
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

// === impl Traits ===

impl Traits {
    /// A free variable.
    pub(super) const SYMBOL: Self = Self(1);
    /// A function whose values are not independent of each other, so that residues do not prove a difference.
    pub(super) const DEPENDENT: Self = Self(2);
    /// Something unknown.
    pub(super) const UNKNOWN: Self = Self(4);
    /// A function of whole numbers.
    pub(super) const WHOLE: Self = Self(8);
    /// A bound variable, free or not.
    pub(super) const BOUND: Self = Self(16);
    /// The imaginary unit.
    pub(super) const IMAGINARY: Self = Self(32);
    /// A function that says nothing of real numbers, such as the conjugate.
    pub(super) const COMPLEX: Self = Self(64);
    /// A function with jumps, such as the floor, or one that may be meant for whole numbers, such as a power of -1.
    pub(super) const JUMP: Self = Self(128);

    /// Returns whether all of these are there.
    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns whether one of these is there.
    pub(super) const fn has_any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl BitOr for Traits {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

// === impl Terms ===

impl Terms {
    /// Makes an arena that may take as much work to build as is left.
    pub(super) fn limited_to(fuel: &Fuel) -> Self {
        Self { max_work: fuel.left(), ..Self::default() }
    }

    /// Returns the units of work that building the terms took.
    pub(super) fn work(&self) -> u32 {
        self.work
    }

    /// Counts units of work.
    pub(super) fn spend(&mut self, units: usize) -> Result<(), TooMany> {
        self.work = self.work.saturating_add(units as u32);
        if self.work > self.max_work { Err(TooMany) } else { Ok(()) }
    }

    /// Counts the work of an operation on rationals of so many bits: a unit, and for long ones a sixteenth of the square of the limbs.
    fn count_work(&mut self, num_bits: usize) -> Result<(), TooMany> {
        let num_limbs = num_bits / 64;
        self.spend(1 + num_limbs * num_limbs / 16)
    }

    /// Returns the terms in a range of the arena, operands before their uses.
    pub(super) fn ids(&self, range: Range<usize>) -> impl DoubleEndedIterator<Item = TermId> + use<> {
        (range.start as u32..range.end as u32).map(TermId)
    }

    /// Returns what a term is.
    pub(super) fn head(&self, id: TermId) -> Head {
        self.cells[id.index()].head
    }

    /// Returns the operands of a term.
    pub(super) fn operands(&self, id: TermId) -> &[TermId] {
        let range = &self.cells[id.index()].operands;
        &self.operands[range.start as usize..range.end as usize]
    }

    /// Returns what is found within a term.
    pub(super) fn traits(&self, id: TermId) -> Traits {
        self.cells[id.index()].traits
    }

    /// Returns how deep binders are nested in a term.
    pub(super) fn num_binders(&self, id: TermId) -> u32 {
        self.cells[id.index()].num_binders
    }

    /// Returns the rational that a term is.
    pub(super) fn rational(&self, id: TermId) -> Option<&RBig> {
        match self.head(id) {
            Head::Rational(index) => Some(&self.rationals[index as usize]),
            _ => None,
        }
    }

    /// Returns a word that depends on a free variable's name alone, so that its values do too.
    pub(super) fn key_of_symbol(&self, index: u32) -> u64 {
        hash_of_name(&self.names[index as usize])
    }

    /// Returns whether a free variable has the name of an index: one of i, j, k, m and n, with or without a subscript.
    pub(super) fn is_index(&self, symbol: u32) -> bool {
        let name = &self.names[symbol as usize];
        let base = name.split_once('_').map_or(&**name, |(base, _)| base);
        matches!(base, "i" | "j" | "k" | "m" | "n")
    }

    /// Returns the terms that some terms are made of, themselves included, operands first.
    pub(super) fn within(&self, roots: &[TermId]) -> Vec<TermId> {
        let Some(last) = roots.iter().max() else { return Vec::new() };
        let mut is_needed = vec![false; last.index() + 1];
        for root in roots {
            is_needed[root.index()] = true;
        }
        for id in self.ids(0..last.index() + 1).rev() {
            if is_needed[id.index()] {
                for operand in self.operands(id) {
                    is_needed[operand.index()] = true;
                }
            }
        }
        self.ids(0..last.index() + 1).filter(|id| is_needed[id.index()]).collect()
    }

    /// Returns the term of a rational.
    pub(super) fn of_rational(&mut self, value: RBig) -> Result<TermId, TooMany> {
        self.count_work(rational::num_bits(&value))?;
        let key = mix(hash_of(&value));
        if let Some(id) = self.known.get(&key)
            && self.rational(*id) == Some(&value)
        {
            return Ok(*id);
        }
        self.rationals.push(value);
        let head = Head::Rational(self.rationals.len() as u32 - 1);
        self.push(key, head, &[])
    }

    /// Returns the term of a free variable.
    pub(super) fn of_symbol(&mut self, name: &str) -> Result<TermId, TooMany> {
        let key = mix(SYMBOL ^ hash_of_name(name));
        if let Some(id) = self.known.get(&key)
            && let Head::Symbol(index) = self.head(*id)
            && *self.names[index as usize] == *name
        {
            return Ok(*id);
        }
        self.names.push(name.into());
        self.push(key, Head::Symbol(self.names.len() as u32 - 1), &[])
    }

    /// Returns a term without bringing it to a normal form.
    pub(super) fn intern(&mut self, head: Head, operands: &[TermId]) -> Result<TermId, TooMany> {
        let mut key = mix(code_of(head));
        for operand in operands {
            key = mix(key ^ u64::from(operand.0));
        }
        if let Some(id) = self.known.get(&key)
            && self.head(*id) == head
            && self.operands(*id) == operands
        {
            return Ok(*id);
        }
        self.push(key, head, operands)
    }

    fn push(&mut self, key: u64, head: Head, operands: &[TermId]) -> Result<TermId, TooMany> {
        if self.cells.len() >= MAX_TERMS {
            return Err(TooMany);
        }
        self.spend(1)?;
        let mut traits = own_traits(head);
        let mut num_binders = 0;
        for operand in operands {
            traits = traits | self.traits(*operand);
            num_binders = num_binders.max(self.num_binders(*operand));
        }
        if let (Head::Power, &[base, exponent]) = (head, operands) {
            if !self.is_whole(exponent) {
                traits = traits | Traits::DEPENDENT;
            }
            // A power such as `(-1)^n` is meant for whole numbers.
            let is_negative = self.rational(base).is_some_and(|base| *base < RBig::ZERO);
            if is_negative && self.traits(exponent).has(Traits::SYMBOL) {
                traits = traits | Traits::JUMP;
            }
        }
        if let Head::Binder(operator) = head {
            num_binders += 1;
            let is_repeated = matches!(operator, Operator::Sum | Operator::Product);
            if is_repeated && operands[2..].iter().any(|bound| self.traits(*bound).has(Traits::SYMBOL)) {
                traits = traits | Traits::WHOLE;
            }
        }
        let from = self.operands.len() as u32;
        self.operands.extend_from_slice(operands);
        let id = TermId(self.cells.len() as u32);
        self.cells.push(Cell { head, operands: from..self.operands.len() as u32, traits, num_binders });
        self.known.insert(key, id);
        Ok(id)
    }

    /// Returns whether a term is a whole number by its form, however large and however written.
    pub(super) fn is_whole(&self, id: TermId) -> bool {
        match self.head(id) {
            Head::Rational(index) => self.rationals[index as usize].is_int(),
            Head::Add | Head::Multiply => self.operands(id).iter().all(|operand| self.is_whole_power(*operand)),
            _ => self.is_whole_power(id),
        }
    }

    /// Returns whether a term is a whole number, or one to the power of one that is not below 0.
    fn is_whole_power(&self, id: TermId) -> bool {
        let mut id = id;
        loop {
            match (self.head(id), self.operands(id)) {
                (Head::Rational(index), _) => return self.rationals[index as usize].is_int(),
                (Head::Power, [base, exponent]) => {
                    let is_base = self.rational(*base).is_some_and(RBig::is_int);
                    let is_negative = self.rational(*exponent).is_some_and(|value| *value < RBig::ZERO);
                    if !is_base || is_negative {
                        return false;
                    }
                    id = *exponent;
                }
                _ => return false,
            }
        }
    }
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            cells: Vec::new(),
            operands: Vec::new(),
            rationals: Vec::new(),
            names: Vec::new(),
            known: HashMap::default(),
            work: 0,
            max_work: FUEL_PER_COMPARISON,
        }
    }
}

// === impl Hasher for Spread ===

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = mix(self.0 ^ u64::from(*byte));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = word;
    }
}

/// Returns a word that depends on a rational.
fn hash_of(value: &RBig) -> u64 {
    let (sign, words) = value.numerator().as_sign_words();
    let mut hash = mix(words.len() as u64 * 2 + u64::from(sign == dashu_int::Sign::Negative));
    for word in words.iter().chain(value.denominator().as_words()) {
        hash = mix(hash ^ *word);
    }
    hash
}

/// Returns a word that depends on a name.
pub(crate) fn hash_of_name(name: &str) -> u64 {
    name.bytes().fold(1, |hash, byte| mix(hash ^ u64::from(byte)))
}

/// Returns a word that is different for different heads.
const fn code_of(head: Head) -> u64 {
    let (kind, of) = match head {
        Head::Rational(index) => (1, index as u64),
        Head::Symbol(index) => (SYMBOL, index as u64),
        Head::Bound(level) => (3, level as u64),
        Head::Pi => (4, 0),
        Head::ImaginaryUnit => (4, 1),
        Head::Infinity => (4, 2),
        Head::Add => (4, 3),
        Head::Multiply => (4, 4),
        Head::Power => (4, 5),
        Head::Function(operator) => (5, operator as u64),
        Head::Binder(operator) => (6, operator as u64),
        Head::Unknown(name) => (7, name),
    };
    mix(kind) ^ of
}

/// Returns what a head brings along.
const fn own_traits(head: Head) -> Traits {
    match head {
        Head::Symbol(_) => Traits::SYMBOL,
        Head::Bound(_) => Traits::BOUND,
        Head::ImaginaryUnit => Traits::IMAGINARY,
        Head::Unknown(_) | Head::Infinity => Traits::UNKNOWN,
        Head::Function(
            Operator::Factorial
            | Operator::DoubleFactorial
            | Operator::FallingFactorial
            | Operator::Binomial
            | Operator::Gcd
            | Operator::Lcm,
        ) => Traits(Traits::DEPENDENT.0 | Traits::WHOLE.0),
        Head::Function(Operator::Floor | Operator::Ceiling | Operator::Modulo | Operator::Sign) => {
            Traits(Traits::DEPENDENT.0 | Traits::JUMP.0)
        }
        Head::Function(Operator::Conjugate | Operator::RealPart | Operator::ImaginaryPart | Operator::Argument) => {
            Traits(Traits::DEPENDENT.0 | Traits::COMPLEX.0)
        }
        Head::Function(_) | Head::Binder(_) => Traits::DEPENDENT,
        _ => Traits(0),
    }
}
