//! The operators, functions and constants that an expression is made of.

/// An operator, with its operands in the order given in brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    // --- arithmetic ---
    /// The sum of any number of terms `[a, b, …]`; a difference is a sum with a [`Operator::Negate`].
    Add,
    /// The product of any number of factors `[a, b, …]`, written with a sign or side by side.
    Multiply,
    /// The negative `[a]`.
    Negate,
    /// A quotient `[a, b]`, written `a/b`, `\frac{a}{b}` or `a \div b`.
    Divide,
    /// A mixed number `[whole, fraction]`, such as `2\frac12`.
    Mixed,
    /// A power `[base, exponent]`.
    Power,
    /// A root `[radicand, index]`; the square root has the index 2.
    Root,
    /// Both values `[a, b]` of `a ± b`; with one operand, `±a`.
    PlusMinus,
    /// Both values `[a, b]` of `a ∓ b`, which is minus where other signs are plus; with one operand, `∓a`.
    MinusPlus,
    /// A per cent `[a]`.
    Percent,
    /// An angle in degrees `[a]`.
    Degree,
    /// A value with a unit `[value, unit]`; the unit is a text, or an operation over texts.
    Quantity,
    /// A numeral in a base other than ten `[digits, base]`, such as `204_5`.
    InBase,
    /// A repeating decimal `[numeral, period]`: the numeral holds the digits that do not repeat.
    Repeating,
    // --- functions ---
    /// A function that is not known, applied: `[name, arguments…]`.
    Apply,
    /// The derivative of a function written with primes: `[function, number of primes]`.
    Prime,
    /// The logarithm `[argument, base]`; one without a base has one operand and means base 10 (`\log`) or what the reader says.
    Log,
    /// The natural logarithm `[a]`.
    Ln,
    /// The exponential `[a]`, written `\exp`.
    Exp,
    /// Sine `[a]`.
    Sin,
    /// Cosine `[a]`.
    Cos,
    /// Tangent `[a]`.
    Tan,
    /// Cotangent `[a]`.
    Cot,
    /// Secant `[a]`.
    Sec,
    /// Cosecant `[a]`.
    Csc,
    /// Inverse sine `[a]`.
    Arcsin,
    /// Inverse cosine `[a]`.
    Arccos,
    /// Inverse tangent `[a]`.
    Arctan,
    /// Inverse cotangent `[a]`.
    Arccot,
    /// Inverse secant `[a]`.
    Arcsec,
    /// Inverse cosecant `[a]`.
    Arccsc,
    /// Hyperbolic sine `[a]`.
    Sinh,
    /// Hyperbolic cosine `[a]`.
    Cosh,
    /// Hyperbolic tangent `[a]`.
    Tanh,
    /// Hyperbolic cotangent `[a]`.
    Coth,
    /// Hyperbolic secant `[a]`.
    Sech,
    /// Hyperbolic cosecant `[a]`.
    Csch,
    /// Inverse hyperbolic sine `[a]`.
    Arsinh,
    /// Inverse hyperbolic cosine `[a]`.
    Arcosh,
    /// Inverse hyperbolic tangent `[a]`.
    Artanh,
    /// The absolute value `[a]` of a number, the number of elements of a set, or the determinant of a matrix in bars.
    Abs,
    /// The norm `[a]`.
    Norm,
    /// The greatest whole number up to `[a]`.
    Floor,
    /// The least whole number from `[a]`.
    Ceiling,
    /// The factorial `[a]`.
    Factorial,
    /// The double factorial `[a]`.
    DoubleFactorial,
    /// The falling factorial `[a, n]`.
    FallingFactorial,
    /// The binomial coefficient `[n, k]`.
    Binomial,
    /// The remainder `[a, n]`.
    Modulo,
    /// The greatest common divisor `[a, b, …]`.
    Gcd,
    /// The least common multiple `[a, b, …]`.
    Lcm,
    /// The greatest `[a, b, …]`.
    Max,
    /// The least `[a, b, …]`.
    Min,
    /// The complex conjugate `[a]`.
    Conjugate,
    /// The real part `[a]`.
    RealPart,
    /// The imaginary part `[a]`.
    ImaginaryPart,
    /// The argument `[a]` of a complex number.
    Argument,
    /// The sign `[a]`.
    Sign,
    // --- calculus ---
    /// A derivative `[body, variable, order]`.
    Derivative,
    /// An indefinite integral `[body, variable]`, or a definite one `[body, variable, from, to]`.
    Integral,
    /// A limit `[body, variable, point]`; from above or below with a fourth operand, the text `+` or `-`.
    Limit,
    /// A sum `[body, variable, from, to]`; `[body, condition]` where the index is given by a condition, and `[body]` without any.
    Sum,
    /// A product `[body, variable, from, to]`, or fewer operands as for a sum.
    Product,
    /// A union `[body, variable, from, to]` of sets over an index, or fewer operands as for a sum.
    UnionOver,
    /// An intersection `[body, variable, from, to]` of sets over an index, or fewer operands as for a sum.
    IntersectionOver,
    /// The difference of a body at two values `[body, variable, from, to]`, written with a bar.
    Evaluate,
    // --- relations and logic ---
    /// `[a, b]`: equal.
    Equal,
    /// `[a, b]`: not equal.
    NotEqual,
    /// `[a, b]`: less.
    Less,
    /// `[a, b]`: less or equal.
    LessEqual,
    /// `[a, b]`: greater.
    Greater,
    /// `[a, b]`: greater or equal.
    GreaterEqual,
    /// `[a, b]`: about equal.
    Approximate,
    /// `[a, b, name]`: congruent, similar, proportional, parallel, perpendicular and the like, compared as written; the name is a
    /// text.
    Related,
    /// `[a, b, n]`: congruent modulo `n`.
    Congruent,
    /// Every one of `[p, q, …]`; a chain `a < b < c` is the two relations with one `b`.
    And,
    /// At least one of `[p, q, …]`.
    Or,
    /// `[p, q]`: the first implies the second, or leads to it by an arrow.
    Implies,
    // --- sets and collections ---
    /// `[element, set]`: is an element.
    In,
    /// `[element, set]`: is no element.
    NotIn,
    /// `[a, b]`: is a subset.
    Subset,
    /// The set of its operands, in braces.
    Set,
    /// The elements `[element, condition]`: `{x | x > 0}`.
    SetBuilder,
    /// Any number of sets `[a, b, …]`, united.
    Union,
    /// Any number of sets `[a, b, …]`, intersected.
    Intersection,
    /// One set `[a, b]` without another.
    Without,
    /// The complement `[a]`.
    Complement,
    /// `[a, b]` in round brackets with both ends open; a pair too: which, the comparison says.
    OpenOpen,
    /// `(a, b]`.
    OpenClosed,
    /// `[a, b)`.
    ClosedOpen,
    /// `[a, b]` in square brackets.
    ClosedClosed,
    /// Elements in round brackets, other than two: `(a, b, c)`.
    Tuple,
    /// Elements in square brackets, other than two; also a vector in angle brackets.
    Bracketed,
    /// Elements side by side without brackets, separated by commas or by the words `and` and `or`.
    List,
    /// Rows separated by semicolons without brackets.
    Rows,
    /// A ratio `a : b` or `a : b : c`.
    Ratio,
    // --- matrices ---
    /// The [`Operator::Row`]s of a matrix.
    Matrix,
    /// The entries of a row of a matrix.
    Row,
    /// A function by cases: [`Operator::Row`]s of a value and its condition.
    Cases,
    /// The determinant `[a]`.
    Determinant,
    /// The transpose `[a]`.
    Transpose,
    /// The trace `[a]`.
    Trace,
    /// The rank `[a]`.
    Rank,
    /// The inner product `[a, b]`, written in angle brackets.
    InnerProduct,
    /// The cross product `[a, b]`; only where a side is a matrix or a vector.
    CrossProduct,
    /// A vector or other accent `[a]` over a name: `\vec{a}`, `\hat{a}`.
    Accent,
}

/// A number or set that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Constant {
    /// The ratio of a circle's circumference to its diameter.
    Pi,
    /// Euler's number.
    E,
    /// The imaginary unit.
    ImaginaryUnit,
    /// Infinity, without sign.
    Infinity,
    /// The empty set.
    EmptySet,
    /// The natural numbers.
    Naturals,
    /// The whole numbers.
    Integers,
    /// The rational numbers.
    Rationals,
    /// The real numbers.
    Reals,
    /// The complex numbers.
    Complexes,
    /// The value of a statement that holds.
    True,
    /// The value of a statement that does not hold.
    False,
    /// An ellipsis between elements or terms.
    Ellipsis,
}
