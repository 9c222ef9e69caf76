//! How terms are brought to their form as they are built.

use dashu_base::{Abs, Signed};
use dashu_ratio::RBig;

use super::{Head, TermId, Terms, TooMany};
use crate::arithmetic::rational;
use crate::expression::Operator;

// === impl Terms ===

impl Terms {
    /// Returns a whole number.
    pub(in crate::equality) fn integer(&mut self, value: i64) -> Result<TermId, TooMany> {
        self.of_rational(value.into())
    }

    /// Returns a sum: flat, sorted, with its rational terms as one.
    pub(in crate::equality) fn add(&mut self, terms: &[TermId]) -> Result<TermId, TooMany> {
        self.collect(Head::Add, terms, RBig::ZERO, rational::add)
    }

    /// Returns a product: flat, sorted, with its rational factors as one. A factor of 0 makes it 0.
    pub(in crate::equality) fn multiply(&mut self, factors: &[TermId]) -> Result<TermId, TooMany> {
        self.collect(Head::Multiply, factors, RBig::ONE, rational::multiply)
    }

    /// Returns the negative: that of every term in a sum.
    pub(in crate::equality) fn negate(&mut self, of: TermId) -> Result<TermId, TooMany> {
        let minus_one = self.integer(-1)?;
        if self.head(of) == Head::Add {
            let mut terms = self.operands(of).to_vec();
            for term in &mut terms {
                *term = self.multiply(&[minus_one, *term])?;
            }
            return self.add(&terms);
        }
        self.multiply(&[minus_one, of])
    }

    /// Returns a difference.
    pub(in crate::equality) fn subtract(&mut self, left: TermId, right: TermId) -> Result<TermId, TooMany> {
        let negative = self.negate(right)?;
        self.add(&[left, negative])
    }

    /// Returns a quotient.
    pub(in crate::equality) fn divide(&mut self, left: TermId, right: TermId) -> Result<TermId, TooMany> {
        let reciprocal = self.invert(right)?;
        self.multiply(&[left, reciprocal])
    }

    /// Returns the reciprocal.
    pub(in crate::equality) fn invert(&mut self, of: TermId) -> Result<TermId, TooMany> {
        let minus_one = self.integer(-1)?;
        self.power(of, minus_one)
    }

    /// Returns a power: rational where that is exact and short, of `e` as a function.
    pub(in crate::equality) fn power(&mut self, base: TermId, exponent: TermId) -> Result<TermId, TooMany> {
        if let Some(power) = self.rational(exponent).cloned() {
            if power == RBig::ONE {
                return Ok(base);
            }
            if power.is_zero() {
                return self.integer(1);
            }
            let num_bits = self.rational(base).map_or(0, rational::num_bits);
            if !power.is_int() {
                self.count_work(2 * num_bits)?;
            }
            if let Some(value) = self.rational(base).and_then(|base| exact_power(base, &power)) {
                return self.of_rational(value);
            }
            if let Some(combined) = self.power_of_power(base, &power)? {
                return Ok(combined);
            }
        }
        if self.head(base) == Head::Function(Operator::Exp)
            && let [inner] = *self.operands(base)
            && self.rational(inner) == Some(&RBig::ONE)
        {
            return self.function(Operator::Exp, &[exponent]);
        }
        self.intern(Head::Power, &[base, exponent])
    }

    /// Returns a known function, with the value it has at rationals if that is rational.
    pub(in crate::equality) fn function(
        &mut self,
        operator: Operator,
        arguments: &[TermId],
    ) -> Result<TermId, TooMany> {
        let values: Option<Vec<&RBig>> = arguments.iter().map(|argument| self.rational(*argument)).collect();
        if let Some(value) = values.and_then(|values| exact_value(operator, &values)) {
            // A factorial is a product of up to hundreds of factors.
            self.spend(rational::num_bits(&value) / 16)?;
            return self.of_rational(value);
        }
        if operator == Operator::Ln
            && let [argument] = *arguments
            && let Some(exponent) = self.logarithm_of_power(argument)?
        {
            return Ok(exponent);
        }
        if matches!(operator, Operator::Gcd | Operator::Lcm | Operator::Max | Operator::Min) {
            let mut sorted = arguments.to_vec();
            sorted.sort_unstable();
            sorted.dedup();
            return self.intern(Head::Function(operator), &sorted);
        }
        self.intern(Head::Function(operator), arguments)
    }

    fn collect(
        &mut self,
        head: Head,
        operands: &[TermId],
        neutral: RBig,
        combine: fn(&RBig, &RBig) -> Option<RBig>,
    ) -> Result<TermId, TooMany> {
        let mut flat = Vec::with_capacity(operands.len() + 1);
        let mut exponents = Vec::new();
        let mut constant = neutral.clone();
        for operand in operands {
            let inner =
                if self.head(*operand) == head { self.operands(*operand) } else { std::slice::from_ref(operand) };
            for part in inner {
                match self.rational(*part).and_then(|value| combine(&constant, value)) {
                    Some(combined) => constant = combined,
                    None if head == Head::Multiply && self.head(*part) == Head::Function(Operator::Exp) => {
                        exponents.extend_from_slice(self.operands(*part));
                    }
                    None => flat.push(*part),
                }
            }
        }
        self.spend(flat.len() / 8)?;
        if !exponents.is_empty() {
            let exponent = self.add(&exponents)?;
            let power = self.function(Operator::Exp, &[exponent])?;
            if self.rational(power).is_none() {
                flat.push(power);
            }
        }
        if flat.is_empty() || head == Head::Multiply && constant.is_zero() {
            return self.of_rational(constant);
        }
        if constant != neutral {
            flat.push(self.of_rational(constant)?);
        }
        if let [single] = flat[..] {
            return Ok(single);
        }
        flat.sort_unstable();
        self.intern(head, &flat)
    }

