//! Rational numbers, and the ways they are written.

use super::draw::Draw;

/// A fraction in lowest terms with a positive denominator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rational {
    pub numerator: i64,
    pub denominator: i64,
}

// === impl Rational ===

impl Rational {
    pub const fn new(numerator: i64, denominator: i64) -> Self {
        let divisor = gcd(numerator, denominator);
        let sign = if denominator < 0 { -1 } else { 1 };
        Self { numerator: sign * numerator / divisor, denominator: sign * denominator / divisor }
    }

    pub const fn whole(number: i64) -> Self {
        Self { numerator: number, denominator: 1 }
    }

    /// A small one, whole or not.
    pub fn draw(draw: &mut Draw) -> Self {
        match draw.below(3) {
            0 => Self::whole(draw.between(-20, 20)),
            _ => Self::new(draw.nonzero(30), draw.between(2, 12)),
        }
    }

    /// Another one than this, that is near it.
    pub fn other(self, draw: &mut Draw) -> Self {
        let other = match draw.below(4) {
            0 => Self::new(-self.numerator, self.denominator),
            1 if self.numerator != 0 => Self::new(self.denominator, self.numerator),
            2 => Self::new(self.numerator + draw.nonzero(2), self.denominator),
            _ => Self::new(self.numerator * 10 + draw.nonzero(3), self.denominator * 10),
        };
        if other == self { Self::new(self.numerator + self.denominator, self.denominator) } else { other }
    }

    pub const fn add(self, other: Self) -> Self {
        Self::new(
            self.numerator * other.denominator + other.numerator * self.denominator,
            self.denominator * other.denominator,
        )
    }

    pub const fn less_than(self, other: Self) -> bool {
        self.numerator * other.denominator < other.numerator * self.denominator
    }

    /// The plainest writing.
    pub fn plain(self) -> String {
        match self {
            Self { numerator, denominator: 1 } => numerator.to_string(),
            Self { numerator, denominator } if numerator < 0 => format!("-\\frac{{{}}}{{{denominator}}}", -numerator),
            Self { numerator, denominator } => format!("\\frac{{{numerator}}}{{{denominator}}}"),
        }
    }

    /// The decimal, if it ends within six places.
    pub fn decimal(self) -> Option<String> {
        (0..=6_u32).find_map(|places| {
            let scale = 10_i64.pow(places);
            let scaled = self.numerator * scale;
            (scaled % self.denominator == 0).then(|| decimal(scaled / self.denominator, places))
        })
    }

    /// Any of many writings.
    pub fn written(self, draw: &mut Draw) -> String {
        let Self { numerator, denominator } = self;
        if let Some(decimal) = self.decimal()
            && draw.below(4) == 0
        {
            return decimal;
        }
        if denominator == 1 {
            return draw.text([numerator.to_string(), numerator.to_string(), format!("{numerator}.0")]);
        }
        let (sign, magnitude) = (if numerator < 0 { "-" } else { "" }, numerator.abs());
        let times = draw.between(2, 5);
        draw.text([
            format!("{sign}\\frac{{{magnitude}}}{{{denominator}}}"),
            format!("{sign}\\dfrac{{{magnitude}}}{{{denominator}}}"),
            format!("\\frac{{{numerator}}}{{{denominator}}}"),
            format!("{numerator}/{denominator}"),
            format!("{sign}\\tfrac{{{}}}{{{}}}", magnitude * times, denominator * times),
            self.mixed(),
        ])
    }

    /// A whole number and a fraction, if it is more than one.
    fn mixed(self) -> String {
        let (sign, magnitude) = (if self.numerator < 0 { "-" } else { "" }, self.numerator.abs());
        if magnitude < self.denominator {
            return self.plain();
        }
        let (whole, rest) = (magnitude / self.denominator, magnitude % self.denominator);
        format!("{sign}{whole}\\frac{{{rest}}}{{{}}}", self.denominator)
    }
}

/// A decimal of so many places, from the number of its last places.
pub fn decimal(scaled: i64, places: u32) -> String {
    let sign = if scaled < 0 { "-" } else { "" };
    if places == 0 {
        return format!("{sign}{}", scaled.abs());
    }
    let scale = 10_i64.pow(places);
    let (whole, rest) = (scaled.abs() / scale, scaled.abs() % scale);
    format!("{sign}{whole}.{rest:0width$}", width = places as usize)
}

/// The greatest common divisor, positive; 1 of two zeros.
pub const fn gcd(left: i64, right: i64) -> i64 {
    let (mut left, mut right) = (left.abs(), right.abs());
    while right != 0 {
        (left, right) = (right, left % right);
    }
    if left == 0 { 1 } else { left }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_reduced_and_decimals_exact() {
        assert_eq!(Rational::new(6, -4), Rational { numerator: -3, denominator: 2 });
        assert_eq!(Rational::new(-3, 2).decimal().as_deref(), Some("-1.5"));
        assert_eq!(Rational::new(1, 3).decimal(), None);
        assert_eq!(Rational::new(-7, 3).mixed(), "-2\\frac{1}{3}");
        assert_eq!(decimal(-5, 3), "-0.005");
    }
}
