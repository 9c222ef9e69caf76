//! The exponential, sine and cosine of [`Float`]s, with bounds of their errors.
//!
//! Inside, numbers are fractions in [0, 1) of `64 * N` bits, whose last place is `u`. A product of two loses less than one `u`, and
//! everything is rounded down. An argument is reduced by a multiple `k` of ln 2 or π/4, which loses another `k + 2` of them, and a
//! Taylor series is summed down to terms below `u`. The bounds are the sums of those losses, rounded up.

use super::float::Float;
use super::limbs;
use super::magnitude::Magnitude;

/// A result and a bound of its error.
pub(super) type Bounded<const N: usize> = (Float<N>, Magnitude);

/// A fraction in [0, 1).
type Fraction<const N: usize> = [u64; N];

/// π/4 as a fraction.
const QUARTER_PI: [u64; 4] =
    [0x020b_bea6_3b13_9b22, 0x2902_4e08_8a67_cc74, 0xc4c6_628b_80dc_1cd1, 0xc90f_daa2_2168_c234];

/// ln 2 as a fraction.
const LN_2: [u64; 4] = [0x8a0d_175b_8baa_fa2b, 0x40f3_4326_7298_b62d, 0xc9e3_b398_03f2_f6af, 0xb172_17f7_d1cf_79ab];

/// How large a whole part is reduced: machine numbers find the multiple.
const MAX_WHOLE: u64 = 1 << 48;

/// The numbers whose factorials have a reciprocal in the table are below this.
const NUM_FACTORIALS: usize = 60;

// === impl Float ===

impl<const N: usize> Float<N> {
    /// How often the argument of the exponential's series is halved.
    const NUM_HALVINGS: u64 = 2 + 2 * N as u64;

    /// With arguments below 2^-(halvings + 1/2), the first term left out is below `u`: 2^-104 / 16! or 2^-231 / 22!.
    const NUM_EXPONENTIAL_TERMS: usize = if N <= 2 { 16 } else { 22 };

    /// With arguments below π/4, the first term left out is below `u`: 0.79^34 / 34! or 0.79^59 / 59!.
    const NUM_TRIGONOMETRIC_TERMS: usize = if N <= 2 { 34 } else { 58 };

    /// The reciprocals of the factorials from that of 2 on, each less than two `u` too small.
    const RECIPROCALS: [Fraction<N>; NUM_FACTORIALS] = reciprocals_of_factorials();

    /// Returns π.
    pub(crate) fn pi() -> Bounded<N> {
        (Self::of_fraction(top(&QUARTER_PI), 0).scale(2), Magnitude::power_of_two(2 - Self::BITS))
    }

    /// Returns ln 2.
    pub(super) fn ln_2() -> Bounded<N> {
        (Self::of_fraction(top(&LN_2), 0), Magnitude::power_of_two(-Self::BITS))
    }

    /// Returns `e` to a power; nothing where that is far out of range.
    pub(super) fn exponential(&self) -> Option<Bounded<N>> {
        if self.is_zero() {
            return Some((Self::ONE, Magnitude::ZERO));
        }
        let ln_2 = top(&LN_2);
        let (multiple, rest) = self.reduce(&ln_2, std::f64::consts::LN_2)?;
        let (exponent, argument) = if self.is_negative() {
            // e^-(k ln 2 + r) = 2^-(k + 1) e^(ln 2 - r)
            let mut complement = ln_2;
            limbs::subtract(&mut complement, &rest);
            (-(multiple as i64) - 1, complement)
        } else {
            (multiple as i64, rest)
        };
        let error = Magnitude::of_parts(4 * (multiple + 4) + (16 << Self::NUM_HALVINGS), exponent - Self::BITS);
        Some((Self::of_fraction(Self::exponential_less_one(argument), 1).scale(exponent), error))
    }

    /// Returns sine and cosine, with one bound for both; nothing for an argument too large to be reduced.
    pub(super) fn sine_and_cosine(&self) -> Option<(Self, Self, Magnitude)> {
        if self.is_zero() {
            return Some((Self::ZERO, Self::ONE, Magnitude::ZERO));
        }
        if self.exponent() < -Self::BITS {
            // sin x = x - x^3 / 6 + ..., cos x = 1 - x^2 / 2 + ...
            return Some((*self, Self::ONE, self.magnitude().multiply(self.magnitude())));
        }
        let quarter = top(&QUARTER_PI);
        let (multiple, mut rest) = self.reduce(&quarter, std::f64::consts::FRAC_PI_4)?;
        if multiple % 2 == 1 {
            let mut complement = quarter;
            limbs::subtract(&mut complement, &rest);
            rest = complement;
        }
        let (sine, cosine) = Self::series_of_sine_and_cosine(rest);
        let (sine, cosine) = match multiple % 8 {
            0 => (sine, cosine),
            1 => (cosine, sine),
            2 => (cosine, sine.negate()),
            3 => (sine, cosine.negate()),
            4 => (sine.negate(), cosine.negate()),
            5 => (cosine.negate(), sine.negate()),
            6 => (cosine.negate(), sine),
            _ => (sine.negate(), cosine),
        };
        let sine = if self.is_negative() { sine.negate() } else { sine };
        Some((sine, cosine, Magnitude::of_parts(multiple + 32, -Self::BITS)))
    }

