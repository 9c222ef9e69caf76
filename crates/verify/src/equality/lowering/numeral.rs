//! The values of numerals.

use dashu_int::UBig;
use dashu_ratio::RBig;

use crate::arithmetic::rational;
use crate::equality::sampling::mix;
use crate::equality::terms::{Head, TermId, Terms, TooMany};
use crate::expression::Numeral;

/// The most digits that are read as a number; more are compared as they are written.
const MAX_DIGITS: usize = 20_000;

/// Returns the term of a numeral: its exact value, or the product of its digits and a power of ten that is too large to compute.
pub(super) fn lower(numeral: &Numeral, terms: &mut Terms) -> Result<TermId, TooMany> {
    let Some(digits) = whole(numeral) else {
        let name = numeral.digits.trim_start_matches('0').bytes().fold(1, |hash, byte| mix(hash ^ u64::from(byte)));
        let places = (numeral.exponent as u64).wrapping_sub(u64::from(numeral.num_decimals));
        return terms.intern(Head::Unknown(mix(name ^ mix(places)) | 1 << 63), &[]);
    };
    let exponent = numeral.exponent.saturating_sub(i64::from(numeral.num_decimals));
    if exponent == 0 {
        return terms.of_rational(digits.into());
    }
    if let Some(scale) = rational::power_of_ten(exponent) {
        return terms.of_rational(RBig::from(digits) * scale);
    }
    let (digits, ten) = (terms.of_rational(digits.into())?, terms.integer(10)?);
    let exponent = terms.integer(exponent)?;
    let scale = terms.power(ten, exponent)?;
    terms.multiply(&[digits, scale])
}

/// Returns the value of digits in a base from 2 to 36.
pub(super) fn in_base(numeral: &Numeral, base: &Numeral) -> Option<RBig> {
    let base: u32 = base.digits.parse().ok().filter(|base| (2..=36).contains(base))?;
    if numeral.digits.len() > MAX_DIGITS || numeral.exponent != 0 {
        return None;
    }
    let digits = RBig::from(UBig::from_str_radix(&numeral.digits, base).ok()?);
    let scale = rational::power(&RBig::from(base), -i64::from(numeral.num_decimals))?;
    rational::multiply(&digits, &scale)
}

/// Returns the value of a decimal whose period repeats for ever.
pub(super) fn repeating(numeral: &Numeral, period: &Numeral) -> Option<RBig> {
    let places = i64::from(numeral.num_decimals);
    let length = i64::try_from(period.digits.len()).ok()?;
    let head = rational::multiply(&whole(numeral)?.into(), &rational::power_of_ten(-places)?)?;
    let nines = rational::power_of_ten(length)? - RBig::ONE;
    let period = rational::multiply(&whole(period)?.into(), &rational::invert(&nines)?)?;
    rational::add(&head, &rational::multiply(&period, &rational::power_of_ten(-places)?)?)
}

fn whole(numeral: &Numeral) -> Option<UBig> {
    if numeral.digits.len() > MAX_DIGITS {
        return None;
    }
    match numeral.digits.parse::<u64>() {
        Ok(small) => Some(small.into()),
        Err(_) => UBig::from_str_radix(&numeral.digits, 10).ok(),
    }
}