    /// Returns `(b^m)^n` as `b^(m n)` for whole `m` and `n`, and a whole power of a product as the product of the powers.
    fn power_of_power(&mut self, base: TermId, power: &RBig) -> Result<Option<TermId>, TooMany> {
        if !power.is_int() {
            return Ok(None);
        }
        match (self.head(base), self.operands(base)) {
            (Head::Power, &[inner, exponent]) => {
                let Some(product) = self
                    .rational(exponent)
                    .filter(|exponent| exponent.is_int())
                    .and_then(|exponent| rational::multiply(exponent, power))
                else {
                    return Ok(None);
                };
                let exponent = self.of_rational(product)?;
                self.power(inner, exponent).map(Some)
            }
            (Head::Multiply, factors) => {
                let mut factors = factors.to_vec();
                let exponent = self.of_rational(power.clone())?;
                for factor in &mut factors {
                    *factor = self.power(*factor, exponent)?;
                }
                self.multiply(&factors).map(Some)
            }
            (Head::Function(Operator::Exp), &[argument]) => {
                let exponent = self.of_rational(power.clone())?;
                let argument = self.multiply(&[argument, exponent])?;
                self.function(Operator::Exp, &[argument]).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Returns `ln(b^x)` as `x ln b` for a positive rational `b` and a rational or whole `x`, and `ln(e^x)` as `x` for such an `x`.
    fn logarithm_of_power(&mut self, argument: TermId) -> Result<Option<TermId>, TooMany> {
        match (self.head(argument), self.operands(argument)) {
            (Head::Power, &[base, exponent]) => {
                let is_positive = self.rational(base).is_some_and(|base| !base.is_zero() && !base.is_negative());
                if !is_positive || !(self.rational(exponent).is_some() || self.is_whole(exponent)) {
                    return Ok(None);
                }
                let logarithm = self.function(Operator::Ln, &[base])?;
                self.multiply(&[exponent, logarithm]).map(Some)
            }
            (Head::Function(Operator::Exp), &[exponent]) if self.rational(exponent).is_some() => Ok(Some(exponent)),
            _ => Ok(None),
        }
    }
}

/// Returns a rational power if it is rational: whole powers, and roots of perfect powers; an odd root of a negative number is negative.
fn exact_power(base: &RBig, power: &RBig) -> Option<RBig> {
    if let Some(power) = rational::to_i64(power) {
        return rational::power(base, power);
    }
    let index = u64::try_from(power.denominator()).ok()?;
    let times = i64::try_from(power.numerator()).ok()?;
    if base.is_negative() && index % 2 == 0 {
        return None;
    }
    let root = rational::root(&base.clone().abs(), index)?;
    rational::power(&if base.is_negative() { -root } else { root }, times)
}

/// Returns the value of a function at rationals, if it is rational and short.
fn exact_value(operator: Operator, values: &[&RBig]) -> Option<RBig> {
    let fold = |combine: fn(&RBig, &RBig) -> Option<RBig>| {
        let (first, rest) = values.split_first()?;
        rest.iter().try_fold((*first).clone(), |result, value| combine(&result, value))
    };
    match (operator, values) {
        (Operator::Abs, [value]) => Some((*value).clone().abs()),
        (Operator::Floor, [value]) => Some(value.floor().into()),
        (Operator::Ceiling, [value]) => Some(value.ceil().into()),
        (Operator::Sign, [value]) if value.is_zero() => Some(RBig::ZERO),
        (Operator::Sign, [value]) => Some(if value.is_negative() { -RBig::ONE } else { RBig::ONE }),
        (Operator::Factorial, [value]) => rational::factorial(value),
        (Operator::DoubleFactorial, [value]) => rational::double_factorial(value),
        (Operator::FallingFactorial, [value, times]) => rational::falling_factorial(value, times),
        (Operator::Binomial, [value, choose]) => rational::binomial(value, choose),
        (Operator::Modulo, [value, divisor]) => rational::modulo(value, divisor),
        (Operator::Gcd, _) => fold(rational::greatest_common_divisor),
        (Operator::Lcm, _) => fold(rational::least_common_multiple),
        (Operator::Max, _) => fold(|left, right| Some(left.max(right).clone())),
        (Operator::Min, _) => fold(|left, right| Some(left.min(right).clone())),
        (Operator::Conjugate | Operator::RealPart, [value]) => Some((*value).clone()),
        (Operator::ImaginaryPart, [_]) => Some(RBig::ZERO),
        (Operator::Exp, [value]) if value.is_zero() => Some(RBig::ONE),
        (Operator::Ln, [value]) if **value == RBig::ONE => Some(RBig::ZERO),
        (Operator::Sin | Operator::Arcsin | Operator::Arctan | Operator::Arsinh, [value]) if value.is_zero() => {
            Some(RBig::ZERO)
        }
        (Operator::Cos, [value]) if value.is_zero() => Some(RBig::ONE),
        _ => None,
    }
}
