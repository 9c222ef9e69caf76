//! Numerals: decimals, repeating ones, and those in another base.

use super::{Parser, Result};
use crate::{
    expression::{NodeId, Numeral, Operator},
    latex::{
        token::{Accent, Fence, Kind, Token},
        unicode,
    },
};

// === impl Parser ===

impl Parser<'_> {
    pub(super) fn number(&mut self) -> Result<NodeId> {
        let Some(token) = self.token_at(0) else {
            return Err(self.unexpected("a number"));
        };
        self.position += 1;
        let numeral = numeral(token, self.source);
        let has_point = numeral.has_point;
        let node = self.expression.number(numeral)?;
        if has_point && self.peek() == Kind::Ellipsis {
            self.position += 1;
            return Ok(node);
        }
        match self.period() {
            Some((period, len)) if has_point => {
                self.position += len;
                let period = self.expression.number(period)?;
                self.operation(Operator::Repeating, &[node, period])
            }
            _ => Ok(node),
        }
    }

    /// Returns the period of a repeating decimal that follows its other digits, and the number of its tokens.
    fn period(&self) -> Option<(Numeral, usize)> {
        let is_directly = self.token_at(0).is_some_and(|token| !token.spaced);
        let (open, fence) = match self.peek() {
            Kind::Accent(Accent::Line | Accent::Dot) if self.peek_at(1) == Kind::Open(Fence::Group) => {
                (1, Fence::Group)
            }
            Kind::Accent(Accent::Dot) => (0, Fence::Group),
            Kind::Open(Fence::Round) if is_directly && self.peek_at(3) == Kind::Finish => (0, Fence::Round),
            _ => return None,
        };
        let digits = self.token_at(open + 1)?;
        let is_whole = matches!(digits.kind, Kind::Number(decimals) if decimals.is_whole());
        let is_closed = self.peek_at(open + 2) == Kind::Close(fence);
        let is_bare = fence == Fence::Group && open == 0;
        (is_whole && (is_closed || is_bare)).then(|| (numeral(digits, self.source), if is_bare { 2 } else { open + 3 }))
    }
}

/// Returns the numeral that a token writes.
fn numeral(token: Token, source: &str) -> Numeral {
    let text = token.text(source);
    let Kind::Number(decimals) = token.kind else {
        return Numeral { digits: "0".to_owned(), num_decimals: 0, has_point: false, exponent: 0 };
    };
    let (mantissa, exponent) =
        text.split_at_checked(text.len() - decimals.exponent_bytes as usize).unwrap_or((text, ""));
    let mut digits = String::with_capacity(mantissa.len());
    if mantissa.bytes().all(|byte| byte.is_ascii_digit()) {
        digits.push_str(mantissa);
    } else {
        digits.extend(mantissa.chars().filter_map(unicode::digit));
    }
    if digits.is_empty() {
        digits.push('0');
    }
    let exponent = exponent.trim_start_matches(['e', 'E', '+']).parse().unwrap_or(0);
    Numeral { digits, num_decimals: decimals.count, has_point: decimals.has_point, exponent }
}
