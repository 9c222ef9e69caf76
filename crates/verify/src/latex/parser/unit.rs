//! Units after a value.

use super::{Parser, Result, atom::collapsed};
use crate::{
    expression::{NodeId, Operator},
    latex::{LetterUnits, token::Kind, units},
};

// === impl Parser ===

impl Parser<'_> {
    /// Returns whether the unit of the value before is here.
    pub(super) fn is_unit(&self) -> bool {
        let before = self.kind_before();
        if !before.ends_operand() {
            return false;
        }
        let is_number =
            matches!(before, Kind::Number(_) | Kind::Fraction(..) | Kind::Close(_) | Kind::Constant(_) | Kind::Percent);
        let name = self.text_at(0);
        match self.peek() {
            Kind::Unit | Kind::Text => true,
            Kind::Currency => !matches!(self.peek_at(1), Kind::Number(_)),
            Kind::Upright if is_number => {
                name.len() > 1 || units::symbol(name).is_some() || units::is_letter(name) || self.has_tie()
            }
            Kind::Upright => units::symbol(name).is_some() && (name.len() > 1 || self.has_tie()),
            Kind::Letter if is_number && self.is_speed() => true,
            Kind::Letter => is_number && units::is_letter(name) && self.may_be_letter_unit() && self.ends_value(),
            _ => false,
        }
    }

    /// Returns whether an upright group begins with a space, as `\mathrm{~T}` does before a unit.
    fn has_tie(&self) -> bool {
        let Some(token) = self.token_at(0) else {
            return false;
        };
        self.source.get(..token.place().start).is_some_and(|before| before.ends_with(['~', ' ']))
    }

    /// Returns whether an answer ends with `m/s`.
    fn is_speed(&self) -> bool {
        let is_apart = self.token_at(0).is_some_and(|token| token.spaced);
        let ends =
            self.peek_at(3) == Kind::Finish || (self.peek_at(3) == Kind::Power && self.peek_at(5) == Kind::Finish);
        is_apart
            && ends
            && self.peek_at(1) == Kind::Divide
            && self.text_at(0) == "m"
            && matches!(self.text_at(2), "s" | "h" | "min")
    }

    /// Returns whether the letter that is here may be a unit, by the space before it.
    fn may_be_letter_unit(&self) -> bool {
        match self.notation.letter_units {
            LetterUnits::Never => false,
            LetterUnits::Spaced => self.token_at(0).is_some_and(|token| token.spaced),
            LetterUnits::Any => true,
        }
    }

    /// Returns whether nothing of the value follows the letter that is here.
    fn ends_value(&self) -> bool {
        matches!(self.peek_at(1), Kind::Finish | Kind::Comma | Kind::And | Kind::Or | Kind::Semicolon | Kind::Divide)
            || (self.peek_at(1) == Kind::Power && matches!(self.peek_at(2), Kind::Number(_)))
    }

    /// Reads a unit: names with powers, and quotients and products of them.
    pub(super) fn unit(&mut self) -> Result<NodeId> {
        let mut unit = self.unit_factor()?;
        loop {
            let operator = match self.peek() {
                Kind::Divide if self.is_unit_at(1) => Operator::Divide,
                Kind::Times if self.is_unit_at(1) => Operator::Multiply,
                Kind::Unit | Kind::Upright => {
                    let right = self.unit_factor()?;
                    unit = self.operation(Operator::Multiply, &[unit, right])?;
                    continue;
                }
                _ => return Ok(unit),
            };
            self.position += 1;
            let right = self.unit_factor()?;
            unit = self.operation(operator, &[unit, right])?;
        }
    }

    fn is_unit_at(&self, offset: usize) -> bool {
        match self.peek_at(offset) {
            Kind::Unit | Kind::Upright | Kind::Text => true,
            Kind::Letter => units::is_letter(self.text_at(offset)),
            _ => false,
        }
    }

    fn unit_factor(&mut self) -> Result<NodeId> {
        let unit = if self.peek() == Kind::Currency {
            let name = self.currency_name();
            self.worded(name)?
        } else {
            self.written_unit(self.text_at(0))?
        };
        self.position += 1;
        if self.peek() != Kind::Power {
            return Ok(unit);
        }
        self.position += 1;
        let is_negative = self.eat(Kind::Minus);
        let exponent = self.nested(Self::argument)?;
        let exponent = if is_negative { self.operation(Operator::Negate, &[exponent])? } else { exponent };
        self.operation(Operator::Power, &[unit, exponent])
    }

    /// Makes a unit of its words: `square feet`, `miles per hour`, `m/s`.
    fn written_unit(&mut self, text: &str) -> Result<NodeId> {
        let text = collapsed(text);
        let text = text.trim_matches(['.', ',', ' ']);
        let text = units::half_of_day(text).unwrap_or(text);
        let parts = [" per ", "/"].iter().find_map(|sign| text.split_once(sign));
        if let Some((above, below)) = parts {
            let above = self.simple_unit(above.trim())?;
            let below = self.simple_unit(below.trim())?;
            return self.operation(Operator::Divide, &[above, below]);
        }
        self.simple_unit(text)
    }

    /// Makes a unit of a name that may be squared or cubed.
    fn simple_unit(&mut self, text: &str) -> Result<NodeId> {
        let squares = ["square ", "sq ", "sq. "].iter().find_map(|prefix| text.strip_prefix(prefix));
        let cubes = ["cubic ", "cu "].iter().find_map(|prefix| text.strip_prefix(prefix));
        let (name, power) = match (squares, cubes) {
            (Some(name), _) => (name, 2),
            (_, Some(name)) => (name, 3),
            _ => match text.rsplit_once([' ', '^']) {
                Some((name, "squared" | "2" | "{2}")) => (name, 2),
                Some((name, "cubed" | "3" | "{3}")) => (name, 3),
                _ => (text, 1),
            },
        };
        let unit = self.worded(units::symbol(name).unwrap_or(name))?;
        match power {
            1 => Ok(unit),
            _ => {
                let power = self.integer(power)?;
                self.operation(Operator::Power, &[unit, power])
            }
        }
    }

    /// Returns the name of the currency that is here.
    pub(super) fn currency_name(&self) -> &'static str {
        match self.text_at(0) {
            "$" | "textdollar" => "$",
            "€" | "euro" => "euro",
            "£" | "pounds" => "£",
            "¥" | "￥" | "yen" => "yen",
            "₹" => "rupee",
            "¢" => "cent",
            _ => "currency",
        }
    }
}