    /// Returns `(k, r)` with the absolute value `k unit + r` and `r` in [0, unit).
    fn reduce(&self, unit: &Fraction<N>, machine_unit: f64) -> Option<(u64, Fraction<N>)> {
        let (mut whole, mut rest) = self.split().filter(|(whole, _)| *whole < MAX_WHOLE)?;
        let mut multiple = ((whole as f64 + rest[N - 1] as f64 * 2f64.powi(-64)) / machine_unit) as u64;
        let (taken, over) = limbs::multiple(unit, multiple);
        let borrow = limbs::subtract(&mut rest, &taken);
        whole = whole.wrapping_sub(over).wrapping_sub(u64::from(borrow));
        // The machine numbers were off by one at most.
        while whole > MAX_WHOLE {
            whole = whole.wrapping_add(u64::from(limbs::add(&mut rest, unit)));
            multiple = multiple.checked_sub(1)?;
        }
        while whole > 0 || !limbs::less(&rest, unit) {
            whole = whole.wrapping_sub(u64::from(limbs::subtract(&mut rest, unit)));
            multiple += 1;
        }
        Some((multiple, rest))
    }

    /// Returns `e^r - 1` for `r` below ln 2: `y = e^s - 1` for `s = r / 2^h`, and then `2y + y^2` `h` times. Each doubles what is
    /// lost so far, less than 5 u at first, and loses 1 u, so that no more than `16 * 2^h` are lost, besides 2 u for each lost in `r`.
    fn exponential_less_one(argument: Fraction<N>) -> Fraction<N> {
        let mut scaled = argument;
        limbs::shift_right(&mut scaled, Self::NUM_HALVINGS);
        let mut series = Self::RECIPROCALS[Self::NUM_EXPONENTIAL_TERMS - 1];
        for index in (2..Self::NUM_EXPONENTIAL_TERMS - 1).rev() {
            series = multiply(&series, &scaled);
            limbs::add(&mut series, &Self::RECIPROCALS[index]);
        }
        let mut result = multiply(&multiply(&series, &scaled), &scaled);
        limbs::add(&mut result, &scaled);
        for _ in 0..Self::NUM_HALVINGS {
            let square = multiply(&result, &result);
            limbs::shift_left(&mut result, 1);
            limbs::add(&mut result, &square);
        }
        result
    }

    /// Returns sine and cosine of an argument up to π/4, which lose less than 16 u: `r - r t p` and `1 - t q` with `t = r^2`, and
    /// Horner's scheme `p = 1/3! - t (1/5! - ...)`, whose losses of 3 u each shrink by `t < 0.62` from step to step.
    fn series_of_sine_and_cosine(argument: Fraction<N>) -> (Self, Self) {
        let square = multiply(&argument, &argument);
        let sum = |first: usize, last: usize| {
            let mut series = Self::RECIPROCALS[last];
            for index in (first..last).rev().skip(1).step_by(2) {
                let mut next = Self::RECIPROCALS[index];
                limbs::subtract(&mut next, &multiply(&series, &square));
                series = next;
            }
            multiply(&series, &square)
        };
        let mut sine = argument;
        limbs::subtract(&mut sine, &multiply(&argument, &sum(3, Self::NUM_TRIGONOMETRIC_TERMS - 1)));
        let lack = sum(2, Self::NUM_TRIGONOMETRIC_TERMS);
        let mut cosine = [0; N];
        let is_less_than_one = limbs::subtract(&mut cosine, &lack);
        (Self::of_fraction(sine, 0), Self::of_fraction(cosine, u64::from(!is_less_than_one)))
    }
}

const fn reciprocals_of_factorials<const N: usize>() -> [Fraction<N>; NUM_FACTORIALS] {
    let mut table = [[0; N]; NUM_FACTORIALS];
    let mut reciprocal = [0; N];
    reciprocal[N - 1] = 1 << 63;
    let mut index = 2;
    while index < NUM_FACTORIALS {
        table[index] = reciprocal;
        let mut remainder = 0;
        let mut place = N;
        while place > 0 {
            place -= 1;
            let part = remainder << 64 | reciprocal[place] as u128;
            reciprocal[place] = (part / (index as u128 + 1)) as u64;
            remainder = part % (index as u128 + 1);
        }
        index += 1;
    }
    table
}

/// Returns the upper limbs of a constant.
fn top<const N: usize>(constant: &[u64; 4]) -> Fraction<N> {
    let mut limbs = [0; N];
    limbs.copy_from_slice(&constant[4 - N..]);
    limbs
}

fn multiply<const N: usize>(left: &Fraction<N>, right: &Fraction<N>) -> Fraction<N> {
    limbs::product(left, right).1
}
